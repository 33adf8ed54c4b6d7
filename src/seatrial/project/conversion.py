"""What `seatrial convert` does: a file that can be run is written for another system."""

from __future__ import annotations

import os
from pathlib import Path

from seatrial.errors import BadInput
from seatrial.pipeline.finding import has_errors
from seatrial.pipeline.writers.all_writers import writer
from seatrial.pipeline.writers.commands import RUN
from seatrial.pipeline.writers.source import put_in, source
from seatrial.pipeline.writers.writer import Written
from seatrial.project import pipeline_file
from seatrial.project.project import OWN
from seatrial.system import files


def convert(path: Path, shown: str, dialect: str | None, to: str) -> Written:
    """The file as the system `to` has it. Raises BadInput where it cannot be run as it stands."""
    file = pipeline_file.examine(pipeline_file.read(path), shown, dialect)
    if has_errors(file.findings):
        raise pipeline_file.refusal(file)
    if not file.pipeline.stages:
        raise BadInput(f"{shown} has no stages that could be written", "name the file with them: -f FILE")
    if file.pipeline.dialect == to == OWN:
        raise BadInput(f"{shown} is a seatrial.yaml already")
    written = writer(to).write(source(file.text, shown, file.pipeline.dialect))
    return written._replace(losses=(*put_in(file.pipeline), *written.losses))


def keep(path: Path, text: str, origin: Path, *, is_forced: bool) -> None:
    """Write the file in one instant, and over one that exists only where that is said. Raises BadInput.

    Never over the file that it comes from where it runs that: it would run itself, without an end.
    """
    if RUN in text and path.exists() and path.samefile(origin):
        hint = "keep that file under another name, and convert it from there: -f FILE"
        raise BadInput(f"what would be written to {path} runs the file that is there now", hint)
    try:
        if is_forced:
            files.write(path, text.encode(), mode=0o644)
        else:
            _write_new(path, text)
    except FileExistsError:
        raise BadInput(f"{path} exists and is left as it is", "say --force to replace it") from None
    except OSError as error:
        raise BadInput(f"cannot write {path}: {error.strerror}") from error


def _write_new(path: Path, text: str) -> None:
    """A link takes a name only while it is free, so the whole file appears at once or not at all."""
    partial = files.beside(path)
    files.write(partial, text.encode(), mode=0o644)
    try:
        os.link(partial, path)
    finally:
        partial.unlink(missing_ok=True)
