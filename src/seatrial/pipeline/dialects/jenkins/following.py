"""A program followed before the run: all ways through it, as the steps that they come to.

Each question that only the run can answer has both answers; where the ways differ, a shell asks. What a
command prints lies in a file of the workspace, for all that read it. Whatever else a program gets to know of
a run leaves it `Undetermined`.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from contextlib import suppress
from copy import deepcopy
from functools import partial
from types import MappingProxyType
from typing import Any

from seatrial.errors import CommandFailed, StageFailed
from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.dialects.jenkins import symbols
from seatrial.pipeline.dialects.jenkins.answers import Answers, Asked, Status, Symbolic, perhaps, raw, sign_of
from seatrial.pipeline.dialects.jenkins.evaluator import Failure, Undetermined
from seatrial.pipeline.dialects.jenkins.groovy.early import Known
from seatrial.pipeline.dialects.jenkins.groovy.file import File
from seatrial.pipeline.dialects.jenkins.groovy.machine import ABORT, Thrown
from seatrial.pipeline.dialects.jenkins.groovy.objects import DockerImage
from seatrial.pipeline.dialects.jenkins.groovy.script import Script, begin
from seatrial.pipeline.dialects.jenkins.program import Held, Run
from seatrial.pipeline.dialects.jenkins.registries import logged_in
from seatrial.pipeline.dialects.jenkins.symbols import Captured
from seatrial.pipeline.dialects.jenkins.ways import Event, Way, as_steps, chosen, is_question
from seatrial.pipeline.step import (
    Answer,
    Archive,
    Block,
    Catch,
    Checkout,
    Clear,
    Dir,
    Echo,
    Effect,
    Fail,
    Inside,
    LeaveOut,
    Limit,
    Mark,
    Program,
    Retry,
    Scope,
    SetVariable,
    Shell,
    ShellResult,
    Stash,
    Step,
    Tests,
    Unstash,
    WithCredentials,
    WithEnv,
    WithRegistry,
    Write,
)

_MOST, _MOST_WAYS = 200, 32  # effects of one way
_RUN, _TRIAL = "SEATRIAL_RUN", "trial"
# What a variable is answered that no run sets before a step has set it.
_ANSWERS = {_RUN: _TRIAL, "DOCKER_REGISTRY_URL": ""}
_FINE = ("succeeded", "succeeded")
_NO_WINDOWS = "this is no Windows"
Env = Mapping[str, str]


class State(NamedTuple):
    """What steps leave to all after them: variables that a script has set, those of the file, and what each
    block of the environment came to."""

    env: Mapping[str, str] = MappingProxyType({})
    binding: dict[str, Any] | None = None
    environments: Mapping[Any, dict[str, str] | None] = MappingProxyType({})


class _Broken(StageFailed):
    """A step that fails for the sake of a trial, or in every run."""


class _Variables(Known):
    """The variables that the file sets, those that a script has set, and those that a run gives."""

    def __init__(self, way: _Following, over: Env) -> None:
        super().__init__(over)
        self._way = way

    def get(self, name: str, _default: object = None) -> str:
        follower = self._way.follower
        for values in (self, self._way.env, follower.given, _ANSWERS):
            if name in values:
                return follower.answers.text(values[name])
        if name.startswith("SEATRIAL_") or not name.isidentifier():
            raise Undetermined
        return follower.answers.text(perhaps(name))


class Follower:
    """`given` has the signs of what a run gives, and `bound` the names that scripts of the file set. `state`
    is that before the next program."""

    def __init__(self, given: Env, bound: Container[str] = ()) -> None:
        self.given = dict(given)
        self.answers = Answers(self._is_told, bound)
        self.state = State()
        self.declared: dict[str, Any] | None = None

    def _is_told(self, name: str) -> bool:
        return symbols.is_known(name) or name not in symbols.NAMES_OF_JENKINS

    def steps(self, step: Step, over: Env) -> tuple[Step, ...]:
        """The steps that one comes to in every run; the state is that after it. Raises Undetermined."""
        before = self.state
        try:
            self._settle_environment(step, over)
            return self._steps(step, over)
        except (Undetermined, RecursionError):
            self.state = before
            raise Undetermined from None

    def ways(self, step: Step, over: Env) -> list[Way]:
        """All ways through a step; the state stays. Raises Undetermined."""
        try:
            return list(self._ways(step, over))
        except RecursionError:
            raise Undetermined from None

    def _settle_environment(self, step: Step, over: Env) -> None:
        """What a block of the environment asks commands for is asked once a run, whoever needs it first."""
        if isinstance(step, Program) and isinstance(step.start, Run) and step.start.commands:
            start: Any = step.start._replace(commands=())
            only = step._replace(start=start)
            ways = list(self._ways(only, over, is_environment=True))
            if any(not is_question(event) for way in ways for event in way.events):
                raise Undetermined
            self.state = chosen(ways, self.answers)

    def _steps(self, step: Step, over: Env) -> tuple[Step, ...]:
        ways = list(self._ways(step, over))
        if any(way.state != ways[0].state for way in ways):
            raise Undetermined  # what comes after hangs on the answers
        self.state = ways[0].state
        return as_steps(ways, self.answers.made)

    def _ways(self, step: Step, over: Env, *, is_environment: bool = False) -> Iterator[Way]:
        given: tuple[bool, ...] = ()
        for _ in range(_MOST_WAYS):
            way = self._proven(step, over, given, is_environment)
            yield way
            given = way.answers
            while given and not given[-1]:
                given = given[:-1]
            if not given:
                return
            given = (*given[:-1], False)
        raise Undetermined

    def _proven(self, step: Step, over: Env, given: tuple[bool, ...], is_environment: bool) -> Way:
        """One way, if it ends with the first step that fails. Raises Undetermined."""
        caught: frozenset[int] = frozenset()
        while True:
            following = partial(_Following, self, step, over, given, is_environment, caught)
            first = following(-1)
            way = first.way()
            fresh = (
                one for one in range(first.count) if one not in caught and not following(one).is_broken()
            )
            found = next(fresh, None)
            if found is None:
                return way
            caught |= {found}


class _Following:
    """One way through a step. `fails_at` is the step in it that fails, by its number; -1 for none. `caught`
    are those after whose failure the program goes on, so that it is asked whether they fail."""

    def __init__(
        self,
        follower: Follower,
        step: Step,
        over: Env,
        given: tuple[bool, ...],
        is_environment: bool,
        caught: frozenset[int],
        fails_at: int,
    ) -> None:
        self.follower = follower
        self.step, self.over = step, over
        self.is_environment, self.caught, self.fails_at = is_environment, caught, fails_at
        self.env = dict(follower.state.env)
        self.events: list[Event] = []
        self.count = 0
        self._printed: dict[str, int] = {}
        follower.answers.begin(given)
        follower.answers.hear = self._hear

    def _hear(self, asked: Asked) -> None:
        self.events.append(asked)

    def way(self) -> Way:
        failure, state = self._gone()
        if isinstance(failure, Undetermined):
            raise failure
        if failure is not None and not isinstance(failure, _Broken):
            self.events += self._failing(failure)
        return Way(tuple(self.events), state)

    def is_broken(self) -> bool:
        """Whether nothing more is done after the step that fails; else it does something else."""
        failure, _state = self._gone()
        return isinstance(failure, _Broken)

    def _gone(self) -> tuple[_Broken | StageFailed | Failure | Undetermined | None, State]:
        """What the way ends with, and how it leaves things."""
        file, end = _file_of(self.step), None
        self._enter(file)
        try:
            self._follow_all((self.step,), self.over, ())
        except (_Broken, StageFailed, Failure, Undetermined) as failure:
            end = failure
        finally:
            state = self._leave(file)
        return end, state

    def _failing(self, failure: StageFailed | Failure) -> tuple[Step, ...]:
        """What a program that ends with a failure comes to. Raises Undetermined."""
        if isinstance(failure, CommandFailed):
            return (Fail(str(failure)),)
        if isinstance(failure, Thrown) and failure.value.kind == ABORT:  # `error` in a script
            return (Fail(_plain(failure.value.message or "")),)
        if self.follower.answers.is_used and _NO_WINDOWS not in str(failure):
            raise Undetermined  # perhaps it failed at what only stands for a text
        return (Mark(f"it fails there as here: {failure}", *_FINE), Fail(str(failure)))

    def _enter(self, file: File | None) -> None:
        state = self.follower.state
        if file is not None:
            file.environments[_TRIAL] = dict(state.environments)
            file.bindings.pop(_TRIAL, None)
            if state.binding is not None:
                file.bindings[_TRIAL] = self._revived(deepcopy(state.binding))

    def _leave(self, file: File | None) -> State:
        state = self.follower.state._replace(env=self.env)
        if file is None:
            return state
        binding = file.bindings.pop(_TRIAL, state.binding)
        if state.binding is None and _plain(binding) == self._declared(file):
            binding = None  # each script declares the same
        environments = file.environments.pop(_TRIAL, {})
        plain = {where: None if one is None else _plain(one) for where, one in environments.items()}
        return State(self.env, None if binding is None else _plain(binding), plain)

    def _revived(self, value: Any) -> Any:
        """A value whose texts with signs are to be asked again."""
        if isinstance(value, str):
            return self.follower.answers.text(value)
        if isinstance(value, DockerImage):
            return DockerImage(self._revived(value.id))
        if type(value) is list:
            return [self._revived(one) for one in value]
        return {name: self._revived(one) for name, one in value.items()} if type(value) is dict else value

    def _declared(self, file: File) -> dict[str, Any]:
        """The variables that stand beside the pipeline, as they are before any script."""
        kept = self.follower.declared
        if kept is None:
            with suppress(StageFailed, Failure, Undetermined):
                for _ in begin("", file, frozenset(), Scope(_Variables(self, {}))):
                    break
            kept = self.follower.declared = _plain(file.bindings.pop(_TRIAL, {}))
        return kept

    def _follow_all(self, steps: tuple[Step, ...], over: Env, around: tuple[Block, ...]) -> None:
        for step in steps:
            if isinstance(step, Program):
                self._follow(step, over, around)
            else:
                self._perform(step, over, around)

    def _follow(self, program: Program, over: Env, around: tuple[Block, ...]) -> None:
        work = program.start(Scope(_Variables(self, over)))
        try:
            effect = next(work)
            while len(self.events) < _MOST:
                try:
                    answer = self._perform(effect, over, around)
                except CommandFailed as failure:
                    effect = work.throw(failure)
                    continue
                except _Broken as broken:
                    if isinstance(work.throw(broken), Fail):
                        raise  # in other words
                    break  # the program has caught it
                effect = work.send(answer)
        except StopIteration:
            return
        finally:
            with suppress(RuntimeError):  # it would go on
                work.close()
        raise Undetermined

    def _perform(self, effect: Effect, over: Env, around: tuple[Block, ...]) -> Answer:
        """What becomes of an effect. Raises Undetermined, _Broken."""
        if isinstance(effect, Shell):
            return self._command(_plain(effect), around)
        if isinstance(effect, Block):
            self._block(_plain_head(effect), over, around)
        elif isinstance(effect, SetVariable):
            self._set(_plain(effect))
        elif isinstance(effect, LeaveOut):
            self.events.append(effect)
            raise _Broken("it is left out")
        elif isinstance(effect, Fail):
            self._keep(_plain(effect), around)
            raise _Broken("it fails")
        elif isinstance(effect, _MAY_FAIL):
            if self._may_fail():
                raise Undetermined
            self._keep(_plain(effect), around)
        elif isinstance(effect, Echo) or (isinstance(effect, Mark) and effect[1:] == _FINE):
            self._keep(_plain(effect), around)
        else:
            raise Undetermined
        return None

    def _may_fail(self) -> bool:
        """Whether the program catches the failure of the step that comes now. Raises _Broken."""
        self.count += 1
        if self.count - 1 == self.fails_at:
            raise _Broken("it fails")
        return self.count - 1 in self.caught

    def _command(self, command: Shell, around: tuple[Block, ...]) -> ShellResult:
        is_caught = command.check and self._may_fail()
        own = dict(command.env)
        command = command._replace(env=tuple({**self.env, **own}.items()) if self.env else command.env)
        if command.check and not command.capture and not is_caught:
            self._keep(command, around)
            return ShellResult(0)
        if is_caught:
            command = command._replace(check=False)
        name = self._name(command)
        if self.is_environment:
            symbols.once(name, command, self.follower.answers)
        else:
            symbols.each_time(name, self.follower.answers)
            self._keep(Captured(name, command), around)
        code = 0 if command.check else Status(symbols.code(name), self.follower.answers)
        if is_caught and code != 0:
            raise CommandFailed("a command has failed", 1)
        return ShellResult(code, Symbolic(sign_of(raw(name)), self.follower.answers))

    def _name(self, command: Shell) -> str:
        """One for each place in the file, and for each time that it is come to."""
        at = command.place
        name = f"printed_{at.line}_{at.column}" if at else "printed"
        self._printed[name] = self._printed.get(name, 0) + 1
        return name if self._printed[name] == 1 else f"{name}_{self._printed[name]}"

    def _set(self, variable: SetVariable) -> None:
        if variable.name == "BUILD_DISPLAY_NAME":
            self.events.append(Mark("the name that a run is given", *_FINE))
        else:
            self.env[variable.name] = variable.value

    def _block(self, block: Block, over: Env, around: tuple[Block, ...]) -> None:
        if isinstance(block, WithEnv):
            self._follow_all(block.steps, {**over, **dict(block.env)}, (*around, block))
        elif isinstance(block, Dir):
            path = block.path.removeprefix(f"{sign_of('WORKSPACE')}/")
            self._follow_all(block.steps, over, (*around, block._replace(path=path)))
        elif isinstance(block, WithCredentials):
            if any(one.variable in over for one in block.credentials):
                raise Undetermined  # what the file sets would hide it
            blocks = tuple(_opened(block, self.follower.answers))
            names = symbols.of_names(one.variable for one in block.credentials)
            self._follow_all(block.steps, {**over, **names}, (*around, *blocks))
        elif isinstance(block, WithRegistry):
            opened, first, last = logged_in(block.registry)
            inner = {**over, "DOCKER_REGISTRY_URL": block.registry.url}
            self._follow_all((*first, *block.steps, *last), inner, (*around, *opened))
        elif isinstance(block, Catch) and block.run == "succeeded":
            self._forgiven(block, over, around)
        elif isinstance(block, Retry | Limit | Inside):
            self._whole(block, over, around)
        else:
            raise Undetermined

    def _whole(self, block: Block, over: Env, around: tuple[Block, ...]) -> None:
        """A block whose steps belong together: each attempt at it does the same, and asks nothing."""
        inner, broken = self._apart(block, over)
        if isinstance(block, Limit) and not all(map(_is_plain, inner)):
            self._limited(block, inner, around)
            inner = ()
        elif not all(map(_is_plain, inner)):
            raise Undetermined
        count = self.count
        if isinstance(block, Retry) and self.fails_at < 0 and self._apart(block, over)[0] != inner:
            raise Undetermined
        self.count = count
        if inner:
            self._keep(block._replace(steps=inner), around)
        if broken is not None:
            raise broken

    def _forgiven(self, block: Catch, over: Env, around: tuple[Block, ...]) -> None:
        """A block whose failure is forgiven: what is in it ends with the first that fails."""
        if any(isinstance(one, Program) and not isinstance(one.start, Run) for one in block.steps):
            raise Undetermined  # a script may go on
        count, fails_at, self.fails_at = self.count, self.fails_at, -1
        inner, _ = self._apart(block, over)
        self.count, self.fails_at = count, fails_at
        if not all(map(_is_plain, inner)):
            raise Undetermined
        self.events.append(Mark("a failure that `catchError` forgives is shown in its log only", *_FINE))
        self._keep(block._replace(steps=inner), around)

    def _apart(self, block: Block, over: Env) -> tuple[tuple[Event, ...], _Broken | None]:
        before, self.events = self.events, []
        broken = None
        try:
            self._follow_all(block.steps, over, ())
        except _Broken as failure:
            broken = failure
        inner, self.events = tuple(self.events), before
        return inner, broken

    def _limited(self, block: Limit, inner: tuple[Event, ...], around: tuple[Block, ...]) -> None:
        """Where something is asked in between, each command has the time of the block."""
        text = f"the limit of {block.seconds:g} s is that of each command, and not of all of them"
        self.events.append(Mark(text, *_FINE))
        for event in inner:
            if is_question(event):
                self.events.append(event)
            else:
                self._keep(event, (*around, block))

    def _keep(self, step: Step | Captured, around: tuple[Block, ...]) -> None:
        event: Any = step
        for block in reversed(around):
            event = block._replace(steps=(event,))
        self.events.append(event)


_MAY_FAIL = Write | Clear | Tests | Archive | Stash | Unstash | Checkout


def _is_plain(event: Event) -> bool:
    return not (isinstance(event, Captured) or is_question(event))


def _opened(block: WithCredentials, answers: Answers) -> Iterator[Block]:
    """A credential that is a file is a secret with its text, of which each script makes a file."""
    texts = tuple(one._replace(part="value") if one.part == "file" else one for one in block.credentials)
    yield WithCredentials(texts, block.need, ())
    files = tuple(one.variable for one in block.credentials if one.part == "file")
    if files:
        yield WithEnv(tuple((name, symbols.in_file(name, answers)) for name in files), ())


_OF_STEPS = tuple(f"seatrial.pipeline.{name}" for name in ("container", "parameter", "step"))


def _plain_head(block: Block) -> Block:
    made: Block = _plain(block._replace(steps=()))._replace(steps=block.steps)
    return made


def _plain(value: Any) -> Any:
    """A value whose texts are no more than texts."""
    if isinstance(value, str):
        return "".join((value,))
    if isinstance(value, DockerImage) or type(value).__module__ in _OF_STEPS:
        return type(value)(*map(_plain, value))
    if type(value) in (tuple, list):
        return type(value)(map(_plain, value))
    return {name: _plain(one) for name, one in value.items()} if type(value) is dict else value


def _file_of(step: Step) -> File | None:
    start = step.start if isinstance(step, Program) else None
    if isinstance(start, Script):
        return start.file
    if isinstance(start, Run | Held):
        return start.surroundings.file
    if isinstance(step, Block):
        return next((found for one in step.steps if (found := _file_of(one)) is not None), None)
    return getattr(start, "file", None)
