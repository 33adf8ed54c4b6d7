"""What there is to see of a release, as values: its traffic, its gates, and how it came about. Pure.

`see` and `replay` fill them from the journal; reports and terminals show them.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from seatrial.named_tuple import NamedTuple
from seatrial.release.probed import Probed

STABLE, CANDIDATE = "stable", "candidate"

# How far to both sides of the bar a picture of a gate reaches, in units of the bar.
REACH = 5.0


class Flow(NamedTuple):
    """The requests of a revision over the last `seconds`. `share` and `mirrored` are percents in force.

    p50 and p95 are times to the first byte, in seconds; None where nothing was answered.
    """

    revision: str
    arm: str
    share: int
    mirrored: int = 0
    seconds: float = 0.0
    requests: int = 0
    errors: int = 0
    p50: float | None = None
    p95: float | None = None

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds if self.seconds else 0.0

    @property
    def error_rate(self) -> float | None:
        return self.errors / self.requests if self.requests else None


class GateSight(NamedTuple):
    """What one gate knows.

    `low` and `high` are the confidence sequence of candidate - slope * stable, which the gate compares with
    `bar`; None: not known yet. `evidence` and `against` are shares, from 0 to 1 = enough, of what a promotion
    and a rollback take. About `more` of its `unit` to the candidate would decide, at
    the rates so far, in `more_seconds`, towards "promote" or "roll back". `waiting` says why nothing is
    judged. Of a number, what counts are readings: `unit`; `last` is the last one's value, `trouble` why there
    was none.
    """

    gate: str
    counts: str = ""
    is_share: bool = False
    is_late: bool = False
    unit: str = "requests"
    candidate: float | None = None
    candidate_n: int = 0
    stable: float | None = None
    stable_n: int = 0
    slope: float = 0.0
    bar: float | None = None
    low: float | None = None
    high: float | None = None
    evidence: float = 0.0
    against: float = 0.0
    more: int | None = None
    more_seconds: float | None = None
    toward: str = ""
    waiting: str = ""
    last: float | None = None
    trouble: str = ""

    @property
    def margin(self) -> float | None:
        """What is compared with the bar."""
        if self.candidate is None or (self.slope and self.stable is None):
            return None
        return self.candidate - self.slope * (self.stable or 0.0)


class Sight(NamedTuple):
    """A release as it stands. Times are seconds since the epoch; `revision` and `previous` are ids.

    `step` counts from 1 and is `len(steps)` at the end; `seconds_left` is until the deadline. `held` and
    `promoted` say by whom, and why, where a person has said so. At `preview` the candidate alone answers.
    """

    release: str
    kind: str
    revision: str
    previous: str
    status: str
    strategy: str
    steps: tuple[str, ...]
    step: int
    started: float
    served: float | None = None
    finished: float | None = None
    seconds_left: float | None = None
    on_deadline: str = ""
    alpha: float | None = None
    reason: str = ""
    held: str = ""
    promoted: str = ""
    undriven: str = ""
    spoilt: str = ""
    awaited: str = ""
    provisional_until: float | None = None
    settled: str = ""
    preview: str = ""
    evidence: float = 0.0
    gates: tuple[GateSight, ...] = ()
    probed: Probed | None = None

    @property
    def is_late(self) -> bool:
        """Whether its deadline is over, and a person has to decide."""
        is_left = self.on_deadline != "abort" or bool(self.held)
        return self.seconds_left == 0 and is_left and not self.promoted

    @property
    def doing(self) -> str:
        """The step that it is at, in words; else what became of it."""
        is_running = self.status == "running" and self.step <= len(self.steps)
        return self.steps[self.step - 1] if is_running else self.status


class Watched(NamedTuple):
    """An environment at a moment: who gets the requests, and the release that is under way or provisional."""

    project: str
    environment: str
    at: float
    address: str = ""
    flows: tuple[Flow, ...] = ()
    release: Sight | None = None
    provisional: Sight | None = None
    trouble: str = ""


class Said(NamedTuple):
    """Something that happened, in words, `seconds` after the release began."""

    at: float
    seconds: float
    text: str


class Share(NamedTuple):
    """Who had which percent of the requests from a moment on."""

    seconds: float
    candidate: int
    stable: int
    mirrored: int = 0


class Point(NamedTuple):
    """What a gate knew `seconds` after the release began: see `GateSight`."""

    seconds: float
    weight: int
    candidate: float | None
    candidate_n: int
    stable: float | None
    stable_n: int
    low: float | None
    high: float | None
    evidence: float
    against: float


class Replay(NamedTuple):
    """A release from its beginning to its end. `points` are those of each gate, in the gates' order.

    `evidence` is that of the offline evaluation, as plain JSON; `data` are the digests it was made on, by
    stage. `log` is the end of what the revision's last server printed.
    """

    sight: Sight
    package: str
    commit: str
    branch: str
    run: str
    by: str
    why: str
    evidence: Mapping[str, Any]
    data: Mapping[str, str] = {}
    said: tuple[Said, ...] = ()
    shares: tuple[Share, ...] = ()
    points: tuple[tuple[Point, ...], ...] = ()
    flows: tuple[Flow, ...] = ()
    quarantine: str = ""
    log: str = ""


def reach(bar: float, slope: float) -> tuple[float, float]:
    """The ends of a scale that stays as it is while an interval on it narrows."""
    unit = min(abs(bar), 1 - abs(bar)) if 0 < abs(bar) < 1 else abs(bar) or 0.005
    low, high = bar - REACH * unit, bar + REACH * unit
    return (low, high) if slope else (max(low, 0.0), min(high, 1.0) if bar <= 1 else high)


def thinned(points: Sequence[Point], most: int) -> list[Point]:
    """At most so many points, evenly taken, the first and the last among them."""
    if len(points) <= most:
        return list(points)
    step = (len(points) - 1) / (most - 1)
    return [points[round(index * step)] for index in range(most)]
