"""Regular expressions that may take for ever: they are tried first where they can be ended."""

from __future__ import annotations

import re

from seatrial.pipeline.dialects.jenkins.groovy.machine import Value, Work
from seatrial.pipeline.dialects.jenkins.groovy.regular import translated
from seatrial.pipeline.dialects.jenkins.values import written
from seatrial.pipeline.expensive import is_expensive
from seatrial.pipeline.step import Try


def tried(pattern: Value, text: Value) -> Work:
    """Comes back where the expression comes to its end on the text. Raises StageFailed."""
    if not is_expensive(written(pattern), written(text)):
        return
    try:
        spelled = translated(written(pattern))
    except re.error:  # said where it is used
        return
    yield Try(spelled, written(text))
