"""The only printer: lines for people, JSON for programs, colours for terminals alone.

Standard output carries the answer: lines, or with `--json` one document (a stream: one a line). All else,
progress under `--json` and every error, goes to standard error.
"""

import errno
import os
import sys
from collections.abc import Mapping
from functools import cache
from typing import TextIO

from seatrial.errors import Infrastructure
from seatrial.named_tuple import NamedTuple


class FullOutput(Infrastructure):
    """What is said has no place to go."""


class Output(NamedTuple):
    """How to print. `is_live`: a person watches, so a table may be redrawn. `width` is in columns."""

    is_json: bool = False
    has_colours: bool = False
    has_error_colours: bool = False
    is_live: bool = False
    width: int = 100

    def say(self, text: str = "") -> None:
        """Lines of the answer, for people: nothing under `--json`."""
        if not self.is_json:
            put(sys.stdout, text, self.has_colours)

    def progress(self, text: str) -> None:
        """A line on the way: with the answer for people, beside it under `--json`."""
        if self.is_json:
            put(sys.stderr, text, self.has_error_colours)
        else:
            put(sys.stdout, text, self.has_colours, flush=True)

    def warn(self, text: str) -> None:
        """Lines that must be seen even where the answer is read by a program."""
        put(sys.stderr, text, self.has_error_colours)

    def give(self, value: object) -> None:
        """The answer as one JSON document, under `--json`."""
        if self.is_json:
            put(sys.stdout, as_json(value, indent=2), keep_colours=True)

    def can_ask(self) -> bool:
        """Whether a person sees a question and can answer it."""
        return not self.is_json and sys.stdin.isatty() and sys.stderr.isatty()

    def asked(self, question: str) -> bool:
        """What the person at the terminal answers; whatever is not a yes is a no."""
        sys.stderr.write(harmless(f"{question} [y/N] ", keep_colours=False))
        sys.stderr.flush()
        return sys.stdin.readline().strip().lower() in ("y", "yes")

    def stream(self, value: object) -> None:
        """One entry of an answer that has no end yet, as one line of JSON, under `--json`."""
        if self.is_json:
            put(sys.stdout, as_json(value), keep_colours=True, flush=True)


def open_output(*, is_json: bool, env: Mapping[str, str] = os.environ) -> Output:
    """How this process may print: colours on a terminal, unless NO_COLOR is set (https://no-color.org)."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    may_colour = not env.get("NO_COLOR") and env.get("TERM") != "dumb"
    to_terminal = sys.stdout.isatty()
    return Output(
        is_json,
        has_colours=may_colour and to_terminal,
        has_error_colours=may_colour and sys.stderr.isatty(),
        is_live=to_terminal and not is_json and env.get("TERM") != "dumb",
        width=_columns() if to_terminal else 100,
    )


def put(stream: TextIO, text: str, keep_colours: bool, *, flush: bool = False) -> None:
    try:
        stream.write(harmless(text, keep_colours=keep_colours) + "\n")
        if flush:
            stream.flush()
    except OSError as error:
        raise _unsaid(error) from None


def finish() -> None:
    """Let go of what standard output still holds."""
    try:
        sys.stdout.flush()
    except OSError as error:
        raise _unsaid(error) from None


def _unsaid(error: OSError) -> Exception:
    """What it means that an output takes nothing more: a full one is no full disk of ours."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return FullOutput(f"the output cannot be written: {error.strerror}")
    return error


# All but ESC, which may begin a colour.
_CONTROLS = r"\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069"


def harmless(text: str, *, keep_colours: bool) -> str:
    """The text without control characters, so that no name or log can move the cursor or set a title.

    Colours (SGR sequences, "ESC [ … m") stay where they may; other controls are shown as \\x1b and the like.
    """
    if text.isprintable():
        return text
    import re

    pattern = rf"\x1b\[[\d;]*m|\x1b|[{_CONTROLS}]+"

    def replace(match: re.Match[str]) -> str:
        found = match[0]
        if found[0] == "\x1b" and len(found) > 1:
            return found if keep_colours else ""
        return found.translate(_table())

    return re.sub(pattern, replace, text)


def _shown(control: str) -> str:
    number = ord(control)
    return "" if control == "\r" else f"\\x{number:02x}" if number < 256 else f"\\u{number:04x}"


@cache
def _table() -> dict[int, str]:
    """A binary file has long runs of them."""
    numbers = (*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
    return {number: _shown(chr(number)) for number in numbers}


def as_json(value: object, indent: int | None = None) -> str:
    """JSON of plain values and NamedTuples, which become objects; what JSON cannot say is a string.

    Where a text has what `harmless` would change, or what the output's encoding lacks, it is all ASCII, with
    JSON's own escapes: \\x9b is none of them.
    """
    import json

    from seatrial.report.record import plain

    value = plain(value)
    found = json.dumps(value, indent=indent, ensure_ascii=False, default=str)
    if harmless(found, keep_colours=True) == found and _can_be_written(found):
        return found
    return json.dumps(value, indent=indent, default=str)


def _can_be_written(text: str) -> bool:
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _columns() -> int:
    try:
        columns = os.get_terminal_size(sys.stdout.fileno()).columns
        return max(columns, 40) if columns else 100  # a terminal of which nobody said how wide it is
    except (OSError, ValueError):
        return 100
