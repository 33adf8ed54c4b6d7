"""Packages on their way out of the store and into it, as OCI image layouts: a folder, or a tar of one."""

from __future__ import annotations

import os
import tarfile
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from seatrial.errors import BadInput
from seatrial.named_tuple import NamedTuple
from seatrial.store import archive, blobs, copying, layout
from seatrial.store.archive import Archive
from seatrial.store.layout import Descriptor
from seatrial.store.store import Store
from seatrial.system import digest as digests
from seatrial.system import disk, files

_LAYOUT = b'{"imageLayoutVersion":"1.0.0"}'
_OTHER_FORMS = frozenset({".zip", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".7z", ".json"})
_MOST_BLOBS = 100_000
_LONGEST_INDEX = 16 << 20
_DEEPEST = 4


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
        content.manifests.append(entry)
        _add_sizes(store, entry.digest, entry.size, content.sizes)
        waiting += [other for other in entries.values() if other.subject == entry.digest]
    content.manifests[1:] = sorted(content.manifests[1:], key=lambda entry: entry.digest)
    return content


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
            if blobs.size(store, digest) != size:
                raise blobs.damaged(store, digest)
            with blobs.open_verified(store, digest) as source:
                _add_member(tar, blob_name(digest), size, source)


def _add_member(tar: tarfile.TarFile, name: str, size: int, source: IO[bytes] | blobs.Verified) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o644
    tar.addfile(member, source)


def import_layout(store: Store, path: Path) -> list[str]:
    """Take all that a layout (a folder, or a tar) holds into the store, by its own index.

    Returns the digests of its manifests that refer to no other. What comes is believed only by its digest.
    Raises BadInput for anything wrong with it; the store's index is then as it was.
    """
    with archive.open_archive(path) as source:
        if (
            layout.parse(source.read("oci-layout", _LONGEST_INDEX), "oci-layout").get("imageLayoutVersion")
            != "1.0.0"
        ):
            raise BadInput(f"{path} is not an OCI image layout of version 1.0.0")
        listed = layout.from_json(source.read("index.json", _LONGEST_INDEX))
        sizes: dict[str, int] = {}
        entries = [_checked(source, entry, sizes) for entry in listed]
        _refuse_too_large(store, sum(sizes.values()))
        for digest, size in sizes.items():
            _take(store, source, digest, size)
    layout.put(store, entries)
    return [entry.digest for entry in entries if not entry.subject]


def _checked(source: Archive, entry: Descriptor, sizes: dict[str, int]) -> Descriptor:
    """The entry with what its manifest really says; the sizes of all that it names are added."""
    body = _check_manifest(source, entry.digest, entry.size, sizes, depth=0)
    said = {name: text for name, text in entry.annotations.items() if name != layout.SUBJECT}
    return layout.describe(body, entry.media_type, entry.digest, entry.size, said)


def _check_manifest(
    source: Archive, digest: str, size: int, sizes: dict[str, int], *, depth: int
) -> dict[str, Any]:
    if size > layout.LONGEST_MANIFEST or depth > _DEEPEST:
        raise BadInput(f"the manifest {digest} is too large, or nested too deep")
    content = source.read(blob_name(digest), layout.LONGEST_MANIFEST)
    _check_size(source, digest, size, sizes)
    if digests.of_bytes(content) != digest:
        raise BadInput(f"{source.path} is damaged: {digest} has another content")
    body = layout.parse(content, f"the manifest {digest}")
    for part, part_size, media_type in layout.described(body, f"the manifest {digest}"):
        if part in sizes:
            continue
        if media_type in (layout.MANIFEST, layout.INDEX):
            _check_manifest(source, part, part_size, sizes, depth=depth + 1)
        else:
            _check_size(source, part, part_size, sizes)
    return body


def _check_size(source: Archive, digest: str, size: int, sizes: dict[str, int]) -> None:
    if source.size(blob_name(digest)) != size:
        raise BadInput(f"{source.path} is damaged: {digest} has another size")
    sizes[digest] = size
    if len(sizes) > _MOST_BLOBS:
        raise BadInput(f"{source.path} names more than {_MOST_BLOBS} contents")


def _refuse_too_large(store: Store, total: int) -> None:
    disk = os.statvfs(store.root)
    free = disk.f_bavail * disk.f_frsize
    if total > free:
        raise BadInput(f"it holds {total:,} bytes, and {free:,} are free", hint="free some space")


def blob_name(digest: str) -> str:
    return f"blobs/sha256/{digest.removeprefix('sha256:')}"


def _take(store: Store, source: Archive, digest: str, size: int) -> None:
    """Bring one content into the store, if it is what its digest says."""
    if blobs.has(store, digest) and blobs.size(store, digest) == size:
        return
    partial = copying.partial_name(store.root)
    try:
        with source.open(blob_name(digest)) as content:
            found = copying.copy_stream(content, partial, size)
        if found != digest:
            raise BadInput(f"{source.path} is damaged: {digest} has another content")
        blobs.add(store, partial, move=True)
    except OSError as error:
        raise copying.cannot_write(error, store.root) from error
    finally:
        Path(partial).unlink(missing_ok=True)
