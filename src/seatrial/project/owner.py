"""Which repository a project of this home belongs to.

State is kept by the project's name, and a name may be that of a folder: two repositories in folders of one
name would release over each other. So the first run of a name says whose it is: by the path of the checkout,
by the remote that it came from, and by the commits that its history begins with. One of the three is enough
to be known again: a clone, a worktree and a moved checkout have the same first commits, a shallow clone the
same remote, a rewritten history the same path. A fork has them too, and may say `project:`.

Two files of one repository would do the same where neither says `project:`. So the name remembers, too, which
file describes its environments; one that has moved is no longer in the commit, and its place is free.
"""

from __future__ import annotations

import re
from pathlib import Path

from seatrial.commit import all_sources
from seatrial.errors import BadInput, Place
from seatrial.journal.journal import Journal
from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.pipeline import Pipeline
from seatrial.project import place
from seatrial.project.project import Home, Project

EVENT = "project.repository"
_SCHEME = r"(?i)^[a-z+]+://(?:[^/@]*@)?"
_SSH = r"^(?:[^/@:]+@)?([^/:]+):(?!//)"


class Marks(NamedTuple):
    """What a repository is known by; `remotes` have no user, password or scheme. `files` are those of it that
    have described the environments."""

    paths: frozenset[str] = frozenset()
    remotes: frozenset[str] = frozenset()
    first: frozenset[str] = frozenset()
    files: frozenset[str] = frozenset()


def claim(project: Project) -> None:
    """Let the name be that of this repository, and of this file of it, from now on.

    Raises BadInput where it is another one's."""
    journal, change = project.home.journal, project.change
    known, file = marks(journal, project.name), describing(project.pipeline)
    url = remote(change.url)
    is_known = change.root in known.paths or url in known.remotes | known.paths
    is_known_file = not file or file in known.files
    if is_known and known.first and is_known_file:
        return
    first = all_sources.source(change.source).first_commits(change)
    if is_known and not first and is_known_file:
        return
    with journal.change():
        known = marks(journal, project.name)
        if any(known) and not (is_known or known.first.intersection(first)):
            raise _taken(project, known)
        _refuse_second(project, known.files, file)
        journal.append(EVENT, project.name, path=change.root, remote=url, first=first, file=file)


def demand_own(home: Home, name: str, folder: Path, file: str) -> None:
    """Raises BadInput where a command without a run is about a file whose project is another file's here."""
    pipeline = place.pipeline_here(home.folder, folder, file)
    if pipeline is None or pipeline.project or not describing(pipeline):
        return
    path = place.in_working_copy(folder, file, place.pipeline_path(folder, file))
    root = place.root_of(folder)
    known = frozenset(one for one in marks(home.journal, name).files if (root / one).is_file())
    if known and path not in known:
        raise _second(name, min(known), path)


def describing(pipeline: Pipeline) -> str:
    """The file that describes where the pipeline releases to; "" where none does."""
    return next((one.place.path for one in pipeline.environments), "")


def _refuse_second(project: Project, known: frozenset[str], file: str) -> None:
    """Raises BadInput for a file that has its project's name by default, as another one of the commit has."""
    if not file or file in known or project.pipeline.project:
        return
    other = next((entry.path for entry in project.tree if entry.path in known), "")
    if other:
        raise _second(project.name, other, file)


def _second(name: str, other: str, file: str) -> BadInput:
    return BadInput(f"the project `{name}` is that of {other}", second_hint(name), Place(file))


def second_hint(name: str) -> str:
    """What to do where two files of a repository have its name, each by default."""
    return f"give this one a name of its own: `project: NAME`; or say `project: {name}` where both are one"


def marks(journal: Journal, project: str) -> Marks:
    """All that the repository of a project is known by; nothing for a name that is free."""
    bodies = [event.body for event in journal.events(subject=project) if event.kind == EVENT]
    return Marks(
        frozenset(str(body["path"]) for body in bodies),
        frozenset(str(body["remote"]) for body in bodies if body["remote"]),
        frozenset(str(commit) for body in bodies for commit in body["first"]),
        frozenset(str(body["file"]) for body in bodies if body.get("file")),
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
