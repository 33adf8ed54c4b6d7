"""What a writer is given: the pipeline as its file has it, with every need written out. Pure."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from typing import TypeVar

from seatrial.errors import Place
from seatrial.pipeline.all_dialects import authored, is_filled
from seatrial.pipeline.condition import Condition, Every, parse, telling_case
from seatrial.pipeline.graph import closure, order
from seatrial.pipeline.load import load
from seatrial.pipeline.parameter import BOOLEAN, Parameter
from seatrial.pipeline.pipeline import APPROVE, COMMAND, LEFT_OUT, Matrix, Pipeline, Stage, place_of
from seatrial.pipeline.step import Block, LeaveOut, Program
from seatrial.pipeline.writers.commands import AT_HOME, HOME, WHOLE, commands, left_to_seatrial
from seatrial.pipeline.writers.plain import every_step, handed_on, plain
from seatrial.pipeline.writers.writer import Loss

Said = TypeVar("Said")
_LONGEST = 60  # characters of a construct that a loss shows


def source(text: str, path: str, dialect_name: str) -> Pipeline:
    """The pipeline of a file without errors. Matrices stay; who needs one of a matrix needs the whole."""
    written = authored(dialect_name, text, path)
    loaded = load(text, path, dialect_name).pipeline
    origin = {stage.name: stage.expanded_from or stage.name for stage in loaded.stages}
    needs: dict[str, dict[str, None]] = {}
    for stage in loaded.stages:
        found = needs.setdefault(origin[stage.name], {})
        found.update(dict.fromkeys(origin[need] for need in stage.needs))
    there = {stage.name for stage in written.stages}
    stages = (plain(stage._replace(needs=_through(stage.name, needs, there))) for stage in written.stages)
    parameters = () if is_filled(dialect_name) else tuple(map(_with_value, written.parameters))
    return written._replace(stages=tuple(stages), parameters=parameters)


def _with_value(one: Parameter) -> Parameter:
    """A box that nobody has ticked is not, whatever its default was to be."""
    return one._replace(value="false") if one.kind == BOOLEAN and one.value != "true" else one


def _through(name: str, needs: Mapping[str, Iterable[str]], there: Container[str]) -> tuple[str, ...]:
    """What a stage comes after: in the place of one that its author did not write, what that comes after."""
    found: dict[str, None] = {}
    for need in needs[name]:
        found.update(dict.fromkeys((need,) if need in there else _through(need, needs, there)))
    return tuple(found)


def put_in(pipeline: Pipeline) -> tuple[Loss, ...]:
    """What is lost of the parameters that are in the stages already."""
    if not is_filled(pipeline.dialect):
        return ()
    top = Place(pipeline.path, 1, 1)
    return tuple(Loss(top, f"the parameter `{one.name}` keeps its default") for one in pipeline.parameters)


def condition_of(stage: Stage, stages: tuple[Stage, ...]) -> Condition | None:
    """When a stage runs: its own `when` and those of all that it is skipped with."""
    by_name = {each.name: each for each in stages}
    found: dict[str, None] = {}
    open_, seen = [stage.name], {stage.name}
    while open_:
        each = by_name[open_.pop()]
        if each.when:
            found[each.when] = None
        fresh = [need for need in each.needs if need not in seen and not passes_over(each)]
        seen.update(fresh)
        open_ += fresh
    parts = tuple(telling_case(parse(when)) for when in found)
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else Every(parts)


def passes_over(stage: Stage) -> bool:
    """Whether a stage's needs say the order only, so that one which was left out does not matter."""
    return bool(stage.workspace) or stage.ordered


def awaited(stage: Stage, stages: tuple[Stage, ...]) -> tuple[str, ...]:
    """What a stage waits for where one that is left out is not there: also what such a one would wait for."""
    by_name = {each.name: each for each in stages}
    found: dict[str, None] = {}
    open_ = list(stage.needs)
    while open_:
        need = by_name[open_.pop(0)]
        if need.name not in found and passes_over(stage) and condition_of(need, stages) is not None:
            open_ += need.needs
        found[need.name] = None
    return tuple(found)


def makers(stage: Stage, stages: tuple[Stage, ...]) -> tuple[Stage, ...]:
    """Whose files a stage gets, in the order in which they are made: where one may be left out, also those
    whose files that one would have handed on."""
    wanted = awaited(stage, stages)
    return tuple(each for each in order(stages) if each.name in wanted and handed_on(each))


def told(
    stage: Stage, pipeline: Pipeline, says: Callable[[Condition], Said | None], losses: list[Loss]
) -> tuple[Said | None, bool]:
    """When a stage runs, as the system says it, and whether it is left to seatrial; if only so, a loss."""
    condition = condition_of(stage, pipeline.stages)
    said = None if condition is None else says(condition)
    is_unsaid = condition is not None and said is None
    if is_unsaid and not left_to_seatrial(stage):
        losses.append(Loss(place_of(stage, "when"), f"when `{stage.name}` runs is left to seatrial"))
    return said, is_unsaid or left_to_seatrial(stage)


def all_said(parts: Iterable[Condition], says: Callable[[Condition], str | None]) -> list[str] | None:
    """What the system says of each condition, once; None where it cannot say one."""
    said = dict.fromkeys(says(part) for part in parts)
    return None if None in said else [part for part in said if part is not None]


