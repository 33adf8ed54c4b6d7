from __future__ import annotations

import json
import os
import pickle
from pathlib import Path

import pytest

from seatrial.errors import BadInput
from seatrial.package import manifest, provenance
from seatrial.package.build import build, model_files
from seatrial.package.contents import PackageContents
from seatrial.package.read import Damaged, require_whole
from seatrial.package.verify import verify
from seatrial.store import blobs, layout, trees
from seatrial.store.store import Store


def package(store: Store, folder: Path, files: dict[str, bytes]) -> str:
    for name, content in files.items():
        (folder / "model").mkdir(parents=True, exist_ok=True)
        (folder / "model" / name).write_bytes(content)
    tree = trees.ingest(store, folder)
    return build(store, PackageContents("model", model_files(tree, "model")))


def test_an_intact_package_is_clean(store: Store, tmp_path: Path) -> None:
    digest = package(store, tmp_path / "f", {"a.onnx": b"1", "b.pkl": pickle.dumps([1, 2])})
    assert verify(store, digest) == ((), ())


@pytest.mark.parametrize("damage", ["flip", "remove", "truncate", "pipe", "folder"])
def test_damage_anywhere_is_found(store: Store, tmp_path: Path, damage: str) -> None:
    digest = package(store, tmp_path / "f", {"a.onnx": b"123"})
    body = layout.parse(blobs.read(store, digest), digest)
    for part in [digest, *layout.names(body)]:
        path = blobs.path(store, part)
        content = path.read_bytes()
        path.chmod(0o644)
        if damage in ("remove", "pipe", "folder"):
            path.unlink()
            if damage == "pipe":
                os.mkfifo(path)
            elif damage == "folder":
                path.mkdir()
        else:
            path.write_bytes(content[:-1] if damage == "truncate" else bytes([content[0] ^ 1]) + content[1:])
        assert len(verify(store, digest).problems) == 1
        path.unlink(missing_ok=True)
        path.write_bytes(content)
    assert verify(store, digest).problems == ()


@pytest.mark.parametrize("part", ["the referrer", "the statement"])
def test_damage_of_what_is_said_about_it_is_found(store: Store, tmp_path: Path, part: str) -> None:
    digest = package(store, tmp_path / "f", {"a.onnx": b"123"})
    statement = provenance.test_result(digest, "shop", {"verdict": "fail", "reason": "x", "gates": []}, ())
    referrer = provenance.attach(store, statement)
    assert verify(store, digest).problems == ()
    body = layout.parse(blobs.read(store, referrer), referrer)
    damaged = blobs.path(store, referrer if part == "the referrer" else body["layers"][0]["digest"])
    content = damaged.read_bytes()
    damaged.chmod(0o644)
    damaged.write_bytes(content.replace(b"fail", b"pass") if part == "the statement" else content[:-1])
    assert verify(store, digest).problems == (f"what is said about it in {referrer} is missing or damaged",)


def test_the_damaged_file_is_named(store: Store, tmp_path: Path) -> None:
    digest = package(store, tmp_path / "f", {"a.onnx": b"123", "b.onnx": b"456"})
    blobs.remove(store, "sha256:" + "b3a8e0e1f9ab1bfe3a36f231f676f78bb30a519d2b21e6c530c0eee8ebb4a5d0")  # 456
    assert verify(store, digest).problems == ("model/b.onnx is missing or damaged",)


def test_a_config_that_lists_other_layers_is_found(store: Store, tmp_path: Path) -> None:
    digest = package(store, tmp_path / "f", {"a.onnx": b"123"})
    body = json.loads(blobs.read(store, digest))
    config = json.loads(blobs.read(store, body["config"]["digest"]))
    config["modelfs"]["diffIds"].reverse()
    body["config"]["digest"] = blobs.add_bytes(store, json.dumps(config).encode())
    changed = blobs.add_bytes(store, json.dumps(body).encode())
    assert verify(store, changed).problems == (
        "the config of the package lists other layers than its manifest",
    )


def test_a_wrong_size_is_found(store: Store, tmp_path: Path) -> None:
    digest = package(store, tmp_path / "f", {"a.onnx": b"123"})
    body = json.loads(blobs.read(store, digest))
    body["layers"][0]["size"] = 4
    changed = blobs.add_bytes(store, json.dumps(body).encode())
    assert verify(store, changed).problems == ("model/a.onnx has another size than the manifest says",)
    with pytest.raises(Damaged, match=r"of another size than it says is model/a\.onnx"):
        require_whole(store, changed)


def test_a_name_that_leaves_the_folder_is_found(store: Store, tmp_path: Path) -> None:
    digest = package(store, tmp_path / "f", {"a.onnx": b"123"})
    body = json.loads(blobs.read(store, digest))
    body["layers"][0]["annotations"][manifest.FILE_PATH] = "../../a.onnx"
    changed = blobs.add_bytes(store, json.dumps(body).encode())
    (problem,) = verify(store, changed).problems
    assert "'../../a.onnx' cannot stand in a package" in problem
    with pytest.raises(BadInput, match="cannot stand in a package"):
        require_whole(store, changed)


def test_a_pickle_that_runs_code_is_a_warning(store: Store, tmp_path: Path) -> None:
    class Bad:
        def __reduce__(self) -> object:
            return os.system, ("true",)

    files = {"a.pkl": pickle.dumps(Bad()), "b.joblib": b"no pickle"}
    digest = package(store, tmp_path / "f", files)
    found = verify(store, digest)
    assert found.problems == ()
    assert found.warnings[0] == "model/a.pkl is a pickle, and loading it runs posix.system"
    assert found.warnings[1].startswith("model/b.joblib is a pickle that cannot be followed")


def test_what_is_not_there_is_a_problem(store: Store) -> None:
    assert verify(store, "sha256:" + "0" * 64).problems == (
        f"the manifest sha256:{'0' * 64} is missing or damaged",
    )
