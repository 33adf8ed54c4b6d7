"""Bytes that come from outside by other ways than a pipeline file: a value or the one error for it."""

from __future__ import annotations

import re
from functools import cache

import seatrial.store.large  # noqa: F401 - imported late, where a fuzzer would not instrument it
from seatrial.commit.sources.git import lfs
from seatrial.errors import BadInput, Place
from seatrial.gateway import access_log, log_line
from seatrial.journal.journal import open_journal
from seatrial.package import manifest, pickles, verify
from seatrial.release import label_requests, recorded
from seatrial.run import junit
from seatrial.store import layout, transfer
from seatrial.store.store import Store, open_store
from tests.fuzz.place import folder

PLACE = Place("seatrial.yaml", 1, 1)


@cache
def home() -> Store:
    return open_store(folder(), open_journal(folder()))


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


def fuzz_layout(data: bytes) -> None:
    """A package that somebody sent, as a tar."""
    file = folder() / "package.tar"
    file.write_bytes(data)
    before = layout.manifests(home())
    try:
        digests = transfer.import_layout(home(), file)
    except BadInput as problem:
        assert problem.message
        assert layout.manifests(home()) == before
        return
    for digest in digests:
        verify.verify(home(), digest)


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
        for _, given in label_requests.objects(data):
            assert set(label_requests.fields(given)) <= set(label_requests.labelling.ROLES)
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
