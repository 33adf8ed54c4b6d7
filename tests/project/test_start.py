"""What `seatrial init` finds, and that the file it writes is one that `seatrial check` takes."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from seatrial.errors import BadInput
from seatrial.journal import releases
from seatrial.journal.journal import Journal
from seatrial.pipeline.finding import ERROR, WARNING
from seatrial.project.examples import Examples, look
from seatrial.project.pipeline_file import examine
from seatrial.project.scripts import Script
from seatrial.project.start import start, text_for
from seatrial.project.survey import Survey, survey
from seatrial.project.template import scalar, template
from tests.cli.terminal import seatrial, within
from tests.conftest import Repository

pytestmark = pytest.mark.usefixtures("home")

TRAIN = """
import argparse, features
parser = argparse.ArgumentParser()
parser.add_argument("--out", default="model/")
rows = open("data/train.csv")
"""
LABELS = "id,label,domain\n" + "".join(f"{i},{'ab'[i % 2]},{'xyz'[i % 3]}\n" for i in range(60))
PRICES = "id,label\n" + "".join(f"{i},{i * 1.7}\n" for i in range(300))


def project(folder: Path, **contents: str) -> Path:
    """Files by name: data__train_csv="…" is data/train.csv."""
    for name, content in contents.items():
        head, _, ending = name.replace("__", "/").rpartition("_")
        path = folder / f"{head}.{ending}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return folder


def whole(folder: Path) -> Path:
    return project(
        folder / "reviews",
        train_py=TRAIN,
        features_py="import os\n",
        predict_py="import features\n",
        serve_py="import features\n",
        requirements_txt="pytest\n",
        data__train_csv=LABELS,
        data__test_csv=LABELS,
        tests__test_a_py="def test(): pass\n",
    )


GLUE = """
import argparse
from transformers import Trainer, TrainingArguments

def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--output_dir", default="out/model")
    options = parser.parse_args()
    trainer = Trainer(args=TrainingArguments(output_dir=options.output_dir))
    trainer.train()
    trainer.save_model(options.output_dir)

if __name__ == "__main__":
    main()
