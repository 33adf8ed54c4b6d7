"""A `script { }` as a step: what of it cannot be run is a finding before, the rest a program."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seatrial.errors import StageFailed
from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.dialects.jenkins import (
    credentials,
    docker_options,
    keeping,
    running,
    showing,
    syntax,
)
from seatrial.pipeline.dialects.jenkins.declarative import as_section
from seatrial.pipeline.dialects.jenkins.evaluator import reads, unsupported
from seatrial.pipeline.dialects.jenkins.groovy import (
    build,
    calls,
    classes,
    docker,
    expressions,
    jobs,
    members,
    objects,
    overloads,
    statements,
    statics,
    steps,
)
from seatrial.pipeline.dialects.jenkins.groovy.file import File
from seatrial.pipeline.dialects.jenkins.groovy.machine import (
    Left,
    Machine,
    Returned,
    Thrown,
    Value,
    Variables,
    Work,
    machine,
)
from seatrial.pipeline.dialects.jenkins.remarks import Remarks, did_you_mean
from seatrial.pipeline.dialects.jenkins.syntax import Statement
from seatrial.pipeline.dialects.jenkins.values import written
from seatrial.pipeline.step import Credential, Fail, LeaveOut, Limit, Scope, SetVariable, Step, Steps


class Script(NamedTuple):
    """The program of a script's statements: called with a scope it yields their effects."""

    path: str
    body: tuple[Statement, ...]
    file: File
    booleans: frozenset[str]
    credentials: credentials.Wanted = ()

    def __call__(self, scope: Scope) -> Steps:
        running = yield from begin(self.path, self.file, self.booleans, scope)
        try:
            yield from statements.perform(self.body, Variables({}), running)
        except (Returned, Left):
            return
        except RecursionError:
            raise Thrown("java.lang.StackOverflowError", "the script is nested too deep") from None


class First(NamedTuple):
    """The program of the code before the pipeline: a `return` in it leaves all else out."""

    path: str
    file: File
    booleans: frozenset[str]
    credentials: credentials.Wanted = ()

    def __call__(self, scope: Scope) -> Steps:
        try:
            yield from begin(self.path, self.file, self.booleans, scope)
        except Returned:
            yield LeaveOut("the code before the pipeline returned")


class Defaults(NamedTuple):
    """The program that gives parameters which nobody has given what only the run can tell."""

    path: str
    file: File
    booleans: frozenset[str]

    def __call__(self, scope: Scope) -> Steps:
        running = yield from begin(self.path, self.file, self.booleans, scope)
        for name, default in self.file.late.items():
            if name not in scope.env:
                try:
                    value = yield from expressions.evaluate(default, Variables({}), running)
                except StageFailed as failure:
                    yield Fail(f"the default of {name}: {failure}")
                    return
                is_boolean = name in self.booleans
                yield SetVariable(name, written(objects.true(value) if is_boolean else value))


class Timed(NamedTuple):
    """The program that runs steps for at most a time that only the run can tell, in units of seconds."""

    path: str
    file: File
    booleans: frozenset[str]
    time: syntax.Expression
    unit_seconds: float
    steps: tuple[Step, ...]

    def __call__(self, scope: Scope) -> Steps:
        try:
            running = yield from begin(self.path, self.file, self.booleans, scope)
            time = yield from expressions.evaluate(self.time, Variables({}), running)
        except StageFailed as failure:
            yield Fail(str(failure), begun=False)
            return
        time = int(time) if isinstance(time, str) and time.isdecimal() else time
        if isinstance(time, bool) or not isinstance(time, int) or time < 0:
            yield Fail(f"timeout: {written(time)} is no whole number", begun=False)
        else:
            yield Limit(time * self.unit_seconds, self.steps)


def begin(path: str, file: File, booleans: frozenset[str], scope: Scope) -> Work:
    """A machine for one script of a run; the first of them declares the variables of the file."""
    run = scope.env.get("SEATRIAL_RUN", "")
    is_first = run not in file.bindings
    binding = file.bindings.setdefault(run, {})
    running = machine(path, file, binding, booleans)
    running.env.append(scope.env)
    if is_first:
        yield from _declare(file.variables, binding, running)
    return running


def _declare(declared: list[Statement], binding: dict[str, Value], running: Machine) -> Work:
    """What the file declares beside its pipeline, once a run."""
    yield from statements.perform(tuple(declared), Variables(binding), running)


