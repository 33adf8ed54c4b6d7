"""Jenkins' model → the Pipeline: its stages in a row, in shared workspaces, never restored."""

from __future__ import annotations

from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.dialects.jenkins import approval, beside, credentials, unset
from seatrial.pipeline.dialects.jenkins.agent import HOST, Agent, Chosen, agent_of, has_node
from seatrial.pipeline.dialects.jenkins.credentials import Wanted
from seatrial.pipeline.dialects.jenkins.declarative import Block, PipelineBlock, StageBlock
from seatrial.pipeline.dialects.jenkins.environment import (
    Layer,
    Layers,
)
from seatrial.pipeline.dialects.jenkins.groovy.decision import Decision, Tree, asks_of_changes
from seatrial.pipeline.dialects.jenkins.groovy.script import declared
from seatrial.pipeline.dialects.jenkins.idle import check_tools
from seatrial.pipeline.dialects.jenkins.options import (
    CONTAINER_PER_STAGE,
    FAIL_FAST,
    SKIP_AFTER_UNSTABLE,
    Limits,
    pipeline_limits,
    skips,
    stage_limits,
    timed,
)
from seatrial.pipeline.dialects.jenkins.parameters import read_parameters
from seatrial.pipeline.dialects.jenkins.program import (
    Command,
    credential_ids,
)
from seatrial.pipeline.dialects.jenkins.remarks import Remarks
from seatrial.pipeline.dialects.jenkins.scope import (
    Scope,
    endings,
    held_in,
    layer_of,
    scope_of,
    steps_in,
    wanted_by,
)
from seatrial.pipeline.dialects.jenkins.steps import read_steps
from seatrial.pipeline.dialects.jenkins.syntax import Constant
from seatrial.pipeline.dialects.jenkins.triggers import check_triggers, triggers_of
from seatrial.pipeline.dialects.jenkins.when import Unknown, When, read_when
from seatrial.pipeline.parameter import BOOLEAN, Parameter
from seatrial.pipeline.pipeline import APPROVE, COMMAND, Again, Approve, Finally, Pipeline, Shared, Stage
from seatrial.pipeline.step import Checkout, Step

WORKSPACE = "jenkins"
_SUBJECT_NAMES = frozenset(("BRANCH_NAME", "TAG_NAME"))
_IDLE = {"triggers": check_triggers, "tools": check_tools}
_SECTION_HINTS = {
    "tools": "what is on PATH is used",
    "libraries": "copy what you use into the repository, as scripts",
    "triggers": "seatrial starts runs by hand or by its server",
}


class _Outer(NamedTuple):
    """What a stage has from those that it is in."""

    layers: Layers
    wanted: Wanted
    node: bool
    names: frozenset[str]  # those that need the group or the cell to tell them apart
    agent: Agent
    workspace: str = WORKSPACE
    when: str = ""
    left_out_with: tuple[str, ...] = ()
    group: str = ""
    cell: str = ""
    is_branch: bool = False
    limits: tuple[Shared, ...] = ()
    again: tuple[Again, ...] = ()
    stopped_with: tuple[str, ...] = ()
    checkout: str | None = ""
    brings: bool = False  # a stage with an agent of its own brings the commit, unless it says otherwise
    fails_fast: bool = False  # every group of branches ends with its first failure

    def named(self, name: str) -> str:
        """The name of a stage in the whole pipeline."""
        if self.cell and name in self.names:
            return f"{name} ({self.cell})"
        return f"{self.group} / {name}" if self.group and name in self.names else name


def translate(pipeline: PipelineBlock, remarks: Remarks) -> Pipeline:
    block = pipeline.block
    _refuse_others(block, remarks)
    parameters = _parameters(block, remarks)
    layer = layer_of(block, remarks)
    limits = pipeline_limits(block.options, scope_of((layer,), (), remarks).known, remarks)
    around = scope_of((layer,), (*limits.credentials, *wanted_by(block, remarks)), remarks)
    outer = _outermost(pipeline, layer, around, limits, remarks)
    first = beside.first_stage(outer.workspace, outer.checkout, remarks)
    begins_after = tuple(one.name for one in first)
    outer = outer._replace(left_out_with=begins_after)
    stages, _ = _in_a_row(pipeline.stages, begins_after, outer, remarks)
    around = around._replace(pairs=tuple(around.known.items()))
    finally_ = endings(block.post, around, outer.node, remarks)
    named = _named((*first, *stages), block, remarks)
    return Pipeline(
        "jenkins",
        remarks.path,
        stages=named,
        finally_=finally_,
        image=outer.agent.image,
        container=outer.agent.container,
        parameters=(*parameters, *_asked_for(remarks)),
        attempts=limits.retry + 1,
        credentials=_credential_ids(named, finally_, outer.agent),
        is_interrupted=True,
        begins_after=begins_after,
        triggers=triggers_of(block, remarks),
    )


