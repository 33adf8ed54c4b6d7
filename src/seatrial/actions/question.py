"""A question to the person at the terminal, while a run goes on: one at a time, and only a yes is a yes."""

from __future__ import annotations

import os
import select
from threading import Lock

from seatrial.errors import BadInput, Interrupted
from seatrial.pipeline.parameter import Parameter
from seatrial.pipeline.parameters import valued
from seatrial.pipeline.pipeline import Stage
from seatrial.run.action import Context
from seatrial.run.events import PersonAnswered, PersonAsked

TERMINAL = "/dev/tty"
_TICK_SECONDS = 0.1
_YES = (b"y", b"yes")
_one_at_a_time = Lock()


def ask(stage: Stage, question: str, why: str, context: Context) -> bool:
    """Whether the person says yes. Raises Interrupted where the run is stopped before.

    `why` is lines for a terminal: what the person should know. The log keeps question and answer.
    """
    with _one_at_a_time:
        context.tell(PersonAsked(stage.name, why))
        try:
            is_yes = _answer(f"{stage.name}: {question} [y/N] ", context).lower() in _YES
        finally:
            context.tell(PersonAnswered(stage.name))
    context.log(stage.name, f"{question} {'yes' if is_yes else 'no'}\n".encode())
    return is_yes


def ask_value(stage: Stage, parameter: Parameter, context: Context) -> str:
    """What the person gives a parameter; without an answer it is the default. Raises Interrupted."""
    choices = f" ({', '.join(parameter.choices)})" if parameter.choices else ""
    prompt = f"{stage.name}: {parameter.name}{choices} [{parameter.value}] "
    wrong = ""
    with _one_at_a_time:
        context.tell(PersonAsked(stage.name, ""))
        try:
            while True:
                given = _answer(wrong + prompt, context).decode("utf-8", "replace")
                try:
                    return valued(parameter, given).value if given else parameter.value
                except BadInput as problem:
                    wrong = f"{problem.message}\n"
        finally:
            context.tell(PersonAnswered(stage.name))


def _answer(prompt: str, context: Context) -> bytes:
    terminal = os.open(TERMINAL, os.O_RDWR | os.O_CLOEXEC | os.O_NOCTTY)
    try:
        os.write(terminal, prompt.encode("utf-8", "replace"))
        poll = select.poll()
        poll.register(terminal, select.POLLIN)
        while not poll.poll(_TICK_SECONDS * 1000):
            if context.is_cancelled():
                os.write(terminal, b"\n")
                raise Interrupted("nobody answered before the run was stopped")
        return os.read(terminal, 1024).strip()
    finally:
        os.close(terminal)
