"""What tests of every chapter share: a home of their own, a store in it, repositories, and real parts."""

from __future__ import annotations

import gc
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple, NoReturn

import pytest

from seatrial.gateway import files
from seatrial.journal.journal import Journal
from seatrial.store.store import Store, open_store
from tests import journals, properties
from tests.parts import PARTS, path_of

AUTHOR = {
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.com",
    "GIT_AUTHOR_DATE": "2026-05-03T14:07:00Z",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.com",
    "GIT_COMMITTER_DATE": "2026-05-03T14:07:00Z",
}
# Stages and servers find this Python itself: a shim before it (pyenv) takes longer than most of what they do.
os.environ["PATH"] = f"{Path(sys.base_prefix) / 'bin'}{os.pathsep}{os.environ['PATH']}"


@pytest.hookimpl(tryfirst=True)  # hypothesis loads the profile that is asked for after it
def pytest_configure(config: pytest.Config) -> None:
    """Asked to end (`timeout`, a CI that gives up), pytest still ends what its tests have started."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    properties.register()
    folder = str(config.option.basetemp or tempfile.gettempdir())
    if shlex.quote(folder) != folder:
        raise pytest.UsageError(f"scripts of the tests name files in {folder!r} without quotes: set TMPDIR")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs an engine is slow."""
    for item in items:
        if "engine" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """What is collected stays to the end: to look for cycles in it, again and again, only takes time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()


def requires(name: str) -> None:
    """Skip the test when a real part is missing, and say so; under CI=true that is a failure."""
    if path_of(name) if name in PARTS else shutil.which(name):
        return
    missing(f"{name} is not installed (python -m tests.parts {name})")


def missing(reason: str) -> NoReturn:
    """Skip the test for want of something real; under CI=true that is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A SEATRIAL_HOME of this test's own."""
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("SEATRIAL_HOME", str(folder))
    yield folder
    remove_sockets(folder)


def remove_sockets(home: Path) -> None:
    """Of a home with so long a path they are not in it, and nobody else would remove them."""
    shutil.rmtree(f"/tmp/seatrial-{os.getuid()}-{files.home_key(home)}", ignore_errors=True)


@pytest.fixture
def journal(home: Path) -> Iterator[Journal]:
    opened = journals.new(home)
    yield opened
    opened.close()


@pytest.fixture
def store(home: Path, journal: Journal) -> Store:
    return open_store(home, journal)


class Repository(NamedTuple):
    """A checkout that a test works in."""

    folder: Path

    def git(self, *arguments: str | Path, content: bytes = b"") -> str:
        """Run `git` as its user would, with fixed names and times; what it writes."""
        env = {**os.environ, **AUTHOR}
        command = ["git", "-c", "protocol.file.allow=always", "-c", "maintenance.auto=false", *arguments]
        done = subprocess.run(command, cwd=self.folder, env=env, input=content, capture_output=True)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode("utf-8", "surrogateescape").removesuffix("\n")

    def write(self, path: str, content: str | bytes = "", mode: int = 0o644) -> Path:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        file.chmod(mode)
        return file

    def commit(self, message: str = "a commit", **contents: str) -> str:
        """Commit all that there is, after writing `contents` (a_txt="…" writes the file a.txt); the id."""
        for name, content in contents.items():
            self.write(name.replace("_", "."), content)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")


@pytest.fixture(scope="session")
def empty_git(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `.git` of an empty repository, without samples of hooks: to copy it is less than to make one."""
    requires("git")
    made = Repository(tmp_path_factory.mktemp("empty"))
    with pytest.MonkeyPatch.context() as patch:
        hide_settings_of_git(patch, made.folder)
        made.git("init", "--quiet", "--initial-branch=main", "--template=")
    for folder in ("hooks", "info"):
        (made.folder / ".git" / folder).mkdir()
    return made.folder / ".git"


def hide_settings_of_git(patch: pytest.MonkeyPatch, home: Path) -> None:
    patch.setenv("HOME", str(home))
    patch.delenv("XDG_CONFIG_HOME", raising=False)


@pytest.fixture
def repository(tmp_path: Path, empty_git: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Repository]:
    """Makes empty repositories, by name; nobody's own settings of Git reach them."""
    user = tmp_path / "user"
    user.mkdir()
    hide_settings_of_git(monkeypatch, user)

    def make(name: str = "checkout", *options: str) -> Repository:
        made = Repository(tmp_path / name)
        if options:
            made.folder.mkdir(parents=True)
            made.git("init", "--quiet", "--initial-branch=main", *options)
        else:
            shutil.copytree(empty_git, made.folder / ".git")
        return made

    return make


@pytest.fixture(scope="session")
def engine() -> Iterator[str]:
    """The address of a Docker engine; see `tests.engine`."""
    from tests.engine import running

    with running() as address:
        yield address


@pytest.fixture
def docker(engine: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """`docker` and seatrial find the tests' engine."""
    monkeypatch.setenv("DOCKER_HOST", engine)
    return engine
