"""What answers to recorded requests say, as values."""

from __future__ import annotations

from math import log
from pathlib import Path

import pytest

from seatrial.errors import BadInput, Place
from seatrial.evaluation.gate import parse
from seatrial.evaluation.sequential.live import History
from seatrial.gateway.log_line import Line
from seatrial.release import probe, probed, probing
from seatrial.release.all_strategies import strategy
from seatrial.release.outlook import Standing, outlook
from seatrial.release.pairing import Pair
from seatrial.store import trees
from seatrial.store.store import Store
from tests.release.site import environment

GATES = ["error_rate <= stable + 2pp", "agreement >= 0.9", "latency_p95 <= 100ms", "accuracy >= 0.5"]
ENOUGH = log(1 / 0.05)


def line(failed: bool = False, prediction: str = "x", milliseconds: float = 10.0) -> Line:
    return Line(0, "r", 500 if failed else 200, failed, round(milliseconds * 1000), "id", prediction)


def pairs(count: int, candidate: Line, stable: Line | None = None) -> list[Pair]:
    return [Pair(candidate, stable or line())] * count


def judged(found: list[Pair]) -> probed.Probed:
    return probe.judged(GATES, found, History(), 0.05)


def test_equal_answers_speak_for_the_candidate_and_more_of_them_more() -> None:
    few, many = judged(pairs(20, line())), judged(pairs(400, line()))
    for number in "012":
        assert 0 < few.gates[number][0] < many.gates[number][0]
        assert many.gates[number][0] > ENOUGH
        assert many.gates[number][1] < 0
    assert "3" not in many.gates, "labels do not come to recorded requests"


@pytest.mark.parametrize(
    ("bad", "gate"), [(line(failed=True), "0"), (line(prediction="y"), "1"), (line(milliseconds=300), "2")]
)
def test_each_gate_hears_what_it_is_about(bad: Line, gate: str) -> None:
    found = judged(pairs(100, bad) + pairs(200, line()))
    good, against = found.gates[gate]
    assert against > ENOUGH > 0 > good


def test_what_both_fail_speaks_against_nobody() -> None:
    both = line(failed=True, prediction="")
    found = judged(pairs(200, both, both) + pairs(200, line()))
    assert found.gates["0"][0] > ENOUGH
    assert (found.candidate_failed, found.stable_failed, found.predicted) == (200, 200, 200)


def test_it_says_what_became_of_them() -> None:
    found = judged(pairs(3, line(failed=True, milliseconds=30)) + pairs(7, line(milliseconds=30)))
    assert probed.sentence(found) == (
        "10 recorded requests to both revisions: the candidate failed 3, stable 0, 3 with another status, "
        "the same prediction in 7 of 10, a median of 30 ms against 10 ms"
    )
    assert probed.of_body({"probed": found._asdict()}) == found
    assert probed.of_body({}) is None


def test_both_sources_of_evidence_count_together() -> None:
    found = judged(pairs(20, line()))._replace(gates={"0": (2.0, -1.0)})
    half = Standing(GATES[0], log_good=1.5, log_bad=-0.5)
    together = probe.added(half, found, 0)
    assert (together.log_good, together.log_bad) == (3.5, -1.5)
    assert outlook([together], 0.05).evidence == 1.0
    assert outlook([half], 0.05).evidence < 1.0
    assert probe.added(half, found, 1) == half == probe.added(half, None, 0)


def test_requests_are_replayed_before_anybody_is_answered_where_the_plan_does_not_say_when() -> None:
    def kinds(name: str, **options: str) -> list[str]:
        steps = strategy(name).plan(options)
        return [step.kind for step in probe.planned(steps, has_requests=True)]

    assert kinds("canary", steps="5%")[:3] == ["start", "probe", "route"]
    assert kinds("canary", steps="5%,probe").count("probe") == 1
    assert kinds("rolling")[:3] == ["start", "probe", "route"]
    assert kinds("shadow")[:3] == ["start", "probe", "mirror"]
    assert kinds("blue-green")[:4] == ["start", "probe", "analyse", "route"]
    assert "probe" not in kinds("recreate")
    plain = strategy("rolling").plan({})
    assert probe.planned(plain, has_requests=False) == plain


def test_what_they_are_worth_is_said_before_anybody_waits() -> None:
    gates = [parse(text, Place("x")) for text in GATES]
    told = dict(probe.worth(gates, 0.05, History(failed=10, requests=1000), 100))
    assert told[GATES[0]].startswith("100 of about ")
    assert told[GATES[3]] == "recorded requests say nothing about it"
    [(_, unbounded)] = probe.worth(gates[:1], 0.05, History(failed=10, requests=1000), None)
    needed = int(unbounded.split()[1].replace(",", ""))
    assert unbounded.endswith("recorded requests are all the evidence that an equal candidate needs")
    enough = judged(pairs(needed, line()))  # with no failures at all fewer suffice
    assert enough.gates["0"][0] >= ENOUGH


def test_the_file_is_the_one_of_the_commit(store: Store, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "r.jsonl").write_bytes(b'{"path": "/"}\n')
    (tmp_path / "link.jsonl").symlink_to("data/r.jsonl")
    tree = trees.ingest(store, tmp_path)
    wanted = probing.found_in(tree, environment(probe="data/r.jsonl"))
    assert probing.frozen(store, wanted, "r") == {"file": "r", "digest": wanted, "requests": 1}
    assert probing.found_in(tree, environment(probe="link.jsonl")) == wanted
    assert probing.found_in(tree, environment()) == ""
    assert probing.frozen(store, "", "") is None
    for path in ("data/none.jsonl", "none"):
        with pytest.raises(BadInput, match="no file matches") as caught:
            probing.found_in(tree, environment(probe=path))
        assert caught.value.place is not None
    (tmp_path / "data" / "more").write_bytes(b"")
    with pytest.raises(BadInput, match="no single file"):
        probing.found_in(trees.ingest(store, tmp_path), environment(probe="data"))
