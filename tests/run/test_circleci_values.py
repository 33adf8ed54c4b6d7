"""Where the values come from that jobs of CircleCI see, and which of two wins, with real commands."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.pipeline.condition import Facts
from tests.engine import IMAGE
from tests.run.circleci import outcomes, project_of, ran, result, steps
from tests.run.stages import Project

pytestmark = pytest.mark.slow


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return project_of(tmp_path)


def lines(log: str) -> list[str]:
    """What commands wrote."""
    return [line for line in log.splitlines() if line and not line.startswith("==>")]


def test_each_place_of_a_variable_is_before_the_one_around_it(project: Project, docker: str) -> None:
    (project.home / "secrets.env").write_text("A_TOKEN=context\nF_TOKEN=context\n")
    (project.home / "secrets.env").chmod(0o600)
    text = (
        f"executors:\n  box:\n    docker:\n    - image: '{IMAGE}'\n"
        "      environment: {A_TOKEN: image, B: image, C: image, D: image, CIRCLE_TAG: image}\n"
        "    environment: {B: executor, C: executor, D: executor}\n"
        "jobs:\n  build:\n    executor: box\n"
        "    environment: {C: job, D: job, CIRCLE_BRANCH: job}\n    steps:\n"
        "    - run:\n        environment: {D: step}\n"
        "        command: echo $A_TOKEN $B $C $D $CIRCLE_TAG $CIRCLE_BRANCH ${#F_TOKEN}; D=shell; echo $D\n"
        "    - run: echo $D $CIRCLE_JOB\n"
    )
    log = ran(project, text)[1]
    assert lines(log) == ["image executor job step image job 7", "shell", "job build"]


def test_what_bash_env_sets_is_before_the_environment_of_a_step_and_is_not_for_other_shells(
    project: Project,
) -> None:
    text = steps(
        "run: \"echo 'export A=of-bash-env' >> $BASH_ENV\"",
        "run: {environment: {A: step}, command: echo 1 $A}",
        "run: {environment: {A: step}, shell: /bin/sh, command: echo 2 $A}",
        "run: {shell: /bin/bash -eu, command: 'echo 3 $A; echo $NONE; echo never'}",
    )
    status, log = ran(project, text)
    assert status == "failed"
    assert [line for line in lines(log) if line[:1].isdigit()] == ["1 of-bash-env", "2 step", "3 of-bash-env"]
    assert "\nnever" not in log


VALUES = (
    "id", "number", "git.branch", "git.tag", "git.revision", "git.base_revision", "git.repo_name",
    "git.repo_owner", "project.git_url", "project.slug", "project.type", "in_setup", "trigger_source",
    "trigger.type", "schedule.name",
)  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (Facts("main"), ("main", "", "webhook")),
        (Facts("main", event="schedule"), ("main", "", "scheduled_pipeline")),
    ],
)
def test_the_values_of_the_pipeline(project: Project, facts: Facts, said: tuple[str, str, str]) -> None:
    show = "".join(f"    - run: 'echo \"{name}=<< pipeline.{name} >>|\"'\n" for name in VALUES)
    text = (
        "jobs:\n  build:\n    machine: true\n    steps:\n"
        + show
        + "workflows:\n  w:\n"
        + (
            "    triggers: [{schedule: {cron: 0 0 * * *, filters: {branches: {only: main}}}}]\n"
            * bool(facts.event == "schedule")
        )
        + "    jobs: [build: {filters: {tags: {only: /.*/}}}]\n"
    )
    assert result(project, text, facts).status == "succeeded"
    found = dict(
        line.removesuffix("|").split("=", 1) for line in lines(project.log("build")) if line.endswith("|")
    )
    assert set(found) == set(VALUES)
    assert (found["git.branch"], found["git.tag"], found["trigger_source"]) == said
    assert found["trigger.type"] == found["trigger_source"]
    assert found["number"] == "1" and found["id"] and len(found["git.revision"]) == 40
    assert (found["git.repo_owner"], found["git.repo_name"], found["project.slug"]) == (
        "local",
        "shop",
        "local/shop",
    )
    assert (found["project.type"], found["in_setup"], found["git.base_revision"]) == ("github", "false", "")


def test_a_boolean_is_a_word_in_a_text_and_a_number_in_a_variable(project: Project) -> None:
    text = (
        "parameters: {all: {type: boolean, default: yes}}\ncommands:\n  say:\n    parameters:\n"
        "      loud: {type: boolean, default: false}\n      word: {type: string, default: 'true'}\n"
        "    steps:\n    - run:\n        environment:\n          A: << parameters.loud >>\n"
        "          B: << pipeline.parameters.all >>\n          C: << parameters.word >>\n"
        "          D: is << parameters.loud >>\n          E: true\n"
        "        command: echo << parameters.loud >> $A $B $C $D $E\n"
        "jobs:\n  build:\n    machine: true\n    parameters: {deep: {type: boolean, default: on}}\n"
        "    environment: {F: << parameters.deep >>}\n    steps:\n    - say\n"
        "    - say: {loud: << parameters.deep >>}\n    - run: echo $F\n"
    )
    assert lines(ran(project, text)[1]) == ["false 0 1 true is false true", "true 1 1 true is true true", "1"]


def test_a_step_works_where_it_says_from_the_folder_of_the_job_on(project: Project) -> None:
    text = (
        "jobs:\n  build:\n    machine: true\n    working_directory: ~/code\n    steps:\n    - checkout\n"
        "    - run: {working_directory: a, command: 'cat b.txt; cd /'}\n"
        "    - run: {working_directory: ~/made/deep, command: 'pwd; touch x'}\n"
        "    - run: {working_directory: ., command: 'basename $PWD; ls ~/made/deep'}\n"
        "    - run: {working_directory: << pipeline.git.branch >>, command: basename $PWD}\n"
    )
    status, log = ran(project, text)
    assert status == "succeeded", log
    found = lines(log)
    assert [found[0], found[1].rpartition("/home/")[2], *found[2:]] == [
        "here",
        "made/deep",
        "code",
        "x",
        "main",
    ]


def test_a_matrix_is_the_product_of_its_axes_without_what_is_excluded(project: Project) -> None:
    text = (
        "jobs:\n  t:\n    machine: true\n    parameters:\n      a: {type: integer}\n"
        "      b: {type: enum, enum: [x, y]}\n      c: {type: string, default: z}\n"
        "    steps: [run: 'echo << parameters.a >><< parameters.b >><< parameters.c >>']\n"
        "workflows:\n  w:\n    jobs:\n"
        "    - t: {c: w, matrix: {parameters: {a: [1, 2], b: [x, y]}, exclude: [{a: 2, b: x}]}}\n"
        "    - t: {name: 'n-<< matrix.b >>', a: 9, matrix: {parameters: {b: [x, y]}}}\n"
    )
    found = outcomes(project, text)
    assert list(found) == ["t-1-x", "t-1-y", "t-2-y", "n-x", "n-y"]
    assert [lines(project.log(name))[-1] for name in found] == ["1xw", "1yw", "2yw", "9xz", "9yz"]


def test_of_two_workspaces_the_one_of_the_later_job_is_on_top(project: Project) -> None:
    keep = "persist_to_workspace: {root: ., paths: [f, $CIRCLE_JOB]}"
    put = "run: 'echo $CIRCLE_JOB > f; cp f $CIRCLE_JOB'"
    text = (
        f"jobs:\n  one: {{machine: true, steps: [{put}, {keep.replace('$CIRCLE_JOB', 'one')}]}}\n"
        f"  two: {{machine: true, steps: [{put}, {keep.replace('$CIRCLE_JOB', 'two')}]}}\n"
        "  last:\n    machine: true\n    steps:\n    - attach_workspace: {at: /tmp/w}\n"
        "    - run: {working_directory: /tmp/w, command: cat f one two}\n"
        "workflows: {w: {jobs: [last: {requires: [two]}, two: {requires: [one]}, one]}}\n"
    )
    assert result(project, text).status == "succeeded"
    assert lines(project.log("last"))[-3:] == ["two", "one", "two"]


def test_a_cache_is_restored_by_the_first_key_that_fits(project: Project) -> None:
    def saved(key: str) -> str:
        return steps(f"run: 'mkdir d; echo {key} > d/f'", f"save_cache: {{key: {key}, paths: [d]}}")

    for key in ("v1-main-a", "v1-main-b", "v2-c"):
        assert ran(project, saved(key))[0] == "succeeded"
    project.events.clear()
    keys = ("[v1-main-a, v2-]", "[v9-, 'v1-{{ .Branch }}-']", "[v9, v2-c, v1-]", "[v9-]")
    found = [
        lines(ran(project, steps(f"restore_cache: {{keys: {one}}}", "run: cat d/f || echo none"))[1])[-1]
        for one in keys
    ]
    assert found == ["v1-main-a", "v1-main-b", "v2-c", "none"]


def test_a_condition_holds_for_the_steps_within_it_and_those_may_have_conditions(project: Project) -> None:
    text = (
        "parameters: {deep: {type: boolean, default: true}}\n"
        "jobs:\n  build:\n    machine: true\n    steps:\n"
        "    - when:\n        condition: << pipeline.parameters.deep >>\n        steps:\n"
        "        - run: echo outer\n"
        "        - unless:\n            condition: {equal: [main, << pipeline.git.branch >>]}\n"
        "            steps: [run: echo never]\n"
        "        - unless:\n"
        "            condition: {matches: {pattern: '^dev', value: << pipeline.git.branch >>}}\n"
        "            steps: [run: echo inner]\n"
        "    - unless: {condition: << pipeline.parameters.deep >>, steps: [run: echo never]}\n"
        "    - when: {condition: true, steps: [run: {command: exit 1, name: fails}, run: echo never]}\n"
        "    - when: {condition: true, steps: [run: {command: echo told, when: on_fail}]}\n"
    )
    status, log = ran(project, text)
    assert (status, lines(log)) == ("failed", ["outer", "inner", "Exited with code exit status 1", "told"])
