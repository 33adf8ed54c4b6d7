"""Revisions as processes of this machine, behind Envoy."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence

from seatrial.errors import Infrastructure
from seatrial.gateway import lifecycle, ports
from seatrial.gateway import servers as processes
from seatrial.gateway.lifecycle import Serving
from seatrial.journal import releases, servers
from seatrial.journal.releases import RevisionRow
from seatrial.journal.servers import ServerRow
from seatrial.release import traffic
from seatrial.release.decide import ABSENT, BROKEN, LEAVING, READY, STARTING, State
from seatrial.release.strategy import MIRROR, SWITCH, WEIGHT
from seatrial.release.target import Ground, Observation, Place
from seatrial.system import clock

NAME = "process"
CAN = frozenset({WEIGHT, SWITCH, MIRROR})

# A server that lived for longer than this was no failed start.
STEADY_SECONDS = 30.0
LONGEST_BACKOFF_SECONDS = 60.0


def problem() -> str:
    if not sys.platform.startswith("linux"):
        return "the target process runs on Linux only"
    from seatrial.clients import envoy

    envoy.binary()
    return ""


def observe(place: Place, candidate: str, release: str) -> Observation:
    """The states of all revisions that have servers, and of the stable one and the candidate."""
    journal = place.ground.yard.journal
    own = f"{place.row.project}/{place.row.name}"
    names = {row.revision for row in servers.live(journal) if row.revision.rpartition("/")[0] == own}
    names |= {name for name in (place.row.stable, candidate) if name}
    states = {name: state(place, name, release if name == candidate else "") for name in sorted(names)}
    stuck, is_refused = traffic.stuck(place.ground, place.row)
    problem = traffic.problem(place.ground, place.row)
    return Observation(states, place.row.serving or {}, problem, stuck, is_refused)


def state(place: Place, revision: str, release: str) -> State:
    """What is seen of a revision; of a candidate, only what was started for its own release."""
    rows = servers.of_revision(place.ground.yard.journal, revision)
    if release:
        rows = [row for row in rows if row.body.get("release") == release]
    statuses = {row.status for row in rows}
    for status, seen in ((servers.READY, READY), (servers.STARTING, STARTING)):
        if status in statuses:
            return State(seen)
    if rows and rows[0].status == servers.FAILED:
        return broken(rows)
    return State(LEAVING if statuses & {servers.DRAINING, servers.STOPPING} else ABSENT)


def broken(rows: Sequence[ServerRow]) -> State:
    failures = 0
    for row in rows:
        if row.status != servers.FAILED:
            break
        failures += 1
        if row.body.get("ready") and float(row.body["at"]) - float(row.body["ready"]) > STEADY_SECONDS:
            break
    pause = min(LONGEST_BACKOFF_SECONDS, 0.5 * 2.0**failures) if failures > 1 else 0.0
    passed = clock.now() - float(rows[0].body.get("at", 0.0))
    reason, log = str(rows[0].body.get("reason", "")), str(rows[0].body.get("log", ""))
    text = f"{reason}\nthe last lines of its log:\n{log}" if log else reason
    return State(BROKEN, text, failures, may_retry=not 0.0 <= passed < pause)


def apply(place: Place, revision: RevisionRow, release: str) -> None:
    journal, home = place.ground.yard.journal, place.ground.yard.home
    live = [row for row in servers.live(journal) if row.revision == revision.id]
    if not any(row.status in (servers.STARTING, servers.READY) for row in live):
        port = ports.free_port(traffic.taken_ports(journal))
        servers.add(journal, processes.new_token(home), revision=revision.id, port=port, release=release)


def route(place: Place, weights: Mapping[str, int]) -> None:
    traffic.sync(place.ground)
    row = releases.environment(place.ground.yard.journal, place.row.project, place.row.name)
    if row is None or (row.serving or {}) != weights:
        why = traffic.problem(place.ground, place.row) or traffic.stuck(place.ground, place.row)[0]
        raise Infrastructure(why or "its requests are not routed as they should be")


def remove(place: Place, revision: str) -> None:
    journal = place.ground.yard.journal
    for row in servers.live(journal):
        if row.revision == revision and row.status == servers.READY:
            servers.move(journal, row, servers.DRAINING)
        elif row.revision == revision and row.status == servers.STARTING:
            servers.move(journal, row, servers.STOPPING)


def tend(ground: Ground, tended: Sequence[ServerRow]) -> None:
    """Bring every server on its way to its next status. `tended` are rows that the gateway knows already."""
    for row in tended:
        if row.status != servers.READY or not ground.yard.is_alive(row):
            ground.yard.jobs.start(row.token, job(ground, row))


def job(ground: Ground, row: ServerRow) -> Callable[[], None]:
    """What brings a server that is not ready, or ready no more, to its next status."""
    yard = ground.yard
    if row.status == servers.READY:
        return lambda: lifecycle.lose(yard, row)
    if row.status == servers.STARTING:
        return lambda: lifecycle.bring_up(yard, row.token, lambda: prepared(ground, row))
    if row.status == servers.DRAINING:
        return lambda: lifecycle.drain_out(yard, row, drain_seconds(ground, row))
    return lambda: lifecycle.stop(yard, row)


def prepared(ground: Ground, row: ServerRow) -> Serving:
    revision = releases.revision(ground.yard.journal, row.revision)
    if revision is None:
        raise Infrastructure(f"the journal has no revision {row.revision}")
    folder = processes.own_folder(ground.yard.home, row.token) / "package"
    return ground.prepare(revision, folder)


def drain_seconds(ground: Ground, row: ServerRow) -> float:
    revision = releases.revision(ground.yard.journal, row.revision)
    return float(revision.body["settings"]["drain_seconds"]) if revision else 0.0
