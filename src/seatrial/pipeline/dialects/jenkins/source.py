"""The text of a Jenkinsfile as statements: its lines and its first line as Jenkinsfiles have them."""

from __future__ import annotations

from seatrial.pipeline.dialects.jenkins.reader import read
from seatrial.pipeline.dialects.jenkins.remarks import Remarks
from seatrial.pipeline.dialects.jenkins.syntax import START, Statement


def statements_of(text: str, path: str, remarks: Remarks | None = None) -> tuple[Statement, ...]:
    """The statements; what there is to say goes to `remarks`. Raises Unreadable."""
    return read(*_without_first_line(_unified(text), remarks or Remarks(path)))


def _unified(text: str) -> str:
    """Lines end with "\\n", as Groovy sees them."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _without_first_line(text: str, remarks: Remarks) -> tuple[str, int]:
    """The text and the number of its first line, less a first line that begins with "#"."""
    if not text.startswith("#"):
        return text, 1
    if not text.startswith("#!"):
        message = "a first line with '#' is no comment of Groovy; Jenkins refuses it"
        remarks.note(START, message, "write // instead")
    return text.partition("\n")[2], 2
