"""The index: tags, references and referrers."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from seatrial.errors import BadInput, Infrastructure
from seatrial.store import blobs, layout
from seatrial.store.store import Store
from tests.store.contents import sha256


def manifest(store: Store, mark: str, subject: str = "", **more: Any) -> bytes:
    config = blobs.add_bytes(store, b"{}")
    layer = blobs.add_bytes(store, mark.encode())
    body: dict[str, Any] = {
        "schemaVersion": 2,
        "mediaType": layout.MANIFEST,
        "config": {"mediaType": "application/vnd.test.config", "digest": config, "size": 2},
        "layers": [{"mediaType": "application/octet-stream", "digest": layer, "size": len(mark)}],
    }
    if subject:
        body["subject"] = {"mediaType": layout.MANIFEST, "digest": subject, "size": 1}
    return json.dumps({**body, **more}).encode()


def put(store: Store, mark: str, tag: str = "", subject: str = "", **more: Any) -> str:
    return layout.put_manifest(store, manifest(store, mark, subject, **more), tag=tag)


def test_the_folder_is_an_image_layout(store: Store) -> None:
    digest = put(store, "one", "latest")
    assert json.loads((store.root / "oci-layout").read_text()) == {"imageLayoutVersion": "1.0.0"}
    index = json.loads((store.root / "index.json").read_text())
    assert index["schemaVersion"] == 2
    (entry,) = index["manifests"]
    assert entry == {
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "artifactType": "application/vnd.test.config",
        "digest": digest,
        "size": len(blobs.read(store, digest)),
        "annotations": {"org.opencontainers.image.ref.name": "latest"},
    }


def test_a_tag_points_to_one_manifest_and_a_manifest_may_have_two(store: Store) -> None:
    one, two = put(store, "one", "latest"), put(store, "two", "latest")
    assert layout.tags(store) == {"latest": two}
    assert put(store, "two", "stable") == two
    assert layout.tags(store) == {"latest": two, "stable": two}
    assert one not in {entry.digest for entry in layout.manifests(store)}


def test_an_untagged_manifest_is_listed_once(store: Store) -> None:
    digest = put(store, "one")
    put(store, "one")
    assert [entry.digest for entry in layout.manifests(store)] == [digest]
    put(store, "one", "latest")
    put(store, "one")
    assert [entry.tag for entry in layout.manifests(store)] == ["latest"]


def test_references(store: Store) -> None:
    digest = put(store, "one", "reviews:7")
    for reference in ("reviews:7", digest, digest[:15], digest.removeprefix("sha256:")[:6]):
        assert layout.resolve(store, reference) == digest
    with pytest.raises(BadInput, match="no package 'reviews:8'") as caught:
        layout.resolve(store, "reviews:8")
    assert "reviews:7" in caught.value.hint
    for reference in ("", "sha256:", digest[7:12]):
        with pytest.raises(BadInput, match="no package"):
            layout.resolve(store, reference)


def test_an_ambiguous_start_is_said(store: Store) -> None:
    entries = [layout.Descriptor(layout.MANIFEST, f"sha256:aaaaaa{n:058}", 1, "", {}) for n in range(2)]
    layout.put(store, entries)
    with pytest.raises(BadInput, match="several"):
        layout.resolve(store, "aaaaaa")


def test_referrers_by_subject_and_type(store: Store) -> None:
    package = put(store, "model")
    signature = put(store, "signature", subject=package, artifactType="test/signature")
    verdict = put(store, "verdict", subject=package, artifactType="test/verdict")
    put(store, "other", subject=sha256(b"another"))
    assert [entry.digest for entry in layout.referrers(store, package)] == [signature, verdict]
    assert [entry.digest for entry in layout.referrers(store, package, "test/verdict")] == [verdict]
    assert layout.referrers(store, verdict) == []


def test_a_manifest_must_not_name_what_is_missing(store: Store) -> None:
    content = manifest(store, "one")
    blobs.remove(store, sha256(b"one"))
    with pytest.raises(blobs.Missing):
        layout.put_manifest(store, content, tag="latest")
    assert layout.manifests(store) == []


def test_a_durable_manifest_is_put_like_any_other(store: Store) -> None:
    digest = layout.put_manifest(store, manifest(store, "one"), annotations={"a": "b"}, durable=True)
    (entry,) = layout.manifests(store)
    assert (entry.digest, entry.annotations) == (digest, {"a": "b"})


def test_writers_at_once_lose_nothing(store: Store) -> None:
    def work(start: int) -> None:
        for number in range(start, start + 10):
            put(store, str(number), f"tag-{number}")

    threads = [threading.Thread(target=work, args=(start,)) for start in (0, 10, 20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(layout.tags(store)) == {f"tag-{number}" for number in range(30)}


@pytest.mark.parametrize("content", [b"", b"[]", b'{"manifests":[1]}', b'{"manifests":[{"digest":"x"}]}'])
def test_a_damaged_index_is_our_fault(store: Store, content: bytes) -> None:
    (store.root / "index.json").write_bytes(content)
    with pytest.raises(Infrastructure, match="damaged"):
        layout.tags(store)


@pytest.mark.parametrize(
    "body",
    [
        {"layers": [{"digest": "sha256:../../x", "size": 1}]},
        {"layers": [{"digest": "sha256:" + "A" * 64, "size": 1}]},
        {"layers": [{"digest": sha256(b""), "size": -1}]},
        {"layers": [{"digest": sha256(b""), "size": True}]},
        {"layers": [{"digest": sha256(b"")}]},
        {"layers": "text"},
        {"config": []},
        {"manifests": {"digest": 1}},
    ],
)
def test_bad_descriptors_are_refused(body: dict[str, Any]) -> None:
    with pytest.raises(BadInput, match="the file"):
        layout.described(body, "the file")
