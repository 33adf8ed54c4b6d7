"""Files of other systems on this machine: who says that they may run, and what they cannot reach."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.terminal import seatrial, under_terminal
from tests.conftest import Repository

JENKINSFILE = "pipeline {{ agent any; stages {{ stage('a') {{ steps {{ sh '{}' }} }} }} }}\n"


@pytest.fixture
def foreign(home: object, repository: Callable[..., Repository], tmp_path: Path) -> Repository:
    """A Jenkinsfile that leaves a trace where it was run."""
    made = repository()
    made.write("Jenkinsfile", JENKINSFILE.format(f"touch {tmp_path}/trace"))
    made.commit("first")
    return made


def test_a_new_file_is_not_run_where_nobody_can_be_asked(foreign: Repository, tmp_path: Path) -> None:
    ended = seatrial("run", folder=foreign.folder)
    assert ended.code == 2
    assert "Jenkinsfile is new to this machine" in ended.err
    assert "run it once with --yes" in ended.err
    assert not (tmp_path / "trace").exists()


def test_yes_is_said_once_for_a_file(foreign: Repository, tmp_path: Path) -> None:
    assert seatrial("run", "--yes", folder=foreign.folder).code == 0
    (tmp_path / "trace").unlink()
    assert seatrial("run", folder=foreign.folder).code == 0
    assert (tmp_path / "trace").exists()


def test_an_edited_file_is_a_new_one(foreign: Repository) -> None:
    assert seatrial("run", "--yes", folder=foreign.folder).code == 0
    foreign.write("Jenkinsfile", JENKINSFILE.format("true"))
    foreign.commit("second")
    assert seatrial("run", folder=foreign.folder).code == 2


def test_another_clone_of_the_file_is_known(
    foreign: Repository, repository: Callable[..., Repository]
) -> None:
    assert seatrial("run", "--yes", folder=foreign.folder).code == 0
    other = repository("other")
    other.write("Jenkinsfile", (foreign.folder / "Jenkinsfile").read_text())
    other.commit("the same file")
    assert seatrial("run", folder=other.folder).code == 0


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 2)])
def test_a_person_at_a_terminal_is_asked(foreign: Repository, tmp_path: Path, answer: str, code: int) -> None:
    ended, text = under_terminal(("run",), foreign.folder, answer=answer)
    assert "Jenkinsfile is new to this machine. Run its commands here" in text
    assert ended == code
    assert (tmp_path / "trace").exists() == (code == 0)
    assert seatrial("run", folder=foreign.folder).code == code, "the answer yes is kept"


def test_what_would_run_is_told_without_asking(foreign: Repository, tmp_path: Path) -> None:
    assert seatrial("run", "--dry-run", folder=foreign.folder).code == 0
    assert not (tmp_path / "trace").exists()


def test_a_file_of_our_own_asks_nothing(tiny: Repository) -> None:
    assert seatrial("run", folder=tiny.folder).code == 0


@pytest.mark.parametrize("name", ["sudo", "doas"])
def test_sudo_refuses_on_this_machine(foreign: Repository, tmp_path: Path, name: str) -> None:
    foreign.write("Jenkinsfile", JENKINSFILE.format(f"{name} touch {tmp_path}/trace"))
    foreign.commit("as root")
    ended = seatrial("run", "--yes", folder=foreign.folder)
    assert ended.code == 1
    assert f"{name} is refused outside of a container: {name} touch" in ended.out
    assert not (tmp_path / "trace").exists()


def test_home_and_temporary_files_are_those_of_the_run(
    foreign: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    monkeypatch.setenv("HOME", str(mine))
    foreign.write("Jenkinsfile", JENKINSFILE.format('mkdir ~/.ssh && touch ~/.ssh/config "$TMPDIR/x"'))
    foreign.commit("write home")
    assert seatrial("run", "--yes", folder=foreign.folder).code == 0
    assert list(mine.iterdir()) == []
