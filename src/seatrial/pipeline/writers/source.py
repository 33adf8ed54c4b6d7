"""What a writer is given: the pipeline as its file has it, with every need written out. Pure."""

from __future__ import annotations

from seatrial.pipeline.all_dialects import dialect
from seatrial.pipeline.condition import Condition, Every, parse
from seatrial.pipeline.load import load
from seatrial.pipeline.pipeline import Matrix, Pipeline, Stage


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
        fresh = [need for need in each.needs if need not in seen]
        seen.update(fresh)
        open_ += fresh
    parts = tuple(parse(when) for when in found)
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else Every(parts)


def has_matrix(stage: Stage) -> bool:
    return stage.matrix != Matrix()
