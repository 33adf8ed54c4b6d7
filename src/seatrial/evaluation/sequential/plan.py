"""From a gate to what is counted on live traffic and tested; or why it cannot be.

What can be judged live, with `stable` for what serves beside the candidate:

    error_rate, latency_pNN                                  from requests
    agreement, drift (against a number only)                 from pairs of answers to mirrored requests
    accuracy, precision(C), recall(C), f1(C)                 from labels
    mean_absolute_error, mean_error, rmse                    from labels, each error counted at most a cap
    throughput, saturation, an environment's own metrics     readings, against a number only

`drift` is the mean absolute difference between the candidate's and stable's numeric predictions for the same
requests, each counted at most a cap. Pairs are one coupling of the two distributions of predictions, so it
bounds their Wasserstein distance W1 from above (Villani 2009, "Optimal Transport", definition 6.1).

All others are tested against a number, and against `stable * factor + margin`. Refused: averages over classes
(micro is accuracy), which are no shares of independent units; auc and r2; max_error, since no sample shows
that larger errors do not exist; rmse with a margin (its square is not linear); f1(C) that may not exceed
stable's, or is to.
"""

from __future__ import annotations

from seatrial.evaluation.gate import PAIRED, STABLE, Gate
from seatrial.evaluation.sequential import latency, readings
from seatrial.evaluation.sequential.batch import Line
from seatrial.evaluation.sequential.bursts import calmed
from seatrial.evaluation.sequential.curve import share_of_f1
from seatrial.evaluation.sequential.interval import grid
from seatrial.evaluation.sequential.live import (
    ERRORS,
    LABELS,
    LATENCIES,
    NUMBERS,
    PAIRS,
    History,
    Live,
)
from seatrial.evaluation.sequential.rule import (
    ALPHA,
    BAR_GOOD_ODDS,
    MEAN,
    SHARE,
    SLOW_BAD_ODDS,
    SLOW_GOOD_ODDS,
    STAKES,
    Rule,
)

LEAST_LABELS = 200  # behind a cap

_CAP = 20  # times the mean size of stable's errors
_CLASS_METRICS = ("precision", "recall", "f1")
_AVERAGES = ("", "macro", "weighted")
_MEANS = ("mean_absolute_error", "mean_error", "rmse")
# What is believed of stable before it is seen, as so much in so many units: 1% of requests fail, 20% of
# answers are wrong. Its past, where known, replaces it, with no more weight than so many requests.
_USUAL = {ERRORS: (0.5, 50.0), LABELS: (2.0, 10.0), PAIRS: (0.5, 10.0)}
_SOURCES = {"error_rate": ERRORS, "agreement": PAIRS}
_MOST_WEIGHT = 2000
_FIXED = 1e9  # a weight that nothing moves


def plan(gate: Gate, history: History | None = None, alpha: float = ALPHA) -> Live:
    """What to count and to test. Raises BadInput for a gate that can never be judged on live traffic."""
    _refuse(gate)
    if gate.number:
        return Live(gate, NUMBERS, "readings beyond the bar", readings.rule(alpha))
    past = history or History()
    if gate.metric.startswith("latency_p"):
        live = _latency(gate, past, alpha)
    elif gate.metric == "drift":
        live = _drift(gate, alpha)
    else:
        live = _mean(gate, past, alpha) if gate.metric in _MEANS else _share(gate, past, alpha)
    if live.rule is None or (live.rule.f1 and live.rule.line.slope):
        return live
    rule = live.rule._replace(grid=grid(live.rule.line))
    return live._replace(rule=rule, counts=live.counts + _bursts(rule))


def _bursts(rule: Rule) -> str:
    return f" (they come together: each says 1/{1 / rule.shrink:.0f})" if rule.shrink < 1 else ""


