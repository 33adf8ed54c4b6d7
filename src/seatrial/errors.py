"""Every error that a user can meet: what happened, where, what to do about it, and the exit code."""

from collections.abc import Callable, Sequence

from seatrial.named_tuple import NamedTuple

PASSED = 0
STAGE_FAILED = 1
BAD_INPUT = 2
REFUSED = 3
INCONCLUSIVE = 4
OUR_FAULT = 70
INTERRUPTED = 130


class Place(NamedTuple):
    """A place in a text that a user wrote. Lines and columns count from 1; 0 says that there is none."""

    path: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        parts = [self.path, *(str(n) for n in (self.line, self.column) if n)]
        return ":".join(parts)


class Problem(Exception):  # noqa: N818 - the word that users read; not every problem is an error of ours
    """The root of all that the one error boundary prints; anything else that reaches it is a defect.

    `about` is the word (a path, the name of a secret) that is at fault: who knows the file that said it can
    tell its place.
    """

    exit_code = OUR_FAULT
    context = ""  # lines to show below the message: those of a file, with a caret

    def __init__(self, message: str, hint: str = "", place: Place | None = None, about: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.place = place
        self.about = about


class BadInput(Problem):
    """What came from outside (a file, an option, an archive, a data set) cannot be used as it is."""

    exit_code = BAD_INPUT


class StageFailed(Problem):
    """A command of the user's ended with an error."""

    exit_code = STAGE_FAILED


class CommandFailed(StageFailed):
    """A command of the user's ended with an exit code that is not 0."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


class TimedOut(StageFailed):
    """The time of a stage, or of one of its steps, was over."""


class Lacking(StageFailed):
    """A step asks for credentials that are not here: the file may go on without, else it is bad input."""

    def __init__(self, cause: BadInput) -> None:
        super().__init__(cause.message, cause.hint, cause.place, cause.about)
        self.cause = cause


class NotBegun(Problem):
    """What stands around the steps of a stage failed before the first of them: so nothing follows them."""

    exit_code = STAGE_FAILED

    def __init__(self, cause: Problem) -> None:
        super().__init__(cause.message)
        self.cause = cause


class Refused(Problem):
    """The evidence, or the policy of an environment, says no."""

    exit_code = REFUSED


class Inconclusive(Problem):
    """The evidence says neither yes nor no."""

    exit_code = INCONCLUSIVE


class Infrastructure(Problem):
    """A part that we stand on (disk, engine, gateway, database) failed; never the model's fault."""


class Interrupted(Problem):
    """The user or the system asked us to stop."""

    exit_code = INTERRUPTED


def some(names: Sequence[str], written: Callable[[str], str] = repr, most: int = 5) -> str:
    """The first of many names, as a message shows them."""
    return ", ".join(map(written, names[:most])) + (", …" if len(names) > most else "")


def needs_extra(extra: str, purpose: str) -> BadInput:
    """The error for an optional part that is not installed."""
    return BadInput(f"{purpose} needs the extra '{extra}'", hint=f"pip install 'seatrial[{extra}]'")
