"""Intervals: published and independent values, what happens at the edges, and simulated coverage."""

from __future__ import annotations

import os
from collections.abc import Callable
from math import inf

import numpy as np
import pytest
from scipy import stats

from seatrial.evaluation.all_metrics import metric as metric_of
from seatrial.evaluation.counts import Counts
from seatrial.evaluation.metrics import mean_absolute_error, r2, rmse
from seatrial.evaluation.moments import measure
from seatrial.evaluation.significance import auc, delta, difference, means, more, proportion
from seatrial.evaluation.significance import rates as rate
from seatrial.evaluation.significance.estimate import Estimate, z_quantile

SEED = int(os.environ.get("SEATRIAL_TEST_SEED", "1"))
CLOSE = 5e-9  # the reference values have nine digits


def half(estimate: Estimate) -> float:
    return (estimate.high - estimate.low) / 2 / z_quantile(0.05)


@pytest.mark.parametrize(
    ("successes", "trials", "alpha", "expected"),
    [
        (156, 200, 0.05, (0.716138753, 0.835363939)),
        (812, 1000, 0.01, (0.778205761, 0.842769375)),
        (0, 50, 0.05, (0.0, 1 - 0.025 ** (1 / 50))),
        (50, 50, 0.05, (0.025 ** (1 / 50), 1.0)),
    ],
)
def test_clopper_pearson(successes: int, trials: int, alpha: float, expected: tuple[float, float]) -> None:
    assert proportion.bounds(successes, trials, alpha) == pytest.approx(expected, abs=CLOSE)


def test_clopper_pearson_agrees_with_scipy() -> None:
    other = stats.binomtest(37, 90).proportion_ci(0.9, method="exact")
    assert proportion.bounds(37, 90, 0.1) == pytest.approx((other.low, other.high))


def test_f1_of_one_class() -> None:
    found = proportion.f1_of_one_class(60, 20, 15, 0.05)
    assert found.value == pytest.approx(120 / 155)
    assert (found.low, found.high) == pytest.approx((0.689752584, 0.842783599), abs=CLOSE)


def test_tango() -> None:
    found = difference.tango(12, 5, 200, 0.05)
    assert (found.low, found.high) == pytest.approx((-0.006002517, 0.080655657), abs=CLOSE)
    assert difference.tango_z(12, 5, 200, -0.01) == pytest.approx(2.127491564, abs=CLOSE)
    found = difference.tango(0, 4, 100, 0.05)
    assert (found.low, found.high) == pytest.approx((-0.098370714, -0.001526762), abs=CLOSE)


def test_tango_without_discordant_pairs_is_not_certain() -> None:
    """b = c = 0: the score interval is +- z^2 / (n + z^2)."""
    z2 = z_quantile(0.05) ** 2
    found = difference.tango(0, 0, 50, 0.05)
    assert (found.low, found.high) == pytest.approx((-z2 / (50 + z2), z2 / (50 + z2)), abs=1e-9)
    assert difference.tango_z(0, 0, 50, 0.0) == 0.0


@pytest.mark.parametrize(("better", "worse", "n"), [(1, 0, 1), (0, 1, 1), (50, 0, 50), (0, 50, 50)])
def test_tango_at_its_ends(better: int, worse: int, n: int) -> None:
    found = difference.tango(better, worse, n, 0.05)
    assert -1 <= found.low <= found.value <= found.high <= 1
    assert found.high - found.low > 0


def paired_counts() -> Counts:
    cells = np.array([[0, 0, 0], [0, 0, 1], [0, 1, 0], [0, 1, 1], [1, 0, 0], [1, 0, 1], [1, 1, 0], [1, 1, 1]])
    number = np.array([520, 30, 25, 125, 40, 18, 12, 230])
    return Counts(("0", "1"), cells[:, [0, 2, 1]].T, number)  # given as label, baseline, candidate


def test_paired_f1() -> None:
    found = delta.rate_difference(rate.f1, paired_counts(), "", 1, 1.0, 0.05)
    assert found.value == pytest.approx(0.006125688, abs=CLOSE)
    assert half(found) == pytest.approx(0.012770886, abs=CLOSE)


def test_paired_macro_f1() -> None:
    found = delta.rate_difference(rate.f1, paired_counts(), "macro", -1, 1.0, 0.05)
    assert found.value == pytest.approx(0.002774010, abs=CLOSE)
    assert half(found) == pytest.approx(0.009925728, abs=CLOSE)


