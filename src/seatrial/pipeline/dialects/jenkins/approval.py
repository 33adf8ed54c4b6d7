"""`input`: a person is asked before a stage, by its directive or by the first of its steps."""

from __future__ import annotations

from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.dialects.jenkins.declarative import Section, StageBlock, as_section
from seatrial.pipeline.dialects.jenkins.groovy import expressions
from seatrial.pipeline.dialects.jenkins.groovy.file import File
from seatrial.pipeline.dialects.jenkins.groovy.machine import Variables
from seatrial.pipeline.dialects.jenkins.groovy.script import begin, check
from seatrial.pipeline.dialects.jenkins.parameters import read_parameters
from seatrial.pipeline.dialects.jenkins.remarks import Remarks, did_you_mean
from seatrial.pipeline.dialects.jenkins.syntax import Expression, Statement, Text
from seatrial.pipeline.dialects.jenkins.values import written
from seatrial.pipeline.parameter import Parameter
from seatrial.pipeline.step import Given, Question, Scope, SetVariable, Steps

_NOTED = {
    "ok": "the answer is yes or no",
    "id": "the stage has a name",
    "submitter": "whoever runs it is asked",
    "submitterParameter": "whoever answered is in the record",
}


class Later(NamedTuple):
    """The program of a question whose words the run works out, or that has parameters: these have
    the values that the run was given, or those that they have without an answer, from then on."""

    path: str
    message: Expression
    parameters: tuple[Parameter, ...]
    file: File
    booleans: frozenset[str]

    def __call__(self, scope: Scope) -> Steps:
        running = yield from begin(self.path, self.file, self.booleans, scope)
        message = yield from expressions.evaluate(self.message, Variables({}), running)
        answer = yield Question(written(message), self.parameters)
        assert isinstance(answer, Given)
        for name, value in answer.values.items():
            yield SetVariable(name, value)


def asked(stage: StageBlock, remarks: Remarks) -> str | Later | None:
    """What a person is asked before the stage; None where nobody is."""
    directive = next((one for one in stage.block.others if one.name == "input"), None)
    if directive is not None:
        return _asked(directive, remarks)
    first = _first(stage)
    return _message(_given(first), first, remarks) if first is not None else None


def _asked(directive: Section, remarks: Remarks) -> str | Later | None:
    lines, parameters = _lines(directive, remarks)
    message = lines.get("message")
    if message is None or (isinstance(message, Text) and not parameters):
        return _message(lines, directive, remarks)
    _check_names(lines, remarks)
    check((message,), remarks.file, remarks)
    remarks.declared |= {one.name for one in parameters}
    remarks.asked += parameters
    return Later(remarks.path, message, parameters, remarks.file, frozenset(remarks.booleans))


def rest(stage: StageBlock) -> tuple[Statement, ...]:
    """The steps of the stage after the question."""
    return stage.steps[1:] if _first(stage) is not None else stage.steps


def _first(stage: StageBlock) -> Section | None:
    """The question that is the first step, where its words are in the file."""
    section = as_section(stage.steps[0]) if stage.steps else None
    if section is None or section.name != "input":
        return None
    given = _given(section)
    is_plain = isinstance(given.get("message", Text("", section.at)), Text)
    return section if is_plain and not given.keys() & {"parameters", "submitterParameter"} else None


def _given(section: Section) -> dict[str, Expression]:
    return {"message" if one.name is None else str(one.name): one.value for one in section.arguments}


def _lines(section: Section, remarks: Remarks) -> tuple[dict[str, Expression], tuple[Parameter, ...]]:
    found: dict[str, Expression] = {}
    parameters: tuple[Parameter, ...] = ()
    for statement in section.body or ():
        line = as_section(statement)
        if line is not None and line.name in found:
            remarks.error(line.at, f"Multiple occurrences of the {line.name} section", "keep one")
        elif line is not None and line.name == "parameters" and line.body is not None:
            parameters = tuple(one._replace(asked=True) for one in read_parameters(line, remarks))
        elif line is not None and line.body is None and len(line.arguments) == 1:
            found[line.name] = line.arguments[0].value
        else:
            remarks.error(statement.at, "Expected message '…'", "write message 'Go on?'")
    return found, parameters


def _check_names(given: dict[str, Expression], remarks: Remarks) -> None:
    for name, value in given.items():
        if name in _NOTED:
            remarks.note(value.at, f"input: '{name}' has no effect here: {_NOTED[name]}")
        elif name != "message":
            hint = did_you_mean(name, ("message", "parameters", *_NOTED))
            remarks.error(value.at, f'Invalid parameter "{name}" of input', hint)


def _message(given: dict[str, Expression], section: Section, remarks: Remarks) -> str:
    _check_names(given, remarks)
    message = given.get("message")
    if not isinstance(message, Text):
        remarks.error(section.at, "input needs a message", "write input 'Go on?'")
        return ""
    return message.value
