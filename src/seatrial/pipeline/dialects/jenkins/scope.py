"""What holds around steps: their variables and credentials; and steps as values, within that."""

from __future__ import annotations

from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.dialects.jenkins import credentials, unset
from seatrial.pipeline.dialects.jenkins.credentials import Wanted
from seatrial.pipeline.dialects.jenkins.declarative import Block, Condition
from seatrial.pipeline.dialects.jenkins.environment import (
    Layer,
    Layers,
    Surroundings,
    as_rewritten,
    known,
    unguarded,
)
from seatrial.pipeline.dialects.jenkins.evaluator import Failure
from seatrial.pipeline.dialects.jenkins.groovy.script import check
from seatrial.pipeline.dialects.jenkins.program import Command, Pairs, held, program, revealed, settle
from seatrial.pipeline.dialects.jenkins.remarks import Remarks
from seatrial.pipeline.dialects.jenkins.steps import read_steps
from seatrial.pipeline.pipeline import Finally
from seatrial.pipeline.step import Step

# Jenkins' words for conditions that are spelled otherwise elsewhere.
_OUTCOMES = {"notBuilt": "not_built"}


class Scope(NamedTuple):
    """What holds for the steps of a stage, or of the pipeline's own `post`."""

    layers: Layers
    known: dict[str, str]  # the variables whose values the file alone determines
    settled: bool  # they are all
    pairs: Pairs  # for plain steps that no stage gives its variables to
    credentials: Wanted = ()


def layer_of(block: Block, remarks: Remarks) -> Layer:
    """The variables of an `environment { }`, less those that cannot be evaluated, which are findings."""
    plain = tuple(one for one in block.environment if not credentials.is_wanted(one.value))
    for variable in plain:
        check((variable.value,), remarks.file, remarks)
        for at in unguarded(variable.value):
            remarks.note(at, "in `environment` Jenkins reads ?. as . and fails where null stands before it")
    return tuple(one._replace(value=as_rewritten(one.value)) for one in plain)


def wanted_by(block: Block, remarks: Remarks) -> Wanted:
    """The credentials that an `environment { }` takes."""
    lines = (one for one in block.environment if credentials.is_wanted(one.value))
    return tuple(credentials.of_variable(one, remarks) for one in lines)


def scope_of(layers: Layers, wanted: Wanted, remarks: Remarks) -> Scope:
    names = {variable.name for layer in layers for variable in layer}
    try:
        settled = known(layers)
    except Failure as failure:
        remarks.error(failure.at, failure.message)
        return Scope((), {}, True, (), wanted)
    return Scope(layers, settled, settled.keys() == names, (), wanted)


def endings(post: tuple[Condition, ...], place: Scope, node: bool, remarks: Remarks) -> tuple[Finally, ...]:
    blocks = []
    for one in post:
        steps = steps_in(read_steps(one.steps, node, remarks), place, remarks, is_after=True)
        blocks.append(Finally(_OUTCOMES.get(one.name, one.name), steps, of_run=True))
    return tuple(blocks)


def held_in(place: Scope, remarks: Remarks) -> tuple[Step, ...]:
    """What fails a stage with stages in it, before its `post`, where what is to hold in it does not."""
    if place.settled and not place.credentials:
        return ()
    surroundings = Surroundings(remarks.path, place.layers, remarks.file, frozenset(remarks.booleans))
    return (held(place.credentials, tuple(place.known.items()), surroundings),)


def steps_in(
    commands: tuple[Command, ...], place: Scope, remarks: Remarks, *, is_after: bool = False
) -> tuple[Step, ...]:
    booleans = frozenset(remarks.booleans)
    surroundings = Surroundings(remarks.path, place.layers, remarks.file, booleans, is_after)
    names = {variable.name for layer in place.layers for variable in layer}
    names |= remarks.parameters | remarks.declared
    for command in commands:
        unset.warn_in(command, names | credentials.names(place.credentials), remarks)
    try:
        if place.settled or not commands:
            steps = settle(commands, place.known, place.pairs, surroundings)
        else:
            steps = (program(commands, surroundings),)
    except Failure as failure:
        remarks.error(failure.at, failure.message)
        return ()
    if place.credentials and steps:
        return (revealed(place.credentials, tuple(place.known.items()), surroundings, steps),)
    return steps
