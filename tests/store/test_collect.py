"""Collection: what something names stays, all else goes, and never under a run's feet."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.errors import BadInput
from seatrial.store import blobs, collect, layout, trees
from seatrial.store.store import Store, using
from tests.store.contents import fill, sha256, sparse
from tests.store.test_layout import put


def everything(store: Store) -> set[str]:
    return {f"sha256:{path.name}" for path in (store.root / "blobs" / "sha256").iterdir()}


def test_roots_keep_what_they_name(store: Store, tmp_path: Path) -> None:
    tree = trees.ingest(store, fill(tmp_path / "in", {"a": b"1", "b": b"2"}))
    root, single = trees.save(store, tree), blobs.add_bytes(store, b"single")
    blobs.add_bytes(store, b"nobody's")
    removed = collect.collect(store, [root, single], older_than_seconds=0)
    assert removed == collect.Usage(1, len(b"nobody's"))
    assert everything(store) == {root, single, *(entry.digest for entry in tree)}


def test_tagged_manifests_and_referrers_are_kept(store: Store) -> None:
    package = put(store, "model", "latest")
    verdict = put(store, "verdict", subject=package)
    signature = put(store, "signature", subject=verdict)
    old = put(store, "old")
    lost = put(store, "of the old", subject=old)
    collect.collect(store, [], older_than_seconds=0)
    assert {entry.digest for entry in layout.manifests(store)} == {package, verdict, signature}
    assert everything(store) & {old, lost, sha256(b"old")} == set()
    assert everything(store) >= {sha256(b"model"), sha256(b"verdict"), sha256(b"signature"), sha256(b"{}")}


def test_an_untagged_package_is_kept_by_its_root(store: Store) -> None:
    package = put(store, "model")
    collect.collect(store, [package], older_than_seconds=0)
    assert layout.resolve(store, package) == package
    assert blobs.has(store, sha256(b"model"))


def test_young_blobs_stay(store: Store) -> None:
    digest = blobs.add_bytes(store, b"young")
    assert collect.collect(store, []) == collect.Usage(0, 0)
    assert blobs.has(store, digest)


def test_nothing_is_collected_during_a_run(store: Store) -> None:
    with using(store), using(store), pytest.raises(BadInput, match="a run is using"):
        collect.collect(store, [], older_than_seconds=0)
    collect.collect(store, [], older_than_seconds=0)


def test_a_root_that_is_gone_or_no_json_is_no_trouble(store: Store) -> None:
    odd = [blobs.add_bytes(store, content) for content in (b"{", b"{}", b'{"layers": 7}', b"[1]")]
    collect.collect(store, [*odd, sha256(b"gone")], older_than_seconds=0)
    assert everything(store) == set(odd)


def test_large_blobs_are_forgotten_with_their_memory(store: Store, tmp_path: Path) -> None:
    digest = blobs.add(store, sparse(tmp_path / "big", blobs.LARGE), move=True)
    assert collect.collect(store, [], older_than_seconds=0).bytes == blobs.LARGE
    assert not blobs.has(store, digest)
    assert store.journal.database.rows("SELECT * FROM file") == []


def test_exports_without_their_tree_are_forgotten(store: Store) -> None:
    kept = trees.save(store, ())
    for source, tree in (("git:1", kept), ("git:2", sha256(b"gone"))):
        store.journal.database.rows("INSERT INTO export(source, tree) VALUES (?, ?)", (source, tree))
    collect.collect(store, [kept], older_than_seconds=0)
    assert store.journal.database.rows("SELECT source FROM export") == [("git:1",)]


def test_debris_of_the_dead_goes(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(store.root / "partial" / "export.1", {"a/b": b""})
    collect.collect(store, [])
    assert list((store.root / "partial").iterdir())
    now = collect.clock.now()
    monkeypatch.setattr(collect.clock, "now", lambda: now + 2 * 86_400)
    collect.collect(store, [])
    assert list((store.root / "partial").iterdir()) == []


def test_usage_counts_bytes(store: Store) -> None:
    blobs.add_bytes(store, b"123")
    blobs.add_bytes(store, b"12345")
    assert collect.usage(store) == collect.Usage(2, 8)


def test_verifying_finds_and_removes_what_is_damaged(store: Store) -> None:
    good, bad = blobs.add_bytes(store, b"good"), blobs.add_bytes(store, b"bad!")
    blobs.path(store, bad).chmod(0o644)
    blobs.path(store, bad).write_bytes(b"BAD!")
    assert collect.verify(store) == [bad]
    assert everything(store) == {good}
    assert collect.verify(store) == []