def divided(
    pipeline: Pipeline, says: Callable[[Condition], object], *, passes: bool = True
) -> tuple[Pipeline, tuple[Loss, ...]]:
    """The pipeline with what only seatrial can do marked as such, and what is lost by that.

    `passes`: the system can run a job that comes after another one or without it.
    """
    if pipeline.dialect == "seatrial":
        return _with_home(pipeline)
    there, absent = _without_absent(pipeline)
    why = tuple(_undivided(there, says, passes))
    return (_whole(pipeline), why) if why or not there.stages else (there, absent)


def _without_absent(pipeline: Pipeline) -> tuple[Pipeline, tuple[Loss, ...]]:
    """The pipeline without the stages that never run here either, and without those that want these."""
    absent: dict[str, str] = {}
    for stage in pipeline.stages:
        first = stage.steps[0] if stage.steps else None
        wanted = [need for need in stage.needs if need in absent and _wants(stage, need)]
        if isinstance(first, LeaveOut):
            absent[stage.name] = first.message
        elif wanted:
            absent[stage.name] = f"it wants `{wanted[0]}`, which is left out"
    kept = (one for one in pipeline.stages if one.name not in absent)
    stages = tuple(_without_needs(one, absent) for one in kept)
    losses = (
        Loss(one.place, f"`{one.name}`: {absent[one.name]}") for one in pipeline.stages if one.name in absent
    )
    return pipeline._replace(stages=stages), tuple(losses)


def _wants(stage: Stage, need: str) -> bool:
    """Whether a stage does not run where one of its needs was left out."""
    return not stage.ordered or LEFT_OUT not in dict(stage.accepts).get(need, (LEFT_OUT,))


def _without_needs(stage: Stage, absent: Container[str]) -> Stage:
    needs = tuple(need for need in stage.needs if need not in absent)
    accepts = tuple((need, ends) for need, ends in stage.accepts if need not in absent)
    return stage._replace(needs=needs, accepts=accepts)


def _with_home(pipeline: Pipeline) -> tuple[Pipeline, tuple[Loss, ...]]:
    """What is judged and packaged must be what was made: all that leads there is made in the same home, once.

    So is what reads the outputs of such a stage, which lie in the store of that home.
    """
    stages = pipeline.stages
    found = {stage.name for stage in stages if stage.action in AT_HOME}
    makers: set[str] = set()
    while True:
        readers = {stage.name for stage in stages if makers & set(stage.needs)}
        whole = closure(stages, found | readers)
        if whole == found:
            break
        found = set(whole)
        makers = {stage.name for stage in stages if stage.name in found and stage.outputs}
    moved = {stage.name for stage in stages if stage.name in found and stage.action == COMMAND}
    marked = tuple(one._replace(action=HOME) if one.name in moved else one for one in stages)
    text = "runs by seatrial as well: it leads to what is judged or packaged, or reads what such a stage made"
    why = tuple(Loss(one.place, f"`{one.name}` {text}") for one in stages if one.name in moved)
    return pipeline._replace(stages=marked), why


def _whole(pipeline: Pipeline) -> Pipeline:
    """One job that runs the whole file.

    What seatrial decides in another system's file cannot be taken out of it: its stages share a workspace and
    act on the world, so a call for one of them would do all before it once more.
    """
    top = pipeline.stages[0].place._replace(line=1, column=1)
    whole = Stage("pipeline", top, WHOLE, effects=True, cache=False, git=True)
    return pipeline._replace(stages=(whole,), finally_=())


def _undivided(pipeline: Pipeline, says: Callable[[Condition], object], passes: bool) -> Iterator[Loss]:
    by_name = {stage.name: stage for stage in pipeline.stages}
    for stage in pipeline.stages:
        needs = () if passes or not stage.ordered else stage.needs
        left_out = [need for need in needs if not _implies(stage, by_name[need])]
        if stage.action == APPROVE and not left_out:
            continue
        if left_out:
            text = f"`{stage.name}` comes after `{left_out[0]}` or without it, so one job runs the whole file"
            yield Loss(stage.place, text)
        elif left_to_seatrial(stage):
            said, place = _deciding(stage)
            yield Loss(place, f"`{stage.name}` is decided as it runs{said}, so one job runs the whole file")
        elif told(stage, pipeline, says, [])[1]:
            yield Loss(
                place_of(stage, "when"),
                f"when `{stage.name}` runs cannot be said, so one job runs the whole file",
            )


def _deciding(stage: Stage) -> tuple[str, Place]:
    """The construct by which a stage is more than commands, and where it stands: its condition, else the
    first such step."""
    steps = (one for one in every_step(stage) if not isinstance(one, Block) and commands((one,)) is None)
    found = stage.decision or next(steps, None)
    if isinstance(found, Program):
        source = found.source.rpartition("\n")[2]
        shown = source if len(source) <= _LONGEST else f"{source[:_LONGEST]}…"
        return (f" ({shown})" if source else ""), found.place or stage.place
    return (f" ({type(found).__name__.lower()})" if found else ""), stage.place


def _implies(stage: Stage, need: Stage) -> bool:
    """Whether a need is there whenever the stage is, as far as their conditions show."""
    return not need.when or _parts(need.when) <= _parts(stage.when or "tag")


def _parts(when: str) -> set[Condition]:
    condition = parse(when)
    return set(condition.parts) if isinstance(condition, Every) else {condition}


def has_matrix(stage: Stage) -> bool:
    return stage.matrix != Matrix()
