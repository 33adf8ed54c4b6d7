from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.commit.change import Change
from seatrial.run.variables import DEFAULT_PATH, Folders, Surroundings, minimum, of_stage, search_path
from tests.run.stages import stage

FOLDERS = Folders(Path("/w/work"), Path("/w/home"), Path("/w/tmp"))
AROUND = Surroundings(
    "/usr/bin:/bin", "/opt/own", Path("/state"), "shop", "r-1", 7, Change("git", "/r", "c0ffee", "t", "main")
)


@pytest.mark.parametrize(
    ("around", "path"),
    [
        (AROUND, "/usr/bin:/bin:/opt/own"),
        (AROUND._replace(venv=Path("/v")), "/v/bin:/usr/bin:/bin:/opt/own"),
        (AROUND._replace(own_bin="/bin"), "/usr/bin:/bin"),
        (AROUND._replace(own_bin=""), "/usr/bin:/bin"),
        (AROUND._replace(path=""), f"{DEFAULT_PATH}:/opt/own"),
    ],
)
def test_path_has_the_environment_first_and_our_command_last(around: Surroundings, path: str) -> None:
    assert search_path(around) == path


def test_virtual_environment_is_named() -> None:
    assert minimum(AROUND._replace(venv=Path("/v")), FOLDERS)["VIRTUAL_ENV"] == "/v"
    assert "VIRTUAL_ENV" not in minimum(AROUND, FOLDERS)


def test_later_ones_win() -> None:
    one = stage("one", env=(("TZ", "CET"), ("A", "stage")), variables=(("B", "matrix"),))
    foreign = (("A", "foreign"), ("BUILD_NUMBER", "7"), ("CI", "foreign"))
    found = of_stage(one, AROUND, FOLDERS, foreign, (("B", "secret"),))
    assert found["TZ"] == "CET"
    assert found["A"] == "stage"
    assert found["B"] == "secret"
    assert found["CI"] == "foreign"
    assert found["BUILD_NUMBER"] == "7"
    assert (found["HOME"], found["TMPDIR"]) == ("/w/home", "/w/tmp")


def test_a_stage_that_can_be_restored_is_not_told_the_commit() -> None:
    told = of_stage(stage("one"), AROUND, FOLDERS)
    untold = of_stage(stage("one"), AROUND._replace(change=None), FOLDERS)
    assert told.keys() - untold.keys() == {
        *("GIT_COMMIT", "GIT_BRANCH", "SEATRIAL_COMMIT", "SEATRIAL_BRANCH", "SEATRIAL_RUN_NUMBER")
    }
    assert not {"c0ffee", "main", "7"} & set(untold.values())


def test_a_stage_is_told_of_the_pull_request_where_it_is_told_the_commit() -> None:
    around = AROUND._replace(request="17", target="main")
    found = of_stage(stage("one"), around, FOLDERS)
    assert (found["SEATRIAL_PULL_REQUEST"], found["SEATRIAL_PULL_REQUEST_TARGET"]) == ("17", "main")
    restored = of_stage(stage("one"), around._replace(change=None), FOLDERS)
    assert "SEATRIAL_PULL_REQUEST" not in restored


def test_what_is_not_known_is_left_out() -> None:
    change = Change("git", "/r", "", "t", "")
    found = of_stage(stage("one"), AROUND._replace(change=change), FOLDERS)
    assert not {"SEATRIAL_COMMIT", "SEATRIAL_BRANCH", "SEATRIAL_TAG", "GIT_COMMIT"} & found.keys()
    assert found["SEATRIAL_TOKEN"] == "r-1"
