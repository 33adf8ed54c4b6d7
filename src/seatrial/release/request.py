"""Ask for a release, a rollback, an abort, up or down, in the journal. The supervisor does the rest."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from seatrial.errors import BadInput, Interrupted, Refused
from seatrial.evaluation import gate as language
from seatrial.gateway import secret_values
from seatrial.journal import releases, runs
from seatrial.journal.journal import Journal
from seatrial.journal.releases import (
    DOWN,
    RELEASE,
    ROLLBACK,
    TAKING_BACK,
    UP,
    EnvironmentRow,
    ReleaseRow,
    RevisionRow,
)
from seatrial.journal.runs import Run
from seatrial.named_tuple import NamedTuple
from seatrial.package import read as package_reader
from seatrial.pipeline.pipeline import Environment
from seatrial.pipeline.quantity import parse_percent
from seatrial.release import admission, analysis, measuring, probe, probing, rollout, wake
from seatrial.release.address import address_of, demand_free
from seatrial.release.admission import Evidence, Live
from seatrial.release.all_strategies import strategy
from seatrial.release.all_targets import check_able, check_can, target
from seatrial.release.earlier import earlier
from seatrial.release.strategy import ANALYSE, PROBE, STOP, Step, asked, frozen, thaw
from seatrial.store.store import Store
from seatrial.system import clock

READY_SECONDS = 300.0


class Request(NamedTuple):
    """A release that somebody asks for. `package` is a digest; `secrets` are the values that it needs.

    `path` is the PATH with which its servers find their programs. `first` allows a first release that no gate
    could judge. `by` names who asks. `probe` is the digest of the environment's recorded requests.
    """

    project: str
    environment: Environment
    package: str
    path: str
    run: str = ""
    commit: str = ""
    committed: float = 0.0
    branch: str = ""
    is_dirty: bool = False
    evidence: Evidence = Evidence()
    secrets: Mapping[str, str] = {}
    first: bool = False
    by: str = ""
    lift_quarantine: str = ""
    probe: str = ""
    ready_seconds: float = READY_SECONDS


class Asked(NamedTuple):
    """`release` is None where the revision is live already and there is nothing to do."""

    revision: RevisionRow
    release: ReleaseRow | None


class UnderWay(Refused):
    """Another release of this environment is not over yet; `release` is its id."""

    def __init__(self, release: ReleaseRow) -> None:
        where = f"{release.project}/{release.environment}"
        hint = f"wait for it (--wait), or end it: seatrial abort {release.environment}"
        super().__init__(f"a {release.kind} to {release.revision} is under way in {where}", hint=hint)
        self.release = release.id


class Outdated(Refused):
    """What is live comes from a run that began later than the one that asks."""

    def __init__(self, live: RevisionRow, later: Run) -> None:
        text = f"{live.id} is live, from run {later.number}, which began later: this would go back behind it"
        super().__init__(text, hint="run again to release it all the same")


def request_release(home: Path, store: Store, request: Request) -> Asked:
    """Write down a release and wake the supervisor. Raises Problem; nothing is changed then.

    The same package with the same settings is not released twice: what is live, or on its way, is returned.
    """
    known = served_by(store, request)
    with store.journal.change(durable=True):
        found = written(store.journal, request, *known)
    secret_values.keep(home, request.project, request.environment.name, request.secrets)
    _wake(home)
    return found


class _UndoneError(Exception):
    """What ends a change that is not to be kept."""


def try_release(store: Store, request: Request) -> Asked:
    """What `request_release` would answer. Raises what it would raise; nothing is changed in any case."""
    known = served_by(store, request)
    with suppress(_UndoneError), store.journal.change():
        found = written(store.journal, request, *known)
        raise _UndoneError
    return found


def served_by(store: Store, request: Request) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """The settings of the revision, and its recorded requests: what takes a while to look at."""
    recorded = probing.frozen(store, request.probe, request.environment.probe)
    return settings_of(store, request), recorded


def written(
    journal: Journal, request: Request, settings: dict[str, Any], recorded: dict[str, Any] | None
) -> Asked:
    """A release in the journal, or what is there of it already. Call it inside `change`. Raises Problem."""
    place = (request.project, request.environment.name)
    request = request._replace(lift_quarantine=lifted(journal, request))
    row = environment_row(journal, request)
    stable = releases.stable(journal, *place)
    running = releases.unfinished(journal, *place)
    found = found_again(journal, request, settings, stable, running)
    if found is None:
        if running is not None:
            raise UnderWay(running)
        check_order(journal, request, stable)
        quarantine = releases.quarantined(journal, *place, request.package)
        package = stable.package if stable else ""
        live = Live(package, quarantine, is_same=package == request.package)
        admission.check(request.environment, request.evidence, live, first=request.first)
        plan = planned(request.environment, is_first=stable is None, recorded=recorded)
        found = begin(journal, request, settings, row, plan)
    set_up(journal, row)
    return found


def check_order(journal: Journal, request: Request, stable: RevisionRow | None) -> None:
    """Raises Outdated: runs may overtake each other, but the last that began is the last to be live."""
    asks = runs.get(journal, request.run)
    later = runs.get(journal, stable.run) if stable and asks else None
    if stable and asks and later and later.number > asks.number:
        raise Outdated(stable, later)


def lifted(journal: Journal, request: Request) -> str:
    """Lift the package's quarantine where a person says why; "" where there was nothing to lift."""
    place, why = (request.project, request.environment.name), request.lift_quarantine
    if not why or not releases.quarantined(journal, *place, request.package):
        return ""
    releases.lift_quarantine(journal, *place, request.package, why)
    return why


