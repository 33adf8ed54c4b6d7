"""A repository of Subversion with the usual layout, and a working copy of its trunk, for tests."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

ENV = {"LC_ALL": "C.UTF-8", "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent"}


class Copy(NamedTuple):
    """`folder` is a working copy of `url`, at first the trunk of the repository `root`."""

    folder: Path
    root: str
    config: Path

    @property
    def trunk(self) -> str:
        return f"{self.root}/trunk"

    def svn(self, *arguments: str) -> str:
        command = ["svn", *arguments, "--non-interactive", "--config-dir", str(self.config)]
        done = subprocess.run(command, cwd=self.folder, env=ENV, check=True, capture_output=True, text=True)
        return done.stdout

    def write(self, name: str, content: str, mode: int = 0o644) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        path.chmod(mode)

    def commit(self, message: str = "A change") -> str:
        """Add and commit all that there is, and be at it; the revision."""
        self.svn("add", "--force", "--quiet", ".")
        self.svn("commit", "--quiet", "--username", "ada", "--message", message)
        self.svn("update", "--quiet")
        said = ElementTree.fromstring(self.svn("info", "--xml"))
        return said.findall("entry/commit")[0].get("revision", "")

    def state(self) -> dict[str, str]:
        """The digests of all that Subversion keeps, and its times."""
        kept = [path for path in (self.folder / ".svn").rglob("*") if path.is_file()]
        return {
            f"{path}:{path.stat().st_mtime_ns}": hashlib.sha256(path.read_bytes()).hexdigest()
            for path in kept
        }


def make(place: Path) -> Copy:
    """A new repository at revision 1, with trunk, branches and tags, and an empty copy of its trunk."""
    place.mkdir(parents=True, exist_ok=True)
    subprocess.run(["svnadmin", "create", str(place / "server")], check=True, env=ENV)
    copy = Copy(place / "copy", f"file://{place}/server", place / "config")
    copy.folder.mkdir()
    layout = [f"{copy.root}/{name}" for name in ("trunk", "branches", "tags")]
    copy.svn("mkdir", "--quiet", "--message", "The layout", *layout)
    copy.svn("checkout", "--quiet", copy.trunk, ".")
    return copy
