"""A project's name belongs to one repository, and to all its clones."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from seatrial.errors import BadInput
from seatrial.project import owner
from seatrial.project.project import Wanted, open_home, open_project
from tests.cli.terminal import seatrial, within
from tests.conftest import Repository

PIPELINE = "stages:\n  count: wc -l in.txt\n"


def app(made: Repository, text: str = "one\n") -> Repository:
    made.write("seatrial.yaml", PIPELINE)
    made.write("in.txt", text)
    made.commit("the first")
    return made


def git(*words: str | Path) -> None:
    subprocess.run(["git", *map(str, words)], check=True, capture_output=True)


def claim(folder: Path, file: str = "") -> None:
    owner.claim(open_project(Wanted(folder, file), open_home()))


@pytest.fixture
def first(home: Path, repository: Callable[..., Repository]) -> Repository:
    made = app(repository("one/app"))
    claim(made.folder)
    return made


def test_another_repository_of_the_same_name_is_refused(
    first: Repository, repository: Callable[..., Repository]
) -> None:
    other = app(repository("two/app"), "two\n")
    for words in (("run",), ("release",)):
        ended = within(*words, folder=other.folder)
        assert ended.code == 2, ended.out
        assert f"the project `app` of this home is that of another repository: {first.folder}" in ended.err
        assert "project: NAME" in ended.err
    assert within("run", "--dry-run", folder=other.folder).code == 0, "it changes nothing"
    other.commit("a name", seatrial_yaml="project: other\n" + PIPELINE)
    assert seatrial("run", folder=other.folder).code == 0
    assert seatrial("run", folder=first.folder).code == 0


def test_a_clone_a_worktree_and_a_moved_checkout_are_the_same_one(first: Repository, tmp_path: Path) -> None:
    git("clone", "-q", first.folder, tmp_path / "clone/app")
    git("-C", tmp_path / "clone/app", "remote", "remove", "origin")
    claim(tmp_path / "clone/app")
    first.git("worktree", "add", "-q", "-b", "other", str(tmp_path / "tree/app"))
    claim(tmp_path / "tree/app")
    (tmp_path / "clone/app").rename(tmp_path / "app")
    claim(tmp_path / "app")


def test_a_shallow_clone_is_known_by_its_remote(first: Repository, tmp_path: Path) -> None:
    first.commit("the second")
    git("clone", "-q", "--depth=1", f"file://{first.folder}", tmp_path / "shallow/app")
    claim(tmp_path / "shallow/app")
    git("-C", tmp_path / "shallow/app", "remote", "set-url", "origin", "https://example.org/else.git")
    with pytest.raises(BadInput, match="another repository"):
        claim(tmp_path / "shallow/app")


def test_a_history_written_anew_is_known_by_its_path(first: Repository, tmp_path: Path) -> None:
    first.git("checkout", "-q", "--orphan", "fresh")
    first.commit("all anew")
    claim(first.folder)


def test_several_files_of_one_repository_may_share_the_name(first: Repository) -> None:
    for name in ("churn", "fraud"):
        first.write(f"{name}/seatrial.yaml", PIPELINE)
    first.commit("several")
    claim(first.folder, "churn/seatrial.yaml")
    claim(first.folder, "fraud/seatrial.yaml")


RELEASING = PIPELINE + "environments: {production: {from: [other]}}\n"


@pytest.fixture
def several(home: Path, repository: Callable[..., Repository]) -> Repository:
    made = app(repository("one/app"))
    for name in ("churn", "fraud"):
        made.write(f"{name}/seatrial.yaml", RELEASING)
    made.commit("several")
    return made


def test_a_second_file_that_would_release_over_the_first_is_refused(several: Repository) -> None:
    assert seatrial("run", "-f", "churn/seatrial.yaml", folder=several.folder).code == 0
    for words in (("run",), ("release",)):
        ended = within(*words, "-f", "fraud/seatrial.yaml", folder=several.folder)
        assert ended.code == 2, ended.out
        assert "fraud/seatrial.yaml: error: the project `app` is that of churn/seatrial.yaml" in ended.err
        assert "`project: NAME`" in ended.err
    for words in (("status",), ("history",), ("rollback",)):
        for at in ((several.folder, "-f", "fraud/seatrial.yaml"), (several.folder / "fraud",)):
            ended = within(*words, *at[1:], folder=at[0])
            assert ended.code == 2, ended.out
            assert "the project `app` is that of churn/seatrial.yaml" in ended.err
    assert within("status", "-f", "churn/seatrial.yaml", folder=several.folder).code == 0
    for name in ("fraud", "app"):  # one of its own, or the same one, said
        several.write("fraud/seatrial.yaml", f"project: {name}\n{RELEASING}")
        several.commit("a name")
        assert seatrial("run", "-f", "fraud/seatrial.yaml", folder=several.folder).code == 0


def test_a_file_that_moved_or_that_a_home_does_not_know_yet_is_no_second_one(several: Repository) -> None:
    several.git("tag", "before")
    home = open_home()
    home.journal.append(owner.EVENT, "app", path=str(several.folder), remote="", first=["1"])
    claim(several.folder, "churn/seatrial.yaml")
    several.git("mv", "churn", "moved")
    several.git("rm", "-q", "fraud/seatrial.yaml")
    several.commit("moved")
    claim(several.folder, "moved/seatrial.yaml")
    several.git("checkout", "-q", "before")
    claim(several.folder, "churn/seatrial.yaml")


def test_check_names_files_that_would_release_over_each_other(several: Repository) -> None:
    ended = within("check", "churn/seatrial.yaml", folder=several.folder)
    assert ended.code == 0
    text = "warning: fraud/seatrial.yaml describes `production` of the project `app`, too"
    assert text in ended.out
    several.write("fraud/seatrial.yaml", "project: fraud\n" + RELEASING)
    assert "too" not in within("check", "churn/seatrial.yaml", folder=several.folder).out


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/team/app.git",
        "https://ada:secret@example.org/team/app",
        "ssh://git@example.org/team/app.git",
        "git@example.org:team/app.git",
        "example.org:team/app/",
    ],
)
def test_a_remote_is_the_same_however_it_is_reached(url: str) -> None:
    assert owner.remote(url) == "example.org/team/app"


def test_a_remote_on_this_machine_is_its_path() -> None:
    assert owner.remote("/srv/app") == owner.remote("file:///srv/app") == "/srv/app"
    assert owner.remote("") == ""
