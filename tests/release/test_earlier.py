"""A rollback goes back: to what was live before, and never by itself to what was fled."""

import pytest

from seatrial.errors import BadInput, Refused
from seatrial.journal import releases
from seatrial.release.earlier import earlier


def live_again(journal, number: int):
    with journal.change():
        to = releases.revision(journal, f"reviews/production/{number}")
        stable = releases.environment(journal, "reviews", "production").stable
        release = releases.add_release(
            journal, to, previous=stable, kind="rollback", plan={"steps": []}, body={}
        )
    releases.promote(journal, release)
    return releases.environment(journal, "reviews", "production")


def test_a_rollback_goes_to_what_was_live_before(journal, past):
    assert earlier(journal, past, "").number == 2
    assert earlier(journal, past, "1").number == 1
    assert earlier(journal, past, "reviews/production/1").number == 1
    releases.quarantine(journal, "reviews", "production", "p2", "it crashed")
    assert earlier(journal, past, "").number == 1


@pytest.mark.parametrize("to", ["4", "9", "reviews/staging/1", "one"])
def test_a_rollback_goes_nowhere_that_was_never_live(journal, past, to):
    with pytest.raises(BadInput, match="was never live") as caught:
        earlier(journal, past, to)
    assert caught.value.hint == "those that were: 3, 2, 1"


def test_a_rollback_does_not_go_into_quarantine(journal, past):
    releases.quarantine(journal, "reviews", "production", "p1", "it crashed")
    with pytest.raises(Refused, match="in quarantine: it crashed"):
        earlier(journal, past, "1")


def test_the_next_rollback_goes_further_back_not_to_what_was_fled(journal, past):
    assert earlier(journal, live_again(journal, 2), "").number == 1
    row = live_again(journal, 1)
    with pytest.raises(BadInput, match="no earlier revision to go back to") as caught:
        earlier(journal, row, "")
    assert caught.value.hint == "a rollback has left 2, 3; name the one that you want: --to NUMBER"
    assert earlier(journal, row, "3").number == 3


def test_what_was_fled_and_is_called_back_by_name_stands_again(journal, past):
    live_again(journal, 1)
    assert earlier(journal, live_again(journal, 3), "").number == 1
