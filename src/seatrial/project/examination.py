"""What `seatrial check` reads: the pipeline file, and the one beside it that a run would read with it."""

from __future__ import annotations

from pathlib import Path

from seatrial.pipeline.all_dialects import ALL_DIALECTS
from seatrial.pipeline.load import complete, folder_of
from seatrial.pipeline.pipeline import Pipeline
from seatrial.project import named_files, namesakes, pipeline_file, probes, runtimes
from seatrial.project.pipeline_file import PipelineFile
from seatrial.project.place import root_of
from seatrial.project.project import OWN


def examine(path: Path, shown: str, dialect: str | None = None) -> tuple[PipelineFile, ...]:
    """The file, under the name `shown`, and then the other of the pair where there is one.

    A seatrial.yaml without stages goes with the first pipeline of another system beside it, and such a
    pipeline with a seatrial.yaml without stages.
    """
    file = _examined(path, shown, dialect)
    is_own = file.pipeline.dialect == OWN
    if is_own and file.pipeline.stages:
        return (file,)
    other = _beside(path, shown, is_own=not is_own)
    if other is None or (not is_own and other.pipeline.stages):
        return (file,)
    return file, other


def together(files: tuple[PipelineFile, ...]) -> Pipeline:
    """The pipeline that a run makes of them."""
    if len(files) == 1:
        return files[0].pipeline
    settings, foreign = sorted((file.pipeline for file in files), key=lambda one: one.dialect != OWN)
    return complete(foreign, settings)


def _beside(path: Path, shown: str, *, is_own: bool) -> PipelineFile | None:
    """The first pipeline file of the same folder that is of our own dialect, or of another."""
    folder = folder_of(shown)
    prefix = f"{folder}/" if folder else ""
    top = path.parents[len(Path(shown).relative_to(folder).parts) - 1]
    for name, entry in ALL_DIALECTS.items():
        for filename in entry.filenames:
            other = top / filename
            if (name == OWN) == is_own and other.is_file():
                return _examined(other, prefix + filename)
    return None


def _examined(path: Path, shown: str, dialect: str | None = None) -> PipelineFile:
    """With what is missing of the files that it names."""
    file = pipeline_file.examine(pipeline_file.read(path), shown, dialect)
    root = root_of(path.parent)
    missing = tuple(
        one for part in (named_files, probes, runtimes) for one in part.missing(root, file.pipeline)
    )
    shared = namesakes.findings(root, path, file.pipeline)
    return file._replace(findings=(*file.findings, *missing, *shared))
