"""Commits of Subversion from real servers: over https and through SSH, with nobody there to answer."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from seatrial.clients import svn
from seatrial.commit import all_sources, export
from seatrial.store.store import Store
from tests.commit import svn_servers
from tests.commit.subversion import Copy, make
from tests.conftest import requires

pytestmark = pytest.mark.slow

AT_ONCE_SECONDS = 120.0  # on a busy machine; who waits for an answer waits for ever


@pytest.fixture(scope="module")
def trunk(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    for part in ("svn", "openssl", "apache2", "sshd"):
        requires(part)
    made = make(tmp_path_factory.mktemp("subversion"))
    made.write("src/a.py", "a\n")
    made.commit()
    made.write("src/a.py", "b\n")
    made.commit()
    return made


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "user"
    (home / ".subversion").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    return home


@pytest.fixture(scope="module")
def web(trunk: Copy) -> Iterator[tuple[str, Path]]:
    with svn_servers.apache(Path(trunk.root.removeprefix("file://"))) as served:
        yield served


@pytest.fixture(scope="module")
def shell(trunk: Copy, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    with svn_servers.sshd(tmp_path_factory.mktemp("ssh") / "server") as served:
        yield served


def trust(home: Path, certificate: Path) -> None:
    (home / ".subversion" / "servers").write_text(f"[global]\nssl-authority-files = {certificate}\n")


def text_of(store: Store, folder: Path, url: str) -> bytes:
    from seatrial.store import blobs

    (entry,) = export.tree_of(store, all_sources.resolve(store, folder, url))
    return blobs.read(store, entry.digest)


def refused(store: Store, folder: Path, url: str) -> svn.Unreachable:
    begun = time.monotonic()
    with pytest.raises(svn.Unreachable) as found:
        all_sources.resolve(store, folder, url)
    assert time.monotonic() - begun < AT_ONCE_SECONDS
    return found.value


def test_a_commit_over_https(store: Store, web: tuple[str, Path], home: Path, tmp_path: Path) -> None:
    address, certificate = web
    trust(home, certificate)
    assert text_of(store, tmp_path, f"{address}/open/trunk@2") == b"a\n"
    change = all_sources.resolve(store, tmp_path, f"{address}/open/trunk")
    assert (change.commit, change.branch, change.url) == ("3", "trunk", f"{address}/open/trunk")


def test_a_certificate_that_nobody_knows_is_said(store: Store, web: tuple[str, Path], tmp_path: Path) -> None:
    problem = refused(store, tmp_path, f"{web[0]}/open/trunk@2")
    assert "certificate" in problem.message
    assert "svn info URL" in (problem.hint or "")


def test_a_server_that_wants_a_password_has_one_or_says_so(
    store: Store, web: tuple[str, Path], home: Path, tmp_path: Path
) -> None:
    address, certificate = web
    trust(home, certificate)
    problem = refused(store, tmp_path, f"{address}/closed/trunk@2")
    assert "is not let in" in problem.message
    with (home / ".subversion" / "servers").open("a") as file:
        file.write("store-passwords = yes\nstore-plaintext-passwords = yes\n")
    words = ["--username", svn_servers.USER, "--password", svn_servers.PASSWORD, "--non-interactive"]
    subprocess.run(["svn", "info", *words, f"{address}/closed"], check=True, capture_output=True)
    assert text_of(store, tmp_path, f"{address}/closed/trunk@2") == b"a\n"


def through(shell: tuple[int, Path], known: Path, *, key: str = "") -> str:
    port, own = shell
    return (
        f"ssh -F none -p {port} -i {key or own} -o IdentitiesOnly=yes -o UserKnownHostsFile={known} "
        "-o GlobalKnownHostsFile=none"
    )


def known_host(shell: tuple[int, Path], file: Path) -> Path:
    port, own = shell
    file.write_text(f"[127.0.0.1]:{port} {(own.parent / 'host.pub').read_text()}")
    return file


def url_of(trunk: Copy) -> str:
    return trunk.trunk.replace("file://", "svn+ssh://127.0.0.1")


def test_a_commit_through_ssh(
    store: Store, trunk: Copy, shell: tuple[int, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SVN_SSH", through(shell, known_host(shell, tmp_path / "known")))
    assert text_of(store, tmp_path, f"{url_of(trunk)}@2") == b"a\n"


def test_a_host_that_nobody_knows_is_not_asked_about(
    store: Store, trunk: Copy, shell: tuple[int, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SVN_SSH", through(shell, tmp_path / "none"))
    problem = refused(store, tmp_path, f"{url_of(trunk)}@2")
    assert "Host key verification failed" in problem.message


def test_no_prompt_waits_even_where_there_is_a_terminal(
    trunk: Copy, shell: tuple[int, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SSH asks at the terminal of the session, whatever its input is."""
    known = known_host(shell, tmp_path / "known")
    monkeypatch.setenv("SVN_SSH", through(shell, known, key="none"))
    program = "from seatrial.clients import svn; from pathlib import Path\n"
    program += f"svn.run('info', {url_of(trunk)!r}, folder=Path.cwd())\n"
    child, terminal = pty.fork()
    if child == 0:  # it has the terminal as its own
        os.execv(sys.executable, [sys.executable, "-c", program])
    said = everything(terminal)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(terminal)
    assert b"Permission denied" in said and b"password:" not in said, said


def everything(terminal: int) -> bytes:
    """What is written to a terminal until all that write to it have ended, or have had their time."""
    end, said = time.monotonic() + AT_ONCE_SECONDS, b""
    while select.select([terminal], [], [], max(0.0, end - time.monotonic()))[0]:
        try:
            said += os.read(terminal, 4096)
        except OSError:  # they have ended
            break
    return said
