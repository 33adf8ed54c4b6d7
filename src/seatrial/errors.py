"""What every error that a user can meet is made of: a message, where it stands, and what to do about it."""

from __future__ import annotations

from typing import NamedTuple


class Place(NamedTuple):
    """A point in a text. Lines and columns count from 1; 0 = not known, or the file as a whole."""

    path: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        if not self.line:
            return self.path
        return f"{self.path}:{self.line}:{self.column}" if self.column else f"{self.path}:{self.line}"


class Problem(Exception):  # noqa: N818 - the word of the house
    """An error that a user can meet. `message` says what happened, `hint` what to do next."""

    def __init__(self, message: str, hint: str = "", place: Place | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.place = place
