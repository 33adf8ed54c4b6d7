"""A job, with what its call says, as one script and where that runs."""

from __future__ import annotations

import re
from typing import NamedTuple

from seatrial.errors import Place
from seatrial.pipeline.dialects.circleci.expressions import Reader, bind, scope_of
from seatrial.pipeline.dialects.circleci.logic import TRUE, filter_of
from seatrial.pipeline.dialects.circleci.nodes import entries, items, shown, slug, text, word
from seatrial.pipeline.dialects.circleci.shell import FUNCTIONS
from seatrial.pipeline.dialects.circleci.steps import Book, TooMuch, variables, write
from seatrial.pipeline.finding import error, note, warning
from seatrial.pipeline.pipeline import Service
from seatrial.pipeline.spelling import did_you_mean
from seatrial.pipeline.yaml_document import Mapping, Node, Scalar

_KNOWN = frozenset(
    (
        "docker", "machine", "macos", "steps", "working_directory", "environment", "shell", "parallelism",
        "parameters", "executor", "resource_class", "branches", "description", "type", "circleci_ip_ranges",
        "retention", "plan_name",
    )
)  # fmt: skip
_NOTED = {
    "resource_class": "the machine is what it is",
    "circleci_ip_ranges": "addresses are those of this machine",
    "retention": "what a run keeps, the store says",
    "parallelism": "one job does it all: CIRCLE_NODE_TOTAL is 1",
}


class File(NamedTuple):
    """The parts of a file that jobs are made of."""

    jobs: dict[str, Node]
    commands: dict[str, Node]
    executors: dict[str, Node]
    reader: Reader


class Call(NamedTuple):
    """How a workflow, or nobody, calls a job."""

    name: str
    job: str
    place: Place
    arguments: Node | None = None
    before: Node | None = None
    after: Node | None = None


class Job(NamedTuple):
    script: str
    image: str
    services: tuple[Service, ...]
    kept: tuple[str, ...]
    has_checkout: bool


def read_job(call: Call, file: File, before: list[str]) -> Job:
    """What the call runs, after the lines `before`; what cannot be read is said in the findings."""
    reader = file.reader
    definition = file.jobs[call.job]
    own = entries(definition).get("parameters")
    scope = scope_of(own, call.arguments, call.place, call.job, reader)
    bound = bind(definition, scope, reader)
    _remark(bound, call, reader)
    parts = {**_executor(entries(bound).get("executor"), file), **entries(bound)}
    _refuse_machines(parts, call, reader)
    book = Book(reader, file.commands, call.name, [], {}, [], [])
    try:
        for steps in (call.before, parts.get("steps"), call.after):
            write(steps, book)
    except TooMuch:
        pass
    if not book.steps:
        reader.findings.append(error(definition.place, f"the job `{call.job}` has no steps"))
    image, services, around = _images(parts.get("docker"), reader)
    pairs = (
        *around,
        *_executor_variables(bound, file),
        *variables(entries(bound).get("environment"), reader),
    )
    script = "\n".join(
        (FUNCTIONS, *before, *_head(call, parts, pairs, book), *book.lines, 'exit "$_circle_failed"', "")
    )
    return Job(script, image, services, tuple(book.kept), bool(book.checkouts))


def branch_filter(job: Node, reader: Reader) -> str:
    """The `branches` of a job, as version 2.0 has them without workflows."""
    branches = entries(job).get("branches")
    if branches is None:
        return TRUE
    return filter_of(
        Mapping(((Scalar("branches", branches.place), branches),), branches.place), reader.findings
    )


