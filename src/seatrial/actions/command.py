"""Run commands: the kind of every stage that has no other."""

from __future__ import annotations

from seatrial.pipeline.pipeline import COMMAND, Stage, is_kept
from seatrial.run import attempt, contents, surroundings
from seatrial.run import key as keys
from seatrial.run.action import Context, Key
from seatrial.run.outcome import FAILED, MAY_FAIL, UNSTABLE, Outcome

NAME = COMMAND


def key(stage: Stage, context: Context) -> Key | None:
    """None for what is never kept: effects, a shared workspace, secrets, `cache: false`."""
    if not is_kept(stage):
        return None
    reads = contents.of_stage(stage, context)
    made = keys.of_command(stage, surroundings.ingredients(stage, context), contents.ingredients(reads))
    if stage.git:  # what it sees is the history, not only the files
        change = context.change
        seen = (("commit", change.commit), ("branch", change.branch), ("tag", change.tag))
        made = keys.make((*made.ingredients, *seen))
    return made


def perform(stage: Stage, context: Context) -> Outcome:
    outcome = attempt.perform(stage, context)
    if stage.may_fail and outcome.status in (FAILED, UNSTABLE) and MAY_FAIL not in outcome.body:
        return outcome._replace(
            message=f"{outcome.message} (it may fail)", body={**outcome.body, MAY_FAIL: True}
        )
    return outcome
