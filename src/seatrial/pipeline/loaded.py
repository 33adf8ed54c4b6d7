"""A pipeline as it is run, with all that there is to say about its file."""

from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.finding import Finding
from seatrial.pipeline.pipeline import Pipeline


class Loaded(NamedTuple):
    """Every matrix is expanded and every need written out.

    With an error in the findings, the pipeline holds what could be read, and must not be run.
    """

    pipeline: Pipeline
    findings: tuple[Finding, ...]
