"""A job, with what its call says, as the steps of a stage and where they run."""

from __future__ import annotations

from seatrial.errors import Place
from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.dialects.circleci import orbs
from seatrial.pipeline.dialects.circleci.expressions import Reader, bind, scope_of
from seatrial.pipeline.dialects.circleci.images import Images, read_images
from seatrial.pipeline.dialects.circleci.logic import Test, filter_of
from seatrial.pipeline.dialects.circleci.nodes import MARK, shown, text, word
from seatrial.pipeline.dialects.circleci.shell import FINISH, prepared
from seatrial.pipeline.dialects.circleci.steps import HERE, Book, TooMuch, Writers, setting, variables, write
from seatrial.pipeline.finding import error, note, warning
from seatrial.pipeline.spelling import did_you_mean
from seatrial.pipeline.step import Shell, Step
from seatrial.pipeline.yaml_document import Mapping, Node, Scalar, entries

_KNOWN = frozenset(
    (
        "docker", "machine", "macos", "steps", "working_directory", "environment", "shell", "parallelism",
        "parameters", "executor", "resource_class", "branches", "description", "type", "circleci_ip_ranges",
        "retention", "plan_name", "serial-group",
    )
)  # fmt: skip
_NOTED = {
    "resource_class": "the machine is what it is",
    "circleci_ip_ranges": "addresses are those of this machine",
    "retention": "what a run keeps, the store says",
}
_ELSEWHERE = ("release", "lock", "unlock", "approval", "no-op")  # jobs without steps
_MOST_NODES = 100


class File(NamedTuple):
    """The parts of a file that jobs are made of."""

    jobs: dict[str, Node]
    commands: dict[str, Node]
    executors: dict[str, Node]
    groups: dict[str, Node]
    reader: Reader


class Call(NamedTuple):
    """How a workflow, or nobody, calls a job; `number` tells it from the others of the file."""

    name: str
    job: str
    place: Place
    arguments: Node | None = None
    before: Node | None = None
    after: Node | None = None
    number: int = 1


class Job(NamedTuple):
    """`nodes`: how many times it runs at once. `missing`: why it cannot run here, "" where it can."""

    steps: tuple[Step, ...]
    images: Images
    kept: tuple[str, ...]
    has_checkout: bool
    nodes: int
    missing: str


def is_empty(job: Node) -> bool:
    """Whether it is a job of a kind that has no steps, and only joins or holds others."""
    return text(entries(job).get("type")) in _ELSEWHERE


def read_job(call: Call, file: File, attached: tuple[str, ...] = ()) -> Job:
    """What the call runs, with the folders of the workspace of all that it waits for; what cannot be read is
    said in the findings."""
    reader = file.reader
    definition = file.jobs[call.job]
    bound, executor, missing = bound_job(call, file)
    parts = {**executor, **entries(bound)}
    missing = missing or _foreign_machine(parts)
    if missing:
        message = f"`{call.job}` does not run: {missing}"
        hint = "jobs run on Linux" if missing.startswith("it needs") else ""
        reader.findings.append(warning(_place(entries(bound), call), message, hint))
        return Job((), Images(), (), False, 1, missing)
    _remark(bound, call, reader)
    book = book_of(call, parts, file, attached, HERE)
    if not book.steps:
        reader.findings.append(error(definition.place, f"the job `{call.job}` has no steps"))
    images = read_images(parts.get("docker"), reader)
    if not images.image:
        _remark_outside((parts.get("working_directory"), *book.places), reader)
    kept = tuple(book.kept)
    pairs = (*images.env, *environment_of(bound, executor, reader))
    steps = (
        Shell(prepared(_head(call, parts, pairs, book), _said(parts, book)), ("/bin/sh",), place=call.place),
        *book.made,
        Shell(FINISH, ("/bin/sh",), place=call.place, written=call.name),
    )
    return Job(steps, images, kept, bool(book.checkouts), _nodes(parts.get("parallelism"), reader), "")


def bound_job(call: Call, file: File) -> tuple[Node, dict[str, Node], str]:
    """A job with what its call gives it, what its executor says, and why that cannot be had, if so."""
    definition = file.jobs[call.job]
    own = entries(definition).get("parameters")
    bound = bind(definition, scope_of(own, call.arguments, call.place, call.job, file.reader), file.reader)
    return bound, *_executor(entries(bound).get("executor"), file)


def environment_of(bound: Node, executor: dict[str, Node], reader: Reader) -> tuple[tuple[str, str], ...]:
    """The variables of a job, those of its executor first."""
    own = variables(entries(bound).get("environment"), reader)
    return (*variables(executor.get("environment"), reader), *own)


def book_of(
    call: Call, parts: dict[str, Node], file: File, attached: tuple[str, ...], writers: Writers
) -> Book:
    """The steps of a job, each as its writer has it."""
    book = Book(file.reader, file.commands, call.name, attached, [], {}, [], [], [], writers)
    try:
        for steps in (call.before, parts.get("steps"), call.after):
            write(steps, book)
    except TooMuch:
        pass
    return book


def branch_filter(job: Node, reader: Reader) -> Test:
    """The `branches` of a job, as version 2.0 has them without workflows."""
    branches = entries(job).get("branches")
    if branches is None:
        return True
    return filter_of(Mapping(((Scalar("branches", branches.place), branches),), branches.place), reader)


