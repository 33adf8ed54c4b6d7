"""Model servers as processes: started detached, so that they outlive us, and known again by their token."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from seatrial.errors import Infrastructure
from seatrial.gateway.files import home_key
from seatrial.named_tuple import NamedTuple
from seatrial.system import files, process

# What a server sees of our own variables, beside what it is given.
INHERITED = ("LANG", "LC_ALL", "TZ", "CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES", "LD_LIBRARY_PATH")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
GRACE_SECONDS = 10.0
LONGEST_LOOK_SECONDS = 0.25
HEALTH_TIMEOUT_SECONDS = 2.0
LAST_LINES = 20
LARGEST_TAIL = 64 * 1024


class Launch(NamedTuple):
    """How to start a server: a command for the shell, its folder, and its variables but PORT and our own."""

    command: str
    folder: Path
    env: Mapping[str, str]


def new_token(home: Path) -> str:
    """A name for a process that is about to be started: unique, and of this home only."""
    return f"{token_prefix(home)}{secrets.token_hex(8)}"


def token_prefix(home: Path) -> str:
    return f"server-{home_key(home)}-"


def log_file(home: Path, token: str) -> Path:
    return home / "servers" / f"{token}.log"


def own_folder(home: Path, token: str) -> Path:
    """The folder for a server's HOME and TMPDIR; it goes with the server."""
    return home / "servers" / token


def spawn(home: Path, token: str, port: int, launch: Launch) -> subprocess.Popen[bytes]:
    """Start a server in a session of its own. Raises Infrastructure when it cannot even be started."""
    own = own_folder(home, token)
    for name in ("home", "tmp"):
        (own / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    env = {
        "PATH": PATH,
        **{name: os.environ[name] for name in INHERITED if name in os.environ},
        **launch.env,
        "HOME": str(own / "home"),
        "TMPDIR": str(own / "tmp"),
        "PORT": str(port),
        process.TOKEN: token,
    }
    return start(["/bin/sh", "-c", launch.command], launch.folder, env, log_file(home, token))


def start(argv: list[str], folder: Path, env: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
    """Start a program that outlives us, its output in a file."""
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        return subprocess.Popen(
            argv,
            cwd=folder,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=descriptor,
            stderr=descriptor,
            start_new_session=True,
        )
    except OSError as error:
        raise Infrastructure(f"cannot start {argv[0]}: {error.strerror}") from error
    finally:
        os.close(descriptor)


def unhealthy(port: int, path: str) -> str:
    """Why a server is not ready, or "": it answers a GET of its health path with a status below 500."""
    from http.client import HTTPConnection, HTTPException

    connection = HTTPConnection("127.0.0.1", port, timeout=HEALTH_TIMEOUT_SECONDS)
    try:
        connection.request("GET", path, headers={"Connection": "close"})
        status = connection.getresponse().status
    except (OSError, HTTPException) as error:
        return f"GET {path} on its port: {error or type(error).__name__}"
    finally:
        connection.close()
    return f"GET {path} answered {status}" if status >= 500 else ""


def end(home: Path, token: str, pid: int, grace_seconds: float = GRACE_SECONDS) -> None:
    """End a server and all that it started: asked first, killed after the grace. Safe to repeat."""
    deadline = time.monotonic() + grace_seconds
    identity = process.identify(pid) if pid else None
    if identity is not None and pid in process.with_token(token):
        process.send(pid, signal.SIGTERM, group=True)
        while process.is_alive(identity) and time.monotonic() < deadline:
            time.sleep(0.01)
    process.end_token(token, max(0.0, deadline - time.monotonic()))
    process.end_strangers(os.path.realpath(log_file(home, token)))
    with contextlib.suppress(OSError):  # what it made for itself must not keep it from being over
        files.remove(own_folder(home, token))


def last_lines(log: Path, count: int = LAST_LINES) -> str:
    """The end of a log, as text, in whole lines: the rest of a secret is not known by its second half."""
    try:
        with log.open("rb") as file:
            if file.seek(max(0, file.seek(0, os.SEEK_END) - LARGEST_TAIL)):
                file.readline()
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-count:])


def orphans(home: Path, known: set[str]) -> dict[str, list[int]]:
    """Processes that carry a token of this home which is none of `known`, by token."""
    found: dict[str, list[int]] = {}
    for pid, token in process.tokens(token_prefix(home)):
        if token not in known:
            found.setdefault(token, []).append(pid)
    return found
