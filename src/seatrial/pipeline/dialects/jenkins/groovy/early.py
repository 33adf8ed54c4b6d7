"""What an expression comes to before the run: with what stands beside the pipeline, and without any step."""

from __future__ import annotations

from collections.abc import Mapping

from seatrial.errors import StageFailed
from seatrial.pipeline.dialects.jenkins.evaluator import Failure, Names, Undetermined, evaluate
from seatrial.pipeline.dialects.jenkins.groovy import expressions, script, statements
from seatrial.pipeline.dialects.jenkins.groovy.file import File
from seatrial.pipeline.dialects.jenkins.groovy.machine import (
    MOST_NODES,
    Left,
    Machine,
    Returned,
    Value,
    Variables,
    Work,
    machine,
)
from seatrial.pipeline.dialects.jenkins.syntax import Constant, Expression, Number, Statement, Text
from seatrial.pipeline.dialects.jenkins.values import written
from seatrial.pipeline.step import Echo, Pause

# Reading a file takes no time, so what it holds may take few steps.
_NODES = 10_000


class Known(dict[str, str]):
    """Variables beside which there may be others, of which only the run can tell."""

    def get(self, name: str, _default: object = None) -> str:
        if name not in self:
            raise Undetermined
        return self[name]


def text(expression: Expression, file: File, env: Mapping[str, str] = {}) -> str | None:
    """The text of an expression, with some variables; None where only the run can tell."""
    if isinstance(expression, Text):
        return expression.value
    try:
        return written(value(expression, file, env))
    except Undetermined:
        return None


def value(expression: Expression, file: File, env: Mapping[str, str] = {}) -> Value:
    """The value of an expression. Raises Undetermined where only the run can tell."""
    if isinstance(expression, Number | Constant):  # whatever stands beside the pipeline
        return evaluate(expression, Names(env.get, complete=True))
    return _result(_work(expression, file, env))


def _result(work: Work) -> Value:
    """What some work comes to that runs no step. Raises Undetermined."""
    try:
        while isinstance(next(work), Echo | Pause):
            continue
    except StopIteration as done:
        return done.value
    except (StageFailed, Failure, RecursionError, Returned, Left):
        raise Undetermined from None
    raise Undetermined  # it runs a step


def _work(expression: Expression, file: File, env: Mapping[str, str]) -> Work:
    binding: dict[str, Value] = {}
    running = machine("", file, binding)
    running.spent[0] = MOST_NODES - _NODES
    running.env.append(Known(env))
    for statement in file.variables:
        _settle(statement, file, running)
    return (yield from expressions.evaluate(expression, Variables({}), running))


def _settle(statement: Statement, file: File, running: Machine) -> None:
    """Perform what stands beside the pipeline; what only the run can tell leaves no variable with a value."""
    try:
        _result(statements.perform((statement,), Variables(running.binding), running))
    except Undetermined:
        bodies = (method.body for named in file.methods.values() for method in named)
        for name in script.assigned((statement,), *bodies):
            running.binding.pop(name, None)
