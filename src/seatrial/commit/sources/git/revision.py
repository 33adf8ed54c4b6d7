"""From a word of the user's, or the state of a checkout, to a change."""

from pathlib import Path

from seatrial.clients import git
from seatrial.commit.change import Change
from seatrial.commit.sources.git import working
from seatrial.commit.sources.git.repository import Repository, find, without
from seatrial.errors import BadInput
from seatrial.named_tuple import NamedTuple
from seatrial.store import trees
from seatrial.store.store import Store
from seatrial.system.process import Completed

_FIELDS = "%H%x00%T%x00%D%x00%an <%ae>%x00%ct%x00%s%x00%b"
_URL = ("config", "--get", "remote.origin.url")


class Status(NamedTuple):
    """What `git status` says. `commit` is "" before the first one; `branch` "" on a detached head."""

    commit: str
    branch: str
    records: tuple[str, ...]  # of what differs from the commit, in the form "porcelain v2"


def resolve(store: Store, folder: Path, spec: str | None) -> Change:
    """The change that `spec` names: a revision in Git's words, or None for the working state.

    Runs three processes of Git at once, one more for a working state that is not clean. Raises BadInput.
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
    )
    if spec is not None or repository.is_bare:
        return _named(repository, place, "HEAD" if spec is None else spec)
    return _working(store, repository, place)


def _with_url(place: Change, done: Completed, folder: Path) -> Change:
    url = git.text(git.checked(done, folder, (1,)).output).removesuffix("\n")
    return place._replace(url=_without_user(url))


def _without_user(url: str) -> str:
    """A user and a token in an address of the web are the user's own: no stage, log or record has them."""
    scheme, _, rest = url.partition("://")
    if scheme.lower() not in ("http", "https"):
        return url
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"


def _working(store: Store, repository: Repository, place: Change) -> Change:
    """HEAD may move while its commit and the state of the checkout are asked for: the latter decides."""
    asked = (_status_command(repository, store.root.parent.resolve()), _describe("HEAD"), _URL)
    status_done, head, url = git.run_at_once(*asked, folder=repository.root)
    status = _status(git.checked(status_done, repository.root))
    change = _with_url(place, url, repository.root)._replace(branch=status.branch)
    if status.commit:
        described = _described(change, git.checked(head, repository.root), "HEAD")
        if described.commit != status.commit:
            again = git.run(*_describe(status.commit), folder=repository.root)
            described = _described(change, again, status.commit)
        change = described._replace(branch=status.branch)
        if not working.differs(store, repository, status.records):
            return change
    tree = working.keep(store, repository, change)
    return change._replace(tree=trees.save(store, tree), dirty=True)


def read_status(repository: Repository, home: Path) -> Status:
    """What differs between the checkout and its commit. Raises BadInput amid a merge with conflicts."""
    done = git.run(*_status_command(repository, home), folder=repository.root)
    return _status(done)


def _status_command(repository: Repository, home: Path) -> tuple[str, ...]:
    return (
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
    )


def _status(done: Completed) -> Status:
    records = [one for one in git.text(done.output).split("\0") if one]
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
        hint = "give a branch, a tag, an id, or HEAD~2"
        raise BadInput(f"{spec!r} does not name one commit", hint=hint, about=spec)
    described, url = git.run_at_once(_describe(spec), _URL, folder=repository.root)
    place = _with_url(place, url, repository.root)
    try:
        return _described(place, git.checked(described, repository.root), spec)
    except git.Untrusted:
        raise
    except BadInput as error:
        text = f"there is no commit {spec!r} in {repository.root}"
        raise BadInput(text, hint=_hint(repository, spec), about=spec) from error


def _hint(repository: Repository, spec: str) -> str:
    from difflib import get_close_matches

    if (repository.git_dir / "shallow").exists():
        return "this clone is shallow: git fetch --unshallow"
    output = git.read("for-each-ref", "--format=%(refname:short)", folder=repository.root)
    near = get_close_matches(spec, git.text(output).split(), 3)
    return f"did you mean {', '.join(near)}?" if near else "give a branch, a tag, an id, or HEAD~2"


def _describe(revision: str) -> tuple[str, ...]:
    """The command that says all that one commit says of itself."""
    return (
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
    )


def _described(place: Change, done: Completed, revision: str) -> Change:
    """`place` with what `_describe` found."""
    found = git.text(done.output).removesuffix("\n").split("\0", 6)
    commit, tree, names, author, committed, message, details = found
    refs = names.split(", ")
    return place._replace(
        commit=commit,
        tree=tree,
        branch=branch_of(refs, revision),
        tag=next((ref.removeprefix("tag: refs/tags/") for ref in refs if ref.startswith("tag: ")), ""),
        author=author,
        committed=float(committed),
        message=message,
        details=details.strip(),
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
