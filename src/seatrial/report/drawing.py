"""The geometry of the page's pictures: numbers only, which the template turns into SVG."""

from __future__ import annotations

from seatrial.named_tuple import NamedTuple
from seatrial.report.picture import scale
from seatrial.report.record import Estimate, SliceRecord, StageRecord, VerdictRecord, shown
from seatrial.report.words import number, seconds

INTERVAL_WIDTH = 260.0
TIMELINE_WIDTH = 1000.0
_SMALLEST_BAR = 2.0
_MOST_LABELS = 30  # a larger confusion matrix is a table of its worst confusions only
_WORST = 10


class IntervalDrawing(NamedTuple):
    """Positions from the left; `left` and `right` are the ends of the scale, in words."""

    value: float
    low: float | None
    high: float | None
    bar: float | None
    left: str
    right: str


class TimelineBar(NamedTuple):
    name: str
    status: str
    x: float
    width: float
    took: str
    label_x: float
    is_label_before: bool


class Timeline(NamedTuple):
    bars: tuple[TimelineBar, ...]
    ticks: tuple[tuple[float, str], ...]


class HeatCell(NamedTuple):
    """`share` is that of the row: how dark the cell is."""

    examples: int
    share: float
    is_right: bool
    title: str


class Heat(NamedTuple):
    labels: tuple[str, ...]
    rows: tuple[tuple[HeatCell, ...], ...]


def interval_drawing(estimate: Estimate, bar: float | None) -> IntervalDrawing | None:
    """An interval on a scale of its own, which shows the bar as well."""
    on = scale(estimate, bar)
    if on is None or estimate.value is None:
        return None

    def x(value: float | None) -> float | None:
        return None if value is None else round(on.share(value) * INTERVAL_WIDTH, 1)

    return IntervalDrawing(
        x(estimate.value) or 0.0, x(estimate.low), x(estimate.high), x(bar), number(on.low), number(on.high)
    )


def slice_drawings(slices: tuple[SliceRecord, ...]) -> tuple[IntervalDrawing | None, ...]:
    """The intervals of slices on one scale for each metric, so that they can be compared by eye."""
    ranges: dict[str, Estimate] = {}
    for one in slices:
        known = [v for v in (*one.estimate, one.baseline, *ranges.get(one.metric, ())) if v is not None]
        if known:
            ranges[one.metric] = Estimate(known[0], min(known), max(known))
    return tuple(_on_range(one, ranges.get(one.metric)) for one in slices)


def _on_range(one: SliceRecord, shown: Estimate | None) -> IntervalDrawing | None:
    on = scale(shown, None) if shown is not None else None
    if on is None or one.estimate.value is None:
        return None
    places = [
        None if v is None else round(on.share(v) * INTERVAL_WIDTH, 1) for v in (*one.estimate, one.baseline)
    ]
    value, low, high, baseline = places
    return IntervalDrawing(value or 0.0, low, high, baseline, number(on.low), number(on.high))


def timeline(stages: tuple[StageRecord, ...]) -> Timeline | None:
    """When each stage that ran began and how long it took; None where nothing ran."""
    ran = [(s, s.begins, s.seconds) for s in stages if not s.is_restored]
    timed = [
        (s, max(begins, 0.0), took) for s, begins, took in ran if begins is not None and took is not None
    ]
    whole = max((begins + took for _, begins, took in timed), default=0.0)
    if whole <= 0:
        return None
    unit = TIMELINE_WIDTH / whole
    bars = tuple(_bar(stage, begins * unit, took * unit) for stage, begins, took in timed)
    return Timeline(bars, _ticks(whole, unit))


def _bar(stage: StageRecord, x: float, width: float) -> TimelineBar:
    width = max(width, _SMALLEST_BAR)
    is_before = x + width > 0.72 * TIMELINE_WIDTH and x > 0.28 * TIMELINE_WIDTH
    label_x = x - 8 if is_before else min(x + width + 8, TIMELINE_WIDTH)
    is_inside = not is_before and x + width > 0.72 * TIMELINE_WIDTH
    if is_inside:
        label_x = x + 10
    return TimelineBar(
        stage.name,
        shown(stage),
        round(x, 1),
        round(width, 1),
        seconds(stage.seconds),
        round(label_x, 1),
        is_before,
    )


def _ticks(whole: float, unit: float) -> tuple[tuple[float, str], ...]:
    """Round numbers of seconds, four to nine of them."""
    step = 1e-3
    factors = (2.0, 2.5, 2.0)
    turn = 0
    while whole / step > 9:
        step *= factors[turn % 3]
        turn += 1
    return tuple((round(i * step * unit, 1), f"{i * step:g}s") for i in range(int(whole / step) + 1))


def heat(verdict: VerdictRecord) -> Heat | None:
    """The confusion as shares of each label's examples; None where it is missing or too large."""
    labels = verdict.labels
    if not 2 <= len(labels) <= _MOST_LABELS:
        return None
    return Heat(labels, tuple(_heat_row(labels, i, row) for i, row in enumerate(verdict.confusion)))


def _heat_row(labels: tuple[str, ...], i: int, row: tuple[int, ...]) -> tuple[HeatCell, ...]:
    total = sum(row)
    return tuple(
        HeatCell(
            count,
            round(count / total, 4) if total else 0.0,
            i == j,
            f"{count:,} of {total:,} examples of {labels[i]} were answered with {labels[j]}",
        )
        for j, count in enumerate(row)
    )


def worst_confusions(verdict: VerdictRecord) -> tuple[tuple[str, str, int], ...]:
    """The most frequent wrong answers: (label, answer, count), most frequent first."""
    wrong = [
        (verdict.labels[i], verdict.labels[j], count)
        for i, row in enumerate(verdict.confusion)
        for j, count in enumerate(row)
        if i != j and count
    ]
    return tuple(sorted(wrong, key=lambda entry: -entry[2])[:_WORST])
