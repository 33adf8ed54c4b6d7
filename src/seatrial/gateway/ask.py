"""One request straight to a model server, past the gateway: no user's, and in no log of users' requests."""

from __future__ import annotations

import time
from collections.abc import Iterable
from http.client import HTTPConnection, HTTPException, HTTPResponse

from seatrial.errors import Infrastructure
from seatrial.gateway.log_line import LONGEST_PREDICTION, PREDICTION_HEADER, Line
from seatrial.named_tuple import NamedTuple
from seatrial.system import clock

# Until the next byte of an answer, and until its last one.
SILENCE_SECONDS = 30.0
WHOLE_SECONDS = 120.0
_PIECE = 64 * 1024


class Asked(NamedTuple):
    """What is asked of a server, and the id that says so."""

    method: str
    path: str
    headers: Iterable[tuple[str, str]]
    body: bytes
    request: str


def ask(port: int, revision: str, asked: Asked) -> Line:
    """What a server of ours answered, as a line of the gateway's log would say it.

    An answer that is cut, or takes too long, is a failure of the server. Raises Infrastructure where nobody
    listens: that says nothing of its answers.
    """
    connection = HTTPConnection("127.0.0.1", port, timeout=SILENCE_SECONDS)
    at = clock.now()
    try:
        connection.connect()
        return answered(connection, revision, asked, at)
    except ConnectionRefusedError as error:
        raise Infrastructure(f"nobody listens at port {port}, where {revision} should") from error
    except (OSError, HTTPException, ValueError):
        return Line(int(at), revision, 0, failed=True, microseconds=None, request=asked.request)
    finally:
        connection.close()


def answered(connection: HTTPConnection, revision: str, asked: Asked, at: float) -> Line:
    begun = time.monotonic()
    headers = {**dict(asked.headers), "x-request-id": asked.request, "connection": "close"}
    connection.request(asked.method, asked.path, asked.body or None, headers)
    answer = connection.getresponse()
    first = time.monotonic()
    prediction = answer.getheader(PREDICTION_HEADER, "")[:LONGEST_PREDICTION]
    failed = answer.status >= 500 or not is_whole(answer, begun + WHOLE_SECONDS)
    microseconds = round((first - begun) * 1e6)
    return Line(int(at), revision, answer.status, failed, microseconds, asked.request, prediction)


def is_whole(answer: HTTPResponse, deadline: float) -> bool:
    """Whether all of it came in time. An answer that is shorter than it said raises HTTPException."""
    while answer.read(_PIECE):
        if time.monotonic() > deadline:
            return False
    return not answer.length
