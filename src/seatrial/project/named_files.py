"""The files of the commit that stages name: one that is not there is found before the first command runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from seatrial.errors import BadInput
from seatrial.patterns import is_glob
from seatrial.pipeline.finding import Finding, error, warning
from seatrial.pipeline.load import read_text
from seatrial.pipeline.needs import may_be_made, of_commit, plain
from seatrial.pipeline.pipeline import Pipeline, Stage, place_of_word
from seatrial.store import blobs, trees

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

        raise refusal(project.file._replace(text=_text(project), findings=lacking))


def _finding(project: Project, stage: Stage, path: str) -> Finding:
    if path == stage.python:
        return error(
            place_of_word(stage, path), f"the commit has no file {path!r} of requirements", "commit it"
        )
    try:
        trees.select(project.tree, [path])
    except BadInput as problem:
        return error(place_of_word(stage, path), problem.message, problem.hint)
    raise AssertionError("it was looked for before")


def _text(project: Project) -> str:
    """The text of the pipeline file, also where it was kept and not read again."""
    if project.file.text:
        return project.file.text
    (entry,) = trees.matching(project.tree, project.file.path)
    return read_text(blobs.read(project.home.store, entry.digest), entry.path)
