"""`load`: a script of the workspace, read when the run comes to it; what it gives is mostly itself."""

from __future__ import annotations

import shlex

from seatrial.errors import CommandFailed
from seatrial.pipeline.dialects.jenkins.evaluator import refuse_untold
from seatrial.pipeline.dialects.jenkins.groovy import calls, documents, overloads, steps
from seatrial.pipeline.dialects.jenkins.groovy.machine import (
    Function,
    Loaded,
    Machine,
    Returned,
    Thrown,
    Value,
    Variables,
    Work,
)
from seatrial.pipeline.dialects.jenkins.remarks import Remarks
from seatrial.pipeline.dialects.jenkins.source import statements_of
from seatrial.pipeline.dialects.jenkins.syntax import (
    Annotated,
    Class,
    Import,
    Method,
    Position,
    Statement,
    Unreadable,
)


def load(path: str, machine: Machine, at: Position) -> Work:
    """Perform the statements of a file, and give what the last one gives. Raises Thrown."""
    from seatrial.pipeline.dialects.jenkins.groovy import statements

    try:
        text = yield from documents.output(f"cat -- {shlex.quote(path)}")
    except CommandFailed:
        raise Thrown("java.nio.file.NoSuchFileException", path, at) from None
    refuse_untold((text,))
    try:
        found = statements_of(text, path)
    except Unreadable as error:
        message = f"{path}:{error.at.line}:{error.at.column}: {error.message}"
        raise Thrown("org.codehaus.groovy.control.MultipleCompilationErrorsException", message, at) from None
    plain = tuple(one.statement or one if isinstance(one, Annotated) else one for one in found)
    loaded = Loaded(path, overloads.by_name(one for one in plain if isinstance(one, Method)), {})
    fields = tuple(one.statement for one in found if isinstance(one, Annotated) and one.name == "Field")
    body = tuple(one for one in plain if not isinstance(one, Method | Import | Class) and one not in fields)
    _refuse((*fields, *body), loaded, at)
    running = machine._replace(path=path, unknown=frozenset())
    yield from statements.perform(fields, Variables(loaded.variables), running)  # type: ignore[arg-type]
    try:
        return (yield from statements.perform(body, loaded.block.inner(), running))
    except Returned as returned:
        return returned.value


def call(loaded: Loaded, name: str, given: list[Value], machine: Machine, at: Position) -> Work:
    """`loaded.name(given)`. Raises Thrown."""
    named = loaded.methods.get(name, ())
    if not named:
        held = loaded.variables.get(name, machine.binding.get(name))
        if isinstance(held, Function):
            return (yield from calls.call(held, given, machine, at))
        if steps.is_step(name):
            return (yield from steps.perform(name, given, {}, at, machine))
        message = f"No signature of method: {name}() in {loaded.path}"
        raise Thrown("groovy.lang.MissingMethodException", message, at)
    _refuse(named, loaded, at)
    running = machine._replace(path=loaded.path, unknown=frozenset())
    return (yield from calls.method(named, given, running, at, loaded.block))


def _refuse(body: tuple[Statement | None, ...], loaded: Loaded, at: Position) -> None:
    """What of it cannot be run fails where it is reached: nobody has been asked to pass over it."""
    from seatrial.pipeline.dialects.jenkins.groovy import script

    remarks = Remarks(loaded.path)
    remarks.file.methods.update(loaded.methods)
    remarks.file.loaded.update(script.loaded_in(*loaded.methods.values(), body))
    remarks.declared |= loaded.variables.keys()
    script.check(tuple(one for one in body if one is not None), remarks.file, remarks)
    problem = next((one for one in remarks.in_order() if one.severity == "error"), None)
    if problem is not None:
        message = f"{problem.place}: {problem.message}"
        raise Thrown("java.lang.UnsupportedOperationException", message, at)