def _head(call: Call, parts: dict[str, Node], pairs: tuple[tuple[str, str], ...], book: Book) -> list[str]:
    """What is set before the first step: the variables, the folder, the shell."""
    folder = text(parts.get("working_directory")) or "~/project"
    checkout = book.checkouts[0] if book.checkouts else ""
    place = f"$(_circle_path {word(checkout)})" if checkout else "$_circle_folder"
    lines = [f"export CIRCLE_JOB={word(call.job)} CIRCLE_WORKING_DIRECTORY={word(folder)}"]
    lines.append(f'export CIRCLE_BUILD_NUM="${{SEATRIAL_RUN_NUMBER-1}}{call.number:03}"')
    lines.append(f'export CIRCLE_WORKFLOW_JOB_ID="${{SEATRIAL_RUN-}}-{call.number}"')
    lines += [f"export {setting(name, value)}" for name, value in pairs if name.isidentifier()]
    others = [word(f"{name}={value}") for name, value in pairs if not name.isidentifier()]
    if others:  # no shell sets them, but what it starts can have them
        lines.append(f'_circle_do() {{ exec env {" ".join(others)} "$@"; }}')
    lines += [f'_circle_folder=$(_circle_path {word(folder)} "$HOME")', f"_circle_linked={place}"]
    if folder.startswith("/"):
        lines.append("CIRCLE_WORKING_DIRECTORY=$_circle_folder")
    if "shell" in parts:
        lines.append(f"_circle_shell={word(text(parts['shell']))}")
    return lines


def _said(parts: dict[str, Node], book: Book) -> str:
    """The words for the places that the job is put at, where something may have to be said of them."""
    places = (text(parts.get("working_directory")), *book.checkouts[:1])
    return " ".join(word(place) for place in places if place.startswith(("/", MARK)))


def _remark_outside(places: tuple[Node | None, ...], reader: Reader) -> None:
    """Note the places that steps would write to on this machine, were they not its own."""
    for node in places:
        if node is not None and text(node).startswith("/"):
            said = shown(text(node))
            message = f"`{said}` is not touched on this machine: a folder of the job's own stands for it"
            hint = "commands that name it find this machine's; a relative path, or `~/…`, is the job's own"
            reader.findings.append(note(node.place, message, hint))


def _nodes(node: Node | None, reader: Reader) -> int:
    said = text(node)
    if not said or (said.isdecimal() and 0 < int(said) <= _MOST_NODES):
        return int(said or 1)
    place = node.place if node else Place("", 1, 1)
    reader.findings.append(error(place, f"`parallelism` is a number from 1 to {_MOST_NODES}"))
    return 1


def _note(node: Node, reader: Reader) -> None:
    """The keys of a job, or of an executor, that mean nothing here."""
    for key, _ in node.entries if isinstance(node, Mapping) else ():
        if key.text in _NOTED:
            reader.findings.append(note(key.place, f"`{key.text}`: {_NOTED[key.text]}"))


def _remark(job: Node, call: Call, reader: Reader) -> None:
    _note(job, reader)
    for key, _ in job.entries if isinstance(job, Mapping) else ():
        if key.text not in (*_KNOWN, *_NOTED):
            hint = did_you_mean(key.text, _KNOWN)
            reader.findings.append(warning(key.place, f"`{key.text}` of `{call.job}` has no effect", hint))


def _executor(node: Node | None, file: File) -> tuple[dict[str, Node], str]:
    """What the executor of a job says; and why it cannot be had, "" where it can."""
    if node is None:
        return {}, ""
    given = entries(node)
    said = given.get("name", node)
    name = text(said)
    definition = file.executors.get(name)
    if definition is None:
        return {}, _missing(said, name, file)
    call = None
    if isinstance(node, Mapping):
        rest = tuple((key, value) for key, value in node.entries if key.text != "name")
        call = Mapping(rest, node.place)
    orbs.use(name, file.reader)
    orbs.remark_tag(name, call, node.place, file.reader)
    scope = scope_of(entries(definition).get("parameters"), call, node.place, name, file.reader)
    bound = bind(definition, scope, file.reader)
    _note(bound, file.reader)
    return entries(bound), ""


def _missing(node: Node, name: str, file: File) -> str:
    if orbs.is_windows(name, file.reader):
        return "it needs Windows"
    if "/" in name:
        orbs.refuse(Scalar(name, node.place), file.reader)
        return f"its executor {name} comes from an orb"
    hint = did_you_mean(name, file.executors)
    file.reader.findings.append(error(node.place, f"there is no executor `{name}`", hint))
    return ""


def _foreign_machine(parts: dict[str, Node]) -> str:
    """The system that a job needs and that jobs do not have here, "" for Linux."""
    said = f"{text(entries(parts.get('machine')).get('image'))} {text(parts.get('resource_class'))}".lower()
    if "macos" in parts or "macos" in said:
        return "it needs macOS"
    return "it needs Windows" if "windows" in said else ""


def _place(parts: dict[str, Node], call: Call) -> Place:
    found = (parts[key].place for key in ("macos", "machine", "executor", "resource_class") if key in parts)
    return next(found, call.place)
