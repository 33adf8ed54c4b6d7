from __future__ import annotations

import re
import threading
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.journal import secrets
from seatrial.run import logs
from seatrial.run.events import LogLine, RunEvent
from tests.properties import examples

HIDDEN = secrets.forms(["geheim", "first line\nsecond line"])


class Seen(list[RunEvent]):
    def text(self) -> bytes:
        return b"\n".join(event.text for event in self if isinstance(event, LogLine))


def written(path: Path, chunks: list[bytes], hidden: tuple[bytes, ...] = ()) -> Seen:
    seen = Seen()
    writer = logs.Writer(path, "one", hidden, seen.append)
    for chunk in chunks:
        writer.write(chunk)
    writer.close()
    return seen


def test_lines_have_stamps_and_come_back(tmp_path: Path) -> None:
    path = logs.path_of(tmp_path, "r-1", "one")
    written(path, [b"on", b"e\ntwo\r\n", b"\nlast"])
    raw = path.read_bytes().split(b"\n")
    assert all(re.fullmatch(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z .*", line) for line in raw[:-1])
    assert [line.text for line in logs.read(tmp_path, "r-1", "one")] == [b"one", b"two", b"", b"last"]


def test_no_output_makes_no_file(tmp_path: Path) -> None:
    path = logs.path_of(tmp_path, "r-1", "one")
    written(path, [])
    assert not path.exists()
    assert list(logs.read(tmp_path, "r-1", "one")) == []


@examples(60)
@given(cuts=st.lists(st.integers(0, 90), max_size=8))
def test_secrets_are_masked_wherever_the_output_is_cut(
    cuts: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    content = b"a geheim b\nfirst line\n  second line\nZ2VoZWlt end geh eim\n"
    places = sorted({0, len(content), *(cut for cut in cuts if cut < len(content))})
    chunks = [content[a:b] for a, b in pairwise(places)]
    path = tmp_path_factory.mktemp("log") / "one.log"
    seen = written(path, chunks, HIDDEN)
    assert seen.text() == b"a *** b\n***\n  ***\n*** end geh eim"
    assert b"geheim" not in path.read_bytes()


def test_secret_in_a_line_without_end_is_masked_where_it_is_cut(tmp_path: Path) -> None:
    for before in range(logs.PIECE - 12, logs.PIECE + 3):
        seen = written(tmp_path / str(before), [b"x" * before + b"geh", b"eim" + b"y" * 20], HIDDEN)
        whole = b"".join(event.text for event in seen if isinstance(event, LogLine))
        assert whole == b"x" * before + b"***" + b"y" * 20


def test_long_lines_are_bounded_in_memory_and_file(tmp_path: Path) -> None:
    seen = Seen()
    writer = logs.Writer(tmp_path / "log", "one", HIDDEN, seen.append)
    for _ in range(100):
        writer.write(b"x" * 65536)
        assert len(writer._rest) < 2 * logs.PIECE
    writer.close()
    pieces = [event.text for event in seen if isinstance(event, LogLine)]
    assert max(map(len, pieces)) <= logs.PIECE
    assert sum(map(len, pieces)) == 100 * 65536


def test_names_of_stages_become_names_of_files() -> None:
    names = ["train", "a/b", "a b", "..", "", "ä", "x" * 300, ".hidden", "a-b", "test (size=small)"]
    found = [logs.safe_name(name) for name in names]
    assert found[0] == "train"
    assert len(set(found)) == len(names)
    assert all(re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,90}", name) for name in found)


def test_following_ends_when_the_stage_is_over_and_waits_for_whole_lines(tmp_path: Path) -> None:
    path = logs.path_of(tmp_path, "r-1", "one")
    writer = logs.Writer(path, "one", (), lambda _: None)
    over = threading.Event()
    found: list[bytes] = []
    first = threading.Event()

    def follow() -> None:
        for line in logs.read(tmp_path, "r-1", "one", is_over=over.is_set):
            found.append(line.text)
            first.set()

    reader = threading.Thread(target=follow)
    reader.start()
    writer.write(b"one\n")
    assert first.wait(10)
    with path.open("ab") as file:
        file.write(b"2026-05-03T14:07:00.123Z cut o")
    assert found == [b"one"]
    with path.open("ab") as file:
        file.write(b"ff\n")
    over.set()
    reader.join(10)
    assert found == [b"one", b"cut off"]
    writer.close()


def test_what_a_killed_writer_left_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = logs.path_of(tmp_path, "r-1", "one")
    path.parent.mkdir(parents=True)
    path.write_bytes(b"2026-05-03T14:07:00.123Z one\n2026-05-03T14")
    found = list(logs.read(tmp_path, "r-1", "one"))
    assert found == [logs.Line("2026-05-03T14:07:00.123Z", b"one"), logs.Line("", b"2026-05-03T14")]
