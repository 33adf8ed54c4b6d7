"""Which package a person means by a word: a name, a project, an environment, or a digest."""

from __future__ import annotations

from seatrial.errors import BadInput
from seatrial.journal import packages, releases
from seatrial.package import read
from seatrial.project import environments
from seatrial.project.project import Home
from seatrial.store import layout


def package(home: Home, word: str, project: str = "") -> str:
    """The digest of the package that is meant, of those that are whole. Raises BadInput, read.Damaged."""
    digest = named(home, word, project)
    read.require_whole(home.store, digest)
    return digest


def named(home: Home, word: str, project: str = "") -> str:
    """The digest of the package that is meant, damaged or not. Raises BadInput.

    In this order: its whole name (`project/model`) or digest; an environment (`production`, of the project
    here, or `project/production`), for what is live there; a project, for its newest package; a model, where
    one project has it; the start of a digest. No word: the newest package of the project here.
    """
    if not word:
        return _newest_here(home)
    tags = layout.tags(home.store)
    if word in tags:
        return tags[word]
    found = _live(home, word, project) or packages.newest(home.journal, word) or _of_model(tags, word)
    return found or _by_digest(home, tags, word)


def _newest_here(home: Home) -> str:
    project = environments.here(home, "", "")
    newest = packages.newest(home.journal, project)
    if not newest:
        raise BadInput(f"the project {project} has no package yet", "a stage with `package:` makes one")
    return newest


def _live(home: Home, word: str, project: str) -> str:
    """The package that is live in an environment; "" where the word names none."""
    of, _, name = word.rpartition("/")
    here = of or project or _here(home)
    row = releases.environment(home.journal, here, name)
    if row is None:
        return ""
    live = releases.stable(home.journal, here, name)
    if live is None:
        raise BadInput(f"nothing is live in {word} yet", f"`seatrial history {name}` says what was tried")
    return live.package


def _here(home: Home) -> str:
    try:
        return environments.here(home, "", "")
    except BadInput:
        return ""  # no project, or one whose file cannot be read, which is not what was asked


def _of_model(tags: dict[str, str], model: str) -> str:
    names = [tag for tag in tags if tag.rpartition("/")[2] == model]
    if len(names) > 1:
        raise BadInput(f"several projects have a model {model}", hint=f"say which: {', '.join(names)}")
    return tags[names[0]] if names else ""


def _by_digest(home: Home, tags: dict[str, str], word: str) -> str:
    try:
        return layout.resolve(home.store, word)
    except BadInput as problem:
        from seatrial.pipeline.spelling import did_you_mean

        rows = releases.environments(home.journal)
        known = [tag for tag in tags if "@" not in tag]
        known += [row.name for row in rows] + sorted({row.project for row in rows})
        problem.hint = problem.hint or did_you_mean(word, known) or "`seatrial run` makes one"
        raise
