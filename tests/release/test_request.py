"""What is asked for in vain changes nothing and starts nobody."""

import pytest

from seatrial.errors import BadInput, Refused
from seatrial.journal import releases, runs
from seatrial.package import build
from seatrial.package.contents import WEIGHT, PackageContents, PackagedFile
from seatrial.release import request as asking
from seatrial.release.address import address_of
from seatrial.release.request import Outdated, Request, UnderWay
from seatrial.release.targets import process
from seatrial.store import blobs
from seatrial.system.process import Identity
from tests.release.site import PATH, environment

START = runs.Start("reviews", "seatrial.yaml", "c" * 40, "main", "t", False, Identity(1, 1, "boot"))

PLAN = {"steps": []}


def test_nothing_is_brought_up_where_a_part_is_missing(site, journal, past, monkeypatch):
    monkeypatch.setattr(process, "problem", lambda: "there is no engine here")
    with pytest.raises(BadInput, match="there is no engine here"):
        asking.request_up(site.home, journal, "reviews", "production")


@pytest.mark.parametrize("is_begun", [False, True])
def test_what_is_being_taken_back_is_neither_promoted_nor_held(site, journal, past, is_begun):
    where = ("reviews", "production")
    with journal.change():
        revision = releases.revision(journal, "reviews/production/4")
        release = releases.add_release(journal, revision, previous="", kind="release", plan=PLAN, body={})
    releases.ask_abort(journal, release, "wrong data", "ann")
    if is_begun:
        releases.take_back(journal, release, reason="wrong data (by ann)", aborted=True)
    for ask in (asking.request_promotion, asking.request_hold):
        with pytest.raises(Refused, match=r"is being taken back: wrong data \(by ann\)"):
            ask(site.home, journal, *where, why="good enough")
    known = releases.unfinished(journal, *where)
    assert known.body["abort"] == "wrong data"
    assert "promoted" not in known.body


def test_what_cannot_be_done_is_an_error(site, journal, past):
    with pytest.raises(BadInput, match="no environment `staging`") as caught:
        asking.request_rollback(site.home, journal, "reviews", "staging")
    assert "production" in caught.value.hint
    with pytest.raises(BadInput, match="no release is under way"):
        asking.request_abort(site.home, journal, "reviews", "production", "")
    with pytest.raises(BadInput, match="no environment"):
        asking.request_up(site.home, journal, "other", "production")
    revision = releases.revision(journal, "reviews/production/1")
    with journal.change():
        releases.add_release(journal, revision, previous="", kind="release", plan={"steps": []}, body={})
    with pytest.raises(UnderWay, match="is under way in reviews/production"):
        asking.request_rollback(site.home, journal, "reviews", "production")
    assert site.supervisors() == []


def test_a_package_that_serves_nothing_is_refused(site):
    content = b"weights"
    file = PackagedFile("model.txt", blobs.add_bytes(site.store, content), len(content), False, WEIGHT)
    package = build.build(site.store, PackageContents("model.txt", (file,)))
    with pytest.raises(BadInput, match="no command that serves"):
        asking.request_release(site.home, site.store, Request("reviews", environment(), package, PATH))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"strategy": "teleport"}, "no strategy `teleport`"),
        ({"target": "moon"}, "no target `moon`"),
        ({"strategy_options": (("bake", "soon"),)}, "not a duration"),
        ({"address": "nowhere"}, "not an address"),
        ({"name": "a/b"}, "has a `/` in its name"),
    ],
)
def test_bad_input_leaves_nothing_behind(site, change, message):
    place = environment()._replace(**change)
    with pytest.raises(BadInput, match=message):
        site.ask("one", place)
    with pytest.raises(BadInput, match=message):
        asking.try_release(site.store, Request("reviews", place, site.package("one"), PATH))
    assert releases.environments(site.store.journal) == []
    assert site.store.journal.events() == []
    assert site.supervisors() == []


def test_what_is_only_tried_says_what_would_be_and_changes_nothing(site, journal):
    place = environment()
    request = Request("reviews", place, site.package("one"), PATH)
    tried = asking.try_release(site.store, request)
    assert (tried.revision.id, tried.release.kind) == ("reviews/production/1", "release")
    assert releases.revision(journal, tried.revision.id) is None
    assert releases.environments(journal) == []
    assert journal.events() == []
    with journal.change():
        asked = asking.written(journal, request, *asking.served_by(site.store, request))
    assert asking.try_release(site.store, request) == asked, "it is on its way"
    with pytest.raises(UnderWay):
        asking.try_release(site.store, request._replace(package=site.package("two")))
    releases.promote(journal, asked.release)
    assert asking.try_release(site.store, request) == asked._replace(release=None), "it is live"
    releases.quarantine(journal, "reviews", "production", site.package("two"), "it crashed")
    other = request._replace(package=site.package("two"))
    with pytest.raises(Refused, match="in quarantine"):
        asking.try_release(site.store, other)
    assert asking.try_release(site.store, other._replace(lift_quarantine="tried again")).release
    assert releases.quarantined(journal, "reviews", "production", other.package)
    assert site.supervisors() == []


def test_an_environment_without_an_address_keeps_the_one_that_it_gets(journal, past):
    place = environment()._replace(address="")
    first = address_of(journal, place, None)
    assert first.startswith("127.0.0.1:")
    assert address_of(journal, place, past) == "127.0.0.1:1"


def test_the_last_run_that_began_is_the_last_one_to_be_live(site, journal):
    place = environment()
    first, second, third = (runs.start(journal, START).id for _ in range(3))

    def ask(word, run):
        request = Request("reviews", place, site.package(word), PATH, run=run)
        with journal.change():
            return asking.written(journal, request, *asking.served_by(site.store, request))

    releases.promote(journal, ask("two", second).release)
    with pytest.raises(Outdated, match=r"reviews/production/1 is live, from run 2, which began later"):
        ask("one", first)
    assert ask("two", first).release is None, "what is live is no step back"
    releases.promote(journal, ask("three", third).release)
    again = runs.start(journal, START).id
    releases.promote(journal, ask("one", again).release)
    with pytest.raises(Outdated):
        ask("three", third)
    assert ask("by hand", "").release is not None
