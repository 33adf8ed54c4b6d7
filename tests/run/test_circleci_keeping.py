"""What jobs of CircleCI keep: caches, workspaces, artifacts and the results of tests."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from seatrial.pipeline.condition import Facts
from seatrial.pipeline.load import load
from tests.engine import IMAGE
from tests.run.circleci import commands, project_of, ran, result, steps
from tests.run.stages import Project, statuses

pytestmark = pytest.mark.slow


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return project_of(tmp_path)


def test_a_workspace_reaches_all_that_come_after(project: Project) -> None:
    text = (
        "jobs:\n"
        "  make:\n    machine: true\n    steps:\n    - run: mkdir -p out/in; echo made > out/in/file\n"
        "    - persist_to_workspace: {root: out, paths: [in/*]}\n"
        "  between:\n    machine: true\n    steps: [run: 'true']\n"
        "  use:\n    machine: true\n    steps:\n    - attach_workspace: {at: ~/there}\n"
        "    - run: cat ~/there/in/file\n"
        "workflows:\n  all:\n    jobs:\n    - make\n    - between: {requires: [make]}\n"
        "    - use: {requires: [between]}\n"
    )
    status, log = ran(project, text)
    assert status == "succeeded"
    assert "made\n" in log


def test_tests_and_artifacts_are_kept_after_a_failure_too(project: Project) -> None:
    xml = '<testsuite tests="1"><testcase name="t"/></testsuite>'
    text = steps(
        f"run: mkdir r; echo '{xml}' > r/a.xml; echo x > art; exit 1",
        "store_test_results: {path: r}",
        "store_artifacts: {path: art}",
    )
    status, log = ran(project, text)
    assert status == "failed"
    assert "==> results r" in log and "==> artifacts art" in log


def test_a_step_that_persists_nothing_fails(project: Project) -> None:
    status, log = ran(project, steps("persist_to_workspace: {root: ., paths: [none]}"))
    assert status == "failed"
    assert "there is no none" in log


def test_a_cache_is_kept_under_the_checksum_of_a_file_and_never_changes(project: Project) -> None:
    key = "'deps-{{ checksum \"lock\" }}-{{ .Environment.CIRCLECI }}'"
    save = f"save_cache: {{key: {key}, paths: [deps, ~/.tool]}}"
    make = 'run: mkdir -p deps ~/.tool; cp lock deps/from; echo "$CIRCLE_BUILD_NUM" > ~/.tool/number'
    restore = f"restore_cache: {{keys: [{key}, deps-]}}"
    show = "run: cat deps/from ~/.tool/number || echo nothing"
    lines = ("checkout", restore, show, make, save)
    project.write("lock", "one\n")
    assert "nothing\n" in commands(project, *lines)[1]
    digest = subprocess.run(
        "sha256sum lock | cut -d' ' -f1 | xxd -r -p | base64",
        shell=True,
        cwd=project.files,
        capture_output=True,
        check=True,
        text=True,
    ).stdout.strip()
    log = commands(project, *lines)[1]
    assert "one\n1001\n" in log
    assert f"the cache deps-{digest}-true is found" in log
    assert f"there is a cache deps-{digest}-true already" in log
    assert "one\n1001\n" in commands(project, *lines)[1]  # the first of a key stands
    project.write("lock", "two\n")
    assert "one\n1001\n" in commands(project, *lines)[1]  # by its beginning
    project.write("lock", "one\n")
    assert "two\n4001\n" in commands(project, "checkout", "restore_cache: {key: deps-}", show)[1]  # newest


def test_the_newest_cache_that_a_key_begins_is_taken_before_the_one_of_the_whole_key(
    project: Project,
) -> None:
    for key, word in (("deps-1", "exact"), ("deps-12", "newer"), ("other", "newest")):
        commands(project, f"run: echo {word} > x", f"save_cache: {{key: {key}, paths: [x]}}")
    show = "run: cat x || echo nothing"
    assert "\nnewer\n" in commands(project, "restore_cache: {keys: [none, deps-1]}", show)[1] + "\n"
    assert "\nnothing\n" in commands(project, "restore_cache: {keys: [none]}", show)[1] + "\n"


def test_what_a_key_may_be_made_of(project: Project) -> None:
    key = "'{{ .Branch }}:{{ .BuildNum }}:{{ .Revision }}:{{.Environment.X_1}}:{{ epoch }}:{{ arch }}'"
    by_day = "save_cache: {key: '{{ epoch | round \"24h\" }}', paths: [x]}"
    text = "run: touch x", f"save_cache: {{key: {key}, paths: [x]}}"
    log = commands(project, "run: echo 'export X_1=set' >> $BASH_ENV", *text, by_day)[1]
    (day,) = re.findall(r"the cache (\d+)$", log, re.MULTILINE)
    assert int(day) % 86400 == 0
    assert re.search(r"the cache main:1001:c{40}::1\d{9}:arch1-linux-\w+$", log, re.MULTILINE), log


def test_a_cache_whose_key_has_no_file_fails_the_job(project: Project) -> None:
    status, log = commands(project, "restore_cache: {key: 'a-{{ checksum \"none\" }}'}", "run: echo never")
    assert (status, "\nnever" in log) == ("failed", False)
    assert "there is no file none" in log


def test_a_cache_is_saved_after_a_failure_only_where_it_says_so(project: Project) -> None:
    one = "save_cache: {key: a, paths: [x]}"
    two = "save_cache: {key: b, paths: [x], when: always}"
    log = commands(project, "run: touch x; exit 1", one, two)[1]
    assert "kept as the cache b" in log and "kept as the cache a" not in log


def test_what_a_pull_request_caches_is_its_own(project: Project) -> None:
    text = steps("restore_cache: {key: v1}", "run: date +%N > x", "save_cache: {key: v1, paths: [x]}")
    logs = []
    for number in ("17", "17", "", "18"):
        project.events.clear()
        result(project, text, Facts("main", event="pull_request" if number else "push", request=number))
        logs.append(project.log("build"))
    assert ["the cache v1 is found" in log for log in logs] == [False, True, False, True]
    assert ["kept as the cache v1" in log for log in logs] == [True, False, True, False]


def test_a_cache_leaves_and_enters_a_container(project: Project, docker: str) -> None:
    text = (
        f"jobs:\n  build:\n    docker: [{{image: '{IMAGE}'}}]\n    steps:\n"
        "    - restore_cache: {key: 'v1-{{ arch }}-{{ .Branch }}'}\n"
        "    - run: cat ~/.x/number || true; mkdir -p ~/.x; echo $CIRCLE_BUILD_NUM > ~/.x/number\n"
        "    - save_cache: {key: 'v1-{{ arch }}-{{ .Branch }}', paths: [~/.x]}\n"
    )
    assert ran(project, text)[0] == "succeeded"
    project.events.clear()
    assert "\n1001\n" in ran(project, text)[1]


def test_what_the_run_keeps_does_not_show_in_git(project: Project) -> None:
    text = steps(
        "checkout",
        "run: git init -q . 2>/dev/null; echo x > a/new",
        "store_artifacts: {path: a}",
        'run: echo "[$(git status --short --untracked-files=all | grep kept)]"',
    )
    project.run(*load("version: 2.1\n" + text, ".circleci/config.yml").pipeline.stages, dialect="circleci")
    assert "\n[]\n" in f"{project.log('build')}\n"


def test_a_home_that_is_cached_whole_comes_back(project: Project) -> None:
    save = "save_cache: {key: home, paths: ['~']}"
    commands(project, "run: echo kept > ~/file", save)
    assert "\nkept\n" in commands(project, "restore_cache: {key: home}", "run: cat ~/file")[1] + "\n"


def test_what_a_failed_job_has_kept_is_there_for_people_and_for_jobs(project: Project) -> None:
    xml = '<testsuite tests="1"><testcase name="t"/></testsuite>'
    text = (
        "jobs:\n  bad:\n    machine: true\n    steps:\n"
        f"    - run: mkdir -p ws r; echo before > ws/f; echo '{xml}' > r/a.xml; echo shown > art\n"
        "    - persist_to_workspace: {root: ., paths: [ws]}\n    - run: exit 1\n"
        "    - run: {command: echo after > ws/f, when: always}\n"
        "    - persist_to_workspace: {root: ., paths: [ws]}\n"
        "    - store_artifacts: {path: art}\n    - store_test_results: {path: r}\n"
        "  heal:\n    machine: true\n    steps:\n    - attach_workspace: {at: w}\n    - run: cat w/ws/f\n"
        "workflows: {w: {jobs: [bad, heal: {requires: [bad: failed]}]}}\n"
    )
    found = result(project, text)
    assert statuses(found) == {"bad": "failed", "heal": "succeeded"}
    assert project.output(found, "bad")[".circleci-kept/artifacts/bad/art/art"] == b"shown\n"
    assert found.outcomes["bad"].body["tests"]["tests"] == 1
    assert project.log("heal").endswith("before")


def test_the_paths_of_caches_and_workspaces_may_be_patterns(project: Project) -> None:
    text = (
        "jobs:\n  one:\n    machine: true\n    steps:\n"
        "    - run: mkdir -p a/deps b/deps ~/.x; touch a/deps/1 b/deps/2 'c d' .hidden ~/.x/3\n"
        "    - save_cache: {key: k, paths: ['*/deps', '~/.x/*', './none*', c*]}\n"
        "    - persist_to_workspace: {root: ., paths: ['?/deps', '*']}\n"
        "  two:\n    machine: true\n    steps:\n    - restore_cache: {key: k}\n"
        "    - run: find . ~/.x -type f | sort\n"
        "    - attach_workspace: {at: w}\n    - run: cd w; find . -type f | sort\n"
        "workflows: {w: {jobs: [one, two: {requires: [one]}]}}\n"
    )
    found = result(project, text)
    assert statuses(found) == {"one": "succeeded", "two": "succeeded"}, project.log("one")
    assert "there is no ./none*" in project.log("one")
    said = project.log("two")
    assert "./a/deps/1\n./b/deps/2\n./c d\n" in said and "/.x/3\n" in said
    assert said.endswith("./.hidden\n./a/deps/1\n./b/deps/2\n./c d")


@pytest.mark.parametrize("has_checkout", [True, False])
def test_links_that_lead_out_are_handed_on_and_kept_as_links(project: Project, has_checkout: bool) -> None:
    first = "    - checkout\n" if has_checkout else ""
    text = (
        f"jobs:\n  one:\n    machine: true\n    steps:\n{first}"
        "    - run: mkdir v; ln -s /bin/sh v/sh; ln -s sh v/also; echo x > v/x\n"
        "    - persist_to_workspace: {root: ., paths: [v]}\n    - save_cache: {key: k, paths: [v]}\n"
        "    - store_artifacts: {path: v}\n"
        f"  two:\n    machine: true\n    steps:\n{first}"
        "    - restore_cache: {key: k}\n    - run: cat v/x; readlink v/sh; rm -r v\n"
        "    - attach_workspace: {at: .}\n    - run: v/also -c 'cat v/x; readlink v/sh'\n"
        "workflows: {w: {jobs: [one, two: {requires: [one]}]}}\n"
    )
    found = result(project, text)
    assert statuses(found) == {"one": "succeeded", "two": "succeeded"}, found.outcomes["one"].message
    assert project.log("two").count("\nx\n/bin/sh") == 2
    assert project.output(found, "one")[".circleci-kept/artifacts/one/v/x"] == b"x\n"


@pytest.mark.parametrize("where", ["machine: true", f"docker: [{{image: '{IMAGE}'}}]"])
def test_empty_folders_are_handed_on_too(project: Project, docker: str, where: str) -> None:
    text = (
        f"jobs:\n  one:\n    {where}\n    steps:\n    - run: mkdir -p w/none/deep w/some; echo x > w/some/x\n"
        "    - persist_to_workspace: {root: ., paths: [w]}\n    - store_artifacts: {path: none}\n"
        f"  two:\n    {where}\n    steps:\n    - attach_workspace: {{at: .}}\n"
        "    - run: ls w/none w/none/deep w/some\n"
        "workflows: {w: {jobs: [one, two: {requires: [one]}]}}\n"
    )
    assert result(project, text).status == "succeeded", project.log("two")
    assert project.log("two").endswith("\nw/none:\ndeep\n\nw/none/deep:\n\nw/some:\nx")
    assert "empty folders" not in project.log("one")


def test_the_folder_of_the_job_itself_is_handed_on_with_what_is_in_it(project: Project) -> None:
    text = (
        "jobs:\n  one:\n    machine: true\n    steps:\n    - checkout\n"
        "    - save_cache: {key: code, paths: [~/project]}\n"
        "    - persist_to_workspace: {root: '~/', paths: [project]}\n"
        "  two:\n    machine: true\n    steps:\n    - restore_cache: {key: code}\n    - run: cat a/b.txt\n"
        "  three:\n    machine: true\n    steps:\n    - attach_workspace: {at: ~/}\n    - run: cat a/b.txt\n"
        "    - store_artifacts: {path: .}\n"
        "workflows: {w: {jobs: [one, two: {requires: [one]}, three: {requires: [one]}]}}\n"
    )
    found = result(project, text)
    assert statuses(found) == dict.fromkeys(("one", "two", "three"), "succeeded"), project.log("two")
    assert project.output(found, "three")[".circleci-kept/artifacts/three/job/a/b.txt"] == b"here\n"


def test_the_file_that_a_pipeline_goes_on_with_is_kept_and_how_it_is_run_is_said(project: Project) -> None:
    text = (
        "setup: true\norbs: {go: circleci/continuation@1}\n"
        "jobs:\n  build:\n    machine: true\n    steps:\n    - run: 'echo \"version: 2.1\" > made.yml'\n"
        "    - go/continue: {configuration_path: made.yml, parameters: '{\"deep\": true}'}\n"
    )
    found = result(project, text)
    assert found.status == "succeeded"
    kept = project.output(found, "build")
    assert kept[".circleci-kept/artifacts/build/continuation/made.yml"] == b"version: 2.1\n"
    assert "seatrial run -f made.yml --dialect circleci" in project.log("build")
    assert '{"deep": true}' in project.log("build")
