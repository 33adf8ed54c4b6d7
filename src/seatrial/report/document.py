"""A run as JSON: the form of `--json` and of `--report FILE.json`, described in docs/reference/report.md."""

from __future__ import annotations

import json
from typing import Any

from seatrial.report.record import RunRecord, headline, plain

FORM = 1  # grows when a reader of the one before could no longer read it


def document(run: RunRecord) -> dict[str, Any]:
    """{"form", "headline"} and the fields of the record, as plain values."""
    return {"form": FORM, "headline": headline(run), **plain(run)}


def text(run: RunRecord) -> str:
    return json.dumps(document(run), indent=2, ensure_ascii=False) + "\n"
