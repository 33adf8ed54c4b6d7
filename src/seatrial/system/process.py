"""Processes: run to the end, or known again after our death, and ended with all that they started."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from seatrial.named_tuple import NamedTuple

TOKEN = "SEATRIAL_TOKEN"  # noqa: S105 - a name, not a secret
_PATIENCE_SECONDS = 5.0  # with what cannot be killed


class Completed(NamedTuple):
    exit_code: int
    output: bytes
    error: bytes


class Identity(NamedTuple):
    """What names one process for good: a pid alone is used again, after a restart or by chance."""

    pid: int
    start_ticks: int
    boot: str


def run(
    argv: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    folder: Path | None = None,
    content: bytes = b"",
    timeout_seconds: float | None = None,
) -> Completed:
    """Run a program to its end and return all that it wrote. Raises OSError, subprocess.TimeoutExpired."""
    done = subprocess.run(
        argv, env=env, cwd=folder, input=content, capture_output=True, timeout=timeout_seconds
    )
    return Completed(done.returncode, done.stdout, done.stderr)


def run_at_once(
    commands: Sequence[Sequence[str | Path]], *, env: Mapping[str, str], folder: Path
) -> list[Completed]:
    """`run` for several programs that do not need each other; all have ended when it returns."""
    started: list[subprocess.Popen[bytes]] = []
    done: list[Completed] = []
    try:
        started.extend(_reading(argv, env, folder) for argv in commands)
    finally:
        for one in started:
            output, error = one.communicate()
            done.append(Completed(one.returncode, output, error))
    return done


def _reading(argv: Sequence[str | Path], env: Mapping[str, str], folder: Path) -> subprocess.Popen[bytes]:
    pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
    return subprocess.Popen(argv, env=env, cwd=folder, stdin=nothing, stdout=pipe, stderr=pipe)


@cache
def boot() -> str:
    """The id of this boot of the machine."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def identify(pid: int) -> Identity | None:
    """The identity of a process that exists and is no zombie, else None."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return None
    if fields[0] in (b"Z", b"X"):
        return None
    return Identity(pid, int(fields[19]), boot())


def is_alive(identity: Identity) -> bool:
    return identify(identity.pid) == identity


def parent(pid: int) -> int:
    """The pid of a process's parent; 0 where there is no such process."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[1])
    except OSError:
        return 0


def variables(pid: int) -> dict[str, str]:
    """The variables that a process was started with; none where we may not see them."""
    try:
        found = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return {}
    pairs = (os.fsdecode(one).partition("=") for one in found if b"=" in one)
    return {name: value for name, _, value in pairs}


def tokens(prefix: str) -> list[tuple[int, str]]:
    """The pid and the TOKEN of every other living process whose TOKEN begins with `prefix`."""
    wanted = f"{TOKEN}={prefix}".encode()
    found = []
    for name in os.listdir("/proc"):  # noqa: PTH208 - names are all that is wanted
        if name.isdigit() and int(name) != os.getpid():
            try:
                with open(f"/proc/{name}/environ", "rb", buffering=0) as file:  # noqa: PTH123 - hot
                    content = file.read()
            except OSError:
                continue
            if wanted not in content:
                continue
            token = next((one for one in content.split(b"\0") if one.startswith(wanted)), None)
            if token is not None and identify(int(name)) is not None:
                found.append((int(name), os.fsdecode(token[len(TOKEN) + 1 :])))
    return found


def with_token(token: str) -> list[int]:
    """The pids of all living processes that were started, by whomever, with TOKEN=`token`."""
    return [pid for pid, carried in tokens(token) if carried == token]


def marked(marks: Mapping[str, str]) -> list[int]:
    """The pids of all living processes with a TOKEN and further variables as these; none without a TOKEN."""
    found = with_token(marks[TOKEN]) if TOKEN in marks else []
    return [pid for pid in found if marks.items() <= variables(pid).items()]


def group_lives(group: int) -> bool:
    """Whether a process group has a member that is no zombie."""
    for name in os.listdir("/proc"):  # noqa: PTH208 - names are all that is wanted
        if name.isdigit():
            try:
                fields = Path(f"/proc/{name}/stat").read_bytes().rpartition(b")")[2].split()
            except OSError:
                continue
            if int(fields[2]) == group and fields[0] not in (b"Z", b"X"):
                return True
    return False


def send(pid: int, number: int, *, group: bool = False) -> bool:
    """Send a signal to a process, or its group; False where there is none any more."""
    try:
        (os.killpg if group else os.kill)(pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def end_token(token: str, grace_seconds: float = 5.0) -> None:
    """End every process that carries the token: asked first, killed after the grace; without one, at once."""
    deadline = time.monotonic() + grace_seconds
    number = signal.SIGTERM if grace_seconds else signal.SIGKILL
    while pids := with_token(token):
        for pid in pids:
            send(pid, number)
        if time.monotonic() > deadline:
            number = signal.SIGKILL
        time.sleep(0.02)


def end_strangers(name: str) -> None:
    """Kill who holds a pipe or a file of ours open to write, and carries no token.

    It threw its variables away (`env -i`), so nothing else tells that it is ours. `name` is what `/proc`
    calls an open file: its path, or `pipe:[INODE]`. Only who is seen twice: a program that another thread
    starts holds all that we hold, for an instant, and may have become another one while it is looked at.
    """
    deadline = time.monotonic() + _PATIENCE_SECONDS
    seen: set[int] = set()
    while (pids := _strangers(name)) and time.monotonic() < deadline:
        for pid in seen & pids:
            send(pid, signal.SIGKILL)
        seen = pids
        time.sleep(0.02)


def _strangers(name: str) -> set[int]:
    """A copy of this process, on its way to the program that it starts, is none: it holds what we held."""
    words = _words("self")
    pids = [int(one) for one in os.listdir("/proc") if one.isdigit()]  # noqa: PTH208 - names are all that is wanted
    writers = [pid for pid in pids if pid != os.getpid() and _writes(pid, name)]
    return {pid for pid in writers if TOKEN not in variables(pid) and identify(pid) and _words(pid) != words}


def _words(pid: int | str) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _writes(pid: int, name: str) -> bool:
    try:
        held = os.listdir(f"/proc/{pid}/fd")  # noqa: PTH208 - names are all that is wanted
        return any(_is_open_to_write(pid, one) for one in held if _opened(pid, one) == name)
    except OSError:  # it has ended, or we may not see
        return False


def _opened(pid: int, number: str) -> str:
    return os.readlink(f"/proc/{pid}/fd/{number}")  # noqa: PTH115 - hot


def _is_open_to_write(pid: int, number: str) -> bool:
    flags = Path(f"/proc/{pid}/fdinfo/{number}").read_text().partition("flags:")[2].split()[0]
    return int(flags, 8) & os.O_ACCMODE == os.O_WRONLY
