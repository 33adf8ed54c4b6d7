"""A package of the store as a value, as files, and as what `seatrial package show` tells."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from seatrial.errors import BadInput, Refused
from seatrial.package import manifest, provenance
from seatrial.package.contents import PackageContents, check_name
from seatrial.store import blobs, layout, trees
from seatrial.store.layout import Descriptor
from seatrial.store.store import Store
from seatrial.store.trees import Entry, Tree


class Damaged(Refused):
    """A package whose contents are not all there, or not what their digests say."""

    def __init__(self, digest: str, problem: str) -> None:
        hint = "`seatrial cache verify` forgets what is damaged, and `seatrial run` then makes it again"
        super().__init__(f"the package {digest} is damaged: {problem}", hint)


def read(store: Store, digest: str) -> PackageContents:
    """What the package holds. Raises blobs.Missing, and BadInput where it is no package of ours."""
    parsed = manifest.parse(_manifest(store, digest))
    return manifest.parse_configuration(parsed, blobs.read(store, parsed.configuration))


def tree_of(contents: PackageContents) -> Tree:
    """The files of a package as a tree."""
    entries = [
        Entry(file.path, trees.EXECUTABLE if file.executable else trees.FILE, file.digest, file.size)
        for file in contents.files
    ]
    return tuple(sorted(entries))


def unpack(store: Store, digest: str, folder: Path) -> PackageContents:
    """Write the files of the package into a folder, which is made; every one is verified on its way.

    Raises as `read` does; the folder is then as far as it came. Serve and predict commands run in it, with
    $MODEL = folder / contents.model.
    """
    contents = read(store, digest)
    trees.materialise(store, tree_of(contents), folder)
    return contents


def require_whole(store: Store, digest: str) -> None:
    """Ask whether all contents of a package are there, in their sizes, without reading them. Raises Damaged,
    and BadInput for a name that leaves its folder, so that it is not handed on.

    A content that is there and damaged shows when it is read.
    """
    try:
        parsed = manifest.parse(_manifest(store, digest))
    except blobs.Missing:
        raise Damaged(digest, "its manifest is missing or damaged") from None
    for file in parsed.files:
        check_name(file.path)
    names = {file.digest: file.path for file in parsed.files}
    lost = [one for one in (parsed.config, *parsed.layers) if not blobs.has(store, one)]
    if lost:
        raise Damaged(digest, f"missing is {', '.join(names.get(one, one) for one in lost)}")
    other = [file.path for file in parsed.files if blobs.size(store, file.digest) != file.size]
    if other:
        raise Damaged(digest, f"of another size than it says is {', '.join(other)}")


def show(store: Store, digest: str) -> dict[str, Any]:
    """The package as plain JSON: files, Python, commands, names, and what is said about it."""
    said = {one.digest: one for one in provenance.attestations(store, digest)}
    contents = read(store, digest)
    return {
        "digest": digest,
        "names": sorted(tag for tag, found in layout.tags(store).items() if found == digest),
        "model": contents.model,
        "size": sum(file.size for file in contents.files),
        "files": [file._asdict() for file in contents.files],
        "python": None if contents.python is None else contents.python._asdict(),
        "serve": contents.serve,
        "predict": contents.predict,
        "health": contents.health,
        "referrers": [
            {
                "digest": one.digest,
                "type": one.artifact_type,
                "says": _says(one, said.get(one.digest)),
            }
            for one in layout.referrers(store, digest)
        ],
    }


def _says(referrer: Descriptor, said: provenance.Attestation | None) -> str:
    if said is not None:
        return provenance.told(said)
    is_ours = referrer.artifact_type == provenance.IN_TOTO
    return "is damaged, or does not speak of this package" if is_ours else ""


def _manifest(store: Store, digest: str) -> bytes:
    if blobs.size(store, digest) > manifest.LARGEST_MANIFEST:
        raise BadInput(f"{digest} is too large for a manifest")
    return blobs.read(store, digest)
