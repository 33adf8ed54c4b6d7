"""Run commands: the kind of every stage that has no other."""

from __future__ import annotations

from seatrial.pipeline.pipeline import COMMAND, Stage
from seatrial.run import attempt, cache, contents, surroundings
from seatrial.run import key as keys
from seatrial.run.action import Context, Key, Outcome

NAME = COMMAND


def key(stage: Stage, context: Context) -> Key | None:
    """None for what is never kept: effects, a shared workspace, secrets, `cache: false`."""
    if not cache.is_kept(stage):
        return None
    reads = contents.of_stage(stage, context)
    made = keys.of_command(stage, surroundings.ingredients(stage, context), contents.ingredients(reads))
    if stage.git:  # what it sees is the history, not only the files
        made = keys.make((*made.ingredients, ("commit", context.change.commit)))
    return made


def perform(stage: Stage, context: Context) -> Outcome:
    return attempt.perform(stage, context)
