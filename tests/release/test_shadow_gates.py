"""What pairs of answers say to each kind of gate, and what the journal keeps of them over a death."""

from __future__ import annotations

import random
from collections.abc import Sequence
from math import inf

import pytest

from seatrial.errors import BadInput
from seatrial.evaluation.sequential.arms import Arms
from seatrial.evaluation.sequential.latency import Histogram
from seatrial.evaluation.sequential.live import History
from seatrial.gateway.log_line import Line
from seatrial.journal import releases, traffic, unpaired
from seatrial.journal.journal import Journal
from seatrial.journal.releases import EnvironmentRow, ReleaseRow
from seatrial.release import analysis, mirrored, narration, see, weighing
from seatrial.release.pairing import Pair
from seatrial.release.provider import Batch, Seen
from seatrial.release.providers import pairs as provider
from seatrial.release.strata import Stratum
from seatrial.release.strategies import shadow
from seatrial.release.strategy import frozen
from seatrial.release.weighing import Weighing
from seatrial.system import clock
from tests.release.labelled import NAME, PROJECT, environment

STABLE, CANDIDATE = f"{PROJECT}/{NAME}/1", f"{PROJECT}/{NAME}/2"
PAST = History(latencies=Histogram(((-300, 19_000), (-200, 1_000))))  # its 95th percentile: 1.01^-300 s


def line(prediction: str = "a", *, failed: bool = False, ms: float | None = 1.0, request: str = "r") -> Line:
    microseconds = None if ms is None else round(ms * 1000)
    return Line(100, STABLE, 500 if failed else 200, failed, microseconds, request, prediction)


def gate(text: str) -> Weighing:
    return weighing.freeze(text, PAST, 0.05, by_pairs=True)


def batches(text: str, pairs: Sequence[tuple[Line, Line]]) -> list[Batch]:
    """Of pairs of the candidate's and stable's answer."""
    seen = Seen(CANDIDATE, STABLE, mirrored=[(0, Pair(*pair)) for pair in pairs])
    return provider.batches(gate(text).live, seen)


def test_agreement_counts_where_stable_predicted_something() -> None:
    pairs = [
        (line("a"), line("a")),
        (line("b"), line("a")),
        (line("1.0"), line("1")),  # the same number
        (line(""), line("a")),
        (line("a", failed=True), line("a")),
        (line("a"), line("")),
        (line("a"), line("a", failed=True)),
    ]
    assert batches("agreement >= 0.9", pairs) == [Batch(0, Arms(2, 5, 5, 5))]
    assert batches("agreement >= 0.9", pairs[-2:]) == []


def test_drift_is_the_mean_distance_of_numbers_none_as_far_as_can_be() -> None:
    near = [(line("1.5"), line("1")), (line("0.5"), line("1"))]
    found = batches("drift <= 1", [*near, (line("x"), line("1")), (line("1"), line("x"))])
    assert sum(one.arms.candidate for one in found) == pytest.approx(0.5 / 20 + 0.5 / 20 + 1)  # its cap is 20
    assert sum(one.arms.candidate_n for one in found) == 3
    assert batches("drift <= 1", [(line("nan"), line("nan")), (line("1"), line("inf"))]) == []


def test_errors_are_compared_pair_by_pair_and_alone_against_a_number() -> None:
    bad, good = line(failed=True), line()
    pairs = [(bad, good), (bad, bad), (good, good), (good, good)]
    assert batches("error_rate <= stable + 1pp", pairs) == [
        Batch(0, Arms(0, 1, 0, 1), 2),
        Batch(0, Arms(1, 1, 0, 1), 1),
        Batch(0, Arms(1, 1, 1, 1), 1),
    ]
    assert batches("error_rate <= 1%", pairs) == [Batch(0, Arms(2, 4, 1, 4))]


def test_slow_answers_are_compared_where_both_came() -> None:
    bar = 1.01**-300 * 1000
    quick, slow = line(ms=0.9 * bar), line(ms=1.9 * bar)
    found = batches("latency_p95 <= stable * 1.5", [(slow, quick), (quick, slow), (slow, line(ms=None))])
    assert found == [Batch(0, Arms(0, 1, 1, 1), 1), Batch(0, Arms(1, 1, 0, 1), 1)]
    assert batches("latency_p95 <= 100ms", [(quick, quick)]) == [Batch(0, Arms(0, 1, 0, 1))]


@pytest.mark.parametrize(
    ("text", "worse"),
    [
        ("agreement >= 0.9", (line("b"), line("a"))),
        ("drift <= 0.1", (line("9"), line("1"))),
        ("error_rate <= stable + 2pp", (line(failed=True), line())),
        ("latency_p95 <= stable * 1.5", (line(ms=9000), line())),
    ],
)
def test_pairs_decide_either_way_also_through_json(text: str, worse: tuple[Line, Line]) -> None:
    """Equal answers, one of 20 of which is slow for stable's past, and not by half as much again."""
    same = [(line("1"), line("1"))] * 19 + [(line("1", ms=60), line("1", ms=60))]
    assert weighing.standing(weighed(text, same * 75)).has_passed
    against = weighing.standing(weighed(text, [worse] * 200))
    assert against.log_bad > 10
    assert against.log_good < 0
    assert weighing.standing(weighed(text, [])).log_good == pytest.approx(0)


