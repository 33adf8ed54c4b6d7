"""The steps of a stage, performed one after the other in its workspace."""

import os
import signal
from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from seatrial.errors import BadInput, CommandFailed, Interrupted, Lacking, NotBegun, StageFailed, TimedOut
from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.condition import Facts
from seatrial.pipeline.step import (
    AROUND,
    OFFERED,
    Answer,
    Ask,
    Block,
    Branches,
    Catch,
    Clear,
    Credential,
    Dir,
    Echo,
    Effect,
    Fail,
    Find,
    Found,
    Given,
    Inside,
    Keeping,
    LeaveOut,
    Limit,
    Locate,
    Located,
    Mark,
    Pause,
    Program,
    Question,
    Recall,
    Recorded,
    Retry,
    Scope,
    SetVariable,
    Shell,
    ShellResult,
    Step,
    Try,
    Unzip,
    WithCredentials,
    WithEnv,
    WithRegistry,
    Write,
    Zip,
)
from seatrial.run import own_settings
from seatrial.run.executor import Command, Ended, Executor
from seatrial.run.outcome import CANCELLED, RESULT, SUCCEEDED
from seatrial.run.schedule import worse
from seatrial.system import clock, files

# Linux takes no longer single argument (MAX_ARG_STRLEN); a longer script goes by a file.
_LONGEST_ARGUMENT = 128 * 1024 - 1
_SHOWN = 60
_OVER = "the time of the stage is over"
# How long a script that was interrupted has for what it does then: its `catch` and `finally`.
_GRACE_SECONDS = 60.0
# Stands beside the workspaces of a run that may have containers.
CONTAINERS = "containers"
_serial = count(1)
_SILENCED = 128 + signal.SIGTERM  # the exit code of a command that was ended for its silence


class LeftOut(Exception):  # noqa: N818 - no error: it ends a stage
    """The stage's own condition, decided by one of its steps, does not hold."""


class Room(NamedTuple):
    """Where and how steps are performed. `deadline` is on the monotonic clock, None for no end."""

    executor: Executor
    session: Any
    top: Path  # the workspace, which no step's folder may leave
    folder: Path  # where the next step starts
    temporary: Path  # for scripts that go by a file; outside the workspace
    env: Mapping[str, str]
    log: Callable[[bytes], None]
    is_cancelled: Callable[[], bool]
    deadline: float | None = None
    meanwhile: Callable[[], None] = lambda: None  # what can be done while a command runs
    assigned: dict[str, str] = {}  # noqa: RUF012 - what steps have set for all that comes after: the run's own
    declared: Mapping[str, str] = {}  # what the stage and the blocks around set: nothing is assigned over it
    mark: Callable[[Mark], None] = lambda _: None  # who keeps what the stage was marked as
    reveal: Callable[[tuple[Credential, ...], Path], Mapping[str, str]] = lambda _wanted, _folder: {}
    keep: Callable[[Keeping, "Room"], None] = lambda _effect, _room: None  # who has the commit, and a store
    facts: Facts = Facts()
    recall: Callable[[int], Recorded | None] = lambda _before: None  # who has the records
    enter: Callable[[Inside | WithRegistry, "Room"], AbstractContextManager["Room"]] = lambda _block, room: (
        nullcontext(room)
    )
    # who asks a person, and has the values of parameters; raises StageFailed for a no
    ask: Callable[[Question], Mapping[str, str]] = lambda _: {}
    is_last: bool = False  # the deadline is that of what follows an interruption

    def seen(self) -> ChainMap[str, str]:
        """The variables in reach, with what steps assign from now on."""
        return ChainMap(dict(self.declared), self.assigned, dict(self.env))

    def with_env(self, more: Mapping[str, str]) -> "Room":
        return self._replace(env={**self.env, **more}, declared={**self.declared, **more})


def perform(steps: Iterable[Step], room: Room) -> None:
    """Perform steps. Raises StageFailed (TimedOut), NotBegun, Interrupted, BadInput."""
    for step in steps:
        if isinstance(step, Program):
            _program(step, room)
        else:
            _effect(step, room)


