"""The files of the commit that stages name: one that is not there is found before the first command runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from seatrial.patterns import is_glob
from seatrial.pipeline.finding import Finding, error, warning
from seatrial.pipeline.needs import may_be_made, of_commit, plain
from seatrial.pipeline.pipeline import Pipeline, Stage, place_of_word
from seatrial.store import trees

if TYPE_CHECKING:
    from seatrial.project.project import Project


def missing(root: Path, pipeline: Pipeline) -> Iterator[Finding]:
    """A finding for every path that a stage reads, that is not below `root`, and that no stage makes."""
    for stage, path in of_commit(pipeline.stages, pipeline.stages):
        if not (is_glob(path) or (root / path).exists()):
            text = f"there is no {path} here, and no stage makes it"
            yield warning(place_of_word(stage, path), text, "the path begins at the root of the commit")


def require(project: Project, stages: Iterable[Stage]) -> None:
    """Raises BadInput that shows what is missing for those of the stages that no condition leaves out."""
    everything = project.pipeline.stages
    outputs = [plain(output) for stage in everything for output in stage.outputs]
    lacking = tuple(
        _finding(project, stage, path)
        for stage, path in of_commit(stages, everything)
        if not (stage.when or trees.matching(project.tree, path) or may_be_made(path, outputs))
    )
    if lacking:
        from seatrial.project.pipeline_file import refusal
        from seatrial.run.shown import text_of

        text = text_of(project.home.store, project.tree, project.file.path)
        raise refusal(project.file._replace(text=text, findings=lacking))


def _finding(project: Project, stage: Stage, path: str) -> Finding:
    from seatrial.run import requirements

    is_python = path == stage.python
    problem = requirements.lacking(path) if is_python else trees.unmatched(project.tree, path)
    return error(place_of_word(stage, path), problem.message, problem.hint)
