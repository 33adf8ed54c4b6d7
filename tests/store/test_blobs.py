"""Blobs: whole or not there, and a damaged one is as good as missing."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seatrial.errors import BadInput, Infrastructure
from seatrial.journal.journal import open_journal
from seatrial.store import blobs, collect, copying
from seatrial.store.store import Store, open_store
from tests.properties import examples
from tests.store.contents import sha256, sparse

MEDIUM = copying.CHUNK + 17


def debris(store: Store) -> list[Path]:
    return list((store.root / "partial").iterdir())


@pytest.mark.parametrize("content", [b"", b"a", b"\0" * 4096, os.urandom(MEDIUM)], ids=len)
@pytest.mark.parametrize("move", [False, True])
def test_what_is_added_is_read_again(store: Store, tmp_path: Path, content: bytes, move: bool) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)
    digest = blobs.add(store, file, move=move)
    assert digest == sha256(content)
    assert blobs.has(store, digest)
    assert blobs.size(store, digest) == len(content)
    assert blobs.read(store, digest) == content
    assert file.exists() is not move
    assert debris(store) == []


@settings(examples(30), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(content=st.binary(max_size=300))
def test_bytes_come_back(store: Store, content: bytes) -> None:
    assert blobs.read(store, blobs.add_bytes(store, content)) == content


def test_the_digest_of_an_empty_content_is_the_published_one(store: Store) -> None:
    expected = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert blobs.add_bytes(store, b"") == expected


def test_many_files_keep_their_order(store: Store, tmp_path: Path) -> None:
    contents = [bytes([n]) * (3 << 20) for n in range(8)]  # enough for threads
    paths = [tmp_path / str(n) for n in range(8)]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    assert blobs.add_many(store, paths) == [sha256(content) for content in contents]


def test_a_missing_file_among_many_is_said(store: Store, tmp_path: Path) -> None:
    big = tmp_path / "big"
    big.write_bytes(bytes(32 << 20))
    with pytest.raises(BadInput, match="absent"):
        blobs.add_many(store, [big, tmp_path / "absent", big])


@pytest.mark.parametrize("kind", ["folder", "fifo", "absent"])
def test_what_is_not_a_file_is_refused_at_once(store: Store, tmp_path: Path, kind: str) -> None:
    path = tmp_path / kind
    if kind == "folder":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)  # opening one to read would wait for a writer
    with pytest.raises(BadInput, match=kind):
        blobs.add(store, path)


@pytest.mark.parametrize(
    "digest", ["", "sha256:", "sha256:../../../../etc/passwd", "md5:" + "0" * 67, "x" * 71]
)
def test_a_bad_digest_is_never_a_path(store: Store, digest: str) -> None:
    for use in (blobs.has, blobs.read, blobs.size, blobs.remove):
        with pytest.raises(blobs.Missing):
            use(store, digest)


@pytest.mark.parametrize("damage", [b"other", b"cont", b"content and more", b""])
def test_a_damaged_blob_is_missing_and_can_be_added_again(
    store: Store, tmp_path: Path, damage: bytes
) -> None:
    digest = blobs.add_bytes(store, b"content")
    blobs.path(store, digest).chmod(0o644)
    blobs.path(store, digest).write_bytes(damage)
    with pytest.raises(blobs.Missing):
        blobs.read(store, digest)
    assert not blobs.has(store, digest)
    assert blobs.add_bytes(store, b"content") == digest
    assert blobs.read(store, digest) == b"content"


@pytest.mark.parametrize("size", [100, MEDIUM])
def test_placing_a_damaged_blob_leaves_nothing(store: Store, tmp_path: Path, size: int) -> None:
    digest = blobs.add_bytes(store, b"a" * size)
    blobs.path(store, digest).chmod(0o644)
    blobs.path(store, digest).write_bytes(b"b" * size)
    with pytest.raises(blobs.Missing):
        blobs.place(store, digest, tmp_path / "target")
    assert not (tmp_path / "target").exists()
    assert not blobs.has(store, digest)


def test_moving_heals_a_damaged_blob(store: Store, tmp_path: Path) -> None:
    digest = blobs.add_bytes(store, b"content")
    blobs.path(store, digest).chmod(0o644)
    blobs.path(store, digest).write_bytes(b"CONTENT")
    (tmp_path / "file").write_bytes(b"content")
    blobs.add(store, tmp_path / "file", move=True)
    assert blobs.read(store, digest) == b"content"


@pytest.mark.parametrize("size", [0, 10, MEDIUM])
@pytest.mark.parametrize("executable", [False, True])
def test_placed_files_are_the_stages_own(store: Store, tmp_path: Path, size: int, executable: bool) -> None:
    content = b"x" * size
    digest = blobs.add_bytes(store, content)
    target = tmp_path / "target"
    blobs.place(store, digest, target, executable=executable)
    assert target.read_bytes() == content
    assert bool(target.stat().st_mode & 0o100) is executable
    assert target.stat().st_mode & 0o200
    target.write_bytes(b"wrecked")
    assert blobs.read(store, digest) == content


def test_placing_replaces_what_is_there(store: Store, tmp_path: Path) -> None:
    digest = blobs.add_bytes(store, b"new")
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    (tmp_path / "link").symlink_to(victim)
    (tmp_path / "folder" / "full").mkdir(parents=True)
    for name in ("link", "folder"):
        blobs.place(store, digest, tmp_path / name)
        assert (tmp_path / name).read_bytes() == b"new"
    assert victim.read_bytes() == b"precious"


def test_moving_a_file_with_another_name_copies_it(store: Store, tmp_path: Path) -> None:
    (tmp_path / "users").write_bytes(b"content")
    os.link(tmp_path / "users", tmp_path / "output")
    digest = blobs.add(store, tmp_path / "output", move=True)
    (tmp_path / "users").write_bytes(b"changed")
    assert blobs.read(store, digest) == b"content"
    assert not (tmp_path / "output").exists()


FOREIGN = """
import os, sys
from pathlib import Path
from seatrial.journal.journal import open_journal
from seatrial.store import blobs
from seatrial.store.store import open_store
home = Path(sys.argv[1])
store = open_store(home, open_journal(home))
if os.geteuid() == 0:
    os.setuid(65534)
