"""Jenkins' model → the Pipeline: its stages in a row, in one shared workspace, never restored."""

from __future__ import annotations

from typing import NamedTuple

from seatrial.pipeline.dialects.jenkins import approval, credentials
from seatrial.pipeline.dialects.jenkins.agent import has_node, image_of
from seatrial.pipeline.dialects.jenkins.declarative import Block, Condition, PipelineBlock, StageBlock
from seatrial.pipeline.dialects.jenkins.evaluator import Failure, reads
from seatrial.pipeline.dialects.jenkins.options import (
    SKIP_AFTER_UNSTABLE,
    check_pipeline_options,
    stage_limits,
)
from seatrial.pipeline.dialects.jenkins.parameters import read_parameters
from seatrial.pipeline.dialects.jenkins.program import (
    Command,
    Layer,
    Layers,
    Pairs,
    Surroundings,
    credential_ids,
    environment,
    program,
    settle,
)
from seatrial.pipeline.dialects.jenkins.remarks import Remarks, did_you_mean
from seatrial.pipeline.dialects.jenkins.steps import check_expression, read_steps
from seatrial.pipeline.dialects.jenkins.syntax import Expression, Name
from seatrial.pipeline.dialects.jenkins.variables import NAMES
from seatrial.pipeline.dialects.jenkins.when import Unknown, read_when
from seatrial.pipeline.pipeline import APPROVE, BOOLEAN, COMMAND, Approve, Finally, Pipeline, Stage
from seatrial.pipeline.step import Credential, Guard, Step, WithCredentials

WORKSPACE = "jenkins"
Wanted = tuple[Credential, ...]
# Jenkins' words for conditions that are spelled otherwise elsewhere.
_OUTCOMES = {"notBuilt": "not_built"}
# What every process gets, beside Jenkins' variables.
_ALWAYS_SET = frozenset({*NAMES, "PATH", "HOME", "LANG", "TZ", "TMPDIR"})

_SECTION_HINTS = {
    "tools": "what is on PATH is used",
    "libraries": "copy what you use into the repository, as scripts",
    "triggers": "seatrial starts runs by hand or by its server",
    "failFast": "the other branches run to their end",
}


class _Place(NamedTuple):
    """What holds for the steps of a stage, or of the pipeline's own `post`."""

    layers: Layers
    known: dict[str, str]  # the variables whose values the file alone determines
    settled: bool  # they are all
    pairs: Pairs  # for plain steps that no stage gives its variables to
    credentials: tuple[Credential, ...] = ()


class _Outer(NamedTuple):
    """What a stage has from those that it is in."""

    layers: Layers
    wanted: Wanted
    node: bool
    names: frozenset[str]  # those that need the group or the cell to tell them apart
    image: str
    workspace: str = WORKSPACE
    when: str = ""
    guards: tuple[Guard, ...] = ()
    group: str = ""
    cell: str = ""
    is_branch: bool = False

    def named(self, name: str) -> str:
        """The name of a stage in the whole pipeline."""
        if self.cell and name in self.names:
            return f"{name} ({self.cell})"
        return f"{self.group} / {name}" if self.group and name in self.names else name


def translate(pipeline: PipelineBlock, remarks: Remarks) -> Pipeline:
    block = pipeline.block
    _refuse_others(block, remarks)
    parameters = tuple(
        parameter
        for section in block.others
        if section.name == "parameters"
        for parameter in read_parameters(section, remarks)
    )
    remarks.booleans.update(one.name for one in parameters if one.kind == BOOLEAN)
    remarks.parameters.update(one.name for one in parameters)
    check_pipeline_options(block.options, remarks)
    node = has_node(block.agent, True, remarks)
    layer, wanted = _layer(block, remarks), _credentials(block, remarks)
    image = image_of(block.agent, "", remarks)
    outer = _Outer((layer,), wanted, node, _repeated(pipeline.stages), image)
    stages, _ = _in_a_row(pipeline.stages, (), outer, remarks)
    around = _place((layer,), wanted, remarks)
    around = around._replace(pairs=tuple(around.known.items()))
    finally_ = _finally(block.post, around, node, remarks)
    named = stages
    if any(option.name == SKIP_AFTER_UNSTABLE for option in block.options):
        named = tuple(stage._replace(needs_stable=True) for stage in named)
    ids = {
        one
        for steps in (
            *(stage.steps for stage in named),
            *(block.steps for blocks in (*(stage.finally_ for stage in named), finally_) for block in blocks),
        )
        for one in credential_ids(steps)
    }
    return Pipeline(
        "jenkins",
        remarks.path,
        stages=named,
        finally_=finally_,
        image=image,
        parameters=parameters,
        credentials=tuple(sorted(ids - {""})),
    )


