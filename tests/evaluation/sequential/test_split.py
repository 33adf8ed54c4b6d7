"""The sample-ratio check."""

from __future__ import annotations

from math import log

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import beta, binom

from seatrial.evaluation.sequential import split
from seatrial.evaluation.sequential.split import Split
from tests.evaluation.sequential.seed import SEED
from tests.simulations import split as simulated


def test_reference_value() -> None:
    assert split.log_factor(Split(0.1, 900, 10_000)) == pytest.approx(4.036102517, abs=1e-8)


def test_it_is_the_ratio_of_two_likelihoods() -> None:
    """scipy integrates the beta prior's likelihood numerically."""
    share, k, n = 0.25, 9, 60
    mixed, _error = quad(lambda p: binom.pmf(k, n, p) * beta.pdf(p, 250, 750), 0.1, 0.4)
    assert split.log_factor(Split(share, k, n)) == pytest.approx(log(mixed / binom.pmf(k, n, share)))


def test_steps_multiply() -> None:
    first = split.count(Split(0.05), 30, 1000)
    second = split.count(split.change(first, 0.25), 260, 1000)
    alone = split.log_factor(Split(0.05, 30, 1000)) + split.log_factor(Split(0.25, 260, 1000))
    assert split.log_factor(second) == pytest.approx(alone)
    assert (second.candidate, second.n) == (260, 1000)


def test_alarms() -> None:
    assert not split.alarmed(Split(0.1, 100, 1000))
    assert not split.alarmed(Split(0.1, 0, 0))
    assert split.alarmed(Split(0.05, 0, 1000))
    assert split.alarmed(Split(0.1, 1500, 10_000))


def test_everything_to_one_arm_is_no_experiment() -> None:
    assert split.log_factor(Split(1.0, 50, 50)) == 0
    assert split.log_factor(Split(0.0, 3, 50, before=2.5)) == 2.5


def test_what_is_simulated_is_what_checks() -> None:
    counts = [(0, 0), (3, 100), (900, 10_000), (1500, 10_000)]
    arrays = simulated.log_factor(0.1, *(np.array(part, dtype=float) for part in zip(*counts, strict=True)))
    assert list(arrays) == pytest.approx([split.log_factor(Split(0.1, k, n)) for k, n in counts])


@pytest.mark.slow
def test_false_alarms_are_rare_and_true_ones_come() -> None:
    random = np.random.default_rng(SEED)
    print(f"SEATRIAL_TEST_SEED={SEED}")
    assert np.count_nonzero(simulated.alarms(0.1, 0.1, 400, 150, random)) <= binom.isf(1e-6, 400, 0.001)
    assert np.all(simulated.alarms(0.1, 0.05, 100, 150, random))


@pytest.mark.soak
def test_false_alarms_are_rare_in_ten_thousand() -> None:
    random = np.random.default_rng(SEED)
    print(f"SEATRIAL_TEST_SEED={SEED}")
    false = np.count_nonzero(simulated.alarms(0.1, 0.1, 10_000, 2_000, random))
    assert false <= binom.isf(1e-6, 10_000, 0.001)
