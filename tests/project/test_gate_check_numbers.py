"""What `check` says of numbers of an environment's own, and of what recorded requests can judge."""

from __future__ import annotations

from seatrial.pipeline.check import check
from seatrial.pipeline.load import load
from seatrial.project.forecast import needed_live, probe_worth
from seatrial.project.gate_check import gate_findings
from seatrial.project.known import known

FILE = """\
project: p
environments:
  production:
    from: [main]
    canary: [5%]
{more}    gates:
      - {gate}
"""
QUEUE = "    metrics: {queue: {command: echo 3}}\n"


def messages(gate: str, more: str = "") -> list[str]:
    pipeline = load(FILE.format(gate=gate, more=more), "seatrial.yaml").pipeline
    found = (*gate_findings(pipeline), *check(pipeline, known()))
    return [f"{one.severity}: {one.message}" for one in found]


def test_a_gate_names_numbers_of_its_environment_and_of_the_gateway() -> None:
    for gate in ("queue <= 5", "queue > 0"):
        assert messages(gate, QUEUE) == []
    for gate in ("throughput >= 5", "saturation < 2"):
        assert messages(gate) == []
    [unknown] = messages("queue <= 5")
    assert "there is no metric 'queue'" in unknown


def test_a_number_is_compared_with_a_number() -> None:
    [message] = messages("queue <= stable + 1", QUEUE)
    assert "queue is compared with a fixed number only" in message


def test_numbers_have_names_of_their_own_a_use_and_time() -> None:
    assert messages("error_rate <= 1%", QUEUE) == ["warning: no gate of `production` names `queue`"]
    ours = "    metrics: {accuracy: {command: echo 3}}\n"
    assert messages("error_rate <= 1%", ours) == ["error: `accuracy` is a metric already"]
    fast = "    metrics: {queue: {command: echo 3, every: 0.5s}}\n"
    assert messages("queue <= 5", fast) == ["error: `queue` is measured at most once a second"]


def test_how_long_readings_take_is_said() -> None:
    every = "    metrics: {queue: {command: echo 3, every: 1m}}\n"
    pipeline = load(FILE.format(gate="queue <= 5", more=every), "seatrial.yaml").pipeline
    [demand] = needed_live(pipeline.environments[0])
    assert (demand.requests, demand.seconds) == (6, 360.0)


def test_pairs_of_answers_come_from_recorded_requests_too() -> None:
    more = "    probe: requests.jsonl\n    predictions: {from: header}\n"
    assert messages("agreement >= 0.98", more) == []
    pipeline = load(FILE.format(gate="agreement >= 0.98", more=more), "seatrial.yaml").pipeline
    [(gate, sentence)] = probe_worth(pipeline.environments[0])
    assert gate == "agreement >= 0.98"
    assert sentence.endswith("recorded requests are all the evidence that an equal candidate needs")
