from __future__ import annotations

import os
import pty
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from seatrial.errors import REFUSED
from seatrial.pipeline.parameter import BOOLEAN, CHOICE, Parameter
from seatrial.pipeline.pipeline import APPROVE, Approve, Stage
from tests.run.stages import Project, new, stage


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return new(tmp_path)


def asking(**fields: object) -> Stage:
    return stage("go", action=APPROVE, options=Approve("Ship it?"), effects=True, **fields)


def test_nobody_to_ask_is_a_no(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    with Path("/dev/null").open() as nothing:
        monkeypatch.setattr(sys, "stdin", nothing)
        result = project.run(asking(), stage("after", "true", needs=("go",)))
    assert result.exit_code == REFUSED
    assert "Ship it? Nobody is here to answer" in result.outcomes["go"].message
    assert "SEATRIAL_APPROVE=go" in result.outcomes["go"].message
    assert result.outcomes["after"].status == "skipped"


@pytest.mark.parametrize("names", ["go", "other, go"])
def test_approved_ahead_of_time(project: Project, names: str) -> None:
    env = {"PATH": "/usr/bin:/bin", "SEATRIAL_APPROVE": names, "USER": "ada"}
    result = project.run(asking(), host_env=env)
    assert result.outcomes["go"].status == "succeeded"
    assert result.outcomes["go"].body == {"approved_by": "ada"}


@pytest.mark.parametrize(
    ("answer", "status"), [("y\n", "succeeded"), ("Yes\n", "succeeded"), ("\n", "failed")]
)
def test_asked_at_a_terminal(
    project: Project, monkeypatch: pytest.MonkeyPatch, answer: str, status: str
) -> None:
    ours, theirs = pty.openpty()
    monkeypatch.setattr("seatrial.actions.question.TERMINAL", os.ttyname(theirs))
    os.write(ours, answer.encode())
    with os.fdopen(theirs) as terminal:
        monkeypatch.setattr(sys, "stdin", terminal)
        result = project.run(asking())
    os.close(ours)
    assert result.outcomes["go"].status == status


def all_shown(ours: int) -> str:
    """What was written to a terminal that is closed by now, however late the system hands it on."""
    shown = b""
    with suppress(OSError), os.fdopen(ours, "rb", buffering=0) as screen:
        while part := screen.read(4096):
            shown += part
    return shown.decode()


def test_the_values_of_parameters_are_asked_until_they_fit(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = (
        Parameter("WHERE", "here", CHOICE, ("here", "there")),
        Parameter("FAST", "false", BOOLEAN),
        Parameter("GIVEN", "ahead", given=True),
    )
    asked = Approve("Ship it?", wanted)
    ours, theirs = pty.openpty()
    monkeypatch.setattr("seatrial.actions.question.TERMINAL", os.ttyname(theirs))
    os.write(ours, b"y\nnowhere\nthere\n\n")
    with os.fdopen(theirs) as terminal:
        monkeypatch.setattr(sys, "stdin", terminal)
        result = project.run(stage("go", action=APPROVE, options=asked, effects=True))
    shown = all_shown(ours)
    assert result.outcomes["go"].body["given"] == {"WHERE": "there", "FAST": "false", "GIVEN": "ahead"}
    assert "the parameter 'WHERE' cannot be 'nowhere'" in shown
