"""Trees: a folder goes into the store and comes out of it the same."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seatrial.errors import BadInput
from seatrial.store import blobs, trees
from seatrial.store.store import Store
from seatrial.store.trees import EXECUTABLE, FILE, LINK, Entry
from tests.properties import examples
from tests.store.contents import fill, sha256

A = Entry("a", FILE, sha256(b"a"), 1)
B = Entry("b/c", FILE, sha256(b"c"), 1)
HOSTILE = ["-rf", "--help", "a b", "new\nline", "tab\t", "ünï", "'\"$(x)`", "*", "[", "back\\slash", "~", "#"]


def listing(folder: Path) -> dict[str, bytes | str]:
    return {
        path.relative_to(folder).as_posix(): str(path.readlink()) if path.is_symlink() else path.read_bytes()
        for path in folder.rglob("*")
        if path.is_symlink() or path.is_file()
    }


def test_a_folder_comes_back_the_same(store: Store, tmp_path: Path) -> None:
    folder = fill(tmp_path / "in", {name: name.encode() for name in HOSTILE})
    fill(folder, {"deep/er/file": b"x", "empty": b"", "program": b"#!/bin/sh\n"})
    (folder / "program").chmod(0o755)
    (folder / "deep" / "link").symlink_to("../empty")
    (folder / "dangling").symlink_to("nowhere")
    tree = trees.ingest(store, folder)
    trees.materialise(store, tree, tmp_path / "out")
    assert listing(tmp_path / "out") == listing(folder)
    assert os.access(tmp_path / "out" / "program", os.X_OK)
    assert trees.ingest(store, tmp_path / "out") == tree
    assert trees.load(store, trees.save(store, tree)) == tree


def test_what_a_tree_says(store: Store, tmp_path: Path) -> None:
    folder = fill(tmp_path, {"z": b"", "b/x": b"abc", "b.txt": b"1"})
    (folder / "z").chmod(0o700)
    (folder / "l").symlink_to("z")
    (folder / "nothing").mkdir()
    tree = trees.ingest(store, folder, ["z", "b", "b.txt", "l"])
    assert tree == (
        Entry("b.txt", FILE, sha256(b"1"), 1),
        Entry("b/x", FILE, sha256(b"abc"), 3),
        Entry("l", LINK, "z", 0),
        Entry("z", EXECUTABLE, sha256(b""), 0),
    )


def test_names_that_are_no_utf8_are_kept(store: Store, tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/in/\xff\xfe"
    (tmp_path / "in").mkdir()
    Path(os.fsdecode(name)).write_bytes(b"x")
    tree = trees.ingest(store, tmp_path / "in")
    assert trees.load(store, trees.save(store, tree)) == tree
    trees.materialise(store, tree, tmp_path / "out")
    assert [os.fsencode(path.name) for path in (tmp_path / "out").iterdir()] == [b"\xff\xfe"]


def test_moving_empties_the_folder(store: Store, tmp_path: Path) -> None:
    folder = fill(tmp_path / "in", {"a": b"1", "b/c": b"2"})
    kept = trees.ingest(store, folder)
    assert trees.ingest(store, folder, move=True) == kept
    assert listing(folder) == {}


def test_a_thousand_files(store: Store, tmp_path: Path) -> None:
    contents = {f"d{n % 7}/{n}": str(n).encode() for n in range(1000)}
    tree = trees.ingest(store, fill(tmp_path / "in", contents))
    assert len(tree) == 1000
    trees.materialise(store, tree, tmp_path / "out")
    assert listing(tmp_path / "out") == contents


def test_many_large_files_go_by_threads(store: Store, tmp_path: Path) -> None:
    contents = {str(n): bytes([n]) * (5 << 20) for n in range(6)}
    tree = trees.ingest(store, fill(tmp_path / "in", contents))
    trees.materialise(store, tree, tmp_path / "out")
    assert listing(tmp_path / "out") == contents


def test_a_wrecked_workspace_leaves_the_store_unharmed(store: Store, tmp_path: Path) -> None:
    tree = trees.ingest(store, fill(tmp_path / "in", {"a": b"1", "b/c": b"2"}))
    trees.materialise(store, tree, tmp_path / "one")
    assert os.system(f"cd {tmp_path}/one && echo wrecked > a && chmod 777 b/c && rm -rf ./*") == 0
    trees.materialise(store, tree, tmp_path / "two")
    assert listing(tmp_path / "two") == {"a": b"1", "b/c": b"2"}


@pytest.mark.parametrize("target", ["/etc/passwd", "../../x", "..", "sub/up/../../.."])
def test_a_link_out_of_the_folder_is_refused(store: Store, tmp_path: Path, target: str) -> None:
    folder = fill(tmp_path / "in", {"sub/file": b""})
    (folder / "sub" / "up").symlink_to("..")
    (folder / "bad").symlink_to(target)
    with pytest.raises(BadInput, match="'bad'"):
        trees.ingest(store, folder)


def test_an_absolute_link_into_the_folder_becomes_a_relative_one(store: Store, tmp_path: Path) -> None:
    folder = fill(tmp_path / "in", {"models/v1": b"1", "sub/x": b""})
    (folder / "sub" / "latest").symlink_to(folder / "models" / "v1")
    tree = trees.ingest(store, folder, ["sub/latest"])
    assert tree == (Entry("sub/latest", LINK, "../models/v1", 0),)


@pytest.mark.parametrize("kind", ["fifo", "socket"])
def test_special_files_are_refused(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    path = tmp_path / kind
    listener = socket.socket(socket.AF_UNIX)
    with listener:
        if kind == "fifo":
            os.mkfifo(path)
        else:
            monkeypatch.chdir(tmp_path)
            listener.bind(kind)
        with pytest.raises(BadInput, match=kind):
            trees.ingest(store, tmp_path, [kind])


def test_a_pipe_that_a_pattern_does_not_name_is_nothing_to_it(store: Store, tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_text("a")
    os.mkfifo(tmp_path / "pipe")
    assert [entry.path for entry in trees.ingest(store, tmp_path, ["*.bin"])] == ["a.bin"]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (["out"], ["out/a.txt", "out/b/c.txt"]),
        (["out/", "out/a.txt"], ["out/a.txt", "out/b/c.txt"]),
        (["**/*.txt"], ["out/a.txt", "out/b/c.txt", "x.txt"]),
        (["*.txt"], ["x.txt"]),
        (["[1].bin"], ["[1].bin"]),
        (["."], ["[1].bin", "out/a.txt", "out/b/c.txt", "x.txt"]),
        ([], []),
    ],
)
def test_outputs_by_pattern(store: Store, tmp_path: Path, wanted: list[str], expected: list[str]) -> None:
    names = ["out/a.txt", "out/b/c.txt", "x.txt", "[1].bin"]
    fill(tmp_path / "in", dict.fromkeys(names, b""))
    tree = trees.ingest(store, tmp_path / "in", wanted)
    assert [entry.path for entry in tree] == expected
    assert trees.select(trees.ingest(store, tmp_path / "in"), wanted) == tree


def test_a_missing_output_is_said_with_what_is_near(store: Store, tmp_path: Path) -> None:
    fill(tmp_path, {"model/weights.bin": b""})
    with pytest.raises(BadInput, match=r"'model/wieghts\.bin'") as caught:
        trees.ingest(store, tmp_path, ["model/wieghts.bin"])
    assert "'model/weights.bin'" in caught.value.hint


@pytest.mark.parametrize("pattern", ["../x", "/etc/passwd", "link/passwd"])
def test_an_output_outside_is_refused(store: Store, tmp_path: Path, pattern: str) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "link").symlink_to("/etc")
    with pytest.raises(BadInput, match="leaves"):
        trees.ingest(store, tmp_path / "in", [pattern])


def test_a_missing_blob_is_told(store: Store, tmp_path: Path) -> None:
    tree = trees.ingest(store, fill(tmp_path / "in", {"a": b"1"}))
    blobs.remove(store, tree[0].digest)
    with pytest.raises(blobs.Missing) as caught:
        trees.materialise(store, tree, tmp_path / "out")
    assert caught.value.digest == tree[0].digest


def test_nothing_is_written_through_a_link_of_the_tree(store: Store, tmp_path: Path) -> None:
    digest = blobs.add_bytes(store, b"evil")
    (tmp_path / "victim").mkdir()
    tree = (Entry("a", LINK, "../victim", 0), Entry("a/file", FILE, digest, 4))
    with pytest.raises(BadInput):
        trees.materialise(store, tree, tmp_path / "out")
    assert list((tmp_path / "victim").iterdir()) == []


def form(**columns: list[object]) -> bytes:
    body: dict[str, object] = {
        "form": "seatrial tree 1",
        "paths": [],
        "kinds": [],
        "digests": [],
        "sizes": [],
    }
    return json.dumps({**body, **columns}).encode()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        b"[" * 100_000,
        form(paths=["a"]),
        form(form=["other"]),
        *(
            form(paths=[path], kinds=["file"], digests=["sha256:"], sizes=[1])
            for path in ("", "/etc", "../x", "a/../b", "a/.", "a//b", "a\0b", 7, None)
        ),
        form(paths=["a"], kinds=["device"], digests=["sha256:"], sizes=[1]),
        form(paths=["a"], kinds=["file"], digests=[None], sizes=[1]),
        form(paths=["a"], kinds=[[]], digests=["x"], sizes=["1"]),
    ],
)
def test_a_hostile_tree_is_refused(store: Store, content: bytes) -> None:
    with pytest.raises(BadInput, match="not a tree"):
        trees.load(store, blobs.add_bytes(store, content))


def test_select_names_what_was_meant() -> None:
    with pytest.raises(BadInput, match=r"no file matches 'data/trian\.csv'") as caught:
        trees.select((Entry("data/train.csv", FILE, "", 0),), ["data/trian.csv"])
    assert "'data/train.csv'" in caught.value.hint


def test_select_names_a_file_of_that_name_in_another_folder() -> None:
    tree = tuple(Entry(path, FILE, "", 0) for path in ("churn/train.py", "strain.py"))
    with pytest.raises(BadInput) as caught:
        trees.select(tree, ["train.py"])
    assert caught.value.hint == "did you mean 'churn/train.py'?"


def test_select_takes_a_folder_not_its_neighbours() -> None:
    names = ["data", "data-2/x", "data.csv", "dataset/x"]
    tree = tuple(Entry(name, FILE, "", 0) for name in sorted(names))
    assert [entry.path for entry in trees.select(tree, ["data"])] == ["data"]
    tree = tuple(Entry(name, FILE, "", 0) for name in sorted(["data/x", "data0", *names[1:]]))
    assert [entry.path for entry in trees.select(tree, ["data"])] == ["data/x"]


def test_under_begins_anew() -> None:
    tree = (A, B, Entry("b/d/e", FILE, "", 0))
    assert [entry.path for entry in trees.under(tree, "b/")] == ["c", "d/e"]
    assert trees.under(tree, "b/c") == (B._replace(path="c"),)
    assert trees.under(tree, ".") == tree
    assert trees.under(tree, "absent") == ()


def test_merging_lets_the_later_win() -> None:
    newer = A._replace(digest="sha256:other")
    assert trees.merge((A, B), (newer,)) == (newer, B)
    with pytest.raises(BadInput, match="'b' is both"):
        trees.merge((B,), (Entry("b", FILE, "", 0),))


def test_diff_names_every_path_that_differs() -> None:
    assert trees.diff((A, B), (A,)) == ("b/c",)
    assert trees.diff((A, B), (A._replace(kind=EXECUTABLE), B)) == ("a",)
    assert trees.diff((A, B), (A, B)) == ()


def test_the_digest_tells_trees_apart(store: Store) -> None:
    variants = [(), (A,), (B,), (A, B), (A._replace(kind=EXECUTABLE),), (A._replace(path="z"),)]
    assert len({trees.digest(tree) for tree in variants}) == len(variants)
    assert trees.digest((A, B)) == trees.save(store, (A, B))


NAMES = st.text(
    st.characters(exclude_characters="/\0", exclude_categories=("Cs",)), min_size=1, max_size=5
).filter(lambda name: name not in (".", "..") and len(os.fsencode(name)) < 200)


@settings(examples(30), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(contents=st.dictionaries(NAMES, st.binary(max_size=20), max_size=5))
def test_any_contents_come_back(
    store: Store, tmp_path_factory: pytest.TempPathFactory, contents: dict[str, bytes]
) -> None:
    folder = tmp_path_factory.mktemp("any")
    (folder / "in").mkdir()
    tree = trees.ingest(store, fill(folder / "in", contents))
    trees.materialise(store, trees.load(store, trees.save(store, tree)), folder / "out")
    assert listing(folder / "out") == contents


def test_links_that_leave_a_tree(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "made"
    (folder / "deep/er").mkdir(parents=True)
    inside = {"a": "deep/er", "deep/b": "../a/x", "circle": "circle", "gone": "no/../where", "to_b": "a/../b"}
    outside = {
        "c": "..",
        "d": "/etc",
        "deep/e": "../../x",
        "by_c": "c/x",
        "f": "a/../../../x",
        "deep/g": "../d",
    }
    for name, target in {**inside, **outside}.items():
        (folder / name).symlink_to(target)
    tree = trees.ingest(store, folder, may_leave=True)
    assert set(trees.leaving(tree)) == set(outside)
    with pytest.raises(BadInput, match="leads out"):
        trees.materialise(store, tree, tmp_path / "again")
