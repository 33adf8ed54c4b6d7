"""Statements → what they declare: Jenkins' model of a declarative pipeline, and Jenkins' rules for it.

What Jenkins refuses is an error here, in Jenkins' words where it has good ones. What Jenkins takes and
seatrial does not run yet stays in `others`; the translation says so.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.dialects.jenkins.remarks import Remarks, did_you_mean
from seatrial.pipeline.dialects.jenkins.syntax import (
    Argument,
    Assignment,
    Binary,
    Call,
    Closure,
    Constant,
    Declaration,
    Expression,
    GString,
    Index,
    Name,
    Number,
    Position,
    Statement,
    Text,
)

PIPELINE_SECTIONS = frozenset(
    "agent environment stages post options parameters triggers tools libraries".split()  # noqa: SIM905
)
STAGE_SECTIONS = frozenset(
    "agent environment steps stages parallel matrix when post options input tools failFast".split()  # noqa: SIM905
)
WORK_SECTIONS = ("steps", "stages", "parallel", "matrix")
CONDITIONS = (
    "always",
    "changed",
    "fixed",
    "regression",
    "aborted",
    "success",
    "unsuccessful",
    "unstable",
    "failure",
    "notBuilt",
    "cleanup",
)


class Section(NamedTuple):
    """`name arguments { body }`; no body: there is no block."""

    name: str
    arguments: tuple[Argument, ...]
    body: tuple[Statement, ...] | None
    at: Position


class Variable(NamedTuple):
    """One line of `environment { }`."""

    name: str
    value: Expression
    at: Position


class Condition(NamedTuple):
    """One block of `post { }`; `name` is Jenkins' word."""

    name: str
    steps: tuple[Statement, ...]
    at: Position


class Block(NamedTuple):
    """What a pipeline and a stage have in common. `others` are sections that nothing here reads further."""

    agent: Section | None
    environment: tuple[Variable, ...]
    options: tuple[Section, ...]
    post: tuple[Condition, ...]
    others: tuple[Section, ...]


class StageBlock(NamedTuple):
    """`inner` are the stages of its `stages { }` or `parallel { }`, or the cells of its `matrix { }`.

    `cell` tells the stages of one cell of a matrix from those of the others; "" elsewhere.
    """

    name: str
    block: Block
    steps: tuple[Statement, ...]
    inner: tuple[StageBlock, ...]
    at: Position
    is_parallel: bool = False
    cell: str = ""
    axes: tuple[Variable, ...] = ()  # what the matrix chose for the cell


class PipelineBlock(NamedTuple):
    block: Block
    stages: tuple[StageBlock, ...]
    at: Position


def read_pipeline(section: Section, remarks: Remarks) -> PipelineBlock:
    sections = read_sections(section.body or (), PIPELINE_SECTIONS, _unknown_section, remarks)
    for name in ("agent", "stages"):
        if name not in sections:
            remarks.error(section.at, f'Missing required section "{name}"', _EXAMPLES[name])
    written = sections.pop("stages", None)
    stages = read_stages(written, remarks) if written else ()
    return PipelineBlock(read_block(sections, remarks), stages, section.at)


_EXAMPLES = {
    "agent": "write 'agent any' as the pipeline's first line",
    "stages": "write stages { stage('Build') { steps { sh 'make' } } }",
}


def as_section(statement: Statement) -> Section | None:
    """`name …` or `name … { }` of a statement that is a plain call; None when it is not."""
    if not isinstance(statement, Call) or not isinstance(statement.target, Name):
        return None
    *given, last = statement.arguments or (None,)
    if last is not None and last.name is None and isinstance(last.value, Closure):
        body = last.value.body
        return Section(statement.target.text, tuple(a for a in given if a), body, statement.at)
    return Section(statement.target.text, statement.arguments, None, statement.at)


def read_sections(
    body: tuple[Statement, ...],
    known: Collection[str],
    unknown: Callable[[str, Position, Remarks], None],
    remarks: Remarks,
) -> dict[str, Section]:
    """The sections of a block by name: each known, each once."""
    sections: dict[str, Section] = {}
    for statement in body:
        section = as_section(statement)
        if section is None:
            word = f' "{statement.text}"' if isinstance(statement, Name) else ""
            remarks.error(statement.at, f"Not a valid section definition{word}", f"expected {_one_of(known)}")
        elif section.name not in known:
            unknown(section.name, section.at, remarks)
        elif section.name in sections:
            remarks.error(section.at, f"Multiple occurrences of the {section.name} section", "merge the two")
        else:
            sections[section.name] = section
    return sections


def _one_of(words: Collection[str]) -> str:
    return "one of " + ", ".join(sorted(words))


