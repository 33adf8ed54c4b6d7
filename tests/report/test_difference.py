from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.report.difference import Changed, ChangedFile, Difference, Measured, Side, lines
from tests.report.released import REPLAY
from tests.report.test_terminal import without_colours

GOLDEN = Path(__file__).parents[1] / "goldens" / "release" / "difference.txt"
BEFORE = Side(
    "reviews/production/6", "sha256:" + "ab" * 32, "a" * 40, "main", "r-1", "pass", "2026-05-03T14:07:00Z"
)
AFTER = BEFORE._replace(name="reviews/production/7", package="sha256:" + "cd" * 32, commit="b" * 40)
FOUND = Difference(
    BEFORE,
    AFTER,
    (Measured("accuracy", 0.85, 0.87), Measured("f1", None, 0.8)),
    (Changed("evaluate", "sha256:" + "12" * 32, "sha256:" + "34" * 32),),
    (
        ChangedFile("model.bin", "weight", 1024, 2048),
        ChangedFile("new.py", "code", None, 10),
        ChangedFile("old.py", "code", 10, None),
    ),
    3,
    (Changed("numpy", "2.3.0", "2.3.1"),),
    (Changed("env WORDS", None, "12"), Changed("secret TOKEN", "is given", None)),
    ("1234567 Train on more",),
    flows=REPLAY.flows,
)


def said(found: Difference) -> str:
    return without_colours("\n".join(lines(found))) + "\n"


def test_two_revisions_side_by_side() -> None:
    assert said(FOUND) == GOLDEN.read_text()


def test_what_is_the_same_is_said_too() -> None:
    text = said(Difference(BEFORE, BEFORE, same_files=4))
    for part in (
        "both serve the same package",
        "all 4 as before",
        "commits: the same",
        "nothing was measured",
    ):
        assert part in text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"commits": None}, "the repository here does not have both"),
        ({"is_backwards": True}, "commits that are not in it any more"),
        ({"after": AFTER._replace(commit="")}, "not known of both"),
        ({"commits": tuple(f"{n:07} c" for n in range(60))}, "and 20 more, with --json"),
    ],
)
def test_commits(change, words) -> None:
    assert words in said(FOUND._replace(**change))
