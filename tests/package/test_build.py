from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from seatrial.errors import BadInput
from seatrial.package.build import build, code_files, model_files
from seatrial.package.contents import PackageContents, PackagedPython
from seatrial.package.read import read, show, tree_of, unpack
from seatrial.package.verify import verify
from seatrial.store import blobs, layout, trees
from seatrial.store.store import Store
from tests.conftest import requires
from tests.parts import path_of


def contents_of(store: Store, folder: Path) -> PackageContents:
    """A model of three files and two files of code, one of them a link."""
    for name, text in {
        "model/weights.onnx": "w" * 1000,
        "model/config.json": "{}",
        "model/README.md": "# a model",
        "serve.py": "print()",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / "serve.py").chmod(0o755)
    (folder / "predict.py").symlink_to("serve.py")
    tree = trees.ingest(store, folder)
    return PackageContents(
        "model",
        (*model_files(tree, "model"), *code_files(tree, ["*.py"])),
        PackagedPython("3.11.2", "numpy\n", ("numpy==2.3.1",)),
        serve="./serve.py",
    )


@pytest.fixture
def contents(store: Store, tmp_path: Path) -> PackageContents:
    return contents_of(store, tmp_path / "files")


def test_what_is_built_is_read_and_unpacked(store: Store, contents: PackageContents, tmp_path: Path) -> None:
    digest = build(store, contents, name="shop/model")
    found = unpack(store, digest, tmp_path / "unpacked")
    assert found == read(store, digest)
    assert tree_of(found) == tree_of(contents)
    assert [(file.path, file.kind) for file in found.files] == [
        ("model/weights.onnx", "weight"),
        ("model/config.json", "weight.config"),
        ("model/README.md", "doc"),
        ("predict.py", "code"),
        ("serve.py", "code"),
    ]
    assert (tmp_path / "unpacked/model/weights.onnx").read_text() == "w" * 1000
    assert os.access(tmp_path / "unpacked/serve.py", os.X_OK)
    assert not (tmp_path / "unpacked/predict.py").is_symlink(), "a link becomes the file that it leads to"
    assert (tmp_path / "unpacked/predict.py").read_text() == "print()"


def test_names_lead_to_the_newest_and_to_each(store: Store, contents: PackageContents) -> None:
    first = build(store, contents, name="shop/model")
    second = build(store, contents._replace(serve="other"), name="shop/model")
    assert first != second
    assert layout.resolve(store, "shop/model") == second
    assert layout.resolve(store, f"shop/model@{first[7:19]}") == first
    assert layout.resolve(store, first) == layout.resolve(store, first[7:15]) == first
    with pytest.raises(BadInput, match="no package"):
        layout.resolve(store, "shop/other")


def test_building_again_changes_nothing(store: Store, contents: PackageContents) -> None:
    digest = build(store, contents, name="shop/model")
    before = (store.root / "index.json").read_bytes()
    assert build(store, contents, name="shop/model") == digest
    assert (store.root / "index.json").read_bytes() == before


def test_what_is_told_of_a_package(store: Store, contents: PackageContents) -> None:
    digest = build(store, contents, name="shop/model")
    told = show(store, digest)
    assert told["names"] == ["shop/model", f"shop/model@{digest[7:19]}"]
    assert told["size"] == 1000 + 2 + 9 + 7 + 7
    assert told["python"] == {"version": "3.11.2", "requirements": "numpy\n", "packages": ("numpy==2.3.1",)}
    assert told["referrers"] == []


def test_a_link_that_leads_nowhere_is_refused(store: Store, tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    (tmp_path / "m/a").symlink_to("b")
    (tmp_path / "m/b").symlink_to("a")
    tree = (trees.Entry("m/a", trees.LINK, "b", 0), trees.Entry("m/b", trees.LINK, "a", 0))
    with pytest.raises(BadInput, match="leads to no file"):
        model_files(tree, "m")
    with pytest.raises(BadInput, match="leads to no file"):
        model_files((trees.Entry("m/a", trees.LINK, "../../etc/passwd", 0),), "m")
    with pytest.raises(BadInput, match="no model"):
        model_files(tree, "n")


def test_a_package_is_not_built_without_its_files(store: Store, contents: PackageContents) -> None:
    blobs.remove(store, contents.files[0].digest)
    with pytest.raises(blobs.Missing):
        build(store, contents, name="shop/model")
    assert layout.manifests(store) == []


def test_an_image_or_an_index_is_no_package(store: Store) -> None:
    text = b'{"schemaVersion": 2, "config": {"digest": "sha256:%s", "size": 2}, "layers": []}'
    digest = blobs.add_bytes(store, text % (b"0" * 64))
    with pytest.raises(BadInput):
        read(store, digest)


def test_two_builds_at_once_make_one_package(store: Store, contents: PackageContents) -> None:
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda: found.append(build(store, contents, name="shop/model")))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert len(found) == 4
    assert len(layout.tags(store)) == 2
    assert verify(store, found[0]) == ((), ())


_BUILD_FOR_EVER = """
import sys
from pathlib import Path
from seatrial.journal.journal import open_journal
from seatrial.package.build import build
from seatrial.store.store import open_store
from tests.package.test_build import contents_of
home = Path(sys.argv[1])
store = open_store(home, open_journal(home))
contents = contents_of(store, Path(sys.argv[2]))
print("ready", flush=True)
for number in range(10**9):
    build(store, contents._replace(serve=f"serve {number}"), name="shop/model")
    print(number, flush=True)
"""


@pytest.mark.slow
def test_a_killed_build_leaves_whole_packages_alone(store: Store, home: Path, tmp_path: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", _BUILD_FOR_EVER, str(home), str(tmp_path / "files")],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert child.stdout is not None
    try:
        for _ in range(5):
            child.stdout.readline()
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
    found = layout.tags(store)
    assert len(found) >= 4
    assert all(verify(store, digest).problems == () for digest in found.values())
    assert all(verify(store, entry.digest).problems == () for entry in layout.manifests(store))


@pytest.mark.slow
def test_the_tools_of_others_read_what_we_export(
    store: Store, contents: PackageContents, tmp_path: Path
) -> None:
    """oras reads the layout, and checks size and digest of every blob that it copies."""
    requires("oras")
    from seatrial.store.export import export_layout

    digest = build(store, contents, name="shop/model")
    export_layout(store, digest, tmp_path / "exported")
    target = f"{tmp_path / 'copied'}:model"
    source = f"{tmp_path / 'exported'}@{digest}"
    copy = [path_of("oras"), "cp", "--from-oci-layout", source, "--to-oci-layout", target]
    subprocess.run(copy, check=True, capture_output=True)
    weights = next(file.digest for file in contents.files if file.path.endswith(".onnx"))
    copied = tmp_path / "copied/blobs/sha256" / weights.removeprefix("sha256:")
    assert copied.read_text() == "w" * 1000
