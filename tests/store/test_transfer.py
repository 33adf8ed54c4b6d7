"""Packages out and in, and archives that nobody honest would make."""

from __future__ import annotations

import io
import json
import os
import tarfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seatrial.errors import BadInput
from seatrial.journal.journal import open_journal
from seatrial.store import blobs, collect, layout, transfer
from seatrial.store.store import Store, open_store
from tests.properties import examples
from tests.store.contents import sha256
from tests.store.test_layout import put

LAYOUT = b'{"imageLayoutVersion":"1.0.0"}'
Files = dict[str, bytes]


@pytest.fixture
def other(tmp_path: Path) -> Store:
    home = tmp_path / "other"
    home.mkdir()
    return open_store(home, open_journal(home))


@pytest.mark.parametrize("name", ["package", "package.tar"])
def test_a_package_arrives_with_its_referrers(store: Store, other: Store, tmp_path: Path, name: str) -> None:
    package = put(store, "model", "reviews:1")
    verdict = put(store, "verdict", subject=package)
    put(store, "another", "reviews:2")
    transfer.export_layout(store, package, tmp_path / name)
    assert transfer.import_layout(other, tmp_path / name) == [package]
    assert layout.tags(other) == {"reviews:1": package}
    assert [entry.digest for entry in layout.referrers(other, package)] == [verdict]
    assert blobs.read(other, sha256(b"model")) == b"model"
    assert not blobs.has(other, sha256(b"another"))


@pytest.mark.parametrize("name", ["model.zip", "model.tar.gz", "model.TGZ", "-"])
def test_a_form_that_packages_are_not_written_in_is_refused(store: Store, tmp_path: Path, name: str) -> None:
    package = put(store, "model", "reviews:1")
    with pytest.raises(BadInput, match="is not a form that packages are written in"):
        transfer.export_layout(store, package, tmp_path / name)
    assert not (tmp_path / name).exists()


def test_a_tar_may_be_said_in_capitals(store: Store, tmp_path: Path) -> None:
    transfer.export_layout(store, put(store, "model", "reviews:1"), tmp_path / "model.TAR")
    assert tarfile.is_tarfile(tmp_path / "model.TAR")


def test_an_index_brings_its_manifests(store: Store, other: Store, tmp_path: Path) -> None:
    inner = put(store, "model")
    size = blobs.size(store, inner)
    listed = [{"mediaType": layout.MANIFEST, "digest": inner, "size": size}]
    body = {"schemaVersion": 2, "mediaType": layout.INDEX, "manifests": listed}
    index = layout.put_manifest(store, json.dumps(body).encode(), layout.INDEX, tag="all")
    transfer.export_layout(store, index, tmp_path / "x.tar")
    assert transfer.import_layout(other, tmp_path / "x.tar") == [index]
    assert blobs.read(other, sha256(b"model")) == b"model"


@pytest.mark.parametrize("name", ["package", "package.tar"])
def test_the_same_package_gives_the_same_bytes(store: Store, tmp_path: Path, name: str) -> None:
    package = put(store, "model", "a")
    put(store, "two", subject=package)
    for number in ("1", "2"):
        (tmp_path / number).mkdir()
        transfer.export_layout(store, package, tmp_path / number / name)

    def content(path: Path) -> list[tuple[str, bytes]]:
        files = [path] if path.is_file() else sorted(one for one in path.rglob("*") if one.is_file())
        return [(one.relative_to(path.parent).as_posix(), one.read_bytes()) for one in files]

    assert content(tmp_path / "1" / name) == content(tmp_path / "2" / name)


def test_nothing_is_overwritten(store: Store, tmp_path: Path) -> None:
    package = put(store, "model")
    (tmp_path / "x.tar").write_bytes(b"precious")
    with pytest.raises(BadInput, match="there already"):
        transfer.export_layout(store, package, tmp_path / "x.tar")
    assert (tmp_path / "x.tar").read_bytes() == b"precious"


@pytest.mark.parametrize("name", ["package", "package.tar"])
@pytest.mark.parametrize("damage", [b"MODEL", b"mod"])
def test_a_damaged_package_is_not_exported(store: Store, tmp_path: Path, name: str, damage: bytes) -> None:
    package = put(store, "model")
    blobs.path(store, sha256(b"model")).chmod(0o644)
    blobs.path(store, sha256(b"model")).write_bytes(damage)
    before = set(tmp_path.iterdir())
    with pytest.raises(blobs.Missing):
        transfer.export_layout(store, package, tmp_path / name)
    assert set(tmp_path.iterdir()) == before


