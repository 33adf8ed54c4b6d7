"""A folder or a tar from outside, as the files of an image layout: nothing but those is ever looked at."""

from __future__ import annotations

import os
import re
import stat
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from seatrial.errors import BadInput
from seatrial.named_tuple import NamedTuple
from seatrial.store import copying

_FOLDERS = ("", "blobs", "blobs/sha256")
_FILES = re.compile(r"oci-layout|index\.json|blobs/sha256/[0-9a-f]{64}")
_OF_DOCKER = ("manifest.json", "repositories")  # what `docker save` adds for older readers
_MOST_MEMBERS = 200_000


class Archive(NamedTuple):
    """`members` are those of the tar by name; of a folder there are none, its files are opened by name."""

    path: Path
    tar: tarfile.TarFile | None
    members: dict[str, tarfile.TarInfo]

    def size(self, name: str) -> int:
        """The size of a file in bytes. Raises BadInput when it is missing."""
        if self.tar is not None:
            return self._member(name).size
        with self.open(name) as file:
            return os.fstat(file.fileno()).st_size

    def open(self, name: str) -> IO[bytes]:
        """A file, to be read. Raises BadInput when it is missing."""
        if self.tar is not None:
            file = self.tar.extractfile(self._member(name))
            assert file is not None
            return file
        descriptor = copying.open_to_read(f"{self.path}/{name}", follow=False)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise BadInput(f"{name} of {self.path} is not a plain file")
        return os.fdopen(descriptor, "rb")

    def _member(self, name: str) -> tarfile.TarInfo:
        if name not in self.members:
            raise BadInput(f"{self.path} does not hold {name}")
        return self.members[name]

    def read(self, name: str, most: int) -> bytes:
        """A whole file of at most `most` bytes. Raises BadInput."""
        with self.open(name) as file:
            content = file.read(most + 1)
        if len(content) > most:
            raise BadInput(f"{name} of {self.path} has more than {most:,} bytes")
        return content


@contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """A layout to read from. Raises BadInput, also for what comes up while it is read."""
    if path.is_dir():
        _refuse_links(path)
        yield Archive(path, None, {})
        return
    try:
        with tarfile.open(path, "r:") as tar:
            yield Archive(path, tar, _members(path, tar))
    except FileNotFoundError as error:
        raise BadInput(f"there is no {str(path)!r}") from error
    except (tarfile.TarError, EOFError, ValueError, OverflowError) as error:
        raise BadInput(f"{path} is not a whole tar: {error}") from error


def _refuse_links(folder: Path) -> None:
    for name in _FOLDERS[1:]:
        if (folder / name).is_symlink():
            raise BadInput(f"{name} of {folder} is a link")


def _members(path: Path, tar: tarfile.TarFile) -> dict[str, tarfile.TarInfo]:
    """The files of a tar that make up a layout. Raises BadInput for one that nothing honest would hold."""
    found: dict[str, tarfile.TarInfo] = {}
    for member in tar:
        name = member.name.removeprefix("./")
        if name in _OF_DOCKER or (member.isdir() and name.rstrip("/") in (".", *_FOLDERS)):
            continue
        if not member.isreg() or member.issparse():
            raise BadInput(f"{member.name!r} in {path} is not a plain file")
        if not _FILES.fullmatch(name):
            raise BadInput(f"{member.name!r} in {path} does not belong to an image layout")
        if name in found or len(found) >= _MOST_MEMBERS:
            raise BadInput(f"{path} holds {member.name!r} twice, or too many files")
        found[name] = member
    return found
