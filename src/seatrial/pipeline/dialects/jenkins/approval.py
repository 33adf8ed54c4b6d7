"""`input`: a person is asked before a stage, by its directive or by the first of its steps."""

from __future__ import annotations

from seatrial.pipeline.dialects.jenkins.declarative import Section, StageBlock, as_section
from seatrial.pipeline.dialects.jenkins.remarks import Remarks, did_you_mean
from seatrial.pipeline.dialects.jenkins.syntax import Expression, Statement, Text

_NOTED = {
    "ok": "the answer is yes or no",
    "id": "the stage has a name",
    "submitter": "whoever runs it is asked",
    "submitterParameter": "whoever answered is in the record",
}


def asked(stage: StageBlock, remarks: Remarks) -> str | None:
    """What a person is asked before the stage; None where nobody is."""
    directive = next((one for one in stage.block.others if one.name == "input"), None)
    if directive is not None:
        return _message(_lines(directive, remarks), directive, remarks)
    first = _first(stage)
    if first is None:
        return None
    given = {"message" if one.name is None else str(one.name): one.value for one in first.arguments}
    return _message(given, first, remarks)


def rest(stage: StageBlock) -> tuple[Statement, ...]:
    """The steps of the stage after the question."""
    return stage.steps[1:] if _first(stage) is not None else stage.steps


def _first(stage: StageBlock) -> Section | None:
    section = as_section(stage.steps[0]) if stage.steps else None
    return section if section is not None and section.name == "input" else None


def _lines(section: Section, remarks: Remarks) -> dict[str, Expression]:
    found: dict[str, Expression] = {}
    for statement in section.body or ():
        line = as_section(statement)
        if line is not None and line.name in found:
            remarks.error(line.at, f"Multiple occurrences of the {line.name} section", "keep one")
        elif line is not None and line.body is None and len(line.arguments) == 1:
            found[line.name] = line.arguments[0].value
        else:
            hint = "give what a run needs to know by the parameters of the pipeline"
            remarks.error(statement.at, "Expected message '…'", hint)
    return found


def _message(given: dict[str, Expression], section: Section, remarks: Remarks) -> str:
    for name, value in given.items():
        if name in _NOTED:
            remarks.note(value.at, f"input: '{name}' has no effect here: {_NOTED[name]}")
        elif name != "message":
            remarks.error(
                value.at, f'Invalid parameter "{name}" of input', did_you_mean(name, ("message", *_NOTED))
            )
    message = given.get("message")
    if not isinstance(message, Text):
        remarks.error(section.at, "input needs a message, a string without ${…}", "write input 'Go on?'")
        return ""
    return message.value
