"""Runs and the runs of their stages, as they are and as they were."""

import json
import os
from base64 import b32encode
from collections.abc import Iterable, Mapping
from typing import Any

from seatrial.errors import BadInput
from seatrial.journal.journal import Journal
from seatrial.named_tuple import NamedTuple
from seatrial.system import clock, compact_json
from seatrial.system.database import Row
from seatrial.system.process import Identity

RUNNING = "running"

_RUN = (
    "SELECT id, project, number, pipeline, commit_id, branch, tree, dirty, status, started, finished,"
    " owner_pid, owner_start, owner_boot, body FROM run"
)
_START = (
    "INSERT INTO run(id, project, number, pipeline, commit_id, branch, tree, dirty, status, started,"
    " owner_pid, owner_start, owner_boot, body) VALUES (?1, ?2, (SELECT coalesce(max(number), 0) + 1"
    " FROM run WHERE project = ?2), ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"
)
_STAGE = "SELECT run, stage, position, status, key, attempt, started, seconds, body FROM stage_run"
_RECORD = (
    "INSERT OR REPLACE INTO stage_run(run, stage, position, status, key, attempt, started, seconds, body)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


class Run(NamedTuple):
    """`number` counts within the project; `finished` is None while it runs; `owner` is who drives it.

    `body` has "stages", the names of the chosen stages in order, and what became of the run.
    """

    id: str
    project: str
    number: int
    pipeline: str
    commit: str
    branch: str
    tree: str
    dirty: bool
    status: str
    started: float
    finished: float | None
    owner: Identity
    body: dict[str, Any]


class StageRun(NamedTuple):
    """`key` is "" for what is never kept; `attempt` counts from 1, 0 = it never started (or was restored).

    `body`: "message", "outputs" (digest of a tree), "exit_code", "restored_from" (a run) and, where
    that has another name there, "restored_stage"; the outcome's own body under "body".
    """

    run: str
    stage: str
    position: int
    status: str
    key: str = ""
    attempt: int = 0
    started: float | None = None
    seconds: float | None = None
    body: Mapping[str, Any] = {}


class Start(NamedTuple):
    """What a run is asked to do."""

    project: str
    pipeline: str
    commit: str
    branch: str
    tree: str
    dirty: bool
    owner: Identity
    body: Mapping[str, Any] = {}


def new_id() -> str:
    """A fresh id, like r-06h0krl009-4fz2ab: ids of later runs sort after earlier ones (from 1970 on)."""
    milliseconds = max(0, int(clock.now() * 1000)).to_bytes(8, "big")[2:]
    letters = b32encode(milliseconds + os.urandom(4)).decode().lower()
    return "r-" + letters[:10].translate(_SORTED) + "-" + letters[10:16]


# Base 32 of RFC 4648 has its digits after its letters; these sort as the numbers do.
_SORTED = str.maketrans("abcdefghijklmnopqrstuvwxyz234567", "0123456789abcdefghijklmnopqrstuv")


def start(journal: Journal, what: Start, run: str = "") -> Run:
    """Record a new run, with the next number of its project."""
    run = run or new_id()
    body = dumps(what.body)
    values = (
        *(run, what.project, what.pipeline, what.commit, what.branch, what.tree, what.dirty, RUNNING),
        *(clock.now(), *what.owner, body),
    )
    with journal.change() as database:
        database.rows(_START, values)
        started = get(journal, run)
        assert started is not None
        journal.append(
            "run.started",
            run,
            project=what.project,
            number=started.number,
            commit=what.commit,
            tree=what.tree,
        )
    return started


def record(journal: Journal, stages: Iterable[StageRun]) -> None:
    """Record what became of the runs of stages, in order, all or nothing: each is an event, and the last of a
    stage is what it is now."""
    became = tuple(stages)
    with journal.change() as database:
        for now in {(one.run, one.stage): one for one in became}.values():
            database.rows(_RECORD, (*now[:8], dumps(now.body)))
        for one in became:
            journal.append(
                "stage.started" if one.status == RUNNING else "stage.finished",
                one.run,
                stage=one.stage,
                status=one.status,
                key=one.key,
                message=one.body.get("message", ""),
            )


def finish(journal: Journal, run: str, status: str, body: Mapping[str, Any] = {}) -> bool:
    """Record the end of a run; False where somebody had done so. `body` is added to the run's own."""
    sql = (
        "UPDATE run SET status = ?, finished = ?, body = json_patch(body, ?)"
        " WHERE id = ? AND finished IS NULL RETURNING id"
    )
    with journal.change() as database:
        changed = database.rows(sql, (status, clock.now(), dumps(body), run))
        if changed:
            unfinished = "UPDATE stage_run SET status = ?, seconds = ? - started WHERE run = ? AND status = ?"
            database.rows(unfinished, (status, clock.now(), run, RUNNING))
            journal.append("run.finished", run, status=status, **body)
    return bool(changed)


def unfinished(journal: Journal) -> list[Run]:
    """The runs that have not ended, whether or not their owner lives."""
    return [_run(row) for row in journal.database.rows(_RUN + " WHERE finished IS NULL")]


def at_work(journal: Journal, key: str, *, beside: str) -> str:
    """The run, beside one, that works on a key now; "" where none has said so."""
    sql = (
        "SELECT run.id FROM run CROSS JOIN stage_run ON stage_run.run = run.id"
        " WHERE run.finished IS NULL AND run.id <> ? AND stage_run.key = ? AND stage_run.status = ? LIMIT 1"
    )
    row = journal.database.row(sql, (beside, key, RUNNING))
    return str(row[0]) if row else ""


def get(journal: Journal, run: str) -> Run | None:
    """The run of an id."""
    row = journal.database.row(_RUN + " WHERE id = ?", (run,))
    return _run(row) if row else None


def find(journal: Journal, project: str, text: str) -> Run:
    """The run that a person means: its number ("12" or "#12"), its id or the start of it; "" is the last.

    Raises BadInput where there is none, or more than one.
    """
    number = text.removeprefix("#")
    values: tuple[str | int, ...] = (project,)
    if not text:
        where = "1 ORDER BY number DESC LIMIT 1"
    elif number.isdecimal() and len(number) < 19:
        where, values = "number = ?", (project, int(number))
    else:
        where, values = "substr(id, 1, length(?2)) = ?2 LIMIT 2", (project, text)
    rows = journal.database.rows(_RUN + f" WHERE project = ? AND {where}", values)
    if len(rows) > 1:
        raise BadInput(f"more than one run begins with {text!r}", hint="give more of its id")
    if not rows:
        if not text:
            raise BadInput(f"the project {project} has no run yet", hint="`seatrial run` makes one")
        hint = "`seatrial history --runs` lists them"
        raise BadInput(f"there is no run {text!r} of the project {project}", hint)
    return _run(rows[0])


def latest(journal: Journal, project: str, *, limit: int = 20, branch: str | None = None) -> list[Run]:
    """The last runs of a project, the last one first; of one branch where it is given."""
    where = " WHERE project = ?" + ("" if branch is None else " AND branch = ?")
    values = (project, limit) if branch is None else (project, branch, limit)
    sql = _RUN + where + " ORDER BY number DESC LIMIT ?"
    return [_run(row) for row in journal.database.rows(sql, values)]


def previous_status(journal: Journal, project: str, pipeline: str, branch: str, number: int) -> str | None:
    """How the last finished run of this pipeline on the branch before `number` ended; None: there is none."""
    sql = (
        "SELECT status FROM run WHERE project = ? AND pipeline = ? AND branch = ? AND number < ?"
        " AND finished IS NOT NULL ORDER BY number DESC LIMIT 1"
    )
    row = journal.database.row(sql, (project, pipeline, branch, number))
    return str(row[0]) if row else None


def before(journal: Journal, project: str, pipeline: str, branch: str, number: int) -> Run | None:
    """The last run of this pipeline on the branch before `number`, finished or not."""
    where = " WHERE project = ? AND pipeline = ? AND branch = ? AND number < ? ORDER BY number DESC LIMIT 1"
    row = journal.database.row(_RUN + where, (project, pipeline, branch, number))
    return _run(row) if row else None


def stages(journal: Journal, run: str) -> list[StageRun]:
    """The stage runs of a run that have begun or ended, in the order of the pipeline."""
    sql = _STAGE + " WHERE run = ? ORDER BY position"
    return [_stage(row) for row in journal.database.rows(sql, (run,))]


def stage(journal: Journal, run: str, name: str) -> StageRun | None:
    """The run of one stage, if it has begun or ended."""
    row = journal.database.row(_STAGE + " WHERE run = ? AND stage = ?", (run, name))
    return _stage(row) if row else None


def dumps(body: Mapping[str, Any]) -> str:
    return compact_json.encode(body) if body else "{}"


def _run(row: Row) -> Run:
    return Run._make((*row[:7], bool(row[7]), *row[8:11], Identity._make(row[11:14]), json.loads(row[14])))


def _stage(row: Row) -> StageRun:
    return StageRun._make((*row[:8], json.loads(row[8])))
