"""What stands in a node: texts, lists of texts, and the variables of an `env`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.pipeline.finding import Finding, warning
from seatrial.pipeline.yaml_document import Node, Scalar, Sequence, entries, items

SECURE = "secure"  # the key of what is encrypted
Findings = list[Finding]
Row = tuple[tuple[str, str], ...]  # name, and its value as bash is to read it
_PLAIN = re.compile(r"[\w./:@%+,-]+", re.ASCII)  # bash takes it as it stands
_NAME = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=", re.ASCII)


def scalars(root: Node) -> Iterator[Scalar]:
    """All texts below a node, but those that are encrypted."""
    waiting: list[Node] = [root]
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, Scalar):
            yield node
        elif isinstance(node, Sequence):
            waiting += node.items
        else:
            waiting += [value for key, value in node.entries if key.text != SECURE]


def texts(node: Node | None) -> tuple[str, ...]:
    return tuple(text for item in items(node) for text in _texts(item))


def _texts(node: Node) -> Iterator[str]:
    if isinstance(node, Scalar):
        if not node.is_null:
            yield node.text
    elif isinstance(node, Sequence):  # an alias of a list within a list
        yield from texts(node)
    else:  # `- echo: x` is an entry to YAML, and was meant to be a line
        for key, value in node.entries:
            yield f"{key.text}: {value.text}" if isinstance(value, Scalar) else key.text


def text(node: Node | None) -> str:
    found = texts(node)
    return found[0] if found else ""


def row(node: Node, findings: Findings) -> Row:
    """The variables that one entry of an `env` sets."""
    if isinstance(node, Scalar):
        return assignments(node.text)
    if isinstance(node, Sequence):
        return tuple(pair for item in node.items for pair in row(item, findings))
    return tuple(pair for key, value in node.entries for pair in _pair(key, value, findings))


def _pair(key: Scalar, value: Node, findings: Findings) -> Iterator[tuple[str, str]]:
    if key.text == SECURE or SECURE in entries(value):
        return  # see `encrypted`
    if isinstance(value, Scalar) and _NAME.match(f"{key.text}="):
        is_plain = _PLAIN.fullmatch(value.text) or _is_one_word(value.text)
        yield key.text, value.text if is_plain else _quoted(value.text)
    else:
        findings.append(warning(key.place, f"`{key.text}` is no variable with a text; it is not set"))


def _is_one_word(value: str) -> bool:
    return bool(value) and len(words(value)) == 1 and value[0] in "\"'"


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("`", "\\`") + '"'


def assignments(line: str) -> Row:
    """`A=1 B="x y"` as pairs; what is no assignment is passed over, as Travis does."""
    found = ((word, _NAME.match(word)) for word in words(line))
    return tuple((match[1], word[match.end() :]) for word, match in found if match)


def plain_row(row: Row) -> frozenset[tuple[str, str]]:
    """The variables as a set, however they are quoted."""
    return frozenset((name, unquoted(value)) for name, value in row)


def unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value


def words(line: str) -> tuple[str, ...]:
    """The words of a line of bash, quotes kept: spaces within quotes, $( ) and ` ` do not part words."""
    found, word, quote, depth, escaped = [], "", "", 0, False
    for character in line:
        if escaped:
            escaped = False
        elif character == "\\" and quote != "'":
            escaped = True
        elif quote:
            quote = "" if character == quote else quote
        elif character in "\"'`":
            quote = character
        elif character in "()":
            depth = max(0, depth + (1 if character == "(" else -1))
        elif character.isspace() and not depth:
            found.append(word)
            word = ""
            continue
        word += character
    return tuple(word for word in (*found, word) if word)
