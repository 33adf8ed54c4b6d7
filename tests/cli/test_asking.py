"""A pipeline that says `inconclusive: ask`, with and without somebody to ask."""

from __future__ import annotations

import json

import pytest

from tests.cli.terminal import seatrial, under_terminal
from tests.cli.test_evaluate import under_name
from tests.conftest import Repository

pytestmark = pytest.mark.slow

PIPELINE = """\
project: tiny
stages:
  model: {run: cp in.txt m.txt, outputs: [m.txt]}
  judge:
    evaluate: m.txt
    predictions: p.csv
    task: classification
    gates: [accuracy >= 0.98]
    inconclusive: ask
"""


@pytest.fixture
def undecided(tiny: Repository) -> Repository:
    rows = "".join(f"{i},{label},{label}\n" for i, label in enumerate("ab" * 20))
    tiny.write("seatrial.yaml", PIPELINE)
    tiny.write("p.csv", f"id,label,prediction\n{rows}")
    tiny.commit("judge it")
    return tiny


def test_in_a_pipe_it_stays_open_with_a_hint_and_a_mark_of_its_own(undecided: Repository) -> None:
    ended = seatrial("run", "--report", "../out.md", folder=undecided.folder)
    assert ended.code == 4
    assert "  ? judge " in ended.out
    assert "failed" not in ended.out
    assert "seatrial run --accept-inconclusive NAME" in ended.out
    assert ended.out.count("1 (0.9119 to 1), bar 0.98") == 1
    comment = (undecided.folder.parent / "out.md").read_text()
    assert "| ❔ | <code>judge</code> |" in comment
    assert "1 ran, 1 inconclusive" in comment


@pytest.mark.parametrize(("answer", "code"), [("yes", 0), ("", 4)])
def test_at_a_terminal_the_person_decides_and_is_named(undecided: Repository, answer: str, code: int) -> None:
    ended, text = under_terminal(("run",), undecided.folder, answer=answer)
    before, _, after = text.partition("judge: Accept it? [y/N]")
    assert "1.000  [0.9119, 1.000]" in before, "who is asked sees the evidence"
    assert "judge: Accept it? [y/N]" not in after
    log = seatrial("logs", "judge", folder=undecided.folder).out
    assert log == f"Accept it? {answer or 'no'}\n"
    assert ended == code
    again = json.loads(seatrial("run", "--json", folder=undecided.folder).out)
    verdict = again["stages"][1]["verdict"]
    assert verdict["status"] == "inconclusive"
    assert verdict["accepted_by"] == ("" if code else under_name())
    assert again["exit_code"] == code, "what was accepted stays so"
    if not code:
        assert again["headline"] == f"passed: inconclusive, accepted by {under_name()}"


def test_where_programs_read_nobody_is_asked(undecided: Repository) -> None:
    ended, text = under_terminal(("run", "--json"), undecided.folder)
    assert ended == 4
    assert "[y/N]" not in text


def test_nobody_can_accept_what_the_pipeline_refuses(undecided: Repository) -> None:
    undecided.write("seatrial.yaml", PIPELINE.replace(": ask", ": refuse"))
    undecided.commit("refuse")
    ended = seatrial("run", "--accept-inconclusive", "Ada", folder=undecided.folder)
    assert ended.code == 4
    assert "Ada cannot accept it: the pipeline says `inconclusive: refuse`" in ended.out


def test_a_page_that_cannot_be_made_is_refused_before_the_first_stage(undecided: Repository) -> None:
    folder = undecided.folder.parent / "without"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text("import sys; sys.modules['jinja2'] = None\n")
    ended = seatrial("run", "--report", "../x.html", folder=undecided.folder, env={"PYTHONPATH": str(folder)})
    assert ended.code == 2
    assert "an HTML report needs the extra 'report'" in ended.err
    assert ended.out == ""
