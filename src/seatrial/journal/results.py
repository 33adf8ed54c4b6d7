"""Results of stages by their key. The first result of a key stays, whoever comes later."""

import json
from collections.abc import Mapping
from typing import Any

from seatrial.journal.journal import Journal
from seatrial.named_tuple import NamedTuple
from seatrial.system import clock, compact_json
from seatrial.system.database import Row

Ingredients = tuple[tuple[str, str], ...]

_RESULT = "SELECT key, project, stage, run, at, seconds, ingredients, body FROM result"
_INSERT = (
    "INSERT OR IGNORE INTO result(key, project, stage, run, at, seconds, ingredients, body)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING key"
)


class Result(NamedTuple):
    """What a stage gave. `run` is the one that made it, and has its log; `seconds` is how long that took.

    `ingredients` is what the key was made of. `body` is the outcome, as `seatrial.run.cache` writes it.
    """

    key: str
    project: str
    stage: str
    run: str
    at: float
    seconds: float
    ingredients: Ingredients
    body: Mapping[str, Any]


def find(journal: Journal, key: str) -> Result | None:
    row = journal.database.row(_RESULT + " WHERE key = ?", (key,))
    return _result(row) if row else None


def keep(journal: Journal, result: Result) -> Result:
    """Keep the result, and return the one that its key has now: the first."""
    ingredients, body = compact_json.encode(result.ingredients), compact_json.encode(result.body)
    values = (*result[:4], result.at or clock.now(), result.seconds, ingredients, body)
    with journal.change() as database:
        if database.rows(_INSERT, values):
            return result
        first = find(journal, result.key)
    assert first is not None
    return first


def drop(journal: Journal, key: str, reason: str) -> None:
    """Forget a result that cannot be used any more."""
    with journal.change() as database:
        if database.rows("DELETE FROM result WHERE key = ? RETURNING key", (key,)):
            journal.append("result.dropped", key, reason=reason)


def latest(journal: Journal, project: str, stage: str, *, limit: int = 10) -> list[Result]:
    """The last results of a stage, the last one first."""
    sql = _RESULT + " WHERE project = ? AND stage = ? ORDER BY rowid DESC LIMIT ?"
    return [_result(row) for row in journal.database.rows(sql, (project, stage, limit))]


def all_of(journal: Journal) -> list[Result]:
    """Every result, for a collection of what the store may let go."""
    return [_result(row) for row in journal.database.rows(_RESULT)]


def _result(row: Row) -> Result:
    ingredients = tuple((str(name), str(value)) for name, value in json.loads(row[6]))
    return Result._make((*row[:6], ingredients, json.loads(row[7])))