def _parameters(block: Block, remarks: Remarks) -> tuple[Parameter, ...]:
    """Those of the file and of its pipeline, which are known by their names from here on."""
    sections = (one for one in block.others if one.name == "parameters")
    late = remarks.file.late
    own = (parameter for one in sections for parameter in read_parameters(one, remarks, late))
    remarks.file.parameters.extend(own)
    found = tuple(remarks.file.parameters)
    remarks.booleans.update(one.name for one in found if one.kind == BOOLEAN)
    remarks.parameters.update(one.name for one in found)
    return found


def _outermost(
    pipeline: PipelineBlock, layer: Layer, around: Scope, limits: Limits, remarks: Remarks
) -> _Outer:
    """What the pipeline itself says for all of its stages."""
    block = pipeline.block
    node = has_node(block.agent, True, remarks)
    is_one = not _has(block, CONTAINER_PER_STAGE)
    agent = _agent(block, HOST, "pipeline" if is_one else "", around, remarks)
    brings = not node and limits.checkout == "" and _any_skips(pipeline.stages)
    return _Outer(
        (layer,),
        around.credentials,
        node,
        _repeated(pipeline.stages),
        agent,
        limits=_shared("", limits),
        fails_fast=_has(block, FAIL_FAST),
        checkout=None if brings else limits.checkout,
        brings=brings,
    )


def _has(block: Block, option: str) -> bool:
    return any(one.name == option for one in block.options)


def _named(stages: tuple[Stage, ...], block: Block, remarks: Remarks) -> tuple[Stage, ...]:
    """The stages with what is true of each of them."""
    places = tuple((f"credentials:{id_}", place) for id_, place in remarks.credentials.items())
    needs_stable = _has(block, SKIP_AFTER_UNSTABLE)
    return tuple(stage._replace(places=places, needs_stable=needs_stable) for stage in stages)


def _credential_ids(
    stages: tuple[Stage, ...], finally_: tuple[Finally, ...], agent: Agent
) -> tuple[str, ...]:
    """The ids of all credentials that the steps of a pipeline, and the registries of its images, ask for."""
    ends = (*finally_, *(block for stage in stages for block in stage.finally_))
    steps = (*(stage.steps for stage in stages), *(block.steps for block in ends))
    containers = (agent.container, *(stage.container for stage in stages))
    ids = {one for some in steps for one in credential_ids(some)}
    return tuple(sorted((ids | {one.registry.credential for one in containers}) - {""}))


def _asked_for(remarks: Remarks) -> tuple[Parameter, ...]:
    """The parameters of `input`, by their first names, that are none of the pipeline."""
    found = {one.name: one for one in reversed(remarks.asked)}
    return tuple(one for name, one in found.items() if name not in remarks.parameters)


def _any_skips(blocks: tuple[StageBlock, ...]) -> bool:
    """Whether a stage says that its agent does not begin with the commit."""
    return any(any(map(skips, one.block.options)) or _any_skips(one.inner) for one in blocks)


def _refuse_others(block: Block, remarks: Remarks) -> None:
    for section in block.others:
        if section.name in ("when", "parameters", "input", "failFast"):
            continue
        hint = _SECTION_HINTS[section.name]
        if section.name in _IDLE:
            _IDLE[section.name](section, remarks)
            remarks.note(section.at, f"'{section.name}' has no effect here: {hint}")
        else:
            remarks.error(section.at, f"'{section.name}' is not supported yet", hint)


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


class _Here(NamedTuple):
    """A stage as it is read: what holds outside of it, and for its steps."""

    stage: StageBlock
    name: str
    outer: _Outer
    around: Scope
    place: Scope
    limits: Limits
    node: bool
    agent: Agent

    @property
    def workspace(self) -> str:
        """An agent has a workspace of its own where that around it is taken: Jenkins numbers them."""
        outer = self.outer
        if self.stage.block.agent is None or self.agent.reuses:
            return outer.workspace
        if outer.is_branch:
            return f"{WORKSPACE}-{self.name}"
        return f"{outer.workspace}@2" if outer.node and self.node else outer.workspace

    @property
    def at_end(self) -> Scope:
        """What holds for its `post`: as in Jenkins, that of branches has nothing of their environment."""
        return self.around if self.stage.is_parallel else self.place


