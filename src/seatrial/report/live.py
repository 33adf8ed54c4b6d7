"""A release under way as lines for a terminal: who gets the requests, and what each gate knows so far."""

from __future__ import annotations

from seatrial.evaluation.sequential.decide import ROLL_BACK
from seatrial.release import probed
from seatrial.release.sight import CANDIDATE, Flow, GateSight, Sight, Watched, reach
from seatrial.report.picture import Scale, drawn
from seatrial.report.record import Estimate
from seatrial.report.terminal import painted
from seatrial.report.words import columns, duration, first_line, milliseconds, number, percent

_BAR = 40
_METER = 10
_WIDE = 90


def lines(watched: Watched, width: int = 100) -> list[str]:
    """An environment: traffic, the release that is under way, and its gates."""
    where = painted(f"{watched.project}/{watched.environment}", "bold")
    found = [f"{where}  {painted('http://' + watched.address, 'dim') if watched.address else ''}".rstrip()]
    found += traffic_lines(watched.flows)
    if watched.release is not None:
        found += release_lines(watched.release, watched.at, width)
    elif watched.provisional is not None:
        found += provisional_lines(watched.provisional, watched.at, width)
    if watched.trouble:
        found.append(f"  {painted('in trouble', 'red')}: {watched.trouble}")
    return found


def traffic_lines(flows: tuple[Flow, ...]) -> list[str]:
    """Who gets which part of the requests, as a bar, and what became of them."""
    if not flows:
        return [painted("  no revision", "dim")]
    return [f"  traffic  {traffic_bar(flows)}", *map(flow_line, flows)]


def traffic_bar(flows: tuple[Flow, ...]) -> str:
    """Shares of stable and candidate, one block a part of the requests: told apart without colours too."""
    candidate = sum(one.share for one in flows if one.arm == CANDIDATE)
    stable = sum(one.share for one in flows if one.arm != CANDIDATE)
    if not candidate + stable:
        return painted("░" * _BAR + "  nobody", "dim")
    cells = min(max(round(_BAR * candidate / 100), candidate > 0), _BAR - (stable > 0))
    copies = sum(one.mirrored for one in flows)
    mirrored = f", copies of {copies}% to the candidate" if copies else ""
    bar = painted("█" * (_BAR - cells), "green") + painted("▒" * cells, "cyan")
    return f"{bar}  stable {stable}%, candidate {candidate}%{mirrored}"


def flow_line(one: Flow) -> str:
    colour = "cyan" if one.arm == CANDIDATE else "green"
    share = f"{one.share}%" if one.share or not one.mirrored else f"copy {one.mirrored}%"
    name = painted(f"{one.arm:<9}", colour) + f" revision {one.revision.rpartition('/')[2]:<4}"
    rate = f"{one.rate:,.1f}/s" if one.rate < 100 else f"{one.rate:,.0f}/s"
    if not one.requests:
        return f"  {name} {share:>9}  {painted('no requests in the last minute', 'dim')}"
    failed = f"{percent(one.error_rate)} failed"
    failed = painted(failed, "red") if one.errors else failed
    return (
        f"  {name} {share:>9}  {rate:>9}  {failed}  p50 {milliseconds(one.p50)}  p95 {milliseconds(one.p95)}"
    )