"""


@pytest.mark.parametrize("name", ["run_glue.py", "mein code/train größe.py", "small-train.py", "src/glue.py"])
def test_what_trains_is_found_by_its_name_or_by_the_model_that_it_leaves(tmp_path: Path, name: str) -> None:
    path = tmp_path / "reviews" / name
    path.parent.mkdir(parents=True)
    path.write_text(GLUE)
    (tmp_path / "reviews/serve.py").write_text(GLUE)
    (tmp_path / "reviews/tables.py").write_text(GLUE.replace("trainer", "pass  # "))
    found = survey(tmp_path / "reviews")
    assert found.train is not None
    assert (found.train.path, found.train.writes) == (name, "out/model/")
    assert survey(tmp_path / "reviews").others == ()


CASE = "import unittest\nclass A(unittest.TestCase):\n    def test(self): pass\n"


@pytest.mark.parametrize(
    ("names", "command"),
    [
        (["tests/test_a.py", "tests/test_b.py"], "python -m unittest discover tests"),
        (["test_a.py"], "python -m unittest"),
        (["tests/test_a b.py"], "python -m pytest -q"),
        (["tests/__init__.py", "tests/test_a.py"], "python -m unittest discover tests"),
        (["tests/a_test.py"], "python -m pytest -q"),
        (["tests/deep/test_a.py"], "python -m pytest -q"),
        (["test_a.py", "tests/test_b.py"], "python -m pytest -q"),
    ],
)
def test_unittest_runs_only_what_it_finds(tmp_path: Path, names: list[str], command: str) -> None:
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(CASE)
    assert survey(tmp_path).tests.command == command
    program, *words = shlex.split(command)
    assert program == "python"
    ended = subprocess.run([sys.executable, *words], cwd=tmp_path, capture_output=True, text=True)
    count = len([name for name in names if "__init__" not in name])
    assert f"{count} passed" in ended.stdout or f"Ran {count} test" in ended.stderr


def test_what_no_runner_takes_for_a_test_is_none(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/test ü.py").write_text(CASE)
    (tmp_path / "tests/helping.py").write_text(CASE)
    assert survey(tmp_path).tests.command == ""


def test_a_whole_project_is_seen(tmp_path: Path) -> None:
    found = survey(whole(tmp_path))
    assert found.name == "reviews"
    assert found.train == Script(
        "train.py", ("train.py", "data/train.csv", "features.py"), "python train.py", "--out", "model/"
    )
    assert found.predict is not None
    assert found.predict.reads == ("predict.py", "features.py")
    assert (found.serve is not None, found.requirements, found.data) == (
        True,
        "requirements.txt",
        "data/test.csv",
    )
    assert (found.examples, found.tests.command) == (
        Examples("classification", "label", ("domain",)),
        "python -m pytest -q",
    )


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("my reviews", "my-reviews"),
        ("Müller+co", "Muller-co"),
        ("_private", "private"),
        ("模型", "project"),
        ("a\nb", "a-b"),
        ("x" * 200, "x" * 100),
    ],
)
def test_the_name_of_the_folder_becomes_one_that_a_project_may_have(
    tmp_path: Path, folder: str, name: str
) -> None:
    text = text_for(project(tmp_path / folder, train_py=TRAIN))
    assert f"\nproject: {name}\n" in text
    assert [one for one in examine(text.encode(), "seatrial.yaml").findings if one.severity == ERROR] == []


def test_labels_that_are_many_numbers_are_a_regression(tmp_path: Path) -> None:
    found = survey(project(tmp_path, data__test_csv=PRICES))
    assert found.examples.task == "regression"
    assert "r2 >= " in template(found)


def test_the_branch_that_is_checked_out_may_release(tmp_path: Path) -> None:
    whole(tmp_path)
    project(tmp_path, reviews___git__HEAD_="")
    (tmp_path / "reviews/.git").mkdir(exist_ok=True)
    (tmp_path / "reviews/.git/HEAD").write_text("ref: refs/heads/trunk\n")
    assert "from: [trunk]" in text_for(tmp_path / "reviews")


def test_unittest_is_run_by_unittest(tmp_path: Path) -> None:
    found = survey(project(tmp_path, tests__test_a_py="import unittest\n"))
    assert found.tests.command == "python -m unittest discover tests"


def test_another_system_s_pipeline_is_named(tmp_path: Path) -> None:
    (tmp_path / "Jenkinsfile").write_text("pipeline {}")
    assert "The pipeline is the Jenkinsfile's" in text_for(tmp_path)
    (tmp_path / "train.py").write_text(TRAIN)
    assert "seatrial run -f Jenkinsfile" in text_for(tmp_path)


ARGPARSE = """
import argparse, joblib
from pathlib import Path
parser = argparse.ArgumentParser()
parser.add_argument("--out", type=Path, required=True, metavar="FOLDER")
arguments = parser.parse_args()
joblib.dump(1, arguments.out / "model.joblib")
"""
TORCH = """
from net.layers import Net
parser.add_argument("--model", default="resnet18")
parser.add_argument("--output_dir", default="checkpoints/first")
"""
CLICK = """
import click, torch
@click.option("--save-path")
def main(save_path):
    torch.save({}, save_path)
