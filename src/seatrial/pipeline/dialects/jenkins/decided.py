"""A `when` for another system, where Groovy decides it or a variable does.

It is in words that a system may have for it, else a test that each command of the stage begins with.
"""

from __future__ import annotations

import re
from typing import Any

from seatrial.named_tuple import NamedTuple
from seatrial.pipeline import condition
from seatrial.pipeline.condition import Compare, Condition, Every, Not, Some
from seatrial.pipeline.dialects.jenkins.answers import Question, is_told, sign_of
from seatrial.pipeline.dialects.jenkins.evaluator import Undetermined
from seatrial.pipeline.dialects.jenkins.following import Follower
from seatrial.pipeline.dialects.jenkins.groovy.decision import Asked, Decision, Joined, Negated, Plain, Tree
from seatrial.pipeline.dialects.jenkins.program import Run
from seatrial.pipeline.dialects.jenkins.symbols import Captured, Place, asking, in_shell
from seatrial.pipeline.dialects.jenkins.ways import Way, is_question
from seatrial.pipeline.pipeline import Stage
from seatrial.pipeline.step import (
    SEATRIAL_SHELL,
    Archive,
    Block,
    Dir,
    Echo,
    Fail,
    LeaveOut,
    Mark,
    Program,
    Shell,
    Step,
    Tests,
    WithEnv,
    Write,
)
from seatrial.pipeline.writers.commands import commands, in_a_row

_BRANCH, _TAG = "SEATRIAL_BRANCH", "SEATRIAL_TAG"
_SUBJECTS = {
    sign_of("BRANCH_NAME"): "branch",
    sign_of("GIT_BRANCH"): "branch",
    sign_of("GIT_LOCAL_BRANCH"): "branch",
    sign_of("TAG_NAME"): "tag",
}
_VARIABLES = {"branch": _BRANCH, "tag": _TAG, "event": "SEATRIAL_EVENT"}
_PARTS = {"^=": "^{}", "*=": "{}", "$=": "{}$"}


class Deciding(NamedTuple):
    """When a stage runs: `words` of a pipeline, and `tests` of sh that each hold, of variables that `texts`
    have the signs of. `first` are steps by which the tests are made."""

    words: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    first: tuple[Step, ...] = ()
    never: bool = False

    def and_(self, other: Deciding) -> Deciding:
        return Deciding(
            self.words + other.words,
            self.tests + other.tests,
            self.texts + other.texts,
            self.first + other.first,
            self.never or other.never,
        )


def deciding(
    stage: Stage, follower: Follower, over: dict[str, str]
) -> tuple[Deciding, tuple[Step, ...]] | None:
    """What decides a stage, and its steps without the program that does; None where it cannot be said."""
    try:
        found = _of_words(stage.when)
        program = _decision(stage.steps[0]) if stage.steps else None
        if program is None:
            return found, stage.steps
        whole = _tree(program)
        for tree in () if whole is None else _every(whole):
            found = found.and_(_of_tree(tree, program, follower, over))
        return found, stage.steps[1:]
    except Undetermined:
        return None


def decided(stage: Stage, by: Deciding, follower: Follower) -> Stage:
    """The stage, which is under a condition then."""
    when = " and ".join(f"({one})" for one in by.words) if len(by.words) > 1 else "".join(by.words)
    stage = stage._replace(when=when)
    if by.never:
        return stage._replace(steps=(LeaveOut("its condition never holds"),), finally_=())
    if not by.tests:
        return stage._replace(steps=(*by.first, *stage.steps))
    guard = _Guard(by, follower.answers.made)
    text = f"`{stage.name}` is shown as run where it is left out: its commands ask whether it is"
    steps = (*by.first, *map(guard.step, stage.steps), Mark(text, "succeeded", "succeeded"))
    ends = tuple(one._replace(steps=tuple(map(guard.step, one.steps))) for one in stage.finally_)
    return stage._replace(steps=steps, finally_=ends)


class _Guard(NamedTuple):
    by: Deciding
    made: dict[str, str]
    folder: str = ""

    def step(self, step: Step) -> Step:
        if isinstance(step, Dir):
            within = self._replace(folder=f"{self.folder}/{step.path}")
            return step._replace(steps=tuple(map(within.step, step.steps)))
        if isinstance(step, Block):
            return step._replace(steps=tuple(map(self.step, step.steps)))
        if isinstance(step, Archive | Tests):
            return step._replace(required=False)
        if not isinstance(step, Shell | Echo | Write | Fail):
            return step
        lines = asking(self.by.texts, Place(self.made, folder=self.folder))
        test = " && ".join(self.by.tests)
        script = "\n".join((*lines, f"if {test}; then", in_a_row(commands((step,)) or ()), "fi"))
        place = step.place if isinstance(step, Shell) else None
        return Shell(script, SEATRIAL_SHELL, place=place)


def _decision(step: Step) -> Program | None:
    while isinstance(step, WithEnv) and len(step.steps) == 1:
        step = step.steps[0]
    return step if isinstance(step, Program) and _tree(step) is not None else None


def _tree(program: Program) -> Tree | None:
    """What a program decides by: it may stand in a block of the environment that only the run knows."""
    start = program.start
    if isinstance(start, Run) and len(start.commands) == 1:
        return start.commands[0].script.tree if isinstance(start.commands[0].script, Decision) else None
    return start.tree if isinstance(start, Decision) else None