def test_hall() -> None:
    errors = np.array([0.1, 0.2, 0.2, 0.3, 0.4, 0.5, 0.7, 1.1, 2, 4.5])
    deviation = errors - errors.mean()
    found = means.hall(10, errors.mean(), (deviation**2).sum(), (deviation**3).sum(), 0.05)
    assert (found.low, found.high) == pytest.approx((0.319760248, 4.696757676), abs=CLOSE)


def test_hall_without_skewness_is_student() -> None:
    errors = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    found = means.hall(5, 3.0, 10.0, 0.0, 0.05)
    expected = stats.t.interval(0.95, 4, loc=3.0, scale=stats.sem(errors))
    assert (found.low, found.high) == pytest.approx(expected)


def test_one_example_has_no_interval() -> None:
    assert means.hall(1, 2.0, 0.0, 0.0, 0.05)[1:3] == (0.0, inf)
    assert means.student(2.0, 0.0, 1, 0.05, least=0, method="")[1:3] == (-inf, inf)


SCORES = np.array([0.9, 0.8, 0.7, 0.55, 0.3, 0.1, 0.2, 0.3, 0.35, 0.4, 0.6, 0.65])
POSITIVE = np.arange(12) < 5


def test_auc() -> None:
    parts = auc.components(SCORES, POSITIVE)
    z = z_quantile(0.05)
    assert parts.area == pytest.approx(0.814285714, abs=CLOSE)
    assert auc.standard_error(parts) == pytest.approx(0.141901566, abs=CLOSE)
    logit = auc.logit_interval(parts.area, auc.standard_error(parts), z)
    assert logit == pytest.approx((0.410709977, 0.965015362), abs=CLOSE)
    assert auc.newcombe_interval(parts.area, 5, 7, z) == pytest.approx((0.470181995, 0.951127638), abs=CLOSE)
    found = auc.auc(parts, 0.05)
    assert (found.low, found.high) == pytest.approx((0.410709977, 0.965015362), abs=CLOSE)


def test_auc_is_the_mann_whitney_statistic() -> None:
    other = stats.mannwhitneyu(SCORES[POSITIVE], SCORES[~POSITIVE]).statistic / 35
    assert auc.components(SCORES, POSITIVE).area == pytest.approx(other)


def test_a_perfect_auc_still_has_an_interval() -> None:
    parts = auc.components(np.arange(20.0), np.arange(20) >= 10)
    found = auc.auc(parts, 0.05)
    assert found.value == found.high == 1.0
    assert 0.5 < found.low < 1.0
    beside = auc.auc_difference(parts, parts, 1.0, 0.05)
    assert beside.low < 0 < beside.high


def test_auc_difference_of_a_model_and_itself_is_nothing() -> None:
    parts = auc.components(SCORES, POSITIVE)
    assert auc.auc_difference(parts, parts, 1.0, 0.05)[:3] == (0.0, 0.0, 0.0)


def test_exceeding_share() -> None:
    assert means.exceeding_share(2995, 0.05) == pytest.approx(0.001, rel=1e-3)


def test_more_examples() -> None:
    """780 of 1000 against .80: (1.96 + .84)^2 * .1716 / .02^2 - 1000 = 2,363, to one digit."""
    assert more.more_examples(1000, (0.78 * 0.22 / 1000) ** 0.5, 0.02, 0.05) == 2000
    assert more.more_examples(1000, 0.0131, 1e-6, 0.05) is None
    assert more.more_examples(1000, 0.0131, 0.0, 0.05) is None
    assert [more.one_digit(value) for value in (0.2, 1, 14, 15, 96, 1449)] == [1, 1, 10, 20, 100, 1000]


def counts_of(matrix: list[list[int]]) -> Counts:
    table = np.array(matrix)
    cells = np.array(table.nonzero())
    return Counts(tuple(str(i) for i in range(len(table))), cells, table[tuple(cells)])


def test_micro_is_exact() -> None:
    found = metric_of("f1").interval(counts_of([[70, 20], [24, 86]]), "micro", 0.05)
    assert (found.low, found.high) == pytest.approx((0.716138753, 0.835363939), abs=CLOSE)


