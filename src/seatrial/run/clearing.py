"""The step that removes what patterns mean from a folder of the workspace."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from seatrial import patterns
from seatrial.errors import StageFailed
from seatrial.pipeline.step import Clear
from seatrial.run.outcome import ERRORED, FAILED, RESULT, STAGE_RESULT, SUCCEEDED
from seatrial.run.schedule import worse
from seatrial.run.steps import Room


def clear(wanted: Clear, room: Room, folder: Path) -> None:
    """Perform it. Raises StageFailed, BadInput."""
    status = _status(room)
    if status in wanted.unless:
        room.log(f"nothing is removed: the run has {status}\n".encode())
        return
    try:
        for path in _meant(wanted, folder):
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    except OSError as error:
        message = f"cannot remove {os.path.relpath(error.filename or folder, folder)!r}: {error.strerror}"
        if wanted.required:
            raise StageFailed(message) from None
        room.log(f"{message}\n".encode("utf-8", "surrogateescape"))


def _status(room: Room) -> str:
    """What the run has come to so far."""
    known = room.seen()
    status = worse(known.get(RESULT, SUCCEEDED), known.get(STAGE_RESULT, SUCCEEDED))
    return FAILED if status == ERRORED else status


def _meant(wanted: Clear, folder: Path) -> Iterator[Path]:
    """The files that the patterns mean, and the folders, which are not entered then."""
    includes, excludes = patterns.of_files(wanted.patterns), patterns.of_files(wanted.excludes)

    def is_meant(*names: str) -> bool:
        def fits(some: tuple[str, ...]) -> bool:
            return any(patterns.any_matches(some, name) for name in names)

        return fits(includes) and not fits(excludes)

    for above, folders, files in os.walk(folder):
        inner = "" if above == str(folder) else f"{os.path.relpath(above, folder)}/"
        links = [one for one in folders if os.path.islink(f"{above}/{one}")]  # noqa: PTH114 - a plain text
        for name in list(folders) if wanted.folders else ():
            if name not in links and is_meant(f"{inner}{name}", f"{inner}{name}/"):
                folders.remove(name)
                yield folder / inner / name
        yield from (folder / inner / name for name in (*files, *links) if is_meant(f"{inner}{name}"))
