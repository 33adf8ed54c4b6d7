"""`workspaces`: files that a job hands on to jobs of later stages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from shlex import quote

from seatrial.pipeline.dialects.travis.jobs import Job
from seatrial.pipeline.dialects.travis.texts import Findings, text, texts
from seatrial.pipeline.finding import warning
from seatrial.pipeline.yaml_document import Node, entries

_FOLDER = ".travis-workspaces"
_PLAIN = re.compile(r"[\w./*?\[\]-]+")

Ranked = tuple[tuple[Job, tuple[str, ...]], ...]


def handed_on(ranked: Ranked, findings: Findings) -> Ranked:
    """The jobs, each with what it waits for: also those whose workspaces it uses."""
    makers: dict[str, str] = {}
    made: dict[tuple[str, ...], dict[str, str]] = {}
    found = []
    for job, needs in ranked:
        before = made.setdefault(needs, dict(makers))
        for name, node in _used(job):
            if name not in before:
                findings.append(warning(node.place, f"no job of a stage before makes the workspace `{name}`"))
        more = (before[name] for name, _ in _used(job) if name in before)
        found.append((job, tuple(dict.fromkeys((*needs, *more)))))
        if _name(job):
            makers[_name(job)] = job.name
    return tuple(found)


def outputs_of(job: Job) -> tuple[str, ...]:
    return (f"{_place(_name(job))}/",) if _name(job) else ()


def brought(job: Job) -> Iterator[str]:
    """The lines that bring what the job uses."""
    for name, _ in _used(job):
        yield f"_travis_use {quote(name)} {_place(name)}"


def kept(job: Job) -> Iterator[str]:
    """The lines that keep what the job makes, where its script has succeeded."""
    if _name(job):
        paths = texts(entries(_entry(job, "create")).get("paths"))
        listed = (path if _PLAIN.fullmatch(path) else quote(path) for path in paths)
        yield " ".join(("_travis_create", quote(_name(job)), _place(_name(job)), *listed))


def _entry(job: Job, key: str) -> Node | None:
    return entries(job.values.get("workspaces")).get(key)


def _name(job: Job) -> str:
    return text(entries(_entry(job, "create")).get("name"))


def _used(job: Job) -> Iterator[tuple[str, Node]]:
    node = _entry(job, "use")
    if node is not None:
        yield from ((name, node) for name in texts(node))


def _place(name: str) -> str:
    return f"{_FOLDER}/{re.sub(r'[^A-Za-z0-9_-]', '-', name)}"