"""


@pytest.mark.parametrize(
    ("script", "command", "output"),
    [
        (ARGPARSE, "python train.py --out model/", "model/"),
        (CLICK, "python train.py --save-path model.pt", "model.pt"),
        (TRAIN, "python train.py --out model/", "model/"),
        ("open('weights/a.pt', 'w')", "python train.py", "weights/"),
    ],
)
def test_the_output_is_what_the_script_makes_of_its_option(
    tmp_path: Path, script: str, command: str, output: str
) -> None:
    text = text_for(project(tmp_path, train_py=script)).replace('"', "")
    assert f"    run: {command}\n" in text
    assert f"    outputs: [{output}]\n" in text


def test_a_script_of_a_package_is_started_as_its_module(tmp_path: Path) -> None:
    layout = {"src__net__train_py": TORCH, "src__net__layers_py": "", "src__net_____init_____py": ""}
    project(tmp_path, **layout)
    (tmp_path / "src/net/__init__.py").write_text("")
    found = survey(tmp_path).train
    assert found is not None
    assert found.start == "PYTHONPATH=src python -m net.train"
    assert set(found.reads) == {"src/net/train.py", "src/net/__init__.py", "src/net/layers.py"}
    assert (found.out_option, found.writes) == ("--output_dir", "checkpoints/first/")


def test_relative_imports_want_the_module_too(tmp_path: Path) -> None:
    project(tmp_path, net__train_py="from .layers import Net\n", net__layers_py="")
    (tmp_path / "net/__init__.py").write_text("")
    found = survey(tmp_path).train
    assert found is not None
    assert (found.start, set(found.reads)) == (
        "python -m net.train",
        {"net/train.py", "net/__init__.py", "net/layers.py"},
    )


def test_a_predictor_gets_its_own_options(tmp_path: Path) -> None:
    whole(tmp_path)
    options = "".join(f"p.add_argument('--{name}')\n" for name in ("model", "input", "output"))
    (tmp_path / "reviews/predict.py").write_text(options)
    assert 'python predict.py --model "$MODEL" --input "$DATA" --output "$PREDICTIONS"' in text_for(
        tmp_path / "reviews"
    )


def test_an_app_that_starts_nothing_is_served_by_its_framework(tmp_path: Path) -> None:
    folder = whole(tmp_path)
    (folder / "serve.py").write_text("from fastapi import FastAPI\napi = FastAPI()\n")
    assert "python -m uvicorn serve:api --port $PORT" in text_for(folder)
    (folder / "serve.py").write_text("api = FastAPI()\nuvicorn.run(api)\n")
    assert "serve: python serve.py" in text_for(folder)


ANSWERS = """
import os, sys
LEVEL = open(os.environ["MODEL"] + "/level").read()
def predict(value, top=1): return LEVEL
if __name__ == "__main__":
    print(sys.argv)
