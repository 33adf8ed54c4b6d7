"""A commit of Subversion, and a working copy as it is: real repositories, nothing of them touched."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from seatrial.clients import svn
from seatrial.commit import all_sources, export
from seatrial.errors import BadInput, Infrastructure
from seatrial.journal.journal import open_journal
from seatrial.pipeline import commit_variables
from seatrial.project import place
from seatrial.store import blobs, trees
from seatrial.store.store import Store, open_store
from tests.commit.subversion import Copy, make
from tests.conftest import requires

pytestmark = pytest.mark.slow


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Copy:
    """A copy of a trunk whose revision 2 has a program, a text and a link."""
    requires("svn")
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    made = make(tmp_path / "svn")
    made.write("run.sh", "#!/bin/sh\n", 0o755)
    made.write("src/a.py", "a\n")
    (made.folder / "link").symlink_to("src/a.py")
    made.commit("The first\n\nWith more to say")
    return made


def files_of(store: Store, folder: Path, spec: str | None = None) -> dict[str, bytes]:
    tree = export.tree_of(store, all_sources.resolve(store, folder, spec))
    return {entry.path: blobs.read(store, entry.digest) for entry in tree if entry.kind != trees.LINK}


def test_a_clean_copy_is_its_commit(store: Store, made: Copy) -> None:
    before = made.state()
    change = all_sources.resolve(store, made.folder)
    tree = export.tree_of(store, change)
    assert [(entry.path, entry.kind) for entry in tree] == [
        ("link", "link"),
        ("run.sh", "executable"),
        ("src/a.py", "file"),
    ]
    assert (change.source, change.commit, change.branch, change.tag) == ("subversion", "2", "trunk", "")
    assert (change.author, change.message, change.dirty) == ("ada", "The first", False)
    assert (change.root, change.url) == (str(made.folder), made.trunk)
    assert made.state() == before


def test_our_own_state_in_the_copy_is_no_edit(
    made: Copy,
) -> None:
    inside = made.folder / ".state" / "seatrial"
    inside.mkdir(parents=True)
    store = open_store(inside, open_journal(inside))
    assert not all_sources.resolve(store, made.folder).dirty
    made.write(".state/other", "an edit\n")
    change = all_sources.resolve(store, made.folder)
    paths = [entry.path for entry in export.tree_of(store, change)]
    assert (change.dirty, paths) == (True, [".state/other", "link", "run.sh", "src/a.py"])


def test_what_is_here_needs_no_server(store: Store, made: Copy) -> None:
    server = Path(made.root.removeprefix("file://"))
    server.rename(server.with_name("gone"))
    change = all_sources.resolve(store, made.folder)
    assert change.message == ""
    assert [entry.path for entry in export.tree_of(store, change)] == ["link", "run.sh", "src/a.py"]
    with pytest.raises(svn.Unreachable, match="Unable to"):
        all_sources.resolve(store, made.folder, "HEAD")


def test_a_commit_elsewhere_in_the_repository_changes_nothing(store: Store, made: Copy) -> None:
    first = all_sources.resolve(store, made.folder)
    made.svn("mkdir", "--quiet", "--message", "elsewhere", f"{made.root}/branches/other")
    made.svn("update", "--quiet")
    assert all_sources.resolve(store, made.folder) == first


def test_a_changed_copy_is_run_as_it_is(store: Store, made: Copy) -> None:
    made.svn("propset", "--quiet", "svn:ignore", "*.log", ".")
    made.commit()
    made.write("src/a.py", "changed\n")
    made.write("new/b.py", "new\n")
    made.write("noise.log", "ignored\n")
    made.write("src/__pycache__/a.pyc", "ignored\n")
    made.write("new/b.pyc", "ignored\n")
    (made.folder / "run.sh").unlink()
    before = made.state()
    change = all_sources.resolve(store, made.folder)
    assert (change.dirty, change.commit) == (True, "3")
    assert files_of(store, made.folder) == {"src/a.py": b"changed\n", "new/b.py": b"new\n"}
    assert made.state() == before
    assert sorted(files_of(store, made.folder, "BASE")) == ["run.sh", "src/a.py"]


def test_the_same_commit_after_the_copy_has_moved_on(store: Store, made: Copy) -> None:
    old = all_sources.resolve(store, made.folder)
    made.write("src/a.py", "second\n")
    made.commit()
    tree = {entry.path: entry.digest for entry in export.tree_of(store, old)}
    assert blobs.read(store, tree["src/a.py"]) == b"a\n"


@pytest.mark.parametrize(
    ("spec", "commit", "content"),
    [
        ("2", "2", b"a\n"),
        ("r2", "2", b"a\n"),
        ("HEAD", "3", b"b\n"),
        ("PREV", "2", b"a\n"),
        ("BASE", "3", b"b\n"),
        ("3~1", "2", b"a\n"),
        ("^/trunk@2", "2", b"a\n"),
        ("^/trunk", "3", b"b\n"),
    ],
)
def test_revisions_by_their_words(store: Store, made: Copy, spec: str, commit: str, content: bytes) -> None:
    made.write("src/a.py", "b\n")
    made.commit()
    change = all_sources.resolve(store, made.folder, spec)
    assert (change.commit, change.dirty) == (commit, False)
    assert files_of(store, made.folder, spec)["src/a.py"] == content


def test_a_url_is_run_from_anywhere(store: Store, made: Copy, tmp_path: Path) -> None:
    made.svn("copy", "--quiet", "--message", "A branch", made.trunk, f"{made.root}/branches/fast@2@")
    made.svn("copy", "--quiet", "--message", "A tag", made.trunk, f"{made.root}/tags/v1")
    for url, branch, tag, folder in [
        (f"{made.root}/branches/fast@2@HEAD", "fast@2", "", ""),
        (f"{made.root}/branches/fast@2@", "fast@2", "", ""),
        (f"{made.root}/tags/v1", "", "v1", ""),
        (f"{made.trunk}/src@2", "trunk", "", "src"),
    ]:
        change = all_sources.resolve(store, tmp_path, url)
        assert (change.branch, change.tag, change.folder) == (branch, tag, folder)
        assert sorted(files_of(store, tmp_path, url)) == ["run.sh", "src/a.py"]


def test_keywords_and_ends_of_lines_are_as_svn_export_gives_them(store: Store, made: Copy) -> None:
    made.write("k.txt", "$Rev$ $Author$\n")
    made.write("dos.bat", "one\n")
    made.svn("add", "--quiet", "k.txt", "dos.bat")
    made.svn("propset", "--quiet", "svn:keywords", "Rev Author", "k.txt")
    made.svn("propset", "--quiet", "svn:eol-style", "CRLF", "dos.bat")
    made.commit()
    for spec in (None, "HEAD"):
        found = files_of(store, made.folder, spec)
        assert found["k.txt"] == b"$Rev: 3 $ $Author: ada $\n"
        assert found["dos.bat"] == b"one\r\n"


def test_names_with_an_at_and_other_letters(store: Store, made: Copy) -> None:
    made.write("a@2.txt", "at\n")
    made.svn("add", "--quiet", "a@2.txt@")
    made.write("grün ü.txt", "green\n")
    made.commit()
    assert {"a@2.txt", "grün ü.txt"} < set(files_of(store, made.folder))
    assert {"a@2.txt", "grün ü.txt"} < set(files_of(store, made.folder, "HEAD"))


def test_the_folder_of_one_model_and_a_copy_of_the_whole_repository(
    store: Store, made: Copy, tmp_path: Path
) -> None:
    assert all_sources.resolve(store, made.folder / "src").folder == "src"
    whole = made._replace(folder=tmp_path / "whole")
    whole.folder.mkdir()
    whole.svn("checkout", "--quiet", made.root, ".")
    change = all_sources.resolve(store, whole.folder / "trunk" / "src")
    assert (change.root, change.folder, change.branch) == (str(whole.folder / "trunk"), "src", "trunk")
    assert sorted(files_of(store, whole.folder / "trunk")) == ["run.sh", "src/a.py"]


def test_mixed_revisions_are_of_no_commit(store: Store, made: Copy) -> None:
    made.write("src/a.py", "b\n")
    made.svn("commit", "--quiet", "--message", "without an update")
    with pytest.raises(BadInput, match="2 to 3") as refused:
        all_sources.resolve(store, made.folder)
    assert "svn update" in (refused.value.hint or "")


def test_switched_and_sparse_copies_are_no_commit(store: Store, made: Copy) -> None:
    made.svn("update", "--quiet", "--set-depth", "exclude", "src")
    assert all_sources.resolve(store, made.folder).dirty
    assert sorted(files_of(store, made.folder)) == ["run.sh"]


def test_an_external_needs_a_revision(store: Store, made: Copy) -> None:
    made.svn("propset", "--quiet", "svn:externals", "^/trunk/src lib", ".")
    made.commit()
    for spec in (None, "HEAD"):
        with pytest.raises(BadInput, match="names no revision"):
            all_sources.resolve(store, made.folder, spec)
    made.svn("propset", "--quiet", "svn:externals", "^/trunk/src@2 lib", ".")
    made.commit()
    for spec in (None, "HEAD"):
        assert files_of(store, made.folder, spec)["lib/a.py"] == b"a\n"
        assert not all_sources.resolve(store, made.folder, spec).dirty


def test_an_external_at_another_revision_is_run_as_it_lies_there(store: Store, made: Copy) -> None:
    made.write("src/a.py", "newer\n")
    made.commit()
    externals = [
        "-r 2 ^/trunk/src one",
        "^/trunk/src@2 'the other'",
        f"older -r2 {made.trunk}/src",
        "-r2 ^/trunk/src/a.py 'a file.py'",
    ]
    made.svn("propset", "--quiet", "svn:externals", "\n# pinned\n".join(("", *externals)), ".")
    made.commit()
    places = ("one/a.py", "the other/a.py", "older/a.py", "a file.py")
    assert {files_of(store, made.folder)[one] for one in places} == {b"a\n"}
    for outside in ("one", "the other", "older"):
        assert not all_sources.resolve(store, made.folder).dirty
        made.svn("update", "--quiet", "-r", "HEAD", outside)
        assert all_sources.resolve(store, made.folder).dirty
        assert files_of(store, made.folder)[f"{outside}/a.py"] == b"newer\n"
        made.svn("update", "--quiet")


def test_an_external_that_is_not_there_is_said(store: Store, made: Copy) -> None:
    made.svn("propset", "--quiet", "svn:externals", "^/nowhere@2 lib", ".")
    made.svn("commit", "--quiet", "--message", "no such place")
    change = all_sources.resolve(store, made.folder, "HEAD")
    with pytest.raises(BadInput, match="cannot have an external") as problem:
        export.tree_of(store, change)
    assert "svn update" in problem.value.hint


def test_a_conflict_is_refused(store: Store, made: Copy, tmp_path: Path) -> None:
    other = made._replace(folder=tmp_path / "other")
    other.folder.mkdir()
    other.svn("checkout", "--quiet", made.trunk, ".")
    other.write("src/a.py", "theirs\n")
    other.commit()
    made.write("src/a.py", "ours\n")
    made.svn("update", "--quiet", "--accept", "postpone")
    with pytest.raises(BadInput, match="has conflicts"):
        all_sources.resolve(store, made.folder)


@pytest.mark.parametrize("spec", ["99", "main", "", "3:4", "^/nothing", "-r1", "2~9", "{soon}"])
def test_what_names_no_commit_is_said(store: Store, made: Copy, spec: str) -> None:
    with pytest.raises(BadInput):
        all_sources.resolve(store, made.folder, spec)


def test_a_branch_that_is_not_there_is_named(store: Store, made: Copy) -> None:
    with pytest.raises(BadInput, match=r"branches/gone' non-existent in revision 2$"):
        all_sources.resolve(store, made.folder, "^/branches/gone")


def test_a_server_that_does_not_answer(store: Store, tmp_path: Path) -> None:
    requires("svn")
    with pytest.raises(svn.Unreachable, match="does not reach"):
        all_sources.resolve(store, tmp_path, "svn://127.0.0.1:9/none")


def test_without_subversion(store: Store, made: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "PATH", "/nonexistent")
    with pytest.raises(Infrastructure, match="not installed"):
        all_sources.resolve(store, made.folder)


def test_variables_are_those_of_the_system(store: Store, made: Copy) -> None:
    known = commit_variables.of(all_sources.resolve(store, made.folder))
    assert (known["SVN_REVISION"], known["SVN_URL"], known["GIT_COMMIT"]) == ("2", made.trunk, "")
    assert (known["SEATRIAL_COMMIT"], known["SEATRIAL_BRANCH"]) == ("2", "trunk")


def test_branches_and_copies_have_the_same_first_commit(store: Store, made: Copy) -> None:
    made.svn("copy", "--quiet", "--message", "A branch", made.trunk, f"{made.root}/branches/fast")
    source = all_sources.source("subversion")
    here = source.first_commits(all_sources.resolve(store, made.folder))
    there = source.first_commits(all_sources.resolve(store, made.folder, "^/branches/fast"))
    assert here == there != ()


def test_a_copy_has_the_first_commit_of_its_origin_in_any_layout(store: Store, made: Copy) -> None:
    made.svn("mkdir", "--parents", "-qm", "layout", f"{made.root}/main", f"{made.root}/releases")
    made.svn("copy", "-qm", "release", f"{made.root}/main", f"{made.root}/releases/1.0")
    made.svn("copy", "-qm", "branch", f"{made.root}/main", f"{made.root}/branches/feature")
    made.svn("move", "-qm", "name", f"{made.root}/releases/1.0", f"{made.root}/releases/1.1")
    source = all_sources.source("subversion")
    main, release, feature, trunk = (
        set(source.first_commits(all_sources.resolve(store, made.folder, f"^/{path}")))
        for path in ("main", "releases/1.1", "branches/feature", "trunk")
    )
    assert main & release and main & feature
    assert not main & trunk


def test_a_clone_is_a_copy_of_its_own(store: Store, made: Copy, tmp_path: Path) -> None:
    made.write("src/a.py", "edited\n")
    folder = tmp_path / "clone"
    export.clone(store, all_sources.resolve(store, made.folder), folder)
    said = made._replace(folder=folder).svn("status")
    assert said.split() == ["M", "src/a.py"]


def through_a_tunnel(made: Copy, command: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of the trunk where what stands for SSH is a server of Subversion on this machine."""
    shell = made.folder.parent / "shell"
    shell.write_text(f"#!/bin/sh\nexec {command}\n")
    shell.chmod(0o755)
    monkeypatch.setenv("SVN_SSH", str(shell))
    return made.trunk.replace("file://", "svn+ssh://somewhere")


def test_a_server_behind_ssh(
    store: Store, made: Copy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = through_a_tunnel(made, "svnserve -t", monkeypatch)
    assert sorted(files_of(store, tmp_path, f"{url}@2")) == ["run.sh", "src/a.py"]


def test_a_server_that_wants_a_password_is_not_waited_for(
    store: Store, made: Copy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Path(made.root.removeprefix("file://"))
    (server / "conf" / "svnserve.conf").write_text("[general]\nanon-access = none\npassword-db = passwd\n")
    url = through_a_tunnel(made, "svnserve -i", monkeypatch)
    with pytest.raises(svn.Unreachable, match="is not let in"):
        all_sources.resolve(store, tmp_path, url)


def test_projects_are_named_by_what_holds_their_trunk(made: Copy) -> None:
    assert place.repository_name("https://host/svn/shop/trunk") == "shop"
    assert place.repository_name("svn+ssh://host/shop/branches/fast") == "shop"
    assert place.repository_name("https://host/svn/caf%C3%A9%20shop/trunk") == "café shop"
    assert place.repository_name(str(made.folder)) == "copy"
    assert place.project_name(made.folder, made.folder / "src", "") == "copy"