def _stage(
    stage: StageBlock, needs: tuple[str, ...], outer: _Outer, remarks: Remarks
) -> tuple[tuple[Stage, ...], tuple[str, ...]]:
    """A stage with all that is in it, and the names of those that what follows comes after."""
    here = _here(stage, outer, remarks)
    when = _when(stage.block, here.around, remarks)
    question = approval.asked(stage, remarks)
    one = _one(here, when, remarks)._replace(needs=needs)
    first, one = _decided(one, here, when, question is not None, remarks)
    if question is not None:
        first = (*first, _question(one, question, here.around, remarks))
        one = one._replace(needs=(first[-1].name,))
        if not (stage.inner or one.steps or one.finally_):
            return first, (first[-1].name,)
    if not stage.inner:
        return (*first, one), (one.name,)
    one = one._replace(again=(*one.again, *_again(one.name, here.limits)))
    stages, ends = _group(one, here, remarks)
    return (*first, *stages), ends


def _here(stage: StageBlock, outer: _Outer, remarks: Remarks) -> _Here:
    block = stage.block
    _refuse_others(block, remarks)
    node = has_node(block.agent, outer.node, remarks)
    if stage.axes:
        outer = outer._replace(layers=(*outer.layers, stage.axes))
    around = scope_of(outer.layers, outer.wanted, remarks)
    limits = stage_limits(block.options, around.known, remarks)
    wanted = (*outer.wanted, *limits.credentials, *wanted_by(block, remarks))
    place = scope_of((*outer.layers, layer_of(block, remarks)), wanted, remarks)
    name = outer.named(stage.name)
    agent = _agent(block, outer.agent, name if stage.inner else "", around, remarks)
    return _Here(stage, name, outer, around, place, limits, node, agent)


def _one(here: _Here, when: When, remarks: Remarks) -> Stage:
    """The stage itself, without what it waits for."""
    stage, outer, limits = here.stage, here.outer, here.limits
    own = here.workspace != outer.workspace
    steps = steps_in(read_steps(approval.rest(stage), here.node, remarks), here.place, remarks)
    one = Stage(
        here.name,
        remarks.place(stage.at),
        COMMAND,
        timed(steps, limits, bool(stage.inner), remarks),
        when=_joined(outer.when, when.text),
        left_out_with=outer.left_out_with,
        env=(*_own_name(here.name, stage), *here.at_end.known.items()),
        timeout_seconds=None if stage.inner else limits.timeout_seconds,
        retry=0 if stage.inner else limits.retry,
        limits=outer.limits,
        again=outer.again,
        stopped_with=outer.stopped_with,
        cache=False,
        git=True,
        workspace=here.workspace,
        checkout=limits.checkout if own and outer.checkout is not None else outer.checkout,
        finally_=endings(stage.block.post, here.at_end, here.node, remarks),
        effects=True,
    )
    if _brings(here, own and one.checkout == "") and not any(map(skips, stage.block.options)):
        one = one._replace(steps=(Checkout(), *one.steps))
    return _in_agent(one, here.agent)


def _brings(here: _Here, is_whole: bool) -> bool:
    """Whether the commit is laid over what an earlier stage has left where this one works."""
    if here.outer.node:
        return is_whole and not (here.outer.is_branch or here.stage.inner)
    return here.outer.brings and here.stage.block.agent is not None and here.node


def _own_name(name: str, stage: StageBlock) -> tuple[tuple[str, str], ...]:
    """Jenkins' name of a stage, where the pipeline needs another to tell it from others."""
    return (("STAGE_NAME", stage.name),) if name != stage.name else ()


def _in_agent(one: Stage, agent: Agent) -> Stage:
    executor = "docker" if agent.image else "local"
    return one._replace(image=agent.image, container=agent.container, executor=executor)


def _decided(
    one: Stage, here: _Here, when: When, asks: bool, remarks: Remarks
) -> tuple[tuple[Stage, ...], Stage]:
    """What decides first, if any, and the stage: its own first step decides, where nothing stands between."""
    if when.rest is None:
        return (), one
    block, stage = here.stage.block, here.stage
    steps = _deciding_steps(stage, when.rest, here.around, remarks)
    reads_changes = asks_of_changes(when.rest)
    before_agent = when.before_agent and block.agent is not None
    if not (stage.inner or block.environment or (asks and when.before_input) or before_agent):
        return (), one._replace(steps=(*steps, *one.steps), reads_changes=reads_changes)
    decider = _decider(one, steps)
    env = (*_own_name(decider.name, stage), *here.around.known.items())
    decider = decider._replace(reads_changes=reads_changes, env=env)
    if before_agent:
        outer = here.outer
        decider = _in_agent(decider, outer.agent)._replace(workspace=outer.workspace, checkout=outer.checkout)
    left_out_with = (*one.left_out_with, decider.name)
    return (decider,), one._replace(needs=(decider.name,), left_out_with=left_out_with)


