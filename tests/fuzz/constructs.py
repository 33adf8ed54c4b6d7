"""A file of another system from anywhere: its constructs are told as its findings say."""

from __future__ import annotations

from seatrial.pipeline.all_dialects import ALL_DIALECTS
from seatrial.pipeline.constructs import OWN, REFUSED, constructs
from seatrial.pipeline.finding import ERROR
from seatrial.pipeline.load import load


def fuzz_constructs(data: bytes) -> None:
    text = data.decode("utf-8", errors="replace")
    for dialect in ALL_DIALECTS:
        if dialect != OWN:
            agree(dialect, text)


def agree(dialect: str, text: str) -> None:
    """Every finding is told of, and what is an error is told as refused."""
    findings = load(text, "x", dialect).findings
    found = constructs(dialect, text, "x", findings)
    told = [one.note for one in found]
    refused = [one.note for one in found if one.how == REFUSED]
    for finding in findings:
        notes = refused if finding.severity == ERROR else told
        assert any(finding.message in note for note in notes), finding
