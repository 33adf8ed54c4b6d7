"""What speaks for a package: the verdict of the run that it belongs to, else what is attached to it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from seatrial.package import provenance
from seatrial.project.gather import VERDICT, told
from seatrial.project.project import Home
from seatrial.release.admission import Evidence
from seatrial.release.evidence import of_record
from seatrial.store import blobs


def evidence_for(home: Home, run: str, package: str, *, accepted: str = "") -> Evidence:
    """The evidence for a package; of a run where it belongs to one. `accepted` names who accepts what is
    inconclusive, and why."""
    body = _last(home, run) if run else None
    if body is not None:
        baselines = {name: str(one["package"]) for name, one in body.get("baselines", {}).items()}
        record = _record(home, body)
        return of_record(record, baselines, accepted or str(record.get("accepted_by", "")))
    said = provenance.attestations(home.store, package, provenance.TEST_RESULT)
    if said and isinstance(said[-1].predicate.get("verdict"), dict):
        record = said[-1].predicate["verdict"]
        return of_record(record, {}, accepted or str(record.get("accepted_by", "")))
    return Evidence()


def verdict_of_run(home: Home, run: str) -> Mapping[str, Any] | None:
    """The last verdict of a run, as a record; None where there is none."""
    body = _last(home, run)
    return _record(home, body) if body is not None else None


def _last(home: Home, run: str) -> dict[str, Any] | None:
    """What was told of the last verdict of a run."""
    found = told(home, run, VERDICT)
    return found[-1] if found else None


def _record(home: Home, body: Mapping[str, Any]) -> Mapping[str, Any]:
    record: Mapping[str, Any] = json.loads(blobs.read(home.store, body["verdict"]))
    return record
