"""Contents to a package in the store. The blobs of its files are there before; the manifest comes last."""

from __future__ import annotations

from collections.abc import Iterable

from seatrial.errors import BadInput
from seatrial.package import manifest
from seatrial.package.contents import CODE, DOC, WEIGHT, WEIGHT_CONFIG, PackageContents, PackagedFile
from seatrial.store import blobs, layout, trees
from seatrial.store.store import Store
from seatrial.store.trees import Entry, Tree

# Files beside the weights whose names say what they are.
_CONFIGURATION_NAMES = ("config.json", "generation_config.json", "merges.txt", "preprocessor_config.json")
_CONFIGURATION_STARTS = ("tokenizer", "special_tokens_map", "vocab")
_DOCUMENTS = ("readme", "license", "licence", "notice", "model_card")
_MOST_LINKS = 40


def build(store: Store, contents: PackageContents, *, name: str = "") -> str:
    """Make the package and return its digest; it is whole and on disk then, or not there at all.

    `name` ("project/model") becomes a tag that points to the newest package of that name, and "name@digits"
    one that stays with this one. Building the same contents again changes nothing. Raises BadInput where the
    contents break a rule, blobs.Missing where a file of theirs is not in the store.
    """
    written = manifest.write(contents)
    blobs.add_bytes(store, written.config)
    blobs.add_bytes(store, written.configuration)
    digest = layout.put_manifest(store, written.manifest, durable=True)
    if name:
        for tag in (f"{name}@{digest[7:19]}", name):
            layout.put_manifest(store, written.manifest, tag=tag, durable=True)
    return digest


def model_files(tree: Tree, model: str) -> tuple[PackagedFile, ...]:
    """The files of the model, at or below the path `model` of a tree. Raises BadInput when there are none."""
    return tuple(packaged(tree, entry, _kind(entry.path)) for entry in _found(tree, model))


def code_files(tree: Tree, patterns: Iterable[str]) -> tuple[PackagedFile, ...]:
    """The files that the patterns name. Raises BadInput for a pattern that names nothing."""
    return tuple(packaged(tree, entry, CODE) for entry in trees.select(tree, patterns))


def packaged(tree: Tree, entry: Entry, kind: str) -> PackagedFile:
    """A file of a tree as one of a package; a link becomes the file that it leads to."""
    target = _followed(tree, entry)
    return PackagedFile(entry.path, target.digest, target.size, target.kind == trees.EXECUTABLE, kind)


def _found(tree: Tree, model: str) -> Tree:
    found = trees.matching(tree, model)
    if not found:
        raise BadInput(f"there is no model {model!r} to package", "is it an output of a stage?", about=model)
    return found


def _followed(tree: Tree, entry: Entry) -> Entry:
    by_path = {one.path: one for one in tree} if entry.kind == trees.LINK else {}
    seen = entry
    for _ in range(_MOST_LINKS):
        if seen.kind != trees.LINK:
            return seen
        target = by_path.get(_joined(seen.path, seen.digest))
        if target is None:
            break
        seen = target
    raise BadInput(f"the link {entry.path} leads to no file", hint="a package holds files, and links to them")


def _joined(path: str, target: str) -> str:
    """The path that a link at `path` leads to; "" where it leaves the tree."""
    parts = path.split("/")[:-1]
    for part in target.split("/"):
        if part == "..":
            if not parts:
                return ""
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "" if target.startswith("/") else "/".join(parts)


def _kind(path: str) -> str:
    name = path.rpartition("/")[2].lower()
    if name in _CONFIGURATION_NAMES or name.startswith(_CONFIGURATION_STARTS):
        return WEIGHT_CONFIG
    if name.endswith(".md") or name.startswith(_DOCUMENTS):
        return DOC
    return WEIGHT