def _unknown_section(name: str, at: Position, remarks: Remarks) -> None:
    remarks.error(at, f'Undefined section "{name}"', did_you_mean(name, PIPELINE_SECTIONS))


def _unknown_stage_section(name: str, at: Position, remarks: Remarks) -> None:
    hint = did_you_mean(name, STAGE_SECTIONS)
    if not hint.startswith("did you mean"):
        hint = f"put it in steps {{ }}; {hint}"
    remarks.error(at, f'Unknown stage section "{name}"', hint)


def read_block(sections: dict[str, Section], remarks: Remarks) -> Block:
    agent = sections.pop("agent", None)
    environment = sections.pop("environment", None)
    options = sections.pop("options", None)
    post = sections.pop("post", None)
    return Block(
        agent,
        _read_environment(environment, remarks) if environment else (),
        _read_options(options, remarks) if options else (),
        _read_post(post, remarks) if post else (),
        tuple(sections.values()),
    )


def body_of(section: Section, remarks: Remarks) -> tuple[Statement, ...]:
    if section.body is None:
        remarks.error(section.at, f"Expected a block for {section.name}", f"write {section.name} {{ … }}")
    return section.body or ()


def read_stages(section: Section, remarks: Remarks) -> tuple[StageBlock, ...]:
    body = body_of(section, remarks)
    stages: dict[str, StageBlock] = {}
    for statement in body:
        stage = _read_stage(statement, remarks)
        if stage is None:
            continue
        if stage.name in stages:
            remarks.error(stage.at, f'Duplicate stage name: "{stage.name}"', "give each stage its own name")
        stages.setdefault(stage.name, stage)
    if section.body is not None and not body:
        remarks.error(section.at, "No stages specified", _EXAMPLES["stages"])
    return tuple(stages.values())


def _read_stage(statement: Statement, remarks: Remarks) -> StageBlock | None:
    section = as_section(statement)
    if section is None or section.name != "stage":
        remarks.error(statement.at, "Expected a stage", "write stage('Name') { … }")
        return None
    name = _stage_name(section, remarks)
    if section.body is None:
        remarks.error(section.at, "Stage does not have a block", "write stage('Name') { steps { … } }")
        return None
    sections = read_sections(section.body, STAGE_SECTIONS, _unknown_stage_section, remarks)
    _check_work(name, sections, section.at, remarks)
    written = sections.pop("steps", None)
    steps = _read_steps(written, remarks) if written else ()
    nested, parallel = sections.pop("stages", None), sections.pop("parallel", None)
    matrix = sections.pop("matrix", None)
    inner = [stage for one in (nested, parallel) if one for stage in read_stages(one, remarks)]
    if matrix:
        from seatrial.pipeline.dialects.jenkins.matrix import read_cells

        inner += read_cells(matrix, remarks)
    is_parallel = parallel is not None or matrix is not None
    if is_parallel:
        _check_branches(name, sections, inner, section.at, remarks)
    return StageBlock(name, read_block(sections, remarks), steps, tuple(inner), section.at, is_parallel)


def _check_branches(
    name: str, sections: dict[str, Section], inner: list[StageBlock], at: Position, remarks: Remarks
) -> None:
    """What holds branches has no agent and no tools of its own; and branches hold no branches."""
    for section in (sections[one] for one in ("agent", "tools") if one in sections):
        message = f'"{section.name}" is not allowed in stage "{name}" as it contains parallel stages'
        remarks.error(section.at, message, "write it in each of them")
    if any(_has_branches(stage) for stage in inner):
        message = "Parallel stages or branches can only be included in a top-level stage"
        remarks.error(at, message, "write the inner ones one after the other, in stages { }")


def _has_branches(stage: StageBlock) -> bool:
    return stage.is_parallel or any(map(_has_branches, stage.inner))


def _stage_name(section: Section, remarks: Remarks) -> str:
    if len(section.arguments) != 1:
        remarks.error(section.at, "Expected a stage name but did not find any", "write stage('Name') { … }")
        return ""
    name = section.arguments[0].value
    if isinstance(name, Text) and name.value:
        return name.value
    what = "Stage does not have a name" if isinstance(name, Text) else "Expected string literal"
    remarks.error(name.at, what, "the name of a stage is a string without ${…}")
    return ""


def _check_work(name: str, sections: dict[str, Section], at: Position, remarks: Remarks) -> None:
    found = [work for work in WORK_SECTIONS if work in sections]
    if not found:
        remarks.error(at, f'Expected one of "steps", "stages", or "parallel" for stage "{name}"')
    if len(found) > 1:
        message = f'Only one of "matrix", "parallel", "stages", or "steps" allowed for stage "{name}"'
        remarks.error(sections[found[1]].at, message)


