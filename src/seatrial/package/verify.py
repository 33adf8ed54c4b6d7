"""Whether a package is what its digest says, and what in it can do harm."""

from __future__ import annotations

from seatrial.errors import BadInput
from seatrial.named_tuple import NamedTuple
from seatrial.package import manifest, pickles
from seatrial.package.contents import PackageContents
from seatrial.package.read import read
from seatrial.store import blobs, collect, layout
from seatrial.store.store import Store


class Verification(NamedTuple):
    """`problems`: it is not what its digest says. `warnings`: loading it may run code of its maker's."""

    problems: tuple[str, ...]
    warnings: tuple[str, ...]


def verify(store: Store, digest: str) -> Verification:
    """Read and hash all that the package consists of and all that is said about it, and follow its pickles.

    Raises nothing of its own.
    """
    damaged = not blobs.has(store, digest) or not blobs.is_intact(store, digest)
    if damaged:
        return Verification((f"the manifest {digest} is missing or damaged",), ())
    try:
        parsed = manifest.parse(blobs.read(store, digest))
        problems = [
            *_damaged_layers(store, parsed),
            *_wrong_config(store, parsed),
            *_damaged_statements(store, digest),
        ]
        if problems:
            return Verification(tuple(problems), ())
        contents = read(store, digest)
    except BadInput as problem:
        return Verification((problem.message,), ())
    return Verification(tuple(_wrong_sizes(store, contents)), tuple(_warnings(store, contents)))


def _damaged_layers(store: Store, parsed: manifest.ParsedManifest) -> list[str]:
    names = {file.digest: file.path for file in parsed.files}
    digests = dict.fromkeys((parsed.config, *parsed.layers))
    return [
        f"{names.get(digest, digest)} is missing or damaged"
        for digest in digests
        if not blobs.is_intact(store, digest)
    ]


def _wrong_config(store: Store, parsed: manifest.ParsedManifest) -> list[str]:
    if (
        blobs.has(store, parsed.config)
        and manifest.diff_ids(blobs.read(store, parsed.config)) != parsed.layers
    ):
        return ["the config of the package lists other layers than its manifest"]
    return []


def _damaged_statements(store: Store, digest: str) -> list[str]:
    """Whoever could take back what speaks against a package would only have to damage it."""
    return [
        f"what is said about it in {one.digest} is missing or damaged"
        for one in layout.referrers(store, digest)
        if not all(blobs.is_intact(store, part) for part in collect.named(store, one.digest))
    ]


def _wrong_sizes(store: Store, contents: PackageContents) -> list[str]:
    return [
        f"{file.path} has another size than the manifest says"
        for file in contents.files
        if blobs.size(store, file.digest) != file.size
    ]


def _warnings(store: Store, contents: PackageContents) -> list[str]:
    warnings = []
    for file in contents.files:
        path = blobs.path(store, file.digest)
        if not pickles.is_pickle(path, file.path):
            continue
        try:
            names = pickles.harmful(path)
        except pickles.UnreadableError as error:
            warnings.append(f"{file.path} is a pickle that cannot be followed: {error}")
            continue
        if names:
            warnings.append(f"{file.path} is a pickle, and loading it runs {', '.join(names)}")
    return warnings
