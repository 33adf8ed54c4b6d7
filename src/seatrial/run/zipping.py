"""Zip files of a workspace, made and opened from outside: the image of a stage needs no program for it."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import zipfile
from pathlib import Path
from typing import BinaryIO

from seatrial.errors import StageFailed
from seatrial.pipeline.step import Unzip, Zip
from seatrial.run import archiving
from seatrial.run.steps import Room, inside, located


def zip_up(wanted: Zip, room: Room) -> None:
    """The file is new: it is beside its place until it is whole. Raises BadInput, StageFailed."""
    folder = inside(wanted.folder, room)
    file = located(wanted.file, room)
    top = Path(os.path.realpath(room.top))
    meant = archiving.Meant(wanted.patterns, wanted.excludes, all_names=False)
    files = archiving.reach(top, folder).files
    names = [name for name in archiving.fitting(files, meant) if folder / name != file]
    beside = room.temporary / "made.zip"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as made:
            for name in names:
                _put_in(made, name, top / files[name])
        shutil.move(beside, file)
    except OSError as error:
        raise StageFailed(f"cannot zip {wanted.file!r}: {error.strerror}") from None


def _put_in(made: zipfile.ZipFile, name: str, place: Path) -> None:
    with _opened(place) as content:
        about = zipfile.ZipInfo(name)
        about.compress_type = zipfile.ZIP_DEFLATED
        about.external_attr = (os.fstat(content.fileno()).st_mode & 0xFFFF) << 16
        with made.open(about, "w", force_zip64=True) as file:
            shutil.copyfileobj(content, file)


def _opened(place: Path) -> BinaryIO:
    """A file, and no link that a command has put in its place, nor what has no end. Raises OSError."""
    opened = open(os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb")  # noqa: PTH123, SIM115
    if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
        opened.close()
        raise OSError(errno.EINVAL, "no plain file is there")
    return opened


def unzip(wanted: Unzip, room: Room) -> None:
    """Nothing of it comes to lie outside of the workspace. Raises BadInput, StageFailed."""
    above, name = os.path.split(wanted.file)
    try:
        with _opened(inside(above, room) / name) as file, zipfile.ZipFile(file) as opened:
            members = [one.filename for one in opened.infolist() if not one.is_dir()]
            for member in archiving.fitting(members, archiving.Meant(wanted.patterns)):
                _take_out(opened, member, located(f"{wanted.folder or '.'}/{member}", room))
    except OSError as error:
        raise StageFailed(f"cannot unzip {wanted.file!r}: {error.strerror}") from None
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise StageFailed(f"cannot unzip {wanted.file!r}: {error}") from None


def _take_out(opened: zipfile.ZipFile, name: str, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    with opened.open(name) as content, place.open("wb") as file:
        shutil.copyfileobj(content, file)
    mode = opened.getinfo(name).external_attr >> 16 & 0o777
    if mode:
        place.chmod(mode | 0o600)
