"""`svn:externals`: what a commit takes from elsewhere. Only with a revision is it the same at any time."""

from __future__ import annotations

import re
import shlex

from seatrial.clients import svn
from seatrial.errors import BadInput
from seatrial.system.process import Completed

_PINNED = re.compile(r"(?:^|\s)-r\s*\d+(?:\s|$)|@\d+(?:\s|$)")


def asks(target: str) -> tuple[str, ...]:
    """The command that `pinned` reads."""
    return ("propget", "--xml", "--recursive", "svn:externals", target)


def pinned(done: Completed) -> bool:
    """Whether there are externals at all. Raises BadInput for one that names no revision: its content may
    be another one at any time, so no commit says what it is."""
    found = [line for text in svn.xml(done).iter("property") for line in (text.text or "").splitlines()]
    lines = [line.strip() for line in found if line.strip() and not line.strip().startswith("#")]
    for line in lines:
        if not _PINNED.search(line):
            hint = "write URL@REVISION: `svn propedit svn:externals`, or copy it into the repository"
            raise BadInput(f"the external {_shown(line)!r} names no revision", hint=hint)
    return bool(lines)


def _shown(line: str) -> str:
    try:
        return " ".join(shlex.split(line))
    except ValueError:
        return line
