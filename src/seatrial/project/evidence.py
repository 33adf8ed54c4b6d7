"""What speaks for a package: the verdict of the run that it belongs to, else what is attached to it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from seatrial.journal.journal import Event
from seatrial.package import provenance
from seatrial.project.judging import VERDICT
from seatrial.project.project import Home
from seatrial.release.admission import Evidence
from seatrial.release.evidence import of_record
from seatrial.store import blobs


def evidence_for(home: Home, run: str, package: str, *, accepted: str = "") -> Evidence:
    """The evidence for a package; of a run where it belongs to one. `accepted` names who accepts what is
    inconclusive, and why."""
    event = last_verdict(home, run) if run else None
    if event is not None:
        baselines = {name: str(one["package"]) for name, one in event.body.get("baselines", {}).items()}
        return of_record(_record(home, event), baselines, accepted)
    said = provenance.attestations(home.store, package, provenance.TEST_RESULT)
    if said and isinstance(said[-1].predicate.get("verdict"), dict):
        return of_record(said[-1].predicate["verdict"], {}, accepted)
    return Evidence()


def verdict_of_run(home: Home, run: str) -> Mapping[str, Any] | None:
    """The last verdict of a run, as a record; None where there is none."""
    event = last_verdict(home, run)
    return _record(home, event) if event is not None else None


def last_verdict(home: Home, run: str) -> Event | None:
    found = [event for event in home.journal.events(subject=run) if event.kind == VERDICT]
    return found[-1] if found else None


def _record(home: Home, event: Event) -> Mapping[str, Any]:
    record: Mapping[str, Any] = json.loads(blobs.read(home.store, event.body["verdict"]))
    return record
