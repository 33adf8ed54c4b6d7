"""The rules of Travis CI, each on real commands: order, exit codes, environment."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from seatrial.project import api
from seatrial.run import explain, trying
from tests.conftest import Repository
from tests.scenarios.travis import ran


@pytest.fixture
def made(home: object, repository: Callable[..., Repository]) -> Repository:
    made = repository()
    made.write("a/b.txt", "here\n")
    return made


# 1. The phases, in one bash, each line evaluated, without `set -e`.

PHASES = (
    "before_install", "install", "before_script", "script", "before_cache", "after_success",
    "before_deploy", "deploy", "after_deploy", "after_script",
)  # fmt: skip


def test_the_phases_come_in_their_order(made: Repository) -> None:
    lines = [f"{name}: echo now {name}\n" for name in reversed(PHASES) if name != "deploy"]
    deploy = "deploy: {provider: script, script: echo now deploy, on: {branch: main}}\n"
    found = ran(made, deploy + "after_failure: echo now after_failure\n" + "".join(lines))
    assert found.status == "succeeded"
    assert [one[4:] for one in found.log.splitlines() if one.startswith("now ")] == list(PHASES)


def test_the_lines_share_one_shell(made: Repository) -> None:
    text = (
        "before_install: ['f() { echo called $1; }', 'echo Z=sourced > vars', source vars]\n"
        "before_script: [cd a, export X=carried, set -- one]\nscript: 'cat b.txt; echo $X $Z $1; f me'\n"
    )
    found = ran(made, text)
    assert found.status == "succeeded"
    assert "here\ncarried sourced" in found.log
    assert "called me" in found.log


def test_a_line_is_not_left_at_its_first_failure(made: Repository) -> None:
    assert ran(made, "script: |\n  false\n  echo after\n  true\n").status == "succeeded"
    assert ran(made, "script: [set -e, 'false; true']\n").status == "failed"


# 2. What a failure does.


@pytest.mark.parametrize("phase", ["before_install", "install", "before_script"])
def test_after_a_failure_before_the_script_nothing_else_runs(made: Repository, phase: str) -> None:
    rest = "script: echo never\nafter_failure: echo never\nafter_script: echo never\n"
    found = ran(made, f"{phase}: [(exit 7), echo never]\n{rest}")
    assert found.status == "failed"
    assert "never" not in found.log
    assert f"failed and exited with 7 during {phase}" in found.log


def test_every_line_of_the_script_runs_and_the_result_is_that_of_all(made: Repository) -> None:
    text = (
        "script: ['false', echo second]\nafter_success: echo good\n"
        "after_failure: ['echo bad $TRAVIS_TEST_RESULT', 'false']\n"
        "after_script: 'echo last $TRAVIS_TEST_RESULT'\n"
    )
    found = ran(made, text)
    assert found.status == "failed"
    assert "second" in found.log and "bad 1" in found.log and "last 1" in found.log
    assert "good" not in found.log


def test_what_runs_after_the_script_does_not_fail_the_job(made: Repository) -> None:
    text = (
        "script: 'true'\nbefore_cache: 'false'\nafter_success: ['false', echo good]\nafter_script: 'false'\n"
    )
    found = ran(made, text)
    assert (found.status, "good" in found.log) == ("succeeded", True)


def test_a_line_that_leaves_the_shell_ends_the_job(made: Repository) -> None:
    found = ran(made, "script: [travis_terminate 3, echo never]\n")
    assert (found.status, "never" in found.log) == ("failed", False)
    assert ran(made, "script: [travis_terminate 0, 'false']\n").status == "succeeded"


@pytest.mark.parametrize("phase", ["before_deploy", "deploy"])
def test_a_deployment_that_fails_fails_the_job(made: Repository, phase: str) -> None:
    script = "'false'" if phase == "deploy" else "echo deployed"
    before = "before_deploy: 'false'\n" if phase == "before_deploy" else ""
    text = f"{before}script: ':'\ndeploy: {{provider: script, script: {script}, on: {{branch: main}}}}\n"
    found = ran(made, text + "after_script: echo last\n")
    assert (found.status, "last" in found.log) == ("failed", False)
    assert "deployed" not in found.log.splitlines()


# 3. Defaults of Python, and phases that are left out.


def test_python_has_an_environment_of_its_own_and_installs_the_requirements(made: Repository) -> None:
    made.write("requirements.txt", "./package\n")
    made.write(
        "package/pyproject.toml", "[project]\nname = 'there'\nversion = '1'\n[build-system]\nrequires=[]\n"
    )
    text = (
        "language: python\npython: 3.11\nbefore_install: 'pip() { echo pip $*; }'\n"
        "script: python -c 'import sys; print(sys.prefix)'\n"
    )
    found = ran(made, text)
    assert found.status == "succeeded", found.log
    assert "pip install -r requirements.txt" in found.log
    assert "virtualenv/python3.11" in found.log
    assert ran(made, text + "install: skip\n").status == "succeeded"


def test_python_without_a_script_fails(made: Repository) -> None:
    found = ran(made, "language: python\npython: 3.11\ninstall: 'true'\n")
    assert found.status == "failed"
    assert "Please override the script" in found.log


def test_other_languages_have_the_commands_of_travis_where_the_file_has_none(made: Repository) -> None:
    made.write("configure", "#!/bin/sh\necho 'test:; @echo tested by $(CC) $(CXX)' > Makefile\n", 0o755)
    made.write("Makefile", "all:\n")
    found = ran(made, "language: c\ncompiler: clang\nscript:\n")
    assert "tested by clang clang++" in found.log
    made.write("Makefile", "all:; @echo made\n")
    found = ran(made, "language: golang\ngo: [1.13]\nafter_success: 'echo go $TRAVIS_GO_VERSION'\n")
    assert "made\n" in found.log and "go 1.13" in found.log


@pytest.mark.parametrize("word", ["skip", "ignore", "'true'"])
def test_a_phase_is_left_out(made: Repository, word: str) -> None:
    assert (
        ran(made, f"language: python\npython: 3.11\ninstall: {word}\nscript: {word}\n").status == "succeeded"
    )


# 4. and 5. The jobs.


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


def test_an_entry_has_what_the_file_says_and_its_own_in_its_place(made: Repository) -> None:
    text = (
        "install: echo shared\nscript: echo shared\njobs:\n  include:\n  - script: echo own\n    env: A=1\n"
    )
    found = ran(made, text)
    assert [one for one in found.log.splitlines() if one in ("shared", "own")] == ["shared", "own"]


# 6. Stages, and jobs that may fail.

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


# 8. Variables.


def test_the_variables(made: Repository) -> None:
    made.git("remote", "add", "origin", "https://forge.example/ada/reviews.git")
    text = "script: [env, '[[ $TRAVIS_BUILD_DIR == $PWD ]]']\n"
    found = ran(made, text, message="first words")
    said = dict(line.split("=", 1) for line in found.log.splitlines() if "=" in line)
    assert found.status == "succeeded"
    expected = {
        "TRAVIS": "true",
        "CI": "true",
        "CONTINUOUS_INTEGRATION": "true",
        "TRAVIS_BRANCH": "main",
        "TRAVIS_TAG": "",
        "TRAVIS_EVENT_TYPE": "push",
        "TRAVIS_PULL_REQUEST": "false",
        "TRAVIS_PULL_REQUEST_BRANCH": "",
        "TRAVIS_JOB_NUMBER": "1.1",
        "TRAVIS_BUILD_NUMBER": "1",
        "TRAVIS_JOB_NAME": "",
        "TRAVIS_BUILD_STAGE_NAME": "Test",
        "TRAVIS_OS_NAME": "linux",
        "TRAVIS_REPO_SLUG": "ada/reviews",
        "TRAVIS_ALLOW_FAILURE": "false",
        "TRAVIS_SECURE_ENV_VARS": "false",
        "TRAVIS_COMMIT_MESSAGE": "first words",
    }
    assert {name: said.get(name) for name in expected} == expected


def test_the_range_of_commits_is_that_since_the_run_before(made: Repository) -> None:
    text = "script: 'echo is $TRAVIS_COMMIT_RANGE; git log --format=%s $TRAVIS_COMMIT_RANGE'\n"
    assert "is\n" in ran(made, text, message="one").log
    before = made.git("rev-parse", "HEAD")
    made.commit("two")
    found = ran(made, text, message="three")
    assert f"is {before}...{made.git('rev-parse', 'HEAD')}\nthree\ntwo\n" in found.log


def test_a_tag_is_the_branch_too(made: Repository) -> None:
    text = "script: 'echo is $TRAVIS_BRANCH-$TRAVIS_TAG; git describe'\nif: tag IS present AND branch =~ ^v\n"
    assert ran(made, text).statuses == {"test": "skipped"}
    made.git("tag", "v2", "--message", "two")
    found = ran(made, text, spec="v2")
    assert found.statuses == {"test": "succeeded"}
    assert "is v2-v2\nv2\n" in found.log


def test_a_value_is_read_by_bash(made: Repository) -> None:
    text = (
        "env:\n  global:\n  - A=\"x y\" B=$A-z\n  - C: $B and `more`\n  - D='$A'\n"
        "script: 'echo \"$A|$B|$C|$D\"'\n"
    )
    assert "x y|x y-z|x y-z and `more`|$A" in ran(made, text).log
