"""The Python face of seatrial: what the commands call, for programs that would rather not start one.

    from seatrial.project import api

    ran = api.run(api.Wanted(Path("reviews"), spec="HEAD"), ["evaluate"])
    print(ran.result.exit_code, api.report(ran).stages)

Everything raises `seatrial.errors.Problem`. A stage that fails is no exception: it is in the result.
"""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from seatrial.errors import BadInput
from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.all_dialects import ALL_DIALECTS
from seatrial.pipeline.condition import BY_HAND, Facts, Trigger
from seatrial.project.plan import stages_of
from seatrial.project.project import Home, Project, Wanted, open_home, open_project
from seatrial.report.record import RunRecord
from seatrial.run import interpreters
from seatrial.run.events import Listener
from seatrial.run.request import Request, RunResult

__all__ = [
    "Home",
    "Project",
    "Ran",
    "Request",
    "Trigger",
    "Wanted",
    "open_home",
    "open_project",
    "prepare",
    "report",
    "run",
]

# What `seatrial.actions.evaluate` looks for; named here too, so that a run without it need not import it.
FIRST_VARIABLE = "SEATRIAL_FIRST"
ACCEPT_VARIABLE = "SEATRIAL_ACCEPT_INCONCLUSIVE"
ASK_VARIABLE = "SEATRIAL_ASK"


class Ran(NamedTuple):
    project: Project
    result: RunResult


def prepare(
    project: Project,
    stages: Iterable[str] = (),
    *,
    jobs: int = 0,
    fresh: bool = False,
    first: bool = False,
    accepted_by: str = "",
    person: str = "",
    skip_missing: bool = False,
    trigger: Trigger = BY_HAND,
    host_env: Mapping[str, str] = os.environ,
) -> Request:
    """What the runner is asked for: the named stages of a project, or all, with all that they need.

    `jobs` stages work at the same time, 0 = as many as cores; `fresh` takes no kept result; `first` lets a
    first release go that no gate could judge; `accepted_by` names who accepts verdicts that are inconclusive,
    where the pipeline says `inconclusive: ask`; `person` names who can be asked at the terminal;
    `skip_missing` passes over stages that want a Python which is not here; `trigger` is what starts the run.
    Variables, PATH and secrets come from `host_env`.
    """
    from seatrial.actions.all_actions import Actions

    said = ((FIRST_VARIABLE, "1" if first else ""), (ACCEPT_VARIABLE, accepted_by), (ASK_VARIABLE, person))
    asked = {name: value for name, value in said if value}
    chosen = stages_of(project, stages, first=first)
    if any(environment.probe for environment in project.pipeline.environments):
        from seatrial.project import probes

        probes.require(project, chosen)
    return Request(
        home=project.home.folder,
        journal=project.home.journal,
        store=project.home.store,
        project=project.name,
        change=project.change,
        tree=project.tree,
        pipeline=project.pipeline,
        stages=interpreters.without_lacking(chosen, host_env) if skip_missing else chosen,
        actions=Actions(),
        host_env={**host_env, **asked} if asked else host_env,
        facts=_facts(project, trigger),
        jobs=jobs,
        fresh=fresh,
    )


def _facts(project: Project, trigger: Trigger) -> Facts:
    """What conditions are held against."""
    change, changes = project.change, _changes(project)
    return Facts(
        branch=_branch(project, trigger),
        tag=change.tag,
        changes=changes,
        messages=(f"{change.message}\n\n{change.details}".strip(),) if changes else (),
        variables={one.name: one.value for one in project.pipeline.parameters},
        event=trigger.event,
        request=trigger.request,
        target=trigger.target,
    )


def _branch(project: Project, trigger: Trigger) -> str:
    """The branch that conditions are held against: to some systems a pull request is one of its own."""
    own = ALL_DIALECTS[project.pipeline.dialect].branch_of_request
    return own.format(trigger.request) if trigger.request and own else project.change.branch


def _changes(project: Project) -> tuple[str, ...] | None:
    """What changed since the commit before, or what a pull request changes in the branch that it is merged
    with, where a condition asks. For a first commit None, or () where the system sees no changes in a first
    build."""
    if not any("changes" in stage.when or stage.reads_changes for stage in project.pipeline.stages):
        return None
    from seatrial.commit import all_sources, export

    change, store = project.change, project.home.store
    try:
        before = all_sources.resolve(store, Path(change.root), change.base or f"{change.commit}~1")
    except BadInput:
        return None if ALL_DIALECTS[project.pipeline.dialect].first_has_changes else ()
    return export.changed_paths(store, before, change)


def run(
    wanted: Wanted,
    stages: Iterable[str] = (),
    *,
    jobs: int = 0,
    fresh: bool = False,
    first: bool = False,
    listener: Listener = lambda _: None,
) -> Ran:
    """Run stages of one commit, or of the working state, and return what became of them."""
    from seatrial.project import named_files, owner
    from seatrial.run import runner

    project = open_project(wanted)
    owner.claim(project)
    request = prepare(project, stages, jobs=jobs, fresh=fresh, first=first)
    named_files.require(project, request.stages)
    return Ran(project, runner.run(request, listener))


def report(ran: Ran) -> RunRecord:
    """Everything about a run that a report can show."""
    from seatrial.journal import runs
    from seatrial.project.gather import gather

    row = runs.get(ran.project.home.journal, ran.result.run)
    assert row is not None
    change = ran.project.change
    return gather(ran.project.home, row)._replace(title=change.message, author=change.author)
