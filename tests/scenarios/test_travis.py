"""The rules of Travis CI, each on real commands: order, exit codes, environment."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from seatrial.errors import BadInput
from seatrial.project import api
from seatrial.run import explain
from tests.conftest import Repository
from tests.engine import IMAGE
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


# What else a job finds there.


CACHED = """\
cache:
  pip: true
  directories: [$HOME/.models, made, /elsewhere]
env: [A=1, A=2]
before_install: 'ls $HOME/.models made 2>/dev/null; echo begins'
script: [mkdir -p made $HOME/.models, 'echo $A >> made/file', 'echo x > $HOME/.models/$A', '[[ -z $BAD ]]']
before_cache: rm $HOME/.models/gone || true
"""


def test_a_cache_is_there_in_the_next_run_of_the_same_job(made: Repository, home: Path) -> None:
    first = ran(made, CACHED)
    assert first.status == "succeeded"
    assert "file\n" not in first.logs["A=1"].split("begins")[0]
    again = ran(made, CACHED)
    for name in ("A=1", "A=2"):
        said = again.logs[name].split("begins")[0]
        assert "file" in said.splitlines() and name[-1] in said.splitlines(), said
    assert len(list(home.glob("caches/*/*/key"))) == 2  # one a job: the new in the place of the old
    other = ran(made, CACHED, branch="feature")  # it has the cache of main, where it has none of its own
    assert "file" in other.logs["A=1"].split("begins")[0]


def test_a_cache_is_kept_after_a_failing_script_and_not_again_unless_it_has_changed(made: Repository) -> None:
    text = "cache: {directories: [made]}\nscript: [cat made/file, mkdir -p made, echo 1 > made/file]\n"
    assert ran(made, text).status == "failed"
    text = text.replace(", mkdir -p made, echo 1 > made/file", "")
    found = ran(made, text)
    assert (found.status, "the cache has not changed" in found.log) == ("succeeded", True)


def test_sudo_is_refused(made: Repository) -> None:
    found = ran(made, "script: sudo make install\n")
    assert found.status == "failed"
    assert "sudo is refused" in found.log


def test_retrying_and_waiting(made: Repository) -> None:
    text = "script: ['travis_retry test -e a', 'travis_wait 1 true', 'travis_wait 1 false']\n"
    found = ran(made, text)
    assert found.status == "failed"
    assert found.log.count("exited with 0") == 2
    made.write("third.sh", "echo try >> tries; [[ $(wc -l < tries) == 3 ]]")
    assert ran(made, "script: [travis_retry bash third.sh, travis_fold start x]\n").status == "succeeded"


def test_a_script_deploys_where_its_conditions_hold(made: Repository) -> None:
    text = (
        "script: ':'\ndeploy:\n- {provider: script, script: echo deployed, on: {branch: main}}\n"
        "- {provider: script, script: echo other, on: {branch: dev}}\n"
        "- {provider: script, script: echo tagged, on: {tags: true}}\n"
        "- provider: script\n  script: echo conditional\n"
        "  on: {all_branches: true, condition: $TRAVIS_TAG = never}\n"
    )
    found = ran(made, text)
    assert found.status == "succeeded"
    assert "deployed" in found.log.splitlines()
    assert not {"other", "tagged", "conditional"} & set(found.log.splitlines())


@pytest.mark.parametrize(
    "said", ["{provider: pypi, on: {branch: main}}", "{provider: npm, on: {all_branches: true}}"]
)
def test_what_nothing_here_deploys_fails_the_job_that_would_or_is_passed_over(
    made: Repository, said: str
) -> None:
    text = f"script: ':'\ndeploy: {said}\nafter_script: echo last\n"
    found = ran(made, text)
    assert (found.status, "nothing was deployed" in found.log) == ("failed", True)
    assert "--skip-deploy" in found.log
    found = ran(made, text, skip_deploy=True)
    provider = said.split()[1].strip(",")
    assert (found.status, "last" in found.log.splitlines()) == ("succeeded", True)
    assert f"skipped: nothing here deploys by {provider}" in found.log
    assert found.outcomes["test"].body["marks"] == [f"skipped: nothing here deploys by {provider}"]
    found = ran(
        made, text.replace("all_branches: true", "branch: dev").replace("main", "dev"), skip_deploy=True
    )
    assert (found.status, "marks" in found.outcomes["test"].body) == ("succeeded", False)


ENCRYPTED = """\
env:
  global:
  - TOKEN: {secure: abc}
  - secure: def
