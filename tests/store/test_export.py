"""Packages on their way out: whole, with what is said about them, and nothing else."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

import pytest

from seatrial.errors import BadInput
from seatrial.store import blobs, export, layout
from seatrial.store.store import Store
from tests.store.contents import sha256
from tests.store.test_layout import put


def files_of(written: Path) -> dict[str, bytes]:
    """The files of an image layout, a folder or a tar."""
    if written.is_dir():
        files = (one for one in written.rglob("*") if one.is_file())
        return {one.relative_to(written).as_posix(): one.read_bytes() for one in files}
    with tarfile.open(written) as tar:
        return {name: tar.extractfile(name).read() for name in tar.getnames()}  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ["package", "package.tar"])
def test_a_package_leaves_with_its_referrers(store: Store, tmp_path: Path, name: str) -> None:
    package = put(store, "model", "reviews:1")
    verdict = put(store, "verdict", subject=package)
    put(store, "another", "reviews:2")
    export.export_layout(store, package, tmp_path / name)
    files = files_of(tmp_path / name)
    assert json.loads(files.pop("oci-layout")) == {"imageLayoutVersion": "1.0.0"}
    listed = layout.from_json(files.pop("index.json"))
    assert [(one.digest, one.tag) for one in listed] == [(package, "reviews:1"), (verdict, "")]
    contents = {f"sha256:{path.removeprefix('blobs/sha256/')}": content for path, content in files.items()}
    assert all(sha256(content) == digest for digest, content in contents.items())
    mine = {package, verdict, sha256(b"{}"), sha256(b"model"), sha256(b"verdict")}
    assert contents.keys() == mine, "and nothing of another package"


def test_an_index_brings_its_manifests(store: Store, tmp_path: Path) -> None:
    inner = put(store, "model")
    size = blobs.size(store, inner)
    listed = [{"mediaType": layout.MANIFEST, "digest": inner, "size": size}]
    body = {"schemaVersion": 2, "mediaType": layout.INDEX, "manifests": listed}
    index = layout.put_manifest(store, json.dumps(body).encode(), layout.INDEX, tag="all")
    export.export_layout(store, index, tmp_path / "x.tar")
    held = files_of(tmp_path / "x.tar")
    assert {export.blob_name(one) for one in (index, inner, sha256(b"model"))} <= held.keys()


@pytest.mark.parametrize("name", ["model.zip", "model.tar.gz", "model.TGZ", "-"])
def test_a_form_that_packages_are_not_written_in_is_refused(store: Store, tmp_path: Path, name: str) -> None:
    package = put(store, "model", "reviews:1")
    with pytest.raises(BadInput, match="is not a form that packages are written in"):
        export.export_layout(store, package, tmp_path / name)
    assert not (tmp_path / name).exists()


def test_a_tar_may_be_said_in_capitals(store: Store, tmp_path: Path) -> None:
    export.export_layout(store, put(store, "model", "reviews:1"), tmp_path / "model.TAR")
    assert tarfile.is_tarfile(tmp_path / "model.TAR")


@pytest.mark.parametrize("name", ["package", "package.tar"])
def test_the_same_package_gives_the_same_bytes(store: Store, tmp_path: Path, name: str) -> None:
    package = put(store, "model", "a")
    put(store, "two", subject=package)
    for number in ("1", "2"):
        (tmp_path / number).mkdir()
        export.export_layout(store, package, tmp_path / number / name)

    def content(path: Path) -> list[tuple[str, bytes]]:
        files = [path] if path.is_file() else sorted(one for one in path.rglob("*") if one.is_file())
        return [(one.relative_to(path.parent).as_posix(), one.read_bytes()) for one in files]

    assert content(tmp_path / "1" / name) == content(tmp_path / "2" / name)


def test_nothing_is_overwritten(store: Store, tmp_path: Path) -> None:
    package = put(store, "model")
    (tmp_path / "x.tar").write_bytes(b"precious")
    with pytest.raises(BadInput, match="there already"):
        export.export_layout(store, package, tmp_path / "x.tar")
    assert (tmp_path / "x.tar").read_bytes() == b"precious"


@pytest.mark.parametrize("name", ["package", "package.tar"])
@pytest.mark.parametrize("damage", [b"MODEL", b"mod"])
def test_a_damaged_package_is_not_exported(store: Store, tmp_path: Path, name: str, damage: bytes) -> None:
    package = put(store, "model")
    blobs.path(store, sha256(b"model")).chmod(0o644)
    blobs.path(store, sha256(b"model")).write_bytes(damage)
    before = set(tmp_path.iterdir())
    with pytest.raises(blobs.Missing):
        export.export_layout(store, package, tmp_path / name)
    assert set(tmp_path.iterdir()) == before


@pytest.mark.parametrize("name", ["package", "package.tar"])
def test_a_content_stays_where_it_is_the_manifest_that_is_wrong(
    store: Store, tmp_path: Path, name: str
) -> None:
    good = put(store, "model", "good")
    body = json.loads(blobs.read(store, good))
    body["layers"][0]["size"] += 1
    wrong = layout.put_manifest(store, json.dumps(body).encode(), tag="wrong")
    with pytest.raises(blobs.Missing):
        export.export_layout(store, wrong, tmp_path / name)
    assert not (tmp_path / name).exists()
    export.export_layout(store, good, tmp_path / name)


def test_a_manifest_that_refers_to_itself_leaves_once(store: Store, tmp_path: Path) -> None:
    package = put(store, "model")
    [entry] = layout.manifests(store)
    circle = entry._replace(annotations={layout.SUBJECT: package})
    (store.root / "index.json").write_bytes(layout.to_json([circle]))
    export.export_layout(store, package, tmp_path / "package")
    assert layout.from_json((tmp_path / "package" / "index.json").read_bytes()) == [circle]


@pytest.mark.parametrize("name", ["nowhere/out.tar", "a file/out.tar", "a file/out"])
def test_a_place_that_cannot_be_written_is_whoever_named_it_s_to_change(
    store: Store, tmp_path: Path, name: str
) -> None:
    (tmp_path / "a file").touch()
    package = put(store, "model", "reviews:1")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(BadInput, match="cannot write") as caught:
        export.export_layout(store, package, tmp_path / name)
    assert "a folder that is there" in caught.value.hint
    assert sorted(tmp_path.iterdir()) == before
