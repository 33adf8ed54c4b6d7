"""Contents and folders for the tests of the store."""

from __future__ import annotations

import hashlib
from pathlib import Path


def sha256(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def fill(folder: Path, contents: dict[str, bytes]) -> Path:
    for name, content in contents.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return folder


def sparse(path: Path, size: int, mark: bytes = b"mark") -> Path:
    """A file of `size` bytes that takes next to no disk: a mark, then zeros."""
    with path.open("wb") as file:
        file.write(mark)
        file.truncate(size)
    return path


def snapshot(folder: Path) -> dict[str, tuple[object, ...]]:
    """Everything that can be seen of all that a folder holds, times included."""
    return {str(path): _seen(path) for path in [folder, *folder.rglob("*")]}


def _seen(path: Path) -> tuple[object, ...]:
    info = path.lstat()
    link = str(path.readlink()) if path.is_symlink() else ""
    content = path.read_bytes() if path.is_file() and not link else b""
    return (info.st_ino, info.st_mode, info.st_size, info.st_mtime_ns, link, sha256(content))
