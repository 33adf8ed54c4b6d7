"""Outcomes kept by their key, and taken again."""

from __future__ import annotations

from typing import NamedTuple

from seatrial.journal import results
from seatrial.journal.results import Result
from seatrial.pipeline.pipeline import Stage
from seatrial.run.action import SUCCEEDED, Context, Key, Outcome
from seatrial.store import blobs, trees


class Hit(NamedTuple):
    """A kept outcome; `run` made it, in `seconds`."""

    outcome: Outcome
    run: str
    seconds: float


def is_kept(stage: Stage) -> bool:
    """Whether a stage's results are kept at all: not those of effects, nor those that depend on a secret."""
    return stage.cache and not stage.effects and not stage.secrets and not stage.workspace


def lookup(context: Context, key: Key) -> Hit | None:
    """The result of a key, if its outputs are still in the store.

    Only the list of the outputs is looked at; a content that is gone shows when somebody reads it, see
    `drop_damaged`.
    """
    result = results.find(context.journal, key.digest)
    if result is None:
        return None
    hit = _hit(result)
    if hit.outcome.outputs and not blobs.has(context.store, hit.outcome.outputs):
        results.drop(context.journal, key.digest, "its outputs are no longer in the store")
        return None
    return hit


def keep(context: Context, stage: Stage, key: Key, outcome: Outcome, seconds: float) -> Outcome:
    """Keep the outcome of a success, and return the one that the key has now: that of the first."""
    body = {"outputs": outcome.outputs, "message": outcome.message, "body": outcome.body}
    ours = Result(key.digest, context.project, stage.name, context.run, 0.0, seconds, key.ingredients, body)
    first = results.keep(context.journal, ours)
    return outcome if first is ours else _hit(first).outcome


def drop_damaged(context: Context, key: str, outcome: Outcome) -> bool:
    """Forget a result whose outputs are damaged or gone; False where all of them are intact."""
    try:
        tree = trees.load(context.store, outcome.outputs)
    except blobs.Missing:
        intact = False
    else:
        intact = all(
            blobs.is_intact(context.store, entry.digest) for entry in tree if entry.kind != trees.LINK
        )
    if not intact:
        results.drop(context.journal, key, "its outputs are damaged or no longer in the store")
    return not intact


def _hit(result: Result) -> Hit:
    body = result.body
    outcome = Outcome(SUCCEEDED, body["outputs"], body["message"], 0, body["body"])
    return Hit(outcome, result.run, result.seconds)