def _program(program: Program, room: Room) -> None:
    """What a program yields is performed; a failure is thrown into it, so that it may go on after one."""
    running = program.start(Scope(room.seen()))
    try:
        effect = next(running)
        while True:
            try:
                result = _effect(effect, room)
            except (StageFailed, Interrupted) as failure:
                room = _after(failure, room)
                effect = running.throw(failure)
            else:
                effect = running.send(result)
    except StopIteration:
        return
    finally:
        running.close()


def _after(failure: StageFailed | Interrupted, room: Room) -> Room:
    """Where a program goes on after a failure: for a while only, where it was to end with that.

    Raises the failure where that while is over, too.
    """
    if not isinstance(failure, Interrupted) and not _is_over(room):
        return room
    if room.is_last:
        raise failure
    now = clock.monotonic()
    begun = now if isinstance(failure, Interrupted) or room.deadline is None else room.deadline
    return room._replace(deadline=begun + _GRACE_SECONDS, is_cancelled=_never, is_last=True)


def _is_over(room: Room) -> bool:
    return room.deadline is not None and clock.monotonic() >= room.deadline


def _never() -> bool:
    return False


def _effect(effect: Effect, room: Room) -> Answer:
    if isinstance(effect, Shell):
        return shell(effect, room)
    if isinstance(effect, Ask):
        return room.facts._replace(variables=dict(room.seen()))
    if isinstance(effect, Recall):
        return room.recall(effect.before)
    if isinstance(effect, Locate):
        return Located(str(located(effect.path, room, effect.name)))
    if isinstance(effect, Find):
        return _find(effect, room)
    if isinstance(effect, Question):
        return Given(room.ask(effect))
    if isinstance(effect, Block):
        _block(effect, room)
    elif isinstance(effect, Keeping):
        room.keep(effect, room)
    else:
        _EFFECTS[type(effect)](effect, room)
    return None


def _echo(effect: Echo, room: Room) -> None:
    room.log(f"{effect.text}\n".encode("utf-8", "surrogateescape"))


def _set_variable(effect: SetVariable, room: Room) -> None:
    room.assigned[effect.name] = effect.value


def _branches(effect: Branches, room: Room) -> None:
    from seatrial.run import branches

    branches.perform(effect, room)


def _try(effect: Try, room: Room) -> None:
    from seatrial.run import trying

    trying.perform(effect, room)


def _pause(_effect: Pause, room: Room) -> None:
    room.meanwhile()
    if room.is_cancelled():
        raise Interrupted("the stage was stopped")
    if _is_over(room):
        raise TimedOut(_OVER)


def _leave_out(effect: LeaveOut, _room: Room) -> None:
    raise LeftOut(effect.message)


def _fail(effect: Fail, _room: Room) -> None:
    failure = StageFailed(effect.message)
    raise failure if effect.begun else NotBegun(failure)


def _block(block: Block, room: Room) -> None:
    if isinstance(block, Retry):
        _retry(block, room)
    elif isinstance(block, Catch):
        _catch(block, room)
    elif isinstance(block, Dir):
        perform(block.steps, room._replace(folder=inside(block.path, room)))
    elif isinstance(block, Inside | WithRegistry):
        with room.enter(block, room) as inner:
            perform(block.steps, inner)
    elif isinstance(block, WithEnv):
        perform(block.steps, room.with_env(dict(block.env)))
    elif isinstance(block, WithCredentials):
        perform(block.steps, room.with_env(_revealed(block, room)))
    elif isinstance(block, Limit):
        end = clock.monotonic() + block.seconds
        end = end if room.deadline is None else min(end, room.deadline)
        perform(block.steps, room._replace(deadline=end))


def _revealed(block: WithCredentials, room: Room) -> dict[str, str]:
    """The variables of credentials. Raises Lacking, NotBegun for one that is not here, where it must be.

    Raises BadInput where the secrets of this machine cannot be read.
    """
    found: dict[str, str] = {}
    for one in block.credentials:
        try:
            found |= room.reveal((one,), room.temporary)
        except BadInput as problem:
            if block.need == AROUND:
                raise NotBegun(problem) from None
            if problem.about != one.id:
                raise
            if block.need != OFFERED:
                raise Lacking(problem) from None
    return found


