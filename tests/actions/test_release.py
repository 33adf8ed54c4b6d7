"""The stage that releases: against a real supervisor where something is to be live."""

import os

import pytest

from seatrial.actions import release as action
from seatrial.commit.change import Change
from seatrial.errors import BadInput, Refused
from seatrial.journal import releases, runs
from seatrial.pipeline.pipeline import EVALUATE, PACKAGE, RELEASE, Pipeline, Release, Stage
from seatrial.release import request as asking
from seatrial.release.request import Request
from seatrial.run.action import Context
from seatrial.run.outcome import CANCELLED, FAILED, SKIPPED, SUCCEEDED, Outcome
from seatrial.system.process import Identity
from seatrial.system.user import by_whom
from tests.release.conftest import site as site
from tests.release.site import NOWHERE, PATH, environment, get, port_of
from tests.release.test_admission import record

STAGE = Stage(
    "release", NOWHERE, action=RELEASE, options=Release("production"), needs=("evaluate", "package")
)
STAGES = (
    Stage("evaluate", NOWHERE, action=EVALUATE),
    Stage("package", NOWHERE, action=PACKAGE),
    Stage("other", NOWHERE, action=PACKAGE),
    STAGE,
)


def judged(verdict="pass", baselines=None):
    body = {**record(verdict), "baselines": baselines or {}, "accepted_by": ""}
    return Outcome(SUCCEEDED, body={"verdict": body, "record": "sha256:0"})


def context(site, place, word="one", *, verdict=None, cancelled=False, said=None, **change):
    made = Change("git", "/src", "c0ffee", "tree", "main", committed=1000.0, author="Ada")._replace(**change)
    outcomes = {
        "evaluate": verdict or judged(),
        "package": Outcome(SUCCEEDED, body={"package": site.package(word)}),
    }
    return Context(
        home=site.home,
        journal=site.store.journal,
        store=site.store,
        project="reviews",
        run="run-1",
        number=1,
        change=made,
        tree=(),
        pipeline=Pipeline("seatrial", "seatrial.yaml", stages=STAGES, environments=(place,)),
        outcomes=outcomes,
        host_env={"PATH": PATH},
        log=lambda _stage, text: (said if said is not None else []).append(text),
        is_cancelled=lambda: cancelled,
        tell=lambda _event: None,
    )


def test_it_is_never_restored(site):
    assert action.key(STAGE, context(site, environment())) is None


@pytest.mark.needs_envoy
@pytest.mark.slow
def test_it_releases_what_the_run_packaged_on_what_it_found_out(site):
    place, said = environment(from_=("main",)), []
    done = action.perform(STAGE, context(site, place, said=said))
    assert (done.status, done.body["revision"]) == (SUCCEEDED, "reviews/production/1")
    assert done.body["address"] == place.address
    assert get(port_of(place)).text == "one"
    assert any(b"is stable" in line for line in said)
    row = releases.release(site.store.journal, done.body["release"])
    assert row.body["by"] == by_whom(), "who asked, whoever has made the commit"
    assert [step["kind"] for step in row.plan["steps"]] == ["start", "route", "promote"], "nothing to stop"

    again = action.perform(STAGE, context(site, place))
    assert (again.status, again.message) == (SUCCEEDED, "reviews/production/1 is live already")

    site.down()
    assert action.perform(STAGE, context(site, place)).status == SUCCEEDED
    assert get(port_of(place)).text == "one", "performed again, what was down serves again"

    failed = action.perform(STAGE, context(site, place, "crash"))
    assert (failed.status, failed.exit_code) == (FAILED, 1)
    assert "weights.bin" in failed.message

    stale = judged(baselines={"production": site.package("zero")})
    with pytest.raises(Refused, match="is live in `production`"):
        action.perform(STAGE, context(site, place, "two", verdict=stale))
    fresh = judged(baselines={"production": site.package("one")})
    assert action.perform(STAGE, context(site, place, "two", verdict=fresh)).status == SUCCEEDED
    changed = place._replace(env=(("LOG", "debug"),))
    assert action.perform(STAGE, context(site, changed, "two", verdict=fresh)).status == SUCCEEDED
    assert "LOG=debug" in get(port_of(place), "/env").text

    detached = action.perform(STAGE, context(site, place, "three", cancelled=True))
    assert detached.status == CANCELLED
    site.down()


@pytest.mark.parametrize(
    ("change", "reason"),
    [({"branch": "feature"}, "takes main only"), ({"dirty": True}, "uncommitted edits")],
)
def test_a_run_that_may_not_release_ends_before_it(site, change, reason):
    done = action.perform(STAGE, context(site, environment(from_=("main",)), **change))
    assert done.status == SKIPPED
    assert reason in done.message
    assert site.supervisors() == []


def test_a_run_that_a_later_one_has_overtaken_ends_before_it(site):
    place, journal = environment(), site.store.journal
    start = runs.Start("reviews", "seatrial.yaml", "c" * 40, "main", "t", False, Identity(1, 1, "boot"))
    first, second = (runs.start(journal, start).id for _ in range(2))
    later = Request("reviews", place, site.package("two"), PATH, run=second)
    with journal.change():
        asked = asking.written(journal, later, *asking.served_by(site.store, later))
    releases.promote(journal, asked.release)
    done = action.perform(STAGE, context(site, place)._replace(run=first))
    assert done.status == SKIPPED
    assert "from run 2, which began later" in done.message
    assert site.stable() == asked.revision.id


def test_the_evidence_says_no(site):
    with pytest.raises(Refused, match="the verdict is fail"):
        action.perform(STAGE, context(site, environment(), verdict=judged("fail")))
    assert site.supervisors() == []


def test_evidence_is_that_of_all_evaluations_upstream_also_of_a_matrix(site):
    made = context(site, environment())
    outcomes = {
        "evaluate (3.11)": judged(baselines={"production": "a"}),
        "evaluate (3.12)": judged("inconclusive"),
        "package": made.outcomes["package"],
    }
    found = action.evidence_of(STAGE, made._replace(outcomes=outcomes))
    assert (found.verdict, found.baselines) == ("inconclusive", {"production": "a"})


def test_the_package_is_the_one_that_it_waits_for(site):
    made = context(site, environment())
    other = Outcome(SUCCEEDED, body={"package": site.package("other")})
    both = made._replace(outcomes={**made.outcomes, "other": other})
    assert action.package_of(STAGE, both) == site.package("one")
    alone = STAGE._replace(needs=())
    unneeding = both._replace(pipeline=both.pipeline._replace(stages=(*STAGES[:3], alone)))
    with pytest.raises(BadInput, match="2 packages to release"):
        action.package_of(alone, unneeding)
    assert action.package_of(alone, unneeding._replace(outcomes={"other": other})) == site.package("other")


def test_a_missing_secret_and_an_unknown_environment_are_errors_before_anything_starts(site):
    with pytest.raises(BadInput, match="KEY"):
        action.perform(STAGE, context(site, environment(secrets=("KEY",))))
    with pytest.raises(BadInput, match="no environment `production`"):
        action.perform(STAGE, context(site, environment(name="staging")))
    assert asking.releases.environments(site.store.journal) == []
    assert "KEY" not in os.environ
