"""Other people's files on this machine: a person says once that one may run here.

What is remembered is the digest of the file, so an edited file is a new one, and the same file is known in
every clone. The scripts that it calls are not looked at: to trust a file is to trust the commit that it is
in. A file whose jobs all run in containers asks nothing, and neither does a seatrial.yaml, which somebody
wrote for this very program.
"""

from __future__ import annotations

from collections.abc import Callable

from seatrial.errors import BadInput, Place
from seatrial.pipeline.container import reaches_out
from seatrial.pipeline.pipeline import COMMAND
from seatrial.project.project import OWN, Project

EVENT = "file.trusted"
_LOCAL = "local"


def demand(project: Project, *, is_given: bool, ask: Callable[[str], bool] | None) -> None:
    """See to it that somebody has trusted the file of the project: now (`is_given`), before, or when asked.

    `ask` is None where there is nobody. Raises BadInput where the answer is no, or nobody can give one.
    """
    if not runs_here(project) or is_trusted(project):
        return
    path = project.file.path
    if not is_given:
        if ask is None:
            text = f"{path} is new to this machine: its commands would run here, with your rights"
            raise BadInput(text, "read it, then run it once with --yes", Place(path))
        if not ask(f"{path} is new to this machine. Run its commands here, with your rights?"):
            raise BadInput(f"{path} is not to run here", "nothing was run", Place(path))
    with project.home.journal.change():
        project.home.journal.append(EVENT, _digest(project), path=path, project=project.name)


def runs_here(project: Project) -> bool:
    """Whether it is a file of another system with commands that no container holds, or one that a container
    cannot hold: its words may open this machine to it."""
    pipeline = project.pipeline
    here = any(
        stage.action == COMMAND and (stage.executor == _LOCAL or reaches_out(stage.container))
        for stage in pipeline.stages
    )
    return pipeline.dialect != OWN and (here or bool(pipeline.finally_))


def is_trusted(project: Project) -> bool:
    events = project.home.journal.events(subject=_digest(project))
    return any(event.kind == EVENT for event in events)


def _digest(project: Project) -> str:
    return next(entry.digest for entry in project.tree if entry.path == project.file.path)
