"""How many requests decide: against simulated releases."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from seatrial.errors import Place
from seatrial.evaluation.gate import parse
from seatrial.evaluation.sequential import more, process, readings
from seatrial.evaluation.sequential.arms import Arms
from seatrial.evaluation.sequential.decide import PROMOTE, ROLL_BACK
from seatrial.evaluation.sequential.latency import Histogram, histogram
from seatrial.evaluation.sequential.live import History, Live
from seatrial.evaluation.sequential.plan import plan
from seatrial.evaluation.sequential.rule import Rule
from seatrial.evaluation.sequential.shadow import paired
from tests.simulations.kinds import KINDS, look_of, rule_of
from tests.simulations.releases import Look, run


def live(text: str, past: History | None = None) -> Live:
    return plan(parse(text, Place("x")), past)


def rule(text: str) -> Rule:
    found = live(text).rule
    assert found is not None
    return found


@pytest.mark.parametrize("name", ["errors, stable .1%", "errors, fixed bar", "latency, fixed bar", "recall"])
@pytest.mark.parametrize("state", ["good", "bad"])
def test_in_advance_it_is_about_what_simulated_releases_need(name: str, state: str) -> None:
    kind = KINDS[name]
    truth = getattr(kind, state)
    simulated = run(rule_of(kind), look_of(kind, truth, 200, np.random.default_rng(1)), 200, kind.looks)
    rates = [1 - one for one in truth] if rule_of(kind).complement else truth
    found = more.needed(rule_of(kind), *rates, kind.arms[0] / sum(kind.arms))
    assert found is not None
    assert found.toward == (PROMOTE if state == "good" else ROLL_BACK)
    assert np.median(simulated.requests) / 2 < found.requests < 2 * np.median(simulated.requests)


@pytest.mark.parametrize(("candidate", "toward"), [(0.01, PROMOTE), (0.05, ROLL_BACK)])
def test_of_pairs_it_is_about_what_simulated_releases_need(candidate: float, toward: str) -> None:
    """Releases whose arms answer the same requests, and fail each by itself; also on the way."""
    pairs = paired(live("error_rate <= stable + 1pp")).rule
    assert pairs is not None
    random = np.random.default_rng(1)

    def look(_second: int, which: Any) -> Look:
        ours, theirs = (random.random(len(which)) < rate for rate in (candidate, 0.01))
        one = np.ones(len(which))
        return ours.astype(float), one, theirs.astype(float), one

    simulated = run(pairs, look, 200, 6000)
    found = more.needed_pairs(pairs, candidate, 0.01)
    assert found is not None
    assert found.toward == toward
    assert np.median(simulated.requests) / 2 < found.requests < 2 * np.median(simulated.requests)
    few, half = process.start(pairs), found.requests // 2
    outcomes = [(Arms(int(at % 100 < 100 * candidate), 1, int(at % 100 == 50), 1), 1) for at in range(half)]
    left = more.more(pairs, process.observe_pairs(pairs, few, outcomes))
    assert left is not None
    assert left.toward == toward
    assert found.requests / 4 < left.requests < found.requests


def test_on_the_way_it_shrinks_to_nothing() -> None:
    gate = rule("error_rate <= stable + 0.5pp")
    state = process.start(gate)
    assert more.more(gate, state) is None
    said = []
    for _ in range(400):
        state = process.observe(gate, state, Arms(0, 10, 0, 190))
        said.append(more.more(gate, state))
        if state.passed:
            break
    assert state.passed
    assert said[9] is not None
    assert said[-1] is not None
    assert said[9].toward == PROMOTE
    left = int(state.closed.candidate_n) - 100
    assert left / 1.5 < said[9].requests < 1.5 * left
    assert said[-1].requests < 60


def test_toward_rolling_back() -> None:
    gate = rule("error_rate <= 1%")
    state = process.observe(gate, process.start(gate), Arms(5, 40))
    found = more.more(gate, state)
    assert found is not None
    assert found.toward == ROLL_BACK


def test_nothing_is_said_on_the_line_and_of_means() -> None:
    gate = rule("error_rate <= stable")
    assert more.needed(gate, 0.05, 0.05, 0.1) is None
    means = rule("mean_absolute_error <= 3")
    assert more.needed(means, 0.1, 0.1, 0.1) is None
    assert more.more(means, process.start(means)) is None


def test_rates_of_nothing_and_of_everything() -> None:
    gate = rule("error_rate <= stable + 0.5pp")
    found = more.needed(gate, 0.0, 0.0, 0.05)
    assert found is not None
    assert 900 < found.requests < 1500  # ln(100)/.005 = 921, and what the other alternatives cost
    assert more.needed(gate, 1.0, 0.0, 0.05) is not None


QUICK = histogram([0.1] * 19_400 + [0.3] * 600)


@pytest.mark.parametrize(
    ("text", "past", "rates"),
    [
        ("error_rate <= stable + 0.5pp", History(failed=20, requests=1000), (20.5 / 1001, 20.5 / 1001)),
        ("error_rate <= 5%", History(failed=20, requests=1000), (20.5 / 1001, 20.5 / 1001)),
        ("error_rate <= 1%", History(failed=20, requests=1000), (0.005, 20.5 / 1001)),
        ("accuracy >= 0.7", History(), (0.2, 0.2)),
        ("latency_p95 <= 200ms", History(), (0.025, 0.05)),
        ("latency_p95 <= 200ms", History(latencies=QUICK), (0.03, 0.03)),
        ("latency_p95 <= stable * 1.2", History(latencies=QUICK), (0.03, 0.03)),
        ("latency_p95 <= stable * 5", History(latencies=QUICK), (0.0, 0.03)),
        ("mean_error <= 3", History(), None),
        ("latency_p95 <= stable", History(latencies=Histogram()), None),
    ],
)
def test_what_is_usual(text: str, past: History, rates: tuple[float, float] | None) -> None:
    found = more.usual(live(text, past), past)
    assert found == (None if rates is None else pytest.approx(rates))


def test_one_reading_that_keeps_its_gate_is_the_beginning_of_an_end() -> None:
    kept = process.observe(readings.rule(), process.start(readings.rule()), readings.reading(kept=True))
    found = more.more(readings.rule(), kept)
    assert found is not None
    assert (found.toward, found.requests < 60) == (PROMOTE, True)