def mark(made: Mark, room: Room) -> None:
    """Say why a stage is marked, and mark it."""
    room.log(f"{made.message}\n".encode("utf-8", "surrogateescape"))
    room.mark(made)
    if made.run != SUCCEEDED:
        room.assigned[RESULT] = worse(room.assigned.get(RESULT, SUCCEEDED), made.run)


def _catch(caught: Catch, room: Room) -> None:
    try:
        perform(caught.steps, room)
    except StageFailed as failure:
        if isinstance(failure, TimedOut) and _is_over(room) and not caught.interruptions:
            raise
        said = f"{caught.message}: {failure}" if caught.message else str(failure)
        statuses = (CANCELLED, CANCELLED) if isinstance(failure, TimedOut) else (caught.run, caught.stage)
        mark(Mark(said, *statuses), room)


def _retry(again: Retry, room: Room) -> None:
    for left in reversed(range(again.attempts)):
        try:
            perform(again.steps, room)
        except StageFailed as failure:
            if not left or _is_over(room):
                raise
            room.log(f"{failure}; it is tried again\n".encode("utf-8", "surrogateescape"))
        else:
            return


def _write(wanted: Write, room: Room) -> None:
    file = located(wanted.path, room)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(wanted.text.encode("utf-8", "surrogateescape"))
    except OSError as error:
        raise StageFailed(f"cannot write {wanted.path!r}: {error.strerror}") from None


def located(path: str, room: Room, name: str = "") -> Path:
    """Where a file of the workspace stands, or, with "/" at its end, a folder. Raises BadInput, StageFailed.

    Never through a link: it may lead out of the workspace, and goes where it has the place of the file.
    """
    if name and (path.endswith("/") or (room.folder / path).is_dir()):
        path = f"{path.rstrip('/')}/{name}"
    folder, last = os.path.split(path)
    if last in ("", ".", "..") or "\0" in path:
        return _within(path, room)
    file = _within(folder, room) / last
    try:
        if file.is_symlink():
            file.unlink()
    except OSError as error:
        raise StageFailed(f"cannot write {path!r}: {error.strerror}") from None
    return file


def _zip(wanted: Zip | Unzip, room: Room) -> None:
    from seatrial.run import zipping

    if isinstance(wanted, Zip):
        zipping.zip_up(wanted, room)
    else:
        zipping.unzip(wanted, room)


def _find(wanted: Find, room: Room) -> Found:
    from seatrial.run import listing

    return listing.find(wanted, room)


def _clear(wanted: Clear, room: Room) -> None:
    from seatrial.run import clearing

    clearing.clear(wanted, room, inside("", room))


def inside(path: str, room: Room) -> Path:
    """A folder of the workspace, made when it is missing. Raises BadInput for one that leaves it."""
    wanted = _within(path, room)
    try:
        wanted.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StageFailed(f"cannot enter the folder {path!r}: {error.strerror}") from None
    return wanted


def _within(path: str, room: Room) -> Path:
    """The real path of a folder of the workspace. Raises BadInput for one that leaves it.

    Commands, also in a container, may put links in the place of its folders, and of the workspace itself.
    """
    if room.top.is_symlink():
        raise BadInput("a link stands in the place of the workspace", hint="leave the workspace where it is")
    wanted = Path(os.path.realpath(room.folder / path))
    top = Path(os.path.realpath(room.top))
    if "\0" in path or not wanted.is_relative_to(top):
        raise BadInput(f"the folder {path!r} leaves the workspace", hint="give a path inside of it")
    return wanted


def _told(seconds: float) -> str:
    return f"{round(seconds, 1):g} s" if seconds >= 0.1 else f"{max(1, round(seconds * 1000))} ms"


