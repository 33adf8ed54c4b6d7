"""Labels that come late: they take a promotion back, confirm it, or leave it unproven."""

from __future__ import annotations

import os
import signal
import time

import pytest

from seatrial.journal import labels, releases
from seatrial.journal.labels import Label
from seatrial.pipeline.pipeline import Gate, Predictions
from seatrial.release import request as asking
from seatrial.release import see, status, wake
from tests.cli.terminal import seatrial
from tests.release.canaries import ERRORS, canary, load
from tests.release.site import NOWHERE, Site, environment, eventually, get, port_of

pytestmark = [pytest.mark.needs_envoy, pytest.mark.slow]
PLACE = ("reviews", "production")


def labelled(mature: float, *gates: Gate):
    return canary("50%,hold", gates=gates, mature_after_seconds=mature, predictions=Predictions())


def asked(place, first: int, number: int) -> None:
    """Requests whose ids and truths are known, and what fails of them is not."""
    for one in range(first, first + number):
        get(port_of(place), f"/{one % 10}", {"x-request-id": f"r-{one}"})


def tell(site: Site, first: int, number: int) -> dict[str, int]:
    """The labels of those requests."""
    with site.store.journal.change():
        found = labels.add_labels(
            site.store.journal,
            *PLACE,
            [Label(f"r-{one}", time.time(), str(one % 10)) for one in range(first, first + number)],
        )
    wake.nudge(site.home)
    return found


def released(site: Site, word: str, place, number: int = 600):
    """A canary that gets requests with known ids while it is judged."""
    site.release("word-0", place)
    begun = site.ask(word, place).release
    with load(place):
        eventually(lambda: served(site, begun.id))
        time.sleep(3)  # the warm-up, and the blur after the change of weights
        asked(place, 0, number)
        return promoted(site, begun.id)


def promoted(site: Site, release: str):
    """Let it go on from its hold, as soon as it is there."""
    eventually(lambda: releases.release(site.store.journal, release).step >= 3)
    asking.request_promotion(site.home, site.store.journal, *PLACE)
    return site.watch(release)


def served(site: Site, release: str) -> bool:
    row = releases.release(site.store.journal, release)
    return row is not None and "served" in row.body


def outcome(site: Site, release: str) -> str:
    row = releases.release(site.store.journal, release)
    return str(row.body.get("settled", "")) if row else ""


ACCURACY = Gate("accuracy >= stable - 0.1", NOWHERE)


def test_late_labels_take_a_bad_model_back(site):
    place = labelled(3600.0, Gate("error_rate <= stable + 0.2pp", NOWHERE), ACCURACY)
    release = released(site, "wrong-40", place)
    assert release.status == releases.SUCCEEDED
    assert "provisional_until" in release.body
    assert site.stable() == release.revision
    (supervisor,) = site.supervisors()
    os.kill(supervisor, signal.SIGKILL)
    eventually(lambda: not status.driver(site.home).is_alive)
    row = releases.environment(site.store.journal, *PLACE)
    assert see.watched(site.store.journal, row, status.driver(site.home)).provisional.undriven
    file = site.home / "fall.csv"
    file.write_text("id,label\n" + "".join(f"r-{one},{one % 10}\n" for one in range(600)))
    assert seatrial("labels", "add", str(file), "--project", "reviews", folder=site.home).code == 0
    eventually(lambda: outcome(site, release.id) == "taken back")  # `labels add` has woken another one
    eventually(lambda: site.stable() == release.previous)
    revision = releases.revision(site.store.journal, release.revision)
    reason = releases.quarantined(site.store.journal, *PLACE, revision.package)
    assert reason.startswith("accuracy >= stable - 0.1")
    back = releases.releases(site.store.journal, *PLACE)[-1]
    assert (back.kind, back.body["by"], back.body["why"]) == ("rollback", "the gates", reason)


def test_labels_in_time_confirm_a_good_model_and_none_leave_it_unproven(site):
    errors = Gate("error_rate <= stable + 0.2pp", NOWHERE)
    place = labelled(30.0, errors, ACCURACY)
    release = released(site, "word-1", place)
    tell(site, 0, 600)
    eventually(lambda: outcome(site, release.id))
    assert outcome(site, release.id) == "confirmed"
    place = labelled(1.0, errors, ACCURACY)._replace(address=place.address)
    second = site.ask("word-2", place).release
    with load(place):
        assert promoted(site, second.id).status == releases.SUCCEEDED
    eventually(lambda: outcome(site, second.id))
    assert outcome(site, second.id) == "unproven"
    assert site.stable() == second.revision


def test_without_mature_after_a_promotion_waits_for_its_labels(site):
    few = Gate("error_rate <= stable + 10pp", NOWHERE)
    place = canary("50%", gates=(few, ACCURACY), predictions=Predictions())
    site.release("word-0", place)
    begun = site.ask("word-1", place).release
    eventually(lambda: served(site, begun.id))
    time.sleep(3)
    asked(place, 0, 600)
    assert releases.release(site.store.journal, begun.id).finished is None
    tell(site, 0, 600)
    assert site.watch(begun.id).status == releases.SUCCEEDED


def test_who_takes_predictions_off_keeps_none(site):
    place = labelled(4.0, ERRORS)
    site.release("word-0", place)
    row = releases.environment(site.store.journal, *PLACE)
    assert row.gateway["predictions"]["source"] == "header"
    site.ask("word-0", environment(address=place.address))
    site.release("word-1", environment()._replace(address=place.address))
    assert not releases.environment(site.store.journal, *PLACE).gateway.get("predictions")
