"""Where a working copy is, and what Subversion knows of a place."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from seatrial.clients import svn
from seatrial.errors import BadInput
from seatrial.named_tuple import NamedTuple
from seatrial.system.process import Completed

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


class Info(NamedTuple):
    """What `svn info` says. `path` is that below the root of the repository; `changed` the revision of the
    last commit that changed anything here, not later than `revision`."""

    url: str
    path: str
    repository: str
    uuid: str
    revision: str
    changed: str
    author: str
    date: str


def top(folder: Path) -> Path | None:
    """The top of the working copy that a folder lies in; no process is started for it."""
    whole = folder.resolve()
    if ".svn" in whole.parts:
        return None
    return next((at for at in (whole, *whole.parents) if (at / ".svn" / "wc.db").is_file()), None)


def asks(target: str, revision: str = "") -> tuple[str, ...]:
    """The command that `info` reads."""
    return ("info", "--xml", *(("-r", revision) if revision else ()), target)


def info(done: Completed) -> Info:
    """Raises BadInput before a first update, and for what is not versioned."""
    entry = svn.xml(done).find("entry")
    if entry is None:
        raise BadInput("this is not in a repository of Subversion")
    if entry.get("kind") == "file":
        raise BadInput(f"{entry.findtext('url')} is a file", hint="name the folder that is to be run")
    return Info(
        url=entry.findtext("url", ""),
        path=unquote(entry.findtext("relative-url", "^/")).removeprefix("^/"),
        repository=entry.findtext("repository/root", ""),
        uuid=entry.findtext("repository/uuid", ""),
        revision=entry.get("revision", ""),
        changed=_of_commit(entry, "revision"),
        author=entry.findtext("commit/author", ""),
        date=entry.findtext("commit/date", ""),
    )


def _of_commit(entry: Element, name: str) -> str:
    commit = entry.find("commit")
    return commit.get(name, "") if commit is not None else ""