def admitted_why(request: Request) -> str:
    """Why a package that had been put away is released again, for the history."""
    return f"out of quarantine: {request.lift_quarantine}" if request.lift_quarantine else ""


def settings_of(store: Store, request: Request) -> dict[str, Any]:
    """What a revision is served with, beside its package.

    Raises BadInput where it cannot be served, Refused where it is damaged.
    """
    package_reader.require_whole(store, request.package)
    if not package_reader.read(store, request.package).serve:
        hint = "say how it is served: `serve: python serve.py` in the stage that packages"
        raise BadInput("the package cannot be released: it has no command that serves", hint=hint)
    return {
        "env": [list(pair) for pair in request.environment.env],
        "secrets": list(request.environment.secrets),
        "drain_seconds": request.environment.drain_seconds,
        "ready_seconds": request.ready_seconds,
        "path": request.path,
    }


def found_again(
    journal: Journal,
    request: Request,
    settings: dict[str, Any],
    stable: RevisionRow | None,
    running: ReleaseRow | None,
) -> Asked | None:
    """The revision that is just what is asked for: on its way, or live while nothing else is on its way."""
    coming = releases.revision(journal, running.revision) if running else stable
    same = coming is not None and coming.package == request.package and coming.body["settings"] == settings
    if coming is None or not same or (running is not None and running.status != releases.RUNNING):
        return None
    return Asked(coming, running)


def begin(
    journal: Journal,
    request: Request,
    settings: dict[str, Any],
    row: EnvironmentRow,
    plan: dict[str, Any],
) -> Asked:
    environment = request.environment
    evidence = request.evidence._asdict() | {
        "baselines": dict(request.evidence.baselines),
        "summary": dict(request.evidence.summary),
    }
    revision = releases.add_revision(
        journal,
        request.project,
        environment.name,
        package=request.package,
        run=request.run,
        commit=request.commit,
        body={
            "settings": settings,
            "evidence": evidence,
            "branch": request.branch,
            "committed": request.committed,
            "dirty": request.is_dirty,
        },
    )
    release = releases.add_release(
        journal,
        revision,
        previous=row.stable,
        kind=RELEASE,
        plan=plan,
        body={"by": request.by, "why": admitted_why(request)},
    )
    return Asked(revision, release)


