"""Where scripts of many styles leave their models, and what `init` writes for projects of many shapes."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from seatrial.pipeline.pipeline import Stage
from seatrial.project.pipeline_file import examine
from seatrial.project.saving import left_in
from seatrial.project.survey import survey
from tests.cli.terminal import within
from tests.conftest import Repository

SAVES = {
    "torch.save(net.state_dict(), 'net.pt')": ["net.pt"],
    "joblib.dump(clf, 'out/clf.joblib')": ["out/"],
    "pickle.dump(clf, open('clf.pkl', 'wb'))": ["clf.pkl"],
    "with open(target, 'wb') as file:\n    pickle.dump(clf, file)": [],
    "target = 'a/clf.pkl'\nwith open(target, mode='wb') as file:\n    pickle.dump(clf, file)": ["a/"],
    "with Path('a', 'clf.pkl').open('wb') as file:\n    file.write(x)": ["a/"],
    "with gzip.open('clf.pkl', 'wb') as file:\n    pickle.dump(clf, file)": ["clf.pkl"],
    "net.save_pretrained('tuned')\ntokens.save_pretrained('tuned')": ["tuned/"],
    "out_dir = 'out'\ntorch.save(state, os.path.join(out_dir, 'ckpt.pt'))": ["out/"],
    "torch.save(state, f'runs/ckpt-{step}.pt')": ["runs/"],
    "torch.save(state, f'ckpt-{step}.pt')": [],
    "torch.save(state, os.path.join(args.folder, 'ckpt.pt'))": [],
    "TrainingArguments(output_dir='tuned', num_train_epochs=1)": ["tuned/"],
    "ModelCheckpoint(dirpath='ckpts', monitor='loss')": ["ckpts/"],
    "keras_model.save('m.keras')": ["m.keras"],
    "booster.save_model('booster.json')": ["booster.json"],
    "save_file(tensors, 'w.safetensors')": ["w.safetensors"],
    "np.savez('theta.npz', w=w)": ["theta.npz"],
    "bentoml.xgboost.save_model('booster', booster)\nplt.figure.save('x')": [],  # its own store, a plot
    "torch.onnx.export(net, example, 'net.onnx')": ["net.onnx"],
    "Path(__file__).parent.parent / 'x'\nnp.savez(Path(__file__).resolve().parent / 'w.npz', w=w)": [
        "src/w.npz"
    ],
    "C = {'to': 'kept/m.pkl'}\njoblib.dump(m, C['to'])": ["kept/"],
    "class Settings:\n    to = 'kept/m.pkl'\njoblib.dump(m, Settings.to)": ["kept/"],
    "def main(to='m.pkl'):\n    joblib.dump(m, to)": ["m.pkl"],
    "to = 'a.pkl'\nto = 'b.pkl'\njoblib.dump(m, to)": [],
    "joblib.dump(m, 'data/model.pkl')": ["data/model.pkl"],  # the folder holds what is read
    "joblib.dump(vectors, 'v.pkl')\njoblib.dump(model, 'model.pkl')": ["model.pkl", "v.pkl"],
    "os.makedirs('models', exist_ok=True)": ["models/"],
    # What is read, what is no model, what is elsewhere.
    "torch.load('net.pt')\nnp.memmap('train.bin', mode='r')\nopen('x.pkl', 'rb')": [],
    "json.dump(scores, open('scores.json', 'w'))\nplt.savefig('plot.png')\nframe.to_csv('t.csv')": [],
    "joblib.dump(m, '/srv/m.pkl')\njoblib.dump(m, '../m.pkl')\njoblib.dump(m, 's3://b/m.pkl')": [],
    "save()\nopen()\ndump(*x)\nos.makedirs()\nopen(**y)\nf'{x!r}'\nto = to\nsave(to)": [],
}


@pytest.mark.parametrize("code", SAVES)
def test_what_is_saved_is_found_and_what_is_read_is_not(code: str) -> None:
    assert left_in(ast.parse(code), "src/train.py", {}, {"src/train.py", "data/train.csv"}) == SAVES[code]


def test_options_say_where_by_what_they_are_if_nobody_says() -> None:
    tree = ast.parse("torch.save(net, os.path.join(args.ckpt_dir, args.name))")
    assert left_in(tree, "t.py", {"--ckpt-dir": "kept", "--name": ""}, set()) == ["kept/"]


NANO = """\
import os, numpy as np, torch
from model import GPT
out_dir = 'out'
dataset = 'letters'
data_dir = os.path.join('data', dataset)
train_data = np.memmap(os.path.join(data_dir, 'train.bin'), dtype=np.uint16, mode='r')
if init_from == 'resume':
    checkpoint = torch.load(os.path.join(out_dir, 'ckpt.pt'))
