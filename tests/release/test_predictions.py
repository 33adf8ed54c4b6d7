"""What is kept of live answers: a sample, masked, for a while, and never more than was asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.gateway import secret_values
from seatrial.journal import label_figures, labels
from seatrial.journal.journal import Journal
from seatrial.journal.labels import Label
from seatrial.pipeline.pipeline import Predictions
from seatrial.release import predictions
from tests.release.labelled import NAME, PROJECT, answer, environment


def plain(text: str) -> str:
    return text


def kept(rules: Predictions, *lines, mask=plain) -> list[tuple[str, str]]:
    return [(one.request, one.value) for one in predictions.kept(rules, lines, mask)]


def test_a_prediction_is_kept_as_the_answer_said_it():
    [one] = predictions.kept(Predictions(), [answer("r", "1.0", revision=2, at=7, unit="Ada")], plain)
    assert (one.request, one.at, one.revision, one.value) == ("r", 7.0, "reviews/production/2", "1")
    assert one.unit
    assert "Ada" not in one.unit


@pytest.mark.parametrize(
    "line",
    [
        answer("r", ""),
        answer("", "a"),
        answer("r", revision=1)._replace(revision=""),
        answer("r", failed=True),
    ],
)
def test_what_is_no_prediction_is_not_kept(line):
    assert kept(Predictions(), line) == []


def test_where_labels_say_it_who_answered_is_kept():
    rules = Predictions(source="labels")
    assert kept(rules, answer("1", ""), answer("2", "a"), answer("3", failed=True)) == [("1", ""), ("2", "")]


def test_the_sample_depends_on_the_id_alone():
    """So both revisions are sampled alike, whoever asks and whenever."""
    ids = [f"{number:08x}-4f2a" for number in range(4000)]
    one = {name for name, _ in kept(Predictions(sample=0.25), *(answer(name) for name in ids))}
    other = {
        name
        for name, _ in kept(Predictions(sample=0.25), *(answer(name, revision=2) for name in reversed(ids)))
    }
    assert one == other
    assert 890 < len(one) < 1110, "four standard deviations around 1,000"
    larger = {name for name, _ in kept(Predictions(sample=0.5), *(answer(name) for name in ids))}
    assert one < larger, "whoever keeps more keeps what he had"


def test_masked_is_what_the_environment_and_its_secrets_say(journal: Journal, home: Path):
    row = environment(journal, mask=(r"\d{4,}", "(?i)ada"))
    secret_values.keep(home, PROJECT, NAME, {"KEY": "s3cr3t-value"})
    mask = predictions.mask(predictions.policy(row), predictions.hidden(home, row))
    assert mask("Ada 12345 s3cr3t-value b 123") == "*** *** *** b 123"


def test_without_secrets_there_is_nothing_to_hide(journal: Journal, home: Path):
    assert predictions.hidden(home, environment(journal)) == ()


def test_a_look_keeps_predictions_and_joins_what_waited(journal: Journal):
    row = environment(journal, mask=("secret",))
    with journal.change():
        labels.add_labels(journal, PROJECT, NAME, [Label("1", 1.0, "a ***")])
        assert predictions.keep(journal, row, [answer("1", "a secret"), answer("2")]) == 1
    [pair] = labels.pairs(journal, PROJECT, NAME)
    assert (pair.prediction, pair.label) == ("a ***", "a ***")


def test_an_environment_without_predictions_keeps_none(journal: Journal):
    row = environment(journal, None)
    assert predictions.policy(row) is None
    with journal.change():
        assert predictions.keep(journal, row, [answer("1")]) == 0
    assert label_figures.figures(journal, PROJECT, NAME).predictions == 0


def test_predictions_taken_out_of_the_file_are_off(journal: Journal):
    environment(journal)
    assert predictions.policy(environment(journal, None)) is None
    assert predictions.policy(environment(journal, sample=0.5)) == Predictions(sample=0.5)


def test_what_is_older_than_it_is_kept_is_forgotten(journal: Journal):
    row = environment(journal, keep_seconds=100.0)
    with journal.change():
        predictions.keep(journal, row, [answer("old", at=10), answer("new", at=60)])
    assert predictions.forget(journal, row, 110.0) == 0, "just so old is not older"
    assert predictions.forget(journal, row, 120.0) == 1
    assert predictions.forget(journal, row, 120.0) == 0
    with journal.change():
        labels.add_labels(journal, PROJECT, NAME, [Label("old", 130.0, "a"), Label("new", 130.0, "a")])
    assert [pair.request for pair in labels.pairs(journal, PROJECT, NAME)] == ["new"]
