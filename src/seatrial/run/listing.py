"""Files of a workspace that a script asks for, found from outside: the image needs no program for it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from seatrial.errors import StageFailed
from seatrial.pipeline.step import Find, Found, Listed
from seatrial.run import archiving
from seatrial.run.steps import Room, inside


def find(wanted: Find, room: Room) -> Found:
    """What the patterns mean, also behind links. Raises BadInput, StageFailed."""
    folder, top = inside("", room), Path(os.path.realpath(room.top))
    try:
        listed = _below(wanted, folder, top, room) if wanted.patterns else _in(wanted, folder, top)
        return Found(tuple(listed))
    except OSError as error:
        shown = os.path.relpath(error.filename or folder, folder)
        raise StageFailed(f"findFiles: cannot read {shown!r}: {error.strerror}") from None


def _below(wanted: Find, folder: Path, top: Path, room: Room) -> list[Listed]:
    """The plain files that the patterns mean."""
    meant = archiving.Meant(wanted.patterns, wanted.excludes, all_names=False)
    reached = archiving.reach(top, folder)
    archiving.tell_leaving("findFiles", reached, meant, room)
    found = ((name, (top / reached.files[name]).lstat()) for name in archiving.fitting(reached.files, meant))
    return [Listed(name, False, info.st_size) for name, info in found if stat.S_ISREG(info.st_mode)]


def _in(wanted: Find, folder: Path, top: Path) -> list[Listed]:
    """What lies in the folder itself; a link that leaves the workspace is not looked behind."""
    left_out = set(archiving.fitting(os.listdir(folder), archiving.Meant(wanted.excludes)))  # noqa: PTH208
    found = []
    for name in sorted(set(os.listdir(folder)) - left_out):  # noqa: PTH208 - names are asked for
        real = Path(os.path.realpath(folder / name))
        is_within = real.exists() and real.is_relative_to(top)
        info = (real if is_within else folder / name).lstat()
        found.append(Listed(name, stat.S_ISDIR(info.st_mode), info.st_size))
    return found
