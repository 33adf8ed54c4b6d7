"""`seatrial evaluate` as a person or a script meets it: what it refuses, and who accepts what is open."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.cli.terminal import seatrial, under_terminal

pytestmark = pytest.mark.slow

UNDECIDED = ("--gate", "accuracy >= 0.98")  # of 40 right answers the least is 0.9119 (Clopper-Pearson)


@pytest.fixture
def folder(home: object, tmp_path: Path) -> Path:
    rows = [f"{i},{label},{label}" for i, label in enumerate("ab" * 20)]
    (tmp_path / "p.csv").write_text("\n".join(["id,label,prediction", *rows, ""]))
    return tmp_path


@pytest.mark.parametrize(
    "words", [("pipe.csv",), ("p.csv", "--data", "pipe.csv"), ("p.csv", "-f", "pipe.csv"),
              ("p.csv", "--against", "pipe.csv", "--gate", "f1 >= old")],
)  # fmt: skip
def test_what_might_never_end_is_refused_at_once(folder: Path, words: tuple[str, ...]) -> None:
    os.mkfifo(folder / "pipe.csv")
    ended = seatrial("evaluate", *words, folder=folder)
    assert ended.code == 2
    assert "pipe.csv: error: this is a pipe, not a file" in ended.err


def test_a_quote_that_is_never_closed_is_an_error_with_its_line(folder: Path) -> None:
    text = (folder / "p.csv").read_text().replace("29,b,b", '29,b,"b')
    (folder / "p.csv").write_text(text)
    ended = seatrial("evaluate", "p.csv", "--gate", "accuracy >= 0.5", folder=folder)
    assert ended.code == 2
    assert ended.err.startswith("p.csv:31: error: a quote is never closed\n")


def test_labels_that_differ_by_a_control_character_do_not_look_alike(folder: Path) -> None:
    rows = [f"{i},{label},{label},{label}" for i, label in enumerate(["a", "a\x1b[31m"] * 20)]
    (folder / "p.csv").write_text("\n".join(["id,label,prediction,domain", *rows, ""]))
    words = ["--gate", "accuracy >= 0.5", "--slices", "domain", "--report", "out.md"]
    shown = seatrial("evaluate", "p.csv", *words, folder=folder).out
    rows = ["        a         20         0\n", "a\\x1b[31m          0        20\n"]
    for text in (*rows, "domain=a ", "domain=a\\x1b[31m "):
        assert text in shown, shown
    assert "domain=a\\x1b" in (folder / "out.md").read_text().replace("&#92;", "\\").replace("&#91;", "[")


def test_who_accepts_is_in_every_report_and_record(folder: Path) -> None:
    names = [f"out{ending}" for ending in (".md", ".html", ".xml", ".json")]
    words = [word for name in names for word in ("--report", name)]
    ended = seatrial("evaluate", "p.csv", *UNDECIDED, "--inconclusive", "accept", *words, folder=folder)
    assert ended.code == 0
    person = under_name()
    assert f"p.csv: inconclusive, accepted by {person}  40 examples" in ended.out
    for name in names[:3]:
        assert f"inconclusive, accepted by {person}" in (folder / name).read_text(), name
    report = json.loads((folder / "out.json").read_text())
    assert report["stages"][0]["verdict"]["accepted_by"] == person
    record = seatrial("evaluate", "p.csv", *UNDECIDED, "--inconclusive", "accept", "--json", folder=folder)
    assert json.loads(record.out)["accepted_by"] == person
    assert json.loads(record.out)["verdict"] == "inconclusive"


def under_name() -> str:
    return subprocess.run(["id", "-un"], capture_output=True, text=True).stdout.strip() or str(os.getuid())


def test_inconclusive_is_neither_failed_nor_a_run(folder: Path) -> None:
    ended = seatrial(
        "evaluate", "p.csv", *UNDECIDED, "--report", "out.md", "--report", "out.xml", folder=folder
    )
    assert ended.code == 4
    comment = (folder / "out.md").read_text()
    assert "run 0" not in comment
    assert "failed" not in comment
    assert "| ❔ | <code>p.csv</code> |" in comment
    assert 'tests="2" failures="0" errors="2"' in (folder / "out.xml").read_text()


def test_without_anybody_to_ask_it_stays_open_and_says_what_to_do(folder: Path) -> None:
    ended = seatrial("evaluate", "p.csv", *UNDECIDED, "--inconclusive", "ask", folder=folder)
    assert ended.code == 4
    assert "--inconclusive accept" in ended.err


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("", 4), ("never", 4)])
def test_a_person_is_asked_at_the_terminal(folder: Path, answer: str, code: int) -> None:
    words = ("evaluate", "p.csv", *UNDECIDED, "--inconclusive", "ask")
    ended, text = under_terminal(words, folder, answer=answer)
    assert "Accept it? [y/N]" in text
    assert ended == code
    assert (f"accepted by {under_name()}" in text) == (code == 0)


def test_a_reason_is_said_once(folder: Path) -> None:
    ended = seatrial("evaluate", "p.csv", *UNDECIDED, "--gate", "accuracy >= 0.99", folder=folder)
    assert ended.out.count("1 (0.9119 to 1), bar 0.98") == 1
    assert ended.out.count("1 (0.9119 to 1), bar 0.99") == 1


def test_a_report_that_could_not_be_written_is_refused_before(folder: Path) -> None:
    ended = seatrial("evaluate", "p.csv", "--report", "none/out.md", folder=folder)
    assert ended.code == 2
    assert "there is no folder none" in ended.err
    assert ended.out == ""


def test_a_report_is_there_though_nobody_reads_the_lines(folder: Path) -> None:
    into_nothing = ("sh", "-c", '"$@" | true', "sh")
    seatrial("evaluate", "p.csv", "--report", "r.html", "--report", "r.json", folder=folder, by=into_nothing)
    assert [(folder / name).stat().st_size > 0 for name in ("r.html", "r.json")] == [True, True]
