"""The steps of a job, commands and conditions resolved, as steps of a stage: each a process of a shell."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from collections.abc import Mapping as Values
from shlex import quote

from seatrial.errors import Place
from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.dialects.circleci.expressions import Reader, Truth, bind, scope_of
from seatrial.pipeline.dialects.circleci.keys import key_of
from seatrial.pipeline.dialects.circleci.logic import negated, test_of
from seatrial.pipeline.dialects.circleci.nodes import Findings, reruns_of, seconds, slug, text, texts, word
from seatrial.pipeline.dialects.circleci.orbs import is_continuation, refuse, use
from seatrial.pipeline.dialects.circleci.questions import question
from seatrial.pipeline.finding import error, note, warning
from seatrial.pipeline.spelling import did_you_mean
from seatrial.pipeline.step import KeepCache, Shell, Step, TakeCache
from seatrial.pipeline.yaml_document import Mapping, Node, Scalar, Sequence, entries, items

_DEEPEST = 20  # commands within commands
_MOST = 3000  # steps of one job
_RUN_KEYS = frozenset(
    (
        "name",
        "command",
        "environment",
        "working_directory",
        "shell",
        "when",
        "background",
        "no_output_timeout",
        "max_auto_reruns",
        "auto_rerun_delay",
    )
)
_NOTED = {
    "setup_remote_docker": "the engine that the job reaches is used",
    "add_ssh_keys": "no key is added: a job has no keys of the project",
}
_BUILT_IN = (
    "run", "checkout", "when", "unless", "store_artifacts", "store_test_results", "persist_to_workspace",
    "attach_workspace", "save_cache", "restore_cache", "deploy", *_NOTED,
)  # fmt: skip
_WHEN = ("always", "on_success", "on_fail")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*", re.ASCII)
SILENCE_SECONDS = 600.0
Writers = dict[str, Callable[[str, Node, Node | None, "Book"], None]]
# The folder below TMPDIR that a cache goes through, and how each step begins.
_CACHE = "circleci/cache"
BEGIN = '. "${TMPDIR:-/tmp}/circleci/functions"\n'


class Book(NamedTuple):
    """What the steps of a job may name, and what they have made so far; `tests` are the open conditions
    around the next one, as questions of a shell. `writers` write the steps that are built in."""

    reader: Reader
    commands: dict[str, Node]
    job: str
    attached: tuple[str, ...]  # the folders of the workspace, of all that the job waits for
    made: list[Step]
    kept: dict[str, None]  # "results", "artifacts", "workspace"
    steps: list[Place]
    checkouts: list[str]
    places: list[Node]  # that steps write to
    writers: Writers
    tests: tuple[str, ...] = ()

    def add(self, line: str, place: Place, silence_seconds: float | None = None) -> None:
        asked = "".join(f"{test} || exit 0\n" for test in self.tests)
        script = f"{BEGIN}{asked}{line}\n"
        shell = Shell(script, ("/bin/sh",), check=False, place=place, silence_seconds=silence_seconds)
        self.made.append(shell)


class TooMuch(Exception):  # noqa: N818 - it never leaves the dialect
    """The commands of a job make more steps than any job has."""


def write(node: Node | None, book: Book, depth: int = 0) -> None:
    """Append the steps, which are bound already. Raises TooMuch."""
    for step in items(node):
        book.steps.append(step.place)
        if len(book.steps) > _MOST or depth > _DEEPEST:
            book.reader.findings.append(error(step.place, f"`{book.job}` has too many steps, or too deep"))
            raise TooMuch
        if isinstance(step, Sequence):  # an alias, or a parameter, that is a list of steps
            write(step, book, depth + 1)
        elif isinstance(step, Scalar):
            _step(step, step, None, book, depth)
        elif len(step.entries) == 1:
            _step(step, step.entries[0][0], step.entries[0][1], book, depth)
        else:
            _several(step, book, depth)


def _several(step: Mapping, book: Book, depth: int) -> None:
    """A step with more than one key: the old form `type: checkout`, or what is indented too little."""
    key, value = step.entries[0] if step.entries else (Scalar("", step.place), step)
    rest = step.entries[1:]
    if key.text == "type" and isinstance(value, Scalar):
        _step(step, value, Mapping(rest, step.place), book, depth)
    else:
        hint = "each step begins with `- `; what belongs to it is indented twice"
        book.reader.findings.append(error(step.place, "a step has one key, such as `run`", hint))


def _step(step: Node, key: Scalar, value: Node | None, book: Book, depth: int) -> None:
    name = key.text
    if name in book.commands:
        _command(step, name, value, book, depth)
    elif name == "steps":
        write(value, book, depth + 1)
    elif name == "type" and isinstance(value, Scalar):  # the form of the first days: `- type: checkout`
        _step(step, value, None, book, depth)
    elif name in ("when", "unless"):
        _conditional(name, step, value, book, depth)
    elif name in book.writers:
        book.writers[name](name, step, value, book)
    elif name in _NOTED:
        book.reader.findings.append(note(key.place, f"`{name}`: {_NOTED[name]}"))
    elif is_continuation(name, book.reader):
        _continue(step, value, book)
    elif "/" in name:
        refuse(key, book.reader)
        book.add(f"echo {quote(f'skipped: {name} comes from an orb')}", key.place)
    else:
        hint = did_you_mean(name, (*_BUILT_IN, *book.commands))
        book.reader.findings.append(error(key.place, f"there is no step or command `{name}`", hint))


def _command(step: Node, name: str, value: Node | None, book: Book, depth: int) -> None:
    use(name, book.reader)
    parts = entries(book.commands[name])
    scope = scope_of(parts.get("parameters"), value, step.place, name, book.reader)
    if "steps" in parts:
        write(bind(parts["steps"], scope, book.reader), book, depth + 1)


def _conditional(name: str, step: Node, value: Node | None, book: Book, depth: int) -> None:
    parts = entries(value)
    if parts.keys() != {"condition", "steps"}:
        book.reader.findings.append(error(step.place, f"`{name}` has a `condition` and `steps`"))
        return
    test = test_of(parts["condition"], book.reader)
    test = negated(test) if name == "unless" else test
    if not isinstance(test, bool):
        asked = question(test)
        if asked is None:
            message = "no shell can ask this: lookarounds are not read in a step"
            book.reader.findings.append(error(parts["condition"].place, message))
        book = book._replace(tests=(*book.tests, asked or "true"))
    if test is not False:
        write(parts["steps"], book, depth + 1)


def _run(_name: str, step: Node, value: Node | None, book: Book) -> None:
    parts = run_of(value)
    findings = book.reader.findings
    for key, _ in value.entries if isinstance(value, Mapping) else ():
        if key.text not in _RUN_KEYS:
            hint = did_you_mean(key.text, _RUN_KEYS)
            findings.append(warning(key.place, f"`{key.text}` is no key of `run`, and has no effect", hint))
    script = text(parts.get("command"))
    if not script:
        findings.append(error(step.place, "`run` has no command"))
    when = when_of_step(parts.get("when"), book)
    name = text(parts.get("name")) or script.strip().partition("\n")[0][:80]
    background = "true" if text(parts.get("background")).lower() in ("true", "yes", "on") else "false"
    said = (when, name, text(parts.get("working_directory")), background, text(parts.get("shell")), script)
    pairs = variables(parts.get("environment"), book.reader)
    words = " ".join((*map(word, said), *(setting(name, value) for name, value in pairs)))
    limit = parts.get("no_output_timeout")
    silence = SILENCE_SECONDS if limit is None else seconds(limit, findings)
    again, delay = _again(parts, findings)
    silence = silence + delay if silence else silence
    book.add(f"{again}_circle_run {words}", step.place, silence)


def _again(parts: Values[str, Node], findings: Findings) -> tuple[str, float]:
    """What tells a step that it is run again where it fails, and how many seconds it waits before."""
    reruns = reruns_of(parts.get("max_auto_reruns"), findings)
    delay = (seconds(parts["auto_rerun_delay"], findings) if "auto_rerun_delay" in parts else None) or 0.0
    return (f"_circle_reruns={reruns} _circle_delay={delay:g}\n" if reruns else ""), delay


def run_of(value: Node | None) -> dict[str, Node]:
    """The keys of a `run`, which may be its command alone."""
    if isinstance(value, Mapping):
        return entries(value)
    return {"command": value} if value else {}


def when_of_step(node: Node | None, book: Book) -> str:
    when = text(node) or "on_success"
    if when not in _WHEN and node is not None:
        book.reader.findings.append(
            error(node.place, f"`{when}` is no `when` of a step", f"one of {', '.join(_WHEN)}")
        )
    return when


def setting(name: str, value: str) -> str:
    """NAME=value for a shell. What leads Java to the HOME of the run stays before the options of the file."""
    led = '"${SEATRIAL_JAVA_OPTIONS:+$SEATRIAL_JAVA_OPTIONS }"' if name == "JAVA_TOOL_OPTIONS" else ""
    return f"{name}={led}{word(value)}"


def variables(node: Node | None, reader: Reader) -> tuple[tuple[str, str], ...]:
    """The variables of an `environment`: a mapping, or a list of mappings or of `A=1`."""
    return tuple(_variables(node, reader))


def _variables(node: Node | None, reader: Reader) -> Iterator[tuple[str, str]]:
    for item in items(node):
        if isinstance(item, Scalar) and "=" in item.text:
            pairs: list[tuple[Scalar, Node]] = [
                (
                    item._replace(text=item.text.partition("=")[0]),
                    item._replace(text=item.text.partition("=")[2]),
                )
            ]
        else:
            pairs = list(item.entries) if isinstance(item, Mapping) else []
        if not pairs and item is not node:
            reader.findings.append(error(item.place, "a variable is `NAME: value`"))
        for name, value in pairs:
            if not _VARIABLE.fullmatch(name.text) or not isinstance(value, Scalar):
                reader.findings.append(error(name.place, f"`{name.text}` is no variable with a text"))
            else:
                yield name.text, _said(value)


def _said(value: Scalar) -> str:
    """What a variable of this value holds."""
    return str(int(value.text == "true")) if isinstance(value, Truth) else text(value)


def _store(name: str, step: Node, value: Node | None, book: Book) -> None:
    path = text(entries(value).get("path")) or text(value)
    if not path:
        book.reader.findings.append(error(step.place, f"`{name}` wants a `path`"))
        return
    kind = "artifacts" if name == "store_artifacts" else "results"
    book.kept[kind] = None
    where = slug(text(entries(value).get("destination")) or path.strip("/~."))
    where = where if kind == "artifacts" else f"{len(book.made)}"
    book.add(f"_circle_keep {kind} {word(path)} {quote(f'{kind}/{slug(book.job)}/{where}')}", step.place)


def _workspace(name: str, step: Node, value: Node | None, book: Book) -> None:
    parts = entries(value)
    if name == "attach_workspace":
        book.places.extend(items(parts.get("at")))
        words = " ".join(word(one) for one in (text(parts.get("at")) or ".", *book.attached))
        book.add(f"_circle_attach {words}", step.place)
        return
    paths = texts(parts.get("paths"))
    if not paths or "root" not in parts:
        book.reader.findings.append(error(step.place, "`persist_to_workspace` wants a `root` and `paths`"))
        return
    book.kept["workspace"] = None
    where = quote(f"workspace/{slug(book.job)}")
    words = " ".join(word(path) for path in paths)
    book.add(f"_circle_persist {word(text(parts['root']))} {where} {words}", step.place)


def _cache(name: str, step: Node, value: Node | None, book: Book) -> None:
    """A cache goes through a folder: the steps of the shell pack and unpack it, the run keeps it."""
    parts, findings = entries(value), book.reader.findings
    nodes = [one for key in ("key", "keys") for one in items(parts.get(key)) if isinstance(one, Scalar)]
    keys = " ".join(key_of(one, findings) for one in nodes)
    paths = texts(parts.get("paths"))
    if not keys:
        findings.append(error(step.place, f"`{name}` wants a `key`"))
    elif name == "restore_cache":
        book.add(f"_circle_wanted {word(text(parts.get('name')))} {keys}", step.place)
        book.made.append(TakeCache(_CACHE))
        book.add("_circle_restore", step.place)
    elif not paths:
        findings.append(error(step.place, "`save_cache` wants `paths`"))
    else:
        book.places.extend(items(parts.get("paths")))
        words = " ".join(word(path) for path in paths)
        book.add(f"_circle_save {when_of_step(parts.get('when'), book)} {keys} {words}", step.place)
        book.made.append(KeepCache(_CACHE))


def _continue(step: Node, value: Node | None, book: Book) -> None:
    """The file that another is made of keeps that other one, and says how it is run."""
    parts = entries(value)
    path = text(parts.get("configuration_path")) or ".circleci/continue_config.yml"
    book.kept["artifacts"] = None
    where = quote(f"artifacts/{slug(book.job)}/continuation")
    book.add(f"_circle_continue {word(path)} {where} {word(text(parts.get('parameters')))}", step.place)


def _checkout(_name: str, _step: Node, value: Node | None, book: Book) -> None:
    book.places.extend(items(entries(value).get("path")))
    book.checkouts.append(text(entries(value).get("path")))


# What a step becomes where a run of ours performs it.
HERE: Writers = {
    **dict.fromkeys(("run", "deploy", "shell"), _run),
    "checkout": _checkout,
    **dict.fromkeys(("store_artifacts", "store_test_results"), _store),
    **dict.fromkeys(("persist_to_workspace", "attach_workspace"), _workspace),
    **dict.fromkeys(("save_cache", "restore_cache"), _cache),
}
