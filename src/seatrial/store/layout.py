"""The index of the store, as an OCI image layout has it: which manifests there are, and their tags.

https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from seatrial.errors import BadInput, Infrastructure
from seatrial.named_tuple import NamedTuple
from seatrial.store import blobs
from seatrial.store.store import Store
from seatrial.system import compact_json, files, lock
from seatrial.system import digest as digests

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
TAG = "org.opencontainers.image.ref.name"
SUBJECT = "dev.seatrial.subject"  # what a referrer refers to, so that it is found without reading every one
_SHORTEST_PREFIX = 6


class Descriptor(NamedTuple):
    """A manifest of the index. `artifact_type` is "" where it has none."""

    media_type: str
    digest: str
    size: int
    artifact_type: str
    annotations: Mapping[str, str]

    @property
    def tag(self) -> str:
        return self.annotations.get(TAG, "")

    @property
    def subject(self) -> str:
        return self.annotations.get(SUBJECT, "")


def manifests(store: Store) -> list[Descriptor]:
    """All manifests of the store, in the order they came; one with two tags is there twice."""
    try:
        return from_json((store.root / "index.json").read_bytes())
    except FileNotFoundError:
        return []
    except BadInput as error:
        raise Infrastructure(
            f"{store.root / 'index.json'} is damaged", hint="see `seatrial doctor`"
        ) from error


def put_manifest(
    store: Store,
    content: bytes,
    media_type: str = MANIFEST,
    *,
    tag: str = "",
    annotations: Mapping[str, str] | None = None,
    durable: bool = False,
) -> str:
    """Add a manifest, under a tag where one is given, which then leaves the manifest that had it.

    `durable`: it outlives a power cut, with all that it names, when this returns. Raises blobs.Missing when
    something it names is not in the store. Returns the digest.
    """
    body = parse(content, "the manifest")
    named = names(body)
    for digest in named:
        blobs.size(store, digest)
    digest = blobs.add_bytes(store, content)
    if durable:
        blobs.sync(store, [*named, digest])
    said = {**(annotations or {}), **({TAG: tag} if tag else {})}
    put(store, [describe(body, media_type, digest, len(content), said)], durable=durable)
    return digest


def describe(
    body: Mapping[str, Any], media_type: str, digest: str, size: int, annotations: Mapping[str, str]
) -> Descriptor:
    """The descriptor of a manifest with this body."""
    subject = body.get("subject")
    said = {SUBJECT: subject["digest"]} if isinstance(subject, dict) and "digest" in subject else {}
    config = body.get("config")
    kind = body.get("artifactType") or (config.get("mediaType", "") if isinstance(config, dict) else "")
    return Descriptor(media_type, digest, size, str(kind), {**annotations, **said})


def put(store: Store, added: Iterable[Descriptor], *, durable: bool = False) -> None:
    """Put manifests whose blobs are there into the index, in one instant."""
    with lock.held(store.root / "index.lock"):
        entries = manifests(store)
        for new in added:
            entries = [old for old in entries if not _gives_way(old, new)]
            if new.tag or all(old.digest != new.digest for old in entries):
                entries.append(new)
        _write(store, entries, durable=durable)


def _gives_way(old: Descriptor, new: Descriptor) -> bool:
    """Whether a new entry takes an old one's place: it has its tag, or is the same manifest now tagged."""
    return bool(new.tag) and (old.tag == new.tag or (old.digest == new.digest and not old.tag))


def take_out(store: Store, gone: Collection[str]) -> None:
    """Take these manifests out of the index."""
    with lock.held(store.root / "index.lock"):
        _write(store, [entry for entry in manifests(store) if entry.digest not in gone])


def _write(store: Store, entries: Iterable[Descriptor], *, durable: bool = False) -> None:
    files.write(store.root / "index.json", to_json(entries), mode=0o644, durable=durable)


def tags(store: Store) -> dict[str, str]:
    """The digests of all tags."""
    return {entry.tag: entry.digest for entry in manifests(store) if entry.tag}


