"""An interval against a bar, drawn with characters: ····┃··├──●──┤····"""

from seatrial.named_tuple import NamedTuple
from seatrial.report.record import Estimate

WIDTH = 24
_MARGIN = 0.15  # of the shown range, on each side
_LARGEST = 1e300  # whatever is larger is as good as infinite, and has no place on a scale


class Scale(NamedTuple):
    """From a value to a share of the width, 0 at the left and 1 at the right."""

    low: float
    high: float

    def share(self, value: float) -> float:
        return min(max((value - self.low) / (self.high - self.low), 0.0), 1.0)


def scale(estimate: Estimate, bar: float | None) -> Scale | None:
    """A scale on which the interval and the bar can be seen; None where there is nothing to see."""
    shown = [v for v in (*estimate, bar) if v is not None and abs(v) < _LARGEST]
    if not shown:
        return None
    low, high = min(shown), max(shown)
    room = (high - low) * _MARGIN or abs(high) * 0.01 or 0.01
    return Scale(low - room, high + room)


def drawn(estimate: Estimate, bar: float | None, width: int = WIDTH, on: Scale | None = None) -> str:
    """The picture; "" where the value is unknown. `on` is the scale, where it is not to fit the estimate."""
    on = on or scale(estimate, bar)
    if on is None or estimate.value is None:
        return ""
    cells = ["·"] * width
    low, high = _cell(on, estimate.low, 0, width), _cell(on, estimate.high, width - 1, width)
    if estimate.low is not None or estimate.high is not None:
        cells[low : high + 1] = "─" * (high - low + 1)
        cells[low] = "├" if estimate.low is not None else "╌"
        cells[high] = "┤" if estimate.high is not None else "╌"
    cells[_cell(on, estimate.value, 0, width)] = "●"
    if bar is not None:
        at = _cell(on, bar, 0, width)
        cells[at] = "╋" if cells[at] in "─├┤●" else "┃"
    return "".join(cells)


def _cell(on: Scale, value: float | None, missing: int, width: int) -> int:
    if value is None:
        return missing
    return round(on.share(value) * (width - 1))
