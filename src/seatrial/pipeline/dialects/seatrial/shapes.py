"""The shapes that a value of `seatrial.yaml` can have: one object reads, describes and has the JSON schema.

`read` gives None where the value has not this shape, and has then said so in the findings.
"""

import re
from collections.abc import Callable
from typing import Any

from seatrial.named_tuple import NamedTuple
from seatrial.pipeline import commit_variables
from seatrial.pipeline.finding import Finding, error
from seatrial.pipeline.pipeline import Gate
from seatrial.pipeline.spelling import closest, did_you_mean
from seatrial.pipeline.yaml_document import Mapping, Node, Scalar, Sequence

Findings = list[Finding]
Schema = dict[str, Any]

# Whatever an editor takes a value for, the text as it is written counts.
SCALAR = {"type": ["string", "number", "boolean"]}


class Shape(NamedTuple):
    """`expected` completes "it takes …"; `read` is given a node, the key it stands at, and the findings."""

    expected: str
    schema: Schema
    read: Callable[[Node, str, Findings], Any]


class Written(NamedTuple):
    """A text with the node that it was read from."""

    text: str
    node: Scalar


def wrong(node: Node, key: str, expected: str, findings: Findings, hint: str = "") -> None:
    """Say that a value has not the shape that its key takes."""
    findings.append(error(node.place, f"`{key}` takes {expected}, not {_shown(node)}", hint))


def _shown(node: Node) -> str:
    if isinstance(node, Mapping):
        return "a mapping"
    if isinstance(node, Sequence):
        return "a list"
    if node.is_null:
        return "nothing"
    if not node.text.strip():
        return "an empty text"
    text = node.text if len(node.text) <= 60 else node.text[:57] + "…"
    return f"`{text}`" if "\n" not in text else "a text of several lines"


def scalar(
    expected: str,
    value_of: Callable[[str], Any],
    schema: Schema,
    hint_of: Callable[[str], str] = lambda _: "",
) -> Shape:
    """One value; `value_of` gives None for a text that is not of this shape."""

    def read(node: Node, key: str, findings: Findings) -> Any:
        if not isinstance(node, Scalar) or node.is_null:
            return wrong(node, key, expected, findings)
        value = value_of(node.text)
        if value is None:
            wrong(node, key, expected, findings, hint_of(node.text))
        return value

    return Shape(expected, schema, read)


def pattern(expected: str, regex: str, hint_of: Callable[[str], str] = lambda _: "") -> Shape:
    """A text that fits a regular expression as a whole."""
    compiled = re.compile(regex, re.ASCII)
    schema = {**SCALAR, "pattern": f"^(?:{regex})$"}
    return scalar(expected, lambda text: text if compiled.fullmatch(text) else None, schema, hint_of)


def choice(*words: str) -> Shape:
    """One of a few words."""
    return scalar(
        " or ".join(f"`{word}`" for word in words),
        lambda text: text if text in words else None,
        {"enum": list(words)},
        lambda text: f"did you mean `{closest(text, words)}`?" if closest(text, words) else "",
    )


def many(shape: Shape, expected: str, item_text: Callable[[Any], str] = str) -> Shape:
    """A list of a shape without repetition; one value alone stands for a list of one."""

    def read(node: Node, key: str, findings: Findings) -> Any:
        if isinstance(node, Mapping) or (isinstance(node, Scalar) and node.is_null):
            return wrong(node, key, expected, findings)
        values: dict[str, Any] = {}
        for item in node.items if isinstance(node, Sequence) else (node,):
            value = shape.read(item, key, findings)
            if value is None:
                continue
            text = item_text(value)
            if text in values:
                findings.append(error(item.place, f"`{text}` stands twice in `{key}`"))
            values.setdefault(text, value)
        return tuple(values.values())

    schema = {"anyOf": [shape.schema, {"type": "array", "items": shape.schema, "uniqueItems": True}]}
    return Shape(expected, schema, read)


def optional(shape: Shape) -> Shape:
    """The shape, or nothing at all, which reads as ""."""

    def read(node: Node, key: str, findings: Findings) -> Any:
        return "" if isinstance(node, Scalar) and node.is_null else shape.read(node, key, findings)

    return Shape(f"{shape.expected}, or nothing", {"anyOf": [shape.schema, {"type": "null"}]}, read)


