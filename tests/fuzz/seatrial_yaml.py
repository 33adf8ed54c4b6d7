"""Any bytes as a seatrial.yaml: findings with places, never an exception."""

from __future__ import annotations

# What `load` imports late is imported here, where a fuzzer still instruments it.
import seatrial.pipeline.check
import seatrial.pipeline.dialects.seatrial.reader
import seatrial.pipeline.matrix
import seatrial.pipeline.needs  # noqa: F401
from seatrial.errors import BadInput
from seatrial.pipeline.encoding import decode, encode
from seatrial.pipeline.finding import has_errors, render
from seatrial.pipeline.graph import order, select
from seatrial.pipeline.load import load, read_text


def fuzz_seatrial_yaml(data: bytes) -> None:
    try:
        text = read_text(data, "seatrial.yaml")
    except BadInput:
        return
    loaded = load(text, "seatrial.yaml")
    lines = len(text.splitlines()) + 1  # an error at the end stands on the line after it
    for finding in loaded.findings:
        assert 0 <= finding.place.line <= lines
        assert finding.message
        assert render(finding, text)
    kept = encode(loaded)
    assert kept is not None
    assert decode(kept) == loaded
    if not has_errors(loaded.findings):
        stages = loaded.pipeline.stages
        assert len(order(stages)) == len(stages)
        assert select(stages, [stage.name for stage in stages]) == stages
