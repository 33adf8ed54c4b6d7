"""The steps of a job, commands and conditions resolved, as the lines of its script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from shlex import quote
from typing import NamedTuple

from seatrial.errors import Place
from seatrial.pipeline.dialects.circleci.expressions import Reader, bind, scope_of
from seatrial.pipeline.dialects.circleci.logic import FALSE, TRUE, negated, test_of
from seatrial.pipeline.dialects.circleci.nodes import entries, items, slug, text, texts, word
from seatrial.pipeline.finding import error, note, warning
from seatrial.pipeline.spelling import did_you_mean
from seatrial.pipeline.yaml_document import Mapping, Node, Scalar, Sequence

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
    )
)
_NOTED = {
    "setup_remote_docker": "the engine that the job reaches is used",
    "add_ssh_keys": "no key is added: a job has no keys of the project",
    "save_cache": "nothing is kept between runs",
    "restore_cache": "no cache is found, as on a first run",
}
_BUILT_IN = (
    "run", "checkout", "when", "unless", "store_artifacts", "store_test_results", "persist_to_workspace",
    "attach_workspace", *_NOTED,
)  # fmt: skip
_WHEN = ("always", "on_success", "on_fail")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


class Book(NamedTuple):
    """What the steps of a job may name, and what they have made so far."""

    reader: Reader
    commands: dict[str, Node]
    job: str
    lines: list[str]
    kept: dict[str, None]  # "results", "artifacts", "workspace"
    steps: list[Place]
    checkouts: list[str]


class TooMuch(Exception):  # noqa: N818 - it never leaves the dialect
    """The commands of a job make more steps than any job has."""


def write(node: Node | None, book: Book, depth: int = 0) -> None:
    """Append the lines of these steps, which are bound already. Raises TooMuch."""
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
            hint = "each step begins with `- `; what belongs to it is indented twice"
            book.reader.findings.append(error(step.place, "a step has one key, such as `run`", hint))


def _step(step: Node, key: Scalar, value: Node | None, book: Book, depth: int) -> None:
    name, findings = key.text, book.reader.findings
    if name in book.commands:
        _command(step, name, value, book, depth)
    elif name == "run":
        _run(step, value, book)
    elif name == "steps":
        write(value, book, depth + 1)
    elif name in ("when", "unless"):
        _conditional(name, step, value, book, depth)
    elif name == "checkout":
        book.checkouts.append(text(entries(value).get("path")))
    elif name in _NOTED:
        findings.append(note(key.place, f"`{name}`: {_NOTED[name]}"))
    elif name.startswith("store_"):
        _store(name, step, value, book)
    elif name in ("persist_to_workspace", "attach_workspace"):
        _workspace(name, step, value, book)
    elif "/" in name:
        message = f"`{name}` comes from an orb, and no orb is fetched"
        findings.append(error(key.place, message, "write the orb into this file, or its steps in its place"))
    else:
        hint = did_you_mean(name, (*_BUILT_IN, *book.commands))
        findings.append(error(key.place, f"there is no step or command `{name}`", hint))


def _command(step: Node, name: str, value: Node | None, book: Book, depth: int) -> None:
    parts = entries(book.commands[name])
    scope = scope_of(parts.get("parameters"), value, step.place, name, book.reader)
    if "steps" in parts:
        write(bind(parts["steps"], scope, book.reader), book, depth + 1)


def _conditional(name: str, step: Node, value: Node | None, book: Book, depth: int) -> None:
    parts = entries(value)
    if parts.keys() != {"condition", "steps"}:
        book.reader.findings.append(error(step.place, f"`{name}` has a `condition` and `steps`"))
        return
    test = test_of(parts["condition"], book.reader.findings)
    test = negated(test) if name == "unless" else test
    if test == FALSE:
        return
    if test != TRUE:
        book.lines.append(f"if {test}; then :")
    write(parts["steps"], book, depth + 1)
    if test != TRUE:
        book.lines.append("fi")


def _run(step: Node, value: Node | None, book: Book) -> None:
    parts = entries(value) if isinstance(value, Mapping) else {"command": value} if value else {}
    findings = book.reader.findings
    for key, _ in value.entries if isinstance(value, Mapping) else ():
        if key.text not in _RUN_KEYS:
            hint = did_you_mean(key.text, _RUN_KEYS)
            findings.append(warning(key.place, f"`{key.text}` is no key of `run`, and has no effect", hint))
    script, when = text(parts.get("command")), text(parts.get("when")) or "on_success"
    if not script:
        findings.append(error(step.place, "`run` has no command"))
    if when not in _WHEN:
        findings.append(error(parts["when"].place, f"`{when}` is no `when` of a step", f"one of {_WHEN}"))
    if "circleci tests split" in script and "\0" not in script:
        findings.append(note(step.place, "`circleci tests split`: one job runs all tests"))
    if "no_output_timeout" in parts:
        findings.append(
            note(parts["no_output_timeout"].place, "`no_output_timeout`: a silent step is not ended")
        )
    name = text(parts.get("name")) or script.strip().partition("\n")[0][:80]
    background = "true" if text(parts.get("background")).lower() in ("true", "yes", "on") else "false"
    said = (when, name, text(parts.get("working_directory")), background, text(parts.get("shell")), script)
    pairs = variables(parts.get("environment"), book.reader)
    words = " ".join(word(one) for one in (*said, *(f"{name}={value}" for name, value in pairs)))
    book.lines.append(f"_circle_run {words}")


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
                yield name.text, text(value)


def _store(name: str, step: Node, value: Node | None, book: Book) -> None:
    path = text(entries(value).get("path")) or text(value)
    if not path or name not in _BUILT_IN:
        message = f"`{name}` wants a `path`" if name in _BUILT_IN else f"there is no step `{name}`"
        book.reader.findings.append(error(step.place, message, did_you_mean(name, _BUILT_IN)))
        return
    kind = "artifacts" if name == "store_artifacts" else "results"
    book.kept[kind] = None
    number = len(book.lines)
    where = slug(text(entries(value).get("destination")) or path.strip("/~."))
    where = where if kind == "artifacts" else f"{number}"
    book.lines.append(f"_circle_keep {kind} {word(path)} {quote(f'{kind}/{slug(book.job)}/{where}')}")


def _workspace(name: str, step: Node, value: Node | None, book: Book) -> None:
    parts = entries(value)
    if name == "attach_workspace":
        book.lines.append(f'_circle_attach {word(text(parts.get("at")) or ".")} "$@"')
        return
    paths = texts(parts.get("paths"))
    if not paths or "root" not in parts:
        book.reader.findings.append(error(step.place, "`persist_to_workspace` wants a `root` and `paths`"))
        return
    book.kept["workspace"] = None
    where = quote(f"workspace/{slug(book.job)}")
    words = " ".join(word(path) for path in paths)
    book.lines.append(f"_circle_persist {word(text(parts['root']))} {where} {words}")
