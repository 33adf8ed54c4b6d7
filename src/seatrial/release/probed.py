"""What became of recorded requests that both revisions answered, as a release's body keeps it. Pure."""

from typing import Any

from seatrial.named_tuple import NamedTuple


class Probed(NamedTuple):
    """What became of the requests, and of each gate (by its number in the plan) the logarithms of the
    evidence for and against the candidate. Latencies are medians, in seconds."""

    requests: int
    candidate_failed: int
    stable_failed: int
    same_status: int
    predicted: int
    agreed: int
    candidate_seconds: float | None
    stable_seconds: float | None
    gates: dict[str, tuple[float, float]]


def of_body(body: dict[str, Any]) -> Probed | None:
    """What a release's body keeps of it; None before it was done."""
    kept = body.get("probed")
    if not kept:
        return None
    gates = {number: (float(good), float(bad)) for number, (good, bad) in kept["gates"].items()}
    return Probed(**{**kept, "gates": gates})


def sentence(probed: Probed) -> str:
    parts = [
        f"{probed.requests:,} recorded requests to both revisions: the candidate failed"
        f" {probed.candidate_failed:,}, stable {probed.stable_failed:,}"
    ]
    if probed.same_status < probed.requests:
        parts.append(f"{probed.requests - probed.same_status:,} with another status")
    if probed.predicted:
        parts.append(f"the same prediction in {probed.agreed:,} of {probed.predicted:,}")
    if probed.candidate_seconds is not None and probed.stable_seconds is not None:
        ours, theirs = 1000 * probed.candidate_seconds, 1000 * probed.stable_seconds
        parts.append(f"a median of {ours:.3g} ms against {theirs:.3g} ms")
    return ", ".join(parts)
