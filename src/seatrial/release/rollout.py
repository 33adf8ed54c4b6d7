"""Bring environments to where they are to be: observe, decide, act, record, and again."""

from __future__ import annotations

import signal
import time
import traceback
from collections.abc import Callable
from functools import partial
from math import inf

from seatrial.errors import Problem
from seatrial.gateway import clusters
from seatrial.gateway.lease import Lease
from seatrial.journal import releases, servers
from seatrial.journal import traffic as traffic_seen
from seatrial.journal.releases import TAKING_BACK, UP, EnvironmentRow, ReleaseRow
from seatrial.release import (
    all_targets,
    analysis,
    decide,
    looks,
    measuring,
    probing,
    provisional,
    strata,
    traffic,
    trouble,
)
from seatrial.release.decide import Action, ByHand, Situation
from seatrial.release.strata import Gap
from seatrial.release.strategy import HOLD, MIRROR, ROUTE, thaw
from seatrial.release.target import Ground, Place, Target
from seatrial.system import clock

# No situation needs nearly as many actions at once; one that does must not keep the others waiting.
MOST_ACTIONS = 50
# Ends that say nothing about the model: somebody, or the system, ended the process.
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
FROM_OUTSIDE = (
    *(-number for number in SIGNALS),
    *(128 + number for number in SIGNALS),
)  # the latter: a shell's


def turn(ground: Ground) -> None:
    """One look at everything of the home; what was not done is done in a later turn."""
    journal = ground.yard.journal
    traffic.sync(ground)
    for row in releases.environments(journal):
        attempt(ground, row)
    known = [row for row in servers.live(journal) if row.revision]
    traffic.sync(ground)
    for name in all_targets.MODULES:
        all_targets.target(name).tend(ground, known)
    trouble.note(ground)


def attempt(ground: Ground, row: EnvironmentRow) -> None:
    """Look at one environment, and bring it to where it is to be.

    What goes wrong there keeps no other one waiting; and what cannot be seen does not keep a candidate from
    being taken back.
    """
    release = releases.unfinished(ground.yard.journal, row.project, row.name)
    wish = wished(row, release)
    tried(ground, (row.project, row.name, "drive"), wish, partial(renew, ground, release))
    tried(ground, (row.project, row.name, "look"), wish, partial(looks.look, ground, row))
    tried(ground, (row.project, row.name, "measure"), wish, partial(measuring.begin, ground, row))
    tried(ground, (row.project, row.name, "act"), wish, partial(go_on, ground, row))


def go_on(ground: Ground, row: EnvironmentRow) -> None:
    provisional.settle(ground.yard.journal, row)
    reconcile(ground, row)


def tried(ground: Ground, name: tuple[str, str, str], wish: tuple[str, ...], act: Callable[[], None]) -> None:
    """Do it, unless it has just failed; whatever it fails with is remembered."""
    before = ground.failures.get(name)
    if before and before.wish == wish and time.monotonic() < before.not_before:
        return
    try:
        act()
        ground.failures.pop(name, None)
    except (Problem, OSError) as error:
        ground.failures[name] = trouble.failed(before, wish, str(error))
    except Exception as error:  # noqa: BLE001 - a defect that one environment meets must not stop the others
        traceback.print_exc()
        text = f"this is a defect of seatrial: {type(error).__name__}: {error}"
        ground.failures[name] = trouble.failed(before, wish, text)


def wished(row: EnvironmentRow, release: ReleaseRow | None) -> tuple[str, ...]:
    """What a person wants of the environment; when it changes, nothing that failed waits any longer."""
    if release is None:
        return (row.desired,)
    said = [str(release.body.get(name, "")) for name in ("abort", "held", "go_on", "promoted")]
    return (row.desired, release.id, *said)


def renew(ground: Ground, release: ReleaseRow | None) -> None:
    """Renew the lease of a release whose candidate has requests; remember where it had lapsed.

    Before its traffic is looked at: what came in a gap is none of the candidate's.
    """
    if release is None or "served" not in release.body:
        return
    journal, known = ground.yard.journal, strata.gaps_of(release.body)
    with journal.change():
        seen = traffic_seen.driver_seen(journal, release.id)
        away = traffic_seen.renew_lease(journal, release.id)
        if away > decide.LEASE_SECONDS:
            releases.note(journal, release, away=away)
        found = strata.joined([*known, *gaps(ground.lease, seen, float(release.body["served"]))])
        if found != known:
            releases.note(journal, release, undriven=found)


def gaps(lease: Lease, seen: float | None, served: float) -> list[Gap]:
    """When a candidate that has requests since `served`, and was driven last at `seen`, may have had none.

    Its last driver may have died right then, and of ours the gateway learns when it asks the next time.
    """
    died = seen is not None and lease.begun - seen > clusters.LEASE_SECONDS
    before = [(seen, lease.begun + clusters.LEASE_SECONDS + 1.0)] if seen is not None and died else []
    return before + [(begin, end) for begin, end in lease.gaps() if end > served]


def is_idle(ground: Ground) -> bool:
    """Whether there is nothing to keep alive and nothing to do."""
    journal = ground.yard.journal
    rows = releases.environments(journal)
    busy = any(row.desired == UP and row.stable for row in rows)
    busy = busy or any(releases.unfinished(journal, row.project, row.name) for row in rows)
    return not busy and not any(row.revision for row in servers.live(journal))


