"""What a report is made of: plain values, gathered by whoever knows where they are."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from seatrial.errors import INCONCLUSIVE, PASSED, REFUSED
from seatrial.named_tuple import NamedTuple

if TYPE_CHECKING:  # each run reads this file, few release anything
    from seatrial.release.sight import Replay


class Estimate(NamedTuple):
    """A measured value and the interval it lies in; None where it could not be said."""

    value: float | None
    low: float | None = None
    high: float | None = None


class GateRecord(NamedTuple):
    """A gate as it was judged, on one slice where `group` names it.

    `estimate` is what is compared with `bar`: against a baseline the candidate's value, with the interval
    of the paired difference around it, and `baseline` is the value that the bar comes from.
    """

    text: str
    verdict: str  # pass, fail, inconclusive, error, not applicable
    bar: float | None = None
    estimate: Estimate = Estimate(None)
    baseline: float | None = None
    group: str = ""
    reason: str = ""


class SliceRecord(NamedTuple):
    """A metric on one slice; `name` is "domain=street"."""

    name: str
    metric: str
    estimate: Estimate
    examples: int
    baseline: float | None = None


class LossRecord(NamedTuple):
    """A slice on which the candidate did worse than a baseline, by `loss` in the metric's unit.
    `is_claimed`: by more than chance explains, corrected for having searched all slices."""

    name: str
    metric: str
    candidate: float | None
    baseline: float | None
    loss: float
    is_claimed: bool
    against: str


class VerdictRecord(NamedTuple):
    """An evaluation. `confusion[i][j]` counts examples of label i that were answered with j, as `labels` has
    them; () where the task has none."""

    status: str
    reason: str = ""
    task: str = ""
    examples: int = 0
    data: str = ""
    against: str = ""  # the baseline, as people name it
    gates: tuple[GateRecord, ...] = ()
    metrics: tuple[tuple[str, Estimate], ...] = ()
    slices: tuple[SliceRecord, ...] = ()
    worse: tuple[LossRecord, ...] = ()
    notes: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    confusion: tuple[tuple[int, ...], ...] = ()
    accepted_by: str = ""  # who let it pass though it is inconclusive


class ReportedTests(NamedTuple):
    """What the JUnit files of a stage counted. `failed` names the first that failed, with what each said;
    `unreadable` says which files are missing or cannot be read."""

    tests: int
    failures: int = 0
    errors: int = 0
    skipped: int = 0
    failed: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()


class StageRecord(NamedTuple):
    """A stage run. `begins` is in seconds after the start of the run, None where it never started."""

    name: str
    status: str
    action: str = "command"
    begins: float | None = None
    seconds: float | None = None
    is_restored: bool = False
    attempts: int = 1
    key: str = ""
    message: str = ""
    finding: str = ""  # what is wrong with the file that said so: place, line, caret and hint
    tests: ReportedTests | None = None
    verdict: VerdictRecord | None = None
    package: str = ""
    revision: str = ""
    address: str = ""
    log: str = ""  # the end of what a failed stage printed


class RunRecord(NamedTuple):
    """A run and its stages, in the order of the pipeline. `started` is UTC in ISO 8601."""

    project: str
    id: str
    number: int
    pipeline: str
    commit: str
    branch: str
    is_dirty: bool
    status: str
    exit_code: int
    started: str
    seconds: float | None
    title: str = ""
    author: str = ""
    message: str = ""
    stages: tuple[StageRecord, ...] = ()
    releases: "tuple[Replay, ...]" = ()


def shown(stage: StageRecord) -> str:
    """What became of a stage, in a word: its status, "restored", or "inconclusive" for a verdict that is no
    failure of anybody's."""
    if stage.is_restored:
        return "restored"
    is_open = (
        stage.status == "failed" and stage.verdict is not None and stage.verdict.status == "inconclusive"
    )
    return "inconclusive" if is_open else stage.status


def said(verdict: VerdictRecord) -> str:
    """A verdict, and by whom it was accepted."""
    return f"{verdict.status}, accepted by {verdict.accepted_by}" if verdict.accepted_by else verdict.status


def headline(run: RunRecord) -> str:
    """What a run came to, in a few words."""
    words = {PASSED: "passed", REFUSED: "refused by the evidence", INCONCLUSIVE: "not enough evidence"}
    if run.status == "running":
        return "running"
    if run.status == "cancelled":
        return "cancelled"
    if run.exit_code == REFUSED and not any(stage.verdict for stage in run.stages):
        return "refused"  # by a person, or as nobody was there to ask
    accepted = [stage.verdict for stage in run.stages if stage.verdict and stage.verdict.accepted_by]
    if run.exit_code == PASSED and accepted:
        return f"passed: {said(accepted[0])}"
    return words.get(run.exit_code, run.status)


def named(run: RunRecord) -> str:
    """Which run: "#12"; "" for what belongs to none."""
    return f"#{run.number}" if run.number else ""


def counted(run: RunRecord) -> str:
    """How many stages ran, were restored, failed and so on: "2 ran, 3 restored"."""
    counts: dict[str, int] = {}
    for stage in run.stages:
        word = "ran" if shown(stage) == "succeeded" else shown(stage)
        counts[word] = counts.get(word, 0) + 1
    return ", ".join(f"{count} {word}" for word, count in counts.items()) or "no stages"


def plain(value: object) -> Any:
    """The value as JSON can hold it: NamedTuples as objects, tuples as lists, NaN and infinities as null."""
    if isinstance(value, tuple):
        names = getattr(value, "_fields", None)
        if names is not None:
            return {name: plain(item) for name, item in zip(names, value, strict=True)}
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    return value
