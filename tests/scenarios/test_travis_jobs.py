"""The rules of Travis CI for the jobs of a file, on real commands: which there are, in which order, and when.

Those for what happens within a job (1 to 3, and 8) are in test_travis.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from seatrial.pipeline.condition import Trigger
from seatrial.project import api
from seatrial.run import explain, trying
from tests.conftest import Repository
from tests.scenarios.travis import ran

pytestmark = pytest.mark.slow


@pytest.fixture
def made(home: object, repository: Callable[..., Repository]) -> Repository:
    return repository()


# 4. The axes.

AXES = """\
language: c
os: [linux, osx]
compiler: [gcc, clang]
env: %s
script: echo ran $TRAVIS_OS_NAME $CC $A $B
"""


def lines(log: str) -> list[str]:
    """What `echo ran …` said, job by job."""
    return [one[4:] for one in log.splitlines() if one.startswith("ran ")]


def test_the_axes_are_multiplied_and_the_last_varies_fastest(made: Repository) -> None:
    found = ran(made, AXES % "[A=1 B=x, A=2]")
    assert lines(found.log) == ["linux gcc 1 x", "linux gcc 2", "linux clang 1 x", "linux clang 2"]
    assert list(found.statuses.values()) == ["succeeded"] * 4 + ["skipped"] * 4


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("A=1 B=2", ["linux gcc 1 2"]),
        ("[A=1, B=2]", ["linux gcc 1", "linux gcc 2"]),
        ("{A: 1, B: 2}", ["linux gcc 1 2"]),
        ("{global: [A=1, B=2]}", ["linux gcc 1 2"]),
        ("{global: A=1, matrix: [B=2, B=3]}", ["linux gcc 1 2", "linux gcc 1 3"]),
    ],
)
def test_what_stands_in_env_is_the_matrix_but_for_what_is_global(
    made: Repository, said: str, expected: list[str]
) -> None:
    assert (
        lines(ran(made, (AXES % said).replace("[linux, osx]", "linux").replace("[gcc, clang]", "gcc")).log)
        == expected
    )


# 5. Entries added and taken away.

ENTRIES = """\
language: c
compiler: [gcc, clang]
env: [A=1, A=2]
script: echo ran $CC $A $B $TRAVIS_BUILD_STAGE_NAME
jobs:
  exclude:
  - {compiler: clang, env: A=1}
  - {compiler: clang, env: A=3}
  - {compiler: clang, env: A=2, arch: s390x}
  include:
  - name: plain
    stage: late
  - env: B=1
  - {compiler: clang, env: A=2, stage: test}
  - {compiler: other, env: A=2}
