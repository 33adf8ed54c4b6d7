"""Commands in a container: of a session, or of several; the stage's folder is at the path it has outside.

The engine's own command line runs a command inside, as a process of the executor `local`, so logs, exit codes
and what is captured are the same as there. What it cannot do is end a command: that is done from inside, by
the process group that the command leads there.
"""

from __future__ import annotations

import os
import re
import shlex
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from itertools import count
from pathlib import Path

from seatrial.clients import docker
from seatrial.errors import StageFailed
from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.container import OF_IMAGE, Container
from seatrial.pipeline.pipeline import Resources
from seatrial.run import images, lent, services
from seatrial.run.executor import GRACE_SECONDS, NOTHING, Command, Ended, Output, Wanted
from seatrial.run.executors import local
from seatrial.run.steps import CONTAINERS
from seatrial.system import clock, digest, files

NAME = "docker"

# What belongs to a session, and to a run, is found by its labels, also when we were killed in between.
_RUN, _SESSION = "seatrial.run", "seatrial.session"
_FOLDER = "seatrial.folder"  # that is given back before the container ends

_serial = count(1)  # of notes: sessions may work in one folder
_locks: dict[str, threading.Lock] = {}
_lent: Counter[str] = Counter()  # the sessions of a container whose user has the workspace
_ROOT = ("0", "0:0", "root", "root:root")
_NAME = re.compile(r"\$(?:(\w+)|\{(\w+)\})", re.ASCII)
_OF_A_SHELL = re.compile(r"[A-Za-z_]\w*", re.ASCII)  # the names that one can export

_IDLE = 'trap "exit 0" TERM INT; while :; do sleep 3600 & wait "$!"; done'
_WORDS = ("/bin/sh", "-c", _IDLE)
# How long an entry point may take before the first command is run beside it.
_ENTRY_SECONDS, _LOOK_SECONDS = 5.0, 0.05
_ENTER = 'echo "$$" > "$2"; . "$1"; cd "$3" || exit 126; shift 3; exec "$@"'
# The engine keeps no order between the two outputs.
_TOGETHER = f"exec 2>&1; {_ENTER}"
_STOP = (
    'read -r pid < "$1" || exit 0; kill -s TERM -- "-$pid" 2>/dev/null; n=0; '
    'while [ "$n" -lt "$2" ] && kill -s 0 -- "-$pid" 2>/dev/null; do sleep 0.1; n=$((n + 1)); done; '
    'kill -s KILL -- "-$pid" 2>/dev/null; exit 0'
)


class Running(NamedTuple):
    """`notes` holds the command's variables, and beside it its process id inside."""

    inside: local.Running
    notes: Path


class Session(NamedTuple):
    """`name` is that of what belongs to it: the network where there are services, and its containers, which
    end with it unless other stages share them. `container` holds the one that commands run in, as long as
    the session is not over. `user` is the one that commands run as, "" where that is who runs us.
    """

    processes: local.Session
    folder: Path
    name: str
    container: list[str]
    is_shared: bool = False
    user: str = ""


problem = docker.problem


def prepare(wanted: Wanted = NOTHING, log: Output = lambda _: None) -> Session:
    """Start the container, unless it is a shared one that is there, and the services beside it.

    Raises StageFailed, Interrupted, Infrastructure.
    """
    assert wanted.folder is not None
    shared = wanted.container.shared
    name = f"seatrial-{_mark(wanted) if shared else os.urandom(6).hex()}"
    session = Session(local.prepare(), wanted.folder, name, [], bool(shared))
    files.write(wanted.folder.parent / CONTAINERS, b"")
    try:
        with _lock(name):
            there = _running(name) if shared else ""
            session.container.append(there or _start(wanted, session, log))
            session = session._replace(user=_user(wanted, session.container[0]))
            if session.user:
                _lend(session)
                _open_way(session.container[0], (wanted.folder, *wanted.lent))
    except BaseException:
        destroy(session)
        raise
    return session


def _lock(name: str) -> threading.Lock:
    """Of what several stages may do to a container that they share."""
    return _locks.setdefault(name, threading.Lock())


def _asks_for_user(container: Container) -> bool:
    return bool(container.user) or any(word.startswith("--user=") for word in container.options)


def _user(wanted: Wanted, container: str) -> str:
    """Who commands run as there, "" where that is who runs us."""
    if not _asks_for_user(wanted.container):
        return ""
    said = str(docker.inspect("container", container)["Config"]["User"]) or "0:0"
    is_ours = said == _us() or (said in _ROOT and os.getuid() == 0)
    return "" if is_ours else said