def release_lines(sight: Sight, at: float, width: int = 100) -> list[str]:
    """The release, who holds it, its deadline, and its gates."""
    number_ = sight.revision.rpartition("/")[2]
    head = f"  {painted('under way', 'cyan')}: {sight.strategy} {sight.kind} to revision {number_}"
    found = [f"{head}, for {duration(at - sight.started)}{deadline(sight)}"]
    found.append(f"  step {sight.step} of {len(sight.steps)}: {sight.doing}")
    if sight.preview:
        found.append(f"  preview  {painted('http://' + sight.preview, 'dim')}  revision {number_} alone")
    if sight.doing in ("hold", "ask") and not sight.held and not sight.is_late:
        name = sight.revision.split("/")[-2]
        found.append(f"  {painted('waits for a person', 'yellow')}: seatrial promote {name}, or abort")
    found += [f"  {painted(word, 'yellow')} {said}" for word, said in by_hand(sight)]
    if sight.is_late:
        found.append(f"  {painted('the deadline is over', 'yellow')}: promote it, with a reason, or abort it")
    found += undriven(sight, "requests since then")
    if sight.spoilt:
        found.append(f"  {painted('not to be relied on', 'red')}: {sight.spoilt}")
    if sight.awaited:
        found.append(f"  {painted('waits for slow answers', 'yellow')}: {sight.awaited}")
    if sight.probed is not None:
        found.append(f"  {painted('replayed', 'cyan')} {probed.sentence(sight.probed)}")
    is_driven = not sight.undriven
    return found + [line for gate in sight.gates for line in gate_lines(gate, width, is_driven=is_driven)]


def undriven(sight: Sight, counted: str) -> list[str]:
    """That nobody drives a release, and what is `counted` only when somebody does."""
    word = painted("not driven", "red")
    told = f"  {word}: {sight.undriven}; {counted} are not counted yet"
    return [told] if sight.undriven else []


def deadline(sight: Sight) -> str:
    if not sight.seconds_left:
        return ""
    return f", {duration(sight.seconds_left)} until its deadline ({sight.on_deadline})"


def by_hand(sight: Sight) -> list[tuple[str, str]]:
    found = [("held by", sight.held), ("to be promoted by", sight.promoted), ("taken back:", sight.reason)]
    return [(word, first_line(said)) for word, said in found if said]


def provisional_lines(sight: Sight, at: float, width: int = 100) -> list[str]:
    """A promotion that labels which are still to come may take back."""
    left = max(0.0, (sight.provisional_until or at) - at)
    word, number_ = painted("provisional", "yellow"), sight.revision.rpartition("/")[2]
    head = f"  {word}: revision {number_}, judged by labels for {duration(left)} more"
    late = [gate for gate in sight.gates if gate.is_late]
    how = {"is_promoted": True, "is_driven": not sight.undriven}
    known = [line for gate in late for line in gate_lines(gate, width, **how)]
    return [head, *undriven(sight, "the last labels"), *known]


def gate_lines(
    gate: GateSight, width: int = 100, *, is_promoted: bool = False, is_driven: bool = True
) -> list[str]:
    """A gate: what both arms have, where the margin lies against its bar, and what that is worth."""
    if gate.waiting or gate.candidate is None:
        return head_lines(gate, unseen(gate), width)
    picture = f"{drawing(gate)}  " if width >= _WIDE else ""
    evidence = f"for {meter(gate.evidence, 'green')}  against {meter(gate.against, 'red')}"
    end = outlook(gate, is_promoted=is_promoted, is_driven=is_driven)
    found = f"    {picture}{evidence}  {end}".rstrip()
    trouble = [f"    {painted(gate.trouble, 'yellow')}"] if gate.trouble else []
    return [*head_lines(gate, arms(gate), width), found, *trouble]


def head_lines(gate: GateSight, told: str, width: int) -> list[str]:
    """The gate and what is told of it, in two lines where one is too short for both."""
    head, rest = f"  {mark(gate)} {gate.gate}", painted(told, "dim")
    fits = len("  ▸ ") + columns(gate.gate) + len("  ") + columns(told) <= width
    return [f"{head}  {rest}"] if fits else [head, f"    {rest}"]


def unseen(gate: GateSight) -> str:
    """Of a gate that users' requests say nothing about: why; and what recorded requests say."""
    why = gate.waiting or gate.trouble or ("no label counted yet" if gate.is_late else "nothing was seen")
    if not (gate.evidence or gate.against):
        return why
    return f"{why}; of recorded requests: evidence {gate.evidence:.0%} for, {gate.against:.0%} against"


def mark(gate: GateSight) -> str:
    if gate.evidence >= 1:
        return painted("✓", "green")
    return painted("✗", "red") if gate.against >= 1 else painted("▸", "cyan")


