"""A writer: one format of pipeline files, written from the one Pipeline value.

Each module of `seatrial.pipeline.writers` that the table of `all_writers` names defines `write`. It is pure,
and takes a pipeline as its file has it: no matrix is expanded, and every need is written out (see
`seatrial.pipeline.writers.source`). What a system cannot say is either left to `seatrial run`, which the
written file then calls, or is left out; both are losses, each with the place in the file that was read.
"""

from __future__ import annotations

from typing import Protocol

from seatrial.errors import Place
from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.pipeline import Pipeline


class Loss(NamedTuple):
    """What the written file does not say as the read one did."""

    place: Place
    message: str


class Written(NamedTuple):
    text: str
    losses: tuple[Loss, ...]


class Writer(Protocol):
    @staticmethod
    def write(pipeline: Pipeline) -> Written: ...
