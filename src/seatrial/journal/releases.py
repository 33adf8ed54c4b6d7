"""Environments, their revisions and releases: what was live when, what is live now, what is under way.

A release is a frozen plan and how far it is. At most one of an environment is unfinished; an index holds
that, whatever dies. All that decides about traffic is on disk before it is acted on.
"""

from __future__ import annotations

import json
from typing import Any

from seatrial.journal import unpaired
from seatrial.journal.journal import Journal
from seatrial.named_tuple import NamedTuple
from seatrial.system import clock

UP = "up"
DOWN = "down"

# The kind of a release.
RELEASE = "release"
ROLLBACK = "rollback"
# The status of a release.
RUNNING = "running"
TAKING_BACK = "taking back"
SUCCEEDED = "succeeded"
FAILED = "failed"
ABORTED = "aborted"

Body = dict[str, Any]


class Trouble(NamedTuple):
    """Why an environment is not as it is wanted, and is tried again; "" where all is well.

    `release` is the one that was under way when it was written down, and `since` the time. `is_address`: its
    address cannot be opened, as another process has it.
    """

    text: str = ""
    since: float = 0.0
    release: str = ""
    is_address: bool = False


class EnvironmentRow(NamedTuple):
    """`stable` is the id of the revision that carries the traffic by right, "" before the first.

    `weights` is the share of each revision in the traffic as it was last decided; `serving` as it was last in
    force, None where nobody listens on the address.
    """

    project: str
    name: str
    stable: str
    desired: str
    address: str
    body: Body

    @property
    def weights(self) -> dict[str, int]:
        weights: dict[str, int] = self.body.get("weights", {})
        return weights

    @property
    def target(self) -> str:
        return str(self.body["target"])

    @property
    def mirror(self) -> dict[str, int]:
        """The share of the requests of which each revision gets a copy."""
        mirror: dict[str, int] = self.body.get("mirror", {})
        return mirror

    @property
    def gateway(self) -> Body:
        """What the gateway has to know beside address and weights: `sticky`, `predictions`, `preview`."""
        gateway: Body = self.body.get("gateway", {})
        return gateway

    @property
    def serving(self) -> dict[str, int] | None:
        serving: dict[str, int] | None = self.body.get("serving")
        return serving

    @property
    def trouble(self) -> Trouble:
        return Trouble(**self.body.get("trouble") or {})


class RevisionRow(NamedTuple):
    """`body` holds what it takes to serve it again, and the evidence it was released on."""

    id: str
    project: str
    environment: str
    number: int
    package: str
    run: str
    commit: str
    at: float
    body: Body


class ReleaseRow(NamedTuple):
    """`kind` is "release" or "rollback"; `previous` is the revision that was stable when it began."""

    id: str
    project: str
    environment: str
    revision: str
    previous: str
    kind: str
    plan: Body
    step: int
    status: str
    started: float
    finished: float | None
    body: Body

    @property
    def reason(self) -> str:
        return str(self.body.get("reason", ""))


_ENVIRONMENT = "SELECT project, name, stable, desired, address, body FROM environment"
_REVISION = "SELECT id, project, environment, number, package, run, commit_id, at, body FROM revision"
_RELEASE = (
    "SELECT id, project, environment, revision, previous, kind, plan, step, status, started, finished, body"
    " FROM release"
)


def environments(journal: Journal) -> list[EnvironmentRow]:
    """All environments of the home, by project and name."""
    rows = journal.database.rows(f"{_ENVIRONMENT} ORDER BY project, name")
    return [EnvironmentRow._make((*row[:5], json.loads(row[5]))) for row in rows]


def environment(journal: Journal, project: str, name: str) -> EnvironmentRow | None:
    row = journal.database.row(f"{_ENVIRONMENT} WHERE project = ? AND name = ?", (project, name))
    return EnvironmentRow._make((*row[:5], json.loads(row[5]))) if row else None


def revision(journal: Journal, identifier: str) -> RevisionRow | None:
    row = journal.database.row(f"{_REVISION} WHERE id = ?", (identifier,))
    return RevisionRow._make((*row[:8], json.loads(row[8]))) if row else None


