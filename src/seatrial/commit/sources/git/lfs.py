"""Files of Git LFS: the repository holds pointers, and the contents lie in its `lfs` folder.

They are read from there, never by Git LFS itself, which writes into that folder and asks the network.
"""

import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from seatrial.clients import git
from seatrial.commit.export import with_absent
from seatrial.commit.sources.git.repository import Repository, common_folder, itself
from seatrial.errors import BadInput
from seatrial.journal.journal import Journal
from seatrial.named_tuple import NamedTuple
from seatrial.store import blobs, copying, stat_cache
from seatrial.store.store import Store
from seatrial.store.trees import LINK, Tree

# https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md: below 1,024 bytes, keys sorted after the version.
_LONGEST = 1023
_POINTER = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\n(?:ext-\S+ \S+\n)*"
    rb"oid sha256:([0-9a-f]{64})\nsize (\d+)\n\Z"
)


class Pointer(NamedTuple):
    digest: str
    size: int


def parse(content: bytes) -> Pointer | None:
    """The pointer that a content is, if it is one."""
    found = _POINTER.match(content)
    return Pointer("sha256:" + found[1].decode(), int(found[2])) if found else None


def are_unchanged(journal: Journal, repository: Repository, touched: Mapping[str, str]) -> bool:
    """Whether all these files (by path, with the blob that Git has) hold what their pointers in Git name."""
    if repository.git_dir.is_dir() and not (repository.git_dir / "lfs").exists():
        return False
    request = "".join(f"{blob}\n" for blob in touched.values()).encode()
    sizes = git.run("cat-file", "--batch-check=%(objectsize)", folder=repository.root, content=request).output
    if not all(size.isdigit() and int(size) <= _LONGEST for size in sizes.split()):
        return False
    output = git.run("cat-file", "--batch", folder=repository.root, content=request).output
    for path in touched:
        head, _, rest = output.partition(b"\n")
        length = int(head.split()[2])
        pointer, output = parse(rest[:length]), rest[length + 1 :]
        name = repository.root / path
        if pointer is None or name.stat().st_size != pointer.size:
            return False
        if stat_cache.digest_of(journal, name) != pointer.digest:
            return False
    return True


def pointers(folder: Path, paths: Sequence[str], ask_filter: Callable[[bytes], bytes]) -> dict[str, Pointer]:
    """Those files of a folder that are pointers in place of contents.

    `ask_filter` gives to names what `git check-attr -z --stdin filter` does: a text about pointers may show
    one, only the attribute makes it one.
    """
    if not _uses_lfs(folder, paths):
        return {}
    found = {path: pointer for path in paths if (pointer := _pointer_at(folder / path))}
    if not found:
        return {}
    fields = git.text(ask_filter("\0".join(found).encode("utf-8", "surrogateescape"))).split("\0")
    filtered = {path for path, value in zip(fields[0::3], fields[2::3], strict=False) if value == "lfs"}
    return {path: pointer for path, pointer in found.items() if path in filtered}


def _uses_lfs(folder: Path, paths: Iterable[str]) -> bool:
    """Whether any attributes tell of LFS; so that a repository without it is not read twice."""
    own = (folder / path for path in paths if path.rpartition("/")[2] == ".gitattributes")
    return any(b"lfs" in name.read_bytes() for name in own if name.is_file())


def _pointer_at(name: Path) -> Pointer | None:
    info = name.lstat()
    if info.st_size > _LONGEST or name.is_symlink():
        return None
    return parse(name.read_bytes())


def storage(repository: Repository) -> Path:
    """The folder of contents: `lfs` in the repository, or where `lfs.storage` says."""
    common = common_folder(repository)
    command = (*itself(repository), "config", "--type=path", "--get", "lfs.storage")
    done = git.run(*command, folder=repository.root, accept=(1,))
    return common / (git.text(done.output).removesuffix("\n") or "lfs")


def content_of(where: Path, pointer: Pointer) -> Path:
    digits = pointer.digest.removeprefix("sha256:")
    return where / "objects" / digits[:2] / digits[2:4] / digits


def damaged(path: str) -> BadInput:
    hint = "git lfs fsck, then git lfs fetch"
    return BadInput(f"the content of {path!r} in the storage of Git LFS is damaged", hint=hint)


def with_contents(store: Store, repository: Repository, tree: Tree) -> Tree:
    """The tree of a working state, with contents in the place of pointers, be they in the storage or not."""
    paths = [entry.path for entry in tree if entry.kind != LINK]
    ask = ("check-attr", "-z", "--stdin", "filter")
    found = pointers(
        repository.root, paths, lambda names: git.run(*ask, folder=repository.root, content=names).output
    )
    if not found:
        return tree
    where = storage(repository)
    for path, pointer in found.items():
        content = content_of(where, pointer)
        if blobs.has(store, pointer.digest) or not content.is_file():
            continue
        if blobs.add(store, content) != pointer.digest:
            raise damaged(path)
    return with_absent(tree, found)


def fill(repository: Repository, folder: Path, found: Mapping[str, Pointer]) -> dict[str, tuple[str, int]]:
    """Write contents in the place of pointers into an exported folder; those that are not here are given."""
    where = storage(repository) if found else Path()
    absent: dict[str, tuple[str, int]] = {}
    for path, pointer in found.items():
        content = content_of(where, pointer)
        if not content.is_file():
            absent[path] = pointer
        elif _replace(folder / path, content) != pointer.digest:
            raise damaged(path)
    return absent


def _replace(target: Path, content: Path) -> str:
    mode = target.stat().st_mode & 0o777
    target.unlink()
    source = copying.open_to_read(os.fspath(content))
    try:
        return copying.copy_file(source, os.fspath(target), mode)
    except OSError as error:
        raise copying.cannot_write(error, target) from error
    finally:
        os.close(source)
