"""The geometry of a release's pictures over time: numbers only, which the template turns into SVG."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from seatrial.named_tuple import NamedTuple
from seatrial.release.sight import GateSight, Point, Replay, reach, thinned
from seatrial.report.live import value
from seatrial.report.picture import Scale
from seatrial.report.words import duration

WIDTH, HEIGHT = 1000.0, 150.0
LOW_HEIGHT = 56.0
MOST_POINTS = 400
_STEPS = (
    0.1,
    0.2,
    0.5,
    1,
    2,
    5,
    10,
    20,
    30,
    60,
    120,
    300,
    600,
    1200,
    1800,
    3600,
    7200,
    14_400,
    43_200,
    86_400,
)
_MOST_TICKS = 8

Ticks = tuple[tuple[float, str], ...]


class TrafficPlot(NamedTuple):
    """Areas as the points of polygons."""

    stable: str
    candidate: str
    mirrored: str
    ticks: Ticks


class GatePlot(NamedTuple):
    """`band` is the confidence sequence, `line` what is compared with the bar; `evidence` and `against` are
    lines of their own picture, LOW_HEIGHT high. `levels` are marks of the vertical axis."""

    band: str
    line: str
    bar: float
    bar_words: str
    levels: Ticks
    evidence: str
    against: str
    ticks: Ticks


def whole(replay: Replay) -> float:
    """The seconds that a release took, as far as it is known."""
    ends = [share.seconds for share in replay.shares[-1:]]
    ends += [points[-1].seconds for points in replay.points if points]
    return max(ends, default=0.0)


def traffic_plot(replay: Replay) -> TrafficPlot | None:
    """Who had which part of the requests over time; None where nobody had any."""
    seconds = whole(replay)
    if not seconds or not any(share.candidate or share.mirrored for share in replay.shares):
        return None
    edge = [share.candidate for share in replay.shares]
    top = [share.candidate + share.stable for share in replay.shares]
    copies = [share.mirrored for share in replay.shares]
    times = [share.seconds for share in replay.shares]
    return TrafficPlot(
        area(times, edge, top, seconds),
        area(times, [0] * len(edge), edge, seconds),
        area(times, [0] * len(edge), copies, seconds) if any(copies) else "",
        ticks(seconds),
    )


def area(times: Sequence[float], below: Sequence[float], above: Sequence[float], seconds: float) -> str:
    """What lies between two steps of percents."""
    upper, lower = stairs(times, above, seconds), stairs(times, below, seconds)
    return polygon([*upper, *reversed(lower)])


def stairs(times: Sequence[float], values: Sequence[float], seconds: float) -> list[tuple[float, float]]:
    """Points of a line that stays as it is until the next time."""
    found: list[tuple[float, float]] = []
    for at, share in zip(times, values, strict=True):
        x, y = WIDTH * min(at / seconds, 1.0), LOW_HEIGHT * (1 - share / 100)
        if found:
            found.append((x, found[-1][1]))
        found.append((x, y))
    return found


def gate_plot(replay: Replay, number: int) -> GatePlot | None:
    """How the confidence sequence of a gate narrowed against its bar; None where nothing was known."""
    gate, points = replay.sight.gates[number], thinned(replay.points[number], MOST_POINTS)
    if gate.bar is None or gate.candidate is None or len(points) < 2:
        return None
    seconds, margins = whole(replay), [margin(gate, one) for one in points]
    on = widened(Scale(*reach(gate.bar, gate.slope)), [one for one in margins if one is not None])
    xs = [WIDTH * min(max(one.seconds / seconds, 0.0), 1.0) for one in points]
    low = [height(on, on.low if one.low is None else one.low) for one in points]
    high = [height(on, on.high if one.high is None else one.high) for one in points]
    return GatePlot(
        polygon([*zip(xs, high, strict=True), *reversed(list(zip(xs, low, strict=True)))]),
        polygon((x, height(on, known)) for x, known in zip(xs, margins, strict=True) if known is not None),
        height(on, gate.bar),
        level_words(gate, gate.bar),
        tuple((height(on, one), level_words(gate, one)) for one in (on.low, (on.low + on.high) / 2, on.high)),
        polygon((x, LOW_HEIGHT * (1 - one.evidence)) for x, one in zip(xs, points, strict=True)),
        polygon((x, LOW_HEIGHT * (1 - one.against)) for x, one in zip(xs, points, strict=True)),
        ticks(seconds),
    )


def gate_plots(replay: Replay) -> list[tuple[GateSight, GatePlot | None, int]]:
    """All gates with their pictures and numbers."""
    return [(gate, gate_plot(replay, number), number) for number, gate in enumerate(replay.sight.gates)]


def level_words(gate: GateSight, level: float) -> str:
    """A round number, as marks are, without the zeros of one that was measured."""
    return value(gate, level) if gate.is_share else f"{level:.4g}"


def widened(on: Scale, values: Sequence[float]) -> Scale:
    """A scale on which the last values can be seen, too; the first ones are of few requests."""
    settled = values[len(values) // 2 :]
    return Scale(min([on.low, *settled]), max([on.high, *settled]))


def margin(gate: GateSight, point: Point) -> float | None:
    """What the gate compared with its bar at a point."""
    return gate._replace(candidate=point.candidate, stable=point.stable).margin


def height(on: Scale, known: float) -> float:
    """From the top, for a value on a vertical scale."""
    return round(HEIGHT * (1 - on.share(known)), 1)


def polygon(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def ticks(seconds: float) -> Ticks:
    """Round times, at most eight of them after the beginning."""
    step = next((one for one in _STEPS if seconds / one <= _MOST_TICKS), seconds / _MOST_TICKS)
    count = int(seconds / step + 1e-9)
    return tuple((round(WIDTH * i * step / seconds, 1), moment(i * step, step)) for i in range(count + 1))


def moment(at: float, step: float) -> str:
    return f"{at:g}s" if step < 1 else duration(at)
