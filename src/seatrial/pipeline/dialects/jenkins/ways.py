"""The ways through a program as steps: what all have stays, and where they part a shell asks which it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.dialects.jenkins.answers import Answers, Question, filled
from seatrial.pipeline.dialects.jenkins.evaluator import Undetermined
from seatrial.pipeline.dialects.jenkins.symbols import Place, asking, in_shell
from seatrial.pipeline.step import (
    REQUIRED,
    SEATRIAL_SHELL,
    Block,
    Dir,
    Mark,
    Shell,
    Step,
    WithCredentials,
    WithEnv,
)
from seatrial.pipeline.writers.commands import ASIDE, commands, in_a_row

Event = Any  # a Step, a Captured, or a question with its answer
Made = Mapping[str, str]


class Way(NamedTuple):
    """What happens on one way, in order, and what is left behind."""

    events: tuple[Event, ...]
    state: Any

    @property
    def answers(self) -> tuple[bool, ...]:
        return tuple(one[1] for one in self.events if is_question(one))


def is_question(event: Event) -> bool:
    return type(event) is tuple and len(event) == 2 and isinstance(event[0], Question)


def as_steps(ways: list[Way], made: Made) -> tuple[Step, ...]:
    """Raises Undetermined where a shell cannot do what differs."""
    return _merged(_tree([way.events for way in ways], made))


def chosen(ways: list[Way], answers: Answers) -> Any:
    """What a block of the environment leaves behind: a value that hangs on answers is a variable of sh."""
    state = ways[-1].state
    if all(way.state == state for way in ways):
        return state
    environments = {}
    for where, values in state.environments.items():
        every = [way.state.environments.get(where) for way in ways]
        if any(one is None for one in every):
            raise Undetermined
        environments[where] = {
            name: _one_of([one[name] for one in every], ways, name, answers) for name in values
        }
    return state._replace(environments=environments)


def _one_of(values: list[str], ways: list[Way], name: str, answers: Answers) -> str:
    if len(set(values)) == 1:
        return values[0]
    word = "if"
    made = ""
    for value, way in zip(values, ways, strict=True):
        asked = [one for one in way.events if is_question(one)]
        tests = (one.test if answer else f"! {{ {one.test}; }}" for one, answer in asked)
        made += (
            f"{word} {' && '.join(f'{{ {test}; }}' for test in tests)}; then {name}_chosen={filled(value)}; "
        )
        word = "elif"
    return answers.keep(f"{name}_chosen", f"{made}fi")


def _tree(ways: list[tuple[Event, ...]], made: Made) -> tuple[Step, ...]:
    """All ways have the same events up to the first question."""
    found: list[Step] = []
    for number, event in enumerate(ways[0]):
        if is_question(event):
            yes, no = (
                [way[number + 1 :] for way in ways if way[number][1] is answer] for answer in (True, False)
            )
            return (*found, *_asked(event[0], _tree(yes, made), _tree(no, made), made))
        found.append(in_shell(event, Place(made)))
    return tuple(found)


def _asked(question: Question, yes: tuple[Step, ...], no: tuple[Step, ...], made: Made) -> Iterator[Step]:
    """What comes after a question; nothing is asked where nothing hangs on it."""
    common = 0
    while common < min(len(yes), len(no)) and yes[-1 - common] == no[-1 - common]:
        common += 1
    last = yes[len(yes) - common :]
    yes, no = yes[: len(yes) - common], no[: len(no) - common]
    if yes or no:
        yield from _chosen(question, yes, no, made)
    yield from last


def _chosen(question: Question, yes: tuple[Step, ...], no: tuple[Step, ...], made: Made) -> Iterator[Step]:
    credentials = [one for step in (*yes, *no) for one in _credentials(step)]
    lines = [*asking((question.text, question.other), Place(made)), f"if {question.test}; then"]
    lines.append(_script(yes))
    if no:
        lines += ("else", _script(no))
    made_of_it: Step = Shell("\n".join((*lines, "fi")), SEATRIAL_SHELL)
    for one in credentials:
        made_of_it = one._replace(need=REQUIRED, steps=(made_of_it,))
    yield made_of_it
    yield from (one for step in (*yes, *no) for one in _marks(step))


def _script(steps: tuple[Step, ...]) -> str:
    bare = tuple(one for step in steps for one in _bare(step))
    made = commands(bare)
    if made is None:
        raise Undetermined
    return in_a_row(made)


def _bare(step: Step) -> Iterator[Step]:
    """The step without credentials, which are around all of it, and without what is told."""
    if isinstance(step, WithCredentials):
        for one in step.steps:
            yield from _bare(one)
    elif isinstance(step, Block):
        yield step._replace(steps=tuple(found for one in step.steps for found in _bare(one)))
    elif isinstance(step, ASIDE) and not isinstance(step, Mark):
        raise Undetermined
    elif not isinstance(step, Mark):
        yield step


def _credentials(step: Step) -> Iterator[WithCredentials]:
    if isinstance(step, Block):
        if isinstance(step, WithCredentials):
            yield step._replace(steps=())
        for one in step.steps:
            yield from _credentials(one)


def _marks(step: Step) -> Iterator[Mark]:
    if isinstance(step, Mark):
        yield step
    elif isinstance(step, Block):
        for one in step.steps:
            yield from _marks(one)


def _merged(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Steps that stand in equal blocks one after the other, in one block."""
    found: list[Step] = []
    for step in steps:
        last = found[-1] if found else None
        if (
            isinstance(step, WithEnv | Dir | WithCredentials)
            and isinstance(last, type(step))
            and last._replace(steps=()) == step._replace(steps=())
        ):
            found[-1] = last._replace(steps=(*last.steps, *step.steps))
        else:
            found.append(step)
    return tuple(
        one._replace(steps=_merged(one.steps)) if isinstance(one, WithEnv | Dir | WithCredentials) else one
        for one in found
    )
