"""From a word of the user's, or the state of a checkout, to a change."""

from pathlib import Path
from typing import NamedTuple

from seatrial.clients import git
from seatrial.commit.change import Change
from seatrial.commit.sources.git import working
from seatrial.commit.sources.git.repository import Repository, find, without
from seatrial.errors import BadInput
from seatrial.store import trees
from seatrial.store.store import Store

_FIELDS = "%H%x00%T%x00%D%x00%an <%ae>%x00%ct%x00%s"


class Status(NamedTuple):
    """What `git status` says. `commit` is "" before the first one; `branch` "" on a detached head."""

    commit: str
    branch: str
    records: tuple[str, ...]  # of what differs from the commit, in the form "porcelain v2"


def resolve(store: Store, folder: Path, spec: str | None) -> Change:
    """The change that `spec` names: a revision in Git's words, or None for the working state.

    Runs three processes of Git, one more for a working state that is not clean. Raises BadInput.
    """
    repository = find(folder)
    if repository is None:
        raise BadInput(f"{folder} is not in a Git repository")
    below = folder.resolve().relative_to(repository.root).as_posix()
    place = Change(
        source="git",
        root=str(repository.root),
        commit="",
        tree="",
        branch="",
        folder="" if below == "." else below,
        url=_url(repository),
    )
    if spec is not None or repository.is_bare:
        return _named(repository, place, "HEAD" if spec is None else spec)
    return _working(store, repository, place)


def _url(repository: Repository) -> str:
    done = git.run("config", "--get", "remote.origin.url", folder=repository.root, accept=(1,))
    return git.text(done.output).removesuffix("\n")


def _working(store: Store, repository: Repository, place: Change) -> Change:
    status = read_status(repository, store.root.parent.resolve())
    change = place._replace(branch=status.branch)
    if status.commit:
        change = _described(repository, change, status.commit)._replace(branch=status.branch)
        if not working.differs(store, repository, status.records):
            return change
    tree = working.keep(store, repository, change)
    return change._replace(tree=trees.save(store, tree), dirty=True)


def read_status(repository: Repository, home: Path) -> Status:
    """What differs between the checkout and its commit. Raises BadInput amid a merge with conflicts."""
    output = git.read(
        *git.WITHOUT_LFS,
        "status",
        "--porcelain=v2",
        "--branch",
        "-z",
        "--no-ahead-behind",
        "--no-renames",
        "--untracked-files=normal",
        "--ignore-submodules=none",
        *without(home, repository),
        folder=repository.root,
    )
    records = [one for one in git.text(output).split("\0") if one]
    head = dict(one[2:].split(" ", 1) for one in records if one.startswith("# "))
    changed = tuple(one for one in records if not one.startswith("# "))
    for record in changed:
        if record.startswith("u "):
            path = record.split(" ", 10)[-1]
            raise BadInput(f"{path!r} has conflicts of a merge", hint="resolve them, or name a commit to run")
    commit, branch = head.get("branch.oid", ""), head.get("branch.head", "")
    return Status("" if commit == "(initial)" else commit, "" if branch == "(detached)" else branch, changed)


def _named(repository: Repository, place: Change, spec: str) -> Change:
    if not spec or ".." in spec or spec.startswith("^") or "\0" in spec:
        raise BadInput(f"{spec!r} does not name one commit", hint="give a branch, a tag, an id, or HEAD~2")
    try:
        return _described(repository, place, spec)
    except git.Untrusted:
        raise
    except BadInput as error:
        raise BadInput(
            f"there is no commit {spec!r} in {repository.root}", hint=_hint(repository, spec)
        ) from error


def _hint(repository: Repository, spec: str) -> str:
    from difflib import get_close_matches

    if (repository.git_dir / "shallow").exists():
        return "this clone is shallow: git fetch --unshallow"
    output = git.read("for-each-ref", "--format=%(refname:short)", folder=repository.root)
    near = get_close_matches(spec, git.text(output).split(), 3)
    return f"did you mean {', '.join(near)}?" if near else "give a branch, a tag, an id, or HEAD~2"


def _described(repository: Repository, place: Change, revision: str) -> Change:
    """`place` with all that one commit says of itself."""
    output = git.read(
        "log",
        "-1",
        "--decorate=full",
        "--decorate-refs=HEAD",
        "--decorate-refs=refs/heads/",
        "--decorate-refs=refs/tags/",
        f"--format={_FIELDS}",
        "--end-of-options",
        f"{revision}^{{commit}}",
        "--",
        folder=repository.root,
    )
    commit, tree, names, author, committed, message = git.text(output).removesuffix("\n").split("\0", 5)
    refs = names.split(", ")
    return place._replace(
        commit=commit,
        tree=tree,
        branch=branch_of(refs, revision),
        tag=next((ref.removeprefix("tag: refs/tags/") for ref in refs if ref.startswith("tag: ")), ""),
        author=author,
        committed=float(committed),
        message=message,
    )


def branch_of(refs: list[str], revision: str) -> str:
    """The branch that a revision stands for: the one named, the current one, or the only one there.

    `refs` is how Git decorates the commit: "HEAD -> refs/heads/main", "refs/heads/other", …
    """
    current = [ref.removeprefix("HEAD -> refs/heads/") for ref in refs if ref.startswith("HEAD -> ")]
    branches = current + [ref.removeprefix("refs/heads/") for ref in refs if ref.startswith("refs/heads/")]
    if revision in branches:
        return revision
    if revision == "HEAD":
        return current[0] if current else ""
    return branches[0] if len(branches) == 1 else ""