def check(body: tuple[Statement, ...], file: File, remarks: Remarks) -> credentials.Wanted:
    """Say what of a script cannot be run; returns the credentials that it asks for."""
    wanted: list[Credential | credentials.Later] = []
    nodes = list(nodes_of(body))
    own = {name for node in (*nodes, *nodes_of(file.variables)) for name in declared(node)}
    remarks.declared |= own
    delegated = _delegated(nodes)
    for node in nodes:
        _check(node, own | members.KNOWN if node.at in delegated else own, file, remarks)
        if isinstance(node, syntax.Call) and _called(node) == "input":
            remarks.asked += steps.asked_by(node)
        section = as_section(node) if isinstance(node, syntax.Call) else None
        if section is not None and section.name in credentials.BLOCKS:
            wanted += credentials.of_block(section, remarks)
        if isinstance(node, syntax.Call) and isinstance(node.target, syntax.Property):
            wanted += _of_registry(node, node.target)
    return tuple(wanted)


def _delegated(nodes: list[Any]) -> frozenset[syntax.Position]:
    """Where the calls stand that the value of a `with` may answer."""
    found = set[syntax.Position]()
    for node in nodes:
        if isinstance(node, syntax.Call) and isinstance(node.target, syntax.Property):
            closure = node.arguments[-1].value if node.arguments else None
            if node.target.name == "with" and isinstance(closure, syntax.Closure):
                found |= {inner.at for inner in nodes_of(closure.body)}
    return frozenset(found)


def _of_registry(node: syntax.Call, target: syntax.Property) -> tuple[Credential, ...]:
    """What `withRegistry(url, 'id')` asks for; an id that is worked out is asked for by the run."""
    given = [one.value for one in node.arguments]
    if target.name == "withRegistry" and len(given) > 2 and isinstance(given[1], syntax.Text):
        return (Credential(given[1].value, "", "username"),)
    return ()


def _check(node: Any, own: set[str], file: File, remarks: Remarks) -> None:
    if isinstance(node, syntax.Call) and isinstance(node.target, syntax.Name):
        name, given = _meant(node, node.target.text)
        if name in _OF_FILES and not (name in own or name in file.methods):
            _OF_FILES[name](given, node.at, remarks)
        if name in steps.OF_WINDOWS:
            remarks.note(node.at, f"the step '{name}' fails where it is reached: this is no Windows")
        elif name not in own and (reason := showing.why(name, given)):
            remarks.note(node.at, f"'{name}' has no effect here: {reason}")
        elif not any(name in known for known in (own, file.loaded)):
            _check_step(name, node.at, remarks)
            _check_parameters(name, given, node.at, remarks)
    elif isinstance(node, syntax.Call) and isinstance(node.target, syntax.Property):
        _check_method(node, node.target, own, remarks)
    elif isinstance(node, syntax.Property):
        _check_property(node, own, remarks)
    elif isinstance(node, syntax.New) and not classes.is_known(node.type):
        _refuse(f"'new {node.type}'", node.type, node.at, "use sh", remarks)
    elif type(node) not in statements.KNOWN and type(node) in _KINDS:
        remarks.error(node.at, f"{_KINDS[type(node)]} is not supported in a script")


def _meant(node: syntax.Call, name: str) -> tuple[str, tuple[syntax.Argument, ...]]:
    """The step that is called, and with what: `step([$class: …])` names it by its class."""
    first = node.arguments[0].value if len(node.arguments) == 1 else None
    given = first.entries if isinstance(first, syntax.MapLiteral) else node.arguments
    kind = next((one.value for one in given if one.name == "$class"), None)
    if name != "step" or not isinstance(kind, syntax.Text):
        return name, node.arguments
    return keeping.step_of(kind.value), tuple(one for one in given if one.name != "$class")


def _check_step(name: str, at: syntax.Position, remarks: Remarks) -> None:
    """What is called by its name alone, or of `this` and `steps`, and no variable."""
    file = remarks.file
    if steps.is_step(name) or name in file.methods:
        return
    hint = did_you_mean(name, (*file.methods, *steps.names()))
    message = f"the step '{name}' is not supported in a script"
    if name in _essential():
        remarks.error(at, message, hint)
    else:
        remarks.unknown(at, message, hint)
        file.unknown.add(name)


def _check_load(_given: tuple[syntax.Argument, ...], at: syntax.Position, remarks: Remarks) -> None:
    remarks.note(at, "load: the file is read when the run comes to it, and checked then")


def _check_job(given: tuple[syntax.Argument, ...], at: syntax.Position, remarks: Remarks) -> None:
    job = next((one.value for one in given if one.name in (None, "job")), None)
    name = jobs.variable_of(job.value if isinstance(job, syntax.Text) else "NAME")
    remarks.note(at, f"build: the job is run by its file: --env {name}=FILE says which")


# Steps that run what another file holds.
_OF_FILES = {"load": _check_load, "build": _check_job}


def _check_parameters(
    name: str, given: tuple[syntax.Argument, ...], at: syntax.Position, remarks: Remarks
) -> None:
    """A step of which not all can be done is passed over whole, where the run is told to."""
    if name in running.PARAMETERS and (wrong := running.unknown(name, given)):
        known = (one for one in running.PARAMETERS[name] if one)
        remarks.unknown(at, f'Invalid parameter "{wrong}" of {name}', did_you_mean(wrong, known))
        remarks.file.unknown.add(name)


