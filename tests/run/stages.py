"""Small pipelines for the tests of this chapter, and a project that runs them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from seatrial.actions.all_actions import Actions
from seatrial.commit.change import Change
from seatrial.errors import Place
from seatrial.journal.journal import open_journal
from seatrial.pipeline.condition import Facts
from seatrial.pipeline.pipeline import Finally, Pipeline, Stage
from seatrial.pipeline.step import Shell, Step
from seatrial.run.events import LogLine, RunEvent
from seatrial.run.request import Request, RunResult
from seatrial.run.runner import run
from seatrial.store import trees
from seatrial.store.store import open_store
from tests import journals
from tests.conftest import Repository

PLACE = Place("seatrial.yaml", 1, 1)
PATH = os.environ.get("PATH", os.defpath)


def stage(name: str, *steps: str | Step, **fields: Any) -> Stage:
    """A stage; a step may be given as its script."""
    listed = tuple(Shell(step) if isinstance(step, str) else step for step in steps)
    return Stage(name, PLACE, steps=listed, **fields)


class Project(NamedTuple):
    """A home, and a commit's files. `events` is what the last runs told, in order."""

    home: Path
    files: Path
    events: list[RunEvent]

    def write(self, path: str, content: str | bytes) -> None:
        target = self.files / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)

    def request(self, *stages: Stage, **fields: Any) -> Request:
        journal = open_journal(self.home)
        store = open_store(self.home, journal)
        tree = trees.ingest(store, self.files, may_leave=True)  # as of a commit
        digest = trees.save(store, tree)
        env: Mapping[str, str] = {"PATH": PATH}
        finally_: tuple[Finally, ...] = fields.pop("finally_", ())
        dialect = fields.pop("dialect", "seatrial")
        pipeline = Pipeline(
            dialect,
            "seatrial.yaml",
            stages=stages,
            finally_=finally_,
            is_interrupted=dialect == "jenkins",  # as its reader says
        )
        change = Change("git", str(self.files), "c" * 40, digest, "main")
        if any(one.git for one in stages):
            change = change._replace(
                root=str(self.home / "repository"), commit=_committed(self.home, self.files)
            )
        made = Request(
            self.home, journal, store, "shop", change, tree, pipeline, stages, Actions(), env, Facts()
        )
        return made._replace(**fields)

    def run(self, *stages: Stage, **fields: Any) -> RunResult:
        request = self.request(*stages, **fields)
        try:
            return run(request, self.events.append)
        finally:
            request.journal.close()

    def log(self, name: str) -> str:
        """What a stage wrote, in all runs since the events were last cleared."""
        lines = [e.text for e in self.events if isinstance(e, LogLine) and e.stage == name]
        return b"\n".join(lines).decode("utf-8", "replace")

    def of(self, kind: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    def output(self, result: RunResult, name: str) -> dict[str, bytes]:
        """The files that a stage gave, by path."""
        return {path: content for path, content in self._given(result, name) if isinstance(content, bytes)}

    def links(self, result: RunResult, name: str) -> dict[str, str]:
        """Where the links lead that a stage gave, by path."""
        return {path: target for path, target in self._given(result, name) if isinstance(target, str)}

    def _given(self, result: RunResult, name: str) -> list[tuple[str, bytes | str]]:
        from seatrial.store import blobs

        journal = open_journal(self.home)
        store = open_store(self.home, journal)
        tree = trees.load(store, result.outcomes[name].outputs)
        found = [
            (one.path, one.digest if one.kind == trees.LINK else blobs.read(store, one.digest))
            for one in tree
        ]
        journal.close()
        return found


def _committed(home: Path, files: Path) -> str:
    """The id of a commit with these files, in a repository below the home."""
    made = Repository(home / "repository")
    shutil.rmtree(made.folder, ignore_errors=True)
    shutil.copytree(files, made.folder, symlinks=True)
    made.git("init", "--quiet", "--initial-branch=main")
    return made.commit()


def new(folder: Path) -> Project:
    """A project below a folder, with nothing in its commit but an empty pipeline file."""
    found = Project(folder / "state", folder / "files", [])
    found.home.mkdir()
    journals.begin(found.home)
    found.files.mkdir()
    found.write("seatrial.yaml", "")
    return found


def statuses(result: RunResult) -> dict[str, str]:
    return {name: outcome.status for name, outcome in result.outcomes.items()}
