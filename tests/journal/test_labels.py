"""Labels find their predictions: once, whichever comes first, in whatever pieces they come."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.journal import label_figures, labels
from seatrial.journal.journal import Journal, open_nothing
from seatrial.journal.labels import Label, Prediction
from tests.properties import examples

PLACE = ("reviews", "production")


def predict(journal: Journal, *predictions: Prediction) -> int:
    with journal.change():
        return labels.add_predictions(journal, *PLACE, predictions)


def label(journal: Journal, *given: Label) -> dict[str, int]:
    """How many became what, those of which there are any."""
    with journal.change():
        found = labels.add_labels(journal, *PLACE, given)
    return {outcome: count for outcome, count in found.items() if count}


def said(request: str, value: str = "a", revision: str = "r/1", at: float = 10.0) -> Prediction:
    return Prediction(request, at, revision, value, "u")


def pairs(journal: Journal) -> list[tuple[str, str, str, str]]:
    return [(p.request, p.revision, p.prediction, p.label) for p in labels.pairs(journal, *PLACE)]


def test_a_label_is_joined_with_the_prediction_of_its_request(journal: Journal) -> None:
    assert predict(journal, said("1", "a"), said("2", "b", "r/2")) == 0
    assert label(journal, Label("2", 20.0, "a"), Label("1", 20.0, "a")) == {"joined": 2}
    found = labels.pairs(journal, *PLACE)
    assert pairs(journal) == [("2", "r/2", "b", "a"), ("1", "r/1", "a", "a")], "in the order of completion"
    assert (found[0].predicted_at, found[0].unit) == (10.0, "u")
    assert labels.last_pair(journal, *PLACE) == found[1].sequence


def test_an_early_label_waits_for_its_prediction(journal: Journal) -> None:
    assert label(journal, Label("1", 5.0, "a"), Label("strange", 5.0, "a")) == {"waiting": 2}
    assert label_figures.waiting(journal, *PLACE) == 2
    assert predict(journal, said("1")) == 1
    assert pairs(journal) == [("1", "r/1", "a", "a")]
    assert label_figures.waiting(journal, *PLACE) == 1


def test_the_first_label_of_a_request_counts(journal: Journal) -> None:
    predict(journal, said("1"))
    given = [Label("1", 1.0, "a"), Label("1", 2.0, "a"), Label("1", 3.0, "b")]
    assert label(journal, *given) == {"joined": 1, "repeated": 1, "contradicting": 1}
    assert label(journal, *reversed(given)) == {"repeated": 2, "contradicting": 1}
    assert pairs(journal) == [("1", "r/1", "a", "a")]


def test_the_first_prediction_of_a_request_counts(journal: Journal) -> None:
    predict(journal, said("1", "a"), said("1", "b"))
    predict(journal, said("1", "c", "r/2"))
    label(journal, Label("1", 1.0, "a"))
    assert pairs(journal) == [("1", "r/1", "a", "a")]


def test_a_label_may_say_what_was_predicted(journal: Journal) -> None:
    predict(journal, said("1", ""), said("2", ""))
    assert label(journal, Label("1", 1.0, "a", "b"), Label("2", 1.0, "a")) == {"joined": 1, "waiting": 1}
    assert pairs(journal) == [("1", "r/1", "b", "a")], "the log still says who it was"


def test_of_what_both_say_the_log_is_the_witness(journal: Journal) -> None:
    predict(journal, said("1", "a"))
    label(journal, Label("1", 1.0, "a", "b", "r/9"))
    assert pairs(journal) == [("1", "r/1", "a", "a")]


def test_a_whole_label_waits_for_nothing(journal: Journal) -> None:
    assert label(journal, Label("1", 30.0, "a", "b", "r/2", 20.0)) == {"joined": 1}
    assert predict(journal, said("1", "c")) == 0, "a prediction that comes later doubles nothing"
    assert pairs(journal) == [("1", "r/2", "b", "a")]
    assert labels.pairs(journal, *PLACE)[0].predicted_at == 20.0


def test_a_repeated_label_with_another_prediction_contradicts(journal: Journal) -> None:
    label(journal, Label("1", 1.0, "a", "b"))
    assert label(journal, Label("1", 1.0, "a", "c")) == {"contradicting": 1}
    assert label(journal, Label("1", 1.0, "a")) == {"repeated": 1}


def test_a_correction_stands_in_the_place_of_the_first_and_keeps_its_number(journal: Journal) -> None:
    predict(journal, said("1", "a"), said("2", "a"), said("3", "a"))
    label(journal, Label("1", 20.0, "a"), Label("2", 20.0, "a"), Label("early", 20.0, "a"))
    before = labels.pairs(journal, *PLACE)
    given = [("1", "b"), ("2", "a"), ("3", "b"), ("early", "b"), ("1", "c")]
    with journal.change():
        found = labels.correct_labels(
            journal,
            *PLACE,
            (Label(request, 30.0, value) for request, value in given),
            why="a row off",
            by="ann",
        )
    assert found == {"corrected": 2, "joined": 1, "waiting": 0, "repeated": 1, "contradicting": 1}
    assert pairs(journal) == [("1", "r/1", "a", "b"), ("2", "r/1", "a", "a"), ("3", "r/1", "a", "b")]
    assert [one.sequence for one in labels.pairs(journal, *PLACE)][:2] == [one.sequence for one in before]
    predict(journal, said("early", "a"))
    assert pairs(journal)[-1] == ("early", "r/1", "a", "b")
    [event] = [one for one in journal.events() if one.kind == labels.CORRECTION]
    assert event.body == {"corrected": 2, "why": "a row off", "by": "ann"}
    assert label_figures.figures(journal, *PLACE).corrected == 2


def test_what_was_predicted_is_never_corrected(journal: Journal) -> None:
    label(journal, Label("1", 20.0, "a", "x"))
    with journal.change():
        given = [Label("1", 30.0, "b", "y")]
        found = labels.correct_labels(journal, *PLACE, given, why="a row off", by="ann")
    assert (found["corrected"], found["contradicting"]) == (0, 1)
    assert not [one for one in journal.events() if one.kind == labels.CORRECTION]


def test_other_environments_keep_their_labels(journal: Journal) -> None:
    with journal.change():
        labels.add_predictions(journal, "reviews", "staging", [said("1", "a")])
        labels.add_labels(journal, "reviews", "staging", [Label("1", 20.0, "a")])
        labels.add_labels(journal, *PLACE, [Label("1", 20.0, "a")])
        labels.correct_labels(journal, *PLACE, [Label("1", 30.0, "b")], why="a row off", by="ann")
    assert [one.label for one in labels.pairs(journal, "reviews", "staging")] == ["a"]


def test_the_last_pairs_of_a_revision_are_looked_for_among_the_last_of_all(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(labels, "_LOOKED_THROUGH", 50)
    predict(journal, *(said(str(one), revision=f"r/{one % 10}") for one in range(100)))
    label(journal, *(Label(str(one), 20.0, "a") for one in range(100)))
    last = labels.last_pair(journal, *PLACE)

    def found(until: int, limit: int = 100) -> list[str]:
        return [one.request for one in labels.latest(journal, *PLACE, "r/3", until=until, limit=limit)]

    assert found(last) == ["93", "83", "73", "63", "53"], "the newest, and none that is too old"
    assert found(last, limit=2) == ["93", "83"]
    assert found(last - 10) == ["83", "73", "63", "53", "43"]


def test_environments_do_not_mix(journal: Journal) -> None:
    predict(journal, said("1"))
    with journal.change():
        labels.add_labels(journal, "reviews", "staging", [Label("1", 1.0, "a")])
    assert pairs(journal) == []
    assert labels.last_pair(journal, *PLACE) == 0


def test_what_became_of_labels_is_told(journal: Journal) -> None:
    label(journal, Label("1", 1.0, "a"), Label("1", 1.0, "b"))
    predict(journal, said("1"))
    predict(journal, said("2"))
    events = [(event.kind, event.body) for event in journal.events(subject="reviews/production")]
    assert events == [
        (labels.GIVEN, {"joined": 0, "waiting": 1, "repeated": 0, "contradicting": 1}),
        (labels.MATCHED, {"joined": 1}),
    ]


def test_nothing_given_tells_nothing(journal: Journal) -> None:
    assert label(journal) == {}
    assert predict(journal) == 0
    assert journal.events() == []


def test_a_request_that_dies_leaves_nothing(journal: Journal) -> None:
    def dying():
        yield Label("1", 1.0, "a")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), journal.change():
        labels.add_labels(journal, *PLACE, [Label("0", 1.0, "a")])
        labels.add_labels(journal, *PLACE, dying())
    assert label(journal, Label("0", 1.0, "a"), Label("1", 1.0, "a")) == {"waiting": 2}


def test_what_is_old_is_forgotten_a_part_at_a_time(journal: Journal) -> None:
    predict(journal, *(said(str(number), at=float(number)) for number in range(10)))
    label(journal, *(Label(str(number), float(number), "a") for number in range(10)))
    assert labels.is_any_older(journal, *PLACE, 5.0)
    assert not labels.is_any_older(journal, *PLACE, 0.0)
    gone = []
    while labels.is_any_older(journal, *PLACE, 5.0):
        with journal.change():
            gone.append(labels.forget(journal, *PLACE, 5.0, most=4))
        left = {pair[0] for pair in pairs(journal)}
        label(journal, *(Label(str(number), 20.0, "a") for number in range(10)))
        assert {pair[0] for pair in pairs(journal)} <= left, "what was half forgotten comes to no new pair"
    assert gone == [4, 4, 4, 3]
    assert {pair[0] for pair in pairs(journal)} == {"5", "6", "7", "8", "9"}


def test_figures_count_by_revision(journal: Journal) -> None:
    predict(journal, *(said(str(n), "a", f"r/{10 if n % 2 else 9}") for n in range(8)))
    label(journal, Label("0", 30.0, "a"), Label("1", 50.0, "b"), Label("2", 20.0, "b"), Label("x", 1.0, "a"))
    label(journal, Label("0", 30.0, "a"), Label("1", 50.0, "a"))
    found = label_figures.figures(journal, *PLACE)
    assert (found.predictions, found.labels, found.pairs, found.waiting) == (8, 4, 3, 1)
    assert (found.repeated, found.contradicting) == (1, 1)
    assert found.delay_seconds == 20.0, "of 10, 20 and 40"
    assert found.revisions == (
        label_figures.OfRevision("r/9", 4, 2, 2, 0.5, None),
        label_figures.OfRevision("r/10", 4, 1, 1, 0.0, None),
    )


def test_figures_of_numbers_are_errors(journal: Journal) -> None:
    predict(journal, said("1", "1.5"), said("2", "-2"), said("3", "7", "r/2"), said("4", "1.5x", "r/3"))
    label(journal, Label("1", 1.0, "2"), Label("2", 1.0, "1"), Label("3", 1.0, "8"), Label("4", 1.0, "2.5"))
    rates = [
        (one.accuracy, one.mean_absolute_error) for one in label_figures.figures(journal, *PLACE).revisions
    ]
    assert rates == [(None, 1.75), (0.0, None), (0.0, None)], "whole numbers may be classes"


def test_figures_of_nothing(journal: Journal) -> None:
    assert label_figures.figures(journal, *PLACE) == label_figures.Figures(0, 0, 0, 0, 0, 0, 0, None, (), ())


REQUESTS = st.sampled_from("12345")
VALUES = st.sampled_from("ab")
PREDICTED = st.builds(
    Prediction, REQUESTS, st.just(10.0), st.sampled_from(["r/1", "r/2"]), st.sampled_from(["a", "b", ""])
)
WHOLE = st.tuples(st.sampled_from(["", "r/1"]), st.sampled_from([0.0, 5.0]))
LABELLED = st.builds(
    lambda request, value, prediction, rest: Label(request, 20.0, value, prediction, *rest),
    REQUESTS, VALUES, st.sampled_from(["", "a", "b"]), WHOLE,
)  # fmt: skip


def outcome_of(pieces: list[list[Prediction] | list[Label]]) -> set[tuple[object, ...]]:
    """The pairs after pieces have come one after the other."""
    journal = open_nothing()
    for piece in pieces:
        with journal.change():
            if piece and isinstance(piece[0], Label):
                labels.add_labels(journal, *PLACE, piece)  # type: ignore[arg-type]
            else:
                labels.add_predictions(journal, *PLACE, piece)  # type: ignore[arg-type]
    found = labels.pairs(journal, *PLACE)
    waiting = label_figures.waiting(journal, *PLACE)
    known = label_figures.figures(journal, *PLACE).labels
    journal.close()
    assert len({pair.request for pair in found}) == len(found), "a request has one pair"
    assert waiting == known - len(found)
    return {tuple(pair[1:]) for pair in found}


@examples(60)
@given(st.lists(PREDICTED, max_size=8), st.lists(LABELLED, max_size=8), st.data())
def test_any_order_of_arrival_gives_the_same_pairs(
    predictions: list[Prediction], given_labels: list[Label], data: st.DataObject
) -> None:
    """Only among the labels of a request, and among its predictions, does the first one count."""
    alone: list[list[Prediction] | list[Label]] = [[one] for one in predictions]
    others: list[list[Prediction] | list[Label]] = [[one] for one in given_labels]
    mixed = []
    while alone or others:
        first = data.draw(st.booleans()) if alone and others else bool(alone)
        mixed.append((alone if first else others).pop(0))
    again = data.draw(st.permutations(mixed))  # what came once comes once more, in any order
    expected = outcome_of([predictions, given_labels])
    assert outcome_of([given_labels, predictions]) == expected
    assert outcome_of([*mixed, *again]) == expected
    assert {pair[0] for pair in expected} == should_be_joined(predictions, given_labels)


def should_be_joined(predictions: list[Prediction], given_labels: list[Label]) -> set[str]:
    joined = set()
    for request in {one.request for one in given_labels}:
        first = next(one for one in given_labels if one.request == request)
        seen = next((one for one in predictions if one.request == request), None)
        is_whole = first.prediction and first.revision and first.predicted_at
        if is_whole or (seen and (seen.value or first.prediction)):
            joined.add(request)
    return joined


@pytest.mark.slow
def test_a_hundred_thousand_labels_are_no_matter(journal: Journal) -> None:
    """Not a timed test: one look-up too many a label would take minutes."""
    n = 100_000
    predict(journal, *(said(f"{number:032x}", str(number % 3)) for number in range(n)))
    assert label(journal, *(Label(f"{number:032x}", 20.0, "1") for number in range(n))) == {"joined": n}
    [only] = label_figures.figures(journal, *PLACE).revisions
    assert (only.labelled, only.accuracy) == (n, pytest.approx(1 / 3, abs=1e-4))


def test_the_last_corrections_are_shown_those_of_one_reason_as_one(journal: Journal) -> None:
    def correct(request: str, value: str, why: str) -> None:
        label = labels.Label(request, 10.0, value)
        with journal.change():
            labels.correct_labels(journal, *PLACE, [label], why=why, by="ann")

    with journal.change():
        labels.add_labels(journal, *PLACE, [labels.Label(str(n), 10.0, "a") for n in range(9)])
    for number, why in enumerate(("before", "row", "row", "unit", "a", "b", "c")):
        correct(str(number), "b", why)
    found = label_figures.figures(journal, *PLACE).corrections
    assert [(one.labels, one.why, one.by) for one in found] == [
        (2, "row", "ann"), (1, "unit", "ann"), (1, "a", "ann"), (1, "b", "ann"), (1, "c", "ann"),
    ]  # fmt: skip
