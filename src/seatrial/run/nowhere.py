"""What stands for an executor where none could begin: steps without a command run, and a command fails.

A session is the problem that kept one from beginning.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from seatrial.errors import Problem, StageFailed
from seatrial.run.executor import GRACE_SECONDS, NOTHING, Command, Ended, Output, Wanted

NAME = "nowhere"


def problem() -> str:
    return ""


def prepare(wanted: Wanted = NOTHING, log: Output = lambda _: None) -> Problem:  # noqa: ARG001
    return StageFailed("there is nowhere to run")


def start(session: Problem, command: Command, output: Output) -> NoReturn:  # noqa: ARG001
    raise StageFailed(f"there is nowhere to run a command: {session.message}")


def wait(
    session: Problem,  # noqa: ARG001
    running: NoReturn,
    timeout_seconds: float | None,  # noqa: ARG001
    is_cancelled: Callable[[], bool],  # noqa: ARG001
) -> Ended:
    return running


def stop(session: Problem, running: NoReturn, grace_seconds: float = GRACE_SECONDS) -> None:
    """Nothing was started."""


def destroy(session: Problem) -> bool:  # noqa: ARG001
    return True