def _refuse(gate: Gate) -> None:
    if gate.baseline and gate.baseline != STABLE:
        raise gate.bad(f"{gate.baseline!r} does not serve beside the candidate", "compare with stable")
    if gate.slice_column:
        raise gate.bad("live traffic has no slices", "judge slices on a test set, in an evaluate stage")
    if gate.number and gate.baseline:
        raise gate.bad(f"{gate.metric} is compared with a fixed number only", f"write {gate.metric} <= 10")
    if gate.metric in PAIRED and gate.baseline:
        hint = "write a number: agreement >= 0.98, drift <= 0.05"
        raise gate.bad(f"{gate.metric} is with stable already", hint)
    if gate.metric in ("auc", "r2", "max_error"):
        hint = "judge it on a test set, in an evaluate stage; live: accuracy, mean_absolute_error"
        raise gate.bad(f"{gate.metric} cannot be judged on live traffic", hint)
    if gate.metric in _CLASS_METRICS and gate.option in _AVERAGES:
        hint = f"name a class, as in {gate.metric}(CLASS), or write accuracy"
        raise gate.bad(f"an average of {gate.metric} over classes cannot be judged live", hint)


def _share(gate: Gate, past: History, alpha: float) -> Live:
    source = _SOURCES.get(gate.metric, LABELS)
    line, lower = _line(gate), gate.comparison in (">=", ">")
    is_f1 = gate.metric == "f1" and gate.option != "micro"
    bent = is_f1 and line.slope > 0
    if bent:
        _refuse_f1(gate, line)
    elif is_f1:
        line = Line(0.0, share_of_f1(line.shift))  # the bar, as the share that is counted
    if lower and not bent:
        line = _turned(line)
    if not bent:
        _refuse_trivial(gate, line)
    prior, prior_n = _prior(source, past)
    rule = Rule(SHARE, line, alpha, lower, is_f1, prior=prior, prior_n=prior_n)
    if not line.slope:
        rule = rule._replace(good_bets=BAR_GOOD_ODDS, equal=0.0)
    return Live(gate, source, _words(gate), calmed(rule, past.dispersion) if source == ERRORS else rule)


def _latency(gate: Gate, past: History, alpha: float) -> Live:
    share = (100 - int(gate.metric.removeprefix("latency_p"))) / 100
    if gate.comparison in (">=", ">"):
        raise gate.bad("nobody wishes for a latency of at least something", "write <=")
    rule = Rule(
        SHARE, Line(0.0, share), alpha, bad_bets=SLOW_BAD_ODDS, good_bets=SLOW_GOOD_ODDS, equal=0.0,
        prior=share * _FIXED, prior_n=_FIXED,
    )  # fmt: skip
    if gate.threshold is not None:
        if gate.threshold <= 0:
            raise gate.bad("no request takes less than no time", "write a latency above 0ms")
        bar = latency.Bar(gate.threshold, gate.threshold)
        return Live(gate, LATENCIES, _slower(bar), calmed(rule, past.dispersion), bar=bar)
    before = latency.quantile(past.latencies, 1 - share)
    if before is None or past.latencies.n < latency.LEAST:
        waiting = f"needs {latency.LEAST:,} requests to stable before; {past.latencies.n:,} are known"
        return Live(gate, LATENCIES, "slow requests", None, waiting)
    bar = latency.Bar(gate.factor * before + gate.margin, before)
    if bar.candidate <= 0:
        raise gate.bad(f"stable's own is {before:.3g}s, so the bar is below 0", "grant more time")
    rule = calmed(rule._replace(line=Line(1.0, 0.0)), past.dispersion)
    return Live(gate, LATENCIES, _slower(bar), rule, bar=bar)


