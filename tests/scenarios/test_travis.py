"""The rules of Travis CI for one job, each on real commands: order, exit codes, environment.

Those for the jobs of a file (4 to 7) are in test_travis_jobs.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from tests.conftest import Repository
from tests.scenarios.travis import ran

pytestmark = pytest.mark.slow


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


def test_a_line_may_leave_a_program_in_the_background(made: Repository) -> None:
    text = "before_script: (sleep 600; echo never) &\nscript: 'jobs; kill %1'\n"
    found = ran(made, text)
    assert (found.status, "Running" in found.log, "never\n" in found.log) == ("succeeded", True, False)
    assert ran(made, text.replace("kill %1", "true")).status == "succeeded"  # nobody waits for it


def test_a_line_may_hold_any_bash(made: Repository) -> None:
    text = """\
script:
  - |
    cat <<END
    it's $(basename a/b.txt)
    END
  - if [[ -f a/b.txt ]]; then
    echo "it's \\"there\\""; fi
  - 'for one in 1 2; do'
  - echo $one; done
"""
    found = ran(made, text)
    assert "it's b.txt" in found.log and 'it\'s "there"' in found.log
    assert found.status == "failed"  # each line is evaluated by itself
    assert found.log.count("exited with 0") == 2


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


def test_a_line_of_the_script_knows_what_became_of_those_before_it(made: Repository) -> None:
    found = ran(
        made,
        "script: ['echo is [$TRAVIS_TEST_RESULT]', 'echo is [$TRAVIS_TEST_RESULT]', 'false',\n"
        "  'echo is [$TRAVIS_TEST_RESULT]', '[[ $TRAVIS_TEST_RESULT == 0 ]] && echo never']\n",
    )
    assert [one for one in found.log.splitlines() if one.startswith("is ")] == ["is []", "is [0]", "is [1]"]
    assert "never\n" not in found.log


def test_a_line_finds_no_arguments_and_may_return(made: Repository) -> None:
    text = (
        "before_script: ['echo is [$1] [$#]', 'false || return 4']\n"
        "script: ['return 3; echo never', 'echo is [$1] [$#] [$TRAVIS_TEST_RESULT]']\n"
    )
    found = ran(made, text)
    assert found.status == "failed"
    assert [one for one in found.log.splitlines() if one.startswith("is ")] == ["is [] [0]", "is [] [0] [1]"]
    assert "never\n" not in found.log and "exited with 3" in found.log


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        ("script: ['false', export TRAVIS_TEST_RESULT=0]", "succeeded"),
        ("script: 'true'\nafter_script: export TRAVIS_TEST_RESULT=1", "failed"),
        ("script: skip\nafter_success: export TRAVIS_TEST_RESULT=1", "failed"),
    ],
)
def test_the_result_of_a_job_is_what_the_variable_says_in_the_end(
    made: Repository, lines: str, status: str
) -> None:
    assert ran(made, lines + "\n").status == status


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


def test_a_line_that_exits_ends_the_job_there(made: Repository) -> None:
    found = ran(made, "script: [exit 5, echo never]\nafter_failure: echo never\nafter_script: echo never\n")
    assert (found.status, "never" in found.log) == ("failed", False)


DEPLOYED = """\
script: '[[ -z $BAD ]]'
before_deploy: echo before
deploy: {provider: script, script: echo deployed, on: {branch: main}}
after_deploy: ['false', echo after]
"""


def test_only_what_has_succeeded_is_deployed_and_after_that_nothing_can_fail(
    made: Repository,
) -> None:
    found = ran(made, DEPLOYED)
    assert found.status == "succeeded"
    assert [one for one in found.log.splitlines() if one in ("before", "deployed", "after")] == [
        "before",
        "deployed",
        "after",
    ]
    found = ran(made, DEPLOYED + "env: BAD=1\n")
    assert found.status == "failed"
    assert not {"before", "deployed", "after"} & set(found.log.splitlines())


@pytest.mark.parametrize("phase", ["before_deploy", "deploy"])
def test_a_deployment_that_fails_fails_the_job(made: Repository, phase: str) -> None:
    script = "'false'" if phase == "deploy" else "echo deployed"
    before = "before_deploy: 'false'\n" if phase == "before_deploy" else ""
    text = f"{before}script: ':'\ndeploy: {{provider: script, script: {script}, on: {{branch: main}}}}\n"
    found = ran(made, text + "after_script: echo last\n")
    assert (found.status, "last" in found.log) == ("failed", False)
    assert "deployed" not in found.log.splitlines()


def test_a_deployment_is_a_process_of_its_own(made: Repository) -> None:
    text = (
        "before_script: set -e\nscript: ':'\nbefore_deploy: [cd a, export X=carried]\n"
        "deploy: {provider: script, on: {branch: main}, script: %s}\n"
        "after_script: ['echo ends in ${PWD##*/}', 'echo ends with [$Y]', 'false', echo never]\n"
    )
    found = ran(made, text % "[cd .., Y=lost, 'false; cat a/b.txt; echo $X', exit 0, echo never]")
    assert "here\ncarried\n" in found.log and "ends in a\nends with []\n" in found.log
    assert (found.status, "never\n" in found.log) == ("failed", False)  # by `set -e`, as on Travis
    found = ran(made, text % "[exit 3, echo never]")
    assert (found.status, "failed with 3" in found.log, "ends" in found.log) == ("failed", True, False)


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
    found = ran(made, text, {"PATH": os.environ["PATH"]})
    assert found.status == "succeeded", found.log
    assert "pip install -r requirements.txt" in found.log
    assert "virtualenv/python3.11" in found.log
    assert ran(made, text + "install: skip\n").status == "succeeded"


def test_the_requirements_are_installed_in_three_attempts_or_a_message_says_that_there_are_none(
    made: Repository,
) -> None:
    tries = "pip() { echo try >> tries; echo try $(wc -l < tries); [[ $(wc -l < tries) == %d ]]; }"
    text = "language: python\npython: 3.11\nbefore_install: '%s'\nscript: echo tested\n"
    found = ran(made, text % (tries % 3))
    assert (found.status, "Could not locate requirements.txt" in found.log) == ("succeeded", True)
    made.write("requirements.txt", "none\n")
    found = ran(made, text % (tries % 3))
    assert (found.status, "try 3\n" in found.log) == ("succeeded", True)
    found = ran(made, text % (tries % 4))
    assert (found.status, "try 4\n" in found.log, "tested\n" in found.log) == ("failed", False, False)


def test_python_without_a_script_fails(made: Repository) -> None:
    found = ran(made, "language: python\npython: 3.11\ninstall: 'true'\n")
    assert found.status == "failed"
    assert "Please override the script" in found.log


@pytest.mark.parametrize("language", ["generic", "minimal", "shell"])
def test_a_missing_script_fails_in_languages_without_one_of_their_own(
    made: Repository, language: str
) -> None:
    text = (
        f"language: {language}\ninstall: echo installed\nafter_success: echo never\nafter_failure: echo bad\n"
    )
    found = ran(made, text)
    assert (found.status, "installed\n" in found.log, "bad\n" in found.log) == ("failed", True, True)
    assert "never\n" not in found.log
    assert ran(made, text + "script: skip\n").status == "succeeded"


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
        "TRAVIS_COMMIT": made.git("rev-parse", "HEAD"),
        "TRAVIS_LANGUAGE": "shell",
        "TRAVIS_JOB_ID": "1001",
        "HAS_JOSH_K_SEAL_OF_APPROVAL": "true",
    }
    assert {name: said.get(name) for name in expected} == expected
    assert (said["TRAVIS_TEST_RESULT"], said["PAGER"], said["TERM"] in ("", "dumb")) == ("", "cat", False)
    assert "TRAVIS_PYTHON_VERSION" not in said


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
