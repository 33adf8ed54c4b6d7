"""The folders of this machine that a container reads: themselves, or copies for a user who may not."""

import os
import shutil
from pathlib import Path

from seatrial.errors import StageFailed
from seatrial.system import digest, files

_FILE, _FOLDER = 0o004, 0o005  # what everybody needs


def readable(folder: Path, room: Path) -> Path:
    """The folder where everybody may read all of it, or else a copy in a room that has another user.

    The copy is made once: what a run reads, such as the objects of its commit, does not change.
    """
    if _is_open(folder):
        return folder
    made = room / f"lent-{digest.of_text(str(folder)).partition(':')[2][:12]}"
    if not made.exists():
        partial = files.beside(made)
        try:
            shutil.copytree(folder, partial)
            partial.rename(made)
        except OSError as error:
            files.remove(partial)
            if not made.exists():  # nobody else has just made it
                message = (
                    f"{folder} cannot be copied for the user of the container: {error.strerror or error}"
                )
                raise StageFailed(message) from None
    return made


def _is_open(folder: Path) -> bool:
    for place, _, names in os.walk(folder):
        try:
            if os.stat(place).st_mode & _FOLDER != _FOLDER:  # noqa: PTH116 - hot
                return False
            if not all(os.stat(f"{place}/{name}").st_mode & _FILE for name in names):  # noqa: PTH116 - hot
                return False
        except FileNotFoundError:  # Git has packed it in between
            continue
    return True