def pairs(name: Shape, value: Shape, expected: str) -> Shape:
    """A mapping from names to values, as a tuple of pairs."""

    def read(node: Node, key: str, findings: Findings) -> Any:
        if not isinstance(node, Mapping):
            return wrong(node, key, expected, findings)
        found = []
        for entry_key, entry_node in node.entries:
            entry_name = name.read(entry_key, key, findings)
            entry_value = value.read(entry_node, f"{key}.{entry_key.text}", findings)
            if entry_name is not None and entry_value is not None:
                found.append((entry_name, entry_value))
        return tuple(found)

    names = {"propertyNames": name.schema} if "pattern" in name.schema else {}
    return Shape(expected, {"type": "object", **names, "additionalProperties": value.schema}, read)


def _flag(text: str) -> bool | None:
    return {"true": True, "false": False}.get(text.casefold())


def _any_text(node: Node, key: str, findings: Findings) -> str | None:
    if not isinstance(node, Scalar):
        wrong(node, key, "a text", findings)
        return None
    return "" if node.is_null else _without_nul(node, key, findings)


def _without_nul(node: Scalar, key: str, findings: Findings) -> str | None:
    """The text, where the system can hand it to a process."""
    if "\0" not in node.text:
        return node.text
    hint = "no variable and no command of a process can hold one"
    findings.append(error(node.place, f"`{key}` has a NUL character", hint))
    return None


def _stage_value(node: Node, key: str, findings: Findings) -> str | None:
    """A text, or the name of a variable of the commit with a "$", which must be one that there is."""
    text = _any_text(node, key, findings)
    name = text.removeprefix("$") if text else ""
    is_meant = text != name and name.startswith(("GIT_", "SEATRIAL_")) and name.isidentifier()
    if is_meant and not commit_variables.asked_for(f"${name}"):
        hint = did_you_mean(name, commit_variables.NAMES)
        findings.append(error(node.place, f"`{key}`: a commit has no variable ${name}", hint))
    return text


def _written(node: Node, key: str, findings: Findings) -> Written | None:
    if not isinstance(node, Scalar) or not node.text.strip():
        wrong(node, key, "a command", findings)
        return None
    text = _without_nul(node, key, findings)
    return None if text is None else Written(text, node)


def _commands(node: Node, key: str, findings: Findings) -> tuple[Written, ...] | None:
    nodes = node.items if isinstance(node, Sequence) else (node,)
    if isinstance(node, Mapping) or not nodes:
        wrong(node, key, COMMANDS.expected, findings)
        return None
    written = [_written(item, key, findings) for item in nodes]
    return tuple(item for item in written if item is not None)


def _gate(node: Node, key: str, findings: Findings) -> Gate | None:
    text = LINE.read(node, key, findings)
    return None if text is None else Gate(text, node.place)


FLAG = scalar("true or false", _flag, {"type": "boolean"})
TEXT = Shape("a text", {"type": ["string", "number", "boolean", "null"]}, _any_text)
LINE = scalar(
    "a text of one line",
    lambda text: text if text.strip() and text.isprintable() else None,
    {**SCALAR, "minLength": 1},
)
COMMAND = Shape("a command", {**SCALAR, "minLength": 1}, _written)
COMMANDS = Shape(
    "a command, or a list of commands",
    {"anyOf": [COMMAND.schema, {"type": "array", "items": COMMAND.schema, "minItems": 1}]},
    _commands,
)
GATES = many(
    Shape("a gate", {**SCALAR, "minLength": 1}, _gate),
    "a list of gates, such as `accuracy >= 0.9`",
    lambda gate: str(gate.text),
)
VARIABLE = pattern(
    "the name of a variable: letters, digits and _",
    r"(?!SEATRIAL_)[A-Za-z_][A-Za-z0-9_]{0,199}",
    lambda text: "names with SEATRIAL_ are set by seatrial" if text.startswith("SEATRIAL_") else "",
)
STAGE_ENV = pairs(
    VARIABLE,
    Shape("a text", TEXT.schema, _stage_value),
    "a mapping of variables, such as `SEED: 7`",
)
ENV = pairs(VARIABLE, TEXT, "a mapping of variables, such as `SEED: 7`")
NAME = pattern(
    "a name: letters, digits, `_`, `.` and `-`, a letter or digit first", r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}"
)
LINES = many(LINE, "a list of texts")
NAMES = many(NAME, "a list of names")
VARIABLES = many(VARIABLE, "a list of names of variables")
