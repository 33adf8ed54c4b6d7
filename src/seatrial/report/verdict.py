"""From the plain JSON of a verdict (docs/reference/verdict.md) to what a report shows of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from seatrial.report.record import Estimate, GateRecord, LossRecord, SliceRecord, VerdictRecord

Json = Mapping[str, Any]
# With the signs that turn the direction of a text: all that makes one name look like another.
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def verdict_record(verdict: Json, data: str = "", against: str = "") -> VerdictRecord:
    """`data` and `against` are the names of the data set and of the baseline, as people know them."""
    gates = tuple(record for gate in verdict["gates"] for record in _gates(gate))
    measured = [one for one in verdict["measurements"] if not one["slice"]]
    confusion = verdict["confusion"] or {"labels": (), "counts": ()}
    return VerdictRecord(
        status=verdict["verdict"],
        reason=_seen(verdict["reason"]),
        task=verdict["task"],
        examples=verdict["n"],
        data=data,
        against=against or ", ".join(one["environment"] for one in verdict["comparisons"]),
        gates=gates,
        metrics=tuple((one["metric"], _estimate(one)) for one in measured),
        slices=_slices(verdict),
        worse=tuple(_losses(verdict)),
        notes=tuple(map(_seen, verdict["notes"])),
        labels=tuple(map(_seen, confusion["labels"])),
        confusion=tuple(tuple(row) for row in confusion["counts"]),
        accepted_by=str(verdict.get("accepted_by", "")),
    )


def _gates(gate: Json) -> Iterator[GateRecord]:
    """One record for each slice that the gate was judged on, the worst first as the evaluation has them."""
    checks = gate["checks"]
    if not checks:
        yield GateRecord(gate["gate"], gate["verdict"], reason=_seen(gate["reason"]))
    for check in checks:
        measured = check["measurement"]
        yield GateRecord(
            gate["gate"],
            check["verdict"],
            check["bound"],
            Estimate(measured["estimate"], check["low"], check["high"]),
            measured["baseline"],
            _seen(check["slice"]),
            _seen(check["reason"]),
        )


def _slices(verdict: Json) -> tuple[SliceRecord, ...]:
    """The slices by the metrics that the gates are about; without gates, by the first that was measured."""
    wanted = {check["measurement"]["metric"] for gate in verdict["gates"] for check in gate["checks"]}
    measured = verdict["slices"]
    wanted = wanted or {one["metric"] for one in measured[:1]}
    baselines = {
        (one["metric"], one["slice"]): one["baseline"]
        for comparison in verdict["comparisons"]
        for one in comparison["measurements"]
    }
    return tuple(
        SliceRecord(
            _seen(one["slice"]),
            one["metric"],
            _estimate(one),
            one["n"],
            baselines.get((one["metric"], one["slice"])),
        )
        for one in measured
        if one["metric"] in wanted
    )


def _losses(verdict: Json) -> Iterator[LossRecord]:
    for comparison in verdict["comparisons"]:
        for one in comparison["worse"]:
            measured = one["measurement"]
            yield LossRecord(
                _seen(one["slice"]),
                measured["metric"],
                measured["estimate"],
                measured["baseline"],
                one["loss"],
                one["claimed"],
                comparison["environment"],
            )


def _seen(text: str) -> str:
    """A text of the user's data, its control characters as escapes, so that no two names look alike."""
    return _CONTROLS.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def _estimate(measured: Json) -> Estimate:
    return Estimate(measured["estimate"], measured["low"], measured["high"])