_KINDS: dict[type, str] = {
    syntax.Class: "a class",
    syntax.Import: "an import",
    syntax.Annotated: "an annotation",
}


def _essential() -> frozenset[str]:
    from seatrial.pipeline.dialects.jenkins.steps import ESSENTIAL

    return ESSENTIAL


def _check_method(node: syntax.Call, target: syntax.Property, own: set[str], remarks: Remarks) -> None:
    name = target.name if isinstance(target.name, str) else "…"
    owner = calls.owner_of(target)
    if owner == "docker":
        _check_docker(name, node, remarks)
        return
    if owner in objects.OF_FILE and owner not in own:
        _check_step(name, node.at, remarks)
        return
    if (of := _build(target.target, own)) and name not in build.METHODS | members.KNOWN:
        _check_build(node, build.property_of(name) or name, of, remarks)
        return
    if name == "inside":
        _check_inside(node, remarks)
    if owner == "pullRequest" and name in showing.OF_REQUEST and owner not in own:
        remarks.note(node.at, f"'{owner}.{name}' has no effect here: no forge is told")
        return
    if (
        (owner, name) in statics.METHODS
        or (owner, name) in classes.OF_MACHINE
        or owner == "it"
        or owner in objects.NAMES
        or name in members.KNOWN
        or name in docker.KNOWN
        or name in build.COMPARING
        or name in own
        or (owner in own and (steps.is_step(name) or build.property_of(name) in build.OF_PREVIOUS))
        or owner in remarks.file.loaded
        or _called(target.target) == "load"
    ):
        return
    if owner[:1].isupper() or name not in members.KNOWN:
        hint = (
            did_you_mean(name, members.KNOWN)
            or "a shared library has it, or Java: do it by a command, sh '…'"
        )
        message = f"the method '{owner or '…'}.{name}'"
        _refuse(message, _free(target.target, own), node.at, hint, remarks)


def _free(node: Any, own: set[str]) -> str:
    """The name, or the class by its whole name, that is in front of a method and is nothing of the file's."""
    written = calls.dotted(node)
    root, _, last = written.partition(".")[0], *written.rpartition(".")[1:]
    if root in own or root in objects.NAMES:
        return ""
    return written if last[:1].isupper() else root


def _refuse(what: str, free: str, at: syntax.Position, hint: str, remarks: Remarks) -> None:
    """An error; a run may pass over what a library has, by a name that is `free`, or of a value."""
    message = f"{what} is not supported in a script"
    if not (remarks.library.may_have(free) if free else remarks.library.is_there):
        remarks.error(at, message, hint)
        return
    remarks.unknown(at, message, hint)
    if free:
        remarks.file.unknown.update((free, free.partition(".")[0]))


def _check_property(node: syntax.Property, own: set[str], remarks: Remarks) -> None:
    """What Jenkins and Java have, and what rules what a closure means: none of it is here."""
    if of := _build(node.target, own):
        _check_build(node, str(node.name), of, remarks)
    if not isinstance(node.target, syntax.Name):
        return
    owner, name, at = node.target.text, str(node.name), node.at
    is_class = owner in objects.TYPES and owner not in own and (owner, name) not in statics.METHODS
    if owner in ("Jenkins", "hudson", "jenkins"):
        remarks.error(at, f"'{owner}' is not supported in a script", "use sh")
    elif is_class and name not in objects.OF_CLASSES and (owner, name) not in statics.CONSTANTS:
        remarks.error(at, f"'{owner}.{name}' is not supported in a script")


def _build(node: Any, own: set[str]) -> frozenset[str]:
    """What the build that an expression stands for can be asked; nothing where it stands for none."""
    if isinstance(node, syntax.Name):
        is_current = node.text == objects.CURRENT_BUILD.name and node.text not in own
        return build.OF_CURRENT if is_current else frozenset()
    of = node.target if isinstance(node, syntax.Call) else node
    if not isinstance(of, syntax.Property):
        return frozenset()
    name = str(of.name) if of is node else build.property_of(str(of.name))
    return build.OF_PREVIOUS if name in build.PREVIOUS and _build(of.target, own) else frozenset()


def _check_build(node: Any, name: str, known: frozenset[str], remarks: Remarks) -> None:
    owner = objects.CURRENT_BUILD.name if known is build.OF_CURRENT else "the build before"
    if name not in known:
        hint = build.HINTS.get(name) or did_you_mean(name, known)
        remarks.error(node.at, f"'{name}' of {owner} is not supported in a script", hint)
    elif name in build.REMARKS[known]:
        remarks.note(node.at, f"'{name}' of {owner}: {build.REMARKS[known][name]}")


