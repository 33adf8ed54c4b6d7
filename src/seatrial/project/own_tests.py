"""How the tests of a project are run, and what they need for that: looked at, never run."""

from __future__ import annotations

import re
from pathlib import Path

from seatrial.named_tuple import NamedTuple
from seatrial.project.scripts import text_of

_PYTEST = "python -m pytest -q"
_FOR_TESTS = (
    *("requirements-dev.txt", "requirements-test.txt", "dev-requirements.txt", "test-requirements.txt"),
    *("requirements/dev.txt", "requirements/test.txt"),
)
_SETTINGS = ("pyproject.toml", "setup.cfg", "tox.ini")
_MOST_LOOKED_AT = 50
_IS_RUN = re.compile(r"test_.*\.py|.*_test\.py|test\w*\.py")  # by pytest, or by unittest


class Tests(NamedTuple):
    """`requirements` is what they need beyond those of the project, in a file that includes these."""

    command: str = ""  # "": there are none
    requirements: str = ""
    lacks_pytest: bool = False  # no requirements name what the tests are run by


def look(folder: Path, paths: list[str], requirements: str) -> Tests:
    """Look at the tests among the files of a folder, whose requirements are in a file, "" for none."""
    tests = [path for path in paths if is_test(path) and _IS_RUN.fullmatch(path.rpartition("/")[2])]
    if not tests:
        return Tests()
    named = [name for name in (requirements, *_FOR_TESTS, *_SETTINGS) if name in paths]
    said = "\n".join(text_of(folder / name) for name in named)
    code = [text_of(folder / path) for path in tests[:_MOST_LOOKED_AT]]
    command = _where_it_lies(paths, code, said) + _runner(tests, code, said)
    if _PYTEST not in command or not requirements or "pytest" in text_of(folder / requirements):
        return Tests(command)
    beyond = _for_tests(folder, paths)
    return Tests(command, beyond, lacks_pytest=not beyond)


def is_test(path: str) -> bool:
    name = path.rsplit("/", 1)[-1]
    return name.startswith("test_") or name.endswith("_test.py") or path.startswith(("tests/", "test/"))


def _runner(tests: list[str], code: list[str], said: str) -> str:
    is_of_unittest = any("unittest" in one for one in code) and all(
        "import pytest" not in one for one in code
    )
    if "pytest" in said or not is_of_unittest or not _are_discovered(tests):
        return _PYTEST
    return "python -m unittest" + (f" discover {tests[0].split('/')[0]}" if "/" in tests[0] else "")


def _are_discovered(tests: list[str]) -> bool:
    """Whether unittest finds all of them: what it does not find it passes, without a word."""
    names = [path.rpartition("/") for path in tests]
    folders = {folder for folder, _, _ in names}
    is_plain = len(folders) == 1 and not any("/" in folder for folder in folders)
    return is_plain and all(re.fullmatch(r"test\w*\.py", name) for _, _, name in names)


def _for_tests(folder: Path, paths: list[str]) -> str:
    """A file of requirements that has pytest, and all that the code needs by including another."""
    for name in _FOR_TESTS:
        text = text_of(folder / name) if name in paths else ""
        if "pytest" in text and re.search(r"^(-r|--requirement)[ =]", text, re.MULTILINE):
            return name
    return ""


def _where_it_lies(paths: list[str], code: list[str], said: str) -> str:
    """What lets tests import from `src`: a stage has installed what it requires, and no more."""
    packages = {path.split("/")[1].removesuffix(".py") for path in paths if path.startswith("src/")}
    imports = "|".join(map(re.escape, sorted(filter(str.isidentifier, packages))))
    if not imports or "pythonpath" in said:
        return ""
    imported = re.compile(rf"^\s*(?:from|import)\s+(?:{imports})\b", re.MULTILINE)
    return "PYTHONPATH=src " if any(map(imported.search, code)) else ""
