"""Which repository a project of this home belongs to.

State is kept by the project's name, and a name may be that of a folder: two repositories in folders of one
name would release over each other. So the first run of a name says whose it is: by the path of the checkout,
by the remote that it came from, and by the commits that its history begins with. One of the three is enough
to be known again: a clone, a worktree and a moved checkout have the same first commits, a shallow clone the
same remote, a rewritten history the same path. A fork has them too, and may say `project:`.
"""

from __future__ import annotations

import re

from seatrial.commit import all_sources
from seatrial.errors import BadInput, Place
from seatrial.journal.journal import Journal
from seatrial.named_tuple import NamedTuple
from seatrial.project.project import Project

EVENT = "project.repository"
_SCHEME = r"(?i)^[a-z+]+://(?:[^/@]*@)?"
_SSH = r"^(?:[^/@:]+@)?([^/:]+):(?!//)"


class Marks(NamedTuple):
    """What a repository is known by; `remotes` have no user, password or scheme."""

    paths: frozenset[str] = frozenset()
    remotes: frozenset[str] = frozenset()
    first: frozenset[str] = frozenset()


def claim(project: Project) -> None:
    """Let the name be that of this repository from now on. Raises BadInput where it is another one's."""
    journal, change = project.home.journal, project.change
    known = marks(journal, project.name)
    url = remote(change.url)
    is_known = change.root in known.paths or url in known.remotes | known.paths
    if is_known and known.first:
        return
    first = all_sources.source(change.source).first_commits(change)
    if is_known and not first:
        return
    with journal.change():
        known = marks(journal, project.name)
        if any(known) and not (is_known or known.first.intersection(first)):
            raise _taken(project, known)
        journal.append(EVENT, project.name, path=change.root, remote=url, first=first)


def marks(journal: Journal, project: str) -> Marks:
    """All that the repository of a project is known by; nothing for a name that is free."""
    bodies = [event.body for event in journal.events(subject=project) if event.kind == EVENT]
    return Marks(
        frozenset(str(body["path"]) for body in bodies),
        frozenset(str(body["remote"]) for body in bodies if body["remote"]),
        frozenset(str(commit) for body in bodies for commit in body["first"]),
    )


def remote(url: str) -> str:
    """A remote by its host and path, however it is reached: `git@host:a/b.git` is `https://host/a/b`."""
    if not url:
        return ""
    plain = re.sub(_SCHEME, "", url) if "://" in url else re.sub(_SSH, r"\1/", url)
    return plain.rstrip("/").removesuffix(".git").removesuffix("/")


def _taken(project: Project, known: Marks) -> BadInput:
    where = sorted(known.remotes) or sorted(known.paths)
    text = f"the project `{project.name}` of this home is that of another repository: {where[0]}"
    hint = "give this one a name of its own: `project: NAME` in seatrial.yaml"
    return BadInput(text, hint, Place(project.file.path))