def package_files(change: Callable[[dict[str, Any], Files], None] | None = None) -> Files:
    """The files of a good layout with one manifest, after `change` has been at the manifest and the files."""
    files: Files = {"oci-layout": LAYOUT}
    manifest: dict[str, Any] = {"schemaVersion": 2, "mediaType": layout.MANIFEST}
    for key, content in (("config", b"{}"), ("layer", b"model")):
        files[f"blobs/sha256/{sha256(content)[7:]}"] = content
        manifest[key] = {"mediaType": "x", "digest": sha256(content), "size": len(content)}
    manifest["layers"] = [manifest.pop("layer")]
    if change:
        change(manifest, files)
    content = json.dumps(manifest).encode()
    files[f"blobs/sha256/{sha256(content)[7:]}"] = content
    entry = {"mediaType": layout.MANIFEST, "digest": sha256(content), "size": len(content)}
    files.setdefault("index.json", json.dumps({"schemaVersion": 2, "manifests": [entry]}).encode())
    return files


def as_folder(files: Files, folder: Path) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def as_tar(files: Files, path: Path, *odd: tarfile.TarInfo) -> Path:
    with tarfile.open(path, "w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
        for member in odd:
            tar.addfile(member, io.BytesIO(bytes(member.size)))
    return path


def refuse(store: Store, path: Path, match: str | None = None) -> None:
    with pytest.raises(BadInput, match=match):
        transfer.import_layout(store, path)
    assert layout.manifests(store) == []
    assert list((store.root / "partial").iterdir()) == []
    assert collect.verify(store) == []


def test_a_layout_made_by_others_is_taken(store: Store, other: Store, tmp_path: Path) -> None:
    (digest,) = transfer.import_layout(store, as_folder(package_files(), tmp_path / "folder"))
    folder = tarfile.TarInfo("./blobs/sha256/")
    folder.type = tarfile.DIRTYPE
    files = {f"./{name}": content for name, content in package_files().items()}
    path = as_tar({**files, "manifest.json": b"[]"}, tmp_path / "x.tar", folder)
    assert transfer.import_layout(other, path) == [digest]


def bad_layer(**wrong: Any) -> Callable[[dict[str, Any], Files], None]:
    def change(manifest: dict[str, Any], files: Files) -> None:
        manifest["layers"][0].update(wrong)

    return change


def other_content(manifest: dict[str, Any], files: Files) -> None:
    files[f"blobs/sha256/{sha256(b'model')[7:]}"] = b"MODEL"


def without_layer(manifest: dict[str, Any], files: Files) -> None:
    del files[f"blobs/sha256/{sha256(b'model')[7:]}"]


def too_long(manifest: dict[str, Any], files: Files) -> None:
    manifest["annotations"] = {"x": "y" * (5 << 20)}


CHANGES = {
    "another content": other_content,
    "a missing layer": without_layer,
    "a path for a digest": bad_layer(digest="sha256:../../../../etc/passwd"),
    "another algorithm": bad_layer(digest="sha512:" + "0" * 128),
    "too small a size": bad_layer(size=4),
    "too large a size": bad_layer(size=1 << 50),
    "no size": bad_layer(size=None),
    "a long manifest": too_long,
}


@pytest.mark.parametrize("pack", [as_folder, as_tar])
@pytest.mark.parametrize("name", CHANGES)
def test_a_dishonest_manifest_is_refused(
    store: Store, tmp_path: Path, name: str, pack: Callable[[Files, Path], Path]
) -> None:
    refuse(store, pack(package_files(CHANGES[name]), tmp_path / "x.tar"))


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"oci-layout": LAYOUT},
        {"oci-layout": b"{}"},
        {"oci-layout": b"[" * 100_000},
        {**package_files(), "oci-layout": b'{"imageLayoutVersion":"2"}'},
        {**package_files(), "index.json": b""},
        {**package_files(), "index.json": b'{"manifests":[{"annotations":{"a":1}}]}'},
        {**package_files(), "index.json": b'{"manifests":7}'},
    ],
)
@pytest.mark.parametrize("pack", [as_folder, as_tar])
def test_what_is_no_layout_is_refused(
    store: Store, tmp_path: Path, files: Files, pack: Callable[[Files, Path], Path]
) -> None:
    if pack is as_folder:
        (tmp_path / "x.tar").mkdir()
    refuse(store, pack(files, tmp_path / "x.tar"))