def _with_tree(program: Program, tree: Tree) -> Program:
    start: Any = program.start
    if isinstance(start, Run):
        (command,) = start.commands
        assert isinstance(command.script, Decision)
        start = start._replace(commands=(command._replace(script=command.script._replace(tree=tree)),))
    else:
        start = start._replace(tree=tree)
    return program._replace(start=start)


def _every(tree: Tree) -> tuple[Tree, ...]:
    if isinstance(tree, Joined) and tree.word == "and":
        return tuple(one for part in tree.parts for one in _every(part))
    return (tree,)


def _of_words(when: str) -> Deciding:
    """The condition of a stage, less what only a variable decides. Raises Undetermined."""
    if not when or "$" not in when:
        return Deciding((when,) if when else ())
    parsed = condition.parse(when)
    found = Deciding()
    for part in parsed.parts if isinstance(parsed, Every) else (parsed,):
        found = found.and_(Deciding(tests=(_test(part),)))
    return found


def _test(part: Condition) -> str:
    """A condition as a command of sh. Raises Undetermined."""
    if isinstance(part, Not):
        return f"! {{ {_test(part.inner)}; }}"
    if isinstance(part, Every | Some):
        word = " && " if isinstance(part, Every) else " || "
        return f"{{ {word.join(f'{{ {_test(one)}; }}' for one in part.parts)}; }}"
    if not isinstance(part, Compare) or part.sign not in ("", "==", "!="):
        raise Undetermined
    name = _VARIABLES.get(part.subject) or part.subject.removeprefix("$")
    return Question(sign_of(name), "=" if part.sign == "==" else "!=", part.value).test


def _of_tree(tree: Tree, program: Program, follower: Follower, over: dict[str, str]) -> Deciding:
    if isinstance(tree, Plain):
        return _of_words(tree.text)
    if isinstance(tree, Asked):
        return _of_expression(tree, program, follower, over)
    parts = (tree.part,) if isinstance(tree, Negated) else tree.parts
    return _joined(tree, [_of_tree(part, program, follower, over) for part in parts])


def _joined(tree: Joined | Negated, parts: list[Deciding]) -> Deciding:
    """Parts that are all words, or all tests. Raises Undetermined."""
    if any(len(one.words) + len(one.tests) != 1 or one.first for one in parts):
        raise Undetermined
    words = [f"({word})" for one in parts for word in one.words]
    tests = [f"{{ {test}; }}" for one in parts for test in one.tests]
    if words and tests:
        raise Undetermined
    if isinstance(tree, Negated):
        return Deciding(
            tuple(f"not {one}" for one in words), tuple(f"! {one}" for one in tests), parts[0].texts
        )
    word, sign = (" and ", " && ") if tree.word == "and" else (" or ", " || ")
    texts = tuple(text for one in parts for text in one.texts)
    said = (f"{{ {sign.join(tests)}; }}",) if tests else ()
    return Deciding((word.join(words),) if words else (), said, texts)


def _of_expression(tree: Asked, program: Program, follower: Follower, over: dict[str, str]) -> Deciding:
    ways = follower.ways(_with_tree(program, tree), over)
    kept = [one for one in ways[0].events if isinstance(one, Captured)]
    for way in ways:
        steps = [one for one in way.events if not is_question(one) and not isinstance(one, LeaveOut)]
        if steps != kept or way.state != ways[0].state:
            raise Undetermined
    first = tuple(in_shell(one, Place(follower.answers.made)) for one in kept)
    holding = [way for way in ways if not any(isinstance(one, LeaveOut) for one in way.events)]
    if not holding or len(holding) == len(ways):
        return Deciding(first=first, never=not holding)
    words = [_words(way) for way in holding]
    if not first and all(words):
        return Deciding(words=(" or ".join(f"({one})" for one in words) if len(words) > 1 else words[0],))
    test = " || ".join(f"{{ {_tests(way)}; }}" for way in holding)
    texts = [text for way in holding for text in _texts(way)]
    return Deciding(tests=(f"{{ {test}; }}",), texts=tuple(texts), first=first)


def _questions(way: Way) -> list[tuple[Question, bool]]:
    return [one for one in way.events if is_question(one)]


def _texts(way: Way) -> list[str]:
    return [text for question, _ in _questions(way) for text in (question.text, question.other)]


def _words(way: Way) -> str:
    """The answers of a way in the words of a pipeline; "" where there are none for one of them."""
    said = [_word(question, answer) for question, answer in _questions(way)]
    return " and ".join(said) if all(said) else ""


def _word(question: Question, answer: bool) -> str:
    subject, value = _SUBJECTS.get(question.text, ""), question.other
    if not subject or not is_told(value) or '"' in value or "\n" in value:
        return ""
    if question.sign == "=":
        if not value:
            return f"not {subject}" if answer else subject
        return f'{subject} {"==" if answer else "!="} "{value}"'
    if question.sign not in _PARTS:
        return ""
    said = f'{subject} matches "{_PARTS[question.sign].format(re.escape(value))}"'
    return said if answer else f"not ({said})"


def _tests(way: Way) -> str:
    said = (question.test if answer else f"! {{ {question.test}; }}" for question, answer in _questions(way))
    return " && ".join(f"{{ {one}; }}" for one in said)
