"""Verdicts: on which side an interval lies, what may be claimed among many, what all gates say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.errors import BadInput, Place
from seatrial.evaluation.verdict import (
    ERROR,
    FAIL,
    INCONCLUSIVE,
    NOT_APPLICABLE,
    PASS,
    Check,
    GateResult,
    Measurement,
    alpha_of,
    claimed,
    combine,
    combine_checks,
    decide,
)
from tests.properties import examples


@pytest.mark.parametrize(
    ("comparison", "low", "high", "verdict"),
    [
        (">=", 0.5, 0.6, PASS),
        (">=", 0.49, 0.6, INCONCLUSIVE),
        (">=", 0.4, 0.5, INCONCLUSIVE),
        (">=", 0.4, 0.49, FAIL),
        (">=", 0.5, 0.5, PASS),
        (">", 0.5, 0.5, FAIL),
        (">", 0.5, 0.6, INCONCLUSIVE),
        (">", 0.51, 0.6, PASS),
        ("<=", 0.4, 0.5, PASS),
        ("<=", 0.5, 0.6, INCONCLUSIVE),
        ("<=", 0.51, 0.6, FAIL),
        ("<", 0.4, 0.5, INCONCLUSIVE),
        ("<", 0.5, 0.6, FAIL),
        ("<", 0.5, 0.5, FAIL),
    ],
)
def test_decide(comparison: str, low: float, high: float, verdict: str) -> None:
    assert decide(comparison, low, high, 0.5) == verdict


def holm(p_values: list[float]) -> list[bool]:
    return claimed([lambda level, p=p: p <= level for p in p_values], 0.05)  # type: ignore[misc]


def test_holm() -> None:
    """Holm's own procedure, stepped by hand: .01 <= .05/4, .013 <= .05/3, then .03 > .05/2 ends it."""
    assert holm([0.03, 0.01, 0.04, 0.013]) == [False, True, False, True]
    assert holm([0.02, 0.04]) == [True, True]
    assert holm([0.03, 0.04]) == [False, False]
    assert holm([0.05]) == [True]
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), max_size=8))
@examples(100)
def test_holm_is_never_beyond_the_plain_level_nor_below_bonferroni(p_values: list[float]) -> None:
    for p, found in zip(p_values, holm(p_values), strict=True):
        assert found or p > 0.05 / len(p_values)
        assert not found or p <= 0.05


@pytest.mark.parametrize(
    ("text", "alpha"),
    [("", 0.05), ("95%", 0.05), ("99%", 0.01), ("99.9%", 0.001), ("50%", 0.5), ("point", None)],
)
def test_confidence(text: str, alpha: float | None) -> None:
    assert alpha_of(text) == alpha


@pytest.mark.parametrize("text", ["0.95", "95", "100%", "49%", "much", "nan%", "-5%"])
def test_confidence_that_is_none(text: str) -> None:
    with pytest.raises(BadInput, match="is no confidence"):
        alpha_of(text)


def check(verdict: str, part: str = "", reason: str = "why") -> Check:
    return Check(part, verdict, reason, Measurement("f1"))


def test_a_gate_passes_on_all_its_slices() -> None:
    assert combine_checks([check(PASS, reason="0.9")]) == (PASS, "0.9")
    assert combine_checks([check(PASS), check(PASS)]) == (PASS, "all 2 slices pass")
    mixed = [check(PASS, "d=a"), check(INCONCLUSIVE, "d=b"), check(FAIL, "d=c", "0.1"), check(FAIL, "d=d")]
    assert combine_checks(mixed) == (FAIL, "d=c: 0.1 (and 1 more of 4 slices)")
    assert combine_checks(mixed[:2]) == (INCONCLUSIVE, "d=b: why")
    assert combine_checks([*mixed, check(ERROR, "d=e")]) == (ERROR, "d=e: why")


def test_no_data_is_inconclusive() -> None:
    assert combine_checks([]) == (INCONCLUSIVE, "there are no examples")


def result(verdict: str, relative: bool = False, gate: str = "f1 >= 0.9") -> tuple[GateResult, bool]:
    return GateResult(gate, Place("x"), verdict, "why"), relative


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ([PASS], PASS),
        ([PASS, PASS], PASS),
        ([PASS, INCONCLUSIVE], INCONCLUSIVE),
        ([PASS, INCONCLUSIVE, FAIL], FAIL),
        ([FAIL, ERROR], ERROR),
    ],
)
def test_all_gates_together(verdicts: list[str], expected: str) -> None:
    assert combine([result(verdict) for verdict in verdicts]).verdict == expected


def test_the_reason_names_the_gate() -> None:
    judgement = combine([result(PASS), result(FAIL, gate="rmse <= 2"), result(FAIL)])
    assert judgement.reason == "rmse <= 2: why (and 1 more of 3 gates)"


def test_the_first_release_needs_an_absolute_gate() -> None:
    absent = result(NOT_APPLICABLE, relative=True)
    assert combine([absent, result(PASS)]) == (PASS, "the gate passes", False)
    for others in ([], [result(PASS, relative=True)]):
        judgement = combine([absent, *others])
        assert judgement.verdict == INCONCLUSIVE
        assert judgement.needs_first
    assert combine([absent, result(FAIL)]).needs_first is False


def test_gates_against_a_baseline_alone_are_enough_where_there_is_one() -> None:
    assert combine([result(PASS, relative=True)]).verdict == PASS


def test_without_gates_nothing_is_judged() -> None:
    assert combine([]).verdict == NOT_APPLICABLE


@pytest.mark.parametrize("comparison", [">=", "<=", ">", "<"])
def test_a_point_is_its_bound_but_for_rounding(comparison: str) -> None:
    point = 90 / 100 - 92 / 100
    assert point != -0.02
    assert decide(comparison, point, point, -0.02, 0.92) == decide(comparison, -0.02, -0.02, -0.02)
    for moved in (-0.02 - 1e-9, -0.02 + 1e-9):
        assert decide(comparison, moved, moved, -0.02, 0.92) == decide(comparison, moved, moved, -0.02)
    assert decide(">=", point, 0.0, -0.02, 0.92) == "inconclusive"  # an interval is no point