def _read_steps(section: Section, remarks: Remarks) -> tuple[Statement, ...]:
    steps = body_of(section, remarks)
    sections = [as_section(statement) for statement in steps]
    for one in sections if len(steps) > 1 else ():
        if one is not None and one.name == "parallel":
            remarks.error(one.at, "the step 'parallel' stands alone in steps", "write parallel { } of stages")
    if section.body is not None and not steps:
        remarks.error(
            section.at, "No steps specified for branch", "write at least one step, e.g. echo 'done'"
        )
    return steps


def _read_post(section: Section, remarks: Remarks) -> tuple[Condition, ...]:
    conditions: dict[str, Condition] = {}
    body = body_of(section, remarks)
    for statement in body:
        one = as_section(statement)
        if one is None or one.body is None or one.arguments:
            message = "The 'post' section can only contain build condition names with code blocks"
            remarks.error(statement.at, message, f"write always {{ … }}; {_one_of(CONDITIONS)}")
        elif one.name not in CONDITIONS:
            remarks.error(one.at, f'Invalid condition "{one.name}"', did_you_mean(one.name, CONDITIONS))
        elif one.name in conditions:
            remarks.error(one.at, f'Duplicate build condition name: "{one.name}"', "merge the two")
        else:
            if not one.body:
                remarks.error(one.at, "No steps specified for branch", "write a step in it, or remove it")
            conditions[one.name] = Condition(one.name, one.body, one.at)
    if section.body is not None and not body:
        remarks.error(section.at, "post can not be empty", "remove it, or write always { … }")
    return tuple(conditions[name] for name in CONDITIONS if name in conditions)


def _read_options(section: Section, remarks: Remarks) -> tuple[Section, ...]:
    options: dict[str, Section] = {}
    body = body_of(section, remarks)
    for statement in body:
        option = as_section(statement)
        if option is None:
            remarks.error(statement.at, "Expected an option", "an option is a call, e.g. timestamps()")
        elif option.body is not None:
            remarks.error(option.at, "option definitions cannot have blocks")
        elif option.name in options:
            remarks.error(option.at, f'Duplicate option name: "{option.name}"', "keep one")
        else:
            options[option.name] = option
    if section.body is not None and not body:
        remarks.error(section.at, "options can not be empty", "remove it")
    return tuple(options.values())


def _read_environment(section: Section, remarks: Remarks) -> tuple[Variable, ...]:
    variables: dict[str, Variable] = {}
    body = body_of(section, remarks)
    for statement in body:
        variable = _read_variable(statement, remarks)
        if variable is None:
            continue
        if variable.name in variables:
            message = f'Duplicate environment variable name: "{variable.name}"'
            remarks.error(variable.at, message, f"line {variables[variable.name].at.line} sets it already")
        variables.setdefault(variable.name, variable)
    if section.body is not None and not body:
        remarks.error(
            section.at, "No variables specified for environment", "remove it, or write NAME = 'value'"
        )
    return tuple(variables.values())


def _read_variable(statement: Statement, remarks: Remarks) -> Variable | None:
    if isinstance(statement, Declaration) and len(statement.names) == 1 and statement.values[0] is not None:
        name = Name(statement.names[0], statement.at)  # Jenkins lets a `def` before it pass
        statement = Assignment(name, "=", statement.values[0], statement.at)
    if not isinstance(statement, Assignment) or statement.operator != "=":
        hint = "write NAME = 'value'"
        remarks.error(statement.at, "Expected name=value pairs", hint)
        return None
    if not isinstance(statement.target, Name):
        message = "this is not a valid identifier and cannot be used for an environment variable"
        hint = "identifiers start with a letter or underscore and contain only letters, digits or underscores"
        remarks.error(statement.target.at, message, hint)
        return None
    _check_value(statement.value, remarks)
    return Variable(statement.target.text, statement.value, statement.at)


def _check_value(value: Expression, remarks: Remarks) -> None:
    """Jenkins' rule for the right side: a string, a call, or strings joined by `+`."""
    while isinstance(value, Binary):
        if value.operator != "+":
            message = "Environment variable values can only be joined together with '+'s"
            remarks.error(value.at, message, _QUOTE_IT)
            return
        if not isinstance(value.right, _CONSTANTS):
            message = (
                "Environment variable values to be concatenated together must be single or double quoted"
            )
            remarks.error(value.right.at, message, _QUOTE_IT)
        value = value.left
    if not isinstance(value, (*_CONSTANTS, Call, Index)):
        message = "Environment variable values must either be single quoted, double quoted, or function calls"
        remarks.error(value.at, message, _QUOTE_IT)


_CONSTANTS = (Text, GString, Number, Constant)
_QUOTE_IT = 'write an expression as "${…}"'
