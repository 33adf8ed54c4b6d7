"""What tests of canaries stand on: an environment with a gate on live traffic, and load from outside."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from seatrial.pipeline.pipeline import Environment, Gate
from tests.conftest import requires
from tests.release.site import NOWHERE, environment, port_of

ERRORS = Gate("error_rate <= stable + 2pp", NOWHERE)


def canary(steps: str = "5%,25%,50%", **more: Any) -> Environment:
    plain = environment(strategy="canary", strategy_options=(("steps", steps),))
    return plain._replace(**{"gates": (ERRORS,), "warm_up_seconds": 1.0, **more})


@contextmanager
def load(place: Environment, seconds: int = 36_000) -> Iterator[list[str]]:
    """Requests from outside until the end of the block; what wrk said of them is in the list then."""
    requires("wrk")
    url = f"http://127.0.0.1:{port_of(place)}/"
    command = ["wrk", "-t1", "-c8", f"-d{seconds}s", url]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    said: list[str] = []
    try:
        yield said
    finally:
        running.send_signal(signal.SIGINT)
        said.append(running.communicate()[0])
