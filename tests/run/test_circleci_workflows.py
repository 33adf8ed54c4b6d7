"""The workflows of CircleCI, with real commands: which jobs run, after which, and how often."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.pipeline.condition import Facts
from seatrial.pipeline.load import load
from seatrial.run import trying
from tests.run.circleci import MAIN, outcomes, project_of, ran, result, steps
from tests.run.stages import Project, statuses

pytestmark = pytest.mark.slow


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return project_of(tmp_path)


def test_a_matrix_an_executor_and_the_order_of_a_workflow(project: Project) -> None:
    text = (
        "executors:\n  own: {machine: true, environment: {FROM: executor}}\n"
        "jobs:\n  one:\n    parameters: {v: {type: string}}\n    executor: own\n"
        "    steps: [run: echo $FROM << parameters.v >>]\n"
        "  last:\n    machine: true\n    steps: [run: echo last]\n"
        "workflows:\n  all:\n    jobs:\n    - last: {requires: [one]}\n"
        "    - one: {matrix: {parameters: {v: ['3.9', 3.10, x]}, exclude: [{v: x}]}}\n"
    )
    loaded = load("version: 2.1\n" + text, ".circleci/config.yml")
    assert {stage.name: stage.needs for stage in loaded.pipeline.stages} == {
        "last": ("one-3.9", "one-3.10"),
        "one-3.9": (),
        "one-3.10": (),
    }
    status, log = ran(project, text)
    assert status == "succeeded"
    assert "executor 3.9\n" in log and "executor 3.10\n" in log


def test_the_jobs_of_a_matrix_are_waited_for_by_its_alias(project: Project) -> None:
    text = (
        "jobs:\n  one:\n    machine: true\n    parameters: {v: {type: string}}\n"
        "    steps: [run: '[ << parameters.v >> != b ]']\n"
        "  after: {machine: true, steps: [run: echo after]}\n"
        "workflows:\n  all:\n    jobs:\n"
        "    - one: {name: '<< matrix.v >>!', matrix: {alias: ones, parameters: {v: [a, b, c]}}}\n"
        "    - one: {v: d}\n"
        "    - after: {requires: [ones]}\n    - after: {name: other, requires: [one]}\n"
    )
    found = outcomes(project, text)
    ended = {"a!": "succeeded", "b!": "failed", "c!": "succeeded"}
    assert found == {**ended, "one": "succeeded", "after": "skipped", "other": "succeeded"}


def test_a_job_left_out_by_its_filter_leaves_out_what_only_requires_it(project: Project) -> None:
    job = "    machine: true\n    steps: [run: echo ran $CIRCLE_JOB]\n"
    text = (
        f"jobs:\n  a:\n{job}  b:\n{job}  c:\n{job}  d:\n{job}workflows:\n  all:\n    jobs:\n"
        "    - a: {filters: {branches: {only: [/never-.*/]}}}\n"
        "    - b: {filters: {branches: {ignore: other}}}\n"
        "    - c: {requires: [a]}\n    - d: {requires: [a, b]}\n"
    )
    assert outcomes(project, text) == {"a": "skipped", "b": "succeeded", "c": "skipped", "d": "succeeded"}


def test_a_workflow_whose_condition_does_not_hold_runs_nothing(project: Project) -> None:
    text = (
        "jobs:\n  a:\n    machine: true\n    steps: [run: echo ran]\n"
        "workflows:\n  w:\n    when: {and: [true, {not: {or: [1, 0]}}]}\n    jobs: [a]\n"
    )
    assert outcomes(project, text) == {"a": "skipped"}


def test_an_orb_of_the_file_itself_and_a_job_of_two_workflows(project: Project) -> None:
    text = (
        "orbs:\n  my:\n    commands: {a: {steps: [run: echo from the orb]}}\n"
        "    jobs: {j: {machine: true, steps: [my/a]}}\n"
        "workflows:\n  w: {jobs: [my/j]}\n  v: {jobs: [my/j]}\n"
    )
    status, log = ran(project, text)
    assert status == "succeeded"
    assert log.count("\nfrom the orb\n") == 2


def test_what_requires_says_after_which_end_a_job_runs(project: Project) -> None:
    good, bad = "machine: true, steps: [run: 'true']", "machine: true, steps: [run: exit 1]"
    text = (
        f"jobs: {{good: {{{good}}}, bad: {{{bad}}}, job: {{{good}}}}}\nworkflows:\n  w:\n    jobs:\n"
        "    - good\n    - bad\n"
        "    - job: {name: plain, requires: [bad]}\n"
        "    - job: {name: failed, requires: [bad: failed]}\n"
        "    - job: {name: not-failed, requires: [good: [failed, canceled]]}\n"
        "    - job: {name: either, requires: [good, bad: [success, failed]]}\n"
        "    - job: {name: at-last, requires: [plain: terminal]}\n"
        "    - job: {name: unrun, requires: [plain: not_run]}\n"
    )
    assert outcomes(project, text) == {
        "good": "succeeded",
        "bad": "failed",
        "plain": "skipped",
        "failed": "succeeded",
        "not-failed": "skipped",
        "either": "succeeded",
        "at-last": "succeeded",
        "unrun": "succeeded",
    }


def test_nodes_of_a_job_share_its_tests_and_what_they_keep(project: Project) -> None:
    for number in range(5):
        project.write(f"t/{number}.py", "x" * (number + 1))
    text = (
        "jobs:\n  t:\n    machine: true\n    parallelism: 2\n    steps:\n    - checkout\n"
        "    - run: |\n        mkdir out\n"
        "        circleci tests glob 't/*.py' | circleci tests split > mine\n"
        "        circleci tests glob 't/*.py' | circleci tests run --command='xargs cat' --split-by=timings\n"
        "        cp mine out/$CIRCLE_NODE_INDEX-of-$CIRCLE_NODE_TOTAL\n"
        "    - persist_to_workspace: {root: out, paths: ['*']}\n"
        "  all:\n    machine: true\n    steps: [attach_workspace: {at: .}, run: 'grep . *']\n"
        "workflows: {w: {jobs: [t, all: {requires: [t]}]}}\n"
    )
    status, log = ran(project, text)
    assert status == "succeeded"
    assert [line for line in log.splitlines() if "-of-2:" in line] == [
        "0-of-2:t/0.py",
        "0-of-2:t/2.py",
        "0-of-2:t/4.py",
        "1-of-2:t/1.py",
        "1-of-2:t/3.py",
    ]
    assert "xxxx" in project.log("t/1") and "xxxxx" in project.log("t/0")


def test_jobs_of_other_systems_are_left_out_and_what_needs_them(project: Project) -> None:
    text = (
        "orbs: {win: circleci/windows@5}\njobs:\n"
        "  mac: {macos: {xcode: '15'}, steps: [run: x]}\n"
        "  win: {executor: win/default, steps: [run: x]}\n"
        "  here: {machine: true, steps: [run: echo here]}\n"
        "workflows: {w: {jobs: [mac, win, here, here: {name: after, requires: [mac, here]}]}}\n"
    )
    found = {"mac": "skipped", "win": "skipped", "here": "succeeded", "after": "skipped"}
    assert outcomes(project, text) == found


def test_conditions_of_a_branch_are_decided_before_the_job_begins(project: Project) -> None:
    job = "machine: true, steps: [run: 'true']"
    text = (
        f"jobs: {{j: {{{job}}}}}\nworkflows:\n"
        "  a: {when: {equal: [main, << pipeline.git.branch >>]}, jobs: [j: {name: a}]}\n"
        "  b: {unless: {matches: {pattern: ^ma, value: << pipeline.git.branch >>}}, jobs: [j: {name: b}]}\n"
        '  c: {when: pipeline.git.branch starts-with "ma" and not (1 == 2), jobs: [j: {name: c}]}\n'
        "  d: {when: {or: [<< pipeline.git.tag >>, {not: true}]}, jobs: [j: {name: d}]}\n"
        "  e: {jobs: [j: {name: e, filters: {branches: {only: /m.*(?<!x)/}}}]}\n"
        "  f: {jobs: [j: {name: f, filters: {branches: {only: /ma/}}}]}\n"
        "  g: {jobs: [j: {name: g, filters: {tags: {only: /.*/}, branches: {ignore: /.*/}}}]}\n"
    )
    found = outcomes(project, text)
    assert [name for name, status in found.items() if status == "succeeded"] == ["a", "c", "e"]


def test_a_filter_that_comes_to_no_end_fails_its_job(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = (
        "jobs: {j: {machine: true, steps: [run: 'true']}}\nworkflows:\n  w:\n    jobs:\n"
        "    - j: {name: %s, filters: {branches: {%s: '%s'}}}\n"
    )
    branch = Facts("a" * 60)
    good = outcomes(project, job % ("good", "ignore", r"/^v\d+(\.\d+)*/"), branch)
    assert good == {"good": "succeeded"}
    monkeypatch.setattr(trying, "_SECONDS", 0.5)
    found = result(project, job % ("bad", "only", "/(a+)+b/"), branch)
    assert statuses(found) == {"bad": "failed"}
    assert "came to no end" in found.outcomes["bad"].message


TAGGED = """\
jobs: {j: {machine: true, steps: [run: 'true']}}
workflows:
  w:
    jobs:
    - j: {name: usual}
    - j: {name: release, filters: {tags: {only: '/^v.*/'}, branches: {ignore: '/.*/'}}}
    - j: {name: both, filters: {tags: {only: '/.*/'}}}
    - j: {name: after-both, requires: [both], filters: {tags: {only: v1}}}
    - j: {name: after-usual, requires: [usual], filters: {tags: {only: '/.*/'}}}
    - j: {name: part, filters: {branches: {only: /rel/}}}
    - j: {name: main-but-not, filters: {branches: {only: main, ignore: main}}}
