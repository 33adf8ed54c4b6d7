"""What a folder holds that a pipeline could be made of: looked at, never run."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.all_dialects import ALL_DIALECTS
from seatrial.project import examples, own_tests
from seatrial.project.examples import Examples
from seatrial.project.own_tests import Tests
from seatrial.project.saving import MODEL_FILES
from seatrial.project.scripts import Script, read_script, text_of

_LEFT_OUT = frozenset(
    {".git", ".svn", "node_modules", "__pycache__", "venv", "env", "site-packages", "build", "dist"}
)
_MOST_FILES = 20_000
OWN_FILE = "seatrial.yaml"
FIRST_PORT = 8080
_PORT = re.compile(r"\baddress:[^#\n]*:(\d+)\b")
_PIPELINES = (
    *("Jenkinsfile", ".travis.yml", ".circleci/config.yml", ".gitlab-ci.yml"),
    *("azure-pipelines.yml", "dvc.yaml", "MLproject"),
)
_REQUIREMENTS = (
    "requirements.txt",
    "requirements/base.txt",
    "requirements/prod.txt",
    "requirements/main.txt",
)
_TRAINERS = ("train", "training", "fit")
_PREDICTORS = ("predict", "infer", "inference")
_SERVERS = ("serve", "server", "serving", "app", "api")
_MAIN = re.compile(r"""^if __name__ == ["']__main__["']""", re.MULTILINE)
# What names packages in a form that we do not read, the likeliest to be kept up first.
_PACKAGES = (
    *("pyproject.toml", "setup.py", "environment.yml", "environment.yaml", "conda.yaml", "conda.yml"),
    *("python_env.yaml", "Pipfile", "requirements.in"),
)


class Survey(NamedTuple):
    """Paths are relative to the folder, with "/"; "" and None: there is none.

    `below` leads from the root of the repository to the folder, with "/" at its end; "" where it is the root.
    """

    name: str
    below: str = ""
    requirements: str = ""
    packages: str = ""  # a file that names packages in a form that we do not read, where there are none
    train: Script | None = None
    others: tuple[str, ...] = ()  # what leaves a model, too
    predict: Script | None = None
    serve: Script | None = None
    tests: Tests = Tests()
    data: str = ""  # the examples to judge on
    examples: Examples = Examples()
    ports: tuple[int, ...] = ()  # those that other pipelines of the repository name
    port: int = FIRST_PORT  # where the model is to be reached
    branch: str = "main"
    notebook: str = ""
    foreign: tuple[str, ...] = ()  # pipelines of other systems that we can run
    unread: tuple[str, ...] = ()  # and those that this version cannot


def survey(folder: Path) -> Survey:
    """Look at a folder. Files that cannot be read are as if they were not there."""
    paths = _paths(folder)
    train = _script(folder, paths, _TRAINERS) or _saver(folder, paths)
    requirements = _first(paths, _REQUIREMENTS) or _requirements(paths, train.path if train else "")
    data = _test_data(paths)
    others = [name for name in _PIPELINES if name in paths]
    readable = {name for entry in ALL_DIALECTS.values() for name in entry.filenames}
    return Survey(
        name=_name(folder.resolve().name),
        below=_below(folder.resolve()),
        requirements=requirements,
        packages="" if requirements else _first(paths, _PACKAGES),
        train=train,
        others=_others(folder, paths, train) if train else (),
        predict=_without_models(_script(folder, paths, _PREDICTORS)),
        serve=_without_models(_script(folder, paths, _SERVERS)),
        tests=own_tests.look(folder, paths, requirements),
        data=data,
        examples=examples.look(folder / data) if data else Examples(),
        ports=_ports(folder),
        branch=_branch(folder),
        notebook=next((path for path in paths if path.endswith(".ipynb")), ""),
        foreign=tuple(name for name in others if name in readable),
        unread=tuple(name for name in others if name not in readable),
    )


def _name(folder: str) -> str:
    """The name of a folder as one that a project may have."""
    plain = unicodedata.normalize("NFKD", folder).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", plain).strip("-._")[:100] or "project"


def _root(folder: Path) -> Path:
    return next((at for at in (folder, *folder.parents) if (at / ".git").exists()), folder)


def _below(folder: Path) -> str:
    root = _root(folder)
    return "" if root == folder else f"{folder.relative_to(root).as_posix()}/"


def _ports(folder: Path) -> tuple[int, ...]:
    root = _root(folder.resolve())
    texts = [text_of(root / path) for path in _paths(root) if path.rpartition("/")[2] == OWN_FILE]
    return tuple(int(port) for text in texts for port in _PORT.findall(text))


def free_port(taken: Collection[int]) -> int:
    """The first one that nobody has taken."""
    return next(port for port in range(FIRST_PORT, 65536) if port not in taken)


def _paths(folder: Path) -> list[str]:
    """The files at most three folders deep, nearest first."""
    found: list[str] = []
    waiting = [folder]
    while waiting and len(found) < _MOST_FILES:
        entries = _entries(waiting.pop(0))
        for entry in entries:
            relative = entry.relative_to(folder)
            if _is_file(entry):
                found.append(relative.as_posix())
            elif _is_ours(relative) and not entry.is_symlink():
                waiting.append(entry)
    return found


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a link that we may not follow
        return False


def _is_ours(folder: Path) -> bool:
    hidden = folder.name.startswith(".") and folder.name != ".circleci"
    return not hidden and folder.name not in _LEFT_OUT and len(folder.parts) <= 3


def _first(paths: Iterable[str], names: tuple[str, ...]) -> str:
    present = set(paths)
    return next((name for name in names if name in present), "")


def _script(folder: Path, paths: list[str], stems: tuple[str, ...]) -> Script | None:
    """The nearest Python file with one of the names, the exact name before `train_small.py`."""
    found = next(_named(paths, stems), "")
    return read_script(folder, found, set(paths)) if found else None


def _named(paths: list[str], stems: tuple[str, ...]) -> Iterator[str]:
    scripts = _code(paths)
    yield from (path for stem in stems for path in scripts if _stem(path) == stem)
    for path in scripts:
        words = re.split("[ ._-]", _stem(path))
        if len(words) > 1 and not {words[0], words[-1]}.isdisjoint(stems):
            yield path


def _saver(folder: Path, paths: list[str]) -> Script | None:
    """The nearest Python file that is started by itself and leaves a model, whatever its name."""
    others = {*_named(paths, _PREDICTORS), *_named(paths, _SERVERS)}
    for path in _code(paths):
        if path not in others and _MAIN.search(text_of(folder / path)):
            script = read_script(folder, path, set(paths))
            if script.writes and script.saves:
                return script
    return None


def _code(paths: list[str]) -> list[str]:
    return [path for path in paths if path.endswith(".py") and not own_tests.is_test(path)]


def _others(folder: Path, paths: list[str], train: Script) -> tuple[str, ...]:
    """The scripts beside the one that trains which leave a model as well, and are no part of it."""
    found = (path for path in _named(paths, _TRAINERS) if path not in (train.path, *train.reads))
    return tuple(path for path in found if read_script(folder, path, set(paths)).writes)


def _without_models(script: Script | None) -> Script | None:
    """A script that is given the model which a run makes, so it needs none that lies in the folder."""
    reads = () if script is None else tuple(one for one in script.reads if not one.endswith(MODEL_FILES))
    return script and script._replace(reads=reads)


def _requirements(paths: list[str], train: str) -> str:
    """The `requirements.txt` beside what trains, or above it; else the only one."""
    name, others = "requirements.txt", ("docs/", "doc/", "tests/", "test/")
    found = [path for path in paths if path.endswith(f"/{name}") and not path.startswith(others)]
    near = [path for path in found if train.startswith(path.removesuffix(name))]
    return next(reversed(near), found[0] if len(found) == 1 else "")


def _stem(path: str) -> str:
    return path.rsplit("/", 1)[-1].removesuffix(".py")


def _test_data(paths: list[str]) -> str:
    tables = [path for path in paths if path.endswith(examples.ENDINGS)]
    for word in ("test", "eval", "holdout", "valid", "val"):
        for path in tables:
            if word in path.rsplit("/", 1)[-1].split(".")[0].replace("-", "_").split("_"):
                return path
    return ""


def _branch(folder: Path) -> str:
    """The branch that is checked out, as far as one file tells."""
    for place in (folder.resolve(), *folder.resolve().parents):
        head = text_of(place / ".git" / "HEAD").strip()
        if head:
            return head.removeprefix("ref: refs/heads/") if head.startswith("ref: ") else "main"
    return "main"
