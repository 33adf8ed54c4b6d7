"""Orbs: those in the file itself are read; of a registry none is fetched, but parts of some are known."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.errors import Place
from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.dialects.circleci.expressions import Reader
from seatrial.pipeline.dialects.circleci.known_orbs import KNOWN_ORBS, OF_VERSION
from seatrial.pipeline.dialects.circleci.nodes import text
from seatrial.pipeline.finding import error, warning
from seatrial.pipeline.yaml_document import Mapping, Node, Scalar, Sequence, compose, entries

Parts = dict[str, dict[str, Node]]
_KINDS = ("jobs", "commands", "executors")
_DEEPEST = 8
_WINDOWS = "circleci/windows@"
_CONTINUATION = "circleci/continuation@"


class _Own(NamedTuple):
    """What an orb has itself, and the name that stands before that outside of it."""

    prefix: str
    commands: frozenset[str]
    executors: frozenset[str]
    orbs: frozenset[str]

    def named(self, name: Scalar, parts: frozenset[str]) -> Scalar:
        is_own = name.text in parts or name.text.partition("/")[0] in self.orbs
        return name._replace(text=self.prefix + name.text) if is_own else name


def vendored(node: Node | None) -> Parts:
    """What the orbs that stand in the file itself, or are known, hold, each name with that of its orb before
    it."""
    found: Parts = {kind: {} for kind in _KINDS}
    _gather(node, "", found, 0)
    return found


def _known(orb: Scalar) -> Node | None:
    """What is known of an orb of a registry, as if it stood where the file names it."""
    said = KNOWN_ORBS.get(orb.text.partition("@")[0])
    return _placed(compose(said, "")[0], orb.place) if said else None


def _placed(node: Node | None, place: Place) -> Node | None:
    if isinstance(node, Mapping):
        pairs = ((_placed(key, place), _placed(value, place)) for key, value in node.entries)
        return Mapping(tuple(pairs), place)  # type: ignore[arg-type]
    if isinstance(node, Sequence):
        return Sequence(tuple(_placed(item, place) for item in node.items), place)  # type: ignore[misc]
    return node and node._replace(place=place, pieces=())


def _gather(node: Node | None, prefix: str, found: Parts, depth: int) -> None:
    for name, said in entries(node).items():
        orb = _known(said) if isinstance(said, Scalar) else said
        if not isinstance(orb, Mapping) or depth > _DEEPEST:
            continue
        parts = entries(orb)
        own = _Own(
            f"{prefix}{name}/",
            frozenset((*entries(parts.get("commands")), *_performed(said))),
            frozenset(entries(parts.get("executors"))),
            frozenset(entries(parts.get("orbs"))),
        )
        for kind in _KINDS:
            for one, definition in entries(parts.get(kind)).items():
                found[kind][f"{prefix}{name}/{one}"] = _renamed(definition, own)
        _gather(parts.get("orbs"), f"{prefix}{name}/", found, depth + 1)


def _performed(orb: Node) -> tuple[str, ...]:
    """The commands of a known orb that are no text, but performed here."""
    return ("continue",) if text(orb).startswith(_CONTINUATION) else ()


def _renamed(node: Node, own: _Own) -> Node:
    """A part of an orb, with what it names of that orb under its whole name."""
    if isinstance(node, Sequence):
        return node._replace(items=tuple(_step(one, own) for one in node.items))
    if not isinstance(node, Mapping):
        return node
    is_executor = text(entries(node).get("type")) == "executor"
    pairs = (
        (key, _executor(value, own) if key.text == "default" and is_executor else _value(key, value, own))
        for key, value in node.entries
    )
    return node._replace(entries=tuple(pairs))


def _value(key: Scalar, value: Node, own: _Own) -> Node:
    if key.text == "enum":
        return value  # a list of words, and not of steps
    return _executor(value, own) if key.text == "executor" else _renamed(value, own)


def _executor(node: Node, own: _Own) -> Node:
    """An executor by its name, or with what it is given."""
    if isinstance(node, Scalar):
        return own.named(node, own.executors)
    if not isinstance(node, Mapping) or "name" not in entries(node):
        return _renamed(node, own)  # a parameter of this name, or what one is given
    pairs = (
        (key, own.named(value, own.executors) if key.text == "name" and isinstance(value, Scalar) else value)
        for key, value in node.entries
    )
    return node._replace(entries=tuple(pairs))


def _step(node: Node, own: _Own) -> Node:
    if isinstance(node, Scalar):
        return own.named(node, own.commands)
    if isinstance(node, Mapping) and len(node.entries) == 1:
        key, value = node.entries[0]
        return node._replace(entries=((own.named(key, own.commands), _renamed(value, own)),))
    return _renamed(node, own)


def fetched(node: Node | None) -> dict[str, str]:
    """The orbs that would come from a registry: the name in this file, and what it stands for."""
    return {name: text(orb) for name, _, orb in _of_registry(node)}


def _of_registry(node: Node | None, prefix: str = "", depth: int = 0) -> Iterator[tuple[str, Scalar, Scalar]]:
    """The whole name of each, its key, and what it stands for; also of those within orbs that are here."""
    for key, orb in node.entries if isinstance(node, Mapping) and depth <= _DEEPEST else ():
        name = prefix + key.text
        if isinstance(orb, Scalar):
            yield name, key, orb
        else:
            yield from _of_registry(entries(orb).get("orbs"), f"{name}/", depth + 1)


def _orb_of(name: str) -> str:
    """The whole name of the orb that a part is of."""
    return name.rpartition("/")[0]


def use(name: str, reader: Reader) -> None:
    """Note that a part of an orb that is here is used."""
    reader.used.setdefault(_orb_of(name), False)


def remark_tag(name: str, call: Node | None, place: Place, reader: Reader) -> None:
    """What is said of an executor whose image each version of its orb chooses anew."""
    source = reader.orbs.get(_orb_of(name), "").partition("@")[0]
    if source in OF_VERSION and "tag" not in entries(call):
        message = f"`{name}` is the image that the newest version of {source} takes"
        reader.findings.append(warning(place, message, "say its `tag`"))


def is_windows(name: str, reader: Reader) -> bool:
    """Whether an executor is one of CircleCI's own orb for Windows, which is used by that."""
    return _is_of(_WINDOWS, name, reader)


