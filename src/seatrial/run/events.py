"""What a run tells whoever watches it: small values, one at a time, in the order in which things happened."""

from collections.abc import Callable

from seatrial.named_tuple import NamedTuple
from seatrial.run.outcome import Outcome


class RunStarted(NamedTuple):
    run: str
    number: int
    stages: tuple[str, ...]


class StageStarted(NamedTuple):
    """The stage does its work: it has no result that could be taken."""

    stage: str


class StageBlocked(NamedTuple):
    """The stage waits for `run`, which works on the same key; "" where it is not known which that is."""

    stage: str
    run: str


class StageRestored(NamedTuple):
    """`run` made the result that was taken, in `seconds`."""

    stage: str
    outcome: Outcome
    run: str
    seconds: float


class StageFinished(NamedTuple):
    """A stage that has run, or never will in this run (skipped, cancelled)."""

    stage: str
    outcome: Outcome
    seconds: float


class StageReopened(NamedTuple):
    """A restored stage whose contents turned out to be damaged or gone; it runs again."""

    stage: str
    reason: str


class NotReproducible(NamedTuple):
    """A fresh run of a stage gave other outputs (digests of trees) than its first, which stay."""

    stage: str
    first: str
    now: str


class LogLine(NamedTuple):
    """A line, or a piece of a very long one, without its end; secrets are masked."""

    stage: str
    at: float
    text: bytes


class PersonAsked(NamedTuple):
    """A question is about to be asked at the terminal: `why` comes before it, and nothing else is to be
    written there until `PersonAnswered`."""

    stage: str
    why: str


class PersonAnswered(NamedTuple):
    """Also where nobody did, and the run is being stopped."""

    stage: str


class RunFinished(NamedTuple):
    run: str
    status: str
    exit_code: int
    seconds: float


RunEvent = (
    RunStarted
    | StageStarted
    | StageBlocked
    | StageRestored
    | StageFinished
    | StageReopened
    | NotReproducible
    | LogLine
    | PersonAsked
    | PersonAnswered
    | RunFinished
)
Listener = Callable[[RunEvent], None]