def drawing(gate: GateSight) -> str:
    """The confidence sequence on a scale that stays, so that one sees it narrow."""
    assert gate.bar is not None
    on = Scale(*reach(gate.bar, gate.slope))
    low, high = (
        end if end is not None and on.low <= end <= on.high else None for end in (gate.low, gate.high)
    )
    known = Estimate(gate.margin, low, high)
    return drawn(known, gate.bar, on=on)


def arms(gate: GateSight) -> str:
    """The values of both arms, and of how many."""
    candidate = f"candidate {value(gate, gate.candidate)} of {gate.candidate_n:,}"
    stable = f", stable {value(gate, gate.stable)} of {gate.stable_n:,}" if gate.slope else ""
    last = f"; the last was {gate.last:g}" if gate.last is not None else ""
    return f"{candidate}{stable} ({gate.counts}{last})"


def value(gate: GateSight, found: float | None) -> str:
    return percent(found) if gate.is_share else number(found)


def meter(part: float, colour: str) -> str:
    """A part of what it takes, as a little bar and in percent."""
    full = round(part * _METER) if part < 1 else _METER
    return painted("▰" * full, colour) + painted("▱" * (_METER - full), "dim") + f" {part:>4.0%}"


def outlook(gate: GateSight, *, is_promoted: bool = False, is_driven: bool = True) -> str:
    """What it would take to decide, about; of a promotion that is provisional, whether it stays.

    Requests that nobody counts bring nothing nearer.
    """
    if gate.evidence >= 1:
        return painted("enough to confirm it" if is_promoted else "enough for a promotion", "green")
    if gate.against >= 1:
        return painted("enough to take it back", "red")
    if not is_driven:
        return ""
    if gate.more is None:
        return painted("no end in sight at these rates", "dim")
    when = f", {duration(gate.more_seconds)}" if gate.more_seconds is not None else ""
    end = "take it back" if gate.toward == ROLL_BACK else "confirm it" if is_promoted else "promote"
    return painted(f"about {gate.more:,} more {gate.unit}{when}, to {end}", "dim")


def summary(watched: Watched) -> str:
    """An environment in one line: its release, else what it serves."""
    if watched.release is not None:
        return sentence(watched.release, watched.flows)
    serving = [flow for flow in watched.flows if flow.share]
    parts = [
        f"revision {one.revision.rpartition('/')[2]} has {one.share}%: {one.rate:,.1f} requests/s,"
        f" {percent(one.error_rate)} failed"
        for one in serving
    ]
    return "; ".join(parts) or "nobody serves"


def sentence(sight: Sight, flows: tuple[Flow, ...]) -> str:
    """The whole release in one line, for a log: step, share, and the gate that has furthest to go."""
    candidate = next((one for one in flows if one.arm == CANDIDATE), None)
    share = f", {candidate.share}% of the requests" if candidate and candidate.share else ""
    parts = [f"step {sight.step} of {len(sight.steps)}: {sight.doing}{share}"]
    open_gates = [gate for gate in sight.gates if gate.evidence < 1]
    if open_gates:
        worst = min(open_gates, key=lambda gate: (gate.evidence, -gate.against))
        parts.append(short_gate(worst._replace(more=None) if sight.undriven else worst))
    elif sight.gates:
        parts.append("every gate has enough evidence")
    if sight.held:
        parts.append(f"held by {first_line(sight.held)}")
    if sight.undriven:
        parts.append(sight.undriven)
    return "; ".join(parts)


def short_gate(gate: GateSight) -> str:
    if gate.waiting or gate.candidate is None:
        return f"{gate.gate}: {unseen(gate)}"
    what = f"{value(gate, gate.candidate)} of {gate.candidate_n:,}"
    more = f", about {gate.more:,} more" if gate.more else ""
    stable = f", stable {value(gate, gate.stable)}" if gate.slope else ""
    return f"{gate.gate}: {what}{stable}, evidence {gate.evidence:.0%} for, {gate.against:.0%} against{more}"
