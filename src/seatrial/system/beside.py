"""Work that a copy of this process does beside it, where there is a second core for that."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

_LOOK_SECONDS = 0.2  # how soon the copy sees that it is alone


@contextmanager
def doing(work: Callable[[], object]) -> Iterator[bool]:
    """Do `work` in a copy of this process during the block, whose end waits for it; whether that is done.

    Only for what leaves something on disk that would otherwise be made later: nobody hears what it returns or
    raises. A process with threads is not copied: its copy might wait for ever for a lock of theirs. The copy
    ends with this process, whatever ends that.
    """
    here = os.getpid()
    pid = _copied() if _is_worth_it() else None
    if pid is None:
        yield False
        return
    if not pid:
        _do_only(work, here)
    try:
        yield True
    except BaseException:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        raise
    finally:
        with suppress(ChildProcessError):
            os.waitpid(pid, 0)


def _is_worth_it() -> bool:
    return len(os.sched_getaffinity(0)) > 1 and len(os.listdir("/proc/self/task")) == 1  # noqa: PTH208 - hot


def _copied() -> int | None:
    """0 in the copy, its id in this process; None where the system has no room for one more."""
    try:
        return os.fork()
    except OSError:
        return None


def _do_only(work: Callable[[], object], parent: int) -> None:
    """Never returns: what this process would do next is for the other one to do."""
    try:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.signal(signal.SIGALRM, lambda *_: os._exit(0) if os.getppid() != parent else None)
        signal.setitimer(signal.ITIMER_REAL, _LOOK_SECONDS, _LOOK_SECONDS)
        work()
    finally:
        os._exit(0)
