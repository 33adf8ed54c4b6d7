"""Files of recorded requests: what is sent of them, and what of hostile ones is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.errors import BadInput
from seatrial.release import recorded
from seatrial.release.recorded import Recorded, parse
from tests.properties import examples


def test_requests_are_sent_as_they_were_recorded() -> None:
    content = b"""{"path": "/health"}

{"method": "PUT", "path": "/a?b=c", "headers": {"X-User": "ann", "content-type": "a/x"}, "body": "h\xc3\xa9"}
{"path": "/json", "body": {"text": "a b"}}
{"path": "/list", "body": [1, null], "headers": {"Content-Type": "application/x-list"}}
"""
    assert parse(content, "r.jsonl") == (
        Recorded("GET", "/health"),
        Recorded("PUT", "/a?b=c", (("X-User", "ann"), ("content-type", "a/x")), "hé".encode()),
        Recorded("POST", "/json", (("content-type", "application/json"),), b'{"text":"a b"}'),
        Recorded("POST", "/list", (("Content-Type", "application/x-list"),), b"[1,null]"),
    )


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b"hello", "a line of JSON"),
        (b"[" * 100_000, "a line of JSON"),
        (b"\xff", "a line of JSON"),
        (b"[]", "is an object"),
        (b"{}", "not the path"),
        (b'{"path": 3}', "not the path"),
        (b'{"path": "//x y"}', "not the path"),
        (b'{"path": "http://elsewhere/"}', "not the path"),
        (b'{"path": "/ HTTP/1.1\\r\\nx: y"}', "not the path"),
        (b'{"path": "/\\u00e9"}', "not the path"),
        (b'{"path": "/", "method": "CONNECT"}', "not a method"),
        (b'{"path": "/", "method": "GET /x"}', "not a method"),
        (b'{"path": "/", "method": ["GET"]}', "not a method"),
        (b'{"path": "/", "headers": []}', "an object of names"),
        (b'{"path": "/", "headers": {"a": 1}}', "cannot be sent"),
        (b'{"path": "/", "headers": {"a:": "x"}}', "cannot be sent"),
        (b'{"path": "/", "headers": {"": "x"}}', "cannot be sent"),
        (b'{"path": "/", "headers": {"a": "x\\r\\nb: y"}}', "cannot be sent"),
        (b'{"path": "/", "headers": {"a": "\\u2028"}}', "cannot be sent"),
        (b'{"path": "/", "headers": {"Content-Length": "5"}}', "belongs to the connection"),
        (b'{"path": "/", "headers": {"X-Request-Id": "5"}}', "belongs to the connection"),
        (b'{"path": "/", "body": 3}', "text, an object or a list"),
        (b'{"path": "/", "body": "\\ud800"}', "cannot be sent"),
        (b'{"path": "/", "bdoy": ""}', "has no `bdoy`"),
    ],
)
def test_what_could_be_another_request_or_none_is_refused_at_its_line(line: bytes, says: str) -> None:
    with pytest.raises(BadInput, match=says) as caught:
        parse(b'{"path": "/"}\n' + line + b"\n", "r.jsonl")
    assert str(caught.value.place) == "r.jsonl:2:1"


def test_empty_and_endless_files_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadInput, match="no request"):
        parse(b"\n \n", "r.jsonl")
    monkeypatch.setattr(recorded, "MOST_REQUESTS", 3)
    assert len(parse(b'{"path": "/"}\n' * 3, "r.jsonl")) == 3
    with pytest.raises(BadInput, match="has 4 requests, more than 3"):
        parse(b'{"path": "/"}\n' * 4, "r.jsonl")


@examples(100)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        assert parse(content, "r.jsonl")
    except BadInput as problem:
        assert problem.place is not None