def _refuse_others(block: Block, remarks: Remarks) -> None:
    for section in block.others:
        if section.name in ("when", "parameters", "input"):
            continue
        hint = _SECTION_HINTS[section.name]
        if section.name in ("triggers", "failFast", "tools"):
            remarks.note(section.at, f"'{section.name}' has no effect here: {hint}")
        else:
            remarks.error(section.at, f"'{section.name}' is not supported yet", hint)


def _layer(block: Block, remarks: Remarks) -> Layer:
    """The variables of an `environment { }`, less those that cannot be evaluated, which are findings."""
    plain = (one for one in block.environment if not credentials.is_wanted(one.value))
    return tuple(variable for variable in plain if check_expression(variable.value, remarks))


def _credentials(block: Block, remarks: Remarks) -> Wanted:
    lines = (one for one in block.environment if credentials.is_wanted(one.value))
    return tuple(credentials.of_variable(one, remarks) for one in lines)


def _in_a_row(
    blocks: tuple[StageBlock, ...], needs: tuple[str, ...], outer: _Outer, remarks: Remarks
) -> tuple[tuple[Stage, ...], tuple[str, ...]]:
    """Stages one after the other, and the names of those that what follows comes after."""
    stages: list[Stage] = []
    for block in blocks:
        if block.name:
            more, needs = _stage(block, needs, outer, remarks)
            stages += more
    return tuple(stages), needs


def _stage(
    stage: StageBlock, needs: tuple[str, ...], outer: _Outer, remarks: Remarks
) -> tuple[tuple[Stage, ...], tuple[str, ...]]:
    """A stage with all that is in it, and the names of those that what follows comes after."""
    block = stage.block
    _refuse_others(block, remarks)
    if block.agent is not None and outer.node and not outer.is_branch:
        remarks.note(block.agent.at, "this stage shares the workspace of the others, whatever its agent")
    node = has_node(block.agent, outer.node, remarks)
    image = image_of(block.agent, outer.image, remarks)
    limits = stage_limits(block.options, remarks)
    wanted = (*outer.wanted, *_credentials(block, remarks))
    place = _place((*outer.layers, _layer(block, remarks)), wanted, remarks)
    name = outer.named(stage.name)
    own = outer.is_branch and block.agent is not None
    guards = list(outer.guards)
    one = Stage(
        name,
        remarks.place(stage.at),
        COMMAND,
        _steps(read_steps(approval.rest(stage), node, remarks), place, remarks),
        needs=needs,
        when=_joined(outer.when, _when(block, place, guards, remarks)),
        guards=tuple(guards),
        env=tuple(place.known.items()),
        timeout_seconds=limits.timeout_seconds,
        retry=limits.retry,
        cache=False,
        workspace=f"{WORKSPACE}-{name}" if own else outer.workspace,
        finally_=_finally(block.post, place, node, remarks),
        effects=True,
        image=image,
        executor="docker" if image else "local",
    )
    question = approval.asked(stage, remarks)
    if question is not None and not stage.inner:
        first = _question(one, question)
        one = one._replace(needs=(first.name,))
        both = (first, one) if one.steps or one.finally_ else (first,)
        return both, (both[-1].name,)
    if not stage.inner:
        return (one,), (name,)
    for option in block.options if limits.timeout_seconds or limits.retry else ():
        remarks.note(option.at, "the limits of a stage that holds others have no effect here")
    within = outer._replace(
        layers=place.layers,
        wanted=wanted,
        node=node,
        image=image,
        workspace=one.workspace,
        when=one.when,
        guards=one.guards,
        group=stage.name,
        cell=stage.cell or outer.cell,
    )
    return _group(one, stage, within, remarks)


def _question(one: Stage, message: str) -> Stage:
    """The stage that asks a person before another one."""
    return Stage(
        f"Approve {one.name}",
        one.place,
        APPROVE,
        options=Approve(message),
        needs=one.needs,
        when=one.when,
        guards=one.guards,
        cache=False,
        workspace=one.workspace,
        effects=True,
    )


