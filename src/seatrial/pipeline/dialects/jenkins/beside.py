"""What stands beside the pipeline block: methods, variables, code that runs before the pipeline begins."""

from __future__ import annotations

from seatrial.errors import Place
from seatrial.pipeline.dialects.jenkins.declarative import Section, as_section
from seatrial.pipeline.dialects.jenkins.groovy.file import Passed
from seatrial.pipeline.dialects.jenkins.groovy.script import Defaults, First, check
from seatrial.pipeline.dialects.jenkins.keeping import skipped
from seatrial.pipeline.dialects.jenkins.parameters import read_parameters
from seatrial.pipeline.dialects.jenkins.remarks import Remarks
from seatrial.pipeline.dialects.jenkins.syntax import (
    Annotated,
    Assignment,
    Class,
    Declaration,
    Import,
    ListLiteral,
    Method,
    Position,
    Statement,
)
from seatrial.pipeline.pipeline import COMMAND, Stage
from seatrial.pipeline.step import Program, Step

# The stage of the code that runs before the pipeline begins.
NAME = "Before the pipeline"
# Annotations that change nothing here.
_PLAIN = frozenset(("Field", "NonCPS"))
_COPY = "copy what you use into the repository, or pass over the steps of the library: --skip-unknown"


def take(statement: Statement, remarks: Remarks, *, is_after: bool) -> None:
    """Keep a statement for all scripts of the file, or say why it cannot be."""
    section = as_section(statement)
    if isinstance(statement, Method):
        named = remarks.file.methods.get(statement.name, ())
        remarks.file.methods[statement.name] = (*named, statement)
    elif isinstance(statement, Declaration | Assignment):
        remarks.file.variables.append(statement)
    elif isinstance(statement, Annotated):
        _take_annotated(statement, remarks, is_after=is_after)
    elif isinstance(statement, Import | Class):
        return  # what of it is used, and cannot be, is a finding where it stands
    elif section is not None and section.name == "library":
        refuse_library(statement.at, remarks)
    elif section is not None and section.name == "properties":
        _take_properties(section, remarks)
    elif is_after:
        hint = "only methods and variables may stand after the pipeline; post { } runs at its end"
        remarks.error(statement.at, "code after the pipeline block is not supported", hint)
    else:
        remarks.file.variables.append(statement)


def _take_annotated(statement: Annotated, remarks: Remarks, *, is_after: bool) -> None:
    if statement.name == "Library":
        refuse_library(statement.at, remarks)
    elif statement.name in _PLAIN and statement.statement is not None:
        take(statement.statement, remarks, is_after=is_after)
    else:
        remarks.error(statement.at, f"the annotation @{statement.name} is not supported", "leave it out")


def refuse_library(at: Position, remarks: Remarks) -> None:
    remarks.file.passed.append((Passed("step", "library"), at))
    remarks.unknown(at, "shared libraries are not supported: their steps are unknown", _COPY)


def _take_properties(section: Section, remarks: Remarks) -> None:
    """Of the properties of the job only its parameters mean something here."""
    remarks.note(section.at, "'properties' has no effect here but for its parameters")
    for given in section.arguments:
        for one in given.value.items if isinstance(given.value, ListLiteral) else ():
            kind = as_section(one)
            if kind is not None and kind.name == "parameters" and kind.arguments:
                remarks.file.parameters.extend(read_parameters(_with_body(kind), remarks, remarks.file.late))


def _with_body(section: Section) -> Section:
    """`parameters([one, other])` as `parameters { one; other }`."""
    listed = section.arguments[0].value
    return section._replace(arguments=(), body=listed.items if isinstance(listed, ListLiteral) else ())


def first_stage(workspace: str, checkout: str | None, remarks: Remarks) -> tuple[Stage, ...]:
    """The stage that runs what stands before the pipeline, where that is more than variables, and works
    out the parameters that only the run can tell."""
    file = remarks.file
    acting = tuple(one for one in file.variables if not isinstance(one, Declaration | Assignment))
    steps: tuple[Step, ...] = tuple(skipped(what) for what in dict.fromkeys(what for what, _ in file.passed))
    if acting:
        first = First(remarks.path, file, frozenset(remarks.booleans), check(acting, file, remarks))
        # mypy does not see the __call__ of a NamedTuple
        at = acting[0].at
        place = Place(remarks.path, at.line, at.column)
        steps = (*steps, Program(first, f"code at line {at.line}", place))  # type: ignore[arg-type]
    if file.late:
        defaults = Defaults(remarks.path, file, frozenset(remarks.booleans))
        steps = (*steps, Program(defaults, f"defaults of {', '.join(file.late)}"))  # type: ignore[arg-type]
    if not steps:
        return ()
    places = (
        *(one.at for one in acting),
        *(at for _, at in file.passed),
        *(one.at for one in file.late.values()),
    )
    place = remarks.place(places[0])
    one = Stage(NAME, place, COMMAND, steps, cache=False, git=True, effects=True)
    return (one._replace(workspace=workspace, checkout=checkout),)
