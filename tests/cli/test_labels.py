"""The commands about labels: what they say, and what they refuse."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from seatrial.journal import label_figures, labels
from seatrial.journal.journal import Journal
from seatrial.release import predictions
from seatrial.system.user import by_whom
from tests.cli.terminal import PROGRAM, Ended, seatrial
from tests.release.labelled import answer, environment

pytestmark = pytest.mark.slow


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "today.csv"
    path.write_text("id,label\n1,a\n2,a\n3,b\n")
    return path


def run(file: Path, *words: str) -> Ended:
    return seatrial("labels", *words, folder=file.parent)


def kept(journal: Journal) -> None:
    row = environment(journal)
    with journal.change():
        predictions.keep(journal, row, [answer("1", "a"), answer("2", "b", revision=2)])


def test_labels_are_added_and_shown(journal: Journal, file: Path) -> None:
    kept(journal)
    added = run(file, "add", str(file), "--project", "reviews", "--json")
    assert (added.code, json.loads(added.out)) == (
        0,
        {
            "environment": "reviews/production",
            "rows": 3,
            "outcomes": {"joined": 2, "waiting": 1, "repeated": 0, "contradicting": 0, "unsampled": 0},
            "still_waiting": 1,
        },
    )
    again = run(file, "add", str(file), "--project", "reviews", "--column", "label=label")
    assert "3 repeated" in again.out
    assert "1 labels wait" in again.out
    shown = run(file, "show", "--project", "reviews")
    assert "2 predictions, 3 labels: 2 joined, 1 waiting, 3 repeated, 0 contradicting" in shown.out
    assert "revision 1: labelled 100.0% of 1 predictions, accuracy 100.00% of 1" in shown.out
    assert "revision 2: labelled 100.0% of 1 predictions, accuracy 0.00% of 1" in shown.out
    [told] = json.loads(run(file, "show", "--project", "reviews", "--json").out)["environments"]
    assert [one["accuracy"] for one in told["revisions"]] == [1.0, 0.0]


def test_wrong_labels_are_corrected_with_a_reason(journal: Journal, file: Path) -> None:
    kept(journal)
    run(file, "add", str(file), "--project", "reviews")
    file.write_text("id,label\n1,b\n2,a\n")
    refused = run(file, "add", str(file), "--project", "reviews", "--correct", " ")
    assert "what follows `--correct` is empty" in refused.err
    done = run(file, "add", str(file), "--project", "reviews", "--correct", "a row off")
    assert "1 corrected" in done.out
    assert "1 repeated" in done.out
    shown = run(file, "show", "--project", "reviews")
    assert "0 contradicting, 1 corrected" in shown.out
    assert "revision 1: labelled 100.0% of 1 predictions, accuracy 0.00% of 1" in shown.out
    assert f": 1 label, by {by_whom()}: a row off" in shown.out
    [told] = json.loads(run(file, "show", "--project", "reviews", "--json").out)["environments"]
    [correction] = told["corrections"]
    assert (correction["labels"], correction["why"], correction["by"]) == (1, "a row off", by_whom())


@pytest.mark.parametrize(
    ("why", "wrong"),
    [
        ("a\nb", "signs that cannot be printed"),
        ("a\x1b[1m", "signs that cannot"),
        ("a" * 501, "longer than 500"),
    ],
)
def test_the_reason_of_a_correction_is_a_short_line(
    journal: Journal, file: Path, why: str, wrong: str
) -> None:
    kept(journal)
    refused = run(file, "add", str(file), "--project", "reviews", "--correct", why)
    assert (refused.code, wrong in refused.err) == (2, True)
    assert not label_figures.figures(journal, "reviews", "production").labels


def test_a_correction_says_nothing_that_the_environment_masks(journal: Journal, file: Path) -> None:
    row = environment(journal, mask=(r"\d{12,}",))
    with journal.change():
        predictions.keep(journal, row, [answer("1", "a")])
    run(file, "add", str(file), "--project", "reviews")
    file.write_text("id,label\n1,b\n")
    run(file, "add", str(file), "--project", "reviews", "--correct", "my card 4111111111111111")
    [told] = label_figures.figures(journal, "reviews", "production").corrections
    assert told.why == "my card ***"


def test_a_killed_command_is_completed_by_the_next(journal: Journal, file: Path) -> None:
    row = environment(journal)
    ids = [f"{number:06d}" for number in range(60_000)]
    with journal.change():
        predictions.keep(journal, row, [answer(one) for one in ids])
    file.write_text("id,label\n" + "".join(f"{one},a\n" for one in ids))
    words = [*PROGRAM, "labels", "add", str(file), "--project", "reviews"]
    with subprocess.Popen(words, cwd=file.parent, stdout=subprocess.DEVNULL) as adding:
        while not labels.last_pair(journal, "reviews", "production"):
            assert adding.poll() is None
        adding.kill()
    before = labels.last_pair(journal, "reviews", "production")
    assert before % 10_000 == 0, "a piece is there whole, or not at all"
    outcomes = json.loads(run(file, "add", str(file), "--project", "reviews", "--json").out)["outcomes"]
    assert (outcomes["joined"], outcomes["repeated"]) == (60_000 - before, before)
    found = labels.pairs(journal, "reviews", "production", limit=100_000)
    assert [pair.request for pair in found] == ids


def test_an_environment_without_predictions_says_so(journal: Journal, file: Path) -> None:
    environment(journal, None)
    for words in (["add", str(file)], ["address"]):
        refused = run(file, *words, "--project", "reviews")
        assert refused.code == 2
        assert "keeps no predictions" in refused.err
        assert "hint: add `predictions: {from: header}`" in refused.err
    shown = run(file, "show", "--project", "reviews")
    assert (shown.code, "keeps no predictions" in shown.out) == (0, True)


def test_before_the_first_answer_there_is_nothing_to_show(journal: Journal, file: Path) -> None:
    assert "nothing was released here yet" in run(file, "show", "--project", "reviews").out
    environment(journal)
    assert "no predictions and no labels yet" in run(file, "show", "--project", "reviews").out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["remove"], "`labels` is no whole command"),
        (["add"], "FILE"),
        (["add", "none.csv"], "there is no such file"),
        (["add", "today.csv", "--column", "label"], "is not like label=y"),
        (["add", "today.csv", "--column", "truth=label"], "there is no column 'truth'"),
        (["add", "today.csv", "--environment", "staging"], "no environment `staging`"),
        (["show", "staging"], "no environment `staging`"),
    ],
)
def test_what_is_wrong_is_said(journal: Journal, file: Path, words: list[str], said: str) -> None:
    environment(journal)
    project = ["--project", "reviews"] if words and words[0] in ("add", "show") else []
    refused = run(file, *words, *project)
    assert refused.code == 2
    assert said in refused.err
    assert "Traceback" not in refused.err
