from __future__ import annotations

import pytest

from seatrial.commit.change import Change
from seatrial.errors import Place
from seatrial.pipeline import commit_variables, load
from seatrial.pipeline.pipeline import Stage

CHANGE = Change("git", "/r", "c0ffee", "t", "main", tag="v1")
PLACE = Place("seatrial.yaml", 1, 1)


def _said(text: str) -> list[tuple[str, int, str]]:
    """The findings about the stages of a file: severity, line and message."""
    found = load.load(text, "seatrial.yaml").findings
    return [(one.severity, one.place.line, one.message) for one in found]


def test_what_is_asked_for_becomes_a_variable_of_the_stage() -> None:
    env = (
        ("GIT_COMMIT", "$GIT_COMMIT"),
        ("VERSION", "$SEATRIAL_TAG"),
        ("TEXT", "a $GIT_COMMIT"),
        ("A", "$B"),
    )
    stage = commit_variables.resolved(Stage("one", PLACE, env=env), CHANGE)
    assert dict(stage.env) == {
        "GIT_COMMIT": "c0ffee",
        "VERSION": "v1",
        "TEXT": "a $GIT_COMMIT",
        "A": "$B",
    }


def test_what_a_commit_has_not_is_empty() -> None:
    stage = Stage("one", PLACE, env=(("BRANCH", "$GIT_BRANCH"),))
    assert commit_variables.resolved(stage, CHANGE._replace(branch="")).env == (("BRANCH", ""),)


@pytest.mark.parametrize(
    "stage",
    [
        "{run: echo $GIT_COMMIT}",
        "{run: 'echo ${GIT_COMMIT:0:8}'}",
        "{run: ['true', 'echo \"$GIT_COMMIT\"']}",
        "{evaluate: m, data: d, task: regression, gates: [rmse < 1], predict: 'p $GIT_COMMIT'}",
    ],
)
def test_reading_one_without_asking_is_a_warning(stage: str) -> None:
    message = "`one` reads $GIT_COMMIT, which a stage that can be restored does not see"
    assert ("warning", 2, message) in _said(f"stages:\n  one: {stage}\n")


@pytest.mark.parametrize(
    "stage",
    [
        "{run: echo $GIT_COMMIT, cache: false}",
        "{run: echo $GIT_COMMIT, secrets: [TOKEN]}",
        "{run: echo $GIT_COMMIT, workspace: ours}",
        "{run: echo $GIT_COMMIT, env: {GIT_COMMIT: $GIT_COMMIT}}",
        "{run: echo $GIT_COMMIT, matrix: {GIT_COMMIT: [a]}}",
        "{run: 'GIT_COMMIT=7; echo $GIT_COMMIT'}",
        "{run: echo $GIT_COMMITTER_NAME GIT_COMMIT}",
    ],
)
def test_a_stage_that_sees_it_has_no_warning(stage: str) -> None:
    assert _said(f"stages:\n  one: {stage}\n") == []


def test_the_number_of_the_run_cannot_be_asked_for() -> None:
    text = "stages:\n  one: echo $SEATRIAL_RUN_NUMBER\n"
    (found,) = load.load(text, "seatrial.yaml").findings
    assert (found.severity, found.place.line, found.place.column) == ("warning", 2, 8)
    assert "cache: false" in found.hint


def test_a_name_that_no_commit_has_is_an_error_with_its_place() -> None:
    text = "stages:\n  one: {run: make, env: {V: $GIT_COMIT}}\n"
    (found,) = load.load(text, "seatrial.yaml").findings
    assert (found.severity, found.place) == ("error", Place("seatrial.yaml", 2, 29))
    assert found.message == "`env.V`: a commit has no variable $GIT_COMIT"
    assert found.hint == "did you mean `GIT_COMMIT`?"