"""


def test_a_function_that_answers_is_served_where_no_script_serves(tmp_path: Path) -> None:
    folder = project(tmp_path, train_py=TRAIN, app__predict_py=ANSWERS)
    text = text_for(folder)
    assert "    serve: {function: app/predict.py:predict}  # called with" in text
    found = examine(text.encode(), "seatrial.yaml")
    assert [finding for finding in found.findings if finding.severity == ERROR] == []
    assert {stage.name: stage for stage in found.pipeline.stages}["package"].options.runtime == "function"
    (folder / "serve.py").write_text("")
    assert "    serve: python serve.py  # listens on $PORT" in text_for(folder)


@pytest.mark.parametrize(
    "source",
    [
        ANSWERS.replace('"MODEL"', '"WEIGHTS"'),
        ANSWERS.replace("value, top=1", "model, value"),
        ANSWERS.replace("value, top=1", "value, *, top"),
        ANSWERS.replace("value, top=1", ""),
        ANSWERS.replace("def predict", "async def predict"),
        ANSWERS.replace("def predict", "def main"),
        ANSWERS + "print(sys.argv[1])",
        ANSWERS + "parser.parse_args()",
    ],
)
def test_what_no_server_could_call_is_not_served(tmp_path: Path, source: str) -> None:
    folder = project(tmp_path, train_py=TRAIN, predict_py=source)
    assert "# To put the model live, say how it is served:" in text_for(folder)


def test_a_pipeline_that_cannot_be_read_is_not_offered(tmp_path: Path) -> None:
    (tmp_path / ".gitlab-ci.yml").write_text("test: {script: make}")
    text = text_for(tmp_path)
    assert "does not read .gitlab-ci.yml" in text
    assert "run -f" not in text


def test_tests_without_pytest_in_the_requirements_are_told(tmp_path: Path) -> None:
    text = text_for(project(tmp_path, requirements_txt="numpy\n", tests__test_a_py="import pytest\n"))
    assert "add pytest to requirements.txt" in text


@pytest.mark.parametrize(
    ("header", "label", "slices"),
    [
        ("id,Target,domain", "Target", ("domain",)),
        ("text,domain,sentiment", "sentiment", ("domain",)),
        ("id,domain,quality", "quality", ("domain",)),  # no name says so, but the last is what tables tell
        ("id,label,domain", "label", ("domain",)),
    ],
)
def test_the_column_of_labels_is_found_by_its_name_or_its_place(
    tmp_path: Path, header: str, label: str, slices: tuple[str, ...]
) -> None:
    cells = {"id": "0123456789", "text": "0123456789", "domain": "xyz"}
    names = header.split(",")
    rows = [
        ",".join(cells.get(name, "ab")[i % len(cells.get(name, "ab"))] for name in names) for i in range(60)
    ]
    project(tmp_path, test_csv="\n".join([header, *rows]) + "\n")
    assert look(tmp_path / "test.csv") == Examples("classification", label, slices)


def test_labels_of_another_name_are_named(tmp_path: Path) -> None:
    folder = project(whole(tmp_path), data__test_csv=LABELS.replace("label", "target"))
    assert "    columns: {label: target}\n" in text_for(folder)


def test_the_name_of_an_argument_is_no_file(tmp_path: Path) -> None:
    folder = whole(tmp_path)
    (folder / "predict.py").write_text("parser.add_argument('data')\nopen('features.py')\n")
    found = survey(folder).predict
    assert found is not None
    assert found.reads == ("predict.py", "features.py")


def test_a_prediction_sees_what_its_script_reads_and_so_is_made_again_for_nothing_else(
    tmp_path: Path,
) -> None:
    text = text_for(whole(tmp_path))
    stages = {stage.name: stage for stage in examine(text.encode(), "seatrial.yaml").pipeline.stages}
    assert stages["evaluate"].inputs == ("predict.py", "features.py")


def test_tests_of_a_src_layout_find_it(tmp_path: Path) -> None:
    found = {"src__net__layers_py": "", "tests__test_a_py": "import pytest\nfrom net.layers import Net\n"}
    assert survey(project(tmp_path, **found)).tests.command == "PYTHONPATH=src python -m pytest -q"
    project(tmp_path, pyproject_toml="[tool.pytest.ini_options]\npythonpath = ['src']\n")
    assert survey(tmp_path).tests.command == "python -m pytest -q"


def test_every_model_of_a_repository_has_an_address_of_its_own(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    for name, port in (("one", 8080), ("two", 8081)):
        text = start(whole(tmp_path / name))[1]
        assert f"    address: 127.0.0.1:{port}\n" in text


def test_an_address_that_another_project_has_on_this_machine_is_left_to_it(
    home: Path, journal: Journal, tmp_path: Path
) -> None:
    with journal.change():
        releases.keep_environment(journal, "digits", "production", "127.0.0.1:8080")
    assert "    address: 127.0.0.1:8081\n" in start(whole(tmp_path / "other")).text
    with journal.change():
        releases.keep_environment(journal, "reviews", "production", "127.0.0.1:8081")
    assert "    address: 127.0.0.1:8081\n" in start(whole(tmp_path / "its own")).text


def test_no_line_is_wider_than_a_page(tmp_path: Path) -> None:
    folder = whole(tmp_path)
    imports = "".join(f"import layer_{n}_of_the_network\n" for n in range(9))
    (folder / "train.py").write_text(TRAIN + imports)
    for n in range(9):
        (folder / f"layer_{n}_of_the_network.py").touch()
    text = text_for(folder)
    assert max(map(len, text.splitlines())) <= 100
    train = examine(text.encode(), "seatrial.yaml").pipeline.stages[0]
    assert train.inputs is not None
    assert len(train.inputs) == 12


def test_what_is_to_be_done_before_the_first_run_is_said(tmp_path: Path) -> None:
    folder = project(tmp_path, requirements_txt="numpy\n", tests__test_a_py="import pytest\n")
    ended = within("init", folder=folder)
    assert "first add pytest to requirements.txt" in ended.out


def test_packages_that_are_not_read_are_to_be_written_down_first(tmp_path: Path) -> None:
    folder = project(tmp_path, pyproject_toml="[tool.poetry]\n", train_py=TRAIN)
    ended = within("init", folder=folder)
    assert "first write a requirements file, pinned, of what pyproject.toml asks for" in ended.out


def test_what_else_trains_is_named(tmp_path: Path) -> None:
    saving = "import joblib\njoblib.dump(1, 'model.joblib')\n"
    folder = project(
        tmp_path,
        churn__train_py=f"import train_parts\n{saving}",
        churn__train_parts_py=saving,
        fraud__train_py=saving,
        fraud__train_tools_py="",
    )
    ended = within("init", "--json", folder=folder)
    made = json.loads(ended.out)
    assert "run: python churn/train.py" in made["text"]
    assert made["left_out"] == "fraud/train.py: for that, `seatrial init fraud`"
    beside = project(tmp_path / "b", train_py=saving, train_b_py=saving)
    said = within("init", folder=beside).out
    assert "it says nothing of train_b.py: for that, a stage of its own" in said


def test_tests_have_the_requirements_that_are_for_them(tmp_path: Path) -> None:
    project(tmp_path, requirements_txt="numpy\n", tests__test_a_py="import pytest\n")
    (tmp_path / "requirements-dev.txt").write_text("pytest\n")  # but not what the code needs
    assert "add pytest to requirements.txt" in text_for(tmp_path)
    (tmp_path / "requirements-dev.txt").write_text("-r requirements.txt\npytest\n")
    text = text_for(tmp_path)
    assert "add pytest" not in text
    stages = {one.name: one for one in examine(text.encode(), "seatrial.yaml").pipeline.stages}
    assert stages["test"].python == "requirements-dev.txt"


PROJECTS = {
    "a folder as an option": {
        "train_py": ARGPARSE,
        "predict_py": "",
        "serve_py": "",
        "data__test_csv": LABELS,
    },
    "a package in src": {"src__net__train_py": TORCH, "src__net__layers_py": "", "pyproject_toml": ""},
    "a notebook": {"train_ipynb": "{}", "data_csv": LABELS},
    "empty": {},
    "whole": None,
    "training only": {"train_py": "print('no model is seen')\n"},
    "training with a model": {"train_py": "open('model.pkl', 'w')\n"},
    "tests only": {"tests__test_a_py": "import pytest\n"},
    "no serving": {"train_py": TRAIN, "predict_py": "", "data__test_csv": LABELS},
    "no predicting": {"train_py": TRAIN, "serve_py": ""},
    "a function that answers": {"train_py": TRAIN, "predict_py": ANSWERS, "data__test_csv": LABELS},
    "prices": {"train_py": TRAIN, "predict_py": "", "serve_py": "", "data__test_csv": PRICES},
    "broken python": {"train_py": "def (:\n", "serve_py": "\x00", "predict_py": "ü = 'é'"},
    "names to quote": {"src__my train_model_py": TRAIN, "data__the: test_csv": LABELS},
    "pyproject": {"pyproject_toml": "[project]\nname='x'\n", "fit_py": TRAIN},
}


@pytest.mark.parametrize("name", PROJECTS)
def test_what_is_written_passes_check(tmp_path: Path, name: str) -> None:
    contents = PROJECTS[name]
    folder = whole(tmp_path) if contents is None else project(tmp_path, **contents)
    path, text, *_ = start(folder)
    assert path.read_text() == text
    found = examine(text.encode(), "seatrial.yaml")
    assert [finding for finding in found.findings if finding.severity == ERROR] == []
    assert found.pipeline.stages


def test_what_is_in_comments_is_right_once_it_is_switched_on(tmp_path: Path) -> None:
    text = text_for(project(tmp_path, train_py=TRAIN))
    lines = [line.replace("# ", "", 1) if _is_yaml(line) else line for line in text.splitlines()]
    found = examine("\n".join(lines).encode(), "seatrial.yaml")
    assert [finding.message for finding in found.findings if finding.severity in (ERROR, WARNING)] == []
    kinds = {stage.action for stage in found.pipeline.stages}
    assert {"evaluate", "package", "release"} <= kinds


def _is_yaml(line: str) -> bool:
    """Whether a comment is a line of the file that is switched off, and not a sentence."""
    text = line.strip().removeprefix("#").strip()
    is_sentence = text.startswith(("To ", "The ", "Every "))
    return line.strip().startswith("# ") and not is_sentence


def test_an_existing_file_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "seatrial.yaml").write_text("mine\n")
    with pytest.raises(BadInput, match="is left as it is"):
        start(tmp_path)
    assert (tmp_path / "seatrial.yaml").read_text() == "mine\n"


def test_what_may_not_be_looked_at_is_as_if_it_were_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project(tmp_path, train_py=TRAIN, secret_py="")
    really = Path.is_file

    def is_file(path: Path) -> bool:
        if path.name == "secret.py":
            raise PermissionError(13, "Permission denied", str(path))
        return really(path)

    monkeypatch.setattr(Path, "is_file", is_file)
    assert survey(tmp_path).train is not None


def test_no_folder_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="there is no folder"):
        text_for(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("model/", "model/"),
        ("python train.py --out model/", "python train.py --out model/"),
        ("yes", '"yes"'),
        ("a: b", '"a: b"'),
        ("# no", '"# no"'),
        ("3.10", '"3.10"'),
        ("", '""'),
        ("*star", '"*star"'),
        ("né", '"né"'),
        ("n\u0085", '"n\\u0085"'),
        ('say: "a"', "'say: \"a\"'"),
        ('it\'s: "a"', '"it\'s: \\"a\\""'),
        ("cd a && A=b python c.py", "cd a && A=b python c.py"),
        ("&anchor", '"&anchor"'),
    ],
)
def test_scalars_are_quoted_where_yaml_would_read_something_else(text: str, written: str) -> None:
    import yaml

    assert scalar(text) == written
    assert yaml.safe_load(scalar(text)) == text


def test_nothing_found_is_still_a_pipeline() -> None:
    assert "compileall" in template(Survey("x"))


TRAINS = """
import pathlib, features
assert open("data/train.csv").readline().startswith("id")
pathlib.Path("model").mkdir(exist_ok=True)
pathlib.Path("model/level").write_text("1")
"""
PREDICTS = """
import csv, os, sys, features
assert os.path.exists(sys.argv[1] + "/level")
with open(sys.argv[2]) as data, open(sys.argv[3], "w") as out:
    out.write("id,prediction\\n")
    out.writelines(f"{row['id']},{row['label']}\\n" for row in csv.DictReader(data))
