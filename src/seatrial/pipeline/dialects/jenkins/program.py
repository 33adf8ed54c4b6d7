"""Commands whose arguments are not yet evaluated, the environment around them, and the program of both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from seatrial.errors import Place, StageFailed
from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.dialects.jenkins import blocks, keeping, lending
from seatrial.pipeline.dialects.jenkins.approval import Later
from seatrial.pipeline.dialects.jenkins.credentials import Later as LaterId
from seatrial.pipeline.dialects.jenkins.credentials import Wanted, resolved, settled
from seatrial.pipeline.dialects.jenkins.environment import (
    Layers,
    Surroundings,
    bound,
    has_failed,
    in_run,
    of_run,
    within,
)
from seatrial.pipeline.dialects.jenkins.evaluator import Failure, Names, Undetermined, evaluate
from seatrial.pipeline.dialects.jenkins.groovy.decision import Decision
from seatrial.pipeline.dialects.jenkins.groovy.file import Passed
from seatrial.pipeline.dialects.jenkins.groovy.script import First, Script, Timed
from seatrial.pipeline.dialects.jenkins.spelling import spell
from seatrial.pipeline.dialects.jenkins.syntax import Expression, Position
from seatrial.pipeline.dialects.jenkins.values import truth, written
from seatrial.pipeline.step import (
    AROUND,
    JENKINS_SHELL,
    OFFERED,
    REQUIRED,
    Block,
    Credential,
    Echo,
    Effect,
    Fail,
    Mark,
    Program,
    Scope,
    Shell,
    Step,
    Steps,
    WithCredentials,
    WithEnv,
)

Pairs = tuple[tuple[str, str], ...]


class Command(NamedTuple):
    """A step of Jenkins before its arguments are evaluated. `steps` are those of its block."""

    name: str  # one of the SIGNATURES of steps
    arguments: tuple[tuple[str, Expression], ...]
    steps: tuple[Command, ...]
    at: Position
    credentials: Wanted = ()  # of `withCredentials`, and of a script
    script: Script | Decision | Later | None = None


class Run(NamedTuple):
    """The program of some commands: called with a scope it yields their effects, one after the other."""

    surroundings: Surroundings
    commands: tuple[Command, ...]

    def __call__(self, scope: Scope) -> Steps:
        path, booleans = self.surroundings.path, self.surroundings.booleans
        try:
            env = yield from of_run(self.surroundings, scope)
        except (Failure, StageFailed) as failure:
            yield Fail(_said(failure, path), begun=False)
            return
        try:
            variables = yield from bound(self.surroundings, scope)
            names = Names(
                within(env, in_run(scope)),
                complete=True,
                booleans=booleans,
                bound=variables,
            )
            for command in self.commands:
                effect = perform(command, names, tuple(env.items()), self.surroundings)
                assert not isinstance(effect, Program)
                yield effect
        except Failure as failure:
            yield Fail(_said(failure, path))


class Held(NamedTuple):
    """The program that fails a stage with stages in it where its environment has failed: no `post` then."""

    surroundings: Surroundings

    def __call__(self, scope: Scope) -> Steps:
        if not has_failed(self.surroundings, scope):
            yield from of_run(self.surroundings, scope)
        if has_failed(self.surroundings, scope):
            yield Fail("the environment of the stage has failed", begun=False)


def held(wanted: Wanted, known: Pairs, surroundings: Surroundings) -> Step:
    """The step before the `post` of a stage with stages in it."""
    within = Held(surroundings._replace(is_after=True))
    step = Program(within, "environment")  # type: ignore[arg-type] # mypy does not see its __call__
    return revealed(wanted, known, surroundings, (step,)) if wanted else step


def _said(failure: Failure | StageFailed, path: str) -> str:
    if isinstance(failure, StageFailed):
        return str(failure)
    return f"{failure.message} ({Place(path, failure.at.line, failure.at.column)})"


class Reveal(NamedTuple):
    """The program of steps whose credentials have ids that are worked out as the file runs."""

    wanted: Wanted
    known: Pairs
    surroundings: Surroundings
    steps: tuple[Step, ...]

    def __call__(self, scope: Scope) -> Steps:
        lookup = within(dict(self.known), in_run(scope))
        names = Names(lookup, complete=True, booleans=self.surroundings.booleans)
        try:
            wanted = tuple(resolved(one, names) for one in self.wanted)
        except Failure as failure:
            yield Fail(_said(failure, self.surroundings.path), begun=False)
        else:
            yield WithCredentials(wanted, _need(self.surroundings), self.steps)


def _need(surroundings: Surroundings) -> str:
    return OFFERED if surroundings.is_after else AROUND


def revealed(wanted: Wanted, known: Pairs, surroundings: Surroundings, steps: tuple[Step, ...]) -> Step:
    """Steps with their credentials."""
    found = settled(wanted, dict(known))
    if all(isinstance(one, Credential) for one in found):
        return WithCredentials(found, _need(surroundings), steps)  # type: ignore[arg-type]
    reveal = Reveal(found, known, surroundings, steps)
    ids = ", ".join(f"{one.variable}: {one.part}" for one in found)
    return Program(reveal, f"credentials {ids}")  # type: ignore[arg-type]


def program(commands: tuple[Command, ...], surroundings: Surroundings) -> Program:
    # mypy does not see the __call__ of a NamedTuple; a bound method or a partial would not compare by value.
    run = Run(surroundings, commands)
    place = _place(surroundings, commands[0].at) if commands else None
    return Program(run, source(commands, surroundings.layers), place)  # type: ignore[arg-type]


def source(commands: tuple[Command, ...], layers: Layers) -> str:
    """A program as text: the environment it reads, then its commands, a line each."""
    variables = [f"{one.name} = {spell(one.value)}" for layer in layers for one in layer]
    return "\n".join([*variables, *(spell_command(command) for command in commands)])


def spell_command(command: Command) -> str:
    given = ", ".join(f"{name}: {spell(value)}" for name, value in command.arguments)
    given += ", ".join(f"{one.variable}: {one.part} of {_id(one)}" for one in command.credentials)
    steps = "; ".join(map(spell_command, command.steps))
    return f"{command.name}({given})" + (f" {{ {steps} }}" if command.steps else "")


def _id(one: Credential | LaterId) -> str:
    return one.id if isinstance(one, Credential) else spell(one.id)


def credential_ids(steps: Iterable[Step]) -> Iterator[str]:
    """The ids of all credentials that steps may ask for."""
    for step in steps:
        if isinstance(step, Program) and isinstance(step.start, Run):
            yield from _ids_of(step.start.commands)
        if isinstance(step, Program) and isinstance(step.start, Script | First):
            yield from _static(step.start.credentials)
        if isinstance(step, Program) and isinstance(step.start, Reveal):
            yield from _static(step.start.wanted)
            yield from credential_ids(step.start.steps)
        if isinstance(step, Program) and isinstance(step.start, Timed):
            yield from credential_ids(step.start.steps)
        if isinstance(step, Program) and isinstance(step.start, lending.Agent):
            yield from (one.id for one in step.start.keys)
            yield from credential_ids(step.start.steps)
        if isinstance(step, WithCredentials):
            yield from (one.id for one in step.credentials)
        if isinstance(step, Block):
            yield from credential_ids(step.steps)


def _ids_of(commands: Iterable[Command]) -> Iterator[str]:
    for command in commands:
        yield from _static(command.credentials)
        yield from _ids_of(command.steps)


def _static(wanted: Wanted) -> Iterator[str]:
    return (one.id for one in wanted if isinstance(one, Credential))


def perform(command: Command, names: Names, env: Pairs, surroundings: Surroundings) -> Effect:
    """A command as the effect that it asks for. Raises Undetermined, Failure."""
    if command.script is not None:
        # mypy does not see the __call__ of a NamedTuple
        source = f"script at line {command.at.line}"
        script = Program(command.script, source, _place(surroundings, command.at))  # type: ignore[arg-type]
        return WithEnv(env, (script,))
    values = {name: evaluate(value, names) for name, value in command.arguments}
    if command.name in keeping.NAMES:
        return keeping.keeping(command.name, command.at, values)
    if command.name == "withEnv":
        return _with_env(command, values, names, env, surroundings)
    if command.name == "withCredentials":
        wanted = tuple(resolved(one, names) for one in command.credentials)
        return WithCredentials(wanted, REQUIRED, (program(command.steps, surroundings),))
    if command.name in lending.NAMES:
        wanted = tuple(resolved(one, names) for one in command.credentials)
        return lending.block(command.name, wanted, values, (program(command.steps, surroundings),))
    if command.name in blocks.NAMES:
        inner = (program(command.steps, surroundings),)
        return blocks.block(command.name, command.at, values, inner)
    return _simple(command, values, env, surroundings)


def _place(surroundings: Surroundings, at: Position) -> Place:
    return Place(surroundings.path, at.line, at.column)


def _simple(command: Command, values: blocks.Values, env: Pairs, surroundings: Surroundings) -> Effect:
    place = _place(surroundings, command.at)
    if command.name == "echo":
        return Echo(written(values["message"]))
    if command.name == "error":
        return Fail(written(values["message"]))
    if command.name == "deleteDir":
        return Shell(keeping.EMPTY_FOLDER, env=env, place=place)
    if command.name in keeping.SILENT:
        return WithEnv((), ())
    if command.name == "skipped":
        return keeping.skipped(Passed("step", blocks.string(command.name, command.at, "step", values)))
    if command.name == "unstable":
        return Mark(blocks.string(command.name, command.at, "message", values), "unstable", "unstable")
    if command.name == "sleep":
        seconds = blocks.seconds(command.name, command.at, values, "SECONDS")
        return Shell(f"sleep {seconds:g}", env=env, place=place)
    return Shell(
        blocks.string(command.name, command.at, "script", values),
        JENKINS_SHELL,
        env,
        check=not truth(values.get("returnStatus")),
        capture=truth(values.get("returnStdout")),
        place=place,
    )


def _with_env(
    command: Command, values: Mapping[str, object], names: Names, env: Pairs, surroundings: Surroundings
) -> WithEnv:
    """Its variables lie over those of every `environment { }`, so what is in it does not set these again."""
    more = blocks.overrides(command.at, values["overrides"], names)
    inner = surroundings._replace(layers=())
    return WithEnv(tuple({**dict(env), **more}.items()), (program(command.steps, inner),))


def settle(
    commands: tuple[Command, ...], known: Mapping[str, str], env: Pairs, surroundings: Surroundings
) -> tuple[Step, ...]:
    """Plain steps where the file alone determines them, programs elsewhere. Raises Failure."""
    names = Names(known.get, complete=False, booleans=surroundings.booleans)
    return tuple(_settled(command, names, known, env, surroundings) for command in commands)


def _settled(
    command: Command, names: Names, known: Mapping[str, str], env: Pairs, surroundings: Surroundings
) -> Step:
    try:
        step = perform(command, names, env, surroundings)
    except Undetermined:
        return program((command,), surroundings)
    if command.name == "withEnv" and isinstance(step, WithEnv):
        inner = surroundings._replace(layers=())
        return step._replace(steps=settle(command.steps, {**known, **dict(step.env)}, (), inner))
    if isinstance(step, Block) and command.script is None and command.name not in lending.NAMES:
        return _holding(step, settle(command.steps, known, env, surroundings))
    return step


def _holding(block: Block, steps: tuple[Step, ...]) -> Block:
    """The block, and blocks that are alone in it, with steps in the place of the program that is in it."""
    only = block.steps[0] if block.steps else None
    return block._replace(steps=(_holding(only, steps),) if isinstance(only, Block) else steps)
