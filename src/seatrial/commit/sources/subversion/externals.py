"""`svn:externals`: what a commit takes from elsewhere. Only with a revision is it the same at any time."""

from __future__ import annotations

import re
import shlex

from seatrial.clients import svn
from seatrial.errors import BadInput
from seatrial.system.process import Completed

_REVISION = re.compile(r"(?:^|(?<=\s))-r\s*(\d+)\s")
_PEG = re.compile(r"@(\d+)$")
_ADDRESS = re.compile(r"[a-z+]+://|\^/|//|/|\.\./")


def asks(target: str) -> tuple[str, ...]:
    """The command that `pinned` reads."""
    return ("propget", "--xml", "--recursive", "svn:externals", target)


def pinned(done: Completed) -> dict[str, int]:
    """The revision of each external by its place. Raises BadInput for one that names no revision: its
    content may be another one at any time, so no commit says what it is."""
    found: dict[str, int] = {}
    for target in svn.xml(done).iter("target"):
        for line in (target.findtext("property") or "").splitlines():
            said = line.strip()
            if said and not said.startswith("#"):
                path, revision = _read(said)
                found[f"{target.get('path', '')}/{path}"] = revision
    return found


def _read(line: str) -> tuple[str, int]:
    """The path and the revision of a definition, `-r 4 URL path`, `URL@4 path` or `path -r 4 URL`."""
    revision = _REVISION.search(f"{line} ")
    words = _words(_REVISION.sub("", f"{line} "))
    is_old = len(words) > 1 and "://" in words[1] and not _ADDRESS.match(words[0])
    address, path = (words[1], words[0]) if is_old else (words[0], words[-1])
    peg = _PEG.search(address)
    told = revision or peg
    if told is None:
        hint = "write URL@REVISION: `svn propedit svn:externals`, or copy it into the repository"
        raise BadInput(f"the external {' '.join(_words(line))!r} names no revision", hint=hint)
    return path.strip("/"), int(told[1])


def _words(line: str) -> list[str]:
    try:
        return shlex.split(line) or [line]
    except ValueError:
        return [line]