def revisions(journal: Journal, project: str, environment: str) -> list[RevisionRow]:
    """All revisions of an environment, in the order of their numbers."""
    sql = f"{_REVISION} WHERE project = ? AND environment = ? ORDER BY number"
    rows = journal.database.rows(sql, (project, environment))
    return [RevisionRow._make((*row[:8], json.loads(row[8]))) for row in rows]


def stable(journal: Journal, project: str, environment_name: str) -> RevisionRow | None:
    """The revision that is live by right; None before the first release."""
    row = environment(journal, project, environment_name)
    return revision(journal, row.stable) if row and row.stable else None


def release(journal: Journal, identifier: str) -> ReleaseRow | None:
    row = journal.database.row(f"{_RELEASE} WHERE id = ?", (identifier,))
    return _release(row) if row else None


def releases(journal: Journal, project: str, environment: str) -> list[ReleaseRow]:
    """All releases of an environment, the oldest first."""
    sql = f"{_RELEASE} WHERE project = ? AND environment = ? ORDER BY rowid"
    return [_release(row) for row in journal.database.rows(sql, (project, environment))]


def unfinished(journal: Journal, project: str, environment: str) -> ReleaseRow | None:
    sql = f"{_RELEASE} WHERE project = ? AND environment = ? AND finished IS NULL"
    row = journal.database.row(sql, (project, environment))
    return _release(row) if row else None


def _release(row: tuple[Any, ...]) -> ReleaseRow:
    return ReleaseRow._make((*row[:6], json.loads(row[6]), *row[7:11], json.loads(row[11])))


def keep_environment(
    journal: Journal,
    project: str,
    name: str,
    address: str,
    target: str = "process",
    gateway: Body | None = None,
) -> None:
    """Make the environment's row, or give it another address, target, gateway. Call it inside `change`."""
    sql = (
        "INSERT INTO environment(project, name, address, body) VALUES (?, ?, ?, ?)"
        " ON CONFLICT(project, name) DO UPDATE SET address = excluded.address,"
        " body = json_patch(body, excluded.body)"
    )
    body = json.dumps({"target": target, "gateway": gateway or {}})
    journal.database.rows(sql, (project, name, address, body))


def add_revision(
    journal: Journal, project: str, environment: str, *, package: str, run: str, commit: str, body: Body
) -> RevisionRow:
    """The next revision of the environment. Call it inside `change`."""
    sql = "SELECT coalesce(max(number), 0) + 1 FROM revision WHERE project = ? AND environment = ?"
    row = journal.database.row(sql, (project, environment))
    assert row is not None
    number = int(row[0])
    added = RevisionRow(
        f"{project}/{environment}/{number}",
        project,
        environment,
        number,
        package,
        run,
        commit,
        clock.now(),
        body,
    )
    journal.database.rows(
        "INSERT INTO revision VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (*added[:8], json.dumps(body))
    )
    return added