"""


def test_an_entry_begins_with_the_first_of_each_axis_and_with_the_stage_before_it(made: Repository) -> None:
    found = ran(made, ENTRIES)
    assert lines(found.log) == [
        "gcc 1 Test",
        "gcc 2 Test",
        "clang 2 Test",
        "clang 2 Test",
        "other 2 Test",
        "gcc 1 Late",
        "gcc 1 Late",
    ]


def test_equal_jobs_run_once(made: Repository) -> None:
    text = "script: echo ran $A\njobs:\n  include:\n"
    text += "".join(
        f"  - {{env: {one}, if: {when}}}\n" for one in ("A=1", "A=2") for when in 3 * ["branch = main"]
    )
    assert lines(ran(made, text + "  - env: A=1\n").log) == ["1", "2", "1"]  # whose conditions differ


def test_the_jobs_of_a_matrix_have_their_own_variables_and_workspaces(made: Repository) -> None:
    text = (
        "env:\n  global: [G=1]\n  jobs: ['A=1 B=\"x y\"', A=2]\n"
        "jobs:\n  exclude: [{env: A=2}]\n  include: [{name: more, env: {C: a b}}, {name: plain}]\n"
        "script: 'test ! -e made; touch made; echo $G-$A-$B-$C; test $A$C != none'\n"
    )
    found = ran(made, text)
    assert list(found.statuses) == ['A=1, B="x y"', "more", "plain"]
    assert [one for one in found.log.splitlines() if one.startswith("1-")] == [
        "1-1-x y-",
        "1---a b",
        "1-1-x y-",
    ]


def test_a_link_that_leads_out_of_a_workspace_reaches_the_jobs_that_use_it(made: Repository) -> None:
    text = (
        "jobs:\n  include:\n"
        "  - {stage: one, script: mkdir v; ln -s /bin/sh v/sh, workspaces: {create: {name: w, paths: [v]}}}\n"
        "  - {stage: two, script: readlink v/sh, workspaces: {use: [w]}}\n"
    )
    found = ran(made, text)
    assert set(found.statuses.values()) == {"succeeded"}, found.log
    assert "\n/bin/sh\n" in found.log


def test_an_entry_has_what_the_file_says_and_its_own_in_its_place(made: Repository) -> None:
    text = (
        "install: echo shared\nscript: echo shared\njobs:\n  include:\n  - script: echo own\n    env: A=1\n"
    )
    found = ran(made, text)
    assert [one for one in found.log.splitlines() if one in ("shared", "own")] == ["shared", "own"]


# 6. Stages, and jobs that may fail.


def test_stages_come_as_they_appear_where_nothing_orders_them(
    made: Repository,
) -> None:
    text = "script: echo ran $TRAVIS_BUILD_STAGE_NAME $A\nenv: [A=1, A=2]\njobs:\n  include:\n"
    text += "  - {stage: zeta, env: A=3}\n  - {stage: alpha, env: A=4}\n  - {stage: Test, env: A=5}\n"
    assert lines(ran(made, text).log) == ["Test 1", "Test 2", "Test 5", "Zeta 3", "Alpha 4"]
    listed = ran(made, "stages: [alpha]\n" + text)
    assert lines(listed.log) == ["Alpha 4", "Test 1", "Test 2", "Test 5", "Zeta 3"]


def test_a_failure_is_allowed_only_where_all_that_is_said_is_so(made: Repository) -> None:
    text = "language: c\ncompiler: [gcc, clang]\nenv: [A=1, A=2]\nscript: 'false'\n"
    text += (
        "jobs: {allow_failures: [{compiler: gcc, env: A=1}, {compiler: clang, env: A=2 B=1}, {env: A=3}]}\n"
    )
    found = ran(made, text)
    assert found.status == "failed"
    only = text.replace("[gcc, clang]", "gcc").replace("[A=1, A=2]", "A=1")
    assert ran(made, only).status == "succeeded"
    assert ran(made, only.replace("env: A=1\n", "env: {global: C=1, jobs: A=1}\n")).status == "succeeded"


STAGES = """\
stages: [build, test, deploy]
script: echo ran $TRAVIS_BUILD_STAGE_NAME at $(date +%%s.%%N) ; sleep 0.1; [[ $FAIL != yes ]]
jobs:
  include:
  - {stage: deploy, name: d}
  - {stage: build, name: a, env: FAIL=%s}
  - {name: b, env: FAIL=yes}
  - {stage: test, name: t}
  allow_failures: [{name: b}]
"""


def test_stages_run_one_after_the_other(made: Repository) -> None:
    found = ran(made, STAGES % "no", jobs=4)
    assert found.statuses == {"a": "succeeded", "b": "failed", "t": "succeeded", "d": "succeeded"}
    assert found.status == "succeeded"
    moments = {name: float(log.split(" at ")[1].split()[0]) for name, log in found.logs.items()}
    assert max(moments["a"], moments["b"]) + 0.1 <= moments["t"] <= moments["d"] - 0.1
    assert "ran Deploy" in found.logs["d"]


def test_after_a_stage_that_failed_none_runs(made: Repository) -> None:
    found = ran(made, STAGES % "yes")
    assert found.statuses == {"a": "failed", "b": "failed", "t": "skipped", "d": "skipped"}
    assert found.status == "failed"


def test_the_jobs_of_a_stage_run_at_once(made: Repository, tmp_path: Path) -> None:
    meet = f"touch {tmp_path}/$ME; while [[ ! -e {tmp_path}/$OTHER ]]; do sleep 0.05; done"
    found = ran(made, f"env: [ME=a OTHER=b, ME=b OTHER=a]\nscript: '{meet}'\n", jobs=2)
    assert set(found.statuses.values()) == {"succeeded"}


# 7. Conditions.

CONDITIONS = """\
env: {global: [ON=yes]}
script: echo ran $TRAVIS_JOB_NAME
stages: [one, {name: two, if: branch = dev}, three]
jobs:
  include:
  - {stage: one, name: a, if: 'branch =~ ^ma AND NOT tag IS present AND env(ON) = yes'}
  - {name: b, if: 'branch IN (dev, next) OR type = cron'}
  - {stage: two, name: c}
  - {stage: three, name: d}
  - {name: e, if: 'commit_message =~ /\\[full\\]/'}
