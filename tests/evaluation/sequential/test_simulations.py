"""Releases by the hundred: false decisions are as rare as promised. By the thousand in `make soak`."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom, mannwhitneyu

from seatrial.evaluation.sequential import process
from seatrial.evaluation.sequential.arms import Arms
from seatrial.evaluation.sequential.rule import bad_weights, good_weights
from tests.evaluation.sequential.seed import SEED
from tests.simulations import __main__ as table
from tests.simulations import releases as many
from tests.simulations import rivals, together
from tests.simulations.kinds import KINDS, look_of, rule_of


@pytest.mark.parametrize("name", KINDS)
def test_what_is_simulated_is_what_judges(name: str) -> None:
    """The same evidence from the arrays and from the judge himself, look by look."""
    kind, rule = KINDS[name], rule_of(KINDS[name])
    releases, looks = 3, 40
    streams = list(zip(*_looks(name, releases, looks), strict=True))
    arrays = many._start(rule, releases)
    states = [process.start(rule)] * releases
    everyone = np.arange(releases)
    for second in range(looks):
        arms = tuple(np.asarray(part[second], dtype=float) for part in streams)
        many.observe(rule, arrays, everyone, arms)  # type: ignore[arg-type]
        states = [
            process.observe(rule, state, Arms(*(float(part[index]) for part in arms)))
            for index, state in enumerate(states)
        ]
    for index, state in enumerate(states):
        assert list(arrays.bad[index]) == pytest.approx(list(state.bad), abs=1e-7)
        assert list(arrays.good[index]) == pytest.approx(list(state.good), abs=1e-7)
    assert many.log_mean(good_weights(rule), arrays.good)[0] == pytest.approx(
        process.log_good(rule, states[0])
    )
    assert many.log_mean(bad_weights(rule), arrays.bad)[0] == pytest.approx(process.log_bad(rule, states[0]))
    assert kind.edge != kind.good


def _looks(name: str, releases: int, looks: int) -> list[many.Look]:
    look = look_of(KINDS[name], KINDS[name].edge, releases, np.random.default_rng(SEED))
    return [look(second, np.arange(releases)) for second in range(looks)]


def false_decisions(name: str, releases: int, looks: int) -> tuple[int, int]:
    """Promotions and rollbacks on the line, where both are false."""
    kind = KINDS[name]
    print(f"SEATRIAL_TEST_SEED={SEED}")
    look = look_of(kind, kind.edge, releases, np.random.default_rng(SEED))
    found = many.run(rule_of(kind), look, releases, looks)
    return int(found.promoted.sum()), int(found.rolled_back.sum())


def most(releases: int) -> int:
    """More than these would show that alpha .01 does not hold, at one in a million."""
    return int(binom.isf(1e-6, releases, 0.01))


@pytest.mark.slow
@pytest.mark.parametrize("name", KINDS)
def test_false_decisions_are_rare(name: str) -> None:
    promoted, rolled_back = false_decisions(name, 400, 150)
    assert promoted <= most(400)
    assert rolled_back <= most(400)


@pytest.mark.soak
@pytest.mark.parametrize("name", KINDS)
def test_false_decisions_are_rare_in_ten_thousand(name: str) -> None:
    promoted, rolled_back = false_decisions(name, 10_000, KINDS[name].edge_looks)
    assert promoted <= most(10_000)
    assert rolled_back <= most(10_000)


def false_together(releases: int, looks: int) -> tuple[int, int]:
    """Of releases with three gates: how many were rolled back with none to blame, and promoted with one."""
    print(f"SEATRIAL_TEST_SEED={SEED}")
    _, back = together.decided(("edge", "edge", "edge"), releases, looks, np.random.default_rng(SEED))
    promoted, _ = together.decided(("edge", "good", "good"), releases, looks, np.random.default_rng(SEED))
    return int(back.sum()), int(promoted.sum())


@pytest.mark.slow
def test_of_several_gates_together_false_decisions_are_rare() -> None:
    assert max(false_together(400, 150)) <= most(400)


@pytest.mark.soak
def test_of_several_gates_together_false_decisions_are_rare_in_ten_thousand() -> None:
    assert max(false_together(10_000, 2_000)) <= most(10_000)


@pytest.mark.slow
def test_a_failure_of_5_percent_is_seen_within_a_few_hundred_requests() -> None:
    kind = KINDS["errors, stable .1%"]
    found = many.run(rule_of(kind), look_of(kind, kind.bad, 300, np.random.default_rng(SEED)), 300, 600)
    assert found.rolled_back.all()
    assert np.median(found.requests) < 160
    assert np.percentile(found.requests, 90) < 350


@pytest.mark.slow
def test_what_other_judges_do() -> None:
    """The Wald bound is below ours, and nobody who looks at fixed windows sees 5% as early."""
    found = table.judges(KINDS["errors, stable .1%"], KINDS["errors, stable .1%"].bad, 20, SEED)
    medians = {judge: np.median(outcome.requests) for judge, outcome in found.items()}
    assert medians["Wald bound"] <= medians["seatrial"] < medians["Argo Rollouts"] < medians["Kayenta"]


def test_the_shift_is_that_of_a_mann_whitney_test() -> None:
    """scipy's test at the shift's lower end says p = .01, one-sided, by the same approximation."""
    random = np.random.default_rng(SEED)
    candidate, stable = random.normal(0.5, 1, 60), random.normal(0, 1, 60)
    lower, estimate = rivals.shift(candidate, stable)
    assert lower < estimate
    found = mannwhitneyu(candidate - lower, stable, alternative="greater", method="asymptotic")
    assert found.pvalue == pytest.approx(0.01, abs=0.001)