def _check_docker(name: str, node: syntax.Call, remarks: Remarks) -> None:
    if name == "withTool":
        remarks.note(node.at, "docker.withTool: the docker command on PATH is used")
    if name not in docker.OF_DOCKER:
        hint = docker.REFUSED.get(name) or did_you_mean(name, docker.OF_DOCKER)
        remarks.error(node.at, f"the method 'docker.{name}' is not supported in a script", hint)


def _check_inside(node: syntax.Call, remarks: Remarks) -> None:
    """The options of a container, where the file alone has them."""
    first = node.arguments[0].value if node.arguments else None
    if not isinstance(first, syntax.Text):
        return
    try:
        for option, reason in docker_options.read(first.value).idle:
            remarks.note(first.at, f"inside: '{option}' has no effect here: {reason}")
    except docker_options.Unfit as unfit:
        remarks.error(first.at, unfit.message, unfit.hint)


def declared(node: Any) -> tuple[str, ...]:
    if isinstance(node, syntax.Declaration):
        return node.names
    if isinstance(node, syntax.Assignment) and isinstance(node.target, syntax.Name):
        return (node.target.text,)
    if isinstance(node, syntax.Closure | syntax.Method):
        named = (node.name,) if isinstance(node, syntax.Method) else ()
        return (*named, *(one.name for one in node.parameters or ()))
    if isinstance(node, syntax.MapLiteral):  # its closures are called as methods are
        closures = [one.name for one in node.entries if isinstance(one.value, syntax.Closure)]
        return tuple(name for name in closures if isinstance(name, str))
    return ("it", node.variable) if isinstance(node, syntax.ForEach) else ()


def is_needed(value: syntax.Expression, file: File) -> bool:
    """Whether only a script works a value out: it calls something, or reads what a method `getName` gives."""
    names = (one.text for one in reads(value) if isinstance(one, syntax.Name))
    return any(True for _ in unsupported(value)) or any(overloads.getter(file.methods, one) for one in names)


def assigned(*bodies: tuple[Statement, ...]) -> set[str]:
    """The names that statements may give values to."""
    return {name for body in bodies for node in nodes_of(body) for name in declared(node)}


def loaded_in(*bodies: Any) -> set[str]:
    """The names of the variables that hold a script: this one, or what `load` gives."""
    every = (node for body in bodies for node in nodes_of(body))
    giving = (node for node in every if isinstance(node, syntax.Declaration | syntax.Assignment))
    return {name for node in giving if _is_script(_last_value(node)) for name in declared(node)}


def _is_script(value: Any) -> bool:
    return _called(value) == "load" or (isinstance(value, syntax.Name) and value.text in objects.OF_FILE)


def _last_value(node: syntax.Declaration | syntax.Assignment) -> Any:
    """What a declaration or an assignment gives to its variable."""
    if isinstance(node, syntax.Assignment):
        return node.value
    return node.values[-1] if node.values else None


def steps_in(body: tuple[Statement, ...], file: File) -> Iterator[str]:
    """The steps that statements call, themselves or by a method of the file."""
    waiting, seen = [body], set[str]()
    while waiting:
        for node in nodes_of(waiting.pop()):
            name = _called(node)
            if name in file.methods and name not in seen:
                seen.add(name)
                waiting += [one.body for one in file.methods[name]]
            elif name and name not in file.methods and steps.is_step(name):
                yield name


# What holds nodes without being one.
_PARTS = frozenset((tuple, syntax.Argument, syntax.Case, syntax.Catch, syntax.Parameter))
_LEAVES = frozenset((syntax.Text, syntax.Number, syntax.Constant, syntax.Name))


def _called(node: Any) -> str:
    """What a node calls by its name alone; "" where it does not."""
    is_plain = isinstance(node, syntax.Call) and isinstance(node.target, syntax.Name)
    return node.target.text if is_plain else ""


def nodes_of(body: Any) -> Iterator[Any]:
    """Every node of some statements."""
    waiting: list[Any] = list(body)
    while waiting:
        one = waiting.pop()
        kind = type(one)
        if kind in _PARTS:
            waiting += [part for part in one if isinstance(part, tuple)]
        elif hasattr(one, "at"):
            yield one
            if kind is syntax.Call:
                waiting += _of_call(one)
            elif kind not in _LEAVES:
                waiting += [part for part in one[:-1] if isinstance(part, tuple)]


def _of_call(call: syntax.Call) -> list[Any]:
    """What of a call is read: not its name, and of some steps not all that they are given."""
    called = _called(call)
    if called in steps.UNREAD:
        return []
    if called in steps.DESCRIBING:
        return [given.value for given in call.arguments if isinstance(given.value, syntax.Closure)]
    target = call.target.target if isinstance(call.target, syntax.Property) else call.target
    return [call.arguments, target]
