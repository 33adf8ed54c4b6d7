"""The e-variable of a batch: against reference values, a general minimiser, every outcome of small ones."""

from __future__ import annotations

from itertools import product
from math import exp

import pytest
from scipy.optimize import minimize_scalar
from scipy.special import rel_entr
from scipy.stats import binom

from seatrial.evaluation.sequential.arms import Arms
from seatrial.evaluation.sequential.batch import Line, log_e, nearest_stable


@pytest.mark.parametrize(
    ("qc", "qs", "shift", "arms", "root", "log"),
    [
        (0.05, 0.001, 0.005, Arms(1, 10, 0, 190), 0.001541784, 1.734313),
        (0.001, 0.001, 0.005, Arms(0, 10, 0, 190), 0.000957838, 0.041732936),
        (0.1, 0.05, 0.0, Arms(3, 10, 9, 190), 0.0525, 1.610877979),
    ],
)
def test_reference_values(qc: float, qs: float, shift: float, arms: Arms, root: float, log: float) -> None:
    """From another implementation of Turner, Ly and Grünwald (2024)."""
    line = Line(1, shift)
    weight = arms.candidate_n / (arms.candidate_n + arms.stable_n)
    assert nearest_stable([qc], qs, line, weight)[0] == pytest.approx(root, abs=1e-9)
    assert log_e(qc, qs, line, arms) == pytest.approx(log, abs=1e-6)


LINES = [Line(1, 0.02), Line(1, -0.01), Line(1.2, 0), Line(0.9, 0.05), Line(0.98, 0.02), Line(2, -0.5)]


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize(("qc", "qs"), [(0.3, 0.1), (0.01, 0.4), (0.95, 0.9), (1e-6, 0.3), (0.5, 1e-7)])
@pytest.mark.parametrize("weight", [0.001, 0.05, 0.5, 0.99])
def test_the_nearest_point_is_the_nearest(line: Line, qc: float, qs: float, weight: float) -> None:
    """scipy's own divergence and minimiser agree."""

    def divergence(p: float) -> float:
        c = line.at(p)
        return float(
            weight * (rel_entr(qc, c) + rel_entr(1 - qc, 1 - c))
            + (1 - weight) * (rel_entr(qs, p) + rel_entr(1 - qs, 1 - p))
        )

    bounds = (max(0.0, -line.shift / line.slope), min(1.0, (1 - line.shift) / line.slope))
    [found] = nearest_stable([qc], qs, line, weight)
    best = minimize_scalar(divergence, bounds=bounds, method="bounded", options={"xatol": 1e-12})
    assert bounds[0] < found < bounds[1]
    assert divergence(found) <= best.fun + 1e-9


@pytest.mark.parametrize("line", [*LINES, Line(0, 0.1)])
@pytest.mark.parametrize(("n", "stable_n"), [(1, 1), (2, 5), (4, 2)])
@pytest.mark.parametrize("bad", [True, False])
def test_its_mean_is_at_most_one_wherever_the_null_is_true(
    line: Line, n: int, stable_n: int, bad: bool
) -> None:
    """All outcomes, with scipy's probabilities, at points of the null: on the line, near it, far away."""
    qs = 0.3
    qc = (line.at(qs) + 1) / 2 if bad else line.at(qs) / 2
    for true_s in (0.05, 0.26, 0.3, 0.5, 0.9):
        on_line = min(max(line.at(true_s), 0.0), 1.0)
        for off in (0, 0.01, 0.3):
            true_c = max(on_line - off, 0.0) if bad else min(on_line + off, 1.0)
            mean = sum(
                binom.pmf(k, n, true_c)
                * binom.pmf(stable_k, stable_n, true_s)
                * exp(log_e(qc, qs, line, Arms(k, n, stable_k, stable_n)))
                for k, stable_k in product(range(n + 1), range(stable_n + 1))
            )
            is_null = true_c <= line.at(true_s) + 1e-12 if bad else true_c >= line.at(true_s) - 1e-12
            assert not is_null or mean <= 1 + 1e-9, (true_c, true_s)


def test_it_grows_where_the_alternative_is_true() -> None:
    """Else any constant would do."""
    line, qc, qs = Line(1, 0.02), 0.4, 0.1
    mean = sum(
        binom.pmf(k, 5, qc) * binom.pmf(stable_k, 5, qs) * log_e(qc, qs, line, Arms(k, 5, stable_k, 5))
        for k, stable_k in product(range(6), range(6))
    )
    assert mean > 0.3
