"""Numbers: what is due, what a command has said, and how sure the sign test is."""

from __future__ import annotations

from itertools import product
from math import comb

import pytest

from seatrial.clients.prometheus import Unanswered
from seatrial.errors import Place
from seatrial.evaluation.gate import parse, thaw
from seatrial.evaluation.sequential import plan, process, readings
from seatrial.evaluation.sequential.live import NUMBERS
from seatrial.journal.readings import Reading
from seatrial.journal.releases import ReleaseRow
from seatrial.pipeline.pipeline import Environment, Gate, Metric
from seatrial.release import measuring
from seatrial.release.provider import Batch, Seen
from seatrial.release.providers import numbers
from tests.release.site import NOWHERE

ALPHA = 0.05


def passes(kept: tuple[bool, ...]) -> bool:
    """Whether the sign test has said at some time that the candidate keeps the gate."""
    rule = readings.rule(ALPHA)
    state = process.start(rule)
    for one in kept:
        state = process.observe(rule, state, readings.reading(one))
    return state.passed


def test_a_number_on_the_wrong_side_half_of_the_time_passes_with_at_most_alpha() -> None:
    length = 11
    wrong = sum(passes(kept) for kept in product((True, False), repeat=length))
    assert 0 < wrong / 2**length <= ALPHA
    # It is no weaker than it need be: so many in a row, none of them beyond, pass where that is unlikely.
    assert passes((True,) * 6)
    assert comb(6, 0) / 2**6 < ALPHA
    assert not passes((True,) * 4)  # 1/16 > 5%: nothing may pass so soon


def test_no_reading_says_nothing() -> None:
    live = plan.plan(thaw("queue <= 5"), alpha=ALPHA)
    assert live.source == NUMBERS
    seen = Seen(
        "c",
        "s",
        readings=[
            (0, Reading(1, "queue", 0.0, 4.0)),
            (0, Reading(2, "queue", 0.0, None, "away")),
            (0, Reading(3, "other", 0.0, 9.0)),
            (1, Reading(4, "queue", 0.0, 6.0)),
        ],
    )
    assert numbers.batches(live, seen) == [
        Batch(0, readings.reading(kept=True)),
        Batch(1, readings.reading(kept=False)),
    ]


@pytest.mark.parametrize(
    ("gate", "value", "kept"),
    [("q <= 5", 5, True), ("q < 5", 5, False), ("q >= 5", 5, True), ("q > 5", 5, False), ("q > 5", 6, True)],
)
def test_a_reading_keeps_the_gate_or_not(gate: str, value: float, kept: bool) -> None:
    assert readings.is_kept(parse(gate, Place(""), ["q"]), value) is kept


@pytest.mark.parametrize(
    ("output", "value"), [(b"3\n", 3.0), (b"log line\n -2.5e1 \n\n", -25.0), (b"\x1b[1m\n0", 0.0)]
)
def test_the_last_line_of_a_command_is_the_number(output: bytes, value: float) -> None:
    assert measuring.number_of(output) == value


@pytest.mark.parametrize(
    "output", [b"", b"three", b"1 2", b"nan", b"inf", b"1_000", b"1" * 65, b"\xff\xfe", b"3\nfour"]
)
def test_what_is_no_number_is_no_reading(output: bytes) -> None:
    with pytest.raises(Unanswered, match="no number"):
        measuring.number_of(output)


def test_a_query_names_what_we_know() -> None:
    env = {"SEATRIAL_CANDIDATE": "a/b/2", "SEATRIAL_CANDIDATE_PORT": "81"}
    query = 'up{x="$SEATRIAL_CANDIDATE",y=":$SEATRIAL_CANDIDATE_PORT",z="$HOME"}'
    assert measuring.filled(query, env) == 'up{x="a/b/2",y=":81",z="$HOME"}'


def test_only_numbers_that_a_gate_names_are_measured_and_each_in_its_time() -> None:
    metrics = (
        Metric("queue", NOWHERE, command="echo 1", every_seconds=60.0),
        Metric("unused", NOWHERE, command="echo 1"),
    )
    gates = tuple(Gate(text, NOWHERE) for text in ("queue <= 5", "throughput >= 1", "error_rate <= 1%"))
    frozen = measuring.frozen(Environment("production", NOWHERE, gates=gates, metrics=metrics))
    assert {name: told["every_seconds"] for name, told in frozen.items()} == {
        "queue": 60.0,
        "throughput": 10.0,
    }
    plan_ = {"metrics": frozen, "warm_up": 5.0}
    release = ReleaseRow(
        "r", "p", "e", "p/e/2", "p/e/1", "release", plan_, 3, "running", 0.0, None, {"served": 100.0}
    )

    def due(now: float, **last: float) -> list[str]:
        before = {name: Reading(1, name, at, None) for name, at in last.items()}
        return [metric.name for metric in measuring.due(release, before, now)]

    assert due(114.9) == []
    assert due(115.0) == ["throughput"]
    assert due(170.0, throughput=165.0) == ["queue"]
    assert due(170.0, throughput=160.0, queue=165.0) == ["throughput"]


def test_what_only_recorded_requests_speak_of_is_shown() -> None:
    from seatrial.release.sight import GateSight
    from seatrial.report.live import gate_lines

    said = " ".join(gate_lines(GateSight("error_rate <= 1%", evidence=0.4)))
    assert "nothing was seen; of recorded requests: evidence 40% for, 0% against" in said
    assert "q is away" in gate_lines(GateSight("q <= 1", trouble="q is away"))[0]
    known = GateSight("q <= 1", "readings", is_share=True, candidate=0.0, candidate_n=3, bar=0.5)
    lines = gate_lines(known._replace(last=0.7, trouble="away"))
    assert "candidate 0% of 3 (readings; the last was 0.7)" in lines[0]
    assert "away" in lines[-1]