@pytest.mark.parametrize("how", ["macro", "weighted"])
def test_a_perfect_average_is_as_sure_as_a_perfect_accuracy(how: str) -> None:
    found = metric_of("f1").interval(counts_of([[25, 0], [0, 25]]), how, 0.05)
    assert found.value == found.high == 1.0
    assert found.low == pytest.approx(0.025 ** (1 / 50), abs=0.01)


def test_one_class_alone() -> None:
    found = metric_of("f1").interval(counts_of([[30]]), "macro", 0.05)
    assert (found.value, found.high) == (1.0, 1.0)
    assert 0.8 < found.low < 1.0


def test_a_macro_average_names_the_class_that_is_too_rare() -> None:
    found = metric_of("f1").interval(counts_of([[90, 5, 0], [5, 90, 0], [0, 1, 1]]), "macro", 0.05)
    assert found.statement == "the class '2' has 2 examples, on which the average leans"
    assert metric_of("f1").interval(counts_of([[90, 5], [5, 90]]), "macro", 0.05).statement == ""


def test_the_spread_over_many_classes_is_bounded() -> None:
    found = metric_of("f1").interval(counts_of(np.diag(np.full(600, 3)).tolist()), "macro", 0.05)
    assert 0.9 < found.low < 1.0


# Coverage. A draw is one simulated test set; the sample finds gross errors, the soak small ones.

Truth = tuple[Callable[[np.random.Generator, int], Estimate], float]


def macro(matrix: list[list[float]], metric: str) -> Truth:
    """Counts drawn from shares; the truth is by scikit-learn's definition, written out."""
    shares = np.array(matrix)
    right, actual, predicted = shares.diagonal(), shares.sum(1), shares.sum(0)
    each = {"f1": 2 * right / (actual + predicted), "precision": right / predicted, "recall": right / actual}

    def draw(random: np.random.Generator, n: int) -> Estimate:
        table = random.multinomial(n, shares.ravel()).reshape(shares.shape)
        return metric_of(metric).interval(counts_of(table.tolist()), "macro", 0.05)

    return draw, float(each[metric].mean())


def regression(metric: str) -> Truth:
    """Normal labels (sd 3), Laplace errors of scale 1: E|e| = 1, E e^2 = 2."""
    module = {"rmse": rmse, "mean_absolute_error": mean_absolute_error, "r2": r2}[metric]

    def draw(random: np.random.Generator, n: int) -> Estimate:
        label = random.normal(0, 3, n)
        found = module.interval(measure(label, [label + random.laplace(0, 1, n)], 0.0), "", 0.05)
        assert found is not None
        return found

    return draw, {"rmse": 2**0.5, "mean_absolute_error": 1.0, "r2": 1 - 2 / 9}[metric]


EVEN = [[0.32, 0.01, 0.01], [0.02, 0.29, 0.02], [0.01, 0.02, 0.30]]
SKEWED = [[0.57, 0.02, 0.01], [0.03, 0.25, 0.02], [0.01, 0.01, 0.08]]
CASES = {
    "macro f1": macro(EVEN, "f1"),
    "macro precision, skewed": macro(SKEWED, "precision"),
    "macro recall, skewed": macro(SKEWED, "recall"),
    "rmse": regression("rmse"),
    "mean absolute error": regression("mean_absolute_error"),
    "r2": regression("r2"),
}


def misses(case: str, n: int, draws: int) -> tuple[float, float]:
    """How often the interval lies above, and below, the truth."""
    draw, truth = CASES[case]
    random = np.random.default_rng(SEED)
    found = [draw(random, n) for _ in range(draws)]
    above = sum(one.low > truth for one in found) / draws
    below = sum(one.high < truth for one in found) / draws
    print(f"{case}: n = {n}, {draws} draws of seed {SEED}: above {above:.4f}, below {below:.4f}")
    return above, below


@pytest.mark.parametrize("case", CASES)
def test_coverage_sample(case: str) -> None:
    """The worst of these misses a side in .036; over .085 of 400 draws is then 1 in 100,000 runs."""
    assert max(misses(case, 200, 400)) < 0.085


@pytest.mark.soak
@pytest.mark.parametrize("n", [200, 1000])
@pytest.mark.parametrize("case", CASES)
def test_coverage(case: str, n: int) -> None:
    assert max(misses(case, n, 20_000)) < 0.045
