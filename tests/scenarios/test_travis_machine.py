"""What a job of Travis CI finds on this machine: caches, deployments, secrets, Pythons, images, services."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from seatrial.errors import BadInput
from seatrial.pipeline.condition import Trigger
from tests import bare_python
from tests.conftest import Repository
from tests.engine import IMAGE
from tests.scenarios.travis import ran

pytestmark = pytest.mark.slow


@pytest.fixture
def made(home: object, repository: Callable[..., Repository]) -> Repository:
    made = repository()
    made.write("a/b.txt", "here\n")
    return made


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


def test_a_pull_request_has_a_cache_of_its_own_and_else_that_of_its_target(made: Repository) -> None:
    text = "cache: {directories: [made]}\nscript: [cat made/file, mkdir -p made, echo $WHO >> made/file]\n"
    asked = {number: Trigger("pull_request", number, "main") for number in ("17", "18")}

    def seen(who: str, **wanted: Any) -> list[str]:
        log = ran(made, text, variables=(("WHO", who),), **wanted).log
        assert log.count("there is no cache travis") == len(set(re.findall("there is no cache .*", log)))
        return re.findall("^(?:main|first|second|other)$", log, re.MULTILINE)

    assert seen("first", trigger=asked["17"], branch="feature") == []
    assert seen("main") == []
    assert seen("second", trigger=asked["17"], branch="feature") == ["first"]
    assert seen("second", trigger=asked["17"], branch="feature") == ["first", "second"]
    assert seen("other", trigger=asked["18"], branch="feature") == ["main"]
    assert seen("main") == ["main"]


def test_a_pull_request_changes_no_cache_of_others_whatever_its_script_says(made: Repository) -> None:
    text = "cache: {directories: [made]}\nscript: [cat made/file, mkdir -p made, echo $WHO > made/file]\n"
    ran(made, text, variables=(("WHO", "main"),))
    bad = text.replace("]\n", ", export TRAVIS_PULL_REQUEST=false, _travis_cache_branch=main]\n")
    asked = Trigger("pull_request", "17", "main")
    found = ran(made, bad, variables=(("WHO", "bad"),), trigger=asked, branch="feature")
    assert re.search("kept as the cache travis [0-9a-f]+ main", found.log), found.log
    assert "main" in ran(made, text, variables=(("WHO", "main"),)).log.splitlines()


def test_a_cache_is_kept_after_a_failing_script_and_not_again_unless_it_has_changed(made: Repository) -> None:
    text = "cache: {directories: [made]}\nscript: [cat made/file, mkdir -p made, echo 1 > made/file]\n"
    assert ran(made, text).status == "failed"
    text = text.replace(", mkdir -p made, echo 1 > made/file", "")
    found = ran(made, text)
    assert (found.status, "the cache has not changed" in found.log) == ("succeeded", True)


def test_what_is_done_before_the_cache_is_in_it(made: Repository) -> None:
    text = (
        "cache: {directories: [made]}\nscript: [ls made, mkdir -p made, 'touch made/a made/b']\n"
        "before_cache: [rm made/b, touch made/c]\nafter_success: touch made/d\nafter_script: touch made/e\n"
    )
    assert "a\nc\n" not in ran(made, text + "after_failure: touch made/f\n").log
    again = ran(made, text)
    assert "a\nc\n" in again.log and not {"b", "d", "e", "f"} & set(again.log.splitlines())


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


def test_a_command_that_is_waited_for_in_vain_is_killed(made: Repository) -> None:
    text = "script: [\"travis_wait 0 bash -c 'trap : TERM; while :; do sleep 1; done'\", echo second]\n"
    found = ran(made, text)
    assert (found.status, "second" in found.log.splitlines()) == ("failed", True)
    assert "did not end within 0 minutes" in found.log


def test_a_retry_is_no_shelter_from_set_e(made: Repository) -> None:
    text = "script: ['f() { echo in; false; echo out; }', %stravis_retry f, echo last]\n"
    found = ran(made, text % "")
    assert (found.status, found.log.count("out\n")) == ("succeeded", 1)
    found = ran(made, text % "set -e, ")
    assert (found.status, found.log.count("in\n"), "out\n" in found.log) == ("failed", 1, False)


def test_what_travis_times_and_folds_has_no_effect(made: Repository) -> None:
    text = "script: [travis_fold start x, travis_time_start, 'true', travis_time_finish, travis_fold end x,\n"
    found = ran(made, text + "  '[[ $(travis_nanoseconds) -gt 0 && $TRAVIS_CMD == \"[[\"* ]]']\n")
    assert (found.status, "travis_fold:" in found.log) == ("succeeded", False)


def test_a_deployment_asks_for_versions_repositories_and_tags(made: Repository) -> None:
    made.git("remote", "add", "origin", "https://forge.example/ada/reviews.git")
    on = [
        ("python", "branch: main, python: 3.11", True),
        ("another python", "branch: main, python: 3.4", False),
        ("repo", "all_branches: true, repo: ada/reviews", True),
        ("another repo", "all_branches: true, repo: ada/other", False),
        ("no tag", "branch: main, tags: false", True),
        ("a tag", "branch: main, tags: true", False),
        ("all", "condition: [$TRAVIS_BRANCH = main, -d .git], branch: main", True),
    ]
    text = "language: python\npython: 3.11\ninstall: skip\nscript: ':'\ndeploy:\n" + "".join(
        f"- {{provider: script, script: echo by {name}, on: {{{said}}}}}\n" for name, said, _ in on
    )
    found = ran(made, text)
    assert [one[3:] for one in found.log.splitlines() if one.startswith("by ")] == [
        name for name, _, holds in on if holds
    ]


def test_the_branches_of_an_option_are_those_that_deploy(made: Repository) -> None:
    text = "script: ':'\ndeploy: {provider: heroku, api_key: {secure: x}, app: {main: one, dev: other}}\n"
    assert "nothing was deployed" in ran(made, text).log
    assert "its conditions do not hold" in ran(made, text, branch="next").log


def test_a_script_deploys_where_its_conditions_hold(made: Repository) -> None:
    text = (
        "script: ':'\ndeploy:\n- {provider: script, script: echo deployed, on: {branch: main}}\n"
        "- {provider: script, script: echo other, on: {branch: dev}}\n"
        "- {provider: script, script: echo tagged, on: {tags: true}}\n"
        "- {provider: script, script: echo fitting, on: {branch: [dev, 'm*n']}}\n"
        "- provider: script\n  script: echo conditional\n"
        "  on: {all_branches: true, condition: $TRAVIS_TAG = never}\n"
    )
    found = ran(made, text)
    assert found.status == "succeeded"
    assert {"deployed", "fitting"} <= set(found.log.splitlines())
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
    path = {"PATH": bare_python.path_with(tmp_path, "python3.4")}
    script = "script: 'echo is $TRAVIS_PYTHON_VERSION $VIRTUAL_ENV'\n"
    text = "language: python\npython: 3.4\ninstall: skip\n" + script
    found = ran(made, text, path)
    assert found.status == "succeeded"
    assert "is 3.4 " in found.log and "virtualenv/python3.4" in found.log


OLD = """#!/bin/sh
case "$*" in
  *"import venv"* | *"-m venv"*) exit 1 ;;
  *"import virtualenv"*) exit {has_virtualenv} ;;
  *"-m virtualenv"*) shift 2; exec "{python}" -m venv --without-pip "$@" ;;
esac
exec "{python}" "$@"
"""


@pytest.mark.parametrize("has_virtualenv", [True, False])
def test_a_python_without_venv_makes_its_environment_by_virtualenv(
    made: Repository, tmp_path: Path, has_virtualenv: bool
) -> None:
    old = tmp_path / "bin/python2.7"
    old.parent.mkdir()
    old.write_text(OLD.format(python=sys.executable, has_virtualenv=int(not has_virtualenv)))
    old.chmod(0o755)
    text = 'language: python\npython: "2.7"\ninstall: skip\nscript: echo "in $VIRTUAL_ENV"\n'
    env = {"PATH": f"{old.parent}:/usr/bin:/bin", "PYENV_ROOT": ""}
    if has_virtualenv:
        assert "/virtualenv/python2.7\n" in ran(made, text, env).log
        return
    with pytest.raises(BadInput) as problem:
        ran(made, text, env)
    assert problem.value.message.endswith("and a 2.7 without venv and virtualenv")
    assert problem.value.hint.startswith("install virtualenv for it")


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
