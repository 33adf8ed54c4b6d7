"""The files of a commit as a plain folder, as a checkout would give them, submodules and LFS included."""

import os
from collections.abc import Mapping
from pathlib import Path

from seatrial.clients import git
from seatrial.commit.change import Change
from seatrial.commit.source import Absent
from seatrial.commit.sources.git import lfs, merging
from seatrial.commit.sources.git.repository import Repository, at, common_folder, itself
from seatrial.errors import BadInput
from seatrial.named_tuple import NamedTuple
from seatrial.system import files

_FILES = ("100644", "100755")
_SUBMODULE = "160000"


class Listed(NamedTuple):
    """What a tree holds: the paths of files, and the commits of submodules by their paths."""

    files: list[str]
    submodules: dict[str, str]


def export(change: Change, folder: Path) -> Absent:
    """Write the files of a commit into a new folder; contents of LFS that are not here stay pointers.

    Raises BadInput for a submodule that is not in the repository.
    """
    repository = at(change.root)
    if not change.merge:
        return _export(repository, change.tree, folder, {})
    with merging.objects(repository, folder.with_name(f"{folder.name}.objects")) as env:
        merging.write(itself(repository), change, repository.root, env)
        return _export(repository, change.tree, folder, env)


def _export(
    repository: Repository, tree: str, folder: Path, objects: Mapping[str, str]
) -> dict[str, tuple[str, int]]:
    folder.mkdir(parents=True, exist_ok=True)
    index = folder.with_name(f"{folder.name}.{os.getpid()}.index")
    env = {"GIT_INDEX_FILE": str(index), **objects}
    # The checkout of the user is not looked at: neither its files nor its attributes.
    here = (*git.WITHOUT_LFS, "-c", "core.sparseCheckout=false", "-c", "core.splitIndex=false")
    place = (*here, "--git-dir", repository.git_dir, "--work-tree", folder)
    write, tell = ("read-tree", "--reset", "-u", tree), ("ls-tree", "-r", "-z", "--full-tree", tree)
    try:
        written, told = git.run_at_once((*place, *write), (*place, *tell), folder=folder, env=env)
        git.checked(written, folder)
        listed = _list(git.checked(told, folder).output)
        ask = (*place, "check-attr", "-z", "--stdin", "filter")
        found = lfs.pointers(
            folder, listed.files, lambda names: git.run(*ask, folder=folder, env=env, content=names).output
        )
    finally:
        files.remove(index)
    absent = lfs.fill(repository, folder, found)
    return {**absent, **_export_submodules(repository, folder, listed.submodules)}


def _list(output: bytes) -> Listed:
    listed = Listed([], {})
    for record in git.text(output).split("\0"):
        head, _, path = record.partition("\t")
        mode, _, rest = head.partition(" ")
        if mode in _FILES:
            listed.files.append(path)
        elif mode == _SUBMODULE:
            listed.submodules[path] = rest.rpartition(" ")[2]
    return listed


def _export_submodules(
    repository: Repository, folder: Path, submodules: Mapping[str, str]
) -> dict[str, tuple[str, int]]:
    absent: dict[str, tuple[str, int]] = {}
    names = _names(folder) if submodules else {}
    for path, commit in submodules.items():
        inner = _find_submodule(repository, path, names.get(path, path), commit)
        within = _export(inner, f"{commit}^{{tree}}", folder / path, {})
        absent |= {f"{path}/{name}": content for name, content in within.items()}
    return absent


def _names(folder: Path) -> dict[str, str]:
    """The names of submodules by their paths, as the exported `.gitmodules` gives them."""
    if not (folder / ".gitmodules").is_file():
        return {}
    command = ("config", "--file", ".gitmodules", "-z", "--get-regexp", r"^submodule\..*\.path$")
    output = git.text(git.run(*command, folder=folder, accept=(1,)).output)
    pairs = (record.partition("\n") for record in output.split("\0") if record)
    return {path: key.removeprefix("submodule.").removesuffix(".path") for key, _, path in pairs}


def _find_submodule(repository: Repository, path: str, name: str, commit: str) -> Repository:
    """The repository of a submodule that holds the commit: checked out, or among the modules of ours."""
    places = []
    if not repository.is_bare:
        places.append(files.inside(repository.root, path) / ".git")
    places.append(files.inside(common_folder(repository) / "modules", name))
    for place in places:
        found = Repository(place.parent if place.name == ".git" else place, place)
        if place.exists() and _has(found, commit):
            return found
    raise BadInput(
        f"the commit {commit[:12]} of the submodule {path!r} is not in this clone",
        hint=f"git submodule update --init {path}",
    )


def _has(repository: Repository, commit: str) -> bool:
    command = (*itself(repository), "cat-file", "-e", f"{commit}^{{commit}}")
    return git.run(*command, folder=repository.root, accept=(1, 128)).exit_code == 0