torch.save({'model': 1}, os.path.join(out_dir, 'ckpt.pt'))
"""
GET_STARTED = """\
import os, pickle, sys
input, output = sys.argv[1], sys.argv[2]
with open(os.path.join(input, "train.pkl"), "rb") as file:
    matrix, _ = pickle.load(file)
with open(output, "wb") as file:
    pickle.dump(matrix, file)
"""
FOREST = "import joblib\nrows = open('data/train.csv')\njoblib.dump(1, 'models/forest.joblib')\n"
SERVE = "import os\nfrom http.server import HTTPServer\nHTTPServer(('', int(os.environ['PORT'])), None)\n"
LABELS = "id,label\n" + "".join(f"{i},{'ab'[i % 2]}\n" for i in range(40))

# Each has the output of `train` ("" where it cannot be told), and words that the file has to have.
PROJECTS: dict[str, tuple[dict[str, str], str, tuple[str, ...]]] = {
    "one script, a folder of its own for checkpoints": (
        {"train.py": NANO, "model.py": "", "data/letters/train.bin": "x", "data/letters/prepare.py": ""},
        "out/",
        ("inputs: [train.py, data/letters/, model.py]",),
    ),
    "stages of DVC with words of the command line": (
        {
            "src/train.py": GET_STARTED,
            "src/evaluate.py": "import json\njson.dump({}, open('eval/m.json', 'w'))\n",
            "src/requirements.txt": "scikit-learn\n",
            "dvc.yaml": "stages: {}\n",
        },
        "",
        ("python: src/requirements.txt", "does not read dvc.yaml", "takes 2 words from the command line"),
    ),
    "a tree of conda, served": (
        {"train.py": FOREST, "serve.py": SERVE, "data/train.csv": LABELS, "conda.yaml": "", "MLproject": ""},
        "models/",
        ("# conda.yaml is not read", "does not read MLproject", "  # release:", "\n  package:"),
    ),
    "an environment.yml in a src layout": (
        {
            "src/shop/__init__.py": "",
            "src/shop/train.py": "from shop.fit import fit\n",
            "src/shop/fit.py": "import joblib\ndef fit(to='artifacts/m.joblib'):\n    joblib.dump(1, to)\n",
            "environment.yml": "dependencies: [numpy]\n",
            "pyproject.toml": "[project]\nname = 'shop'\n",
        },
        "artifacts/",
        ("PYTHONPATH=src python -m shop.train", "# pyproject.toml is not read"),
    ),
    "a model beside its data": (
        {"fit.py": "open('data/train.csv')\njoblib.dump(1, 'data/fit.pkl')\n", "data/train.csv": LABELS},
        "data/fit.pkl",
        ("inputs: [fit.py, data/train.csv]",),
    ),
    "a model that was committed": (
        {"train.py": "torch.load('base.pt')\ntorch.save(1, 'tuned.pt')\n", "base.pt": "", "tuned.pt": ""},
        "tuned.pt",
        ("inputs: [train.py, base.pt]",),
    ),
    "all that a release on evidence needs": (
        {"train.py": FOREST, "predict.py": "import sys\n", "serve.py": SERVE}
        | {"data/train.csv": LABELS, "data/test.csv": LABELS},
        "models/",
        ("\n  release:\n", "\nenvironments:", "accuracy >= 0.8"),
    ),
    "a tuned language model": (
        {"finetune/train.py": "TrainingArguments(output_dir='tuned')\n", "Pipfile": "", "app.py": SERVE},
        "tuned/",
        ("# Pipfile is not read", "  # release:"),
    ),
    "scripts that only compile": ({"a.py": "def f(): pass\n", "tools/b.py": ""}, "", ("compileall",)),
    "reads a model only": ({"train.py": "import torch\ntorch.load('base.pth')\n"}, "", ("  # outputs:",)),
    "a script of Python 2": ({"train.py": "print 'x'\n", "serve.py": SERVE}, "", ("# outputs",)),
    "writes a table": ({"train.py": "p.add_argument('--out', default='scores.csv')\n"}, "", ("# outputs",)),
}  # fmt: skip


@pytest.mark.parametrize("name", PROJECTS)
def test_a_file_for_every_shape_of_project(
    name: str, home: Path, repository: Callable[..., Repository]
) -> None:
    contents, output, words = PROJECTS[name]
    made = repository()
    for path, content in contents.items():
        made.write(path, content)
    assert within("init", folder=made.folder).code == 0
    text = (made.folder / "seatrial.yaml").read_text()
    assert [word for word in words if word not in text] == [], text
    assert max(map(len, text.splitlines())) <= 110
    made.commit("begin")
    checked = within("check", folder=made.folder)
    assert checked.code == 0, text + checked.err
    stages = {one.name: one for one in examine(text.encode(), "seatrial.yaml").pipeline.stages}
    assert ("".join(stages["train"].outputs) if "train" in stages else "") == output
    assert is_judged(stages), "a release without a gate"


def is_judged(stages: dict[str, Stage]) -> bool:
    return "release" not in stages or "evaluate" in stages["release"].needs


def test_nothing_is_written_where_a_repository_keeps_its_own(
    home: Path, repository: Callable[..., Repository], tmp_path: Path
) -> None:
    bare = repository("bare.git", "--bare").folder
    checkout = repository("checkout").folder
    before = sorted(tmp_path.rglob("*"))
    for folder in (bare, bare / "hooks", checkout / ".git", checkout / ".git/hooks"):
        for words in (("init",), ("init", "--print")):
            ended = within(*words, folder=folder)
            assert (ended.code, "is inside of a repository" in ended.err) == (2, True), ended
    assert [
        path for path in sorted(tmp_path.rglob("*")) if path not in before and home not in path.parents
    ] == []


def test_what_opens_no_file_and_what_is_deep_is_no_place(tmp_path: Path) -> None:
    deep = "x" + " + x" * 200
    code = dedent(f"""\
        x = {deep}
        a = b
        b = a
        torch.save(x, a)
        torch.save(1, {deep})
        open(a, 'w')
        """)
    assert left_in(ast.parse(code), "train.py", {}, set()) == []


@pytest.mark.parametrize(
    ("paths", "found"),
    [
        (("src/train.py", "src/requirements.txt", "app/requirements.txt"), "src/requirements.txt"),
        (("a/b/train.py", "a/requirements.txt", "a/b/requirements.txt"), "a/b/requirements.txt"),
        (("train.py", "app/requirements.txt"), "app/requirements.txt"),
        (("two/train.py", "one/requirements.txt", "three/requirements.txt"), ""),
        (("train.py", "docs/requirements.txt"), ""),
    ],
)
def test_requirements_are_those_beside_what_trains(
    tmp_path: Path, paths: tuple[str, ...], found: str
) -> None:
    for path in paths:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    assert survey(tmp_path).requirements == found
