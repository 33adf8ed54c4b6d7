"""The servers of ours: what the table says, and what each knows of a package without running it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from seatrial.package.all_runtimes import ALL_RUNTIMES, runtime
from seatrial.package.runtime import FILE
from seatrial.pipeline.dialects.seatrial.keys import RUNTIMES

ROOT = Path(__file__).parents[2]
FUNCTION = (("function", "app/predict.py:answer"),)


def test_the_folder_is_the_table_is_the_file_is_the_documentation() -> None:
    folder = ROOT / "src" / "seatrial" / "package" / "runtimes"
    assert {path.parent.name for path in folder.glob("*/__init__.py")} == set(ALL_RUNTIMES)
    assert tuple(ALL_RUNTIMES) == RUNTIMES
    page = (ROOT / "docs" / "reference" / "variants.md").read_text()
    section = page.partition("## Runtimes")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `([a-z-]+)`", section, re.MULTILINE)) == set(ALL_RUNTIMES)


@pytest.mark.parametrize("name", ALL_RUNTIMES)
def test_a_server_needs_nothing_but_the_standard_library(name: str) -> None:
    found = runtime(name)
    assert name == found.NAME
    text = found.server().decode()
    assert "seatrial." not in re.sub(r'"""[^"]*"""', "", text)
    compile(text, FILE, "exec", dont_inherit=True)


def test_the_command_says_only_what_differs() -> None:
    found = runtime("function")
    assert found.command(FUNCTION, "/") == f"exec python3 -u {FILE} app/predict.py:answer"
    said = found.command((*FUNCTION, ("prediction", "my digit")), "/health")
    assert said.endswith("app/predict.py:answer --health /health --prediction 'my digit'")
    assert found.needed(FUNCTION) == "app/predict.py"


@pytest.mark.parametrize(
    "source",
    [
        "def answer(x): ...",
        "class answer:\n    def __init__(self, x): ...",
        "answer = print",
        "(other, answer) = print, print",
        "from network import scores as answer",
        "from network import *",
        "import answer.inner",
        "try:\n    from a import answer\nexcept ImportError:\n    answer = None",
        "def __getattr__(name): ...",
        "this is of another Python",
        "\0",
        "\xff\xfe",
    ],
)
def test_what_may_have_the_function_is_left_alone(source: str) -> None:
    assert runtime("function").problem(FUNCTION, source.encode("latin-1")) == ""


@pytest.mark.parametrize(
    "source",
    [
        "",
        "def answers(x): ...",
        "def f():\n    answer = 1",
        "class A:\n    def answer(self): ...",
        "import a.answer",
        "x = lambda answer: 1",
    ],
)
def test_what_has_no_such_function_is_told(source: str) -> None:
    said = runtime("function").problem(FUNCTION, source.encode())
    assert said == "app/predict.py has no function answer"