def _mean(gate: Gate, past: History, alpha: float) -> Live:
    line, lower = _line(gate), gate.comparison in (">=", ">")
    if gate.metric == "rmse" and line.slope and line.shift:
        raise gate.bad("rmse with a margin cannot be judged live", "write a factor: rmse <= stable * 1.05")
    if past.labels >= LEAST_LABELS and past.error_size > 0:
        cap = _CAP * past.error_size
    elif not line.slope and line.shift:
        cap = _CAP * abs(line.shift)
    else:
        waiting = f"needs {LEAST_LABELS} labelled predictions of stable; {past.labels} are known"
        return Live(gate, LABELS, "errors", None, waiting)
    line = _scaled(gate.metric, line, cap)
    if lower:
        line = _turned(line)
    _refuse_trivial(gate, line)
    rule = Rule(MEAN, line, alpha, lower, bad_bets=STAKES, good_bets=STAKES, equal=0.0)
    words = "squared errors" if gate.metric == "rmse" else "errors"
    most = cap**2 if gate.metric == "rmse" else cap
    return Live(gate, LABELS, f"{words}, each counted at most {most:.4g}", rule, cap=cap)


def _drift(gate: Gate, alpha: float) -> Live:
    if gate.comparison in (">=", ">") or not gate.threshold or gate.threshold < 0:
        raise gate.bad("drift is to be at most something above 0", "write drift <= 0.05")
    cap = _CAP * gate.threshold
    line = Line(0.0, gate.threshold / cap)
    rule = Rule(MEAN, line, alpha, bad_bets=STAKES, good_bets=STAKES, equal=0.0)
    return Live(gate, PAIRS, f"differences from stable, each counted at most {cap:.4g}", rule, cap=cap)


def _line(gate: Gate) -> Line:
    return Line(gate.factor, gate.margin) if gate.threshold is None else Line(0.0, gate.threshold)


def _turned(line: Line) -> Line:
    """The line between the complements: of what there should be little, for a lower bound."""
    return Line(line.slope, 1 - line.slope - line.shift)


def _scaled(metric: str, line: Line, cap: float) -> Line:
    """The line between means of errors, as one between means of values in 0..1 (`live.value_of`)."""
    slope, shift = line
    if metric == "mean_error":
        return Line(slope, (shift + cap - slope * cap) / (2 * cap))
    return Line(slope, shift / cap) if metric == "mean_absolute_error" else Line(slope**2, (shift / cap) ** 2)


def _prior(source: str, past: History) -> tuple[float, float]:
    if source != ERRORS or not past.requests:
        return _USUAL[source]
    weight = min(past.requests, _MOST_WEIGHT)
    return 0.5 + past.failed * weight / past.requests, 1.0 + weight


def _refuse_trivial(gate: Gate, line: Line) -> None:
    """The line has to cut the square of possible shares, else nothing can be shown, or nothing has to be."""
    if line.slope:
        low, high = max(0.0, -line.shift / line.slope), min(1.0, (1 - line.shift) / line.slope)
        cuts = low < high
    else:
        cuts = 0 < line.shift < 1
    if not cuts:
        hint = "leave room on both sides of the bar: error_rate <= 1%, accuracy >= 0.9"
        raise gate.bad("no number of requests can show that, or none can contradict it", hint)


def _refuse_f1(gate: Gate, line: Line) -> None:
    if gate.comparison in ("<=", "<"):
        raise gate.bad("an upper bound of F1 cannot be judged live", f"write {gate.measured} >=")
    if line.slope > 1 or line.shift > 0 or line.slope + line.shift <= 0:
        hint = f"write {gate.measured} >= stable - 0.02"
        raise gate.bad("a bar above stable's own F1 cannot be judged live, nor one below 0", hint)


def _words(gate: Gate) -> str:
    if gate.metric == "error_rate":
        return "failed requests"
    if gate.metric == "agreement":
        return "answers that are the same as stable's"
    of = {
        "precision": f"right ones of those predicted {gate.option}",
        "recall": f"{gate.option} that were found",
    }
    if gate.option != "micro" and gate.metric == "f1":
        return f"right ones of those predicted or labelled {gate.option}"
    return "right answers" if gate.option == "micro" else of.get(gate.metric, "right answers")


def _slower(bar: latency.Bar) -> str:
    if bar.candidate == bar.stable:
        return f"requests slower than {bar.candidate * 1000:.4g} ms"
    return f"requests slower than {bar.candidate * 1000:.4g} ms (stable: {bar.stable * 1000:.4g} ms)"
