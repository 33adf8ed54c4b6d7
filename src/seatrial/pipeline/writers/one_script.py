"""A stage as one script of sh, with its time, its attempts and its end, for a system without such. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from seatrial.pipeline.pipeline import Finally, Stage
from seatrial.pipeline.writers.commands import again, commands, in_a_row, within
from seatrial.pipeline.writers.losses import again_there
from seatrial.pipeline.writers.writer import Loss

_OVER = 124  # what `timeout` answers
_IF = {
    "always": "true",
    "cleanup": "true",
    "success": '[ "$status" = 0 ]',
    "failure": f'[ "$status" != 0 ] && [ "$status" != {_OVER} ]',
    "aborted": f'[ "$status" = {_OVER} ]',
    "unsuccessful": '[ "$status" != 0 ]',
}


def one_script(stage: Stage) -> str:
    """The whole stage as one command of sh, which ends as the stage does."""
    line = in_a_row(commands(stage.steps) or ())
    if stage.timeout_seconds:
        line = within(line, stage.timeout_seconds)
    if stage.retry:
        line = again(line, stage.retry + 1)
    if stage.finally_:
        line = "\n".join(_ended(line, stage.finally_))
    if stage.may_fail:
        line = f"{_group(line)} || {_forgiven(stage)}"
    return line


def lost_in_script(stage: Stage) -> Iterator[Loss]:
    """What such a script does not do as the stage does."""
    yield from again_there(stage)
    for block in stage.finally_:
        if block.condition not in _IF:
            yield Loss(stage.place, f"what `{stage.name}` does after `{block.condition}`")


def forgiveness(stage: Stage) -> Iterator[Loss]:
    """What a system shows of a failure that counts for nothing, where only the script forgives it."""
    if stage.may_fail:
        yield Loss(stage.place, f"a failure of `{stage.name}` is shown in its log only")


def _ended(line: str, blocks: tuple[Finally, ...]) -> Iterator[str]:
    yield "(status=0"
    yield f"{_group(line)} || status=$?"
    for block in blocks:
        if block.condition in _IF:
            yield f"if {_IF[block.condition]}; then"
            yield f'{_group(in_a_row(commands(block.steps) or ()))} || [ "$status" != 0 ] || status=1'
            yield "fi"
    yield 'exit "$status")'


def _group(line: str) -> str:
    return f"{{ {line}\n}}" if "\n" in line else line


def _forgiven(stage: Stage) -> str:
    return f"printf '%s\\n' {shlex.quote(f'{stage.name} has failed, and may')}"
