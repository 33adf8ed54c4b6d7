"""The constructs of a YAML file: its keys, by a table of what may stand where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.constructs import EMULATED, EXACT, NOTED, Seen
from seatrial.pipeline.yaml_document import Mapping as Entries
from seatrial.pipeline.yaml_document import Node, Scalar, Sequence, compose

ANY = "*"  # in a shape: a key that the file itself chooses
FILE = "file"  # the shape of a whole file
_PASSED_OVER = "it is passed over"


class Key(NamedTuple):
    """How a key is honoured, and the name of the shape of its value; "" where it has no keys of its own.

    `name` is what a chosen key is called in the report, without which it is not in it.
    """

    how: str = EXACT
    note: str = ""
    inside: str = ""
    name: str = ""


Shapes = Mapping[str, Mapping[str, Key]]


def emulated(note: str, inside: str = "") -> Key:
    return Key(EMULATED, note, inside)


def holds(inside: str) -> Key:
    """An exact key with keys of its own."""
    return Key(inside=inside)


def each(name: str, inside: str = "") -> Key:
    """A key that the file chooses, for a thing of this name."""
    return Key(inside=inside, name=name)


def see(text: str, path: str, shapes: Shapes) -> tuple[Seen, ...]:
    """The keys of a file, outer before inner; `shapes` names what may stand in what, beginning at FILE."""
    root, _ = compose(text, path, strict=False)
    if not isinstance(root, Entries):
        return ()
    return (Seen(FILE, root.place, root.place.line, ""), *_keys(root, FILE, shapes))


def _keys(node: Node, shape: str, shapes: Shapes) -> Iterator[Seen]:
    if isinstance(node, Sequence):
        for item in node.items:
            if isinstance(item, Scalar):  # `- checkout` is a step without a value
                yield from _key(item, item, shape, shapes)
            else:
                yield Seen(f"{shape} entry", item.place, last_line(item), "")
                yield from _keys(item, shape, shapes)
    elif isinstance(node, Entries):
        for key, value in node.entries:
            yield from _key(key, value, shape, shapes)
    elif not node.is_null:
        yield from _key(node, node, shape, shapes)


def _key(key: Scalar, value: Node, shape: str, shapes: Shapes) -> Iterator[Seen]:
    known = shapes[shape].get(key.text) or shapes[shape].get(ANY)
    is_bare = key is value
    if known is None and is_bare:
        return
    last = max(key.place.line, last_line(value))
    if known is None:
        yield Seen(_named(shape, key.text), key.place, last, NOTED, _PASSED_OVER)
        return
    if key.text in shapes[shape] or known.name:
        name = _named(shape, key.text) if key.text in shapes[shape] else f"{known.name} {key.text}"
        yield Seen(name, key.place, last, known.how, known.note)
    if known.inside and not is_bare:
        yield from _keys(value, known.inside, shapes)


def _named(shape: str, key: str) -> str:
    return key if shape == FILE else f"{shape}.{key}"


def last_line(node: Node) -> int:
    """The line of the last place of a node that is known: a text of many lines has its first only."""
    last, waiting = 0, [node]
    while waiting:
        one = waiting.pop()
        last = max(last, one.place.line)
        if isinstance(one, Sequence):
            waiting += one.items
        elif isinstance(one, Entries):
            waiting += [part for entry in one.entries for part in entry]
    return last