def weighed(text: str, pairs: Sequence[tuple[Line, Line]]) -> Weighing:
    found = gate(text)
    for first in range(0, len(pairs), 50):
        found = weighing.of_text(weighing.to_text(found))
        found = weighing.weigh(found, batches(text, pairs[first : first + 50]))
    return found


def test_labels_are_not_of_copies() -> None:
    with pytest.raises(BadInput, match="nobody labels the answers to copies"):
        gate("accuracy >= stable - 0.02")


def begun(
    journal: Journal, *gates: str, share: str = "100%", warm_up: float = 0.0
) -> tuple[EnvironmentRow, ReleaseRow]:
    """A release by shadow that mirrors since 1,000 s after the epoch."""
    environment(journal)
    candidate = releases.revision(journal, CANDIDATE)
    assert candidate is not None
    plan = {
        "steps": frozen(shadow.plan({"share": share})),
        "gates": list(gates),
        "alpha": 0.05,
        "warm_up": warm_up,
    }
    with journal.change():
        added = releases.add_release(journal, candidate, previous=STABLE, kind="release", plan=plan, body={})
        releases.note(journal, added, served=1000.0)
    releases.record_weights(journal, PROJECT, NAME, {STABLE: 100}, {CANDIDATE: round(float(share[:-1]))})
    found, again = releases.release(journal, added.id), releases.environment(journal, PROJECT, NAME)
    assert found is not None
    assert again is not None
    return again, found


def answers(arm: str, *requests: str, at: int = 2000, prediction: str = "a") -> list[Line]:
    return [Line(at, arm, 200, False, 900, request, prediction) for request in requests]


def pairs_of(journal: Journal, release: ReleaseRow, main: list[Line], shadow: list[Line]) -> list[str]:
    with journal.change():
        return [pair.stable.request for pair in mirrored.look(journal, release, main, shadow).pairs]


def test_what_a_killed_look_took_is_there_for_the_next(journal: Journal) -> None:
    """Every look is tried, dies before it is committed, and is done again: each request counts once."""
    _, release = begun(journal)
    chance = random.Random(7)
    names = [f"r{number}" for number in range(200)]
    events = [("main", name) for name in names] + [("shadow", name) for name in names[:150]]
    chance.shuffle(events)
    found: list[str] = []
    while events:
        some, events = events[:17], events[17:]
        main = answers(STABLE, *(name for log, name in some if log == "main"))
        copies = answers(CANDIDATE, *(name for log, name in some if log == "shadow"))
        with pytest.raises(ZeroDivisionError), journal.change():
            mirrored.look(journal, release, main, copies)
            raise ZeroDivisionError
        found += pairs_of(journal, release, main, copies)
    assert sorted(found) == sorted(names[:150])
    assert unpaired.waiting(journal, release.id) == {"stable": 50}


def test_what_was_before_the_warm_up_or_of_others_does_not_count(journal: Journal) -> None:
    _, release = begun(journal, warm_up=5.0)
    early = answers(STABLE, "early", at=1005), answers(CANDIDATE, "early", at=1005)
    assert pairs_of(journal, release, *early) == []
    assert pairs_of(journal, release, answers(CANDIDATE, "x"), answers(STABLE, "x")) == []
    assert pairs_of(journal, release, answers(STABLE, ""), answers(CANDIDATE, "")) == []
    assert pairs_of(journal, release, answers(STABLE, "late", at=1006), answers(CANDIDATE, "late")) == [
        "late"
    ]
    assert unpaired.waiting(journal, release.id) == {}


def test_an_id_that_came_twice_is_remembered(journal: Journal) -> None:
    _, release = begun(journal)
    assert pairs_of(journal, release, answers(STABLE, "same", "same"), []) == []
    assert unpaired.waiting(journal, release.id) == {"repeated": 1}
    assert pairs_of(journal, release, answers(STABLE, "x"), answers(CANDIDATE, "same", "x")) == ["x"]
    assert pairs_of(journal, release, answers(STABLE, "same"), answers(CANDIDATE, "same")) == []