def add_release(
    journal: Journal, to: RevisionRow, *, previous: str, kind: str, plan: Body, body: Body
) -> ReleaseRow:
    """Begin a release to a revision. Call it inside `change`; a second unfinished one is an error."""
    sql = "SELECT count(*) + 1 FROM release WHERE project = ? AND environment = ?"
    row = journal.database.row(sql, (to.project, to.environment))
    assert row is not None
    added = ReleaseRow(
        f"{to.project}/{to.environment}/release/{row[0]}",
        to.project,
        to.environment,
        to.id,
        previous,
        kind,
        plan,
        0,
        RUNNING,
        clock.now(),
        None,
        body,
    )
    values = (*added[:6], json.dumps(plan), *added[7:11], json.dumps(body))
    journal.database.rows("INSERT INTO release VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
    journal.append("release.started", added.id, how=kind, revision=to.id, previous=previous)
    return added


def note(journal: Journal, release: ReleaseRow, **known: Any) -> None:
    """Remember something of an unfinished release. Call it inside `change`."""
    sql = "UPDATE release SET body = json_patch(body, ?) WHERE id = ? AND finished IS NULL"
    journal.database.rows(sql, (json.dumps(known), release.id))


def advance(journal: Journal, release: ReleaseRow, step: int, *, served: bool = False, **event: Any) -> None:
    """The step before `step` is done. `entered` tells, after our death too, since when the next waits.

    `served`: the candidate has requests from now on, if it had none before.
    """
    with journal.change(durable=True) as database:
        sql = (
            "UPDATE release SET step = ?, body = json_set(body, '$.entered', ?)"
            " WHERE id = ? AND finished IS NULL"
        )
        database.rows(sql, (step, clock.now(), release.id))
        if served and "served" not in release.body:
            note(journal, release, served=clock.now())
        journal.append("release.step", release.id, step=step, **event)


def say_late(journal: Journal, release: ReleaseRow, reason: str) -> None:
    """The deadline is over, for a reason, and a person has to decide: once a release."""
    with journal.change(durable=True):
        note(journal, release, late=clock.now())
        journal.append("release.late", release.id, environment=release.environment, reason=reason)


def record_weights(
    journal: Journal,
    project: str,
    environment: str,
    weights: dict[str, int],
    mirror: dict[str, int] | None = None,
) -> None:
    """Decide the traffic of an environment, durably, before it is changed."""
    row = _known(journal, project, environment)
    copies = mirror or {}
    if (row.weights, row.mirror) == (weights, copies):
        return
    with journal.change(durable=True) as database:
        sql = (
            "UPDATE environment SET body = json_set(body, '$.weights', json(?), '$.mirror', json(?))"
            " WHERE project = ? AND name = ?"
        )
        database.rows(sql, (json.dumps(weights), json.dumps(copies), project, environment))
        current = unfinished(journal, project, environment)
        subject = current.id if current else f"{project}/{environment}"
        journal.append("traffic", subject, weights=weights, **({"mirror": copies} if copies else {}))


def record_serving(journal: Journal, row: EnvironmentRow, serving: dict[str, int] | None) -> None:
    """Note the weights that the gateway has confirmed."""
    with journal.change() as database:
        sql = (
            "UPDATE environment SET body = json_set(body, '$.serving', json(?))"
            " WHERE project = ? AND name = ?"
        )
        database.rows(sql, (json.dumps(serving), row.project, row.name))


def record_trouble(journal: Journal, row: EnvironmentRow, trouble: Trouble) -> None:
    """Note what is wrong in an environment, or that nothing is any more."""
    with journal.change() as database:
        sql = (
            "UPDATE environment SET body = json_set(body, '$.trouble', json(?))"
            " WHERE project = ? AND name = ?"
        )
        database.rows(sql, (json.dumps(trouble._asdict()), row.project, row.name))
        subject = trouble.release or row.trouble.release or f"{row.project}/{row.name}"
        if trouble.text:
            journal.append("environment.trouble", subject, text=trouble.text)
        else:
            journal.append("environment.recovered", subject, text=row.trouble.text)


def provisional(journal: Journal, row: EnvironmentRow) -> ReleaseRow | None:
    """The release of what is live, where labels that are still to come may take it back."""
    sql = (
        f"{_RELEASE} WHERE project = ? AND environment = ? AND revision = ? AND status = ?"
        " AND json_extract(body, '$.provisional_until') IS NOT NULL"
        " AND json_extract(body, '$.settled') IS NULL ORDER BY rowid DESC LIMIT 1"
    )
    found = journal.database.row(sql, (row.project, row.name, row.stable, SUCCEEDED))
    return _release(found) if found else None


def settle(journal: Journal, release: ReleaseRow, outcome: str, reason: str = "") -> None:
    """A promotion is provisional no longer: "confirmed", "unproven" or "taken back"."""
    with journal.change(durable=True) as database:
        sql = "UPDATE release SET body = json_patch(body, ?) WHERE id = ?"
        database.rows(sql, (json.dumps({"settled": outcome}), release.id))
        journal.append(
            "release.settled", release.id, outcome=outcome, reason=reason, revision=release.revision
        )


def promote(journal: Journal, release: ReleaseRow, provisional_until: float | None = None) -> None:
    """The release's revision is stable from now on, and the release is over: both, or neither.

    Until `provisional_until` labels may take it back.
    """
    with journal.change(durable=True) as database:
        if provisional_until is not None:
            note(journal, release, provisional_until=provisional_until)
        sql = "UPDATE environment SET stable = ? WHERE project = ? AND name = ?"
        database.rows(sql, (release.revision, release.project, release.environment))
        _finish(journal, release, SUCCEEDED)
        journal.append("release.succeeded", release.id, revision=release.revision)


def take_back(journal: Journal, release: ReleaseRow, *, reason: str, aborted: bool, cause: str = "") -> None:
    """Decide that the release has failed, or is aborted; it stays unfinished until its traffic is back."""
    with journal.change(durable=True) as database:
        more = json.dumps({"reason": reason, "aborted": aborted, "cause": cause})
        sql = "UPDATE release SET status = ?, body = json_patch(body, ?) WHERE id = ? AND status = ?"
        database.rows(sql, (TAKING_BACK, more, release.id, RUNNING))
        journal.append("release.taking_back", release.id, reason=reason, aborted=aborted)


def fail(journal: Journal, release: ReleaseRow) -> None:
    """The end of a release that was taken back."""
    status = ABORTED if release.body.get("aborted") else FAILED
    with journal.change(durable=True):
        _finish(journal, release, status)
        journal.append(f"release.{status}", release.id, reason=release.reason)


def _finish(journal: Journal, release: ReleaseRow, status: str) -> None:
    sql = "UPDATE release SET status = ?, finished = ? WHERE id = ? AND finished IS NULL"
    journal.database.rows(sql, (status, clock.now(), release.id))
    unpaired.forget(journal, release.id)


def ask_abort(journal: Journal, release: ReleaseRow, reason: str, by: str = "") -> None:
    """Leave word for whoever drives the release that a person wants it aborted."""
    _ask(journal, release, "abort", reason, by, abort=reason, aborted_by=by)


def ask_hold(journal: Journal, release: ReleaseRow, why: str, by: str) -> None:
    """Leave word that the release is to stay where it is until a person says more."""
    _ask(journal, release, "hold", why, by, held={"by": by, "why": why})


def ask_go_on(
    journal: Journal, release: ReleaseRow, why: str, by: str, *, past: int | None, stays_held: bool = False
) -> None:
    """Leave word that the release need not wait at the step `past`, if it is one; and is held no longer."""
    held = release.body.get("held") if stays_held else None
    _ask(journal, release, "go_on", why, by, held=held, go_on=past, let_on={"by": by, "why": why})


def ask_promotion(journal: Journal, release: ReleaseRow, why: str, by: str) -> None:
    """Leave word that the candidate is to be promoted, whatever evidence is missing."""
    _ask(journal, release, "promotion", why, by, held=None, promoted={"by": by, "why": why})


def _ask(journal: Journal, release: ReleaseRow, what: str, why: str, by: str, **known: Any) -> None:
    with journal.change(durable=True):
        note(journal, release, **known)
        journal.append(f"release.{what}_asked", release.id, reason=why, by=by)


def set_desired(journal: Journal, project: str, environment: str, desired: str) -> None:
    """Say whether the environment is to serve ("up") or to stop ("down")."""
    with journal.change(durable=True) as database:
        sql = "UPDATE environment SET desired = ? WHERE project = ? AND name = ?"
        database.rows(sql, (desired, project, environment))
        journal.append(f"environment.{desired}", f"{project}/{environment}")


def quarantine(journal: Journal, project: str, environment: str, package: str, reason: str) -> None:
    """Never release this package here again, until a person lifts it."""
    with journal.change(durable=True) as database:
        sql = "INSERT OR IGNORE INTO quarantine VALUES (?, ?, ?, ?, ?)"
        database.rows(sql, (project, environment, package, clock.now(), reason))
        journal.append("quarantine", f"{project}/{environment}", package=package, reason=reason)


def quarantined(journal: Journal, project: str, environment: str, package: str) -> str:
    """Why the package is in quarantine in this environment; "" where it is not."""
    sql = "SELECT reason FROM quarantine WHERE project = ? AND environment = ? AND package = ?"
    row = journal.database.row(sql, (project, environment, package))
    return str(row[0]) if row else ""


def lift_quarantine(journal: Journal, project: str, environment: str, package: str, why: str) -> None:
    with journal.change(durable=True) as database:
        sql = "DELETE FROM quarantine WHERE project = ? AND environment = ? AND package = ?"
        database.rows(sql, (project, environment, package))
        journal.append("quarantine.lifted", f"{project}/{environment}", package=package, reason=why)


def _known(journal: Journal, project: str, name: str) -> EnvironmentRow:
    row = environment(journal, project, name)
    assert row is not None, f"no environment {project}/{name}"
    return row
