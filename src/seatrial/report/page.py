"""A run as one HTML page that needs nothing else: no script, no font, no picture from anywhere."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from seatrial.errors import needs_extra
from seatrial.report import drawing, words
from seatrial.report.record import RunRecord, counted, headline
from seatrial.report.terminal import compared, details, labelled, lost, tests_counted

if TYPE_CHECKING:
    from jinja2 import Template


def page(run: RunRecord) -> str:
    """The page. Raises BadInput where the extra is missing."""
    return _template().render(run=run)


@cache
def _template() -> Template:
    try:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined
    except ImportError:
        raise needs_extra("report", "an HTML report") from None
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
        "details": details,
        "lost": lost,
        "tests_counted": tests_counted,
        "labelled": labelled,
        "compared": compared,
        "headline": headline,
        "counted": counted,
        "heat": drawing.heat,
        "worst": drawing.worst_confusions,
        "timeline": drawing.timeline,
        "slice_drawings": drawing.slice_drawings,
    }
    environment.globals |= {"interval_drawing": drawing.interval_drawing, "interval": words.interval}
    return environment.get_template("page.html")