def is_continuation(name: str, reader: Reader) -> bool:
    """Whether a step is the one by which a file with `setup: true` hands on another."""
    return name.endswith("/continue") and _is_of(_CONTINUATION, name, reader)


def _is_of(source: str, name: str, reader: Reader) -> bool:
    """Whether a part is one of this orb, which is used by that."""
    orb = _orb_of(name)
    found = reader.orbs.get(orb, "").startswith(source)
    if found:
        reader.used.setdefault(orb, False)
    return found


def refuse(name: Scalar, reader: Reader) -> None:
    """The error for a part of an orb that is not here, which a run may pass over."""
    orb = _orb_of(name.text)
    reader.used[orb] = True
    source = reader.orbs.get(orb)
    if source is None and orb not in reader.orbs:
        reader.findings.append(error(name.place, f"there is no orb `{orb}`, which `{name.text}` is of"))
        return
    hint = f"put the orb into this file ({_source(source)}), or pass over it: seatrial run --skip-unknown"
    message = f"`{name.text}` comes from the orb {source}, and no orb is fetched"
    reader.findings.append(error(name.place, message, hint)._replace(skippable=True))


def _source(orb: str | None) -> str:
    """What prints an orb as it can stand in a file."""
    return f"circleci orb source {orb}"


def remark_fetched(node: Node | None, reader: Reader) -> None:
    """What is said of each orb of a registry, after all that runs was read. Of those within others, an author
    may know nothing."""
    for name, key, orb in _of_registry(node):
        if name not in reader.used and name == key.text:
            message = f"the orb `{name}` is not fetched, and nothing that runs uses it"
            reader.findings.append(warning(key.place, message))
        elif reader.used.get(name):
            message = f"the orb `{name}` is one of a registry, and no orb is fetched"
            hint = f"put it into this file: {_source(text(orb))}"
            reader.findings.append(error(key.place, message, hint)._replace(skippable=True))
