"""What this machine has of the parts that seatrial stands on: only looked at, for `seatrial doctor`."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from seatrial.errors import BadInput, Problem
from seatrial.journal.journal import Lost, file_of, is_lost
from seatrial.named_tuple import NamedTuple
from seatrial.report.words import size
from seatrial.store import layout
from seatrial.system import disk, process, settings

GOOD = "good"
OPTIONAL = "optional"  # absent, and only some features need it
BAD = "bad"  # absent or broken, and nothing works without it

_LOW_SPACE = 2 << 30
_PATIENCE_SECONDS = 10.0


class Part(NamedTuple):
    name: str
    state: str
    detail: str
    hint: str = ""


def parts() -> Iterator[Part]:
    """Each part as soon as it is known; a look that fails is a part that is bad."""
    for name, look in _LOOKS:
        try:
            yield look()
        except (OSError, Problem, ValueError) as error:
            yield Part(name, BAD, str(error))


def _python() -> Part:
    version = ".".join(map(str, sys.version_info[:3]))
    return Part("python", GOOD, f"{version} ({sys.executable})")


def _venv() -> Part:
    from importlib.util import find_spec

    if find_spec("ensurepip") and find_spec("venv"):
        return Part("venv", GOOD, "stages can have Python environments of their own")
    return Part("venv", OPTIONAL, "no venv or ensurepip", "Debian and Ubuntu: apt install python3-venv")


def _pythons() -> Part:
    from seatrial.run import interpreters

    found = ", ".join(interpreters.found(os.environ))
    if found:
        return Part("pythons", GOOD, f"{found}, for files of other systems that name one")
    return Part("pythons", OPTIONAL, "no pythonX.Y on PATH, for files of other systems that name one")


def _home() -> Part:
    home = settings.read().home
    mode = home.stat().st_mode & 0o777
    if not os.access(home, os.W_OK | os.X_OK):
        return _unwritable("home", home)
    if mode & 0o077:
        return Part(
            "home", OPTIONAL, f"{home} has mode {mode:o}: others can look into it", f"chmod 700 {home}"
        )
    return Part("home", GOOD, str(home))


def _unwritable(name: str, place: Path) -> Part:
    problem = disk.Unwritable(place)
    return Part(name, BAD, problem.message, problem.hint)


def _disk() -> Part:
    home = settings.read().home
    problem = disk.FullDisk(home)
    if disk.is_full(home):
        return Part("disk", BAD, f"full: {problem.message}", problem.hint)
    free = disk.free(home)
    detail = f"{size(free)} free"
    if free < _LOW_SPACE:
        return Part("disk", OPTIONAL, f"only {detail}", problem.hint)
    return Part("disk", GOOD, detail)


def _journal() -> Part:
    import apsw

    path = file_of(settings.read().home)
    version = apsw.sqlite_lib_version()
    if is_lost(path.parent):
        lost = Lost(path.parent)
        return Part("journal", BAD, lost.message, lost.hint)
    if not path.exists():
        return Part("journal", GOOD, f"none yet; SQLite {version}")
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        answer = str(next(iter(connection.execute("PRAGMA quick_check(1)")))[0])
    except apsw.Error as error:
        answer = str(error)
    finally:
        connection.close()
    if answer != "ok" and disk.is_full(path):
        return Part("journal", OPTIONAL, "cannot be looked at while the disk is full")
    if answer == "ok" and not disk.is_writable(path):
        return _unwritable("journal", path)
    if answer == "ok":
        return Part("journal", GOOD, f"{path.stat().st_size / (1 << 20):.1f} MiB; SQLite {version}")
    return Part("journal", BAD, f"damaged: {answer}", f"keep a copy of {path}, then restore it from a backup")


def _store() -> Part:
    path = settings.read().home / "store" / "index.json"
    try:
        known = layout.from_json(path.read_bytes())
    except FileNotFoundError:
        if not _has_packages(path.parent.parent):
            return Part("store", GOOD, "no package yet")
        hint = f"restore {path} from a backup, or `seatrial cache verify`: what lacks it is made again"
        return Part("store", BAD, "its index is gone, and the journal knows packages", hint)
    except BadInput as problem:
        hint = f"restore {path} from a backup, or remove it: `seatrial run --fresh` makes the packages again"
        return Part("store", BAD, f"damaged: {problem.message}", hint)
    named = len({one.digest for one in known if one.tag})
    return Part("store", GOOD, f"{named} package{'' if named == 1 else 's'} with a name")


def _has_packages(home: Path) -> bool:
    import apsw

    try:
        connection = apsw.Connection(str(file_of(home)), flags=apsw.SQLITE_OPEN_READONLY)
    except apsw.Error:
        return False
    try:
        return bool(list(connection.execute("SELECT 1 FROM package LIMIT 1")))
    except apsw.Error:
        return False
    finally:
        connection.close()


def _git() -> Part:
    return _program("git", ("--version",), BAD, "install git: commits are read with it")


def _svn() -> Part:
    return _program("svn", ("--version", "--quiet"), OPTIONAL, "only Subversion repositories need it")


def _docker() -> Part:
    from seatrial.clients import docker

    part = _program("docker", ("--version",), OPTIONAL, "only stages with an image need it")
    problem = docker.problem() if part.state == GOOD else ""
    if problem:
        return Part("docker", OPTIONAL, f"{part.detail}; {problem}", "start it where stages need images")
    return part


def _kubectl() -> Part:
    return _program("kubectl", ("version", "--client"), OPTIONAL, "only releases to Kubernetes need it")


def _envoy() -> Part:
    from seatrial.clients import envoy

    try:
        return Part("envoy", GOOD, str(envoy.binary()))
    except Problem as problem:
        return Part("envoy", OPTIONAL, f"{problem.message}: no release to this machine", problem.hint)


def _extra(name: str, modules: tuple[str, ...], purpose: str) -> Part:
    from importlib.util import find_spec

    missing = [module for module in modules if find_spec(module) is None]
    if not missing:
        return Part(f"extra {name}", GOOD, purpose)
    hint = f"pip install 'seatrial[{name}]'"
    return Part(f"extra {name}", OPTIONAL, f"without {', '.join(missing)}: no {purpose}", hint)


def _evaluation() -> Part:
    return _extra("evaluation", ("numpy", "scipy", "pyarrow"), "evaluation of predictions")


def _terminal() -> Part:
    return _extra("terminal", ("rich", "shtab"), "live progress, completion for shells")


def _report() -> Part:
    return _extra("report", ("jinja2", "defusedxml"), "HTML reports, reading of JUnit reports")


def _processes() -> Part:
    if process.identify(os.getpid()) is None:
        return Part("processes", BAD, "/proc cannot be read", "seatrial runs on Linux, with /proc mounted")
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    detail = f"{os.cpu_count()} cores, {soft} open files"
    if soft < 1024:
        return Part("processes", OPTIONAL, detail, "ulimit -n 4096")
    return Part("processes", GOOD, detail)


def _program(name: str, words: tuple[str, ...], absent: str, hint: str) -> Part:
    import subprocess

    path = shutil.which(name)
    if path is None:
        return Part(name, absent, "absent", hint)
    try:
        done = process.run([path, *words], timeout_seconds=_PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        return Part(name, absent, f"{path} does not answer", hint)
    if done.exit_code:
        return Part(name, absent, f"{path} ended with {done.exit_code}", hint)
    return Part(name, GOOD, done.output.decode("utf-8", "replace").strip().partition("\n")[0])


_LOOKS: tuple[tuple[str, Callable[[], Part]], ...] = (
    ("python", _python),
    ("venv", _venv),
    ("pythons", _pythons),
    ("processes", _processes),
    ("home", _home),
    ("disk", _disk),
    ("journal", _journal),
    ("store", _store),
    ("git", _git),
    ("svn", _svn),
    ("envoy", _envoy),
    ("docker", _docker),
    ("kubectl", _kubectl),
    ("extra evaluation", _evaluation),
    ("extra terminal", _terminal),
    ("extra report", _report),
)
