"""The variables that the commands of a stage see: a fixed minimum, ours, and what is declared (pure)."""

import os
from pathlib import Path

from seatrial.commit.change import Change
from seatrial.named_tuple import NamedTuple
from seatrial.pipeline import commit_variables
from seatrial.pipeline.pipeline import Stage, Variables
from seatrial.system.process import TOKEN

DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Surroundings(NamedTuple):
    """`path` is the PATH that we were started with; `own_bin` the folder of our own command, put last, so
    that a script finds the seatrial that runs it. `change` is None for a stage that may be restored: what it
    gives must not depend on the commit or the number of the run. `venv` is None for the Python on PATH.
    `request` is the number of the pull request that is run, `target` the branch it wants to go to, and
    `event` what started the run."""

    path: str
    own_bin: str
    home: Path
    project: str
    run: str
    number: int
    change: Change | None
    venv: Path | None = None
    request: str = ""
    target: str = ""
    event: str = ""


class Folders(NamedTuple):
    """Where a stage works; its HOME and TMPDIR are its own."""

    work: Path
    home: Path
    temporary: Path


def of_stage(
    stage: Stage, around: Surroundings, folders: Folders, foreign: Variables = (), secrets: Variables = ()
) -> dict[str, str]:
    """All variables of a stage. Later ones win: minimum, ours, the dialect's, the stage's, secrets."""
    around_it = minimum(around, folders)
    if stage.image:
        del around_it["PATH"]  # the image has its own
    if stage.image and stage.container.user:
        del around_it["HOME"]
    return {
        **around_it,
        **ours(stage, around),
        **dict(foreign),
        **dict(stage.env),
        **dict(stage.variables),
        **dict(secrets),
    }


def minimum(around: Surroundings, folders: Folders) -> dict[str, str]:
    """Language and time zone are fixed, so that a stage gives the same on every machine. Git looks for no
    repository above the folders of the stage: the one that it would find there is the user's."""
    room = folders.home.parent
    found = {
        "PATH": search_path(around),
        "HOME": str(folders.home),
        "TMPDIR": str(folders.temporary),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "CI": "true",
        "GIT_CEILING_DIRECTORIES": f"{room}{os.pathsep}{room.parent}",
    }
    return found if around.venv is None else {**found, "VIRTUAL_ENV": str(around.venv)}


def search_path(around: Surroundings) -> str:
    parts = [] if around.venv is None else [str(around.venv / "bin")]
    parts.append(around.path or DEFAULT_PATH)
    if around.own_bin and around.own_bin not in around.path.split(os.pathsep):
        parts.append(around.own_bin)
    return os.pathsep.join(parts)


def ours(stage: Stage, around: Surroundings) -> dict[str, str]:
    """What a script may ask about its run. SEATRIAL_RUN and SEATRIAL_HOME let a `seatrial` find it again;
    they are no part of a key, so no output may hold them."""
    found = {
        "SEATRIAL_HOME": str(around.home),
        "SEATRIAL_PROJECT": around.project,
        "SEATRIAL_RUN": around.run,
        "SEATRIAL_STAGE": stage.name,
        TOKEN: around.run,
    }
    if around.change is not None:
        found |= {"SEATRIAL_RUN_NUMBER": str(around.number), **commit_variables.of(around.change)}
        found |= {
            "SEATRIAL_PULL_REQUEST": around.request,
            "SEATRIAL_PULL_REQUEST_TARGET": around.target,
            "SEATRIAL_EVENT": around.event,
        }
    return {name: value for name, value in found.items() if value}
