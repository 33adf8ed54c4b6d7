"""Jenkins' steps as a script calls them: evaluated arguments → an effect, and its result as a value."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from functools import cache, partial

from seatrial.errors import Place
from seatrial.pipeline.dialects.jenkins import (
    blocks,
    credentials,
    keeping,
    lending,
    running,
    showing,
    syntax,
)
from seatrial.pipeline.dialects.jenkins.evaluator import Failure, Names
from seatrial.pipeline.dialects.jenkins.groovy import documents, jobs, objects, programs, sonarqube
from seatrial.pipeline.dialects.jenkins.groovy.file import Passed
from seatrial.pipeline.dialects.jenkins.groovy.formatting import formatted
from seatrial.pipeline.dialects.jenkins.groovy.machine import (
    ABORT,
    Function,
    Machine,
    PassedOver,
    Thrown,
    Value,
    Work,
    known,
    used,
)
from seatrial.pipeline.dialects.jenkins.methods import Unfit
from seatrial.pipeline.dialects.jenkins.syntax import Position
from seatrial.pipeline.dialects.jenkins.values import truth, written
from seatrial.pipeline.parameter import BOOLEAN, CHOICE, STRING, Parameter
from seatrial.pipeline.step import (
    JENKINS_SHELL,
    REQUIRED,
    SEATRIAL_SHELL,
    Branches,
    Checkout,
    Echo,
    Effect,
    Given,
    Mark,
    Program,
    Question,
    Scope,
    Shell,
    ShellResult,
    Steps,
    WithCredentials,
    WithEnv,
)

# Steps of a script beside those that `steps { }` has too; the main parameter of each.
OWN = {
    "println": "message",
    "print": "message",
    "printf": "message",
    "readFile": "file",
    "readTrusted": "path",
    "load": "path",
    "fileExists": "file",
    "pwd": "tmp",
    "isUnix": "",
    "stage": "name",
    "node": "label",
    "parallel": "",
    "step": "delegate",
    "script": "",
    "ws": "dir",
    "waitUntil": "",
    "input": "message",
    "tool": "name",
    "properties": "properties",
    "waitForQualityGate": "abortPipeline",
    "build": "job",
    **{name: known[0] for name, known in running.PARAMETERS.items()},
    "withDockerContainer": "image",
    "withDockerRegistry": "url",
    **{name: main for name, (main, _) in documents.STEPS.items()},
}
# What these make is only ever given to another step.
DATA = frozenset(
    ("string", "booleanParam", "choice", "text", "password", "credentials", "scmGit", "changeRequest")
)
# Steps whose arguments describe a job of Jenkins, or its pages: nothing here is to be worked out of them.
UNREAD = frozenset(("properties", "library", *showing.STEPS))
# Steps around others whose other arguments are descriptions, which are no calls.
DESCRIBING = frozenset((*credentials.BLOCKS, "withMaven"))
OF_WINDOWS = frozenset(("bat", "powershell", "pwsh"))
# What scripts may call though no list of steps has it.
_UNNAMED = OF_WINDOWS | blocks.PLAIN | keeping.SILENT
_OF_ANY_VALUE = frozenset(("echo", "print", "printf", "println", "parallel"))
_INLINE = frozenset(("stage", "node", "script", "ws"))
_LONGEST_WAIT_SECONDS = 15.0


def _sprintf(given: list[Value]) -> str:
    if not given or not isinstance(given[0], str):
        raise Unfit("groovy.lang.MissingMethodException: No signature of method: sprintf()")
    is_list = len(given) == 2 and isinstance(given[1], list)
    return formatted(given[0], given[1] if is_list else given[1:])


# Functions of Groovy that are called as steps are.
FUNCTIONS: dict[str, Callable[[list[Value]], Value]] = {"sprintf": _sprintf}


def data(name: str, named: dict[str, Value]) -> Value:
    """What one of DATA gives to the step that takes it."""
    return {"$class": "GitSCM", **named} if name == "scmGit" else {"kind": name, **named}


def is_step(name: str) -> bool:
    return name in names()


@cache
def names() -> tuple[str, ...]:
    from seatrial.pipeline.dialects.jenkins.steps import SIGNATURES

    return (*SIGNATURES, *OWN, *DATA, *FUNCTIONS, *credentials.BLOCKS)


def perform(name: str, plain: list[Value], named: dict[str, Value], at: Position, machine: Machine) -> Work:
    """Perform a step and return what it gives to the script. Raises Thrown."""
    closure = plain.pop() if plain and isinstance(plain[-1], Function) else None
    try:
        if name in FUNCTIONS:
            return FUNCTIONS[name](list(map(known, plain)))
        if name == "printf":
            plain = [_sprintf(plain).removesuffix("\n")]
        values = _arguments(name, plain, named)
        return (yield from _perform(name, values, closure, at, machine))
    except Failure as failure:
        raise Thrown("java.lang.IllegalArgumentException", failure.message, at) from None
    except Unfit as unfit:
        kind, _, message = str(unfit).partition(": ")
        raise Thrown(kind, message, at) from None
    except KeyError as missing:
        message = f"Missing required parameter: {missing}"
        raise Thrown("java.lang.IllegalArgumentException", message, at) from None


def _arguments(name: str, plain: list[Value], named: dict[str, Value]) -> dict[str, Value]:
    from seatrial.pipeline.dialects.jenkins.steps import SIGNATURES

    main = OWN[name] if name in OWN else SIGNATURES[name].main if name in SIGNATURES else "value"
    given = {each: known(value) for each, value in named.items()}
    if len(plain) > 1 and name in ("println", "print"):
        raise Unfit(f"groovy.lang.MissingMethodException: No signature of method: {name}()")
    if len(plain) == 1 and isinstance(plain[0], dict) and not named and name not in _OF_ANY_VALUE:
        given = {each: known(value) for each, value in plain[0].items()}
    elif plain:
        given[main or "value"] = known(plain[0])
    return given


def _perform(
    name: str, values: dict[str, Value], closure: Function | None, at: Position, machine: Machine
) -> Work:
    if name in machine.unknown:
        return (yield from pass_over(Passed("step", name), closure, machine, at))
    if not (is_step(name) or name in _UNNAMED):
        raise Thrown("java.lang.NoSuchMethodError", f"No such DSL method '{name}' found among steps", at)
    if name == "sh":
        return (yield from _sh(values, at, machine))
    if name == "error":
        raise Thrown(ABORT, written(values["message"]))
    if name in documents.STEPS:
        return (yield from documents.STEPS[name][1](values, at))
    if name in _OTHERS:
        return (yield from _OTHERS[name](values, closure, machine, at))
    if name in _INLINE:
        return (yield from _inline(name, values, closure, machine, at))
    if closure is not None:
        return (yield from _block(name, values, closure, at, machine))
    yield _simple(name, values, at, machine)
    return None


def pass_over(what: Passed, closure: Function | None, machine: Machine, at: Position) -> Work:
    """What nothing here knows, in a run that was told to pass over such."""
    results: list[Value] = []
    yield keeping.skipped(what)
    if closure is not None:
        yield WithEnv((), _inner(closure, machine, at, results))
    return results[-1] if results else PassedOver(what.name)


def _inner(closure: Function, machine: Machine, at: Position, results: list[Value]) -> tuple[Program, ...]:
    return (Program(inside(closure, machine, at, results), f"line {at.line}"),)


def _inline(
    name: str, values: dict[str, Value], closure: Function | None, machine: Machine, at: Position
) -> Work:
    from seatrial.pipeline.dialects.jenkins.groovy import calls

    if name == "stage":
        yield Echo(f"[{written(values.get('name', ''))}]")
    return (yield from calls.call(closure, [], machine, at))


def _simple(name: str, values: dict[str, Value], at: Position, machine: Machine) -> Effect:
    """The effect of a step that gives nothing back."""
    if name in ("echo", "println", "print", "printf"):
        return Echo(written(values.get("message", "")))
    if name in keeping.SILENT:
        return WithEnv((), ())
    if name == "unstable":
        return Mark(written(values["message"]), "unstable", "unstable")
    if name == "sleep":
        return Shell(f"sleep {blocks.seconds(name, at, values, 'SECONDS'):g}", place=_place(at, machine))
    if name == "deleteDir":
        return Shell(keeping.EMPTY_FOLDER, place=_place(at, machine))
    if name in keeping.NAMES:
        return keeping.keeping(name, at, values)
    if name in OF_WINDOWS:
        raise Thrown("java.lang.UnsupportedOperationException", f"{name}: this is no Windows", at)
    raise Thrown("java.lang.IllegalStateException", f"{name} step must be called with a body", at)


def _place(at: Position, machine: Machine) -> Place:
    return Place(machine.path, at.line, at.column)


def _sh(values: dict[str, Value], at: Position, machine: Machine) -> Work:
    result = yield Shell(
        blocks.string("sh", at, "script", values),
        JENKINS_SHELL,
        check=not truth(values.get("returnStatus")),
        capture=truth(values.get("returnStdout")),
        place=_place(at, machine),
    )
    assert isinstance(result, ShellResult)
    if truth(values.get("returnStdout")):
        return result.output
    return result.exit_code if truth(values.get("returnStatus")) else None


def _load(values: dict[str, Value], _closure: Function | None, machine: Machine, at: Position) -> Work:
    from seatrial.pipeline.dialects.jenkins.groovy import loading

    return (yield from loading.load(written(values["path"]), machine, at))


def _running(
    name: str, values: dict[str, Value], closure: Function | None, machine: Machine, at: Position
) -> Work:
    if name != running.AWS:
        return (yield from programs.run(name, values, machine, at))
    if closure is None:
        raise Thrown("java.lang.IllegalStateException", f"{name} step must be called with a body", at)
    running.check(name, values)
    results: list[Value] = []
    yield running.in_aws(values, _inner(closure, machine, at, results))
    return results[-1] if results else None


def _build(values: dict[str, Value], _closure: Function | None, machine: Machine, at: Position) -> Work:
    if jobs.is_passed_over(values, machine):
        return (yield from pass_over(Passed("step", "build"), None, machine, at))
    return (yield from jobs.run(values, machine, at))


def _is_unix(_values: dict[str, Value], _closure: Function | None, _machine: Machine, _at: Position) -> Work:
    yield from ()  # no step is in it
    return True


def _asked(
    name: str, values: dict[str, Value], _closure: Function | None, _machine: Machine, _at: Position
) -> Work:
    file = shlex.quote(written(values.get("file", values.get("path", ""))))
    script = {"fileExists": f"test -e {file}", "pwd": "pwd"}.get(name, f"cat -- {file}")
    result = yield Shell(script, SEATRIAL_SHELL, check=name != "fileExists", capture=True)
    assert isinstance(result, ShellResult)
    if name == "fileExists":
        return result.exit_code == 0
    return result.output.removesuffix("\n") if name == "pwd" else result.output


def _parallel(values: dict[str, Value], _closure: Function | None, machine: Machine, at: Position) -> Work:
    """The branches at once, and what each gave; the first that failed is thrown when all have ended."""
    branches = values.get("value", values)
    found = []
    given: dict[str, list[Value]] = {}
    if not isinstance(branches, dict):
        raise Unfit(f"java.lang.IllegalArgumentException: parallel: no branches are in {written(branches)}")
    for name, branch in branches.items():
        if isinstance(branch, Function):
            own = machine._replace(env=machine.env[-1:], spent=list(machine.spent))
            results = given.setdefault(written(name), [])
            program = Program(inside(branch, own, at, results), f"branch {written(name)}")
            found.append((written(name), (program,)))
    yield Branches(truth(branches.get("failFast")), tuple(found))
    return {name: results[-1] if results else None for name, results in given.items()}


def _wait_until(_values: dict[str, Value], closure: Function | None, machine: Machine, at: Position) -> Work:
    """Ask again, each time after a longer while, until it holds."""
    from seatrial.pipeline.dialects.jenkins.groovy import calls

    seconds = 0.25
    while not objects.true((yield from used((yield from calls.call(closure, [], machine, at))))):
        yield Shell(f"sleep {seconds:g}", SEATRIAL_SHELL)
        seconds = min(seconds * 1.2, _LONGEST_WAIT_SECONDS)
    return None


def _input(values: dict[str, Value], _closure: Function | None, machine: Machine, _at: Position) -> Work:
    """A person says yes, and what the parameters are, or the step fails."""
    listed = values.get("parameters") or []
    parameters = tuple(map(_parameter, listed if isinstance(listed, list) else [listed]))
    answer = yield Question(written(values.get("message") or "Go on?"), parameters)
    assert isinstance(answer, Given)
    given: dict[str, Value] = {one.name: answer.values[one.name] for one in parameters}
    given |= {one.name: given[one.name] == "true" for one in parameters if one.kind == BOOLEAN}
    if values.get("submitterParameter"):
        given[values["submitterParameter"]] = machine.variable("USER") or ""
    return next(iter(given.values()), None) if len(given) < 2 else given


_KINDS = {
    "booleanParam": BOOLEAN,
    "BooleanParameterDefinition": BOOLEAN,
    "choice": CHOICE,
    "ChoiceParameterDefinition": CHOICE,
}


def asked_by(question: syntax.Call) -> Iterator[Parameter]:
    """What a question asks for, as far as its words say it: who starts the run can say it ahead."""
    listed = next((one.value for one in question.arguments if one.name == "parameters"), None)
    for one in listed.items if isinstance(listed, syntax.ListLiteral) else (listed,):
        if isinstance(one, syntax.Call) and isinstance(one.target, syntax.Name) and one.target.text in DATA:
            texts = {each.name: each.value for each in one.arguments}
            name, kind = texts.get("name"), _KINDS.get(one.target.text, STRING)
            if isinstance(name, syntax.Text):
                yield Parameter(name.value, "", STRING if kind == CHOICE else kind, asked=True)


def _parameter(one: Value) -> Parameter:
    """Of what `string(…)` and its like give. Raises KeyError where it has no name, Unfit."""
    if not isinstance(one, dict):
        raise Unfit("java.lang.IllegalArgumentException: input: this is no parameter")
    kind = _KINDS.get(str(one.get("kind", one.get("$class"))), STRING)
    choices = one.get("choices") or ()
    choices = choices.split("\n") if isinstance(choices, str) else choices
    without = {BOOLEAN: "false", CHOICE: choices[0] if choices else ""}.get(kind, "")
    value = one.get("defaultValue")
    text = without if value is None else written(value)
    return Parameter(written(one["name"]), text, kind, tuple(map(written, choices)), asked=True)


def _of_class(values: dict[str, Value], _closure: Function | None, machine: Machine, at: Position) -> Work:
    """`step([$class: 'JUnitResultArchiver', …])` is `junit(…)`; of `step(junit(…))` nothing is left to do."""
    given = dict(values)
    kind = given.pop("$class", None)
    if kind is not None:
        return (yield from _perform(keeping.step_of(written(kind)), given, None, at, machine))
    if given != {"delegate": None}:
        raise Unfit("java.lang.IllegalArgumentException: step: what it is to do has no $class")
    return None


def _tool(_values: dict[str, Value], _closure: Function | None, _machine: Machine, _at: Position) -> Work:
    """The folder whose `bin` has what is installed here."""
    yield from ()  # no step is in it
    return "/usr"


def _nothing(_values: dict[str, Value], _closure: Function | None, _machine: Machine, _at: Position) -> Work:
    yield from ()  # no step is in it
    return None


def _checkout(values: dict[str, Value], _closure: Function | None, machine: Machine, at: Position) -> Work:
    """What Jenkins gives to the script: the variables of what was checked out."""
    effect = keeping.keeping("checkout", at, values)
    yield effect
    known = {name: machine.variable(name) for name in _OF_COMMIT}
    if not isinstance(effect, Checkout):
        known = {"GIT_COMMIT": (yield from documents.output("git rev-parse HEAD")).strip()}
    return {name: value for name, value in known.items() if value is not None}


_OF_COMMIT = (
    "GIT_COMMIT",
    "GIT_BRANCH",
    "GIT_LOCAL_BRANCH",
    "GIT_PREVIOUS_COMMIT",
    "GIT_URL",
    "SVN_REVISION",
    "SVN_URL",
)
_OTHERS: dict[str, Callable[[dict[str, Value], Function | None, Machine, Position], Work]] = {
    "checkout": _checkout,
    "waitUntil": _wait_until,
    "input": _input,
    "tool": _tool,
    "properties": _nothing,
    "step": _of_class,
    "parallel": _parallel,
    "load": _load,
    "isUnix": _is_unix,
    "waitForQualityGate": sonarqube.wait_for_gate,
    "build": _build,
    **{name: partial(_running, name) for name in running.PARAMETERS},
    **{name: partial(_asked, name) for name in ("readFile", "readTrusted", "fileExists", "pwd")},
}


def _block(name: str, values: dict[str, Value], closure: Function, at: Position, machine: Machine) -> Work:
    results: list[Value] = []
    inner = _inner(closure, machine, at, results)
    if name == "withEnv":
        names = Names(machine.variable, complete=True)
        yield WithEnv(tuple(blocks.overrides(at, values["overrides"], names).items()), inner)
    elif name == "withCredentials":
        yield WithCredentials(values["bindings"], REQUIRED, inner)
    elif name in lending.NAMES:
        yield lending.block(name, values["bindings"], values["beside"], inner)
    elif name in ("withDockerContainer", "withDockerRegistry"):
        from seatrial.pipeline.dialects.jenkins.groovy import docker

        yield docker.block(name, values, inner, at)
    elif name in blocks.NAMES:
        yield blocks.block(name, at, values, inner)
    else:
        raise Thrown("java.lang.IllegalArgumentException", f"{name} step takes no body", at)
    return results[-1] if results else None


def inside(
    closure: Function, machine: Machine, at: Position, results: list[Value]
) -> Callable[[Scope], Steps]:
    """The program of a closure in a block: it runs with the environment that the block gives it."""

    def start(scope: Scope) -> Steps:
        from seatrial.pipeline.dialects.jenkins.groovy import calls

        machine.env.append(scope.env)
        try:
            results.append((yield from calls.call(closure, [], machine, at)))
        finally:
            machine.env.pop()

    return start
