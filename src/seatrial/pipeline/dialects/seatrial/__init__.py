"""The dialect `seatrial.yaml`."""

from __future__ import annotations

from seatrial.pipeline.finding import Finding
from seatrial.pipeline.pipeline import Pipeline

NAME = "seatrial"
FILENAMES = ("seatrial.yaml", "seatrial.yml")


def parse(text: str, path: str) -> tuple[Pipeline, tuple[Finding, ...]]:
    """The pipeline that a text says; see `seatrial.pipeline.dialect`."""
    from seatrial.pipeline.dialects.seatrial.reader import read  # YAML costs more than all else

    return read(text, path)
