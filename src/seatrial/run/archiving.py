"""Files of a workspace that are kept: links are followed in it, and left out where they lead out of it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from seatrial import patterns
from seatrial.errors import BadInput, StageFailed, some
from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.step import Archive
from seatrial.run.action import Context
from seatrial.run.steps import Room
from seatrial.store import trees
from seatrial.store.trees import Tree

_MOST_LINKS = 5  # on the way to a file: links may lead round and round


class Meant(NamedTuple):
    """Which files patterns of Ant mean."""

    patterns: tuple[str, ...]
    excludes: tuple[str, ...] = ()
    all_names: bool = True
    any_case: bool = False


class Reached(NamedTuple):
    """What is below a folder: its files, also behind links, each with its real path in the workspace;
    and the links that lead out of the workspace, or to nothing."""

    files: dict[str, str]
    leaving: list[str]


def archive(wanted: Archive, room: Room, context: Context) -> Tree:
    """The files that fit. Raises StageFailed."""
    top = Path(os.path.realpath(room.top))
    reached = reach(top, room.folder)
    meant = Meant(wanted.patterns, wanted.excludes, wanted.all_names, wanted.any_case)
    tell_leaving("archiveArtifacts", reached, meant, room)
    found = fitting(reached.files, meant)
    if not found and wanted.required:
        raise StageFailed(f"archiveArtifacts: no file fits {', '.join(wanted.patterns)}")
    try:
        return taken({name: reached.files[name] for name in found}, top, context) if found else ()
    except BadInput as problem:  # what the commands have made, not what the file says
        raise StageFailed(f"archiveArtifacts: {problem.message}; leave it out by `excludes`") from None


def tell_leaving(step: str, reached: Reached, meant: Meant, room: Room) -> None:
    """Say which links are left out of what is meant."""
    if left := [one for one in sorted(reached.leaving) if fitting((one, f"{one}/"), meant)]:
        room.log(f"{step}: {some(left)} left out: a link out of the workspace, or to nothing\n".encode())


def taken(files: dict[str, str], top: Path, context: Context) -> Tree:
    """The tree of files, each with the content of what it leads to."""
    made = {one.path: one for one in trees.ingest(context.store, top, sorted(set(files.values())))}
    return tuple(made[target]._replace(path=name) for name, target in sorted(files.items()))


def fitting(names: Iterable[str], meant: Meant) -> list[str]:
    """The names that one of the patterns fits, and no exclude."""
    shown = str.lower if meant.any_case else str
    wanted, excludes = (patterns.of_files(tuple(map(shown, one))) for one in meant[:2])
    excludes += () if meant.all_names else tuple(map(shown, patterns.LEFT_OUT_BY_ANT))
    return sorted(
        name
        for name in names
        if patterns.any_matches(wanted, shown(name)) and not patterns.any_matches(excludes, shown(name))
    )


def reach(top: Path, folder: Path) -> Reached:
    """What is below a folder of the workspace `top`, both without links on the way to them."""
    reached = Reached({}, [])
    folders = [("", str(folder), 0)]
    while folders:
        at, real, links = folders.pop()
        with os.scandir(real) as entries:
            for entry in entries:
                name = f"{at}/{entry.name}" if at else entry.name
                target = os.path.realpath(entry.path) if entry.is_symlink() else entry.path
                if not (target == str(top) or target.startswith(f"{top}/")) or not Path(target).exists():
                    reached.leaving.append(name)
                elif not entry.is_dir():
                    reached.files[name] = os.path.relpath(target, top)
                elif not entry.is_symlink():
                    folders.append((name, target, links))
                elif links < _MOST_LINKS and not f"{real}/".startswith(f"{target}/"):
                    folders.append((name, target, links + 1))
    return reached
