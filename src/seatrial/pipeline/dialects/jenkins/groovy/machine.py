"""What a running script has: its variables, the environment, and bounds, so that it cannot run away."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence, Set
from typing import Any

from seatrial.errors import CommandFailed, Interrupted, Lacking, Problem, StageFailed, TimedOut
from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.dialects.jenkins.groovy.file import File
from seatrial.pipeline.dialects.jenkins.methods import Unfit
from seatrial.pipeline.dialects.jenkins.syntax import Closure, GString, Method, Position
from seatrial.pipeline.parameter import Parameter
from seatrial.pipeline.step import Answer, Effect, Mark

Value = Any
Work = Generator[Effect, Answer, Value]

MOST_NODES = 5_000_000
_NODES_BETWEEN_PAUSES = 20_000  # about a tenth of a second
_DEEPEST = 60
MISSING = object()
# Names that no variable has: of the value that a `with` is of, and of the loop that a label names.
DELEGATE, LABEL = " delegate", " label"


def of_type(name: str) -> str:
    """The name of the type that a variable was declared with."""
    return f" {name}"


class Raised(NamedTuple):
    """An exception as a value of the script; `failure` is what it was before, to be thrown again."""

    kind: str
    message: str | None
    failure: Problem | None = None
    cause: Raised | None = None

    @property
    def stack(self) -> list[Value]:
        """The places that it came by: only that they can be counted."""
        return [self.kind]

    def __str__(self) -> str:
        return self.kind if self.message is None else f"{self.kind}: {self.message}"


class Thrown(StageFailed):
    """An exception of the script's; it fails the stage where nothing catches it."""

    def __init__(self, kind: str, message: str | None, at: Position | None = None) -> None:
        value = Raised(kind, message)
        where = f" (line {at.line})" if at else ""
        super().__init__(f"{message}{where}" if kind == ABORT else f"{value}{where}")
        self.value = value

    @classmethod
    def by(cls, unfit: Unfit, at: Position) -> Thrown:
        """What a method threw that does not take its values, in Java's words."""
        kind, _, message = str(unfit).partition(": ")
        return cls(kind, None if message == "null" else message or kind, at)

    @classmethod
    def of(cls, value: Raised) -> Thrown:
        thrown = cls(value.kind, value.message)
        thrown.value = value
        return thrown


ABORT = "hudson.AbortException"
_BINDING = "org.jenkinsci.plugins.credentialsbinding.impl"
INTERRUPTED = "org.jenkinsci.plugins.workflow.steps.FlowInterruptedException"


def raised(failure: StageFailed | Interrupted) -> Raised:
    """A failure as a script sees it: its own exception, or that of a step in the words of Jenkins."""
    if isinstance(failure, Thrown):
        return failure.value
    if isinstance(failure, CommandFailed):
        return Raised(ABORT, f"script returned exit code {failure.code}", failure)
    if isinstance(failure, Lacking):
        message = f"Could not find credentials entry with ID '{failure.about}'"
        return Raised(f"{_BINDING}.CredentialNotFoundException", message, failure)
    kind = INTERRUPTED if isinstance(failure, TimedOut | Interrupted) else ABORT
    return Raised(kind, str(failure), failure)


class Returned(Exception):  # noqa: N818 - no error: it ends a method
    def __init__(self, value: Value) -> None:
        super().__init__()
        self.value = value


class Left(Exception):  # noqa: N818 - no error: `break` or `continue`, perhaps of a loop with a label
    def __init__(self, word: str, label: str = "") -> None:
        super().__init__(word)
        self.word = word
        self.label = label


class Variables(NamedTuple):
    """The variables of a block, and the block that it is in."""

    own: dict[str, Value]
    outer: Variables | None = None

    def holder(self, name: str) -> dict[str, Value] | None:
        """The block that has the variable."""
        block: Variables | None = self
        while block is not None:
            if name in block.own:
                return block.own
            block = block.outer
        return None

    def delegate(self) -> Value:
        """The value whose `with` this is in; None where it is in none."""
        holder = self.holder(DELEGATE)
        return None if holder is None else holder[DELEGATE]

    def inner(self, **own: Value) -> Variables:
        return Variables(dict(own), self)


class Lambda(NamedTuple):
    """A closure as it is written, with the variables around it."""

    closure: Closure
    around: Variables


