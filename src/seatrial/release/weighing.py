"""What one gate of a release has come to know: a frozen rule and the evidence so far. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import isnan, nan
from typing import Any

from seatrial.evaluation import gate as language
from seatrial.evaluation.sequential import interval, plan, process, shadow
from seatrial.evaluation.sequential.arms import Arms, add, without
from seatrial.evaluation.sequential.batch import Line
from seatrial.evaluation.sequential.interval import Interval
from seatrial.evaluation.sequential.latency import Bar
from seatrial.evaluation.sequential.live import LABELS, History, Live
from seatrial.evaluation.sequential.process import Seen, State
from seatrial.evaluation.sequential.rule import Rule
from seatrial.named_tuple import NamedTuple
from seatrial.release.outlook import Standing
from seatrial.release.provider import Batch
from seatrial.system import compact_json

# So many gates are remembered as they were read and written last.
_REMEMBERED = 256


class Weighing(NamedTuple):
    """`state` is None while the rule waits for something of stable's past.

    `unweighed` holds, by stratum, what cannot be weighed before the other arm has shown something, too.
    `stratum` is the last one that was weighed.
    """

    live: Live
    state: State | None
    unweighed: Mapping[int, Arms] = {}
    stratum: int = 0


def freeze(text: str, history: History, alpha: float, *, by_pairs: bool = False) -> Weighing:
    """The gate as it is judged from now on: `by_pairs` of answers to the same requests, where there are such.

    Raises BadInput for one that live traffic cannot answer.
    """
    live = plan.plan(language.thaw(text), history, alpha)
    live = shadow.paired(live) if by_pairs else live
    return Weighing(live, process.start(live.rule) if live.rule else None)


def weigh(weighing: Weighing, batches: Sequence[Batch]) -> Weighing:
    live, state, waiting, last = weighing
    if live.rule is None or state is None:
        return weighing
    pairs = [(one.arms, one.pairs) for one in batches if one.pairs]
    state = process.observe_pairs(live.rule, state, pairs) if pairs else state
    rest = dict(waiting)
    for stratum, new in ((one.stratum, one.arms) for one in batches if not one.pairs):
        arms = add(rest.pop(stratum), new) if stratum in rest else new
        if arms.candidate_n and (arms.stable_n or not live.rule.line.slope):
            state = process.next_step(state) if stratum > last else state
            state, last = process.observe(live.rule, state, arms), max(stratum, last)
        else:
            rest[stratum] = arms
    return Weighing(live, state, rest, last)


def seen(live: Live, rule: Rule, state: State) -> Seen:
    """What there is to see, in the unit of the gate: sizes are weighed as parts of a cap."""
    shown, (unit, zero) = process.seen(rule, state), unit_of(live)
    offset = zero * (1 - rule.line.slope)

    def scaled(value: float | None, origin: float) -> float | None:
        return None if value is None else unit * value + origin

    return Seen(
        scaled(shown.candidate, zero),
        scaled(shown.stable, zero),
        unit * shown.bar + offset,
        scaled(shown.low, offset),
        scaled(shown.high, offset),
    )


def unit_of(live: Live) -> tuple[float, float]:
    """What a weighed value of 1 is more than one of 0, and what 0 is: see `live.value_of`."""
    metric, cap = live.gate.metric, live.cap
    if metric == "mean_error":
        return 2 * cap, -cap
    return {"drift": cap, "mean_absolute_error": cap, "rmse": cap**2}.get(metric, 1.0), 0.0


def standing(weighing: Weighing) -> Standing:
    live, state = weighing.live, weighing.state
    late = live.source == LABELS
    if live.rule is None or state is None:
        return Standing(live.gate.text, late=late)
    good = process.log_good(live.rule, state)
    return Standing(
        live.gate.text,
        log_good=good,
        log_bad=process.log_bad(live.rule, state),
        has_passed=state.passed,
        late=late,
    )


def to_text(weighing: Weighing) -> str:
    """Two lines of JSON: what is frozen, which is made once, and what every look changes."""
    state = process.to_plain(weighing.state) if weighing.state else None
    waiting = [[stratum, *arms] for stratum, arms in weighing.unweighed.items()]
    moving = compact_json.encode([state, waiting, weighing.stratum])
    return f"{_text_of_live(weighing.live)}\n{moving}"


@lru_cache(_REMEMBERED)
def of_text(text: str) -> Weighing:
    frozen, _, moving = text.partition("\n")
    state, waiting, last = json.loads(moving) if moving else _of_one_line(text)
    unweighed = {stratum: Arms(*arms) for stratum, *arms in waiting}
    return Weighing(_live_of_text(frozen), process.of_plain(state) if state else None, unweighed, last)


def _of_one_line(text: str) -> tuple[list[Any], list[Any], int]:
    """As an older journal has it: one object, with what waits for its turn instead of what was served."""
    plain = json.loads(text)
    state = plain["state"]
    if state:
        above, below, pending = state[-1]
        served = tuple(without(Arms(*state[0]), Arms(*one)) for one in pending)
        state = [*state[:-1], interval.to_text(Interval(tuple(above), tuple(below), served))]
    return state, plain["unweighed"], 0


@lru_cache(_REMEMBERED)
def _text_of_live(live: Live) -> str:
    plain = {
        "gate": live.gate.text,
        "source": live.source,
        "counts": live.counts,
        "waiting": live.waiting,
        "rule": live.rule,
        "bar": live.bar,
        "cap": None if isnan(live.cap) else live.cap,
    }
    return compact_json.encode(plain)


@lru_cache(_REMEMBERED)
def _live_of_text(text: str) -> Live:
    plain = json.loads(text)
    return Live(
        language.thaw(plain["gate"]),
        plain["source"],
        plain["counts"],
        rule_of(plain["rule"]) if plain["rule"] else None,
        plain["waiting"],
        Bar(*plain["bar"]) if plain["bar"] else None,
        nan if plain["cap"] is None else plain["cap"],
    )


def rule_of(plain: list[Any]) -> Rule:
    values = dict(zip(Rule._fields, plain, strict=True))
    for name in ("bad_bets", "good_bets", "grid"):
        values[name] = tuple(values[name])
    return Rule(**{**values, "line": Line(*values["line"])})
