import subprocess
import sys
import threading
from pathlib import Path

from seatrial.gateway import pause
from seatrial.gateway.jobs import Jobs
from tests.gateway.conftest import until
from tests.release.site import PATIENCE_SECONDS


def test_one_of_a_name_at_a_time_and_the_end_wakes():
    woken, go = threading.Event(), threading.Event()
    jobs = Jobs(woken.set)
    ran = []
    assert jobs.start("a", lambda: (go.wait(PATIENCE_SECONDS), ran.append("a")))
    assert not jobs.start("a", lambda: ran.append("twice"))
    assert jobs.start("b", lambda: ran.append("b"))
    assert woken.wait(PATIENCE_SECONDS)
    go.set()
    while jobs.names():
        woken.wait(0.01)
    assert sorted(ran) == ["a", "b"]
    assert jobs.start("a", lambda: None)


def test_a_job_that_fails_is_told_and_started_again_after_a_pause(capfd, monkeypatch):
    monkeypatch.setattr(pause, "FIRST_SECONDS", 2.0)
    woken = threading.Event()
    jobs = Jobs(woken.set)
    jobs.start("a", lambda: 1 / 0)
    assert woken.wait(PATIENCE_SECONDS)
    while jobs.names():
        woken.wait(0.01)
    assert "ZeroDivisionError" in capfd.readouterr().err
    assert jobs.trouble("a") == "ZeroDivisionError: division by zero"
    assert jobs.trouble("b") == ""
    assert not jobs.start("a", lambda: None), "at once would be a loop that does nothing else"
    assert jobs.start("b", lambda: None)
    until(lambda: jobs.start("a", lambda: None))
    until(lambda: jobs.trouble("a") == "")


def test_a_job_whose_failure_finds_no_room_in_the_log_is_started_again():
    script = (
        "from seatrial.gateway import pause; from seatrial.gateway.jobs import Jobs; import time, os\n"
        "pause.FIRST_SECONDS = 0.0; jobs = Jobs(lambda: None); jobs.start('a', lambda: 1 / 0)\n"
        "while not jobs.start('a', lambda: os._exit(0)): time.sleep(0.01)\n"
        "time.sleep(60)"
    )
    with Path("/dev/full").open("wb", buffering=0) as full:
        subprocess.run([sys.executable, "-c", script], stderr=full, check=True, timeout=PATIENCE_SECONDS)


def test_pauses_double_up_to_half_a_minute():
    assert [pause.seconds(times) for times in (1, 2, 3, 6, 7, 1000)] == [1.0, 2.0, 4.0, 30.0, 30.0, 30.0]