class Chained(NamedTuple):
    """`one >> other`: what the first gives goes to the next."""

    parts: tuple[Function, ...]


class Bound(NamedTuple):
    """`target.&name`; without a target a method of the file."""

    target: Value
    name: str


class Function(NamedTuple):
    """A closure of Groovy: what it does, what it was given ahead, and, where it remembers, what it gave."""

    does: Lambda | Chained | Bound
    first: tuple[Value, ...] = ()
    last: tuple[Value, ...] = ()
    known: dict[Any, Value] | None = None
    settings: dict[str, Value] | None = None  # its delegate and its strategy, as a script has set them

    @property
    def java(self) -> str:
        return "groovy.lang.Closure"

    def __str__(self) -> str:
        return "a closure"


class Lazy(NamedTuple):
    """A text with a closure in a hole, as a variable holds it: it is worked out whenever it is read."""

    text: GString
    around: Variables


class Loaded(NamedTuple):
    """A script that `load` has read: its methods, and its own variables, which others can ask for."""

    path: str
    methods: Mapping[str, tuple[Method, ...]]
    variables: dict[str, Value]

    @property
    def block(self) -> Variables:
        """The variables that its methods see: one another are among them."""
        methods = {name: Function(Bound(self, name)) for name in self.methods}
        return Variables({"this": self, **methods}, Variables(self.variables))

    @property
    def java(self) -> str:
        return "groovy.lang.Script"

    def __str__(self) -> str:
        return self.path


class PassedOver(NamedTuple):
    """What a step, or an object of a library, that a run passes over would have given: null, but its methods
    are passed over too."""

    name: str

    @property
    def java(self) -> str:
        return "null"

    def __bool__(self) -> bool:
        return False

    def __eq__(self, other: object) -> bool:
        return other is None or isinstance(other, PassedOver)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(None)

    def __str__(self) -> str:
        return "null"


def known(value: Value) -> Value:
    """The value as what knows nothing of PassedOver takes it."""
    return None if isinstance(value, PassedOver) else value


def used(value: Value) -> Work:
    """The value, which the script goes on with: where it is what was passed over, nobody knows whether the
    script goes as it would, and the run is unstable."""
    for one in value.values() if type(value) is dict else (value,):
        if isinstance(one, PassedOver):
            yield Mark(f"what '{one.name}' gives is not known here, and is used", "unstable", "unstable")
    return value


def of_any_case(env: Mapping[str, str], name: str) -> str | None:
    """A variable as Jenkins looks it up: where there is none of the name, by one in other capital letters."""
    found = env.get(name)
    if found is not None:
        return found
    return next((value for other, value in env.items() if other.lower() == name.lower()), None)


class Machine(NamedTuple):
    """One run of a script. `binding` holds the variables of the whole file, for all of its scripts."""

    path: str
    methods: Mapping[str, tuple[Method, ...]]
    binding: dict[str, Value]
    booleans: frozenset[str]
    parameters: Sequence[Parameter]
    unknown: Set[str]  # the steps, and the names of what libraries have, that it passes over
    env: list[Mapping[str, str]]  # what processes have, the innermost block last
    spent: list[int]  # nodes that were evaluated, how deep calls are, and when to have a look

    def spend(self, at: Position) -> bool:
        """Count a node; true where so many have been evaluated that the run should have a look."""
        self.spent[0] += 1
        if self.spent[0] < self.spent[2]:
            return False
        if self.spent[0] > MOST_NODES:
            raise Thrown("java.lang.Error", f"the script takes more than {MOST_NODES:,} steps", at)
        self.spent[2] = min(self.spent[0] + _NODES_BETWEEN_PAUSES, MOST_NODES)
        return True

    def enter(self, at: Position) -> None:
        self.spent[1] += 1
        if self.spent[1] > _DEEPEST:
            raise Thrown("java.lang.StackOverflowError", f"calls within calls, {_DEEPEST} deep", at)

    def leave(self) -> None:
        self.spent[1] -= 1

    def variable(self, name: str) -> str | None:
        """A variable of the environment."""
        return of_any_case(self.env[-1], name)


def machine(
    path: str, file: File, binding: dict[str, Value], booleans: frozenset[str] = frozenset()
) -> Machine:
    spent = [0, 0, _NODES_BETWEEN_PAUSES]
    return Machine(path, file.methods, binding, booleans, file.parameters, file.unknown, [{}], spent)
