"""What other programs answer: a value or the one error for it, never another exception."""

from __future__ import annotations

from contextlib import suppress
from math import isfinite
from xml.etree import ElementTree

from seatrial.clients import docker, envoy, git, prometheus, svn
from seatrial.commit.sources.git import checkout, revision
from seatrial.commit.sources.subversion import externals, place, working
from seatrial.errors import BadInput, Infrastructure
from seatrial.system.process import Completed


def fuzz_git(data: bytes) -> None:
    """Git's own form, filled with what people choose: the names of files and of a branch, and a URL."""
    name, _, branch = data.partition(b"\0")
    name, branch = name.replace(b"\0", b""), branch.replace(b"\0", b"") or b"x"
    oid = b"0" * 40
    records = (b"# branch.oid " + oid, b"# branch.head " + branch, b"? " + name, b"1 .M N... " + name)
    status = revision._status(Completed(0, b"\0".join(records) + b"\0", b""))
    assert status.branch == ("" if branch == b"(detached)" else git.text(branch))
    assert status.records == tuple(git.text(one) for one in records[2:])
    listed = checkout._list(
        b"100644 blob " + oid + b"\t" + name + b"\0" + b"160000 commit " + oid + b"\tsub\0"
    )
    assert listed.files == [git.text(name)]
    assert listed.submodules == {"sub": oid.decode()}
    revision.branch_of(git.text(branch).split(", "), "HEAD")
    url = revision._without_user(f"https://{git.text(name)}")
    assert "@" not in url.removeprefix("https://").partition("/")[0]


def fuzz_svn(data: bytes) -> None:
    """`svn info`, `svn status` and the externals, in XML."""
    done = Completed(0, data, b"")
    with suppress(BadInput):
        found = place.info(done)
        assert not found.path.startswith("^/")
    with suppress(BadInput):
        externals.pinned(done)
    with suppress(BadInput, ElementTree.ParseError):
        root = svn.xml(done)
        for entry in root.iter("entry"):
            working._refuse_conflict(entry.get("path", ""), dict(entry.items()))
    assert svn.failed(Completed(1, b"", data)).message


def fuzz_prometheus(data: bytes) -> None:
    with suppress(prometheus.Unanswered):
        assert isfinite(prometheus.value_of(data))


def fuzz_docker(data: bytes) -> None:
    with suppress(Infrastructure):
        assert isinstance(docker.inspected("image", data), dict)
    assert "\n" not in docker.last_words(data.decode("utf-8", "replace"))


def fuzz_envoy(data: bytes) -> None:
    with suppress(envoy.Unreachable):
        assert all(isinstance(name, str) for name in envoy.values_of(data))