"""


def test_a_job_whose_condition_does_not_hold_is_skipped(made: Repository) -> None:
    found = ran(made, CONDITIONS)
    skipped = dict.fromkeys("bce", "skipped")
    assert found.statuses == {"a": "succeeded", "d": "succeeded", **skipped}
    assert found.status == "succeeded"
    assert found.messages["c"] == "its condition does not hold: branch = dev"
    found = ran(made, CONDITIONS, branch="dev", message="all of it [full]")
    assert found.statuses == dict.fromkeys("abcde", "succeeded") | {"a": "skipped"}


ASKED = {
    "type = push": True,
    "type IN (cron, api)": False,
    "branch = main AND head_branch IS blank": True,
    "tag IS blank": True,
    "repo = ada/reviews": True,
    "fork = false": True,
    "os = linux AND language = shell AND dist = xenial": True,
    "os = osx OR language = python": False,
    "sender IS present": False,
    "commit_message =~ /words$/": True,
    "env(ON) = yes AND env(MINE) = 1 AND NOT env(TRAVIS) IS present": True,
    "concat(branch, -, env(ON)) = main-yes": True,
}


def test_what_a_condition_asks_about(made: Repository) -> None:
    made.git("remote", "add", "origin", "https://forge.example/ada/reviews.git")
    text = "dist: xenial\nenv: {global: ON=yes, jobs: MINE=1}\nscript: 'true'\njobs:\n  include:\n"
    text += "".join(f"  - {{name: '{one}', if: '{one}'}}\n" for one in ASKED)
    found = ran(made, text, message="first words", jobs=2)
    assert found.statuses == {one: "succeeded" if holds else "skipped" for one, holds in ASKED.items()}


@pytest.mark.parametrize("place", ["if: {0}\n", "stages: [{{name: test, if: '{0}'}}]\n"])
def test_a_condition_of_the_file_and_one_of_a_stage_are_for_all_their_jobs(
    made: Repository, place: str
) -> None:
    text = "script: echo ran $A\nenv: [A=1, A=2]\n" + place
    assert ran(made, text.format("branch = dev")).statuses == {"A=1": "skipped", "A=2": "skipped"}
    assert lines(ran(made, text.format("branch != dev")).log) == ["1", "2"]


def test_variables_of_the_settings_are_in_conditions_and_jobs_and_the_file_goes_over_them(
    made: Repository,
) -> None:
    text = "env: [A=1]\nif: env(PART) = two AND env(A) = 1 AND NOT env(TRAVIS_BRANCH) IS present\n"
    text += "script: echo ran $A $PART\n"
    assert ran(made, text).statuses == {"A=1": "skipped"}
    found = ran(made, text, variables=(("PART", "two"), ("A", "3")))
    assert lines(found.log) == ["1 two"]


REQUEST = "if: type = pull_request AND branch = main AND head_branch = feature AND head_repo = repo\n"


def test_a_pull_request_in_a_condition(made: Repository) -> None:
    assert ran(made, REQUEST + "script: 'true'\n").statuses == {"test": "skipped"}
    asked = Trigger("pull_request", "17", "main")
    found = ran(made, REQUEST + "script: 'true'\n", branch="feature", trigger=asked)
    assert found.statuses == {"test": "succeeded"}


def test_a_dry_run_foresees_what_is_left_out(made: Repository) -> None:
    made.write(".travis.yml", "language: shell\n" + CONDITIONS)
    made.commit("first")
    project = api.open_project(api.Wanted(made.folder, spec="HEAD"))
    expected = {one.stage: one for one in explain.forecast(api.prepare(project))}
    assert [name for name, one in expected.items() if one.decision == explain.SKIP] == list("bce")
    assert expected["c"].reasons == ("its condition does not hold: branch = dev",)


def test_a_stage_goes_on_behind_one_that_was_left_out_but_not_behind_one_that_failed(
    made: Repository,
) -> None:
    text = "script: '[[ $X != bad ]]'\njobs:\n  include:\n"
    text += "  - {stage: one, name: a, env: X=bad}\n  - {stage: two, name: b, if: tag IS present}\n"
    text += "  - {stage: three, name: c}\n"
    assert ran(made, text).statuses == {"a": "failed", "b": "skipped", "c": "skipped"}


@pytest.mark.parametrize(
    ("said", "branch", "status"),
    [
        ("only: [main, /^v\\d/]", "main", "succeeded"),
        ("only: [main, /^v\\d/]", "v1", "succeeded"),
        ("only: [main, /^v\\d/]", "dev", "skipped"),
        ("except: [/^wip/]", "wip-1", "skipped"),
        ("except: [/^wip/]", "main", "succeeded"),
    ],
)
def test_branches(made: Repository, said: str, branch: str, status: str) -> None:
    found = ran(made, f"script: 'true'\nbranches: {{{said}}}\n", branch=branch)
    assert list(found.statuses.values()) == [status]


def test_a_job_for_another_system_is_skipped(made: Repository) -> None:
    found = ran(made, "os: [linux, osx, windows]\nscript: echo ran $TRAVIS_OS_NAME\n")
    assert list(found.statuses.values()) == ["succeeded", "skipped", "skipped"]
    assert found.messages["os osx"] == "its condition does not hold: $TRAVIS_OS_NAME == linux"


@pytest.mark.parametrize("hostile", ["branch =~ ^(a+)+$", "commit_message =~ ^(\\w+\\s?)+$"])
def test_a_pattern_that_comes_to_no_end_fails_the_job(
    made: Repository, hostile: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trying, "_SECONDS", 0.5)
    text = f"script: 'true'\njobs:\n  include:\n  - {{name: a, if: '{hostile}'}}\n"
    text += "  - {name: b, if: branch =~ ^b}\n"
    found = ran(made, text, branch="a" * 60 + "b", message="word " * 20 + "!")
    assert found.statuses == {"a": "failed", "b": "skipped"}
    assert "came to no end" in found.messages["a"]


def test_a_costly_pattern_that_ends_decides(made: Repository) -> None:
    text = "script: 'true'\nif: branch =~ ^release/\\d+(\\.\\d+)+$\n"
    assert ran(made, text, branch="release/" + "1.2." * 10 + "3").statuses == {"test": "succeeded"}
    assert ran(made, text, branch="release/" + "1.2." * 10 + "x").statuses == {"test": "skipped"}


ALLOWED = """\
script: 'echo "$TRAVIS_ALLOW_FAILURE"; [[ $X != bad ]]'
env: [X=bad, X=good]
jobs:
  include: [{stage: after, name: after, env: X=good}]
  allow_failures:
  - {env: X=bad, if: branch = dev OR tag IS present}
  - {env: X=bad, branch: next}
"""


@pytest.mark.parametrize(("branch", "may"), [("main", False), ("dev", True), ("next", True)])
def test_a_failure_is_allowed_where_its_condition_holds(made: Repository, branch: str, may: bool) -> None:
    found = ran(made, ALLOWED, branch=branch)
    after = "succeeded" if may else "skipped"
    assert found.statuses == {"X=bad": "failed", "X=good": "succeeded", "after": after}
    assert found.status == ("succeeded" if may else "failed")
    assert found.logs["X=bad"].startswith("true" if may else "false")


def test_what_is_excluded_goes_from_the_entries_too(made: Repository) -> None:
    text = (
        "script: 'true'\nenv: [A=1, A=2]\njobs:\n  include:\n  - {name: one, env: A=3}\n"
        "  - {name: two, env: A=4}\n  exclude:\n  - env: A=2\n"
        "  - {env: A=3, if: branch = main}\n  - {name: two}\n"
    )
    assert ran(made, text).statuses == {"A=1": "succeeded", "one": "skipped"}
    assert ran(made, text, branch="dev").statuses == {"A=1": "succeeded", "one": "succeeded"}
