"""Where a repository of Git is."""

from pathlib import Path

from seatrial.clients import git
from seatrial.named_tuple import NamedTuple


class Repository(NamedTuple):
    """`root` is the top of the checkout, or a bare repository itself; `git_dir` is what `--git-dir` takes."""

    root: Path
    git_dir: Path

    @property
    def is_bare(self) -> bool:
        return self.root == self.git_dir


def find(folder: Path) -> Repository | None:
    """The repository that a folder lies in; no process is started for it."""
    whole = folder.resolve()
    for at in (whole, *whole.parents):
        if at.name == ".git":
            return None
        if (at / ".git").is_file() or (at / ".git" / "HEAD").exists():
            return Repository(at, at / ".git")
        if (at / "HEAD").is_file() and (at / "objects").is_dir() and (at / "refs").is_dir():
            return Repository(at, at)
    return None


def holds(folder: Path) -> bool:
    return find(folder) is not None


def at(root: str) -> Repository:
    """The repository of a change's `root`."""
    found = find(Path(root))
    return found or Repository(Path(root), Path(root) / ".git")


def itself(repository: Repository) -> tuple[str | Path, ...]:
    """The options that name it to Git, whatever its settings say of a checkout that may be gone."""
    return ("--git-dir", repository.git_dir, "--work-tree", repository.root)


def without(home: Path, repository: Repository) -> tuple[str, ...]:
    """The pathspec of all but our own home, for a home that lies in the checkout."""
    if not home.is_relative_to(repository.root):
        return ()
    return ("--", ":/", f":(top,exclude,literal){home.relative_to(repository.root).as_posix()}")


def common_folder(repository: Repository) -> Path:
    """Where objects, LFS and submodules are kept: shared by all worktrees of a repository."""
    command = ("rev-parse", "--path-format=absolute", "--git-common-dir")
    said = git.read(*itself(repository), *command, folder=repository.root)
    return Path(git.text(said).removesuffix("\n"))
