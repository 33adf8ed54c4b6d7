"""YAML text as a tree of nodes with places, and nothing taken for something else.

Every scalar stays the text that was written (3.10 is not 3.1, `on` is not true). Duplicate keys and anchors
are findings: errors, or warnings where the file is of another system, which takes the last. Aliases and merge
keys mean what they mean in YAML, within bounds: a few lines of aliases can ask for a tree larger than any
memory. The events of the parser are composed here, since PyYAML's composer
recurses as deep as the text says and keeps the last of two equal keys.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from seatrial.errors import Place
from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.finding import Finding, error, warning
from seatrial.pipeline.yaml_places import Piece, pieces

LONGEST = 4 * 1024 * 1024  # characters
DEEPEST = 40
LARGEST = 100_000  # nodes, each alias counted with all it stands for

_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULLS = ("", "~", "null", "Null", "NULL")
_PLAIN_TAGS = {None, "!", "tag:yaml.org,2002:str", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"}
_CLOSED_BY = {"[": "]", "{": "}", '"': '"', "'": "'"}


class Scalar(NamedTuple):
    """`pieces` say where the parts of its text stand that are written as they are."""

    text: str
    place: Place
    plain: bool = False  # written without quotes, on one line
    pieces: tuple[Piece, ...] = ()

    @property
    def is_null(self) -> bool:
        return self.plain and self.text in _NULLS


class Sequence(NamedTuple):
    items: tuple[Node, ...]
    place: Place


class Mapping(NamedTuple):
    """The entries in the order of the file; those of a merge key last, and never over another."""

    entries: tuple[tuple[Scalar, Node], ...]
    place: Place


Node = Scalar | Sequence | Mapping


def entries(node: Node | None) -> dict[str, Node]:
    """The values of a mapping by their keys; anything else has none."""
    return {key.text: value for key, value in node.entries} if isinstance(node, Mapping) else {}


def items(node: Node | None) -> tuple[Node, ...]:
    """The items of a list; anything else is a list of one, and nothing is none."""
    if node is None or (isinstance(node, Scalar) and node.is_null):
        return ()
    return node.items if isinstance(node, Sequence) else (node,)


class _Built(NamedTuple):
    node: Node
    size: int
    depth: int


class _Stop(Exception):  # noqa: N818 - it never leaves this file
    """Reading on makes no sense; `finding` says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


class _Composing(NamedTuple):
    events: Iterator[Any]
    path: str
    lines: list[str]
    anchors: dict[str, _Built | None]  # None: not yet complete
    anchor_lines: dict[str, int]
    findings: list[Finding]
    strict: bool


def compose(text: str, path: str, *, strict: bool = True) -> tuple[Node | None, tuple[Finding, ...]]:
    """The one document of a text; None where there is none, or where it cannot be read at all.

    Not `strict`: of two equal keys or anchors the last counts, and tags are passed over, with warnings.
    """
    findings: list[Finding] = []
    try:
        lines = _BREAK.split(text.removeprefix("\ufeff"))
        composing = _Composing(_events(text, path), path, lines, {}, {}, findings, strict)
        return _document(composing), tuple(findings)
    except _Stop as stop:
        return None, (*findings, stop.finding)


def place_at(scalar: Scalar, offset: int) -> Place:
    """The place of a character of a scalar's text, as nearly as it is known."""
    before = [piece for piece in scalar.pieces if piece.offset <= offset]
    if not before:
        return scalar.place
    begins, line, column = before[-1]
    return Place(scalar.place.path, line + 1, column + 1 + offset - begins)


def _events(text: str, path: str) -> Iterator[Any]:
    if len(text) > LONGEST:
        raise _Stop(error(Place(path), f"the file has more than {LONGEST} characters"))
    _refuse_unprintable(text, path)
    try:
        yield from yaml.parse(text, Loader=_LOADER)
    except yaml.YAMLError as problem:
        raise _Stop(_not_yaml(text, path, problem)) from None


