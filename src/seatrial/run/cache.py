"""Outcomes kept by their key, and taken again."""

from seatrial.journal import results
from seatrial.journal.results import Result
from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.pipeline import Stage
from seatrial.run.action import Context, Key
from seatrial.run.outcome import SUCCEEDED, Outcome
from seatrial.store import blobs, trees


class Hit(NamedTuple):
    """A kept outcome; `stage` of `run` made it, in `seconds`."""

    outcome: Outcome
    run: str
    stage: str
    seconds: float


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


def first(context: Context, key: Key, outcome: Outcome) -> Outcome:
    """The outcome that counts for a key that was worked out again: the one it had before."""
    result = results.find(context.journal, key.digest)
    return _hit(result).outcome if result else outcome


def keep(context: Context, stage: Stage, key: Key, outcome: Outcome, seconds: float) -> None:
    """Keep the outcome of a success, unless its key has one."""
    body = {"outputs": outcome.outputs, "message": outcome.message, "body": outcome.body}
    made = Result(key.digest, context.project, stage.name, context.run, 0.0, seconds, key.ingredients, body)
    results.keep(context.journal, made)


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
    return Hit(outcome, result.run, result.stage, result.seconds)
