"""A home that this user may not write to: said by every command as the doctor says it; what reads, works."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from seatrial.errors import BAD_INPUT, OUR_FAULT, PASSED
from seatrial.journal import releases
from seatrial.project.project import open_home
from tests.cli.terminal import Ended, seatrial
from tests.conftest import Repository, requires

pytestmark = pytest.mark.slow

WRITES = ("run --fresh", "cache collect", "evaluate predictions.csv --task classification")
READS = ("explain", "status", "history", "logs", "logs prepare", "cache", "check", "run --dry-run")
# Root may do what the modes of files forbid, until it gives that up.
WITHOUT_PRIVILEGES = ("setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override")
READ_ONLY = 'mount --bind "$SEATRIAL_HOME" "$SEATRIAL_HOME" && mount -o remount,ro,bind "$SEATRIAL_HOME"'


def on_a_read_only_disk(home: Path) -> Sequence[str]:
    del home
    if os.getuid():
        pytest.skip("only root may mount a disk for reading alone")
    requires("unshare")
    return ("unshare", "-m", "sh", "-c", f'{READ_ONLY} && exec "$@"', "sh")


def of_somebody_else(home: Path) -> Sequence[str]:
    for folder in (home, home / "store", home / "workspaces"):
        if folder.exists():
            folder.chmod(0o500)
    for file in home.glob("journal.db*"):
        file.chmod(0o400)
    if os.getuid():
        return ()
    requires("setpriv")
    return WITHOUT_PRIVILEGES


@pytest.fixture
def closed(home: Path) -> Iterator[Path]:
    """The home; what a test forbids is allowed again at its end."""
    yield home
    for folder in (home, home / "store", home / "workspaces"):
        if folder.exists():
            folder.chmod(0o700)


@pytest.fixture(params=[on_a_read_only_disk, of_somebody_else], ids=lambda one: one.__name__)
def close(request: pytest.FixtureRequest) -> Callable[[Path], Sequence[str]]:
    """Forbids writing to a home, and gives the words that start a program which has to heed it."""
    return request.param  # type: ignore[no-any-return]


def is_told(ended: Ended, home: Path) -> bool:
    said = f"error: {home} cannot be written: "
    hint = "set SEATRIAL_HOME to a folder that can"
    assert "Traceback" not in ended.err + ended.out
    assert (ended.code, said in ended.err, hint in ended.err) == (BAD_INPUT, True, True), ended
    return True


def test_what_writes_says_it_and_what_reads_works(
    tiny: Repository, closed: Path, close: Callable[[Path], Sequence[str]]
) -> None:
    assert seatrial("run", folder=tiny.folder).code == PASSED
    tiny.write("predictions.csv", "id,label,prediction\n1,a,a\n2,b,b\n")
    tiny.write("seatrial.yaml", f"{(tiny.folder / 'seatrial.yaml').read_text()}{ENVIRONMENT}")
    tiny.commit("a place to release to")
    assert seatrial("run", folder=tiny.folder).code == PASSED
    by = close(closed)
    for words in WRITES:
        assert is_told(seatrial(*words.split(), folder=tiny.folder, by=by), closed)
    for words in READS:
        assert seatrial(*words.split(), folder=tiny.folder, by=by).code == PASSED, words
    doctor = seatrial("doctor", folder=tiny.folder, by=by)
    assert (doctor.code, f"{closed} cannot be written: " in doctor.out) == (OUR_FAULT, True)
    assert f"{closed}/journal.db cannot be written: " in doctor.out


ENVIRONMENT = 'environments: {production: {target: process, address: "127.0.0.1:1"}}\n'


def test_a_home_that_is_empty_too(
    tiny: Repository, closed: Path, close: Callable[[Path], Sequence[str]]
) -> None:
    """Who only looks sees that nothing has happened."""
    by = close(closed)
    for words in ("run", "explain", "release x"):
        assert is_told(seatrial(*words.split(), folder=tiny.folder, by=by), closed)
    for words in ("status", "history", "history --runs", "status --json"):
        ended = seatrial(*words.split(), folder=tiny.folder, by=by)
        assert (ended.code, ended.err, "Traceback" in ended.out) == (PASSED, "", False), ended
    assert "nothing was released here yet" in seatrial("status", folder=tiny.folder, by=by).out
    for words in ("logs", "package show production", "labels show production"):
        ended = seatrial(*words.split(), folder=tiny.folder, by=by)
        assert (ended.code, "cannot be written" in ended.err) == (BAD_INPUT, False), ended


def test_a_journal_that_is_somebody_else_s_is_named(tiny: Repository, closed: Path) -> None:
    """As `sudo seatrial run` leaves it in a home of mine."""
    assert seatrial("run", folder=tiny.folder).code == PASSED
    by = of_somebody_else(closed)
    closed.chmod(0o700)
    (closed / "store").chmod(0o700)
    tiny.write("in.txt", "two\n")
    ended = seatrial("run", folder=tiny.folder, by=by)
    assert ended.code == BAD_INPUT
    assert f"error: {closed}/journal.db cannot be written: this user may not" in ended.err


def test_who_may_only_look_wakes_nobody(
    tiny: Repository, closed: Path, close: Callable[[Path], Sequence[str]]
) -> None:
    journal = open_home().journal
    with journal.change():
        releases.keep_environment(journal, "tiny", "production", "127.0.0.1:1")
    journal.close()
    ended = seatrial("status", folder=tiny.folder, by=close(closed))
    assert (ended.code, "production" in ended.out) == (PASSED, True), ended
    assert "nobody is woken to drive what is released" in ended.err
    assert not (closed / "supervisor.log").exists()