for path in sys.argv[2:]:
    print(blobs.add(store, path, move=True))
"""


def test_outputs_that_belong_to_another_user_are_copied(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("giving files to another user needs root")
    for parent in tmp_path.parents[:3]:
        parent.chmod(parent.stat().st_mode | 0o011)
    tmp_path.chmod(0o755)
    paths = [tmp_path / name for name in ("small", "medium", "large")]
    for path, size in zip(paths, (10, MEDIUM, blobs.LARGE), strict=True):
        sparse(path, size).chmod(0o644)
    home = tmp_path / "home"
    home.mkdir()
    open_store(home, open_journal(home))
    for path in [home, *home.rglob("*")]:
        os.chown(path, 65534, 65534)
    done = subprocess.run([sys.executable, "-c", FOREIGN, home, *paths], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [sha256(path.read_bytes()) for path in paths]


@pytest.mark.parametrize("size", [10, MEDIUM, blobs.LARGE])
def test_moving_from_another_file_system(store: Store, size: int) -> None:
    other = Path("/dev/shm")
    if not other.is_dir() or other.stat().st_dev == store.root.stat().st_dev:
        pytest.skip("there is no second file system here")
    source = sparse(other / f"seatrial.{os.getpid()}", size)
    expected = sha256(source.read_bytes())
    assert blobs.add(store, source, move=True) == expected
    assert not source.exists()
    assert collect.verify(store) == []
    assert blobs.has(store, expected)


def test_a_link_is_never_moved_into_the_store(store: Store, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"content")
    (tmp_path / "link").symlink_to("file")
    with pytest.raises(BadInput):
        blobs.add(store, tmp_path / "link", move=True)


def test_a_full_disk_is_said_and_leaves_nothing(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int, content: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    (tmp_path / "file").write_bytes(bytes(MEDIUM))
    monkeypatch.setattr(os, "write", full)
    for add in (lambda: blobs.add_bytes(store, b"x"), lambda: blobs.add(store, tmp_path / "file")):
        with pytest.raises(Infrastructure, match="no space is left") as caught:
            add()
        assert "seatrial cache collect" in caught.value.hint
    assert debris(store) == []
    assert collect.usage(store).blobs == 0


def test_a_really_full_disk(store: Store, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", small], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("mounting a file system needs root")
    try:
        digest = blobs.add_bytes(store, bytes(2 << 20))
        with pytest.raises(Infrastructure, match="no space is left"):
            blobs.place(store, digest, small / "file")
        assert list(small.iterdir()) == []
    finally:
        subprocess.run(["umount", small], check=True)


def test_adders_of_the_same_blob_do_not_disturb_each_other(store: Store) -> None:
    content, errors = os.urandom(200_000), []

    def add() -> None:
        try:
            for _ in range(20):
                blobs.remove(store, blobs.add_bytes(store, content))
                blobs.add_bytes(store, content)
        except Exception as error:  # noqa: BLE001
            errors.append(error)

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert blobs.read(store, blobs.add_bytes(store, content)) == content


ADDER = """
import sys
from pathlib import Path
from seatrial.journal.journal import open_journal
from seatrial.store import blobs
from seatrial.store.store import open_store
home = Path(sys.argv[1])
store = open_store(home, open_journal(home))
number = 0
while True:
    if number == 6:  # with twelve contents, however slow this machine is
        print("ready", flush=True)
    content = f"{number:07}".encode() * (1 if number % 3 else 200_000)
    (home / "file").write_bytes(content)
    blobs.add(store, home / "file", move=number % 2 == 0)
    blobs.add_bytes(store, content[::-1])
    number += 1
"""


@pytest.mark.slow
def test_killed_at_any_moment_every_blob_is_whole(store: Store, home: Path) -> None:
    import random

    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    for _ in range(6):
        adder = subprocess.Popen([sys.executable, "-c", ADDER, home], stdout=subprocess.PIPE)
        assert adder.stdout is not None
        assert adder.stdout.readline() == b"ready\n"
        with pytest.raises(subprocess.TimeoutExpired):
            adder.wait(chance.uniform(0.01, 0.15))
        adder.send_signal(signal.SIGKILL)
        adder.wait()
        adder.stdout.close()
    assert collect.usage(store).blobs >= 12
    assert collect.verify(store) == []


@pytest.mark.parametrize("make", [os.mkfifo, Path.mkdir])
def test_what_is_no_file_is_a_damaged_blob(
    store: Store, tmp_path: Path, make: Callable[[Path], None]
) -> None:
    digest = blobs.add_bytes(store, b"a")
    uses: list[Callable[[], object]] = [
        lambda: blobs.read(store, digest),
        lambda: blobs.place(store, digest, tmp_path / "placed"),
        lambda: blobs.sync(store, [digest]),
    ]
    for use in uses:
        blobs.remove(store, digest)
        make(blobs.path(store, digest))
        with pytest.raises(blobs.Missing):
            use()
        assert not blobs.has(store, digest)
    make(blobs.path(store, digest))
    assert collect.verify(store) == [digest]
    assert blobs.read(store, blobs.add_bytes(store, b"a")) == b"a"