def resolve(store: Store, reference: str) -> str:
    """The digest that a tag, a digest, or the unambiguous start of one names. Raises BadInput."""
    entries = manifests(store)
    for entry in entries:
        if reference in (entry.tag, entry.digest):
            return entry.digest
    start = reference.removeprefix("sha256:")
    found = {entry.digest for entry in entries if entry.digest.startswith(f"sha256:{start}")}
    if len(start) >= _SHORTEST_PREFIX and len(found) == 1:
        return found.pop()
    if len(start) >= _SHORTEST_PREFIX and found:
        raise BadInput(f"{reference!r} is the start of several digests", hint="give more digits")
    from difflib import get_close_matches

    near = get_close_matches(reference, [entry.tag for entry in entries if entry.tag], 3)
    hint = f"did you mean {', '.join(near)}?" if near else ""
    raise BadInput(f"there is no package {reference!r}", hint=hint)


def referrers(store: Store, digest: str, artifact_type: str = "") -> list[Descriptor]:
    """The manifests whose subject is `digest`, all or those of one type; in the order they came."""
    found = [entry for entry in manifests(store) if entry.subject == digest]
    return [entry for entry in found if artifact_type in ("", entry.artifact_type)]


def parse(content: bytes, what: str) -> dict[str, Any]:
    """The body of a manifest or an index. Raises BadInput naming `what`."""
    try:
        body = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{what} is not JSON") from error
    if not isinstance(body, dict):
        raise BadInput(f"{what} is not a JSON object")
    return body


def described(body: Mapping[str, Any], what: str) -> list[tuple[str, int, str]]:
    """The (digest, size, media type) of all that a manifest consists of. Raises BadInput for a bad one."""
    found = []
    parts = [body["config"]] if "config" in body else []
    for key in ("layers", "manifests", "blobs"):
        several = body.get(key, [])
        parts += several if isinstance(several, list) else [several]
    for part in parts:
        if not isinstance(part, dict):
            raise BadInput(f"{what} holds a descriptor that is no JSON object")
        digest, size = part.get("digest"), part.get("size")
        if not isinstance(digest, str) or not digests.is_digest(digest):
            raise BadInput(f"{what} holds the digest {digest!r}, which is not one of SHA-256")
        if not isinstance(size, int) or isinstance(size, bool) or size < 0:
            raise BadInput(f"{what} holds a descriptor without a size")
        found.append((digest, size, str(part.get("mediaType", ""))))
    return found


def names(body: Mapping[str, Any]) -> list[str]:
    """The digests of all that a manifest consists of; not its subject."""
    return [digest for digest, _, _ in described(body, "the manifest")]


def to_json(entries: Iterable[Descriptor]) -> bytes:
    """An `index.json`."""
    rows = []
    for entry in entries:
        row = {"mediaType": entry.media_type, "digest": entry.digest, "size": entry.size}
        if entry.artifact_type:
            row["artifactType"] = entry.artifact_type
        rows.append({**row, "annotations": dict(entry.annotations)} if entry.annotations else row)
    body = {"schemaVersion": 2, "mediaType": INDEX, "manifests": rows}
    return compact_json.encode_sorted(body).encode()


def from_json(content: bytes) -> list[Descriptor]:
    """The entries of an `index.json`. Raises BadInput."""
    body = parse(content, "index.json")
    listed = described({"manifests": body.get("manifests", [])}, "index.json")
    return [
        Descriptor(media_type, digest, size, str(row.get("artifactType", "")), _texts(row.get("annotations")))
        for (digest, size, media_type), row in zip(listed, body.get("manifests", []), strict=True)
    ]


def _texts(annotations: object) -> dict[str, str]:
    if annotations is None:
        return {}
    if not isinstance(annotations, dict) or not all(isinstance(one, str) for one in annotations.values()):
        raise BadInput("index.json holds annotations that are not texts")
    return annotations
