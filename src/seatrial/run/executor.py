"""Where the commands of a stage run; `all_executors` is the table.

The contract, in the order of the calls:

    problem()   why this machine cannot use the executor, "" when it can; cheap, changes nothing
    prepare     once an attempt of a stage. Where `wanted.background`, what a command leaves running outlives
                the session, until the end of the run, but for a container; else `destroy` ends it. What it
                has to say goes to `log`
    start       begin one command; returns at once. One command of a session runs at a time
    wait        until that command has ended, its time is over or the run is cancelled: in the last two cases
                all of its processes have been asked to end, and were killed when they did not. What a command
                left behind in the background goes on, and does not keep `wait` from returning
    stop        end a command now; safe twice, and after it has ended
    destroy     end all that the session still has; safe twice, and after any of the others failed. True where
                nothing can be left that still works in the folders of the stage

Sessions of different stages are used from different threads at the same time. `output` is called in the
thread that waits, with bytes as they come: any bytes, in pieces of any size. `is_cancelled` is called about
ten times a second while a command goes on.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.container import PLAIN, Container
from seatrial.pipeline.pipeline import Resources, Service

GRACE_SECONDS = 5.0


class Wanted(NamedTuple):
    """What a session is for. One without containers takes no notice of the image and what follows it.

    `folder` is what the commands find of this machine, at the same path as outside, and `lent` what they may
    read there as well; `work` is where they start. `env` gives what names stand for in the words of the
    container, and in its build. `config` is the folder with what opens registries, None for that of who runs
    us. `bound`: no command can gain rights that we have not, as by `sudo`, where this machine can see to
    that. Getting an image ends when `is_cancelled` says so, and raises where the `deadline` is over.
    """

    run: str = ""
    background: bool = False
    image: str = ""
    container: Container = PLAIN
    services: tuple[Service, ...] = ()
    resources: Resources = Resources()
    folder: Path | None = None
    work: Path | None = None
    env: Mapping[str, str] = {}
    config: Path | None = None
    bound: bool = False
    is_cancelled: Callable[[], bool] = lambda: False
    deadline: float | None = None
    lent: tuple[Path, ...] = ()


NOTHING = Wanted()


class Command(NamedTuple):
    """`capture`: keep standard output apart, for `Ended.output`, and give only standard error to the log."""

    argv: tuple[str, ...]
    env: Mapping[str, str]
    folder: Path
    capture: bool = False


class Ended(NamedTuple):
    """`exit_code` is that of the command, 128 + the signal when one ended it."""

    exit_code: int
    timed_out: bool = False
    cancelled: bool = False
    output: bytes = b""


Output = Callable[[bytes], None]


class Executor(Protocol):
    """A module of `seatrial.run.executors`. Sessions and running commands are its own values."""

    @property
    def NAME(self) -> str: ...  # noqa: N802 - a constant of a module

    @staticmethod
    def problem() -> str: ...

    @staticmethod
    def prepare(wanted: Wanted = NOTHING, log: Callable[[bytes], None] = ...) -> Any: ...

    @staticmethod
    def start(session: Any, command: Command, output: Output) -> Any: ...

    @staticmethod
    def wait(
        session: Any, running: Any, timeout_seconds: float | None, is_cancelled: Callable[[], bool]
    ) -> Ended: ...

    @staticmethod
    def stop(session: Any, running: Any, grace_seconds: float = GRACE_SECONDS) -> None: ...

    @staticmethod
    def destroy(session: Any) -> bool: ...