def test_what_waits_is_given_up_after_a_while_and_is_never_too_much(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, release = begun(journal)
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
    pairs_of(journal, release, answers(STABLE, "a", "b"), answers(CANDIDATE, "c"))
    assert unpaired.waiting(journal, release.id) == {"stable": 2, "candidate": 1}
    now += mirrored.PATIENCE_SECONDS + 1
    with journal.change():
        later = mirrored.look(journal, release, answers(STABLE, "d"), [])
    assert (later.lost, later.waiting) == (2, 1)
    assert pairs_of(journal, release, [], answers(CANDIDATE, "a")) == []
    with journal.change():
        unpaired.put(journal, release.id, [unpaired.Half(str(n), "stable", []) for n in range(10)], now + 1)
        assert unpaired.give_up(journal, release.id, -inf, most=4) == {"stable": 7, "candidate": 1}
        assert unpaired.waiting(journal, release.id) == {"stable": 4}


def test_a_user_counts_once_where_users_stay(journal: Journal) -> None:
    _, release = begun(journal)

    def look(*requests: str, user: str, counts: bool = True) -> int:
        main = [one._replace(unit=user) for one in answers(STABLE, *requests)]
        with journal.change():
            found = mirrored.look(journal, release, main, answers(CANDIDATE, *requests))
            found = mirrored.of_new_users(journal, release, found, lambda _at: 0 if counts else None)
            assert found.paired == len(requests)
            return len(found.pairs)

    assert look("0", user="ann", counts=False) == 0, "nobody drove then: her next request counts"
    assert [look("1", "2", user="ann"), look("3", user="bob"), look("4", user="ann"), look("5", user="")] == [
        1,
        1,
        0,
        0,
    ]


def test_a_pair_of_a_gap_counts_for_nobody(journal: Journal) -> None:
    _, release = begun(journal, "agreement >= 0.9")
    common = analysis.Common(strata=(Stratum(1500.0, 100),))
    with journal.change():
        releases.note(journal, release, undriven=[[2000.0, 2010.0]])
    gone = releases.release(journal, release.id)
    assert gone is not None
    halves = [
        (answers(STABLE, name, at=at)[0], answers(CANDIDATE, name, at=at)[0])
        for name, at in (("early", 1400), ("gap", 2005), ("later", 2015))
    ]
    found = mirrored.Mirrored([Pair(candidate, stable) for stable, candidate in halves], paired=3)
    common, seen = analysis.with_pairs(common, gone, Seen(CANDIDATE, STABLE, []), found)
    assert [(number, pair.stable.request) for number, pair in seen.mirrored] == [(0, "later")]
    assert common.copies.paired == 3


def look(
    journal: Journal, row: EnvironmentRow, release: ReleaseRow, main: list[Line], shadow: list[Line]
) -> None:
    with journal.change():
        copies = mirrored.look(journal, release, main, shadow)
        analysis.weigh(journal, row, release, [], copies)


def test_a_release_is_judged_by_its_pairs_and_waits_for_the_slow_ones(journal: Journal) -> None:
    row, release = begun(journal, "agreement >= 0.9", "error_rate <= stable + 5pp")
    look(journal, row, release, [], [])
    at = int(clock.now()) + 60
    names = [f"r{number}" for number in range(300)]
    look(journal, row, release, answers(STABLE, *names, at=at), answers(CANDIDATE, *names[:250], at=at))
    held = analysis.outlook_of(journal, release)
    assert (held.evidence, held.failed, held.spoilt) == (analysis.UNSETTLED, "", "")
    waits = "of 300 requests both answers are known to 83.3%, of 100% that are copied"
    assert see.sight(journal, release, at).awaited == waits
    look(journal, row, release, [], answers(CANDIDATE, *names[250:297], at=at))
    assert analysis.outlook_of(journal, release).evidence == 1.0
    assert see.sight(journal, release, at).awaited == ""
    sights = see.gates(journal, release)
    assert [(one.candidate, one.candidate_n, one.is_share) for one in sights] == [
        (1.0, 297, True),
        (0.0, 297, True),
    ]


def test_lost_copies_spoil_and_say_nothing_of_the_candidate(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    row, release = begun(journal, "agreement >= 0.9")
    look(journal, row, release, [], [])
    now = clock.now()
    names = [f"r{number}" for number in range(300)]
    at = int(now) + 60
    look(journal, row, release, answers(STABLE, *names, at=at), answers(CANDIDATE, *names[:290], at=at))
    monkeypatch.setattr(clock, "now", lambda: now + mirrored.PATIENCE_SECONDS + 1)
    look(journal, row, release, [], [])
    found = analysis.outlook_of(journal, release)
    assert found.spoilt.startswith("the copies do not arrive: 100% of 300 requests")
    assert found.failed == ""


def test_the_end_of_a_release_leaves_nothing_waiting(journal: Journal) -> None:
    _, release = begun(journal)
    pairs_of(journal, release, answers(STABLE, "a"), [])
    releases.take_back(journal, release, reason="enough", aborted=True)
    releases.fail(journal, release)
    assert unpaired.waiting(journal, release.id) == {}


def test_copies_are_told(journal: Journal) -> None:
    _, release = begun(journal, share="20%")
    [event] = [one for one in journal.events(subject=release.id) if one.kind == "traffic"]
    assert narration.sentence(event) == "traffic: revision 1 100%, copies of 20% to revision 2"
    assert mirrored.share(release) == 0.2
    assert traffic.states(journal, release.id) == {}
