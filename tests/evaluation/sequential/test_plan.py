"""What a gate counts and tests on live traffic, and which gates are refused."""

from __future__ import annotations

import pytest

from seatrial.errors import BadInput, Place
from seatrial.evaluation.gate import Gate, parse
from seatrial.evaluation.sequential.bursts import calmed
from seatrial.evaluation.sequential.latency import Bar, histogram
from seatrial.evaluation.sequential.live import ERRORS, LABELS, LATENCIES, PAIRS, History, Live, value_of
from seatrial.evaluation.sequential.plan import plan
from seatrial.evaluation.sequential.rule import MEAN, SHARE, Rule
from seatrial.evaluation.sequential.shadow import paired

PLACE = Place("seatrial.yaml", 3, 9)
PAST = History(
    failed=10, requests=1000, latencies=histogram([0.1] * 19_000 + [0.4] * 1001), error_size=0.5, labels=300
)


def gate(text: str) -> Gate:
    return parse(text, PLACE)


def live(text: str, past: History | None = None) -> Live:
    return plan(gate(text), past)


def rule(text: str, past: History | None = None) -> Rule:
    found = live(text, past).rule
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "source", "counts", "line", "complement"),
    [
        ("error_rate <= 1%", ERRORS, "failed requests", (0, 0.01), False),
        ("error_rate <= stable + 0.5pp", ERRORS, "failed requests", (1, 0.005), False),
        ("error_rate < stable * 1.2", ERRORS, "failed requests", (1.2, 0), False),
        ("accuracy >= 0.9", LABELS, "right answers", (0, 0.1), True),
        ("accuracy >= stable - 0.02", LABELS, "right answers", (1, 0.02), True),
        ("accuracy > stable * 0.98", LABELS, "right answers", (0.98, 0.02), True),
        ("f1(micro) >= 0.9", LABELS, "right answers", (0, 0.1), True),
        ("recall(spam) >= 0.9", LABELS, "spam that were found", (0, 0.1), True),
        ("precision(spam) >= stable - 1pp", LABELS, "right ones of those predicted spam", (1, 0.01), True),
        ("f1(spam) >= 0.8", LABELS, "right ones of those predicted or labelled spam", (0, 1 / 3), True),
        ("latency_p95 <= 200ms", LATENCIES, "requests slower than 200 ms", (0, 0.05), False),
    ],
)  # fmt: skip
def test_shares(text: str, source: str, counts: str, line: tuple[float, float], complement: bool) -> None:
    found = live(text)
    assert found.rule is not None
    assert (found.source, found.counts, found.rule.kind) == (source, counts, SHARE)
    assert found.rule.line == pytest.approx(line)
    assert found.rule.complement is complement
    assert found.rule.grid


def test_f1_against_stable_keeps_its_own_line() -> None:
    found = rule("f1(spam) >= stable - 0.02")
    assert (found.line, found.f1, found.complement, found.grid) == ((1, -0.02), True, True, ())


def test_what_stable_showed_before_is_where_bets_start() -> None:
    assert rule("error_rate <= 1%").prior / rule("error_rate <= 1%").prior_n == pytest.approx(0.01)
    known = rule("error_rate <= stable + 1pp", PAST)
    assert (known.prior, known.prior_n) == (10.5, 1001)
    firm = rule("error_rate <= stable + 1pp", History(failed=1000, requests=100_000))
    assert firm.prior_n < 2002
    assert firm.prior / firm.prior_n == pytest.approx(0.01, rel=0.1)


def test_latency_against_stable_freezes_its_quantile() -> None:
    found = live("latency_p95 <= stable * 1.2", PAST)
    assert found.rule is not None
    assert found.rule.line == (1, 0)
    assert found.rule.prior / found.rule.prior_n == pytest.approx(0.05)
    assert found.bar is not None
    assert found.bar.stable == pytest.approx(0.4, rel=0.01)
    assert found.bar.candidate == pytest.approx(1.2 * found.bar.stable)
    more = live("latency_p95 <= stable + 50ms", PAST).bar
    assert more is not None
    assert more.candidate - more.stable == pytest.approx(0.05)
    assert live("latency_p95 <= 200ms").bar == Bar(0.2, 0.2)
    assert "slower than" in found.counts
    assert "stable:" in found.counts


def test_what_waits_for_stable() -> None:
    waiting = live("latency_p95 <= stable * 1.2", History(latencies=histogram([0.1] * 3120)))
    assert waiting.rule is None
    assert waiting.waiting == "needs 20,000 requests to stable before; 3,120 are known"
    assert live("latency_p95 <= stable * 1.2").rule is None
    means = live("mean_absolute_error <= stable * 1.05")
    assert means.rule is None
    assert means.waiting == "needs 200 labelled predictions of stable; 0 are known"
    assert live("mean_error <= 0").rule is None


@pytest.mark.parametrize(
    ("text", "line", "complement"),
    [  # the cap is 20 * 0.5 = 10
        ("mean_absolute_error <= 3", (0, 0.3), False),
        ("mean_absolute_error <= stable * 1.05", (1.05, 0), False),
        ("mean_absolute_error <= stable + 1", (1, 0.1), False),
        ("mean_error <= 2", (0, 0.6), False),  # (2 + 10) / 20
        ("mean_error >= -2", (0, 0.6), True),  # 1 - (10 - 2) / 20
        ("mean_error <= stable + 1", (1, 0.05), False),
        ("rmse <= 5", (0, 0.25), False),
        ("rmse <= stable * 1.1", (1.21, 0), False),
    ],
)
def test_means(text: str, line: tuple[float, float], complement: bool) -> None:
    found = live(text, PAST)
    assert found.cap == 10
    is_squared = text.startswith("rmse")
    assert found.counts == (
        "squared errors, each counted at most 100" if is_squared else "errors, each counted at most 10"
    )
    assert found.rule is not None
    assert (found.rule.kind, found.rule.complement) == (MEAN, complement)
    assert found.rule.line == pytest.approx(line)


