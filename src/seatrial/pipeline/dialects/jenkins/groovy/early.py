"""What an expression comes to before the run: with what stands beside the pipeline, and without any step."""

from __future__ import annotations

from collections.abc import Mapping

from seatrial.errors import StageFailed
from seatrial.pipeline.dialects.jenkins.evaluator import Failure, Names, Undetermined, evaluate
from seatrial.pipeline.dialects.jenkins.groovy import expressions, statements
from seatrial.pipeline.dialects.jenkins.groovy.file import File
from seatrial.pipeline.dialects.jenkins.groovy.machine import MOST_NODES, Value, Variables, Work, machine
from seatrial.pipeline.dialects.jenkins.syntax import Constant, Expression, Number, Text
from seatrial.pipeline.dialects.jenkins.values import written

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
    try:
        next(_work(expression, file, env))
    except StopIteration as done:
        return done.value
    except (StageFailed, Failure, RecursionError):
        raise Undetermined from None
    raise Undetermined  # it runs a step


def _work(expression: Expression, file: File, env: Mapping[str, str]) -> Work:
    binding: dict[str, Value] = {}
    running = machine("", file.methods, binding, frozenset())
    running.spent[0] = MOST_NODES - _NODES
    running.env.append(Known(env))
    yield from statements.perform(tuple(file.variables), Variables(binding), running)
    return (yield from expressions.evaluate(expression, Variables({}), running))
