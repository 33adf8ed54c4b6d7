"""What is said where several systems have a file in one folder, and nobody named one: which is taken."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

from seatrial.errors import BadInput, some
from seatrial.pipeline.all_dialects import ALL_DIALECTS
from seatrial.pipeline.load import dialect_of, folder_of
from seatrial.project.place import pipeline_path, shown
from seatrial.project.project import OWN, Project, Wanted

_FOREIGN = tuple(name for key, entry in ALL_DIALECTS.items() if key != OWN for name in entry.filenames)


def of_run(wanted: Wanted, project: Project | None) -> str:
    """One line, "" where there was nothing to choose; the paths are those from where we stand. Of what could
    not be opened, the files on disk say it."""
    if wanted.file:
        return ""
    if project is None:
        return "" if wanted.spec else _here(wanted.folder)
    rivals, path = _rivals(project.file.path), project.file.path
    return _said(path, [one.path for one in project.tree if one.path in rivals], project.change.folder)


def _here(folder: Path) -> str:
    try:
        return of_files(folder, [shown(folder, pipeline_path(folder, ""))])
    except BadInput:
        return ""  # there is none at all, which is said already


def of_files(folder: Path, paths: Collection[str]) -> str:
    """The same of files that were found on disk, by their paths from a folder."""
    foreign = [path for path in paths if dialect_of(path) != OWN]
    return "".join(
        _said(path, [one for one in _rivals(path) if (folder / one).is_file()]) for path in foreign
    )


def _rivals(path: str) -> frozenset[str]:
    """Where other systems have their files beside this one; our own is no rival, it is meant."""
    folder = folder_of(path)
    return frozenset(f"{folder}/{name}" if folder else name for name in _FOREIGN) - {path}


def _said(path: str, others: Collection[str], start: str = "") -> str:
    taken, *rest = (os.path.relpath(one, start or ".") for one in (path, *sorted(others)))
    return f"{taken} is taken, not {some(rest, str)}: say which with -f" if rest else ""
