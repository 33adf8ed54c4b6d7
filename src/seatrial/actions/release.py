"""Release what this run packaged, on what it found out: never restored; performed again, it converges."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

from seatrial.actions.evidence import attach
from seatrial.errors import BadInput, Interrupted
from seatrial.journal import releases, secrets
from seatrial.journal.journal import Event
from seatrial.journal.releases import ReleaseRow
from seatrial.pipeline import graph
from seatrial.pipeline.finding import warning
from seatrial.pipeline.pipeline import EVALUATE, PACKAGE, Environment, Release, Stage, place_of, place_of_word
from seatrial.release import admission, narration, probing, see, watch
from seatrial.release import evidence as evidences
from seatrial.release.admission import Evidence
from seatrial.release.ending import exit_code
from seatrial.release.request import Asked, Outdated, Request, UnderWay, request_release
from seatrial.report import live
from seatrial.run.action import Context, Key
from seatrial.run.outcome import CANCELLED, FAILED, SKIPPED, SUCCEEDED, Outcome
from seatrial.run.shown import rendered
from seatrial.system import clock
from seatrial.system.user import by_whom

NAME = "release"
# How often the log says how the judge is getting on.
TOLD_SECONDS = 10.0


def key(stage: Stage, context: Context) -> Key | None:  # noqa: ARG001 - the interface of all actions
    """None: what changes the world is never restored."""
    return None


def perform(stage: Stage, context: Context) -> Outcome:
    """Release, and watch it to its end. Raises Refused or Inconclusive where the rules say no."""
    environment = environment_of(stage, context)
    if reason := held_back(stage, context):
        return Outcome(SKIPPED, message=reason)
    attach(context)  # package and verdict may have been made at the same moment
    request = request_of(stage, context, environment)
    rolled_back = was_rolled_back(context, environment.name, request.package)
    try:
        asked = ask(stage, context, request)
        if asked.release is None:
            where = (context.project, environment.name)
            watch.wait_up(context.home, context.journal, *where, context.is_cancelled)
            return succeeded(context, environment, asked, f"{asked.revision.id} is live already")
        row = watched(stage, context, asked.release.id)
    except Outdated as problem:
        return Outcome(SKIPPED, message=problem.message)
    except Interrupted as problem:
        return Outcome(CANCELLED, message=problem.message, exit_code=problem.exit_code)
    if row.status == releases.SUCCEEDED:
        done = succeeded(context, environment, asked, f"{asked.revision.id} is live")
        return told_again(stage, context, done, rolled_back) if rolled_back else done
    body = {"revision": asked.revision.id, "release": row.id}
    message = f"{row.status}: {row.reason}"
    return Outcome(FAILED, message=message, exit_code=exit_code(row), body=body)


def held_back(stage: Stage, context: Context) -> str:
    """Why a run ends before a release, by the rules of its environment; "" where it does not, and of what is
    no release."""
    if stage.action != NAME:
        return ""
    change, request = context.change, context.facts.request
    environment = environment_of(stage, context)
    return admission.held_back(environment, change.branch, is_dirty=change.dirty, request=request)


def was_rolled_back(context: Context, environment: str, package: str) -> ReleaseRow | None:
    """The rollback that took this package off the environment, where nothing was released since."""
    rows = releases.releases(context.journal, context.project, environment)
    last = next((row for row in reversed(rows) if row.status == releases.SUCCEEDED), None)
    if last is None or last.kind != releases.ROLLBACK:
        return None
    before = releases.revision(context.journal, last.previous)
    return last if before and before.package == package else None


def told_again(stage: Stage, context: Context, done: Outcome, rollback: ReleaseRow) -> Outcome:
    """The outcome with a warning that it undid a rollback."""
    why = f" ({rollback.body['why']})" if rollback.body.get("why") else ""
    text = f"what a rollback{why} took off `{rollback.environment}` is live there again"
    hint = "its commit is still the last one of the branch: revert it, too, to keep it out"
    finding = warning(place_of(stage, "release"), text, hint)
    return done._replace(body={**done.body, "finding": rendered(finding, context)})


def environment_of(stage: Stage, context: Context) -> Environment:
    assert isinstance(stage.options, Release)
    name = stage.options.environment
    found = next((one for one in context.pipeline.environments if one.name == name), None)
    if found is None:
        hint = "describe it below `environments:`"
        raise BadInput(f"there is no environment `{name}`", hint=hint, place=stage.place)
    return found


def request_of(stage: Stage, context: Context, environment: Environment) -> Request:
    assert isinstance(stage.options, Release)
    change = context.change
    values = secrets_of(environment, context.home, context.host_env)
    return Request(
        project=context.project,
        environment=environment,
        package=package_of(stage, context),
        path=context.host_env.get("PATH", ""),
        run=context.run,
        commit=change.commit,
        committed=change.committed,
        branch=change.branch,
        is_dirty=change.dirty,
        evidence=evidence_of(stage, context),
        secrets=dict(values),
        first=stage.options.first,
        by=by_whom(),
        probe=probing.found_in(context.tree, environment),
    )


def secrets_of(environment: Environment, home: Path, host_env: Mapping[str, str]) -> secrets.Secrets:
    """The secrets of what serves in an environment. Raises BadInput where one has no value."""
    try:
        return secrets.resolve(environment.secrets, home, host_env)
    except BadInput as problem:
        problem.place = problem.place or place_of_word(environment, problem.about)
        raise


def package_of(stage: Stage, context: Context) -> str:
    """The digest of the one package that this stage waits for, or the only one of the run."""
    everything = tuple(one.name for one in context.pipeline.stages)
    made = gave(context, PACKAGE, upstream(stage, context)) or gave(context, PACKAGE, everything)
    packages = {str(body["package"]) for body in made if "package" in body}
    if len(packages) != 1:
        hint = "let it need the one stage that packages what is to be released"
        raise BadInput(
            f"`{stage.name}` has {len(packages)} packages to release", hint=hint, place=stage.place
        )
    return packages.pop()


def evidence_of(stage: Stage, context: Context) -> Evidence:
    """What all evaluations said that this stage waits for, however far upstream."""
    records = [body["verdict"] for body in gave(context, EVALUATE, upstream(stage, context))]
    return evidences.combined(
        [evidences.of_record(one, one["baselines"], str(one["accepted_by"])) for one in records]
    )


def upstream(stage: Stage, context: Context) -> Collection[str]:
    """The names of all stages that this one waits for, as the file has them."""
    return graph.closure(context.pipeline.stages, [stage.expanded_from or stage.name])


def gave(context: Context, action: str, names: Collection[str]) -> list[Mapping[str, Any]]:
    """What became of the stages of a kind, those that a matrix made of one included."""
    wanted = [one.name for one in context.pipeline.stages if one.action == action and one.name in names]
    return [
        outcome.body
        for name, outcome in context.outcomes.items()
        if outcome.body and any(name == one or name.startswith(f"{one} (") for one in wanted)
    ]


def ask(stage: Stage, context: Context, request: Request) -> Asked:
    """Ask for the release; where another is under way in this environment, wait for its end first."""
    while True:
        try:
            return request_release(context.home, context.store, request)
        except UnderWay as busy:
            say(stage, context, f"{busy.message}: waiting for it")
            watch.watch_other(context.home, context.journal, busy.release, is_cancelled=context.is_cancelled)


def watched(stage: Stage, context: Context, release: str) -> ReleaseRow:
    def show(event: Event) -> None:
        said = narration.sentence(event)
        if said:
            say(stage, context, said)

    look = telling(stage, context, release)
    return watch.watch(context.home, context.journal, release, show, context.is_cancelled, look)


def telling(stage: Stage, context: Context, release: str) -> Callable[[], None]:
    """Something to call at any time, that says now and then how the judge is getting on."""
    due, before = 0.0, ""

    def look() -> None:
        nonlocal due, before
        if clock.monotonic() < due:
            return
        due = clock.monotonic() + TOLD_SECONDS
        text = sight_of(context, release)
        if text not in ("", before):
            before = text
            say(stage, context, text)

    return look


def sight_of(context: Context, release: str) -> str:
    """The judge at work, in a line; "" before there is anything to judge."""
    row = releases.release(context.journal, release)
    if row is None or "served" not in row.body:
        return ""
    place = releases.environment(context.journal, row.project, row.environment)
    seen = see.watched(context.journal, place) if place else None
    return live.sentence(seen.release, seen.flows) if seen and seen.release else ""


def succeeded(context: Context, environment: Environment, asked: Asked, message: str) -> Outcome:
    row = releases.environment(context.journal, context.project, environment.name)
    body = {
        "revision": asked.revision.id,
        "release": asked.release.id if asked.release else None,
        "environment": environment.name,
        "address": row.address if row else "",
    }
    return Outcome(SUCCEEDED, message=message, body=body)


def say(stage: Stage, context: Context, text: str) -> None:
    context.log(stage.name, text.encode() + b"\n")
