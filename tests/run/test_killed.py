"""Runs that are stopped and killed, in processes of their own."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from seatrial.errors import INTERRUPTED, PASSED
from seatrial.journal import results, runs
from seatrial.journal.journal import open_journal
from seatrial.run import recovery
from seatrial.system import process
from tests.run.stages import Project

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


def start(project: Project, stages: list[dict[str, Any]], jobs: int = 2) -> subprocess.Popen[bytes]:
    argv = [
        sys.executable,
        "-m",
        "tests.run.drive",
        project.home,
        project.files,
        str(jobs),
        json.dumps(stages),
    ]
    return subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def until(holds: Callable[[], object], seconds: float = 120.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def the_run(project: Project) -> runs.Run:
    journal = open_journal(project.home)
    found = runs.latest(journal, "shop")
    journal.close()
    return found[0]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_all_processes_and_is_recorded(project: Project, number: signal.Signals) -> None:
    started = project.home / "started"
    script = f"sleep 300 & sleep 300 & touch {started}; wait"
    stages = [{"name": "long", "script": script}, {"name": "after", "script": "true", "needs": ["long"]}]
    driver = start(project, stages)
    until(started.exists)
    run = the_run(project)
    assert process.with_token(run.id)
    driver.send_signal(number)
    output, _ = driver.communicate(timeout=120)
    assert driver.returncode == INTERRUPTED, output
    assert process.with_token(run.id) == []
    assert the_run(project).status == "cancelled"
    assert list((project.home / "workspaces").iterdir()) == []


def test_a_command_that_ignores_the_signal_is_killed(project: Project) -> None:
    started = project.home / "started"
    script = f"trap '' TERM INT; touch {started}; while true; do sleep 0.05; done"
    driver = start(project, [{"name": "deaf", "script": script}])
    until(started.exists)
    driver.send_signal(signal.SIGINT)
    driver.communicate(timeout=120)
    assert driver.returncode == INTERRUPTED
    assert process.with_token(the_run(project).id) == []


def test_a_command_may_clean_up_within_the_grace(project: Project) -> None:
    started, cleaned = project.home / "started", project.home / "cleaned"
    script = (
        f"trap 'sleep 0.2; touch {cleaned}; exit 1' TERM; touch {started}; while true; do sleep 0.05; done"
    )
    driver = start(project, [{"name": "tidy", "script": script}])
    until(started.exists)
    driver.send_signal(signal.SIGTERM)
    driver.communicate(timeout=120)
    assert cleaned.exists()


CHAIN = [
    {"name": "one", "script": "sleep 0.1; echo 1 > b", "inputs": ["a"], "outputs": ["b"]},
    {"name": "two", "script": "sleep 0.1; cat b b > c", "inputs": ["b"], "outputs": ["c"], "needs": ["one"]},
    {"name": "three", "script": "sleep 0.1; cat a", "inputs": ["a"]},
    {"name": "four", "script": "sleep 0.1; cat c c > d", "inputs": ["c"], "outputs": ["d"], "needs": ["two"]},
]


def test_killed_at_any_moment_the_same_command_completes(project: Project) -> None:
    seed = int(os.environ.get("SEATRIAL_TEST_SEED", "") or random.randrange(1 << 30))
    print(f"SEATRIAL_TEST_SEED={seed}")
    chance = random.Random(seed)
    project.write("a", "x\n")
    for _ in range(6):
        driver = start(project, CHAIN)
        time.sleep(chance.uniform(0.05, 0.9))
        driver.kill()
        driver.communicate(timeout=120)
    output, _ = start(project, CHAIN).communicate(timeout=120)
    last = the_run(project)
    assert last.status == "succeeded", (seed, output.decode())
    assert last.body["exit_code"] == PASSED
    journal = open_journal(project.home)
    assert runs.unfinished(journal) == []
    everything = results.all_of(journal)
    assert len(everything) == len({result.key for result in everything}) == 4
    for run in runs.latest(journal, "shop", limit=100):
        assert process.with_token(run.id) == []
    journal.close()
    assert list((project.home / "workspaces").iterdir()) == []


def test_recovery_ends_what_a_killed_run_left(project: Project) -> None:
    started = project.home / "started"
    driver = start(project, [{"name": "long", "script": f"touch {started}; sleep 300"}])
    until(started.exists)
    run = the_run(project)
    driver.kill()
    driver.communicate()
    assert process.with_token(run.id)
    journal = open_journal(project.home)
    assert recovery.recover(journal, project.home) == (run.id,)
    assert process.with_token(run.id) == []
    assert (project.home / "workspaces").exists()
    assert not (project.home / "workspaces" / run.id).exists()
    ended = runs.get(journal, run.id)
    assert ended is not None
    assert (ended.status, ended.body["message"]) == ("errored", "the process that drove it was killed")
    assert [one.status for one in runs.stages(journal, run.id)] in ([], ["errored"])
    assert recovery.recover(journal, project.home) == ()
    journal.close()


def test_recovery_leaves_the_living_alone(project: Project) -> None:
    started, go = project.home / "started", project.home / "go"
    script = f"touch {started}; while ! test -e {go}; do sleep 0.01; done"
    driver = start(project, [{"name": "long", "script": script}])
    until(started.exists)
    journal = open_journal(project.home)
    assert recovery.recover(journal, project.home) == ()
    journal.close()
    go.touch()
    driver.communicate(timeout=120)
    assert driver.returncode == PASSED


def test_two_runs_at_once_agree_on_one_result(project: Project) -> None:
    project.write("a", "x\n")
    stages = [{"name": "one", "script": "sleep 0.2; date +%N > b", "inputs": ["a"], "outputs": ["b"]}]
    for driver in [start(project, stages) for _ in range(2)]:
        driver.communicate(timeout=120)
        assert driver.returncode == PASSED
    journal = open_journal(project.home)
    assert len(results.all_of(journal)) == 1
    assert [run.number for run in runs.latest(journal, "shop")] == [2, 1]
    journal.close()
