"""Commands in a container: one for each session, with the stage's folder at the path that it has outside.

The engine's own command line runs a command inside, as a process of the executor `local`, so logs, exit codes
and what is captured are the same as there. What it cannot do is end a command: that is done from inside, by
the process group that the command leads there.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Mapping
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import NamedTuple

from seatrial.clients import docker
from seatrial.errors import StageFailed
from seatrial.pipeline.pipeline import Resources
from seatrial.run import images, services
from seatrial.run.executor import GRACE_SECONDS, NOTHING, Command, Ended, Output, Wanted
from seatrial.run.executors import local
from seatrial.run.workspace import CONTAINERS
from seatrial.system import clock, files

NAME = "docker"

# What belongs to a session, and to a run, is found by its labels, also when we were killed in between.
_RUN, _SESSION = "seatrial.run", "seatrial.session"

_IDLE = 'trap "exit 0" TERM INT; while :; do sleep 3600 & wait "$!"; done'
_ENTER = 'echo "$$" > "$2"; . "$1"; cd "$3" || exit 126; shift 3; exec "$@"'
# The engine keeps no order between the two outputs.
_TOGETHER = f"exec 2>&1; {_ENTER}"
_END = (
    'read -r pid < "$1" || exit 0; kill -s TERM -- "-$pid" 2>/dev/null; n=0; '
    'while [ "$n" -lt "$2" ] && kill -s 0 -- "-$pid" 2>/dev/null; do sleep 0.1; n=$((n + 1)); done; '
    'kill -s KILL -- "-$pid" 2>/dev/null; exit 0'
)


class Running(NamedTuple):
    """`notes` holds the command's variables, and beside it its process id inside."""

    inside: local.Running
    notes: Path


class Session(NamedTuple):
    """`name` is that of the container, and of the network where there are services."""

    processes: local.Session
    folder: Path
    name: str
    serial: count[int]


problem = docker.problem


def prepare(wanted: Wanted = NOTHING, log: Output = lambda _: None) -> Session:
    """Start the container, and the services beside it. Raises StageFailed, Infrastructure."""
    assert wanted.folder is not None
    session = Session(local.prepare(), wanted.folder, f"seatrial-{os.urandom(6).hex()}", count(1))
    labels = ("--label", f"{_RUN}={wanted.run}", "--label", f"{_SESSION}={session.name}")
    files.write(wanted.folder.parent / CONTAINERS, b"")
    try:
        image = images.resolve(wanted.image, log)
        network = ""
        if wanted.services:
            network = session.name
            docker.run("network", "create", *labels, network)
            services.start(wanted.services, network, labels, log)
        options = _options(wanted, network)
        docker.run("run", "--name", session.name, *labels, *options, image, "-c", _IDLE)
    except BaseException:
        destroy(session)
        raise
    return session


def _options(wanted: Wanted, network: str) -> list[str]:
    """Run as who runs us, so that nothing in the workspace belongs to anybody else."""
    who = f"{os.getuid()}:{os.getgid()}"
    mount = f'type=bind,"source={wanted.folder}","target={wanted.folder}"'
    options = ["--detach", "--init", "--user", who, "--mount", mount, "--entrypoint", "/bin/sh"]
    options += ["--network", network] if network else []
    return options + _limits(wanted.resources)


def _limits(resources: Resources) -> list[str]:
    options = [] if resources.cpus is None else ["--cpus", f"{resources.cpus:g}"]
    options += [] if resources.memory_bytes is None else ["--memory", str(resources.memory_bytes)]
    return options + (["--gpus", str(resources.gpus)] if resources.gpus else [])


def start(session: Session, command: Command, output: Output) -> Running:
    """Variables go by a file, so that no list of processes shows a secret."""
    notes = session.folder / f"command-{next(session.serial)}"
    files.write(notes, _exports(command.env), mode=0o600)
    enter = (
        "/bin/sh",
        "-c",
        _ENTER if command.capture else _TOGETHER,
        "sh",
        str(notes),
        str(_pid_file(notes)),
        str(command.folder),
    )
    argv = ("docker", "exec", session.name, *enter, *command.argv)
    inside = Command(argv, os.environ, session.folder, command.capture)
    return Running(local.start(session.processes, inside, output), notes)


def _exports(env: Mapping[str, str]) -> bytes:
    return b"".join(os.fsencode(f"export {name}={shlex.quote(value)}\n") for name, value in env.items())


def _pid_file(notes: Path) -> Path:
    return notes.with_name(f"{notes.name}.pid")


def wait(
    session: Session, running: Running, timeout_seconds: float | None, is_cancelled: Callable[[], bool]
) -> Ended:
    deadline = None if timeout_seconds is None else clock.monotonic() + timeout_seconds
    stopped: list[bool] = []  # whether it was for its time

    def is_over() -> bool:
        timed_out = deadline is not None and clock.monotonic() >= deadline
        if timed_out or is_cancelled():
            stopped.append(timed_out)
            stop(session, running)
        return bool(stopped)

    ended = local.wait(session.processes, running.inside, None, is_over)
    running.notes.unlink(missing_ok=True)
    return ended._replace(timed_out=stopped[0], cancelled=not stopped[0]) if stopped else ended


def stop(session: Session, running: Running, grace_seconds: float = GRACE_SECONDS) -> None:
    """Ask the command's group inside to end, and kill what is left of it after the grace."""
    tenths = str(round(grace_seconds * 10))
    end = ("/bin/sh", "-c", _END, "sh", str(_pid_file(running.notes)), tenths)
    with suppress(StageFailed):  # the container is gone, and the command with it
        docker.run("exec", session.name, *end)
    local.stop(session.processes, running.inside, grace_seconds)


def destroy(session: Session) -> bool:
    """The command lines first: one that nobody reads from keeps its engine from ending what is inside."""
    local.destroy(session.processes)
    docker.remove_labelled(f"{_SESSION}={session.name}")
    return True


def remove_left(run: str) -> None:
    """End all containers of a run whose process was killed."""
    docker.remove_labelled(f"{_RUN}={run}")
