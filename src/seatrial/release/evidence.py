"""From the records of verdicts to what speaks for a package. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from seatrial.release.admission import INCONCLUSIVE, PASS, UNEVALUATED, Evidence

BY_POLICY = "the policy of its evaluation"
# The worst of several verdicts stands for all; one that judged nothing adds nothing.
WORST_FIRST = ("error", "fail", INCONCLUSIVE, PASS, UNEVALUATED)
JUDGED_NOTHING = "not applicable"


def of_record(record: Mapping[str, Any], baselines: Mapping[str, str], accepted: str = "") -> Evidence:
    """The evidence of one verdict (docs/reference/verdict.md). `baselines`: packages, by environment."""
    gates = [{key: gate[key] for key in ("gate", "verdict", "reason")} for gate in record["gates"]]
    by_policy = BY_POLICY if record["inconclusive"] == "accept" else ""
    verdict = str(record["verdict"])
    return Evidence(
        verdict=UNEVALUATED if verdict == JUDGED_NOTHING else verdict,
        reason=str(record["reason"]),
        accepted=accepted or by_policy,
        needs_first=bool(record["needs_first"]),
        baselines=baselines,
        summary={"n": record["n"], "task": record["task"], "gates": gates},
    )


def combined(found: Sequence[Evidence]) -> Evidence:
    """All verdicts on one package as one: the worst of them, with the baselines of all."""
    if not found:
        return Evidence()
    worst = min(found, key=lambda one: WORST_FIRST.index(one.verdict))
    judged = [one for one in found if one.verdict != UNEVALUATED]
    return worst._replace(
        needs_first=bool(judged) and all(one.needs_first for one in judged),
        baselines={name: digest for one in found for name, digest in one.baselines.items()},
        summary={**worst.summary, "gates": [gate for one in found for gate in one.summary.get("gates", ())]},
    )
