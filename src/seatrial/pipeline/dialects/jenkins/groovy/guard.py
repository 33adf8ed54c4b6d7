"""A condition in Groovy: decided before its stage, with the variables of the run. It runs no step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from seatrial.errors import BadInput, Place
from seatrial.pipeline.dialects.jenkins.groovy import objects, statements
from seatrial.pipeline.dialects.jenkins.groovy.file import File
from seatrial.pipeline.dialects.jenkins.groovy.machine import Returned, Variables, machine
from seatrial.pipeline.dialects.jenkins.syntax import Position, Statement


class Condition(NamedTuple):
    path: str
    body: tuple[Statement, ...]
    file: File
    booleans: frozenset[str]
    at: Position

    def __call__(self, variables: Mapping[str, str]) -> bool:
        """Whether it holds. Raises StageFailed for an exception of Groovy's, BadInput for a step."""
        binding = self.file.bindings.setdefault(variables.get("SEATRIAL_RUN", ""), {})
        running = machine(self.path, self.file.methods, binding, self.booleans)
        running.env.append(variables)
        work = statements.perform(self.body, Variables({}), running)
        try:
            next(work)
        except StopIteration as done:
            return objects.true(done.value)
        except Returned as returned:
            return objects.true(returned.value)
        place = Place(self.path, self.at.line, self.at.column)
        raise BadInput("a condition cannot run a step", "set a variable in a stage before", place)
