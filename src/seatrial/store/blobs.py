"""Blobs: contents by their digest. Whole or not there; a damaged one is as good as missing.

Contents below 64 MB are copied and verified whenever they are used. Larger ones are shared by hard link, see
`large`. Writing is safe against the death of the process, not of the machine; `sync` is for what must outlive
a power cut.
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial as bind
from pathlib import Path

from seatrial.errors import BadInput, Infrastructure
from seatrial.store import copying, large
from seatrial.store.store import Store
from seatrial.system import digest as digests
from seatrial.system import files, parallel

LARGE = large.LARGE
WORTH_THREADS = 16 << 20


class Missing(Infrastructure):
    """A blob that the store does not hold, or held in a damaged form; what made it can make it again."""

    def __init__(self, digest: str) -> None:
        super().__init__(f"the store does not hold {digest}", hint="run again: what made it is run again")
        self.digest = digest


def path(store: Store, digest: str) -> Path:
    """The file of a blob, there or not."""
    return Path(_name(store, digest))


def _name(store: Store, digest: str) -> str:
    digits = digest[7:]
    if len(digits) != 64 or not digits.isalnum() or not digest.startswith("sha256:"):
        raise Missing(digest)
    return f"{store.root}/blobs/sha256/{digits}"


def has(store: Store, digest: str) -> bool:
    """Whether the blob is there; whether it is intact shows when it is used."""
    return os.path.exists(_name(store, digest))  # noqa: PTH110 - hot


def size(store: Store, digest: str) -> int:
    """The size in bytes. Raises Missing."""
    try:
        return os.stat(_name(store, digest)).st_size  # noqa: PTH116 - hot
    except FileNotFoundError:
        raise Missing(digest) from None


def add_bytes(store: Store, content: bytes) -> str:
    """Add a content and return its digest."""
    digest = digests.of_bytes(content)
    name = _name(store, digest)
    if not _refresh(name, len(content)):
        try:
            partial = copying.partial_name(store.root)
            copying.write_file(partial, content, 0o444)
            os.rename(partial, name)  # noqa: PTH104 - hot
        except OSError as error:
            raise copying.cannot_write(error, store.root) from error
    return digest


def _refresh(name: str, size: int) -> bool:
    """Whether a blob of this size is there; if so it is made young, so that no collection takes it now."""
    try:
        if os.stat(name).st_size != size:  # noqa: PTH116 - hot
            return False
        os.utime(name)
    except FileNotFoundError:
        return False
    return True


def add(store: Store, path: Path | str, *, move: bool = False) -> str:
    """Add the content of a file and return its digest ("sha256:…").

    `move`: the file is ours and goes into the store. Else it stays as it is, and a large one is shared with
    the store. Raises BadInput for what cannot be read, Infrastructure for a full disk.
    """
    name = os.fspath(path)
    source = copying.open_to_read(name, follow=not move)
    try:
        return _add_open(store, name, source, move=move)
    except OSError as error:
        raise copying.cannot_write(error, store.root) from error
    finally:
        os.close(source)


def _add_open(store: Store, name: str, source: int, *, move: bool) -> str:
    info = os.fstat(source)
    if not stat.S_ISREG(info.st_mode):
        raise BadInput(f"{name!r} is not a file")
    ours = move and info.st_nlink == 1  # another name of it may be the user's
    if info.st_size >= LARGE:
        return _add_large(store, name, source, move=move, ours=ours)
    if ours and (moved := _move(store, name, source, info.st_size)):
        return moved
    if info.st_size <= copying.CHUNK:
        digest = add_bytes(store, _read(source))
    else:
        partial = copying.partial_name(store.root)
        digest = copying.copy_file(source, partial, 0o444)
        os.rename(partial, _name(store, digest))  # noqa: PTH104 - hot
    if move:
        _drop(name)
    return digest


def _move(store: Store, name: str, source: int, size: int) -> str:
    """Make the file itself the blob; "" where it can only be copied."""
    digest = digests.of_bytes(_read(source)) if size <= copying.CHUNK else copying.hash_of(source)
    # To put a file in the place of another costs more than to read a small one.
    if size <= copying.CHUNK and _refresh(_name(store, digest), size) and is_intact(store, digest):
        _drop(name)
        return digest
    try:
        os.fchmod(source, 0o444)
        os.rename(name, _name(store, digest))  # noqa: PTH104 - hot
    except OSError as error:
        if error.errno not in copying.NOT_OURS:
            raise
        os.lseek(source, 0, os.SEEK_SET)
        return ""
    return digest


def _drop(name: str) -> None:
    """Remove a file that has become a blob; where that is not allowed, it goes with its folder."""
    with suppress(PermissionError):
        os.unlink(name)  # noqa: PTH108 - hot


def _read(source: int) -> bytes:
    chunks = []
    while chunk := os.read(source, copying.CHUNK):
        chunks.append(chunk)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _add_large(store: Store, name: str, source: int, *, move: bool, ours: bool) -> str:
    while True:
        digest = copying.hash_of(source)
        target = _name(store, digest)
        with large.locked(store):
            if ours and not large.refresh(store, target, digest) and large.take(store, name, target, digest):
                return digest
            if large.refresh(store, target, digest) or large.share(store, name, source, target, digest):
                if move:
                    _drop(name)
                return digest


def add_many(store: Store, paths: Sequence[Path | str], *, move: bool = False) -> list[str]:
    """`add` for many files, in order; on all cores where that is worth it."""
    one = bind(add, store, move=move)
    if len(paths) < 2 or sum(map(_size_or_nothing, paths)) < WORTH_THREADS:
        return [one(path) for path in paths]
    return parallel.each(one, paths)


def _size_or_nothing(path: Path | str) -> int:
    try:
        return os.stat(path).st_size  # noqa: PTH116 - hot
    except OSError:
        return 0


def read(store: Store, digest: str) -> bytes:
    """The content, verified. Raises Missing, also for a damaged blob, which is removed."""
    source = _open(store, digest)
    try:
        content = _read(source)
    finally:
        os.close(source)
    if digests.of_bytes(content) != digest:
        raise damaged(store, digest)
    return content


class Verified(io.RawIOBase):
    """A content to read from start to end; the end of a damaged one raises Missing."""

    def __init__(self, store: Store, digest: str) -> None:
        self._store, self._digest = store, digest
        self._source = _open(store, digest)
        self._state = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        content = os.read(self._source, size if size >= 0 else copying.CHUNK)
        self._state.update(content)
        return content

    def check(self) -> None:
        if "sha256:" + self._state.hexdigest() != self._digest:
            raise damaged(self._store, self._digest)

    def close(self) -> None:
        if not self.closed:
            os.close(self._source)
        super().close()


@contextmanager
def open_verified(store: Store, digest: str) -> Iterator[Verified]:
    """A content too large to hold, to be read to its end within the block. Raises Missing, then or before."""
    with Verified(store, digest) as source:
        yield source
        source.check()


def _open(store: Store, digest: str) -> int:
    """A descriptor; a pipe or a folder in the blob's place is a damaged blob, and nobody waits for it."""
    try:
        source = os.open(_name(store, digest), os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        raise Missing(digest) from None
    if stat.S_ISREG(os.fstat(source).st_mode):
        return source
    os.close(source)
    raise damaged(store, digest)


def damaged(store: Store, digest: str) -> Missing:
    """Remove a damaged blob, and give the error for it."""
    remove(store, digest)
    return Missing(digest)


def place(store: Store, digest: str, target: Path | str, *, executable: bool = False) -> None:
    """Write the content to the file `target`, in place of what is there. Raises Missing.

    A large content may share its disk space with the store; it is then read-only.
    """
    name = os.fspath(target)
    source = _open(store, digest)
    try:
        try:
            _place_open(store, digest, source, name, executable=executable)
        except FileExistsError:
            files.remove(Path(name))
            _place_open(store, digest, source, name, executable=executable)
    except OSError as error:
        raise copying.cannot_write(error, name) from error
    finally:
        os.close(source)


def _place_open(store: Store, digest: str, source: int, name: str, *, executable: bool) -> None:
    bytes_ = os.fstat(source).st_size
    mode = 0o777 if executable else 0o666
    if bytes_ >= LARGE and not executable and _link(store, digest, name):
        return
    if bytes_ <= copying.CHUNK:
        os.lseek(source, 0, os.SEEK_SET)
        content = _read(source)
        if digests.of_bytes(content) != digest:
            raise damaged(store, digest)
        copying.write_file(name, content, mode)
    elif copying.copy_file(source, name, mode) != digest:
        os.unlink(name)  # noqa: PTH108 - hot
        raise damaged(store, digest)


def _link(store: Store, digest: str, name: str) -> bool:
    """Place a large blob by a hard link; False where the file system has none to `name`."""
    blob = _name(store, digest)
    with large.locked(store):
        try:
            intact = large.make_ours(store, blob, digest)
        except FileNotFoundError:
            raise Missing(digest) from None
        if not intact:
            raise damaged(store, digest)
        try:
            os.link(blob, name)
        except OSError as error:
            if error.errno == errno.EEXIST:
                raise
            return False
        large.remember(store, blob, digest)
    return True


def is_intact(store: Store, digest: str) -> bool:
    """Whether the blob is there and undamaged; a damaged one is removed."""
    try:
        source = _open(store, digest)
    except Missing:
        return False
    try:
        found = copying.hash_of(source)
    finally:
        os.close(source)
    if found != digest:
        remove(store, digest)
    return found == digest


def remove(store: Store, digest: str) -> None:
    """Remove a blob; missing is fine."""
    name = _name(store, digest)
    try:
        is_large = os.stat(name).st_size >= LARGE  # noqa: PTH116 - hot
    except FileNotFoundError:
        return
    files.remove(Path(name))
    if is_large:
        large.forget(store, name)


def sync(store: Store, wanted: Iterable[str]) -> None:
    """Let blobs outlive a power cut. Raises Missing."""
    for digest in wanted:
        descriptor = _open(store, digest)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    files.sync_folder(store.root / "blobs" / "sha256")
