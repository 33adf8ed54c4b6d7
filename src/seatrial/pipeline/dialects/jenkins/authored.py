"""A Jenkinsfile for a system without Groovy: programs as the steps that they come to in every run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from seatrial.pipeline.dialects.jenkins import parse, symbols
from seatrial.pipeline.dialects.jenkins.decided import Deciding, decided, deciding
from seatrial.pipeline.dialects.jenkins.evaluator import Undetermined
from seatrial.pipeline.dialects.jenkins.following import Follower, State
from seatrial.pipeline.dialects.jenkins.groovy.file import File
from seatrial.pipeline.dialects.jenkins.groovy.script import declared
from seatrial.pipeline.graph import closure
from seatrial.pipeline.pipeline import Finally, Pipeline, Stage
from seatrial.pipeline.step import Block, LeaveOut, Program, Stash, Step, Unstash, WithCredentials, WithEnv

Env = Mapping[str, str]


def authored(text: str, path: str) -> Pipeline:
    """The pipeline of a file without errors. A program whose steps hang on the run stays one."""
    pipeline, _ = parse(text, path)
    bound = frozenset(_bound((pipeline.stages, pipeline.finally_)))
    follower = Follower(symbols.of_a_run(one.name for one in pipeline.parameters), bound)
    first = follower.state
    conditions: dict[str, Deciding] = {}
    stages = [_stage(one, pipeline, follower, conditions) for one in pipeline.stages]
    stages = [
        one for one in stages if one.steps or one.name not in conditions
    ]  # that decided for others only
    ends = tuple(_ended(one, {}, follower, first) for one in pipeline.finally_)
    made = pipeline._replace(stages=tuple(stages), finally_=ends)
    return symbols.with_variables(made)


def _bound(whole: tuple[Any, ...]) -> Iterator[str]:
    """The names that scripts give values to, and what stands beside the pipeline."""
    waiting: list[Any] = [whole]
    seen: set[int] = set()
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield from declared(one)
        parts = (*one.methods.values(), tuple(one.variables)) if isinstance(one, File) else one
        waiting += [part for part in parts if isinstance(part, tuple)]


def _stage(stage: Stage, pipeline: Pipeline, follower: Follower, conditions: dict[str, Deciding]) -> Stage:
    """The stage under its condition and those of the stages that decide for it, which are gone then."""
    over = dict(stage.env)
    by = deciding(stage, follower, over)
    made = _with_steps(stage if by is None else stage._replace(steps=by[1]), pipeline, follower)
    gone = [name for name in stage.left_out_with if name in conditions]
    made = made._replace(left_out_with=tuple(name for name in stage.left_out_with if name not in gone))
    if by is None:
        return made
    condition = by[0]
    if any(stage.name in one.left_out_with for one in pipeline.stages) and _never_leaves_out(made.steps):
        conditions[stage.name] = condition
    for name in gone:
        condition = condition.and_(conditions[name])
    return decided(made, condition, follower)


def _never_leaves_out(steps: tuple[Step, ...]) -> bool:
    return not any(isinstance(one, Program | LeaveOut) for one in steps)


def _with_steps(stage: Stage, pipeline: Pipeline, follower: Follower) -> Stage:
    over = dict(stage.env)
    before = follower.state
    steps = _settled(stage.steps, over, follower)
    is_left = follower.state._replace(environments={}) != before._replace(environments={})
    if is_left and not _is_always_before(stage, pipeline):
        follower.state = before  # whether the others find it is not sure
        steps = stage.steps
    ends = tuple(_ended(one, over, follower, before) for one in stage.finally_)
    return stage._replace(steps=steps, finally_=ends)


def _is_always_before(stage: Stage, pipeline: Pipeline) -> bool:
    """Whether all stages that come later in the file find what this one leaves."""
    later = pipeline.stages[[one.name for one in pipeline.stages].index(stage.name) + 1 :]
    is_conditional = stage.when or stage.decision or stage.left_out_with
    is_one = all(one.workspace == stage.workspace for one in later)
    before = all(stage.name in closure(pipeline.stages, [one.name]) for one in later)
    return not later or (before and is_one and not is_conditional)


def _ended(block: Finally, over: Env, follower: Follower, before: State) -> Finally:
    """What runs at an end may find what the steps before it have left, or a part of it; and may not run."""
    after = follower.state
    steps = _settled(block.steps, over, follower)
    is_sure = not _alters(after, follower)
    follower.state = before
    others = _settled(block.steps, over, follower)
    follower.state = after
    return block._replace(steps=steps if is_sure and steps == others else block.steps)


def _alters(before: State, follower: Follower) -> bool:
    """Whether steps since then have given another value to what those after them may read."""
    had, has = (follower.declared if one.binding is None else one.binding for one in (before, follower.state))
    changed = has is not None and any(has.get(name) != value for name, value in (had or {}).items())
    return changed or follower.state.env != before.env


def _settled(steps: tuple[Step, ...], over: Env, follower: Follower) -> tuple[Step, ...]:
    return tuple(found for step in steps for found in _of_step(step, over, follower))


def _of_step(step: Step, over: Env, follower: Follower) -> tuple[Step, ...]:
    if not isinstance(step, Block | Program | Stash | Unstash) and not follower.state.env:
        return (step,)
    try:
        return follower.steps(step, over)
    except Undetermined:
        if not isinstance(step, Block):
            return (step,)
        return (step._replace(steps=_settled(step.steps, _within(step, over), follower)),)


def _within(block: Block, over: Env) -> Env:
    if isinstance(block, WithEnv):
        return {**over, **dict(block.env)}
    if isinstance(block, WithCredentials):
        return {**over, **symbols.of_names(one.variable for one in block.credentials)}
    return over
