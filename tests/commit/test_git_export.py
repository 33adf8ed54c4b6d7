"""The content of a commit: exported once, exactly as a checkout has it, and healed when it is damaged."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from seatrial.commit import all_sources, export
from seatrial.commit.change import Change
from seatrial.errors import BadInput
from seatrial.store import blobs, trees
from seatrial.store.store import Store
from tests.conftest import Repository
from tests.store.contents import fill, snapshot

Make = Callable[..., Repository]


def contents(store: Store, tree: trees.Tree) -> dict[str, bytes]:
    return {entry.path: blobs.read(store, entry.digest) for entry in tree if entry.kind != trees.LINK}


@pytest.fixture
def made(repository: Make) -> Repository:
    made = repository()
    made.write("run.sh", "#!/bin/sh\n", 0o755)
    made.write("src/a.py", "a\n")
    (made.folder / "link").symlink_to("src/a.py")
    made.commit()
    return made


def test_an_export_is_as_a_checkout_but_without_git(store: Store, made: Repository) -> None:
    tree = export.tree_of(store, all_sources.resolve(store, made.folder))
    assert [(entry.path, entry.kind) for entry in tree] == [
        ("link", "link"),
        ("run.sh", "executable"),
        ("src/a.py", "file"),
    ]
    assert contents(store, tree) == {"run.sh": b"#!/bin/sh\n", "src/a.py": b"a\n"}
    assert list((store.root / "partial").iterdir()) == []


def test_attributes_of_the_commit_count_except_for_archives(store: Store, repository: Make) -> None:
    made = repository()
    made.write(".gitattributes", "*.bat eol=crlf\nsecret export-ignore\n*.up filter=upper\n")
    made.git("config", "filter.upper.smudge", "tr a-z A-Z")
    made.git("config", "filter.upper.clean", "tr A-Z a-z")
    for name in ("x.bat", "secret", "word.up"):
        made.write(name, "text\n")
    made.commit()
    made.write(".gitattributes", "* text eol=crlf\n")  # of the working state: not the commit's
    change = all_sources.resolve(store, made.folder, "HEAD")
    found = contents(store, export.tree_of(store, change))
    assert found["x.bat"] == b"text\r\n"
    assert found["secret"] == b"text\n"
    assert found["word.up"] == b"TEXT\n"


def test_a_tree_is_exported_once(store: Store, made: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    first = export.tree_of(store, all_sources.resolve(store, made.folder))
    made.commit("the same content")
    change = all_sources.resolve(store, made.folder)
    source = all_sources.source("git")

    def refuse(change: Change, folder: Path) -> None:
        raise AssertionError

    monkeypatch.setattr(source, "export", refuse)
    assert export.tree_of(store, change) == first
    with pytest.raises(AssertionError):
        export.tree_of(store, change, fresh=True)


def test_what_is_damaged_is_exported_again(store: Store, made: Repository, tmp_path: Path) -> None:
    change = all_sources.resolve(store, made.folder)
    tree = export.tree_of(store, change)
    damaged = blobs.path(store, tree[-1].digest)
    damaged.chmod(0o644)
    damaged.write_bytes(b"WRONG")
    with pytest.raises(blobs.Missing):
        trees.materialise(store, tree, tmp_path / "one")
    trees.materialise(store, export.tree_of(store, change, fresh=True), tmp_path / "two")
    assert (tmp_path / "two" / "src" / "a.py").read_text() == "a\n"


def test_a_lost_tree_is_exported_again(store: Store, made: Repository) -> None:
    change = all_sources.resolve(store, made.folder)
    tree = export.tree_of(store, change)
    blobs.remove(store, trees.digest(tree))
    assert export.tree_of(store, change) == tree


def test_a_wrecked_workspace_harms_nothing(store: Store, made: Repository, tmp_path: Path) -> None:
    change = all_sources.resolve(store, made.folder)
    before = snapshot(made.folder)
    tree = export.tree_of(store, change)
    trees.materialise(store, tree, tmp_path / "one")
    subprocess.run("echo evil > src/a.py; rm -rf ./*", shell=True, cwd=tmp_path / "one", check=True)
    trees.materialise(store, tree, tmp_path / "two")
    assert (tmp_path / "two" / "src" / "a.py").read_text() == "a\n"
    assert snapshot(made.folder) == before


def test_a_commit_that_is_gone_is_said(store: Store, made: Repository) -> None:
    change = all_sources.resolve(store, made.folder)._replace(tree="0" * 39 + "1")
    with pytest.raises(BadInput, match="Git says"):
        export.tree_of(store, change)
    assert list((store.root / "partial").iterdir()) == []


def test_changed_paths(store: Store, made: Repository) -> None:
    before = all_sources.resolve(store, made.folder)
    (made.folder / "run.sh").chmod(0o644)
    made.write("src/b.py", "b")
    made.git("rm", "--quiet", "link")
    after = all_sources.resolve(store, made.folder)
    assert export.changed_paths(store, before, after) == ("link", "run.sh", "src/b.py")
    assert export.changed_paths(store, before, before) == ()


def test_the_table_holds_every_source_and_no_other() -> None:
    import seatrial.commit.sources as chapter

    there = {path.stem for path in Path(chapter.__path__[0]).iterdir() if not path.name.startswith("_")}
    assert there == set(all_sources.ALL)
    for name in all_sources.ALL:
        source = all_sources.source(name)
        assert name == source.NAME
        assert all(
            callable(getattr(source, word)) for word in ("holds", "is_address", "resolve", "export", "clone")
        )


@pytest.fixture
def nested(repository: Make) -> Repository:
    """A checkout with a submodule that has a submodule."""
    deepest, inner, outer = repository("deepest"), repository("inner"), repository("outer")
    deepest.commit(deep_txt="deep")
    inner.commit(inner_txt="inner")
    inner.git("submodule", "--quiet", "add", deepest.folder, "lib/deep")
    inner.commit()
    outer.commit(outer_txt="outer")
    outer.git("submodule", "--quiet", "add", inner.folder, "sub dir")
    outer.git("submodule", "--quiet", "update", "--init", "--recursive")
    outer.commit()
    return outer


NESTED = {"outer.txt", ".gitmodules", "sub dir/inner.txt", "sub dir/.gitmodules", "sub dir/lib/deep/deep.txt"}


def test_submodules_are_part_of_the_commit(store: Store, nested: Repository) -> None:
    change = all_sources.resolve(store, nested.folder)
    assert not change.dirty
    found = contents(store, export.tree_of(store, change))
    assert set(found) == NESTED
    assert found["sub dir/lib/deep/deep.txt"] == b"deep"


def test_submodules_that_are_no_longer_checked_out(store: Store, nested: Repository) -> None:
    nested.git("submodule", "--quiet", "deinit", "--all", "--force")
    change = all_sources.resolve(store, nested.folder, "HEAD")
    assert set(contents(store, export.tree_of(store, change))) == NESTED


def test_an_edited_submodule_is_taken_as_it_is(store: Store, nested: Repository) -> None:
    (nested.folder / "sub dir" / "inner.txt").write_text("edited")
    fill(nested.folder / "sub dir" / "lib" / "deep", {"new.txt": b"new"})
    change = all_sources.resolve(store, nested.folder)
    assert change.dirty
    found = contents(store, export.tree_of(store, change))
    assert set(found) == {*NESTED, "sub dir/lib/deep/new.txt"}
    assert found["sub dir/inner.txt"] == b"edited"


def test_a_submodule_that_was_never_fetched(store: Store, nested: Repository) -> None:
    clone = Repository(nested.folder.with_name("clone"))
    nested.git("clone", "--quiet", ".", clone.folder)
    hint = "git submodule update --init sub dir"
    with pytest.raises(BadInput, match="'sub dir' is not in this clone") as caught:
        export.tree_of(store, all_sources.resolve(store, clone.folder))
    assert caught.value.hint == hint
    clone.write("outer.txt", "edited")
    with pytest.raises(BadInput, match="'sub dir' is not checked out") as caught:
        all_sources.resolve(store, clone.folder)
    assert caught.value.hint == hint


def test_a_repository_that_only_lies_in_the_checkout(store: Store, repository: Make) -> None:
    made, inner = repository(), repository("checkout/other")
    inner.commit(b_txt="b")
    made.write("a.txt", "a")
    made.git("-c", "advice.addEmbeddedRepo=false", "add", "a.txt")
    made.git("commit", "--quiet", "-m", "without the other")
    change = all_sources.resolve(store, made.folder)
    assert change.dirty
    assert set(contents(store, export.tree_of(store, change))) == {"a.txt", "other/b.txt"}


@pytest.mark.parametrize("name", ["../../../evil", "/etc"])
def test_the_name_of_a_submodule_leads_nowhere_else(store: Store, nested: Repository, name: str) -> None:
    nested.write(".gitmodules", f'[submodule "{name}"]\n\tpath = sub dir\n\turl = x\n')
    nested.git("commit", "--quiet", "-am", "evil")
    nested.git("submodule", "--quiet", "deinit", "--all", "--force")
    change = all_sources.resolve(store, nested.folder, "HEAD")
    with pytest.raises(BadInput):
        export.tree_of(store, change)


def test_exports_and_submodules_write_nothing(store: Store, nested: Repository) -> None:
    before = snapshot(nested.folder)
    export.tree_of(store, all_sources.resolve(store, nested.folder), fresh=True)
    (nested.folder / "sub dir" / "inner.txt").write_text("edited")
    edited = snapshot(nested.folder)
    export.tree_of(store, all_sources.resolve(store, nested.folder))
    assert snapshot(nested.folder) == edited != before
