"""A repository with another system's file, run as a whole: with real commands, in real workspaces."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, NamedTuple

from seatrial.pipeline.condition import BY_HAND, Trigger
from seatrial.project import api
from seatrial.run import runner
from seatrial.run.events import LogLine
from seatrial.run.outcome import Outcome
from tests import bare_python
from tests.conftest import Repository


class Ran(NamedTuple):
    """`statuses` and `messages` by job; `logs` without the lines that repeat the commands."""

    status: str
    statuses: dict[str, str]
    messages: dict[str, str]
    logs: dict[str, str]
    outcomes: Mapping[str, Outcome]

    @property
    def log(self) -> str:
        return "\n".join(self.logs.values())


def ran(
    made: Repository,
    text: str,
    env: Mapping[str, str] | None = None,
    **wanted: Any,
) -> Ran:
    """Commit the `.travis.yml`, which is of `language: shell` unless it says another, and run it.

    Its Python 3.11 is a bare one, unless `env` has a PATH.
    """
    head = "" if "language:" in text else "language: shell\n"
    made.write(".travis.yml", head + text)
    env = {"PATH": bare_python.path_with(made.folder.parent), **(env or {})}
    return run_of(made, env, repeated="$ ", **wanted)


def run_of(
    made: Repository,
    env: Mapping[str, str] | None = None,
    *,
    repeated: str,
    jobs: int = 1,
    skip_missing: bool = False,
    trigger: Trigger = BY_HAND,
    **wanted: Any,
) -> Ran:
    """Commit all that there is, and run it; `repeated` begins the lines that repeat the commands."""
    made.commit(wanted.pop("message", "a change"))
    lines: dict[str, list[str]] = {}

    def listen(event: object) -> None:
        if isinstance(event, LogLine):
            lines.setdefault(event.stage, []).append(event.text.decode("utf-8", "replace"))

    asked = api.Wanted(made.folder, spec=wanted.pop("spec", "HEAD"), target=trigger.target, **wanted)
    project = api.open_project(asked)
    variables = {**os.environ, **(env or {})}
    request = api.prepare(project, jobs=jobs, skip_missing=skip_missing, trigger=trigger, host_env=variables)
    result = runner.run(request, listen)
    names = [stage.name for stage in request.stages]
    return Ran(
        result.status,
        {name: result.outcomes[name].status for name in names},
        {name: result.outcomes[name].message for name in names},
        {
            name: "\n".join(one for one in said if not one.startswith(repeated))
            for name, said in lines.items()
        },
        result.outcomes,
    )
