"""A run as one HTML page that needs nothing else: no script, no font, no picture from anywhere."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from seatrial.errors import needs_extra
from seatrial.release.sight import Replay, thinned
from seatrial.report import drawing, live, plots, replay, words
from seatrial.report.record import RunRecord, counted, headline, named, said, shown
from seatrial.report.terminal import compared, details, labelled, lost, tests_counted

if TYPE_CHECKING:
    from jinja2 import Template


def page(run: RunRecord) -> str:
    """The page. Raises BadInput where the extra is missing."""
    return _template().render(run=run)


def ask_for_extra() -> None:
    """Raises BadInput where what writes the page is not installed."""
    from importlib.util import find_spec

    if find_spec("jinja2") is None:
        raise needs_extra("report", "an HTML report")


def number_of(revision: str) -> str:
    """The number of a revision, of its id."""
    return revision.rpartition("/")[2]


def rates(replay_: Replay, number: int) -> list[tuple[str, ...]]:
    """The table of a gate: a row for each of some points."""
    gate, points = replay_.sight.gates[number], replay_.points[number]
    return [replay.row(gate, point) for point in thinned(points, replay.MOST_POINTS)]


@cache
def _template() -> Template:
    ask_for_extra()
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": words.number,
        "seconds": words.seconds,
        "short": words.short,
        "examples": words.examples,
        "details": details,
        "lost": lost,
        "tests_counted": tests_counted,
        "labelled": labelled,
        "compared": compared,
        "headline": headline,
        "named": named,
        "said": said,
        "shown": shown,
        "counted": counted,
        "heat": drawing.heat,
        "distinct": words.distinct,
        "worst": drawing.worst_confusions,
        "timeline": drawing.timeline,
        "slice_drawings": drawing.slice_drawings,
        "traffic_plot": plots.traffic_plot,
        "gate_plots": plots.gate_plots,
        "plan_words": replay.plan_words,
        "evidence_words": replay.evidence_words,
        "deciding": replay.deciding,
        "first_line": words.first_line,
        "moment": replay.moment,
        "number_of": number_of,
        "percent": words.percent,
        "milliseconds": words.milliseconds,
        "arms": live.arms,
        "unseen": live.unseen,
        "rates": rates,
    }
    environment.globals |= {
        "interval_drawing": drawing.interval_drawing,
        "interval": words.interval,
        "replay_heads": replay.HEADS,
    }
    return environment.get_template("page.html")
