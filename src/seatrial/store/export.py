"""Packages on their way out of the store, as OCI image layouts: a folder, or a tar of one."""

from __future__ import annotations

import os
import tarfile
from io import BytesIO
from pathlib import Path
from typing import IO

from seatrial.errors import BadInput
from seatrial.named_tuple import NamedTuple
from seatrial.store import blobs, layout
from seatrial.store.layout import Descriptor
from seatrial.store.store import Store
from seatrial.system import disk, files

_LAYOUT = b'{"imageLayoutVersion":"1.0.0"}'
_OTHER_FORMS = frozenset({".zip", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".7z", ".json"})


class Content(NamedTuple):
    """All that makes up a package: its manifest and those of its referrers, and the sizes of all blobs."""

    manifests: list[Descriptor]
    sizes: dict[str, int]


def export_layout(store: Store, digest: str, target: Path) -> None:
    """Write a package, all that it names and its referrers to a new folder, or to a new file "….tar".

    The same package gives the same bytes. Raises blobs.Missing; BadInput where the target is there already,
    or is named as something else.
    """
    _refuse_other_forms(target)
    if os.path.lexists(target):
        raise BadInput(f"{target} is there already", hint="remove it, or give another name")
    content = _content(store, digest)
    partial = files.beside(target)
    write = _write_tar if target.suffix.casefold() == ".tar" else _write_folder
    try:
        write(store, content, partial)
        partial.rename(target)
    except OSError as error:
        if error.errno in disk.FULL:
            raise disk.FullDisk(target) from error
        hint = "name a place in a folder that is there and that you can write to"
        raise BadInput(f"cannot write {target}: {error.strerror}", hint) from error
    finally:
        files.remove(partial)


def _refuse_other_forms(target: Path) -> None:
    """A folder that is named as a file misleads whoever is to open it."""
    if target.name == "-" or target.suffix.casefold() in _OTHER_FORMS:
        hint = "name a folder, or a file that ends with .tar"
        raise BadInput(f"{str(target)!r} is not a form that packages are written in", hint)


def _content(store: Store, digest: str) -> Content:
    entries = {entry.digest: entry for entry in layout.manifests(store)}
    if digest not in entries:
        raise blobs.Missing(digest)
    content = Content([], {})
    waiting = [entries[digest]]
    while waiting:
        entry = waiting.pop()
        if entry in content.manifests:
            continue
        content.manifests.append(entry)
        _add_sizes(store, entry.digest, entry.size, content.sizes)
        waiting += [other for other in entries.values() if other.subject == entry.digest]
    _ask_sizes(store, content.sizes)
    content.manifests[1:] = sorted(content.manifests[1:], key=lambda entry: entry.digest)
    return content


def _ask_sizes(store: Store, sizes: dict[str, int]) -> None:
    """Where the manifest is wrong and not the content, that may be another package's too: it stays."""
    for digest, size in sizes.items():
        if blobs.size(store, digest) != size:
            raise blobs.Missing(digest)


def _add_sizes(store: Store, digest: str, size: int, sizes: dict[str, int]) -> None:
    """Add the sizes of a manifest and of all that it names, the manifests of an index included."""
    sizes[digest] = size
    for part, part_size, media_type in layout.described(
        layout.parse(blobs.read(store, digest), digest), digest
    ):
        if media_type in (layout.MANIFEST, layout.INDEX):
            _add_sizes(store, part, part_size, sizes)
        else:
            sizes[part] = part_size


def _write_folder(store: Store, content: Content, folder: Path) -> None:
    (folder / "blobs" / "sha256").mkdir(parents=True)
    (folder / "oci-layout").write_bytes(_LAYOUT)
    (folder / "index.json").write_bytes(layout.to_json(content.manifests))
    for digest in content.sizes:
        blobs.place(store, digest, folder / blob_name(digest))


def _write_tar(store: Store, content: Content, name: Path) -> None:
    with tarfile.open(name, "x", format=tarfile.PAX_FORMAT) as tar:
        _add_member(tar, "oci-layout", len(_LAYOUT), BytesIO(_LAYOUT))
        index = layout.to_json(content.manifests)
        _add_member(tar, "index.json", len(index), BytesIO(index))
        for digest, size in sorted(content.sizes.items()):
            with blobs.open_verified(store, digest) as source:
                _add_member(tar, blob_name(digest), size, source)


def _add_member(tar: tarfile.TarFile, name: str, size: int, source: IO[bytes] | blobs.Verified) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o644
    tar.addfile(member, source)


def blob_name(digest: str) -> str:
    return f"blobs/sha256/{digest.removeprefix('sha256:')}"