def _us() -> str:
    return f"{os.getuid()}:{os.getgid()}"


def _mark(wanted: Wanted) -> str:
    """What names the container that stages of a run share."""
    return digest.of_text(f"{wanted.run} {wanted.container.shared}").partition(":")[2][:12]


def _running(name: str) -> str:
    """The container of a session's name, "" where there is none."""
    return docker.run("container", "ls", "--quiet", "--no-trunc", "--filter", f"label={_SESSION}={name}")


def _start(wanted: Wanted, session: Session, log: Output) -> str:
    """The id of a new container."""
    labels = ("--label", f"{_RUN}={wanted.run}", "--label", f"{_SESSION}={session.name}")
    given = ("--label", f"{_FOLDER}={wanted.folder}") if _asks_for_user(wanted.container) else ()
    image = images.of(wanted, log)
    network = ""
    if wanted.services:
        network = session.name
        docker.run("network", "create", *labels, network)
    options = (*labels, *given, *_options(wanted, network))
    own = wanted.container.entrypoint
    made = _entered(options, image, log) if own == OF_IMAGE else ""
    if not made:
        own = "" if own == OF_IMAGE else own
        idle = _WORDS if own else _WORDS[1:]
        made = docker.run("run", *options, "--entrypoint", own or _WORDS[0], image, *idle)
    try:
        if wanted.services:
            services.start(wanted.services, services.Beside(network, made), labels, log)
    finally:
        _see_up(made, wanted)  # where it has ended, nothing can be beside it
    return made


def _see_up(made: str, wanted: Wanted) -> None:
    """Raises StageFailed where the container has ended before the first command, as for want of a shell."""
    state = docker.inspect("container", made)["State"]
    if not state["Running"]:
        ended = f"the container of {wanted.image} ended at once, with exit code {state['ExitCode']}"
        raise StageFailed(f"{ended}{docker.last_lines(made)}", "commands need a working /bin/sh in the image")


def _entered(options: tuple[str, ...], image: str, log: Output) -> str:
    """The id of a container that the image's own entry point has started; "" where it has none, or did not
    start the words that it was given."""
    if not docker.inspect("image", image)["Config"].get("Entrypoint"):
        return ""
    try:
        made = docker.run("run", *options, image, *_WORDS)
    except StageFailed as failure:
        made, why = "", failure.message
    else:
        if _idles(made):
            return made
        docker.run("rm", "--force", "--volumes", made)
        why = "it did not start the words that it was given"
    log(f"the entry point of {image} is left out: {why}\n".encode())
    return ""


def _idles(made: str) -> bool:
    """Whether what was asked for is running; one whose entry point takes its time is taken for one."""
    end = clock.monotonic() + _ENTRY_SECONDS
    while clock.monotonic() < end:
        if not docker.inspect("container", made)["State"]["Running"]:
            return False
        try:
            lines = docker.run("top", made, "-eo", "pid,args").splitlines()
        except StageFailed:  # it has ended in between
            return False
        if any(line.split(None, 1)[1].startswith(" ".join(_WORDS)) for line in lines[1:]):
            return True
        time.sleep(_LOOK_SECONDS)
    return True


def _options(wanted: Wanted, network: str) -> list[str]:
    """Run as who runs us, unless the file says so: what is in the workspace is to belong to nobody else."""
    user = wanted.container.user or _us()
    options = ["--detach", "--init", "--mount", _mount(wanted.folder)]
    for folder in wanted.lent:
        options += ["--mount", f"{_mount(folder, _source(folder, wanted))},readonly"]
    options += [] if user == OF_IMAGE else ["--user", user]
    options += ["--network", network] if network else []
    options += [f"--add-host={one.name}:127.0.0.1" for one in wanted.services if one.is_local]
    asked = [_filled(word, wanted.env) for word in wanted.container.options]
    for word in asked:
        _make_source(word)
    return options + _limits(wanted.resources) + asked


def _source(folder: Path, wanted: Wanted) -> Path:
    """What a container finds in the place of a folder that it is lent."""
    assert wanted.folder is not None
    return lent.readable(folder, wanted.folder) if _asks_for_user(wanted.container) else folder


def _mount(folder: Path | None, source: Path | None = None) -> str:
    """A folder of this machine, or what stands for it, at the same path."""
    return f'type=bind,"source={source or folder}","target={folder}"'


def _filled(word: str, env: Mapping[str, str]) -> str:
    """A word with what $NAME and ${NAME} stand for; what is not set stays."""
    return _NAME.sub(lambda found: env.get(found[1] or found[2], found[0]), word)


