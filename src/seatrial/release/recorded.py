"""Recorded requests, one a line of a file, as they are replayed to both revisions. Pure.

    {"method": "POST", "path": "/classify?top=1", "headers": {"content-type": "text/plain"}, "body": "hello"}

`path` is all that there must be. A `body` that is an object or a list is sent as JSON. Whoever may write the
file may not write into our requests: a method, a path or a header that could begin another one is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from seatrial.errors import BadInput, Place
from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.spelling import did_you_mean
from seatrial.system import compact_json

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
FIELDS = ("method", "path", "headers", "body")
# Said by us, or about one connection only.
OURS = (
    *("connection", "content-length", "expect", "keep-alive", "te", "trailer", "transfer-encoding"),
    *("upgrade", "x-request-id"),
)
MOST_REQUESTS = 10_000
MOST_PROBLEMS = 10
LARGEST = 64 * 1024 * 1024
LONGEST_PATH = 8192

_PATH = re.compile(r"/[!-~]*")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile("[\\t -~\xa0-\xff]*")


class Recorded(NamedTuple):
    """A request, checked."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


def parse(content: bytes, name: str) -> tuple[Recorded, ...]:
    """The requests of a file called `name`; empty lines count for nothing. Raises BadInput at its line."""
    found = tuple(request(line, place) for line, place in lines(content, name))
    ask_number(len(found), name)
    return found


def problems(content: bytes, name: str) -> Iterator[BadInput]:
    """All that is wrong with such a file, of its lines the first few."""
    found = list(lines(content, name))
    wrong = filter(None, (problem(*one) for one in found))
    yield from islice(wrong, MOST_PROBLEMS)
    try:
        ask_number(len(found), name)
    except BadInput as too_many:
        yield too_many


def problem(line: bytes, place: Place) -> BadInput | None:
    try:
        request(line, place)
    except BadInput as found:
        return found
    return None


def lines(content: bytes, name: str) -> Iterator[tuple[bytes, Place]]:
    for number, line in enumerate(content.split(b"\n"), start=1):
        if line.strip():
            yield line, Place(name, number, 1)


def ask_number(number: int, name: str) -> None:
    """Raises BadInput where there are none, or too many."""
    if not number:
        raise BadInput(f"there is no request in {name}", place=Place(name))
    if number > MOST_REQUESTS:
        hint = "take every so-manieth of them"
        raise BadInput(f"{name} has {number:,} requests, more than {MOST_REQUESTS:,}", hint, Place(name))


def request(line: bytes, place: Place) -> Recorded:
    try:
        told = json.loads(line)
    except json.JSONDecodeError as error:
        place = place._replace(column=error.colno)
        raise BadInput("a recorded request is a line of JSON", f"here: {error.msg}", place) from error
    except (ValueError, RecursionError) as error:
        raise BadInput("a recorded request is a line of JSON", f"here: {error}"[:200], place) from error
    if not isinstance(told, dict):
        raise BadInput('a recorded request is an object, as {"path": "/"}', place=place)
    for field in told:
        if field not in FIELDS:
            hint = did_you_mean(field, FIELDS) or f"it has {', '.join(FIELDS)}"
            raise BadInput(f"a recorded request has no `{field[:40]}`", hint, place)
    body, is_json = body_of(told.get("body", ""), place)
    method = told.get("method", "POST" if body else "GET")
    if method not in METHODS:
        raise BadInput("that is not a method that can be replayed", f"one of {', '.join(METHODS)}", place)
    headers = headers_of(told.get("headers", {}), place)
    if is_json and not any(header.lower() == "content-type" for header, _ in headers):
        headers = (*headers, ("content-type", "application/json"))
    return Recorded(method, path_of(told.get("path"), place), headers, body)


def path_of(path: Any, place: Place) -> str:
    if not isinstance(path, str) or not _PATH.fullmatch(path) or len(path) > LONGEST_PATH:
        hint = "it begins with / and has no spaces: other characters are percent-encoded"
        raise BadInput("`path` is not the path of a request", hint, place)
    return path


def headers_of(headers: Any, place: Place) -> tuple[tuple[str, str], ...]:
    if not isinstance(headers, Mapping):
        raise BadInput("`headers` are an object of names and values", place=place)
    for name, value in headers.items():
        if not _NAME.fullmatch(name) or not isinstance(value, str) or not _VALUE.fullmatch(value):
            raise BadInput(f"the header {name[:40]!r} cannot be sent as it is", place=place)
        if name.lower() in OURS:
            raise BadInput(f"the header `{name}` belongs to the connection", "leave it out", place)
    return tuple(headers.items())


def body_of(body: Any, place: Place) -> tuple[bytes, bool]:
    """What is sent, and whether it was written as JSON."""
    try:
        if isinstance(body, str):
            return body.encode(), False
        if isinstance(body, (dict, list)):
            return compact_json.encode(body).encode(), True
    except (UnicodeEncodeError, RecursionError) as error:
        raise BadInput("`body` cannot be sent", place=place) from error
    raise BadInput("`body` is text, an object or a list", place=place)