def _group(
    one: Stage, stage: StageBlock, within: _Outer, remarks: Remarks
) -> tuple[tuple[Stage, ...], tuple[str, ...]]:
    """The stages within a stage; its own `post` comes after them, whatever became of them."""
    if stage.is_parallel:
        branches = within._replace(is_branch=True)
        parts = [_stage(inner, one.needs, branches, remarks) for inner in stage.inner if inner.name]
        stages = tuple(found for part, _ in parts for found in part)
        ends = tuple(end for _, names in parts for end in names)
    else:
        stages, ends = _in_a_row(stage.inner, one.needs, within._replace(is_branch=False), remarks)
    if not one.finally_ or not stages:
        return stages, ends
    names = tuple(found.name for found in stages)
    last = one._replace(needs=names, timeout_seconds=None, retry=0, regardless=True)
    return (*stages, last), (*ends, one.name)


def _joined(outer: str, inner: str) -> str:
    return f"({outer}) and ({inner})" if outer and inner else outer or inner


def _repeated(blocks: tuple[StageBlock, ...]) -> frozenset[str]:
    """The names that more than one stage of the file has."""
    counts: dict[str, int] = {}
    waiting = list(blocks)
    while waiting:
        block = waiting.pop()
        counts[block.name] = counts.get(block.name, 0) + 1
        waiting += block.inner
    return frozenset(name for name, count in counts.items() if count > 1)


def _when(block: Block, place: _Place, guards: list[Guard], remarks: Remarks) -> str:
    """Jenkins asks before the stage's own variables are set, so a condition cannot be about those."""
    section = next((one for one in block.others if one.name == "when"), None)
    if section is None:
        return ""
    names = {variable.name for layer in place.layers for variable in layer}
    own = {variable.name for variable in block.environment}
    unknown = Unknown((names - place.known.keys()) | own, frozenset(remarks.booleans), guards)
    return read_when(section, unknown, remarks)


def _place(layers: Layers, wanted: Wanted, remarks: Remarks) -> _Place:
    names = {variable.name for layer in layers for variable in layer}
    given = names | credentials.names(wanted) | remarks.parameters
    for layer in layers:
        for variable in layer:
            _warn_of_unknown(variable.value, given, remarks)
    try:
        known = environment(layers, lambda _: None, complete=False)
    except Failure as failure:
        remarks.error(failure.at, failure.message)
        return _Place((), {}, True, ())
    return _Place(layers, known, known.keys() == names, (), wanted)


def _finally(post: tuple[Condition, ...], place: _Place, node: bool, remarks: Remarks) -> tuple[Finally, ...]:
    blocks = []
    for one in post:
        steps = _steps(read_steps(one.steps, node, remarks), place, remarks)
        blocks.append(Finally(_OUTCOMES.get(one.name, one.name), steps, of_run=True))
    return tuple(blocks)


def _steps(commands: tuple[Command, ...], place: _Place, remarks: Remarks) -> tuple[Step, ...]:
    surroundings = Surroundings(remarks.path, place.layers, frozenset(remarks.booleans))
    names = {variable.name for layer in place.layers for variable in layer} | remarks.parameters
    for command in commands:
        _warn_in_command(command, names | credentials.names(place.credentials), remarks)
    try:
        if place.settled or not commands:
            steps = settle(commands, place.known, place.pairs, surroundings)
        else:
            steps = (program(commands, surroundings),)
        return (WithCredentials(place.credentials, steps),) if place.credentials and steps else steps
    except Failure as failure:
        remarks.error(failure.at, failure.message)
        return ()


def _warn_in_command(command: Command, names: set[str], remarks: Remarks) -> None:
    for _, value in command.arguments:
        _warn_of_unknown(value, names, remarks)
    for step in command.steps:
        _warn_in_command(step, names | credentials.names(command.credentials), remarks)


def _warn_of_unknown(value: Expression, names: set[str], remarks: Remarks) -> None:
    """A bare name that nothing sets fails the step when it runs: say so before."""
    for read in reads(value):
        if isinstance(read, Name) and read.text not in names | _ALWAYS_SET:
            message = f"nothing in this file sets '{read.text}': the step fails unless the run has it"
            remarks.warning(read.at, message, _unknown_hint(read.text, names))


def _unknown_hint(name: str, names: set[str]) -> str:
    hint = did_you_mean(name, names | set(NAMES))
    return hint if hint.startswith("did you mean") else "if the shell should read it, write \\$" + name
