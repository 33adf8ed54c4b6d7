"""Two revisions, or packages, as a person names them, and how they differ."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from seatrial.errors import BadInput
from seatrial.journal import packages, releases, traffic
from seatrial.journal.releases import RevisionRow
from seatrial.named_tuple import NamedTuple
from seatrial.package import read
from seatrial.package.contents import PackageContents
from seatrial.project import gather, meant, replaying
from seatrial.project.project import Home
from seatrial.release import see
from seatrial.release.sight import CANDIDATE, STABLE, Flow
from seatrial.report.difference import Changed, ChangedFile, Difference, Measured, Side
from seatrial.system import clock

_SHORTEST_DIGEST = 6


class Meant(NamedTuple):
    """One of the two; `row` is None for a package that is named itself."""

    side: Side
    row: RevisionRow | None
    contents: PackageContents
    verdicts: Mapping[str, Mapping[str, Any]]


def difference(home: Home, project: str, before: str, after: str, folder: Path) -> Difference:
    """From one to the other. `folder` lies in the repository, if there is one. Raises BadInput."""
    one, other = meant_by(home, project, before), meant_by(home, project, after)
    commits = commits_between(folder, one.side.commit, other.side.commit)
    files, same = changed_files(one.contents, other.contents)
    return Difference(
        before=one.side,
        after=other.side,
        metrics=metrics(one.verdicts, other.verdicts),
        data=changed(data_of(one.verdicts), data_of(other.verdicts)),
        files=files,
        same_files=same,
        python=changed(python_of(one.contents), python_of(other.contents)),
        settings=changed(*(settings_of(each, with_own=bool(one.row and other.row)) for each in (one, other))),
        commits=commits[0] if commits else None,
        is_backwards=bool(commits and commits[1]),
        flows=tuple(flow for each in (one, other) if each.row for flow in flows(home, each.row)),
    )


def meant_by(home: Home, project: str, word: str) -> Meant:
    """A revision where the word names one, else a package. Raises BadInput."""
    row = revision_of(home, project, word)
    digest = row.package if row else meant.package(home, word, project)
    made = packages.package(home.journal, row.project if row else project, digest)
    run = row.run if row else made.run if made else ""
    side = Side(
        row.id if row else digest,
        digest,
        commit=row.commit if row else made.commit if made else "",
        branch=str(row.body.get("branch", "")) if row else "",
        run=run,
        verdict=str(row.body.get("evidence", {}).get("verdict", "")) if row else "",
        released=clock.iso(row.at) if row else "",
    )
    found = gather.verdicts(home, run)
    if not side.verdict and found:
        side = side._replace(verdict=", ".join(dict.fromkeys(str(one["verdict"]) for one in found.values())))
    return Meant(side, row, read.read(home.store, digest), found)


def revision_of(home: Home, project: str, word: str) -> RevisionRow | None:
    """The revision of a number, or what is live in an environment; None for a word that names a package."""
    of, _, name = word.rpartition("/")
    live = releases.stable(home.journal, of or project, name)
    if live is not None:
        return live
    if not replaying.names_revision(home, project, word):
        return None
    try:
        return replaying.revision(home, project, word)
    except BadInput:
        if len(word) < _SHORTEST_DIGEST or "/" in word:
            raise
        return None  # the start of a digest may have digits only


def metrics(
    before: Mapping[str, Mapping[str, Any]], after: Mapping[str, Mapping[str, Any]]
) -> tuple[Measured, ...]:
    """What was measured on all examples, side by side."""
    one, other = values(before), values(after)
    return tuple(Measured(name, one.get(name), other.get(name)) for name in {**one, **other})


def values(verdicts: Mapping[str, Mapping[str, Any]]) -> dict[str, float | None]:
    """By metric; with the stage before it where there are several."""
    return {
        f"{stage}: {one['metric']}" if len(verdicts) > 1 else str(one["metric"]): one["estimate"]
        for stage, verdict in verdicts.items()
        for one in verdict["measurements"]
        if not one["slice"]
    }


def data_of(verdicts: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    found = {stage: replaying.data_digest(verdict) for stage, verdict in verdicts.items()}
    return {stage: digest for stage, digest in found.items() if digest}


def changed(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Changed, ...]:
    """What is not the same in both, by name."""
    names = sorted({*before, *after})
    every = (Changed(name, before.get(name), after.get(name)) for name in names)
    return tuple(one for one in every if one.before != one.after)


def changed_files(before: PackageContents, after: PackageContents) -> tuple[tuple[ChangedFile, ...], int]:
    """The files of the packages that differ, and how many are the same."""
    one, other = ({file.path: file for file in side.files} for side in (before, after))
    found, same = [], 0
    for path in sorted({*one, *other}):
        was, now = one.get(path), other.get(path)
        known = now or was
        assert known is not None
        if was and now and (was.digest, was.executable) == (now.digest, now.executable):
            same += 1
        else:
            found.append(ChangedFile(path, known.kind, was.size if was else None, now.size if now else None))
    return tuple(found), same


def python_of(contents: PackageContents) -> dict[str, str]:
    """Interpreter and installed packages, by name, with their versions."""
    if contents.python is None:
        return {}
    pairs = (one.partition("==") for one in contents.python.packages)
    return {"python": contents.python.version, **{name: version for name, _, version in pairs}}


def settings_of(one: Meant, *, with_own: bool) -> dict[str, str]:
    """What it is served with; `with_own`: also what its environment adds. Of secrets there are only names."""
    contents = one.contents
    commands = {"serve": contents.serve, "predict": contents.predict, "health": contents.health}
    found = {name: text for name, text in {**commands, "model": contents.model}.items() if text}
    own = one.row.body.get("settings", {}) if one.row and with_own else {}
    found |= {f"env {name}": str(value) for name, value in own.get("env", ())}
    found |= {f"secret {name}": "is given" for name in own.get("secrets", ())}
    return found | {name: f"{own[name]:g}" for name in ("drain_seconds", "ready_seconds") if name in own}


def commits_between(folder: Path, before: str, after: str) -> tuple[tuple[str, ...], bool] | None:
    from seatrial.commit.sources.git import log

    return log.between(folder, before, after)


def flows(home: Home, row: RevisionRow) -> list[Flow]:
    """All requests to a revision that are still known."""
    minutes = traffic.minutes(home.journal, row.project, row.environment, revision=row.id)
    seconds = float(len(minutes) * traffic.MINUTE_SECONDS)
    place = releases.environment(home.journal, row.project, row.environment)
    arm = STABLE if place and place.stable == row.id else CANDIDATE
    return [see.flow(row.id, arm, minutes, seconds)] if minutes else []