def _refuse_unprintable(text: str, path: str) -> None:
    """YAML has no control characters, and half a surrogate pair is no character."""
    bad = yaml.reader.Reader.NON_PRINTABLE.search(text)
    if bad is None:
        return
    before = (text[: bad.start()] + "x").splitlines()
    place = Place(path, len(before), len(before[-1]))
    raise _Stop(error(place, f"the character U+{ord(bad[0]):04X} cannot stand in YAML"))


def _not_yaml(text: str, path: str, problem: Any) -> Finding:
    """What the parser says, which has a place in all but the rarest cases."""
    lines = text.splitlines()
    mark = getattr(problem, "problem_mark", None)
    context, started = getattr(problem, "context", None), getattr(problem, "context_mark", None)
    if mark and started and (unclosed := _unclosed(lines, path, mark, started)):
        return unclosed
    message = f"this is not YAML: {getattr(problem, 'problem', problem)}"
    if mark and mark.line >= len(lines) > 0:
        return error(_end(lines, path), f"{message}; the file ends here")
    place = Place(path, mark.line + 1, mark.column + 1) if mark else Place(path, 1, 1)
    if context and started:
        message += f" {context} that starts at line {started.line + 1}"
    return error(place, message, _hint(lines, place.line, message))


def _unclosed(lines: list[str], path: str, mark: Any, started: Any) -> Finding | None:
    """A bracket or a quote that a later line shows to be open, where it was opened."""
    sign = lines[started.line][started.column :][:1] if started.line < len(lines) else ""
    if mark.line <= started.line or sign not in _CLOSED_BY:
        return None
    until = f"line {mark.line + 1}" if mark.line < len(lines) else "the end of the file"
    place = Place(path, started.line + 1, started.column + 1)
    return error(
        place,
        f"this is not YAML: `{sign}` is not closed before {until}",
        f"close it with `{_CLOSED_BY[sign]}`",
    )


def _end(lines: list[str], path: str) -> Place:
    """The last character of a text that is not all blank, or its beginning."""
    last = next((number for number in range(len(lines), 0, -1) if lines[number - 1].strip()), 1)
    return Place(path, last, max(len(lines[last - 1].rstrip()), 1))


def _hint(lines: list[str], number: int, message: str) -> str:
    line = lines[number - 1] if number <= len(lines) else ""
    above = lines[number - 2].lstrip() if 1 < number <= len(lines) else ""
    if above.startswith("#") and "did not find expected" in message:
        return "a line with a comment ends a value of several lines: begin the value with `|`, or take it out"
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return "indent with spaces: YAML allows no tabs there"
    if "mapping values" in message or "any token" in message:
        return "put a value that holds `: ` or begins with one of * & ! % @ ` into quotes"
    return ""


def _document(composing: _Composing) -> Node | None:
    root: Node | None = None
    documents = 0
    for event in composing.events:
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                composing.findings.append(error(_place(composing, event), "a second document in one file"))
                break
            root = _node(composing, next(composing.events), 1).node
    return root


def _line(mark: Any) -> int:
    return int(mark.line)


def _place(composing: _Composing, event: Any) -> Place:
    return Place(composing.path, event.start_mark.line + 1, event.start_mark.column + 1)


def _node(composing: _Composing, event: Any, depth: int) -> _Built:
    place = _place(composing, event)
    if depth > DEEPEST:
        raise _Stop(error(place, f"nested more than {DEEPEST} deep"))
    if isinstance(event, yaml.AliasEvent):
        return _alias(composing, str(event.anchor), place, depth)
    _declare(composing, event, place)
    if event.tag not in _PLAIN_TAGS:
        hint = "the text stands for itself"
        _doubt(composing, place, f"the tag `{event.tag}` is not read", hint)
    built = _contents(composing, event, place, depth)
    if event.anchor:
        composing.anchors[event.anchor] = built
    return built


