"""Nothing to do, told from one small file: the answer that a person waits for most often.

A run that ended well leaves a note of all that its result was a function of: the state of the checkout, the
variables that a key can name, the files outside the commit, and the last event of the journal. While all of
it is as it was, running again would restore every stage and change nothing; so the note's words are the
answer, and no run is recorded. Any event (a rollback, a release, a collection of the store) makes the note
void, and so does whatever cannot be told cheaply: the whole way is always right, this is only the short one.
"""

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from seatrial import __version__
from seatrial.errors import Problem
from seatrial.journal.journal import Journal, open_journal
from seatrial.named_tuple import NamedTuple
from seatrial.system import clock, digest, files

if TYPE_CHECKING:
    from seatrial.pipeline.pipeline import Stage
    from seatrial.run.request import Request, RunResult

# A file changed this recently may change again without a trace in its times.
_RACY_SECONDS = 2.0
# What changes more than what is run, or is not told by the checkout alone.
_NEVER = frozenset(
    (
        "--json", "--report", "--fresh", "--dry-run", "--first", "--accept-inconclusive", "--commit",
        "--branch", "--event", "--pull-request",
    )
)  # fmt: skip


class Outside(NamedTuple):
    """The files and folders outside the commit that a run reads, and how they looked before it did."""

    paths: list[str]
    looks: list[str]


class Note(NamedTuple):
    """What was the case. `watched` are files and folders outside the commit that were read."""

    words: list[str]  # what to say, by line
    watched: list[str]
    serves: str  # the project whose environments must still answer, "" where none was released
    facts: str  # the digest of all that must be as it was


def is_eligible(words: list[str]) -> bool:
    """Whether a command can have a note: `run` of the working state, without options that ask for more."""
    return words[:1] == ["run"] and not any(word.partition("=")[0] in _NEVER for word in words)


def recall(home: Path, words: list[str], folder: Path) -> list[str] | None:
    """The lines that answer `words` in `folder` when there is nothing to do, else None. Raises nothing."""
    try:
        note = Note(**json.loads((home / "idle" / _name(words, folder)).read_bytes()))
        journal = open_journal(home)
        holds = note.facts == _facts_now(home, journal, folder, note.watched) and _serves(
            journal, note.serves
        )
    except (OSError, ValueError, TypeError, Problem):
        return None
    return note.words if holds else None


def would_do_nothing(request: "Request", result: "RunResult") -> bool:
    """Whether a run left nothing that the same run again would do: all restored, or converged."""
    from seatrial.pipeline import commit_variables
    from seatrial.pipeline.pipeline import APPROVE, COMMAND

    if result.exit_code or request.change.dirty or request.fresh or request.pipeline.finally_:
        return False
    # A tag is no part of the checkout's state, so what depends on one may change unseen.
    if any(commit_variables.asks_for_tag(stage) for stage in request.pipeline.stages):
        return False
    if any(_has_variables(request, stage) for stage in request.stages if stage.python):
        return False
    for stage in request.stages:
        has_effects = stage.effects or stage.secrets or not stage.cache or stage.action == APPROVE
        if stage.when or stage.git or (has_effects and stage.action in (COMMAND, APPROVE)):
            return False
    return True


def _has_variables(request: "Request", stage: "Stage") -> bool:
    """Whether the stage's requirements are other ones with other variables of ours."""
    from seatrial.run.python_environment import requirements_of

    return "${" in requirements_of(request.store, request.tree, stage.python)


def look_outside(request: "Request") -> Outside:
    """Call it before the run: what changes while that goes on is not what its results were made of."""
    paths = sorted({path for stage in request.stages for path in _outside(stage)})
    return Outside(paths, [look for path in paths for look in _looks(path)])


def remember(request: "Request", outside: Outside, words: list[str], folder: Path, lines: list[str]) -> None:
    """Leave a note that all there was to do is done; none where that could not be told again."""
    from seatrial.pipeline.pipeline import RELEASE

    change = request.change
    if "" not in outside.looks:
        facts = _facts(request.journal, change.commit, change.branch, outside.looks)
        place = request.home / "idle"
        place.mkdir(exist_ok=True)
        has_released = any(stage.action == RELEASE for stage in request.stages)
        note = Note(lines, outside.paths, request.project if has_released else "", facts)
        files.write(place / _name(words, folder), json.dumps(note._asdict()).encode())


def _outside(stage: "Stage") -> list[str]:
    """The files outside the commit that a stage reads."""
    options = stage.options
    named = [getattr(options, name, "") for name in ("data", "predictions")]
    return [path for path in (*(stage.inputs or ()), *named) if path.startswith("/")]


def _serves(journal: Journal, project: str) -> bool:
    if not project:
        return True
    from seatrial.release import serving

    return serving.all_serve(journal, project)


def _name(words: list[str], folder: Path) -> str:
    asked = (str(folder), words, sys.stdout.isatty(), os.environ.get("NO_COLOR", ""))
    return digest.of_text(json.dumps(asked)).partition(":")[2][:32]


def _facts_now(home: Path, journal: Journal, folder: Path, watched: list[str]) -> str:
    """The digest of all that must stay as it is; "" where the checkout has edits or a file is too fresh."""
    from seatrial.commit.sources.git.repository import find
    from seatrial.commit.sources.git.revision import read_status

    repository = find(folder)
    if repository is None or repository.is_bare:
        return ""
    status = read_status(repository, home.resolve())
    looks = [look for path in watched for look in _looks(path)]
    if status.records or not status.commit or "" in looks:
        return ""
    return _facts(journal, status.commit, status.branch, looks)


def _facts(journal: Journal, commit: str, branch: str, looks: list[str]) -> str:
    last = journal.database.row("SELECT max(sequence) FROM event")
    known = (__version__, sys.version, commit, branch, last, looks, _variables(), _python())
    return digest.of_text(json.dumps(known))


def _variables() -> list[str]:
    kept = ("PATH", "HOME", "LANG", "TZ", "VIRTUAL_ENV", "PYTHONPATH", "PYENV_VERSION")
    return [f"{name}={value}" for name, value in sorted(os.environ.items()) if name in kept or _is_ours(name)]


def _is_ours(name: str) -> bool:
    return name.startswith("SEATRIAL_")


def _python() -> list[list[str]]:
    from seatrial.run.python_environment import host_ingredients

    return [list(one) for one in host_ingredients(os.environ.get("PATH", ""))]


def _looks(path: str) -> list[str]:
    """How a file, or all that a folder holds, looks by its stat; "" for what changed only now."""
    found = [path]
    for folder, _, names in os.walk(path):
        found += [folder, *(f"{folder}/{name}" for name in sorted(names))]
    return [_look(one) for one in found]


def _look(path: str) -> str:
    try:
        info = os.stat(path)  # noqa: PTH116 - hot
    except OSError:
        return f"{path} is not there"
    if clock.now() - max(info.st_mtime, info.st_ctime) < _RACY_SECONDS:
        return ""
    return f"{path} {info.st_ino} {info.st_size} {info.st_mtime_ns} {info.st_ctime_ns}"