def _within(here: _Here, one: Stage) -> _Outer:
    """What the stages in it have from it."""
    stage, outer = here.stage, here.outer
    return outer._replace(
        layers=here.place.layers,
        wanted=here.place.credentials,
        node=here.node,
        brings=outer.brings and stage.block.agent is None,
        agent=here.agent,
        workspace=one.workspace,
        when=one.when,
        left_out_with=one.left_out_with,
        limits=(*outer.limits, *_shared(here.name, here.limits)),
        again=one.again,
        group=stage.name,
        cell=stage.cell or outer.cell,
    )


def _deciding_steps(stage: StageBlock, rest: Tree, around: Scope, remarks: Remarks) -> tuple[Step, ...]:
    """The first step of a stage whose `when` only the run can decide: it sees what is outside of it."""
    decision = Decision(remarks.path, rest, remarks.file, frozenset(remarks.booleans), stage.name)
    return steps_in((Command("when", (), (), stage.at, script=decision),), around, remarks)


def _decider(one: Stage, steps: tuple[Step, ...]) -> Stage:
    """The stage that decides for all that is in one, before somebody is asked, or without its variables."""
    return one._replace(name=f"When {one.name}", steps=steps, finally_=(), timeout_seconds=None, retry=0)


def _shared(name: str, limits: Limits) -> tuple[Shared, ...]:
    return () if limits.timeout_seconds is None else (Shared(name, limits.timeout_seconds),)


def _again(name: str, limits: Limits) -> tuple[Again, ...]:
    return (Again(name, limits.retry + 1),) if limits.retry else ()


def _question(one: Stage, asked: str | approval.Later, around: Scope, remarks: Remarks) -> Stage:
    """The stage that asks a person before another one."""
    if isinstance(asked, approval.Later):
        steps = steps_in((Command("input", (), (), asked.message.at, script=asked),), around, remarks)
        outside = tuple(around.known.items())
        return _decider(one, steps)._replace(name=f"Approve {one.name}", env=outside)
    return Stage(
        f"Approve {one.name}",
        one.place,
        APPROVE,
        options=Approve(asked),
        needs=one.needs,
        when=one.when,
        left_out_with=one.left_out_with,
        cache=False,
        workspace=one.workspace,
        effects=True,
    )


def _group(one: Stage, here: _Here, remarks: Remarks) -> tuple[tuple[Stage, ...], tuple[str, ...]]:
    """The stages within a stage; its own `post` comes after them, whatever became of them."""
    stage, within = here.stage, _within(here, one)
    if stage.is_parallel:
        groups = (*within.stopped_with, one.name) if _fails_fast(stage, within) else within.stopped_with
        branches = within._replace(is_branch=True, stopped_with=groups)
        parts = [_stage(inner, one.needs, branches, remarks) for inner in stage.inner if inner.name]
        stages = tuple(found for part, _ in parts for found in part)
        ends = tuple(end for _, names in parts for end in names)
    else:
        stages, ends = _in_a_row(stage.inner, one.needs, within._replace(is_branch=False), remarks)
    if not one.finally_ or not stages:
        return stages, ends
    names = tuple(found.name for found in stages)
    steps = (*held_in(here.at_end, remarks), *one.steps)
    last = one._replace(needs=names, regardless=True, steps=steps)
    return (*stages, last), (*ends, one.name)


def _fails_fast(stage: StageBlock, outer: _Outer) -> bool:
    lines = (one for one in stage.block.others if one.name == "failFast")
    said = (line.arguments[0].value for line in lines if len(line.arguments) == 1)
    return outer.fails_fast or any(isinstance(value, Constant) and value.value is True for value in said)


def _agent(block: Block, outer: Agent, shared: str, around: Scope, remarks: Remarks) -> Agent:
    """What the steps of a block run in; where its words hang on variables, on those around it."""
    agent = agent_of(block.agent, outer, shared, around.known, remarks)
    if block.agent is not None and isinstance(agent.container.decide, Chosen):
        names = {*remarks.file.methods, *(one.name for layer in around.layers for one in layer)}
        names |= {name for variable in remarks.file.variables for name in declared(variable)}
        for _, value in agent.container.decide.lines:
            unset.warn(value, names | remarks.parameters, remarks)
    return agent


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


def _when(block: Block, around: Scope, remarks: Remarks) -> When:
    """Jenkins asks before the stage's own variables are set, so a condition sees those outside."""
    section = next((one for one in block.others if one.name == "when"), None)
    if section is None:
        return When()
    names = {variable.name for layer in around.layers for variable in layer}
    names |= credentials.names(around.credentials)
    own = {variable.name for variable in block.environment}
    known = around.known.keys() | remarks.parameters | _SUBJECT_NAMES
    unknown = Unknown((names - around.known.keys()) | own, frozenset(remarks.booleans), known)
    return read_when(section, unknown, remarks)
