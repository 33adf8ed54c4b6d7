"""Where we stand: which pipeline file a folder means, and which project that is."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from seatrial.errors import BadInput

if TYPE_CHECKING:
    from seatrial.pipeline.pipeline import Pipeline


def pipeline_path(folder: Path, file: str) -> Path:
    """The pipeline file on disk that is meant: the one said, else the nearest, from the folder up to the top
    of its working copy. Raises BadInput."""
    from seatrial.pipeline.load import default_names, find

    if file:
        return folder / file
    for at in _upward(folder):
        present = [name for name in default_names() if os.path.lexists(at / name)]
        if present:
            return at / find(present)
    return folder / find(below(folder, default_names()))


def below(folder: Path, names: tuple[str, ...]) -> list[str]:
    """The files of these names a folder or two below, as several models of a repository have them."""
    found = (path for name in names for depth in ("*", "*/*") for path in folder.glob(f"{depth}/{name}"))
    return [path.relative_to(folder).as_posix() for path in found]


def shown(folder: Path, path: Path) -> str:
    """A pipeline file that was found, as a person in the folder names it."""
    return os.path.relpath(path, folder)


def in_working_copy(folder: Path, file: str, path: Path) -> str:
    """A pipeline file as its commit has it: by its path from the top of the working copy, whatever the folder
    is that a person stands in. One that lies elsewhere is named as it was said."""
    root, whole = root_of(folder), path.parent.resolve() / path.name
    return whole.relative_to(root).as_posix() if whole.is_relative_to(root) else file or path.name


def repository_name(root: str, url: str = "") -> str:
    """The name of a project that has none: that of the repository's folder. Of a URL of Subversion, what
    trunk, branches and tags lie in."""
    if "://" in root:
        from seatrial.commit.sources.subversion import layout

        return _last(layout.read(root.partition("://")[2]).project) or "project"
    name = _working_copy(Path(root)).name.removesuffix(".git")
    return name or _last(url).removesuffix(".git") or "project"


def _last(address: str) -> str:
    """The last part of a URL, as a person reads it."""
    from urllib.parse import unquote

    return unquote(address.rstrip("/").rpartition("/")[2])


def project_name(home: Path, folder: Path, file: str, said: str = "") -> str:
    """The project that a command without a run is about: what was said, else what the file here says, else
    the name of the repository. Raises BadInput."""
    if said:
        return said
    pipeline = pipeline_here(home, folder, file)
    return (pipeline and pipeline.project) or repository_name(str(root_of(folder)))


def pipeline_here(home: Path, folder: Path, file: str) -> Pipeline | None:
    """The pipeline of the file on disk that is meant; None where there is none. Raises BadInput."""
    from seatrial.project.pipeline_file import load, read

    try:
        path = pipeline_path(folder, file)
    except BadInput:
        return None
    return load(home, read(path), file or shown(folder, path)).pipeline


def _working_copy(root: Path) -> Path:
    """The top of the working copy of Subversion whose trunk, or branch, is run; else the root itself."""
    if (root / ".git").exists():
        return root
    return next((at for at in (root, *root.parents) if (at / ".svn").exists()), root)


def _upward(folder: Path) -> list[Path]:
    """The folder, and those above it up to the top of its working copy."""
    top = root_of(folder)
    whole = folder.resolve()
    return [folder, *(at for at in whole.parents if at.is_relative_to(top))]


def root_of(folder: Path) -> Path:
    """The root of the working copy that a folder lies in; without one, the folder itself."""
    whole = folder.resolve()
    marks = (".git", ".svn")
    return next((at for at in (whole, *whole.parents) if any((at / one).exists() for one in marks)), whole)
