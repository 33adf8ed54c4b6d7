from __future__ import annotations

import pytest

from seatrial.pipeline.pipeline import Finally, Service, Stage
from seatrial.pipeline.step import Branches, Dir, Echo, Program, Scope, Shell, Steps
from seatrial.run import key
from tests.run.stages import PLACE, stage

FILES = (("inputs", "sha256:1"),)
PYTHON = (("python", "3.11.7"), ("packages", "numpy 2.4.6"))


def of(one: Stage) -> str:
    return key.of_command(one, PYTHON, FILES).digest


BASE = stage("one", "true", inputs=("a",))


@pytest.mark.parametrize(
    "changed",
    [
        BASE._replace(steps=(Shell("false"),)),
        BASE._replace(steps=(Shell("true", ("/bin/bash",)),)),
        BASE._replace(steps=(Shell("true", env=(("A", "1"),)),)),
        BASE._replace(steps=(Shell("true", check=False),)),
        BASE._replace(steps=(Shell("true", capture=True),)),
        BASE._replace(steps=(Shell("true", session="s"),)),
        BASE._replace(steps=(Echo("true"),)),
        BASE._replace(steps=(Dir("x", BASE.steps),)),
        BASE._replace(env=(("LR", "0.1"),)),
        BASE._replace(variables=(("LR", "0.2"),)),
        BASE._replace(secrets=("TOKEN",)),
        BASE._replace(outputs=("b",)),
        BASE._replace(reports=("r.xml",)),
        BASE._replace(image="python@sha256:1"),
        BASE._replace(action="predict"),
        BASE._replace(finally_=(Finally("always", (Echo("x"),)),)),
    ],
)
def test_what_changes_a_result_changes_the_key(changed: Stage) -> None:
    assert of(changed) != of(BASE)


@pytest.mark.parametrize(
    "same",
    [
        BASE._replace(name="renamed"),
        BASE._replace(place=PLACE._replace(line=99)),
        BASE._replace(timeout_seconds=1.0, retry=3),
        BASE._replace(needs=("lint",), when="branch == main"),
        BASE._replace(inputs=("./a",)),
        BASE._replace(steps=(Shell("true", place=PLACE, timeout_seconds=1.0),)),
    ],
)
def test_what_does_not_does_not(same: Stage) -> None:
    assert of(same) == of(BASE)


def test_order_of_variables_is_nothing() -> None:
    one, two = ("A", "1"), ("B", "2")
    assert of(BASE._replace(env=(one, two))) == of(BASE._replace(env=(two, one)))


def test_order_of_secrets_and_outputs_is_nothing() -> None:
    for field in ("secrets", "outputs"):
        assert of(BASE._replace(**{field: ("a", "b")})) == of(BASE._replace(**{field: ("b", "a")}))


def test_all_of_a_service_counts() -> None:
    one = Service("db", "postgres@sha256:1")
    others = [
        one._replace(name="cache"),
        one._replace(image="postgres@sha256:2"),
        one._replace(env=(("A", "1"),)),
        one._replace(command=("serve",)),
        one._replace(user="postgres"),
    ]
    assert len({of(BASE._replace(services=(service,))) for service in (one, *others)}) == 6


def test_whether_the_first_failure_ends_the_other_branches_counts() -> None:
    branches = (("a", BASE.steps), ("b", BASE.steps))
    fast, patient = (BASE._replace(steps=(Branches(fast, branches),)) for fast in (True, False))
    assert of(fast) != of(patient)


def test_a_key_stays_what_it_is_from_version_to_version() -> None:
    """Else nothing that anybody has kept is found again; where that is meant, FORMAT says so."""
    every = BASE._replace(env=(("LR", "0.1"),), secrets=("TOKEN",), outputs=("model/",), image="python:3.12")
    assert of(every) == "sha256:f216df177039bbc1ea2999aec6739600d9431ed567e877a9500a20f07fbd2cea"


def test_names_and_values_cannot_run_together() -> None:
    assert key.make([("a", "b\nc")]).digest != key.make([("a", "b"), ("c", "")]).digest
    assert key.make([("ab", "c")]).digest != key.make([("a", "bc")]).digest


def test_program_counts_by_its_source() -> None:
    def one(_: Scope) -> Steps:
        yield Echo("1")

    def two(_: Scope) -> Steps:
        yield Echo("2")

    assert of(BASE._replace(steps=(Program(one, "x"),))) == of(BASE._replace(steps=(Program(two, "x"),)))
    assert of(BASE._replace(steps=(Program(one, "x"),))) != of(BASE._replace(steps=(Program(one, "y"),)))


def test_environment_and_contents_count() -> None:
    other = key.of_command(BASE, (("python", "3.12.0"),), FILES).digest
    assert other != of(BASE)
    assert key.of_command(BASE, PYTHON, (("inputs", "sha256:2"),)).digest != of(BASE)


def test_value_of_a_secret_is_not_an_ingredient() -> None:
    found = key.of_definition(BASE._replace(secrets=("TOKEN",)))
    assert ("secret TOKEN", "") in found
