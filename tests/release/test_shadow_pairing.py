"""Both answers to a request find each other: in any order, cut into any looks, with some lost, some twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.gateway.log_line import Line
from seatrial.release.pairing import Copies, Halves, Pair, awaited, join, spoilt
from tests.properties import examples

CANDIDATE, STABLE, NOBODY = "p/e/2", "p/e/1", ""
Event = tuple[str, Line]  # the arm whose log it stands in, and the line


def line(request: str, revision: str, at: int = 100) -> Line:
    return Line(at, revision, 200 if revision else 503, not revision, 900, request, "a")


class Looks:
    """Lines as they come in, look by look; what waits is kept between them, as the journal keeps it."""

    def __init__(self) -> None:
        self.left = Halves()
        self.pairs: list[Pair] = []

    def look(self, events: Sequence[Event]) -> None:
        candidate, stable = ([one for arm, one in events if arm == own] for own in (CANDIDATE, STABLE))
        named = {one.request for _, one in events}
        waiting, others = split(self.left, named)
        found = join(waiting, candidate, stable)
        self.pairs += found.pairs
        self.left = Halves(
            {**others.candidate, **found.left.candidate},
            {**others.stable, **found.left.stable},
            others.repeated | found.left.repeated,
        )


def split(left: Halves, named: set[str]) -> tuple[Halves, Halves]:
    """Those of these requests, and the others: a look asks for no more than it has lines of."""

    def part(is_in: bool) -> Halves:
        candidate, stable = (
            {name: one for name, one in arm.items() if (name in named) == is_in}
            for arm in (left.candidate, left.stable)
        )
        return Halves(candidate, stable, frozenset(one for one in left.repeated if (one in named) == is_in))

    return part(True), part(False)


def run(events: Sequence[Event], cuts: Sequence[int]) -> Looks:
    looks, rest = Looks(), list(events)
    for size in cuts:
        looks.look(rest[:size])
        rest = rest[size:]
    looks.look(rest)
    return looks


CUTS = st.lists(st.integers(0, 8), max_size=20)
# For each request, which of its two lines ever comes.
ARRIVALS = st.lists(
    st.sampled_from([(), (STABLE,), (CANDIDATE,), (NOBODY, STABLE), (STABLE, CANDIDATE)]), max_size=20
)


@st.composite
def courses(draw: st.DrawFn) -> tuple[list[tuple[str, ...]], list[Event]]:
    arrivals = draw(ARRIVALS)
    events = [
        (CANDIDATE if who == NOBODY else who, line(f"r{number}", who))
        for number, own in enumerate(arrivals)
        for who in own
    ]
    return arrivals, draw(st.permutations(events))


@examples(150)
@given(courses(), CUTS)
def test_each_pair_is_found_once_in_whatever_order_and_looks(
    course: tuple[list[tuple[str, ...]], list[Event]], cuts: list[int]
) -> None:
    arrivals, events = course
    found = run(events, cuts)
    both = [f"r{number}" for number, own in enumerate(arrivals) if own == (STABLE, CANDIDATE)]
    assert sorted(pair.stable.request for pair in found.pairs) == sorted(both)
    assert all(pair.stable.request == pair.candidate.request for pair in found.pairs)
    assert {(pair.candidate.revision, pair.stable.revision) for pair in found.pairs} <= {(CANDIDATE, STABLE)}
    lonely = {f"r{number}" for number, own in enumerate(arrivals) if own == (STABLE,)}
    assert set(found.left.stable) == lonely  # a copy that nobody answered is no longer waited for


@st.composite
def reused(draw: st.DrawFn) -> list[Event]:
    """Requests with one id, the n-th in second n; no answer overtakes another of its arm."""
    uses = draw(st.integers(1, 4))
    own: dict[str, list[Event]] = {
        arm: [(arm, line("same", arm, at)) for at in range(uses)] for arm in (STABLE, CANDIDATE)
    }
    order = draw(st.permutations([STABLE] * uses + [CANDIDATE] * uses))
    return [own[arm].pop(0) for arm in order]


@examples(200)
@given(reused(), CUTS)
def test_answers_to_different_requests_of_one_id_are_never_a_pair(
    events: list[Event], cuts: list[int]
) -> None:
    found = run(events, cuts)
    assert all(pair.stable.at == pair.candidate.at for pair in found.pairs)


@pytest.mark.parametrize("cuts", [[], [1], [2], [1, 1], [1, 1, 1]])
def test_an_id_that_comes_twice_before_its_pair_counts_for_neither(cuts: list[int]) -> None:
    twice = [(STABLE, line("same", STABLE)), (STABLE, line("same", STABLE))]
    copies = [(CANDIDATE, line("same", CANDIDATE)), (CANDIDATE, line("same", CANDIDATE))]
    other = [(STABLE, line("other", STABLE)), (CANDIDATE, line("other", CANDIDATE))]
    found = run([*twice, *copies, *other], cuts)
    assert [pair.stable.request for pair in found.pairs] == ["other"]
    assert found.left == Halves(repeated=frozenset({"same"}))


def test_a_client_that_left_before_the_answer_has_none_to_compare() -> None:
    left = line("r", STABLE)._replace(code=0)
    for events in (
        [(STABLE, left), (CANDIDATE, line("r", CANDIDATE))],
        [(STABLE, line("r", STABLE)), (CANDIDATE, left)],
    ):
        found = run(events, [1])
        assert (found.pairs, found.left) == ([], Halves())


def test_the_same_pairs_are_known_of_each_request_only_once() -> None:
    events = [(arm, line(f"r{number}", arm)) for number in range(50) for arm in (CANDIDATE, STABLE)]
    found = run(events, [7, 1, 30])
    assert max(Counter(pair.stable.request for pair in found.pairs).values()) == 1
    assert found.left == Halves()


@pytest.mark.parametrize(
    ("paired", "lost", "share", "is_spoilt"),
    [
        (196, 4, 1.0, False),  # 2% exactly
        (195, 5, 1.0, True),
        (100, 99, 1.0, False),  # too few to tell
        (0, 200, 1.0, True),
        (980, 9020, 0.1, False),
        # 4 standard deviations of a binomial of 10,000 and .1 are 120 below 98% of 1,000
        (861, 9139, 0.1, False),
        (859, 9141, 0.1, True),
    ],
)
def test_too_many_lost_copies_spoil_the_evidence(
    paired: int, lost: int, share: float, is_spoilt: bool
) -> None:
    assert bool(spoilt(Copies(paired, lost), share)) == is_spoilt


def test_it_is_said_plainly() -> None:
    text = spoilt(Copies(900, 100), 1.0)
    assert text == (
        "the copies do not arrive: 100% of 1,000 requests were to be copied, of 90% both answers are known"
    )


def test_a_promotion_waits_for_the_slow_answers() -> None:
    assert awaited(Copies(980, 10, 10), 1.0) == ""
    text = "of 1,000 requests both answers are known to 97.9%, of 100% that are copied"
    assert awaited(Copies(979, 10, 11), 1.0) == text
    assert awaited(Copies(), 1.0) == ""
    assert awaited(Copies(100, 0, 900), 0.1) == ""  # nine of ten are not copied at all, and wait in vain
