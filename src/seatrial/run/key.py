"""The key of a stage: the digest of all that its result depends on (pure).

What is left out is left out on purpose: the name of the stage, its place in the file, `needs`, `when`, the
timeout, retries and the names of its inputs' patterns change nothing of what its commands see.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from seatrial.pipeline.pipeline import Stage
from seatrial.pipeline.step import (
    Asking,
    Block,
    Branches,
    Echo,
    Fail,
    Keeping,
    LeaveOut,
    Mark,
    Placing,
    Program,
    SetVariable,
    Step,
)
from seatrial.run.action import Key
from seatrial.run.ingredient import SECRET, VARIABLE, Ingredients
from seatrial.system import compact_json, digest

# Part of every key: raise it whenever the same ingredients would come to mean another result.
FORMAT = "1"


def make(ingredients: Iterable[tuple[str, str]]) -> Key:
    """The key of named ingredients. Their order counts, so name them in a fixed one."""
    listed = tuple(ingredients)
    return Key(digest.of_text(compact_json.encode([FORMAT, listed])), listed)


def of_command(stage: Stage, python: Ingredients, contents: Ingredients) -> Key:
    """The key of a stage that runs commands.

    `python` is what it runs in (see `seatrial.run.python_environment.ingredients`); `contents` is what it
    reads, by the names above: the tree of its inputs, upstream trees, external files.
    """
    return make((*of_definition(stage), *python, *contents))


def of_definition(stage: Stage) -> Ingredients:
    """What the pipeline file itself says of a stage, as far as its result depends on it."""
    found = [("action", stage.action), ("commands", commands(stage))]
    found += [(VARIABLE + name, value) for name, value in sorted(stage.env + stage.variables)]
    found += [(SECRET + name, "") for name in sorted(stage.secrets)]
    if stage.outputs:
        found.append(("outputs", "\n".join(sorted(stage.outputs))))
    if stage.reports:
        found.append(("reports", "\n".join(stage.reports)))
    if stage.image:
        found.append(("image", stage.image))
    found += [(f"service {one.name}", json.dumps([one.image, *one[2:]])) for one in stage.services]
    return tuple(found)


def commands(stage: Stage) -> str:
    """The steps of a stage and what runs after them, as one text."""
    after = [[one.condition, _plain(one.steps)] for one in stage.finally_]
    return json.dumps([_plain(stage.steps), after] if after else _plain(stage.steps), ensure_ascii=False)


def _plain(steps: Iterable[Step]) -> list[Any]:
    return [_plain_step(step) for step in steps]


def _plain_step(step: Step) -> list[Any]:
    if isinstance(step, Program):
        return ["program", step.source]
    if isinstance(step, Echo):
        return ["echo", step.text]
    if isinstance(step, Fail):
        return ["fail", step.message]
    if isinstance(step, Mark | SetVariable | Placing | Keeping | LeaveOut | Asking):
        return [type(step).__name__.lower(), *step]
    if isinstance(step, Branches):
        branches = [[name, _plain(steps)] for name, steps in step.branches]
        return ["branches", step.fails_fast, branches]
    if isinstance(step, Block):
        return [type(step).__name__.lower(), *step[:-1], _plain(step.steps)]
    return ["shell", step.script, step.shell, step.env, step.session, step.check, step.capture]
