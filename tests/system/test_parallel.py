"""Work on all cores: in order, each item once, and the first error is raised."""

from __future__ import annotations

import threading

import pytest

from seatrial.system import parallel


@pytest.mark.parametrize("count", [0, 1, 2, 1000])
def test_results_are_in_order(count: int) -> None:
    assert parallel.each(lambda n: n * n, range(count)) == [n * n for n in range(count)]


def test_an_error_ends_the_work() -> None:
    done: list[int] = []

    def work(n: int) -> None:
        if n == 3:
            raise ValueError(n)
        done.append(n)

    with pytest.raises(ValueError, match="3"):
        parallel.each(work, range(100_000))
    assert len(done) < 100_000
    assert threading.active_count() == 1
