"""Prometheus: one number from one query, over its HTTP API."""

from __future__ import annotations

import json
import time
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from math import isfinite
from urllib.parse import urlencode, urlsplit

LARGEST_ANSWER = 1024 * 1024
TIMEOUT_SECONDS = 10.0


class Unanswered(Exception):  # noqa: N818 - a state that callers note, not an error that a user meets
    """There is no such number now; says why."""


def number(address: str, query: str, timeout_seconds: float = TIMEOUT_SECONDS) -> float:
    """The value of an instant query that gives one series, or a scalar. Raises Unanswered."""
    return value_of(ask(address, query, timeout_seconds))


def ask(address: str, query: str, timeout_seconds: float) -> bytes:
    """What the server answers to a query. Redirects are not followed."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise Unanswered(f"{address} is no address: {error}") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Unanswered(f"{address} is no address: write http://HOST:PORT")
    if parts.username or parts.password:
        raise Unanswered("a name or password in the address would be in every record: leave it out")
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname, port, timeout=timeout_seconds)
    deadline = time.monotonic() + timeout_seconds
    try:
        connection.request("GET", f"{parts.path.rstrip('/')}/api/v1/query?{urlencode({'query': query})}")
        answer = connection.getresponse()
        content = b""
        while piece := answer.read1(65536):
            content += piece
            if len(content) > LARGEST_ANSWER or time.monotonic() > deadline:
                raise Unanswered(f"the answer of {address} does not end")
    except (OSError, HTTPException, ValueError) as error:
        raise Unanswered(f"{address} does not answer: {error or type(error).__name__}") from error
    finally:
        connection.close()
    if answer.status not in (200, 400, 422, 503):  # the others have no error in JSON
        raise Unanswered(f"{address} answered {answer.status}")
    return content


def value_of(content: bytes) -> float:
    """The number of an answer of the API. Raises Unanswered, whatever the content is."""
    try:
        answer = json.loads(content)
        if answer["status"] != "success":
            raise Unanswered(f"the query failed: {answer.get('error')}")
        kind, result = answer["data"]["resultType"], answer["data"]["result"]
        if kind == "vector" and len(result) != 1:
            raise Unanswered(f"the query gives {len(result)} series, where one number is wanted")
        sample = result[0]["value"] if kind == "vector" else result
        value = float(sample[1]) if kind in ("vector", "scalar") else None
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
        raise Unanswered("the answer is not that of Prometheus") from error
    if value is None:
        raise Unanswered(f"the query gives a {kind}, where one number is wanted")
    if not isfinite(value):
        raise Unanswered(f"the query gives {value}")
    return value
