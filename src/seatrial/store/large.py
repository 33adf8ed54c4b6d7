"""Blobs too large to copy each time: shared by hard link, so every use first asks whether they are unchanged.

A hard link protects nothing: who writes through one of the names writes the blob. So the journal remembers
inode, size, mtime and ctime of a blob that is *ours* (no name outside the store and our workspaces), and one
that looks otherwise is hashed again before it is used. A blob that shares its inode with a file of the user's
is *theirs*: it costs no copy to add, but a stage is never given the user's own file, so the first use
replaces it by a copy that is ours. Linking changes the ctime; a lock keeps the memory in step.
"""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from pathlib import Path

from seatrial.store import copying
from seatrial.store.store import Store
from seatrial.system import lock

LARGE = 64 << 20
THEIRS = "theirs"


def locked(store: Store) -> AbstractContextManager[None]:
    return lock.held(store.root / "large.lock")


def looks(info: os.stat_result) -> str:
    return f"{info.st_ino} {info.st_size} {info.st_mtime_ns} {info.st_ctime_ns}"


def remembered(store: Store, name: str) -> str:
    row = store.journal.database.row("SELECT stat FROM file WHERE path = ?", (name,))
    return str(row[0]) if row else ""


def remember(store: Store, name: str, digest: str, stat: str = "") -> None:
    """Remember how the intact blob `name` looks now (or that it is THEIRS)."""
    values = (name, stat or looks(os.stat(name)), digest)  # noqa: PTH116 - hot
    store.journal.database.rows("INSERT OR REPLACE INTO file(path, stat, digest) VALUES (?, ?, ?)", values)


def forget(store: Store, name: str) -> None:
    store.journal.database.rows("DELETE FROM file WHERE path = ?", (name,))


def is_theirs(memory: str, info: os.stat_result) -> bool:
    """Whether a name that is not ours may share the blob's inode."""
    ours = memory.split(" ")[0] == str(info.st_ino) or info.st_nlink == 1
    return memory == THEIRS or not ours


def is_unchanged(store: Store, name: str) -> bool:
    """Whether the blob `name` is there, ours, and looks as it did when it was last known to be intact."""
    try:
        return remembered(store, name) == looks(os.stat(name))  # noqa: PTH116 - hot
    except FileNotFoundError:
        return False


def refresh(store: Store, name: str, digest: str) -> bool:
    """Whether the blob `name` is as `is_unchanged` says; if so it is made young.

    Call it with the lock held.
    """
    if not is_unchanged(store, name):
        return False
    os.utime(name)
    remember(store, name, digest)
    return True


def take(store: Store, name: str, target: str, digest: str) -> bool:
    """Make the file `name`, which is ours, the blob; False where it cannot be moved.

    Call it with the lock held.
    """
    try:
        os.chmod(name, 0o444)  # noqa: PTH101 - hot
        os.rename(name, target)  # noqa: PTH104 - hot
    except OSError as error:
        if error.errno not in copying.NOT_OURS:
            raise
        return False
    remember(store, target, digest)
    return True


def share(store: Store, name: str, source: int, target: str, digest: str) -> bool:
    """Make a hard link of the user's file `name` the blob; a copy where that cannot be.

    False: the copy has another digest, so the file was changed meanwhile. Call it with the lock held.
    """
    partial = copying.partial_name(store.root)
    try:
        os.link(name, partial)
    except OSError:
        if copying.copy_file(source, partial, 0o444) != digest:
            Path(partial).unlink()
            return False
        take(store, partial, target, digest)
        return True
    remember(store, target, digest, THEIRS)
    os.rename(partial, target)  # noqa: PTH104 - hot
    Path(partial).unlink(missing_ok=True)  # renaming one link of a file to another leaves both
    return True


def is_intact(store: Store, name: str, digest: str) -> bool:
    """Whether the blob `name` holds what it should. Call it with the lock held."""
    info = os.stat(name)  # noqa: PTH116 - hot
    memory = remembered(store, name)
    if memory == looks(info):
        return True
    source = copying.open_to_read(name)
    try:
        if copying.hash_of(source) != digest:
            return False
    finally:
        os.close(source)
    remember(store, name, digest, THEIRS if is_theirs(memory, info) else looks(info))
    return True


def make_ours(store: Store, name: str, digest: str) -> bool:
    """Let the blob `name` be ours and intact; False when it is damaged. Call it with the lock held."""
    if not is_theirs(remembered(store, name), os.stat(name)):  # noqa: PTH116 - hot
        return is_intact(store, name, digest)
    source = copying.open_to_read(name)
    partial = copying.partial_name(store.root)
    try:
        before = os.fstat(source)
        if copying.copy_file(source, partial, 0o444) != digest:
            Path(partial).unlink()
            return False
        take(store, partial, name, digest)
        carry_over(store, digest, before, os.fstat(source))
    finally:
        os.close(source)
    return True


def carry_over(store: Store, digest: str, before: os.stat_result, after: os.stat_result) -> None:
    """Our links changed the ctime of a file of the user's: what is known of it still holds."""
    if before.st_mtime_ns == after.st_mtime_ns and before.st_size == after.st_size:
        sql = "UPDATE file SET stat = ? WHERE stat = ? AND digest = ?"
        store.journal.database.rows(sql, (looks(after), looks(before), digest))
