"""A release from its beginning to its end, as lines for a terminal and as Markdown tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seatrial.release import probed
from seatrial.release.sight import Flow, GateSight, Point, Replay, Sight, thinned
from seatrial.report.live import arms, unseen, value
from seatrial.report.terminal import painted
from seatrial.report.words import (
    NOT_SAID,
    duration,
    examples,
    first_line,
    milliseconds,
    percent,
    seconds,
    short,
)

MOST_POINTS = 12
_STATUS = {"succeeded": "green", "running": "cyan"}


def lines(replay: Replay) -> list[str]:
    """Everything there is to tell of it."""
    return [
        *head_lines(replay),
        *evidence_lines(replay),
        *titled(
            "what happened", [f"{moment(one.seconds):>9}  {first_line(one.text)}" for one in replay.said]
        ),
        *titled("requests while it went on", [flow_words(one) for one in replay.flows if one.requests]),
        *(line for number in range(len(replay.sight.gates)) for line in gate_lines(replay, number)),
        *end_lines(replay),
        *titled("the end of what its server printed", [f"│ {line}" for line in replay.log.splitlines()]),
    ]


def titled(title: str, body: list[str]) -> list[str]:
    return [painted(f"  {title}", "dim"), *(f"    {line}" for line in body)] if body else []


def head_lines(replay: Replay) -> list[str]:
    sight = replay.sight
    status = painted(sight.status, _STATUS.get(sight.status, "red"))
    took = f", in {seconds(sight.finished - sight.started)}" if sight.finished else ""
    who = "; ".join(part for part in (first_line(replay.why), f"by {replay.by}" if replay.by else "") if part)
    facts = f"commit {short(replay.commit) or 'none'}{f' of {replay.branch}' if replay.branch else ''}"
    name = painted(f"{sight.revision}", "bold")
    return [
        f"{name}  {sight.kind}, {status}{took}  {painted(who, 'dim')}".rstrip(),
        f"  {facts}, package {short(replay.package)}, run {replay.run or 'none'}",
        f"  plan: {plan_words(replay)}",
    ]


def plan_words(replay: Replay) -> str:
    """The strategy with its steps, and how sure its judge was to be."""
    sight = replay.sight
    sure = f"; α = {sight.alpha:.3g} for each gate" if sight.alpha is not None and sight.gates else ""
    return f"{sight.strategy}: {', '.join(sight.steps)}{sure}"


def evidence_lines(replay: Replay) -> list[str]:
    """The offline evaluation, and the data that it was made on."""
    found = [f"  evidence: {evidence_words(replay.evidence)}"]
    for gate in replay.evidence.get("summary", {}).get("gates", ()):
        said = f": {gate['reason']}" if gate.get("reason") else ""
        found.append(f"    {gate['verdict']:<12} {gate['gate']}{said}")
    data = ", ".join(f"{short(digest)} ({stage})" for stage, digest in replay.data.items())
    return [*found, f"  data: {data or NOT_SAID}"]


def evidence_words(evidence: Mapping[str, Any]) -> str:
    summary = evidence.get("summary", {})
    about = f" on {examples(summary['n'])}" if summary.get("n") else ""
    accepted = f", accepted by {evidence['accepted']}" if evidence.get("accepted") else ""
    return f"{evidence.get('verdict') or 'none'}{about}{accepted}"


def flow_words(one: Flow) -> str:
    latencies = f"p50 {milliseconds(one.p50)}, p95 {milliseconds(one.p95)}"
    number = one.revision.rpartition("/")[2]
    return f"{one.arm} revision {number}: {one.requests:,}, {percent(one.error_rate)} failed, {latencies}"


def gate_lines(replay: Replay, number: int) -> list[str]:
    """What a gate knew, over time."""
    gate, points = replay.sight.gates[number], thinned(replay.points[number], MOST_POINTS)
    head = f"  gate {painted(gate.gate, 'bold')}"
    if not points:
        return [f"{head}  {painted(unseen(gate), 'dim')}"]
    cells = [HEADS, *(row(gate, point) for point in points)]
    widths = [max(len(cell[i]) for cell in cells) for i in range(len(HEADS))]
    made = ["  ".join(text.rjust(wide) for text, wide in zip(cell, widths, strict=True)) for cell in cells]
    return [
        f"{head}  {painted(gate.counts, 'dim')}",
        painted(f"    {made[0]}", "dim"),
        *(f"    {one}" for one in made[1:]),
    ]


HEADS = ("after", "weight", "candidate", "of", "stable", "of", "interval", "bar", "for", "against")


def row(gate: GateSight, point: Point) -> tuple[str, ...]:
    """A point as words, in the order of HEADS."""
    return (
        duration(point.seconds),
        f"{point.weight}%",
        value(gate, point.candidate),
        f"{point.candidate_n:,}",
        value(gate, point.stable) if gate.slope else NOT_SAID,
        f"{point.stable_n:,}" if gate.slope else NOT_SAID,
        span(gate, point.low, point.high),
        value(gate, gate.bar),
        f"{point.evidence:.0%}",
        f"{point.against:.0%}",
    )


def span(gate: GateSight, low: float | None, high: float | None) -> str:
    """The interval; an end that the data say nothing of is left open."""
    if low is None and high is None:
        return NOT_SAID
    known = ("…" if end is None else value(gate, end) for end in (low, high))
    return f"[{', '.join(known)}]"


def deciding(sight: Sight) -> str:
    """The numbers of the gate that speaks most against the candidate, if any does enough to end it."""
    worst = max(sight.gates, key=lambda gate: gate.against, default=None)
    if worst is None or worst.against < 1:
        return ""
    seen = [] if worst.candidate is None else [arms(worst)]
    replayed = [] if sight.probed is None else [probed.sentence(sight.probed)]
    return f": {'; '.join(seen + replayed) or unseen(worst)}"


def moment(at: float) -> str:
    return f"+{at:.1f}s" if at < 60 else f"+{duration(at)}"


def end_lines(replay: Replay) -> list[str]:
    sight = replay.sight
    found = [
        f"  {word}: {said}"
        for word, said in (("held by", first_line(sight.held)), ("promoted by", first_line(sight.promoted)))
        if said
    ]
    if sight.reason:
        found.append(f"  {painted('ended', 'red')}: {first_line(sight.reason)}{deciding(sight)}")
    if sight.settled:
        found.append(f"  judged by its labels: {sight.settled}")
    if replay.quarantine:
        found.append(f"  {painted('in quarantine', 'red')}: {replay.quarantine}")
    return found
