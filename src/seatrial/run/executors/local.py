"""Commands as processes of this machine, each the leader of a session and process group of its own.

A leader is not reaped before `destroy`: its pid stays taken, so its group can be ended safely at any time.
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache

from seatrial.errors import BadInput, Infrastructure, StageFailed
from seatrial.named_tuple import NamedTuple
from seatrial.run import plain_script
from seatrial.run.executor import GRACE_SECONDS, NOTHING, Command, Ended, Output, Wanted
from seatrial.run.variables import DEFAULT_PATH
from seatrial.system import clock, process
from seatrial.system.process import send

NAME = "local"

_PIECE = 1 << 16
_TICK_SECONDS = 0.1  # how soon a cancelled run, or a time that is over, is noticed
_MOST_CAPTURED = 16 << 20
_MARKS = (process.TOKEN, "SEATRIAL_STAGE", "TMPDIR")  # what tells the processes of one stage from all others


class Running(NamedTuple):
    """`pipes` are the read ends that are still open, by descriptor; True marks the one that is captured."""

    process: subprocess.Popen[bytes]
    pidfd: int
    pipes: dict[int, bool]
    output: Output
    captured: bytearray


class Session(NamedTuple):
    """The commands that were started, and neither reaped nor closed yet."""

    running: list[Running]
    background: bool
    before: tuple[str, ...] = ()  # what starts each command


def problem() -> str:
    return "" if hasattr(os, "pidfd_open") else "this system has no pidfd_open: Linux 5.3 or later is needed"


def prepare(wanted: Wanted = NOTHING, log: Output = lambda _: None) -> Session:  # noqa: ARG001
    return Session([], wanted.background, _bound() if wanted.bound else ())


@cache
def _bound() -> tuple[str, ...]:
    """The words that start a command which no program, wherever it lies, can give more rights than it has."""
    import shutil

    program = shutil.which("setpriv", path=DEFAULT_PATH)
    return (program, "--no-new-privs", "--") if program else ()


def start(session: Session, command: Command, output: Output) -> Running:
    """Start a process. Raises StageFailed where there is no such program."""
    log, log_end = os.pipe()
    pipes = {log: False}
    ends = [log_end, log_end]
    if command.capture:
        kept, kept_end = os.pipe()
        pipes[kept] = True
        ends[0] = kept_end
    try:
        started = _spawn(command._replace(argv=(*session.before, *command.argv)), *ends)
    except BaseException:
        for pipe in pipes:
            os.close(pipe)
        raise
    finally:
        for end in set(ends):
            os.close(end)
    for pipe in pipes:
        os.set_blocking(pipe, False)
    running = Running(started, os.pidfd_open(started.pid), pipes, output, bytearray())
    session.running.append(running)
    return running


@cache
def _nothing() -> int:
    """What every command reads: opened once, and closed in each command by its exec."""
    return os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)


def _spawn(command: Command, stdout: int, stderr: int) -> subprocess.Popen[bytes]:
    words = plain_script.words(command.argv, command.env)
    if words:
        with contextlib.suppress(OSError):  # the shell has the words for what is wrong with it
            return _popen(
                words, plain_script.environment(command.env, command.folder), command, stdout, stderr
            )
    try:
        return _popen(command.argv, command.env, command, stdout, stderr)
    except (FileNotFoundError, NotADirectoryError, PermissionError) as error:
        raise StageFailed(f"cannot start {command.argv[0]!r}: {error.strerror}") from None
    except OSError as error:
        if error.errno == errno.E2BIG:
            raise _too_long(command) from None
        raise Infrastructure(f"cannot start a process: {error.strerror}") from error


def _too_long(command: Command) -> BadInput:
    """The error for what Linux hands to no process."""
    most = 32 * os.sysconf("SC_PAGE_SIZE") - 1
    sizes = {name: len(os.fsencode(f"{name}={value}")) for name, value in command.env.items()}
    longest = max(sizes, key=sizes.__getitem__, default="")
    hint = "write it to a file, and name that"
    if sizes.get(longest, 0) > most:
        what = f"the variable {longest} has {sizes[longest]:,} bytes; a process can be handed {most:,}"
        return BadInput(what, hint, about=longest)
    size = sum(sizes.values()) + sum(len(os.fsencode(word)) for word in command.argv)
    what = f"the words and variables of a command have {size:,} bytes, more than a process can be handed"
    return BadInput(what, hint, about=longest)


def _popen(
    argv: Sequence[str], env: Mapping[str, str], command: Command, stdout: int, stderr: int
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        argv,
        cwd=command.folder,
        env=env,
        stdin=_nothing(),
        stdout=stdout,
        stderr=stderr,
        start_new_session=True,
    )


def wait(
    session: Session, running: Running, timeout_seconds: float | None, is_cancelled: Callable[[], bool]
) -> Ended:
    deadline = None if timeout_seconds is None else clock.monotonic() + timeout_seconds
    while not _watch(running, _TICK_SECONDS):
        timed_out = deadline is not None and clock.monotonic() >= deadline
        if timed_out or is_cancelled():
            stop(session, running)
            ended = _ended(running, *_ending(running))
            return ended._replace(timed_out=timed_out, cancelled=not timed_out)
    how, status = _ending(running)
    was_interrupted = how == os.CLD_KILLED and status == signal.SIGINT  # which an exit code of 130 is not
    cancelled = was_interrupted and _was_asked_with_us(is_cancelled)
    return _ended(running, how, status)._replace(cancelled=cancelled)


def _was_asked_with_us(is_cancelled: Callable[[], bool]) -> bool:
    """Whether Ctrl-C ended it: before it is in a session of its own, the terminal asks it as it asks us.

    What asks us may be heard a moment later.
    """
    deadline = clock.monotonic() + 2 * _TICK_SECONDS
    while not is_cancelled() and clock.monotonic() < deadline:
        time.sleep(_TICK_SECONDS / 10)
    return is_cancelled()


def _watch(running: Running, seconds: float) -> bool:
    """Pass on what the command writes, for at most that long at a time; whether the command has ended."""
    poll = select.poll()
    poll.register(running.pidfd, select.POLLIN)
    for pipe in running.pipes:
        poll.register(pipe, select.POLLIN)
    ready = {descriptor for descriptor, _ in poll.poll(seconds * 1000)}
    for pipe in ready & running.pipes.keys():
        _pass_on(running, pipe)
    if running.pidfd not in ready:
        return False
    for pipe in list(running.pipes):
        _drain(running, pipe)
    return True


def _drain(running: Running, pipe: int) -> None:
    """Read what is in a pipe now: a process in the background may keep it open, and write, for ever."""
    for _ in range(64):  # a pipe holds 64 KiB, unless someone made it larger; 16 pieces would do
        if not _pass_on(running, pipe):
            return


def _pass_on(running: Running, pipe: int) -> bool:
    """Read once; False at the end of the pipe, and when it is empty."""
    try:
        content = os.read(pipe, _PIECE)
    except BlockingIOError:
        return False
    if not content:
        del running.pipes[pipe]
        os.close(pipe)
        return False
    if not running.pipes[pipe]:
        running.output(content)
    elif len(running.captured) + len(content) <= _MOST_CAPTURED:
        running.captured.extend(content)
    else:
        raise StageFailed(f"a command whose output is kept wrote more than {_MOST_CAPTURED >> 20} MiB")
    return True


def _ended(running: Running, how: int, status: int) -> Ended:
    """How the leader ended, in the words of a shell, with what was kept of its output."""
    return Ended(status + (0 if how == os.CLD_EXITED else 128), output=bytes(running.captured))


def _ending(running: Running) -> tuple[int, int]:
    """What the system says of the end of the leader, without reaping it: how, and its exit code or signal."""
    result = os.waitid(os.P_PIDFD, running.pidfd, os.WEXITED | os.WNOWAIT)
    assert result is not None
    return result.si_code, result.si_status


def stop(session: Session, running: Running, grace_seconds: float = GRACE_SECONDS) -> None:
    """Ask the whole group to end, with what it sent away from it, and kill what is left after the grace."""
    if running.process.returncode is not None:
        return
    pid = running.process.pid
    marks = {} if session.background else _marks(pid)
    deadline = clock.monotonic() + grace_seconds
    _send_all(pid, marks, signal.SIGTERM)
    while clock.monotonic() < deadline:
        if _watch(running, _TICK_SECONDS) and not process.group_lives(pid) and not process.marked(marks):
            return
    is_over = False
    while not is_over:
        _send_all(pid, marks, signal.SIGKILL)
        is_over = _watch(running, _TICK_SECONDS) and not process.marked(marks)


def _marks(pid: int) -> dict[str, str]:
    """What the processes of its stage have in common; nothing where it is of no stage."""
    given = process.variables(pid)
    return {name: given[name] for name in _MARKS} if given.keys() >= set(_MARKS) else {}


def _send_all(group: int, marks: Mapping[str, str], number: signal.Signals) -> None:
    send(group, number, group=True)
    for pid in process.marked(marks):
        send(pid, number)


def destroy(session: Session) -> bool:
    """What made itself a group of its own lives on; it is found out by the output that it still holds.

    The end of the run finds it by its token: so what has none either ends here.
    """
    is_alone = True
    while session.running:
        running = session.running[-1]
        if running.process.returncode is None:
            if not session.background or not _watch(running, 0):
                send(running.process.pid, signal.SIGKILL, group=True)
            running.process.wait()
        is_alone = is_alone and not running.pipes
        for pipe in running.pipes:
            if not session.background:
                process.end_strangers(f"pipe:[{os.fstat(pipe).st_ino}]")
            os.close(pipe)
        running.pipes.clear()
        os.close(running.pidfd)
        session.running.pop()
    return is_alone
