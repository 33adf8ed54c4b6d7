"""A run as one HTML page that needs nothing else: no script, no font, no picture from anywhere."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from seatrial.errors import needs_extra
from seatrial.report import drawing, words
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
        "worst": drawing.worst_confusions,
        "timeline": drawing.timeline,
        "slice_drawings": drawing.slice_drawings,
    }
    environment.globals |= {"interval_drawing": drawing.interval_drawing, "interval": words.interval}
    return environment.get_template("page.html")