"""


def test_what_is_written_in_a_folder_of_a_repository_runs(
    home: Path, repository: Callable[..., Repository]
) -> None:
    made = repository()
    project(
        made.folder / "models/ab",
        train_py=TRAINS,
        features_py="import os\n",
        predict_py=PREDICTS,
        data__train_csv=LABELS,
        data__test_csv=LABELS,
        tests__test_a_py=CASE,
    )
    folder = made.folder / "models/ab"
    assert within("init", folder=folder).code == 0
    text = (folder / "seatrial.yaml").read_text()
    assert "inputs: [models/ab/train.py, " in text
    (folder / "seatrial.yaml").write_text(text.replace("f1 >= production - 0.02", "f1 >= 0.5"))
    made.commit("begin")
    assert within("check", folder=folder).code == 0
    ended = seatrial("run", folder=folder)
    assert ended.code == 0, ended.out + ended.err
    assert "passed: 4 ran" in ended.out


def test_a_serving_project_in_a_folder_is_packaged_from_the_root(tmp_path: Path) -> None:
    folder = whole(tmp_path)
    (tmp_path / ".git").mkdir()
    text = text_for(folder)
    assert "package: reviews/model/" in text
    assert "include: [reviews/serve.py, reviews/features.py, reviews/predict.py]" in text
    assert "serve: cd reviews && python serve.py" in text
    assert "python: reviews/requirements.txt" in text
    assert [
        one for one in examine(text.encode(), "reviews/seatrial.yaml").findings if one.severity == ERROR
    ] == []
