"""Runs at the same time, in processes of their own: one result a key, made once, whoever dies meanwhile."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from seatrial.errors import INTERRUPTED, PASSED, STAGE_FAILED
from seatrial.journal import results, runs
from seatrial.journal.journal import open_journal
from seatrial.run.events import NotReproducible, StageBlocked, StageRestored, StageStarted
from seatrial.system import process
from tests.run.stages import Project, stage, statuses
from tests.run.test_killed import until

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


def start(project: Project, stages: list[dict[str, Any]], *more: str, jobs: int = 2) -> subprocess.Popen[str]:
    argv = [sys.executable, "-m", "tests.run.drive", project.home, project.files, str(jobs)]
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [*argv, json.dumps(stages), *more], cwd=ROOT, stdout=pipe, stderr=subprocess.STDOUT, text=True
    )


def heard(driver: subprocess.Popen[str], event: type) -> str:
    """What is told up to the first event of a kind, which comes last."""
    assert driver.stdout is not None
    lines = []
    for line in driver.stdout:
        lines.append(line)
        if line.startswith(event.__name__):
            return "".join(lines)
    raise AssertionError(f"no {event.__name__}: {''.join(lines)}")


def rest(driver: subprocess.Popen[str]) -> str:
    return driver.communicate(timeout=120)[0]


class Work:
    """A stage that counts how often it is at work, goes on when it may, and never gives the same twice."""

    def __init__(self, project: Project) -> None:
        self.begun, self.go = project.home / "begun", project.home / "go"
        self.stage = {
            "name": "slow",
            "script": f"echo >> {self.begun}; while ! test -e {self.go}; do sleep 0.01; done; {UNIQUE} > b",
            "inputs": ["a"],
            "outputs": ["b"],
        }
        project.write("a", "x\n")

    def times(self) -> int:
        return len(self.begun.read_text()) if self.begun.exists() else 0


UNIQUE = "cat /proc/sys/kernel/random/uuid"
AFTER = {
    "name": "after",
    "script": f"cat b; {UNIQUE} > c",
    "inputs": ["b"],
    "outputs": ["c"],
    "needs": ["slow"],
}


@pytest.fixture
def work(project: Project) -> Work:
    return Work(project)


def outputs(project: Project) -> list[dict[str, str]]:
    """What the stages gave, by name, in each run."""
    journal = open_journal(project.home)
    found = [
        {one.stage: str(one.body.get("outputs", "")) for one in runs.stages(journal, run.id)}
        for run in runs.latest(journal, "shop", limit=100)
    ]
    journal.close()
    return found


def test_the_second_waits_for_the_work_of_the_first_and_takes_its_result(
    project: Project, work: Work
) -> None:
    first = start(project, [work.stage, AFTER])
    until(work.times)
    second = start(project, [work.stage, AFTER])
    told = heard(second, StageBlocked)
    journal = open_journal(project.home)
    waiting, working = runs.latest(journal, "shop")
    journal.close()
    assert told.endswith(f"StageBlocked(stage='slow', run='{working.id}')\n")
    work.go.touch()
    told += rest(second)
    rest(first)
    assert (first.returncode, second.returncode) == (PASSED, PASSED)
    assert work.times() == 1
    assert "StageStarted(stage='slow')" not in told
    assert f"run='{working.id}'" in next(
        one for one in told.split("\n") if "StageRestored(stage='slow'" in one
    )
    one, other = outputs(project)
    assert one == other
    assert set(one) == {"slow", "after"}
    assert waiting.id != working.id


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_waits_for_its_turn_keeps_no_other_stage_from_working(
    project: Project, work: Work, jobs: int
) -> None:
    first = start(project, [work.stage])
    until(work.times)
    other = project.home / "other"
    second = start(project, [work.stage, {"name": "other", "script": f"touch {other}"}], jobs=jobs)
    until(other.exists)
    work.go.touch()
    rest(second)
    rest(first)
    assert (second.returncode, work.times()) == (PASSED, 1)


@pytest.mark.parametrize("is_failure", [True, False])
def test_who_waited_works_itself_where_the_first_gives_nothing(
    project: Project, work: Work, is_failure: bool
) -> None:
    failed = project.home / "failed"
    if is_failure:
        work.stage["script"] = f"{work.stage['script']}; test -e {failed} || {{ touch {failed}; exit 1; }}"
    first = start(project, [work.stage])
    until(work.times)
    second = start(project, [work.stage, AFTER])
    heard(second, StageBlocked)
    journal = open_journal(project.home)
    left = runs.latest(journal, "shop")[1].id
    if is_failure:
        work.go.touch()
    else:
        first.kill()
        until(lambda: work.times() == 2)
        assert process.with_token(left) == [], "what the dead one has left works on"
        work.go.touch()
    rest(first)
    rest(second)
    assert first.returncode == (STAGE_FAILED if is_failure else -signal.SIGKILL)
    assert (second.returncode, work.times()) == (PASSED, 2)
    assert len(results.all_of(journal)) == 2
    assert runs.unfinished(journal) == []
    journal.close()


def test_ctrl_c_ends_the_wait_and_nothing_else(project: Project, work: Work) -> None:
    first = start(project, [work.stage])
    until(work.times)
    second = start(project, [work.stage, AFTER])
    heard(second, StageBlocked)
    second.send_signal(signal.SIGINT)
    told = rest(second)
    assert second.returncode == INTERRUPTED, told
    work.go.touch()
    rest(first)
    assert (first.returncode, work.times()) == (PASSED, 1)


def test_a_fresh_run_waits_works_too_and_is_held_against_the_first(project: Project, work: Work) -> None:
    first = start(project, [work.stage])
    until(work.times)
    second = start(project, [work.stage], "--fresh")
    heard(second, StageBlocked)
    work.go.touch()
    told = rest(second)
    rest(first)
    assert work.times() == 2
    assert NotReproducible.__name__ in told
    one, other = outputs(project)
    assert one == other


def test_what_finds_its_key_out_at_work_waits_too(project: Project, work: Work) -> None:
    """The key of a stage with a Python environment is known when that is built."""
    project.write("requirements.txt", "")
    work.stage["python"] = "requirements.txt"
    drivers = [start(project, [work.stage, AFTER]) for _ in range(2)]
    until(work.times)
    time.sleep(1)
    work.go.touch()
    for driver in drivers:
        rest(driver)
        assert driver.returncode == PASSED
    assert work.times() == 1
    one, other = outputs(project)
    assert one == other


def test_two_runs_of_one_process_have_their_turns_too(project: Project, work: Work) -> None:
    slow = stage("slow", str(work.stage["script"]), inputs=("a",), outputs=("b",))
    codes = []
    threads = [
        threading.Thread(target=lambda: codes.append(project.run(slow).exit_code), daemon=True)
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    until(lambda: project.of(StageBlocked))
    work.go.touch()
    for thread in threads:
        thread.join(120)
    assert (codes, work.times()) == ([PASSED, PASSED], 1)


def test_stages_that_are_the_same_but_for_the_name_work_once(project: Project, work: Work) -> None:
    work.go.touch()
    same = [stage(name, str(work.stage["script"]), inputs=("a",), outputs=("b",)) for name in ("one", "two")]
    result = project.run(*same, jobs=2)
    assert statuses(result) == {"one": "succeeded", "two": "succeeded"}
    assert (len(project.of(StageStarted)), len(project.of(StageRestored)), work.times()) == (1, 1, 1)
    assert project.of(StageBlocked) == []
    assert result.outcomes["one"].outputs == result.outcomes["two"].outputs


def test_stages_that_are_the_same_and_fail_work_one_after_the_other(project: Project) -> None:
    result = project.run(*(stage(name, "exit 1", inputs=()) for name in ("one", "two")), jobs=2)
    assert statuses(result) == {"one": "failed", "two": "failed"}


def test_killed_at_any_moment_runs_at_the_same_time_agree(project: Project) -> None:
    seed = int(os.environ.get("SEATRIAL_TEST_SEED", "") or random.randrange(1 << 30))
    print(f"SEATRIAL_TEST_SEED={seed}")
    chance = random.Random(seed)
    project.write("a", "x\n")
    chain = [
        {
            "name": f"s{n}",
            "script": f"sleep 0.05; cat a; {UNIQUE} > f{n}",
            "inputs": ["a", *([f"f{n - 1}"] if n else [])],
            "outputs": [f"f{n}"],
            "needs": [f"s{n - 1}"] if n else [],
        }
        for n in range(6)
    ]
    for _ in range(4):
        drivers = [start(project, chain) for _ in range(3)]
        for driver in drivers[1:]:
            time.sleep(chance.uniform(0.05, 0.5))
            driver.kill()
        for driver in drivers:
            told = rest(driver)
        assert drivers[0].returncode == PASSED, (seed, told)
        chain[0]["script"] += " # another"  # so that all is done anew
    whole = [found for found in outputs(project) if len(found) == len(chain) and all(found.values())]
    firsts: dict[str, dict[str, str]] = {}
    for found in whole:
        assert firsts.setdefault(found["s0"], found) == found, seed
    assert len(firsts) == 4
    journal = open_journal(project.home)
    assert len(results.all_of(journal)) == 4 * len(chain), seed
    journal.close()