def planned(
    environment: Environment, *, is_first: bool, recorded: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The plan, frozen from now on. A first release has nothing to stand beside, so it is `recreate`."""
    chosen = strategy(environment.strategy)
    steps = chosen.plan(dict(environment.strategy_options))
    check_can(target(environment.target), chosen)
    if is_first:
        steps = without_questions(strategy("recreate").plan({}))
        first = tuple(step for step in steps if step.kind != STOP)
        return {"strategy": "recreate", "steps": frozen(first), "gates": []}
    return {
        "strategy": chosen.NAME,
        "steps": frozen(probe.planned(questions(steps, environment), has_requests=recorded is not None)),
        "gates": [gate.text for gate in environment.gates],
        "alpha": 1.0 - (parse_percent(environment.confidence) or 0.0),
        "warm_up": environment.warm_up_seconds,
        "within": environment.within_seconds,
        "on_deadline": environment.on_deadline,
        "mature_after": environment.mature_after_seconds,
        "probe": recorded,
        "metrics": measuring.frozen(environment),
    }


def questions(steps: tuple[Step, ...], environment: Environment) -> tuple[Step, ...]:
    """The steps with those analyses that some gate of the environment answers."""
    gates = [language.thaw(gate.text) for gate in environment.gates]
    return asked(steps, judged=bool(gates), compared=any(gate.compares for gate in gates))


def without_questions(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    return asked(steps, judged=False, compared=False)


def environment_row(journal: Journal, request: Request) -> EnvironmentRow:
    """The environment's row, made or with its new address. Raises BadInput where that is taken."""
    environment = request.environment
    if "/" in environment.name:
        raise BadInput(f"the environment `{environment.name}` has a `/` in its name", place=environment.place)
    row = releases.environment(journal, request.project, environment.name)
    address = address_of(journal, environment, row)
    gateway = {
        "sticky": environment.sticky,
        "preview": dict(environment.strategy_options).get("preview", ""),
        "predictions": environment.predictions._asdict() if environment.predictions else None,
    }
    if row is None or (row.address, row.target, row.gateway) != (address, environment.target, gateway):
        releases.keep_environment(
            journal, request.project, environment.name, address, environment.target, gateway
        )
    kept = releases.environment(journal, request.project, environment.name)
    assert kept is not None
    return kept


def set_up(journal: Journal, row: EnvironmentRow) -> None:
    check_able(target(row.target))
    if row.desired != UP:
        releases.set_desired(journal, row.project, row.name, UP)


def _wake(home: Path) -> None:
    """What was asked for is in the journal by now, so it is done also where Ctrl-C comes here."""
    try:
        wake.ensure(home)
    except KeyboardInterrupt:
        text = "stopped; what was asked for is done all the same"
        raise Interrupted(text, hint="see `seatrial status`") from None


def request_rollback(
    home: Path, journal: Journal, project: str, environment: str, *, to: str = "", by: str = "", why: str = ""
) -> Asked:
    """Ask for an earlier revision: `to` is its number or id, "" = the one before. Raises Problem.

    A process of its package is started with the settings that it had; nothing is built.
    """
    with journal.change(durable=True):
        row = known_environment(journal, project, environment)
        running = releases.unfinished(journal, project, environment)
        if running is not None:
            raise UnderWay(running)
        revision = earlier(journal, row, to)
        demand_free(row, row.address)
        if revision.id == row.stable:
            set_up(journal, row)
            asked = Asked(revision, None)
        else:
            asked = Asked(revision, begin_rollback(journal, row, revision, by=by, why=why))
            set_up(journal, row)
    _wake(home)
    return asked


def begin_rollback(
    journal: Journal, row: EnvironmentRow, to: RevisionRow, *, by: str, why: str
) -> ReleaseRow:
    """Begin to go back to a revision. Call it inside `change`."""
    steps = without_questions(strategy("blue-green").plan({}))
    plan = {"strategy": "blue-green", "steps": frozen(steps), "gates": []}
    body = {"by": by, "why": why}
    return releases.add_release(journal, to, previous=row.stable, kind=ROLLBACK, plan=plan, body=body)


def request_abort(
    home: Path, journal: Journal, project: str, environment: str, reason: str, by: str = ""
) -> ReleaseRow:
    """Ask that the release under way be taken back. Raises BadInput where there is none."""
    running = under_way(journal, project, environment)
    releases.ask_abort(journal, running, reason or "aborted by hand", by)
    _wake(home)
    return running


def request_hold(
    home: Path, journal: Journal, project: str, environment: str, *, why: str = "", by: str = ""
) -> ReleaseRow:
    """Ask that the release under way stay as it is. Raises BadInput where there is none."""
    running = going_on(journal, project, environment)
    releases.ask_hold(journal, running, why, by)
    _wake(home)
    return running


def request_promotion(
    home: Path,
    journal: Journal,
    project: str,
    environment: str,
    *,
    full: bool = False,
    why: str = "",
    by: str = "",
) -> ReleaseRow:
    """Ask that the release under way go on from where it is; `full`: that its candidate become stable.

    Where it is held while it waits for evidence, it is let go, and waits on; after its deadline it passes
    this step only, and stays held. Raises BadInput where it would go on without evidence that it waits for,
    or after its deadline, and nobody says why; Refused where it is being taken back.
    """
    running = going_on(journal, project, environment)
    steps = thaw(running.plan["steps"])[running.step :]
    is_late = has_no_time(journal, running, steps[:1])
    lacks = lacking(journal, running, steps if full else steps[:1])
    lets_go = bool(lacks and running.body.get("held") and not full and not is_late)
    if (lacks or is_late) and not lets_go and not why.strip():
        text = f"{lacks or 'the deadline is over'}; to go on all the same takes a reason"
        raise BadInput(text, hint="say it by `--why`" if is_late else "say it by `--why`, or wait")
    if full:
        releases.ask_promotion(journal, running, why, by)
    else:
        past = None if lets_go else running.step
        releases.ask_go_on(journal, running, why, by, past=past, stays_held=is_late)
    _wake(home)
    return running


def has_no_time(journal: Journal, release: ReleaseRow, steps: tuple[Step, ...]) -> bool:
    """Whether nothing that these steps could still wait for lets the release go on; see `decide.is_late`."""
    if rollout.seconds_left(release, clock.now()) <= 0:
        return True
    return any(step.beside for step in steps) and bool(lacking(journal, release, steps))


def lacking(journal: Journal, release: ReleaseRow, steps: tuple[Step, ...]) -> str:
    """What is not there of the evidence that these steps wait for, in words; "" where nothing is missing."""
    if any(step.kind == PROBE for step in steps) and not release.body.get("probed"):
        return "the recorded requests have not been replayed"
    known = analysis.outlook_of(journal, release)
    has = [
        (known.beside if one.beside else known.evidence, one.evidence) for one in steps if one.kind == ANALYSE
    ]
    missing = [found for found, wanted in has if found < wanted]
    return f"its gates have {int(100 * min(missing))}% of the evidence for a promotion" if missing else ""


def under_way(journal: Journal, project: str, environment: str) -> ReleaseRow:
    known_environment(journal, project, environment)
    running = releases.unfinished(journal, project, environment)
    if running is None:
        raise BadInput(f"no release is under way in {project}/{environment}")
    return running


def going_on(journal: Journal, project: str, environment: str) -> ReleaseRow:
    """The release under way. Raises BadInput where there is none, Refused where it is being taken back."""
    running = under_way(journal, project, environment)
    asked = rollout.abort_reason(running)
    if running.status == TAKING_BACK or asked:
        text = f"the {running.kind} to {running.revision} is being taken back: {running.reason or asked}"
        raise Refused(text, hint="release again once it is over")
    return running


def request_up(home: Path, journal: Journal, project: str, environment: str) -> None:
    """Ask that the environment serve its stable revision. Raises BadInput where it has none."""
    row = known_environment(journal, project, environment)
    if not row.stable:
        raise BadInput(f"{project}/{environment} has no revision yet", hint="release one first")
    set_up(journal, row)
    _wake(home)


def request_down(home: Path, journal: Journal, project: str, environment: str) -> None:
    """Ask that the environment finish its requests and stop. Raises BadInput for an unknown one."""
    row = known_environment(journal, project, environment)
    if row.desired != DOWN:
        releases.set_desired(journal, project, environment, DOWN)
    _wake(home)


def known_environment(journal: Journal, project: str, name: str) -> EnvironmentRow:
    row = releases.environment(journal, project, name)
    if row is None:
        known = [one.name for one in releases.environments(journal) if one.project == project]
        hint = f"this project has {', '.join(known)}" if known else "nothing was released yet"
        raise BadInput(f"the project {project} has no environment `{name}`", hint=hint)
    return row