def reconcile(ground: Ground, row: EnvironmentRow) -> None:
    """Act in one environment until there is nothing to do but wait."""
    for _ in range(MOST_ACTIONS):
        fresh = releases.environment(ground.yard.journal, row.project, row.name)
        assert fresh is not None
        place = Place(ground, fresh)
        release = releases.unfinished(ground.yard.journal, row.project, row.name)
        target = all_targets.target(fresh.target)
        action = decide.decide(situation(place, target, release))
        if action.do == decide.NOTHING:
            return
        act(place, target, release, action)
        if action.do == decide.RUN_PROBE:
            return  # it goes on beside this, and wakes us when it is over


def situation(place: Place, target: Target, release: ReleaseRow | None) -> Situation:
    """What is wanted, from the journal, and what is seen, from the target."""
    row = place.row
    seen = target.observe(place, release.revision if release else "", release.id if release else "")
    now = Situation(
        is_up=row.desired == UP,
        stable=row.stable,
        states=seen.states,
        weights=seen.weights,
        problem=seen.problem,
        asked=None if row.serving is None else row.weights,
        stuck=seen.stuck,
        is_refused=seen.is_refused,
        mirror=row.mirror,
    )
    if release is None:
        return now
    return now._replace(
        candidate=release.revision,
        steps=thaw(release.plan["steps"]),
        step=release.step,
        is_taken_back=release.status == TAKING_BACK,
        waited_seconds=clock.now() - float(release.body.get("entered", release.started)),
        abort=abort_reason(release),
        outlook=analysis.outlook_of(place.ground.yard.journal, release),
        by_hand=by_hand(release),
        seconds_left=seconds_left(release, clock.now()),
        on_deadline=str(release.plan.get("on_deadline", decide.ABORT)),
        is_late_said=bool(release.body.get("late")),
        away_seconds=float(release.body.get("away", 0.0)),
        is_probed=bool(release.body.get("probed")),
    )


def by_hand(release: ReleaseRow) -> ByHand:
    body = release.body
    return ByHand(bool(body.get("held")), body.get("go_on") == release.step, bool(body.get("promoted")))


def seconds_left(release: ReleaseRow, now: float) -> float:
    """Until the deadline, which runs from the candidate's first request."""
    within, served = release.plan.get("within"), release.body.get("served")
    return inf if within is None or served is None else float(served) + float(within) - now


def abort_reason(release: ReleaseRow) -> str:
    """Why, and by whom, a release is to be aborted; "" where nobody wants that."""
    why, by = str(release.body.get("abort", "")), str(release.body.get("aborted_by", ""))
    return f"{why} (by {by})" if why and by else why


def act(place: Place, target: Target, release: ReleaseRow | None, action: Action) -> None:
    """Do one thing; each may be repeated."""
    journal, row = place.ground.yard.journal, place.row
    if action.do == decide.START_REVISION:
        revision = releases.revision(journal, action.revision)
        assert revision is not None
        is_candidate = release is not None and release.revision == revision.id
        target.apply(place, revision, release.id if release and is_candidate else "")
    elif action.do == decide.REMOVE_REVISION:
        target.remove(place, action.revision)
    elif action.do == decide.SET_WEIGHTS:
        releases.record_weights(journal, row.project, row.name, dict(action.weights), dict(action.mirror))
        target.route(place, action.weights)
    elif release is not None and action.do == decide.RUN_PROBE:
        probing.start(place, release)
    elif release is not None:
        record(place, release, action)


def record(place: Place, release: ReleaseRow, action: Action) -> None:
    """The actions that change the release itself."""
    journal = place.ground.yard.journal
    if action.do == decide.ADVANCE:
        done, *after = release.plan["steps"][release.step :]
        served = done["kind"] in (ROUTE, MIRROR)
        told = asked_of_a_person(place.row) if after and after[0]["kind"] == HOLD else {}
        releases.advance(journal, release, release.step + 1, served=served, done=done, **told)
    elif action.do == decide.SAY_LATE:
        releases.say_late(journal, release, action.reason)
    elif action.do == decide.MAKE_STABLE:
        releases.promote(journal, release, provisional.until(journal, release))
        traffic_seen.end_lease(journal, release.id)
    elif action.do == decide.TAKE_BACK:
        releases.take_back(journal, release, reason=action.reason, aborted=action.aborted, cause=action.cause)
        quarantine_if_guilty(place, release, action)
    elif action.do == decide.CLOSE_FAILED:
        releases.fail(journal, release)


def asked_of_a_person(row: EnvironmentRow) -> dict[str, str]:
    """What whoever watches has to know where a person is waited for."""
    return {"waits_in": row.name, "preview": str(row.gateway.get("preview", ""))}


def quarantine_if_guilty(place: Place, release: ReleaseRow, action: Action) -> None:
    """A package that the evidence is against, or that ended by itself while it had requests, is put away.

    One that does not even start is only refused: its environment may be to blame. Nor is one that was killed
    from outside, or whose end we did not see.
    """
    journal = place.ground.yard.journal
    rows = servers.of_revision(journal, release.revision, limit=1)
    code = rows[0].body.get("exit") if rows else None
    has_ended = "served" in release.body and code is not None and code not in FROM_OUTSIDE
    if action.cause == decide.EVIDENCE or (has_ended and not action.aborted):
        revision = releases.revision(journal, release.revision)
        assert revision is not None
        releases.quarantine(
            journal, release.project, release.environment, revision.package, action.reason.splitlines()[0]
        )
