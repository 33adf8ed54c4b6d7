"""What a gate has come to know: kept as a text, and never across a change of weights."""

from __future__ import annotations

import json

import pytest

from seatrial.evaluation.sequential.arms import Arms, without
from seatrial.evaluation.sequential.latency import Histogram
from seatrial.evaluation.sequential.live import History
from seatrial.release import analysis, weighing
from seatrial.release.analysis import Common
from seatrial.release.provider import Batch
from seatrial.release.strata import Stratum
from seatrial.release.weighing import Weighing

PAST = History(
    failed=200,
    requests=20_000,
    latencies=Histogram(((-300, 19_000), (-200, 1_000))),
    error_size=1.0,
    labels=200,
)
GATES = (
    "error_rate <= stable + 0.5pp",
    "error_rate <= 2%",
    "latency_p95 <= stable * 1.2",
    "f1(a) >= stable - 0.05",
    "mean_absolute_error <= stable * 1.1",
    "queue <= 10",
)


def weighed(text: str, looks: int = 20, stratum: int = 0) -> Weighing:
    gate = weighing.freeze(text, PAST, 0.05)
    for number in range(looks):
        gate = weighing.weigh(gate, [Batch(stratum, Arms(number % 3 / 3, 20, 1.0, 80))])
    return weighing.weigh(gate, [Batch(stratum, Arms(0.0, 0, 1.0, 10))])


@pytest.mark.parametrize("text", GATES)
def test_it_is_kept_as_it_is(text: str) -> None:
    for gate in (weighing.freeze(text, PAST, 0.05), weighed(text)):
        assert weighing.of_text(weighing.to_text(gate)) == gate


def test_what_still_waits_is_kept_too() -> None:
    gate = weighing.freeze("latency_p95 <= stable * 1.2", History(), 0.05)
    assert gate.live.waiting
    assert weighing.of_text(weighing.to_text(gate)) == gate


@pytest.mark.parametrize("text", GATES)
def test_what_an_older_journal_has_of_it_is_read(text: str) -> None:
    gate = weighed(text)
    assert gate.state is not None
    frozen, _, moving = weighing.to_text(gate).partition("\n")
    (state, waiting, _), known = json.loads(moving), gate.state.interval
    pending = [without(gate.state.closed, one) for one in known.served]
    old = {
        **json.loads(frozen),
        "state": [*state[:-1], [known.above, known.below, pending]],
        "unweighed": waiting,
    }
    found = weighing.of_text(json.dumps(old))
    assert found._replace(stratum=gate.stratum) == gate


def test_no_margin_is_asked_of_two_weights_at_once() -> None:
    before = weighed("error_rate <= stable + 0.5pp", 3)
    assert before.state is not None
    after = weighing.weigh(before, [Batch(1, Arms(1, 50, 1, 50))])
    assert after.state is not None
    assert after.stratum == 1
    assert set(after.state.interval.served) == {before.state.closed, after.state.closed}
    late = weighing.weigh(after, [Batch(0, Arms(1, 50, 1, 50))])
    assert late.stratum == 1


def test_what_gates_share_is_kept_and_an_older_journal_is_read() -> None:
    common = Common(strata=(Stratum(5.0, 10), Stratum(9.0, 50)), pair=7, kept_n=3.0, reading=4)
    assert analysis.common_of(analysis.text_of(common)) == common
    old = {name: value for name, value in common._asdict().items() if name != "copies"}
    assert analysis.common_of(json.dumps(old)) == common
