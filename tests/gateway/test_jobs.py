import threading

from seatrial.gateway.jobs import Jobs


def test_one_of_a_name_at_a_time_and_the_end_wakes():
    woken, go = threading.Event(), threading.Event()
    jobs = Jobs(woken.set)
    ran = []
    assert jobs.start("a", lambda: (go.wait(5), ran.append("a")))
    assert not jobs.start("a", lambda: ran.append("twice"))
    assert jobs.start("b", lambda: ran.append("b"))
    assert woken.wait(5)
    go.set()
    while jobs.names():
        woken.wait(0.01)
    assert sorted(ran) == ["a", "b"]
    assert jobs.start("a", lambda: None)


def test_a_job_that_fails_is_told_and_may_be_started_again(capfd):
    woken = threading.Event()
    jobs = Jobs(woken.set)
    jobs.start("a", lambda: 1 / 0)
    assert woken.wait(5)
    while jobs.names():
        woken.wait(0.01)
    assert "ZeroDivisionError" in capfd.readouterr().err
    assert jobs.start("a", lambda: None)
