"""What a writer is given: the pipeline as its file has it, with every need written out. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from seatrial.pipeline.all_dialects import dialect
from seatrial.pipeline.condition import Condition, Every, parse
from seatrial.pipeline.load import load
from seatrial.pipeline.pipeline import APPROVE, Matrix, Pipeline, Stage, place_of
from seatrial.pipeline.writers.commands import WHOLE, left_to_seatrial
from seatrial.pipeline.writers.writer import Loss

Said = TypeVar("Said")


def source(text: str, path: str, dialect_name: str) -> Pipeline:
    """The pipeline of a file without errors. Matrices stay; who needs one of a matrix needs the whole."""
    written, _ = dialect(dialect_name).parse(text, path)
    loaded = load(text, path, dialect_name).pipeline
    origin = {stage.name: stage.expanded_from or stage.name for stage in loaded.stages}
    needs: dict[str, dict[str, None]] = {}
    for stage in loaded.stages:
        found = needs.setdefault(origin[stage.name], {})
        found.update(dict.fromkeys(origin[need] for need in stage.needs))
    stages = (stage._replace(needs=tuple(needs[stage.name])) for stage in written.stages)
    return written._replace(stages=tuple(stages))


def condition_of(stage: Stage, stages: tuple[Stage, ...]) -> Condition | None:
    """When a stage runs: its own `when` and those of all that it needs, since it is skipped with them."""
    by_name = {each.name: each for each in stages}
    found: dict[str, None] = {}
    open_, seen = [stage.name], {stage.name}
    while open_:
        each = by_name[open_.pop()]
        if each.when:
            found[each.when] = None
        fresh = [need for need in each.needs if need not in seen and not each.ordered]
        seen.update(fresh)
        open_ += fresh
    parts = tuple(parse(when) for when in found)
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else Every(parts)


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


def in_one(pipeline: Pipeline, says: Callable[[Condition], object]) -> tuple[Pipeline, tuple[Loss, ...]]:
    """The pipeline, or one stage that stands for the whole, and why.

    What seatrial decides in another system's file cannot be taken out of it: its stages share a workspace and
    act on the world, so a call for one of them would do all before it once more.
    """
    why = () if pipeline.dialect == "seatrial" else tuple(_undivided(pipeline, says))
    if not why:
        return pipeline, ()
    first = pipeline.stages[0]
    whole = Stage(
        "pipeline", first.place._replace(line=1, column=1), WHOLE, effects=True, cache=False, git=True
    )
    return pipeline._replace(stages=(whole,), finally_=()), why


def _undivided(pipeline: Pipeline, says: Callable[[Condition], object]) -> Iterator[Loss]:
    for stage in pipeline.stages:
        if stage.action != APPROVE and left_to_seatrial(stage):
            yield Loss(stage.place, f"`{stage.name}` is decided as it runs, so one job runs the whole file")
        elif told(stage, pipeline, says, []) == (None, True) and stage.action != APPROVE:
            yield Loss(
                place_of(stage, "when"),
                f"when `{stage.name}` runs cannot be said, so one job runs the whole file",
            )


def has_matrix(stage: Stage) -> bool:
    return stage.matrix != Matrix()