"""


@pytest.mark.parametrize(
    ("facts", "ran"),
    [
        (Facts("main"), {"usual", "both", "after-both", "after-usual", "main-but-not"}),
        (Facts("release"), {"usual", "both", "after-both", "after-usual"}),
        (Facts("", tag="v1"), {"release", "both", "after-both"}),
        (Facts("", tag="v2"), {"release", "both"}),
        (Facts("", tag="1"), {"both"}),
    ],
)
def test_a_filter_is_for_the_whole_name_and_a_tag_needs_one(
    project: Project, facts: Facts, ran: set[str]
) -> None:
    found = outcomes(project, TAGGED, facts)
    assert {name for name, status in found.items() if status == "succeeded"} == ran


def test_jobs_that_do_not_wait_for_each_other_run_at_once(project: Project) -> None:
    meet = f"touch {project.home}/$CIRCLE_JOB; while [ ! -e {project.home}/$OTHER ]; do sleep 0.05; done"
    text = (
        f"jobs:\n  a: {{machine: true, environment: {{OTHER: b}}, steps: [run: '{meet}']}}\n"
        f"  b: {{machine: true, environment: {{OTHER: a}}, steps: [run: '{meet}']}}\n"
        "workflows: {w: {jobs: [a, b]}}\n"
    )
    stages = load("version: 2.1\n" + text, ".circleci/config.yml").pipeline.stages
    found = project.run(*stages, jobs=2, dialect="circleci", facts=MAIN)
    assert statuses(found) == {"a": "succeeded", "b": "succeeded"}


GROUPS = """\
job-groups:
  ship:
    jobs:
    - push
    - probe: {requires: [push], matrix: {parameters: {at: [a, b]}}}
    - tell: {requires: [probe]}
