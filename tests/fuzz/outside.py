"""Bytes that come from outside by other ways than a pipeline file: a value or the one error for it."""

from __future__ import annotations

import io
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import seatrial.store.large  # noqa: F401 - imported late, where a fuzzer would not instrument it
from seatrial.commit.sources.git import lfs
from seatrial.errors import BadInput, Place
from seatrial.gateway import access_log, log_line
from seatrial.journal import secrets
from seatrial.journal.journal import open_journal
from seatrial.journal.releases import EnvironmentRow
from seatrial.package import manifest, pickles, provenance
from seatrial.package.runtimes.function.server import Handler, Server
from seatrial.pipeline.pipeline import Predictions
from seatrial.release import label_requests, labelling, recorded
from seatrial.run import junit, requirements
from seatrial.store import blobs, layout, trees
from seatrial.store.store import Store, open_store
from seatrial.store.trees import FILE, Entry
from seatrial.system import clock, files
from tests.fuzz.place import folder

PLACE = Place("seatrial.yaml", 1, 1)
ROW = EnvironmentRow("p", "production", "", "up", "", {})
RULES = labelling.Rules(ROW, Predictions(), str, frozenset({"p/production/1"}))


@cache
def home() -> Store:
    return open_store(folder(), open_journal(folder()))


@contextmanager
def kept(*contents: bytes) -> Iterator[list[str]]:
    """The digests of contents that are in the store for as long."""
    found = [blobs.add_bytes(home(), content) for content in contents]
    try:
        yield found
    finally:
        for digest in set(found):
            blobs.remove(home(), digest)


def fuzz_pickle(data: bytes) -> None:
    """A model's file, looked at before anybody loads it."""
    file = folder() / "model.pkl"
    file.write_bytes(data)
    pickles.is_pickle(file, file.name)
    try:
        found = pickles.harmful(file)
    except pickles.UnreadableError:
        return
    assert not pickles.HARMLESS & set(found)


def fuzz_index(data: bytes) -> None:
    """The list of the store's packages, which a disk or a person may have damaged."""
    try:
        listed = layout.from_json(data)
    except BadInput as problem:
        assert problem.message
        return
    assert layout.from_json(layout.to_json(listed)) == listed


def fuzz_manifest(data: bytes) -> None:
    """A manifest and its configuration, parted by a NUL."""
    head, _, configuration = data.partition(b"\0")
    try:
        parsed = manifest.parse(head)
        contents = manifest.parse_configuration(parsed, configuration)
    except BadInput as problem:
        assert problem.message
        return
    written = manifest.write(contents)
    again = manifest.parse_configuration(manifest.parse(written.manifest), written.configuration)
    assert again == contents


def fuzz_junit(data: bytes) -> None:
    """A report that a test runner wrote, or whoever can write into the workspace."""
    (folder() / "report.xml").write_bytes(data)
    found = junit.read(folder(), ["report.xml"], PLACE, ["s3cret-value"])
    counts = [found[kind] for kind in ("failures", "errors", "skipped")]
    assert sum(counts) <= found["tests"]
    assert not any("s3cret-value" in line for line in (*found["failed"], *found["unreadable"]))


def fuzz_recorded(data: bytes) -> None:
    """Recorded requests, which become ours."""
    try:
        requests = recorded.parse(data, "probe.jsonl")
    except BadInput as problem:
        assert problem.place is not None
        return
    for one in requests:
        assert "\r" not in f"{one.path}{one.headers}" and "\n" not in one.path
        assert one.path.startswith("/")


def fuzz_labels(data: bytes) -> None:
    """The body of `POST /labels/…`."""
    try:
        for number, given in label_requests.objects(data):
            found = label_requests.label(number, given, RULES, clock.now())
            assert found.request.isprintable() and found.value.isprintable()
    except BadInput as problem:
        assert problem.message


def fuzz_log_line(data: bytes) -> None:
    """Lines of the gateway's log: their last fields come from whoever sent the request."""
    lines = list(log_line.lines(data))
    counted = access_log.count(data)
    assert sum(second.requests for second in counted) >= len(lines)
    assert all(second.failed <= second.requests for second in counted)


def fuzz_pointer(data: bytes) -> None:
    pointer = lfs.parse(data)
    if pointer is not None:
        assert re.fullmatch("sha256:[0-9a-f]{64}", pointer.digest)
        assert pointer.size >= 0


def fuzz_secrets(data: bytes) -> None:
    """A file of secrets: an error shows nothing of it, since any of it may be a value."""
    file = folder() / "secrets.env"
    file.write_bytes(data)
    file.chmod(0o600)
    try:
        found = secrets.read(file)
    except BadInput as problem:
        assert problem.message
        return
    hidden = secrets.forms(found.values())
    for name, value in found.items():
        assert name.isidentifier()
        if len(value) >= secrets.SHORTEST:
            assert value.encode() not in secrets.mask(f"<{value}>".encode(), hidden)


def fuzz_requirements(data: bytes) -> None:
    """A file of requirements, which may include itself, and a second one behind a NUL."""
    first, _, second = data.partition(b"\0")
    with kept(second, first) as digests:
        names = ("more.txt", "requirements.txt")
        tree = tuple(Entry(name, FILE, digest, 1) for name, digest in zip(names, digests, strict=True))
        try:
            text = requirements.resolve(home(), tree, "requirements.txt")
        except BadInput as problem:
            assert problem.message
            return
    wanted, constraints = requirements.split(text)
    assert requirements.CONSTRAINT not in constraints
    assert all(requirements.by_name(wanted).values())


def fuzz_tree(data: bytes) -> None:
    """A tree of files, which tells where each is to be written."""
    try:
        tree = trees.decode(data, "tree")
    except BadInput as problem:
        assert problem.message
        return
    for entry in tree:
        assert files.inside(folder(), entry.path).is_relative_to(folder())
    assert trees.decode(trees.encode(tree), "again") == tree


def fuzz_statement(data: bytes) -> None:
    """What somebody says about a package, in a referrer of its digest."""
    package = "sha256:" + "0" * 64
    with kept(data) as (digest,):
        layer = {"mediaType": provenance.IN_TOTO, "digest": digest, "size": len(data)}
        with kept(json.dumps({"layers": [layer]}).encode()) as (referrer,):
            found = provenance._read(home(), referrer, package)
    if found is not None:
        assert isinstance(provenance.told(found), str)


class Conversation(io.BytesIO):
    """A connection on which all that is sent was sent before it is read, with the server's own side of it."""

    def __init__(self, sent: bytes) -> None:
        super().__init__(sent)
        self.answers = Answers()

    def makefile(self, mode: str, _size: int) -> io.BytesIO:
        return self if mode == "rb" else self.answers

    def nothing(self, *_: object) -> None:
        """There is no socket to set anything of."""

    setsockopt = settimeout = nothing


class Answers(io.BytesIO):
    def close(self) -> None:
        """It is read afterwards."""


@cache
def echo() -> Server:
    server = Server.__new__(Server)
    server.function, server.health, server.key = (lambda value: value), "/health", "prediction"
    server.idle, server.is_ending = set(), False
    server.warned = threading.Lock()
    return server


def fuzz_request(data: bytes) -> None:
    """What a client sends to the server of a function that gives back what it is given."""
    connection: Any = Conversation(data)
    Handler(connection, ("", 0), echo())
    answered = connection.answers.getvalue()
    is_bare = answered[:1] in [b"", *(bytes([one]) for one in b'{["-0123456789tfn')]
    assert answered.startswith(b"HTTP/1.1 ") or is_bare  # to HTTP/0.9 it is the JSON, without a head
