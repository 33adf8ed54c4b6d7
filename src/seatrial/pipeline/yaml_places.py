"""Where the characters of a YAML text stand in the file, however it is written: plain, quoted, a block.

A text is cut into pieces that stand in the file as they are, or as one character that is escaped. Between two
of them may lie the end of a line and its indentation, which are folded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from seatrial.named_tuple import NamedTuple

_BEFORE = re.compile(r"(?:[&!]\S*\s+)*")  # an anchor, a tag
_ESCAPED = {'"': re.compile(r"\\(?:x..|u.{4}|U.{8}|.|$)"), "'": re.compile("''")}
_BLOCKS = ("|", ">")


class Piece(NamedTuple):
    """A part of a text, from `offset` on, and its line and column there, both counted from 0."""

    offset: int
    line: int
    column: int


class _Segment(NamedTuple):
    line: int
    column: int
    text: str


def pieces(lines: list[str], event: Any) -> tuple[Piece, ...]:
    """The pieces of the text of a scalar event; () where they cannot be told."""
    text, end = event.value, event.end_mark
    column = int(end.column) - len(text) - (event.style in _ESCAPED)
    if column >= 0 and lines[end.line : end.line + 1] and lines[end.line].startswith(text, column):
        return (Piece(0, int(end.line), column),)
    return _laid(text, tuple(_segments(lines, event)), _ESCAPED.get(event.style))


def _segments(lines: list[str], event: Any) -> Iterator[_Segment]:
    """What the lines of a scalar hold of it, without their indentation."""
    first, last = int(event.start_mark.line), int(event.end_mark.line)
    is_quoted = event.style in _ESCAPED
    for number in range(first + (event.style in _BLOCKS), min(last + 1, len(lines))):
        line = lines[number]
        if number == last:
            line = line[: int(event.end_mark.column) - is_quoted]
        start = len(line) - len(line.lstrip())
        if number == first:
            opening = _BEFORE.match(line, int(event.start_mark.column))
            start = (opening.end() if opening else 0) + is_quoted
        if inside := line[start:].rstrip():
            yield _Segment(number, start, inside)


def _laid(text: str, segments: tuple[_Segment, ...], escaped: re.Pattern[str] | None) -> tuple[Piece, ...]:
    """The pieces of segments that follow one another, each behind the spaces and ends of lines before it."""
    found: list[Piece] = []
    at = 0
    for segment in segments:
        if escaped is None or segment is not segments[0]:
            at = len(text) - len(text[at:].lstrip())
        for start, part in _parts(segment.text, escaped):
            if part is not None and not text.startswith(part, at):
                return ()
            if part != "":
                found.append(Piece(at, segment.line, segment.column + start))
                at += 1 if part is None else len(part)
    return tuple(found) if at >= len(text.rstrip()) else ()


def _parts(segment: str, escaped: re.Pattern[str] | None) -> Iterator[tuple[int, str | None]]:
    """What stands as it is in a segment, and None for each character that is escaped."""
    at = 0
    for match in escaped.finditer(segment) if escaped else ():
        yield at, segment[at : match.start()]
        if match[0] != "\\":  # the end of a line, which stands for nothing
            yield match.start(), None
        at = match.end()
    yield at, segment[at:]
