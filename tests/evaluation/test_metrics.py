"""Every metric: in the table and in the folder, its values by hand, its intervals around them."""

from __future__ import annotations

import pkgutil
from math import inf
from typing import Any

import numpy as np
import pytest

import seatrial.evaluation.metrics
from seatrial.evaluation import counts, moments, scores
from seatrial.evaluation.all_metrics import ALL_METRICS, metric, metrics_of
from seatrial.evaluation.counts import count
from seatrial.evaluation.metric import CLASSIFICATION, COUNTS, MOMENTS, REGRESSION, SCORES
from seatrial.evaluation.moments import measure
from seatrial.evaluation.scores import Scores

# The example of scikit-learn's user guide for each kind.
LABEL, PREDICTED = np.array([0, 1, 2, 0, 1, 2]), np.array([0, 2, 1, 0, 0, 1])
CLASSES = count([LABEL, PREDICTED], ("0", "1", "2"))
NUMBERS = measure(np.array([3.0, -0.5, 2.0, 7.0]), [np.array([2.5, 0.0, 2.0, 8.0])], 3.0)
RANKED = Scores(np.array([False, False, True, True]), np.array([0.1, 0.4, 0.35, 0.8]))


def test_the_table_is_the_folder() -> None:
    files = {found.name for found in pkgutil.iter_modules(seatrial.evaluation.metrics.__path__)}
    assert files == set(ALL_METRICS)
    assert list(ALL_METRICS) == sorted(ALL_METRICS)


@pytest.mark.parametrize("name", ALL_METRICS)
def test_each_keeps_the_contract(name: str) -> None:
    found = metric(name)
    assert name == found.NAME
    assert found.__doc__
    assert set(found.TASKS) <= {CLASSIFICATION, REGRESSION}
    assert found.STATISTIC in (COUNTS, MOMENTS, SCORES)
    assert found.HIGHER_IS_BETTER in (True, False, None)
    assert found.BOUNDS[0] < found.BOUNDS[1]
    assert found.OPTIONS


def test_the_metrics_of_a_task() -> None:
    names = [found.NAME for found in metrics_of(REGRESSION)]
    assert names == ["max_error", "mean_absolute_error", "mean_error", "r2", "rmse"]


@pytest.mark.parametrize(
    ("name", "option", "expected"),
    [
        ("accuracy", "", 1 / 3),
        ("precision", "", 2 / 9),
        ("precision", "macro", 2 / 9),
        ("precision", "micro", 1 / 3),
        ("precision", "weighted", 2 / 9),
        ("recall", "", 1 / 3),
        ("recall", "weighted", 1 / 3),
        ("f1", "", 4 / 15),
        ("f1", "micro", 1 / 3),
        ("f1", "weighted", 4 / 15),
        ("f1", "0", 0.8),
        ("precision", "0", 2 / 3),
        ("recall", "0", 1.0),
    ],
)
def test_classification(name: str, option: str, expected: float) -> None:
    assert metric(name).value(CLASSES, option) == pytest.approx(expected)
    interval = metric(name).interval(CLASSES, option, 0.05)
    assert interval is not None
    assert interval.value == pytest.approx(expected)
    assert 0 <= interval.low <= interval.value <= interval.high <= 1


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mean_error", 0.0 + (-0.5 + 0.5 + 0 + 1) / 4),
        ("mean_absolute_error", 0.5),
        ("max_error", 1.0),
        ("rmse", 0.6123724356957945),
        ("r2", 0.9486081370449679),
    ],
)
def test_regression(name: str, expected: float) -> None:
    assert metric(name).value(NUMBERS, "") == pytest.approx(expected)
    interval = metric(name).interval(NUMBERS, "", 0.05)
    assert interval is not None
    assert interval.low <= interval.value <= interval.high


def test_auc() -> None:
    assert metric("auc").value(RANKED, "") == pytest.approx(0.75)
    both = scores.add(RANKED, RANKED)
    assert both.n == 8
    assert metric("auc").value(both, "") == pytest.approx(0.75)
    one_class = Scores(np.array([True, True]), np.array([0.1, 0.2]), np.array([0.1, 0.2]))
    for found in (metric("auc").value(one_class, ""), metric("auc").difference(one_class, "", 1.0, 0.05)):
        assert found is None


def test_a_class_without_its_denominator_has_no_value() -> None:
    never_predicted = count([np.array([0, 0, 1]), np.array([0, 0, 0])], ("a", "b"))
    assert metric("precision").value(never_predicted, "b") is None
    assert metric("precision").interval(never_predicted, "b", 0.05) is None
    assert metric("recall").value(never_predicted, "b") == 0.0
    assert metric("precision").value(never_predicted, "") == pytest.approx(1 / 3)  # scikit-learn: 0/0 is 0


def test_r2_of_equal_labels_does_not_exist() -> None:
    found = measure(np.array([2.0, 2.0, 2.0]), [np.array([1.0, 2.0, 3.0])], 2.0)
    assert metric("r2").value(found, "") is None
    assert metric("r2").interval(found, "", 0.05) is None