def shell(step: Shell, room: Room) -> ShellResult:
    """Run a script to its end. Raises StageFailed where the step says so."""
    if step.session:
        raise BadInput("a shell that several steps share is not supported here", place=step.place)
    env = {**room.seen(), **dict(step.env)} if step.env or room.assigned else room.env
    command = Command(_argv(step, room), own_settings.led(env), room.folder, step.capture)
    seconds = _seconds_left(step, room)
    if step.detaches:
        files.write(room.temporary.parent / CONTAINERS, b"")
    heard = _Heard(room.log, [clock.monotonic()], step.silence_seconds)
    running = room.executor.start(room.session, command, heard.take)
    room.meanwhile()
    ended = room.executor.wait(room.session, running, seconds, partial(_asked, room, heard))
    if ended.cancelled and step.silence_seconds is not None and not room.is_cancelled():
        return _silenced(step)
    if ended.cancelled:
        raise Interrupted("the stage was stopped")
    if ended.timed_out:
        name = summary(step.written or step.script)
        raise TimedOut(f"`{name}` did not end within {_told(seconds or 0.0)} and was stopped")
    if ended.exit_code and step.check:
        raise CommandFailed(_failure(step, ended), ended.exit_code)
    return ShellResult(ended.exit_code, ended.output.decode("utf-8", "replace"))


class _Heard(NamedTuple):
    """When a command wrote last."""

    log: Callable[[bytes], None]
    last: list[float]
    limit: float | None

    def take(self, data: bytes) -> None:
        self.last[0] = clock.monotonic()
        self.log(data)

    def is_silent(self) -> bool:
        return self.limit is not None and clock.monotonic() - self.last[0] >= self.limit


def _asked(room: Room, heard: _Heard) -> bool:
    """What an executor calls from time to time while it waits."""
    room.meanwhile()
    return room.is_cancelled() or heard.is_silent()


def _silenced(step: Shell) -> ShellResult:
    if step.check:
        raise StageFailed(
            f"`{summary(step.written or step.script)}` wrote nothing for {step.silence_seconds:.3g} s"
        )
    return ShellResult(_SILENCED)


def _argv(step: Shell, room: Room) -> tuple[str, ...]:
    """How the script is handed over: as the shell's -c, as a file when it is long, as itself with a "#!"."""
    if "\0" in step.script:
        raise BadInput("a script cannot hold a NUL byte", place=step.place)
    own = step.script.startswith("#!")
    if not own and len(os.fsencode(step.script)) <= _LONGEST_ARGUMENT:
        return (*step.shell, "-c", step.script, step.shell[0])
    file = _new_folder(room) / "script"
    files.write(file, os.fsencode(step.script))
    for made in (file, file.parent):  # a container may have another user, and our home is closed to others
        made.chmod(0o755)
    return (str(file),) if own else (*step.shell, str(file))


def _new_folder(room: Room) -> Path:
    """Of no other step: branches may work in one workspace, and commands may make what they like there."""
    while True:
        folder = room.temporary / f"{next(_serial)}"
        with suppress(FileExistsError):
            folder.mkdir()
            return folder


def _seconds_left(step: Shell, room: Room) -> float | None:
    left = None if room.deadline is None else room.deadline - clock.monotonic()
    if left is not None and left <= 0:
        raise TimedOut(_OVER)
    limits = [seconds for seconds in (left, step.timeout_seconds) if seconds is not None]
    return min(limits, default=None)


def _failure(step: Shell, ended: Ended) -> str:
    name = f"`{summary(step.written or step.script)}`"
    if ended.exit_code > 128:
        try:
            signal_name = signal.Signals(ended.exit_code - 128).name
        except ValueError:
            signal_name = ""
        if signal_name:
            more = " (out of memory?)" if signal_name == "SIGKILL" else ""
            return f"{name} was ended by {signal_name}{more}"
    return f"{name} ended with exit code {ended.exit_code}"


def summary(script: str) -> str:
    """The first line of a script, short enough for a message."""
    lines = [line.strip() for line in script.splitlines() if line.strip() and not line.startswith("#!")]
    first = lines[0] if lines else ""
    return first if len(first) <= _SHOWN and len(lines) < 2 else first[:_SHOWN].rstrip() + " …"


_EFFECTS: dict[type, Callable[[Any, Room], None]] = {
    Echo: _echo,
    Mark: mark,
    SetVariable: _set_variable,
    Write: _write,
    Clear: _clear,
    Zip: _zip,
    Unzip: _zip,
    Branches: _branches,
    Try: _try,
    Pause: _pause,
    LeaveOut: _leave_out,
    Fail: _fail,
}