def _contents(composing: _Composing, event: Any, place: Place, depth: int) -> _Built:
    if isinstance(event, yaml.ScalarEvent):
        plain = event.style is None or event.style == ""
        one_line = _line(event.start_mark) == _line(event.end_mark)
        return _Built(Scalar(event.value, place, plain and one_line, pieces(composing.lines, event)), 1, 1)
    if isinstance(event, yaml.SequenceStartEvent):
        return _sequence(composing, place, depth)
    return _mapping(composing, place, depth)


def _doubt(composing: _Composing, place: Place, message: str, hint: str) -> None:
    say = error if composing.strict else warning
    composing.findings.append(say(place, message, hint))


def _declare(composing: _Composing, event: Any, place: Place) -> None:
    name = event.anchor
    if not name:
        return
    if name in composing.anchors:
        first = f"the first is at line {composing.anchor_lines[name]}"
        _doubt(composing, place, f"a second anchor `&{name}`", first)
    composing.anchors[name] = None
    composing.anchor_lines[name] = place.line


def _alias(composing: _Composing, name: str, place: Place, depth: int) -> _Built:
    if name not in composing.anchors:
        composing.findings.append(error(place, f"`*{name}` has no anchor before it", f"write &{name} there"))
        return _Built(Scalar("", place), 1, 1)
    target = composing.anchors[name]
    if target is None:
        raise _Stop(error(place, f"`*{name}` stands inside what it stands for"))
    if depth + target.depth > DEEPEST:
        raise _Stop(error(place, f"with `*{name}` nested more than {DEEPEST} deep"))
    return target


def _bounded(size: int, place: Place) -> int:
    if size > LARGEST:
        raise _Stop(error(place, f"more than {LARGEST} values, each alias counted with all it stands for"))
    return size


def _sequence(composing: _Composing, place: Place, depth: int) -> _Built:
    items: list[Node] = []
    size, deepest = 1, 0
    while not isinstance(event := next(composing.events), yaml.SequenceEndEvent):
        built = _node(composing, event, depth + 1)
        items.append(built.node)
        size = _bounded(size + built.size, place)
        deepest = max(deepest, built.depth)
    return _Built(Sequence(tuple(items), place), size, deepest + 1)


def _mapping(composing: _Composing, place: Place, depth: int) -> _Built:
    entries: dict[str, tuple[Scalar, Node]] = {}
    merged: list[tuple[Scalar, Node]] = []
    size, deepest = 1, 0
    while not isinstance(event := next(composing.events), yaml.MappingEndEvent):
        key = _node(composing, event, depth + 1)
        value = _node(composing, next(composing.events), depth + 1)
        size = _bounded(size + key.size + value.size, place)
        deepest = max(deepest, key.depth, value.depth)
        if isinstance(key.node, Scalar) and key.node.plain and key.node.text == "<<":
            merged += _merged(composing, value.node)
        else:
            _enter(composing, entries, key.node, value.node)
    for name, node in merged:
        entries.setdefault(name.text, (name, node))
    return _Built(Mapping(tuple(entries.values()), place), size, deepest + 1)


def _enter(composing: _Composing, entries: dict[str, tuple[Scalar, Node]], key: Node, value: Node) -> None:
    if not isinstance(key, Scalar):
        composing.findings.append(error(key.place, "a key must be a text"))
    elif key.text in entries:
        first = entries[key.text][0].place.line
        _doubt(composing, key.place, f"a second key `{key.text}`", f"the first is at line {first}")
        if not composing.strict:
            entries[key.text] = (key, value)
    else:
        entries[key.text] = (key, value)


def _merged(composing: _Composing, node: Node) -> list[tuple[Scalar, Node]]:
    if isinstance(node, Mapping):
        return list(node.entries)
    if isinstance(node, Sequence) and all(isinstance(item, Mapping) for item in node.items):
        return [entry for item in node.items if isinstance(item, Mapping) for entry in item.entries]
    composing.findings.append(error(node.place, "`<<` merges mappings, as in `<<: *defaults`"))
    return []