def test_a_fixed_bar_on_a_mean_brings_its_own_cap() -> None:
    assert live("mean_absolute_error <= 3").cap == 60


def test_bursts_are_calmed() -> None:
    found = rule("error_rate <= 1%", History(dispersion=10))
    assert found == calmed(rule("error_rate <= 1%"), 10)
    assert live("error_rate <= 1%", History(dispersion=10)).counts.endswith("each says 1/15)")
    assert "together" not in live("error_rate <= 1%").counts
    assert rule("accuracy >= 0.9", History(dispersion=10)).shrink == 1


def test_agreement() -> None:
    found = plan(gate("accuracy >= 0.98")._replace(metric="agreement", text="agreement >= 0.98"))
    assert (found.source, found.counts) == (PAIRS, "answers that are the same as stable's")
    with pytest.raises(BadInput, match="with stable already"):
        plan(gate("accuracy >= stable")._replace(metric="agreement"))


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("error_rate <= 0", "no number of requests", "leave room"),
        ("error_rate <= 1", "no number of requests", "leave room"),
        ("error_rate <= stable + 100pp", "no number of requests", "leave room"),
        ("accuracy >= stable - 1", "no number of requests", "leave room"),
        ("accuracy >= 0.7 on every domain", "has no slices", "test set"),
        ("accuracy >= production", "does not serve beside", "stable"),
        ("f1 >= 0.9", "average of f1", "f1(CLASS)"),
        ("f1(weighted) >= 0.9", "average of f1", "accuracy"),
        ("precision >= stable", "average of precision", "precision(CLASS)"),
        ("auc >= 0.9", "auc cannot", "test set"),
        ("r2 >= 0.9", "r2 cannot", "test set"),
        ("max_error <= 9", "max_error cannot", "test set"),
        ("rmse <= stable + 1", "rmse with a margin", "factor"),
        ("f1(a) <= stable", "upper bound of F1", ">="),
        ("f1(a) >= stable + 0.01", "above stable's own", "- 0.02"),
        ("f1(a) >= stable * 1.1", "above stable's own", "- 0.02"),
        ("f1(a) >= stable - 1", "below 0", "- 0.02"),
        ("latency_p95 >= 1s", "nobody wishes", "<="),
        ("latency_p95 <= 0ms", "less than no time", "above 0ms"),
        ("latency_p95 <= stable - 5s", "below 0", "more time"),
    ],
)
def test_refused(text: str, message: str, hint: str) -> None:
    with pytest.raises(BadInput, match=message) as caught:
        plan(gate(text), PAST)
    assert hint in caught.value.hint
    assert caught.value.place == PLACE
    assert repr(text) in caught.value.message


@pytest.mark.parametrize(
    ("text", "prediction", "label", "value"),
    [
        ("accuracy >= 0.9", "a", "a", 1),
        ("accuracy >= 0.9", "a", "b", 0),
        ("precision(a) >= 0.9", "a", "b", 0),
        ("precision(a) >= 0.9", "a", "a", 1),
        ("precision(a) >= 0.9", "b", "a", None),
        ("recall(a) >= 0.9", "b", "a", 0),
        ("recall(a) >= 0.9", "a", "b", None),
        ("f1(a) >= 0.9", "a", "a", 1),
        ("f1(a) >= 0.9", "a", "b", 0),
        ("f1(a) >= 0.9", "b", "a", 0),
        ("f1(a) >= 0.9", "b", "b", None),
        ("f1(micro) >= 0.9", "b", "b", 1),
        ("precision(micro) >= 0.9", "b", "b", 1),
        ("recall(micro) >= 0.9", "b", "a", 0),
        ("mean_absolute_error <= 3", "5", "1", 0.4),
        ("mean_absolute_error <= 3", "1", "500", 1),
        ("mean_error <= 3", "1", "500", 0),
        ("mean_error <= 3", "5", "1", 0.7),
        ("rmse <= 3", "1", "-4", 0.25),
        ("mean_absolute_error <= 3", "nan", "1", 1),  # an answer that is no number is as wrong as is counted
        ("mean_absolute_error <= 3", "oops", "1", 1),
        ("rmse <= 3", "inf", "1", 1),
        ("mean_error <= 3", "nan", "1", 1),
        ("mean_error >= -3", "nan", "1", 0),
        ("mean_error <= 3", "1", "nan", None),  # and a label that is none says nothing
        ("mean_absolute_error <= 3", "1", "inf", None),
    ],
)
def test_what_a_label_adds(text: str, prediction: str, label: str, value: float | None) -> None:
    assert value_of(gate(text), 10, prediction, label) == pytest.approx(value)


def test_pairs() -> None:
    found = paired(live("error_rate <= stable + 2pp"))
    assert found.rule is not None
    assert (found.source, found.rule.kind, found.rule.line) == (PAIRS, MEAN, (1, 0.02))
    alone = live("error_rate <= 1%")
    assert paired(alone) == alone._replace(source=PAIRS)
    assert paired(live("agreement >= 0.98")) == live("agreement >= 0.98")
    number = live("throughput >= 10")
    assert paired(number) == number
    for gate_of_labels in ("accuracy >= 0.9", "precision(a) >= stable", "mean_absolute_error <= 3"):
        with pytest.raises(BadInput, match="nobody labels the answers to copies") as caught:
            paired(live(gate_of_labels))
        assert "agreement" in caught.value.hint
