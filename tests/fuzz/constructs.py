"""The constructs of a file of another system are told as its findings say."""

from __future__ import annotations

from collections.abc import Collection

from seatrial.pipeline.constructs import REFUSED, constructs
from seatrial.pipeline.finding import ERROR, Finding


def agree(dialect: str, text: str, findings: Collection[Finding]) -> None:
    """Every finding is told of, and what is an error is told as refused."""
    found = constructs(dialect, text, "x", findings)
    told = [one.note for one in found]
    refused = [one.note for one in found if one.how == REFUSED]
    for finding in findings:
        notes = refused if finding.severity == ERROR else told
        assert any(finding.message in note for note in notes), finding