@pytest.mark.parametrize(
    ("n", "level", "difference"),
    [
        (2, (1.0, -inf, 1.0), (0.0, -inf, inf)),
        (50, (1.0, -inf, 1.0), (0.0, 0.0, 0.0)),
        (200, (1.0, 1.0, 1.0), (0.0, 0.0, 0.0)),
    ],
)
def test_an_exact_fit(n: int, level: tuple[float, ...], difference: tuple[float, ...]) -> None:
    label = np.arange(float(n))
    found = measure(label, [label, label], 0.0)
    interval = metric("r2").interval(found, "", 0.05)
    assert interval is not None
    assert interval[:3] == level
    assert interval.least == 200
    assert metric("rmse").difference(found, "", 1.05, 0.05)[:3] == difference  # type: ignore[index]


def test_errors_of_one_size() -> None:
    """|e| is 1 everywhere: rmse is certain, and r2 is as uncertain as the labels' variance."""
    label = np.arange(200.0)
    found = measure(label, [label + np.where(np.arange(200) % 2, 1, -1)], 0.0)
    assert metric("rmse").interval(found, "", 0.05)[:3] == (1.0, 1.0, 1.0)  # type: ignore[index]
    interval = metric("r2").interval(found, "", 0.05)
    assert interval is not None
    assert interval.low < 1 - 1 / label.var() < interval.high < 1


@pytest.mark.parametrize("name", ["mean_error", "mean_absolute_error", "rmse", "r2"])
@pytest.mark.parametrize("size", [0.1, 1.0, 1e6])
def test_a_few_equal_errors_show_no_spread(name: str, size: float) -> None:
    """Equal up to rounding, as 3.1 - 3 and 5.1 - 5 are."""
    label = np.array([1.0, 3.0, 5.0])
    found = measure(label, [label + size, label], 0.0)
    interval, difference = (
        metric(name).interval(found, "", 0.05),
        metric(name).difference(found, "", 1.0, 0.05),
    )
    assert interval is not None and difference is not None
    low, high = metric(name).BOUNDS
    assert (interval.low, interval.high) == (low, high)
    assert name == "r2" or (difference.low, difference.high) == (-inf, inf)


def paired() -> dict[str, Any]:
    random = np.random.default_rng(11)
    label = random.integers(0, 3, 400)
    sides = [np.where(random.random(400) < right, label, random.integers(0, 3, 400)) for right in (0.8, 0.7)]
    value = random.normal(5, 2, 400)
    errors = [value + random.normal(0, spread, 400) for spread in (0.5, 0.6)]
    positive = label == 1
    return {
        COUNTS: counts.count([label, *sides], ("a", "b", "c")),
        MOMENTS: moments.measure(value, errors, value[0]),
        SCORES: Scores(positive, random.normal(positive, 1), random.normal(positive, 1.5)),
    }


@pytest.mark.parametrize("option", ["", "a", "micro", "weighted"])
@pytest.mark.parametrize("name", ALL_METRICS)
def test_a_difference_is_of_the_two_values(name: str, option: str) -> None:
    found = metric(name)
    if option and len(found.OPTIONS) == 1:
        option = ""
    statistic = paired()[found.STATISTIC]
    ours, theirs = found.value(statistic, option), found.baseline(statistic, option)
    assert ours is not None
    assert theirs is not None
    assert ours != theirs
    for factor in (1.0, 1.05):
        gap = found.difference(statistic, option, factor, 0.05)
        assert gap is not None
        assert gap.value == pytest.approx(ours - factor * theirs)
        assert gap.low <= gap.value <= gap.high


def test_a_paired_difference_is_the_t_test_of_the_errors() -> None:
    from scipy import stats

    random = np.random.default_rng(2)
    label = random.normal(0, 1, 80)
    ours, theirs = label + random.normal(0, 1, 80), label + random.normal(0, 1.1, 80)
    found = metric("mean_absolute_error").difference(measure(label, [ours, theirs], 0.0), "", 1.0, 0.05)
    expected = stats.ttest_rel(abs(ours - label), abs(theirs - label)).confidence_interval(0.95)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


@pytest.mark.parametrize("name", ["rmse", "r2"])
def test_the_delta_method_agrees_with_the_jackknife(name: str) -> None:
    """The jackknife knows no formula: it leaves out one row at a time."""
    random = np.random.default_rng(4)
    n = 400
    label = random.normal(3, 2, n)
    columns = [label + random.normal(0, spread, n) for spread in (1.0, 1.2)]
    found = metric(name)

    def gap(rows: np.ndarray) -> float:
        statistic = measure(label[rows], [column[rows] for column in columns], 0.0)
        return found.value(statistic, "") - 0.9 * found.baseline(statistic, "")  # type: ignore[operator]

    without = np.array([gap(np.delete(np.arange(n), row)) for row in range(n)])
    error = ((n - 1) / n * ((without - without.mean()) ** 2).sum()) ** 0.5
    interval = found.difference(measure(label, columns, 0.0), "", 0.9, 0.05)
    assert interval is not None
    assert (interval.high - interval.low) / 2 == pytest.approx(1.966 * error, rel=0.02)