def _make_source(word: str) -> None:
    """Make the folder that a container is to see where there is none: the engine would make it root's."""
    source = word.removeprefix("--volume=").partition(":")[0]
    if word.startswith("--volume=/"):
        with suppress(OSError):
            os.makedirs(source, exist_ok=True)  # noqa: PTH103 - pathlib's fails where there is a file


def _limits(resources: Resources) -> list[str]:
    options = [] if resources.cpus is None else ["--cpus", f"{resources.cpus:g}"]
    options += [] if resources.memory_bytes is None else ["--memory", str(resources.memory_bytes)]
    return options + (["--gpus", str(resources.gpus)] if resources.gpus else [])


def start(session: Session, command: Command, output: Output) -> Running:
    """Variables go by a file, so that no list of processes shows a secret; those whose names no shell can
    export by the engine's command line, which takes their values from its own variables."""
    notes = session.folder / f"command-{next(_serial)}"
    others = {name: value for name, value in command.env.items() if not _OF_A_SHELL.fullmatch(name)}
    files.write(notes, _exports(command.env, others))
    if session.user:  # whatever our umask is
        notes.chmod(0o644)
        _pid_file(notes).touch()
        _pid_file(notes).chmod(0o666)
    enter = (
        "/bin/sh",
        "-c",
        _ENTER if command.capture else _TOGETHER,
        "sh",
        str(notes),
        str(_pid_file(notes)),
        str(command.folder),
    )
    named = (f"--env={name}" for name in others)
    argv = ("docker", "exec", *named, session.container[0], *enter, *command.argv)
    inside = Command(argv, {**os.environ, **others}, session.folder, command.capture)
    return Running(local.start(session.processes, inside, output), notes)


def _exports(env: Mapping[str, str], others: Mapping[str, str]) -> bytes:
    lines = (f"export {name}={shlex.quote(value)}\n" for name, value in env.items() if name not in others)
    return b"".join(map(os.fsencode, lines))


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
    end = ("/bin/sh", "-c", _STOP, "sh", str(_pid_file(running.notes)), tenths)
    with suppress(StageFailed, IndexError):  # the container is gone, and the command with it
        docker.run("exec", session.container[0], *end)
    local.stop(session.processes, running.inside, grace_seconds)


def destroy(session: Session) -> bool:
    """The command lines first: one that nobody reads from keeps its engine from ending what is inside."""
    local.destroy(session.processes)
    if session.container:
        with _lock(session.name):
            _end(session)
    if not session.is_shared:
        docker.remove_labelled(f"{_SESSION}={session.name}")
        _locks.pop(session.name, None)
    return not session.is_shared


def _end(session: Session) -> None:
    container = session.container.pop()
    _lent[session.name] -= 1
    if session.user and _lent[session.name] <= 0:
        _chown(container, _us(), session.folder)


def _lend(session: Session) -> None:
    """Let the workspace belong to the user of its commands, until no session has that user.

    No user of this machine gets into it by that: our home is closed to others.
    """
    _lent[session.name] += 1
    session.folder.chmod(0o711)
    _chown(session.container[0], session.user, session.folder)


def _open_way(container: str, folders: Iterable[Path]) -> None:
    """Let the user of the commands come to what is mounted: a folder of the image above it, such as `/root`,
    may be closed. What is of this machine stays as it is."""
    mounted = [mount["Destination"] for mount in docker.inspect("container", container)["Mounts"]]
    above = {parent for folder in folders for parent in folder.parents}
    own = sorted(str(one) for one in above if not any(map(one.is_relative_to, mounted)))
    with suppress(StageFailed):  # the container is gone, has no such program, or cannot be written to
        docker.run("exec", "--user", "0:0", container, "chmod", "o+x", *own)


def _chown(container: str, owner: str, folder: Path) -> None:
    folders = [str(path) for path in folder.iterdir() if path.is_dir()]
    with suppress(StageFailed):  # the container is gone, or has no such program
        docker.run("exec", "--user", "0:0", container, "chown", "-hR", owner, *folders)


def remove_left(run: str) -> None:
    """End all containers of a run whose process was killed, and those that its stages shared. What was lent
    to them is ours again before."""
    for container in docker.run("container", "ls", "--quiet", "--filter", f"label={_RUN}={run}").split():
        labels = (docker.inspect("container", container) or {"Config": {}})["Config"].get("Labels") or {}
        if labels.get(_FOLDER) and Path(labels[_FOLDER]).is_dir():
            _chown(container, _us(), Path(labels[_FOLDER]))
    docker.remove_labelled(f"{_RUN}={run}")