def odd(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, link
    return member


@pytest.mark.parametrize(
    "member",
    [
        odd("../evil"),
        odd("/etc/cron.d/evil"),
        odd("blobs/sha256/../../../evil"),
        odd("blobs/sha256/short"),
        odd("index.json"),
        odd("evil", tarfile.SYMTYPE, "/etc"),
        odd("blobs", tarfile.SYMTYPE, "/etc"),
        odd("blobs/sha256/" + "a" * 64, tarfile.LNKTYPE, "index.json"),
        odd("device", tarfile.CHRTYPE),
        odd("fifo", tarfile.FIFOTYPE),
        odd("other/", tarfile.DIRTYPE),
    ],
    ids=lambda member: f"{member.name} {member.type!r}",
)
def test_odd_members_are_refused(store: Store, tmp_path: Path, member: tarfile.TarInfo) -> None:
    refuse(store, as_tar(package_files(), tmp_path / "x.tar", member))


def test_a_compressed_bomb_is_not_even_opened(store: Store, tmp_path: Path) -> None:
    plain = as_tar(package_files(), tmp_path / "x.tar")
    with tarfile.open(tmp_path / "x.tar.gz", "w:gz") as tar:
        tar.add(plain, "index.json")
    refuse(store, tmp_path / "x.tar.gz", "not a whole tar")


def test_links_in_a_folder_are_refused(store: Store, tmp_path: Path) -> None:
    real = as_folder(package_files(), tmp_path / "real")
    linked = tmp_path / "linked"
    linked.mkdir()
    for name in ("oci-layout", "index.json", "blobs"):
        (linked / name).symlink_to(real / name)
    refuse(store, linked, "link")
    (linked / "blobs").unlink()
    as_folder({name: content for name, content in package_files().items() if "blobs" in name}, linked)
    refuse(store, linked)


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_what_is_no_plain_file_in_a_folder_is_refused(
    store: Store, tmp_path: Path, make: Callable[[Path], None]
) -> None:
    folder = as_folder(package_files(), tmp_path / "x")
    (folder / "index.json").unlink()
    make(folder / "index.json")  # opening a fifo the plain way would wait for a writer
    refuse(store, folder, "not a plain file")


def test_nested_too_deep_is_refused(store: Store, tmp_path: Path) -> None:
    files: Files = {"oci-layout": LAYOUT}
    inner = json.dumps({"manifests": []}).encode()
    for _ in range(10):
        files[f"blobs/sha256/{sha256(inner)[7:]}"] = inner
        entry = {"mediaType": layout.INDEX, "digest": sha256(inner), "size": len(inner)}
        inner = json.dumps({"manifests": [entry]}).encode()
    refuse(store, as_folder({**files, "index.json": inner}, tmp_path / "x"), "deep")


def test_a_missing_archive_is_said(store: Store, tmp_path: Path) -> None:
    refuse(store, tmp_path / "absent.tar", "there is no")


@settings(examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_a_tar_with_flipped_bytes_is_taken_whole_or_refused(
    store: Store, tmp_path: Path, data: st.DataObject
) -> None:
    content = bytearray(as_tar(package_files(), tmp_path / "good.tar").read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    (tmp_path / "bad.tar").write_bytes(content[: data.draw(st.integers(0, len(content)))])
    with suppress(BadInput):
        transfer.import_layout(store, tmp_path / "bad.tar")
    assert collect.verify(store) == []


@pytest.mark.parametrize("name", ["nowhere/out.tar", "a file/out.tar", "a file/out"])
def test_a_place_that_cannot_be_written_is_whoever_named_it_s_to_change(
    store: Store, tmp_path: Path, name: str
) -> None:
    (tmp_path / "a file").touch()
    package = put(store, "model", "reviews:1")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(BadInput, match="cannot write") as caught:
        transfer.export_layout(store, package, tmp_path / name)
    assert "a folder that is there" in caught.value.hint
    assert sorted(tmp_path.iterdir()) == before