jobs:
  build: {machine: true, steps: [run: echo built]}
  push: {machine: true, steps: [run: '[ $CIRCLE_BRANCH != broken ]']}
  probe: {machine: true, parameters: {at: {type: string}}, steps: [run: echo << parameters.at >>]}
  tell: {machine: true, steps: [run: echo told]}
workflows:
  w:
    jobs:
    - build
    - ship: {name: staging, requires: [build], serial-group: one}
    - ship: {name: production, requires: [staging], filters: {branches: {only: main}}}
    - tell: {name: last, requires: [staging]}
"""
SHIPPED = ("begin", "push", "probe", "probe-2", "tell")


def test_a_job_group_stands_in_the_place_of_its_call(project: Project) -> None:
    names = [f"{group}/{name}" for group in ("staging", "production") for name in SHIPPED]
    found = outcomes(project, GROUPS)
    assert found == dict.fromkeys(("build", *names, "staging", "production", "last"), "succeeded")
    assert project.log("staging/probe-2").endswith("\nb")


def test_a_job_group_has_the_filters_of_its_call_and_fails_with_a_job(project: Project) -> None:
    found = outcomes(project, GROUPS, Facts("dev"))
    assert {found[f"staging/{name}"] for name in SHIPPED} == {"succeeded"}
    assert {found[f"production/{name}"] for name in SHIPPED} == {"skipped"}
    failing = GROUPS.replace("!= broken", "= broken")
    found = outcomes(project, failing)
    assert (found["staging/push"], found["staging"], found["last"]) == ("failed", "skipped", "skipped")


def test_a_step_that_fails_is_run_again(project: Project) -> None:
    text = steps(
        "run: {command: 'echo x >> n; [ $(wc -l < n) = 3 ]', max_auto_reruns: 3, auto_rerun_delay: 0.1s}",
        "run: echo ran $(wc -l < n) times",
        "run: {command: 'echo y >> m; exit 4', max_auto_reruns: 1}",
        "run: {command: echo failed after $(wc -l < m), when: always}",
    )
    status, log = ran(project, text)
    assert status == "failed"
    assert "ran 3 times" in log and "failed after 2\n" in log
    assert log.count("the step is run again") == 3


def test_the_jobs_of_a_workflow_that_fail_are_tried_again_and_no_others(project: Project) -> None:
    count = f"echo x >> {project.home}/$CIRCLE_JOB; [ $(wc -l < {project.home}/$CIRCLE_JOB) = $WANTED ]"
    text = (
        f"jobs:\n  good: {{machine: true, environment: {{WANTED: 1}}, steps: [run: '{count}']}}\n"
        f"  flaky: {{machine: true, environment: {{WANTED: 2}}, steps: [run: '{count}']}}\n"
        f"  bad: {{machine: true, environment: {{WANTED: 9}}, steps: [run: '{count}']}}\n"
        "workflows:\n  w:\n    max_auto_reruns: 2\n    jobs: [good, flaky: {requires: [good]}, bad]\n"
    )
    assert outcomes(project, text) == {"good": "succeeded", "flaky": "succeeded", "bad": "failed"}
    assert [len((project.home / name).read_text()) // 2 for name in ("good", "flaky", "bad")] == [1, 2, 3]


def test_a_workflow_with_a_schedule_runs_by_one_and_the_others_do_not(project: Project) -> None:
    text = (
        "jobs: {j: {machine: true, steps: [run: 'true']}}\nworkflows:\n  usual: {jobs: [j]}\n"
        "  nightly:\n    triggers: [{schedule: {cron: 0 0 * * *, filters: {branches: {only: main}}}}]\n"
        "    jobs: [j]\n"
    )
    assert outcomes(project, text) == {"j": "succeeded", "nightly/j": "skipped"}
    nightly = Facts("main", event="schedule")
    assert outcomes(project, text, nightly) == {"j": "skipped", "nightly/j": "succeeded"}
    assert outcomes(project, text, nightly._replace(branch="dev"))["nightly/j"] == "skipped"