def _head(call: Call, parts: dict[str, Node], pairs: tuple[tuple[str, str], ...], book: Book) -> list[str]:
    folder = text(parts.get("working_directory")) or "~/project"
    lines = [f"export CIRCLE_JOB={word(call.job)} CIRCLE_WORKING_DIRECTORY={word(folder)}"]
    lines += [f"export {name}={word(value)}" for name, value in pairs]
    lines.append(f'_circle_folder=$(_circle_path {word(folder)} "$HOME")')
    checkout = book.checkouts[0] if book.checkouts else ""
    lines += [
        f"_circle_linked=$(_circle_path {word(checkout or '.')})"
        if checkout
        else "_circle_linked=$_circle_folder",
        '_circle_link "$_circle_linked" || _circle_elsewhere "$_circle_linked"',
        'mkdir -p "$_circle_folder" 2>/dev/null',
    ]
    if "shell" in parts:
        lines.append(f"_circle_shell={word(text(parts['shell']))}")
    return lines


def _remark(job: Node, call: Call, reader: Reader) -> None:
    for key, value in job.entries if isinstance(job, Mapping) else ():
        if key.text == "parallelism" and text(value) == "1":
            continue
        if key.text in _NOTED:
            reader.findings.append(note(key.place, f"`{key.text}`: {_NOTED[key.text]}"))
        elif key.text not in _KNOWN:
            hint = did_you_mean(key.text, _KNOWN)
            reader.findings.append(warning(key.place, f"`{key.text}` of `{call.job}` has no effect", hint))


def _executor(node: Node | None, file: File) -> dict[str, Node]:
    """What the executor of a job says, but its variables."""
    if node is None:
        return {}
    given = entries(node)
    name = text(given.get("name")) or text(node)
    definition = file.executors.get(name)
    if definition is None:
        hint = did_you_mean(name, file.executors)
        if "/" in name:
            hint = "it comes from an orb, and no orb is fetched"
        file.reader.findings.append(error(node.place, f"there is no executor `{name}`", hint))
        return {}
    call = None
    if isinstance(node, Mapping):
        rest = tuple((key, value) for key, value in node.entries if key.text != "name")
        call = Mapping(rest, node.place)
    scope = scope_of(entries(definition).get("parameters"), call, node.place, name, file.reader)
    return entries(bind(definition, scope, file.reader))


def _executor_variables(job: Node, file: File) -> tuple[tuple[str, str], ...]:
    return variables(_executor(entries(job).get("executor"), file).get("environment"), file.reader)


def _refuse_machines(parts: dict[str, Node], call: Call, reader: Reader) -> None:
    if "macos" in parts:
        reader.findings.append(error(parts["macos"].place, f"`{call.job}` needs macOS; jobs run on Linux"))
    said = f"{text(entries(parts.get('machine')).get('image'))} {text(parts.get('resource_class'))}"
    if "windows" in said.lower():
        place = parts.get("machine", parts.get("resource_class"))
        at = place.place if place else call.place
        reader.findings.append(error(at, f"`{call.job}` needs Windows; jobs run on Linux"))


Images = tuple[str, tuple[Service, ...], tuple[tuple[str, str], ...]]


def _images(node: Node | None, reader: Reader) -> Images:
    """The image of the job, its services, and the variables of the image."""
    found: list[tuple[str, str, tuple[tuple[str, str], ...], Node]] = []
    for item in items(node):
        parts = entries(item)
        image = shown(text(parts.get("image")))
        if not image:
            reader.findings.append(error(item.place, "an image is `image: NAME`"))
            continue
        name = shown(text(parts.get("name"))) or re.split(r"[@:]", image.rsplit("/", 1)[-1])[0]
        found.append((image, slug(name).lower(), variables(parts.get("environment"), reader), item))
        if found[1:] and parts.keys() & {"command", "entrypoint", "user"}:
            message = "command, entrypoint and user of a second image are not passed on"
            reader.findings.append(warning(item.place, message))
    if not found:
        return "", (), ()
    named: dict[str, Service] = {}
    for image, name, env, item in found[1:]:
        unique = name if name not in named else f"{name}-{len(named)}"
        named[unique] = Service(unique, image, env)
        message = f"this container is reached by its name `{unique}`, not by localhost"
        reader.findings.append(warning(item.place, message))
    return found[0][0], tuple(named.values()), found[0][2]
