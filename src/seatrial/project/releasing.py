"""A release by hand, or by a script of another system's pipeline inside a run."""

from __future__ import annotations

import os
from pathlib import Path

from seatrial.actions.release import secrets_of
from seatrial.commit.change import Change
from seatrial.errors import BadInput, Refused
from seatrial.journal import packages, runs
from seatrial.journal.runs import Run
from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.pipeline import Environment, Pipeline
from seatrial.pipeline.spelling import did_you_mean
from seatrial.project import evidence, meant, owner
from seatrial.project.gather import told
from seatrial.project.project import Home, Wanted, open_project, read_pipeline
from seatrial.release import admission, probing
from seatrial.release.request import Request
from seatrial.run import guards
from seatrial.store import trees
from seatrial.system.user import by_whom


class Question(NamedTuple):
    """`package` is a word as `meant` takes it; "" = the one of the run that we are part of, else the newest
    of the project. `accept` says why an inconclusive verdict is accepted."""

    environment: str
    package: str = ""
    first: bool = False
    accept: str = ""
    lift_quarantine: str = ""


class _Origin(NamedTuple):
    """Where the package comes from, and whose rules hold."""

    project: str
    pipeline: Pipeline
    run: Run | None
    change: Change
    tree: trees.Tree


def prepare(home: Home, wanted: Wanted, question: Question) -> Request:
    """What is to be asked for. Raises BadInput, and Refused where the environment takes no such commit."""
    origin = _inside(home) if home.run else _by_hand(home, wanted)
    environment = _environment(origin.pipeline, question.environment)
    package = _package(home, origin, question.package)
    run = origin.run.id if origin.run else packages.last_run(home.journal, origin.project, package)
    source = origin.run or (runs.get(home.journal, run) if run else None)
    branch = source.branch if source else origin.change.branch
    dirty = source.dirty if source else origin.change.dirty
    number = str(source.body.get("request", "")) if source else ""
    reason = admission.held_back(environment, branch, is_dirty=dirty, request=number)
    if reason:
        raise Refused(reason, place=environment.place)
    by = by_whom()
    accepted = f"{by}: {question.accept}" if question.accept else ""
    return Request(
        project=origin.project,
        environment=environment,
        package=package,
        path=guards.lasting(os.environ.get("PATH", os.defpath), home.folder),
        run=run,
        commit=source.commit if source else origin.change.commit,
        committed=origin.change.committed,
        branch=branch,
        is_dirty=dirty,
        evidence=evidence.evidence_for(home, run, package, accepted=accepted),
        secrets=dict(secrets_of(environment, home.folder, os.environ)),
        first=question.first,
        by=by,
        lift_quarantine=question.lift_quarantine,
        probe=probing.found_in(origin.tree, environment),
    )


def _inside(home: Home) -> _Origin:
    """Inside a run the pipeline of its commit holds, whatever a stage has written into its workspace."""
    run = runs.get(home.journal, home.run)
    if run is None:
        raise BadInput(f"SEATRIAL_RUN names no run: {home.run}")
    tree = _tree(home, run)
    file = read_pipeline(home, tree, "", Wanted(Path(), file=run.pipeline))
    committed = float(run.body.get("committed", 0.0))
    change = Change("", "", run.commit, run.tree, run.branch, committed=committed, dirty=run.dirty)
    return _Origin(run.project, file.pipeline, run, change, tree)


def _tree(home: Home, run: Run) -> trees.Tree:
    from seatrial.commit import export

    tree = export.kept(home.store, run.tree)
    if tree is None:
        raise BadInput(f"the content of run {run.number} is no longer in the store")
    return tree


def _by_hand(home: Home, wanted: Wanted) -> _Origin:
    project = open_project(wanted, home)
    owner.claim(project)
    return _Origin(project.name, project.pipeline, None, project.change, project.tree)


def _environment(pipeline: Pipeline, name: str) -> Environment:
    """The environment of a name; without one, the only one."""
    known = {environment.name: environment for environment in pipeline.environments}
    if not name and len(known) == 1:
        return next(iter(known.values()))
    if name in known:
        return known[name]
    if not known:
        raise BadInput("no environment is described", hint="describe one below `environments:`")
    if not name:
        raise BadInput(f"say which environment: --to {' | '.join(known)}")
    raise BadInput(f"there is no environment `{name}`", did_you_mean(name, known))


def _package(home: Home, origin: _Origin, reference: str) -> str:
    if reference:
        return meant.package(home, reference, origin.project)
    if origin.run is not None:
        made = told(home, origin.run.id, packages.TOLD)
        if made:
            return str(made[-1]["package"])
        raise BadInput("this run has made no package", hint="`seatrial package MODEL` before it")
    newest = packages.newest(home.journal, origin.project)
    if not newest:
        hint = "`seatrial run` makes one, or `seatrial package MODEL`"
        raise BadInput(f"the project {origin.project} has no package", hint)
    return meant.package(home, newest, origin.project)