script:
- 'echo is ${TOKEN-unset} ${DEPLOY_KEY-unset} ${PLAIN-unset} $TRAVIS_SECURE_ENV_VARS'
- '[[ ${TOKEN-unset} != %s ]]'
"""


def test_an_encrypted_variable_is_the_secret_of_its_name_or_unset(made: Repository) -> None:
    found = ran(made, ENCRYPTED % "set")
    assert found.status == "succeeded"
    assert "is unset unset unset false" in found.log
    known = {"TOKEN": "of-the-token", "DEPLOY_KEY": "of-the-key", "PLAIN": "not-asked-for"}
    found = ran(made, ENCRYPTED % "unset", known)
    assert found.status == "succeeded"
    assert "is *** *** unset true" in found.log


def test_a_python_that_is_not_here_is_said_before_the_first_job(made: Repository, tmp_path: Path) -> None:
    text = "language: python\npython: [3.11, 3.4, pypy2]\ninstall: skip\nscript: python --version\n"
    with pytest.raises(BadInput) as problem:
        ran(made, text)
    assert "`python 3.4`, `python pypy2` want Python 3.4, pypy2; here is" in problem.value.message
    assert "--skip-missing" in problem.value.hint
    assert problem.value.place is not None
    assert (problem.value.place.line, problem.value.place.column) == (2, 16)
    found = ran(made, text, skip_missing=True)
    assert found.statuses == {"python 3.11": "succeeded", "python 3.4": "skipped", "python pypy2": "skipped"}
    assert found.messages["python 3.4"] == "passed over: this machine has no Python 3.4"


def test_a_python_is_found_by_its_name_on_path(made: Repository, tmp_path: Path) -> None:
    named = tmp_path / "bin" / "python3.4"
    named.parent.mkdir()
    named.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    named.chmod(0o755)
    path = {"PATH": f"{named.parent}:{os.environ['PATH']}"}
    script = "script: 'echo is $TRAVIS_PYTHON_VERSION $VIRTUAL_ENV'\n"
    text = "language: python\npython: 3.4\ninstall: skip\n" + script
    found = ran(made, text, path)
    assert found.status == "succeeded"
    assert "is 3.4 " in found.log and "virtualenv/python3.4" in found.log


def bash_image(folder: Path, name: str) -> None:
    """An image with this machine's bash, Python and the few programs that a job asks for."""
    programs = [
        shutil.which(one) or "" for one in ("bash", "cat", "cut", "date", "env", "mkdir", "rm", "sleep")
    ]
    root = folder / "image"
    for path in dict.fromkeys((*programs, *(library for one in programs for library in libraries(one)))):
        target = root / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    (root / "bin").mkdir(exist_ok=True)
    for one in ("bash", "sh"):
        if not (root / "bin" / one).exists():
            shutil.copy(programs[0], root / "bin" / one)
    packed = subprocess.run(["tar", "-C", root, "-c", "."], capture_output=True, check=True).stdout
    path_ = "ENV PATH=/usr/local/bin:/usr/bin:/bin"
    subprocess.run(
        ["docker", "import", "-c", path_, "-", name], input=packed, capture_output=True, check=True
    )


def libraries(program: str) -> list[str]:
    said = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    return [word for word in said.split() if word.startswith("/")]


def test_the_jobs_run_in_an_image_with_their_services_beside_them(
    made: Repository, tmp_path: Path, docker: str
) -> None:
    bash_image(tmp_path, "box:3")
    script = "while echo PONG | nc -l -p 6379; do :; done"
    answer = f'FROM {IMAGE}\nEXPOSE 6379\nENTRYPOINT ["sh", "-c", "{script}"]\n'
    subprocess.run(
        ["docker", "build", "-q", "-t", "redis:5", "-"],
        input=answer.encode(),
        check=True,
        capture_output=True,
    )
    text = (
        "services: [redis-server, docker]\naddons: {redis: 5}\n"
        "script: ['exec 3<> /dev/tcp/localhost/6379; cat <&3', 'echo in $HOME $TRAVIS_BUILD_DIR $PWD']\n"
    )
    found = ran(made, text, image="box:{python}")
    assert found.status == "succeeded", (found.messages, found.log)
    assert "PONG" in found.log
