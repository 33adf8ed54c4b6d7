"""A line of the access log: how Envoy is told to write it, and what it says.

Tabs part the fields. The first six can hold none: Envoy makes them itself, and a revision is percent-encoded.
The last three come from outside (a header may hold a tab, though no end of a line), so they count for nothing
unless there are exactly three: whoever puts a tab into one only loses the ids of his own request.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from seatrial.named_tuple import NamedTuple

# Where a server's cluster names its revision, and a request its user.
METADATA = "seatrial"
REVISION = "revision"
UNIT = "unit"
REVISION_OF_ANSWER = f"%UPSTREAM_METADATA({METADATA}:{REVISION})%"
PREDICTION_HEADER = "x-seatrial-prediction"

# Characters of what comes from outside; more is cut off by Envoy.
LONGEST_REQUEST = 128
LONGEST_PREDICTION = 512
LONGEST_UNIT = 256

NOTHING = b"-"
MADE = 6
_GIVEN = 3

# What says that an answer was cut short or never came, other than by the client (DC).
CUT = frozenset({"UF", "UC", "UT", "LR", "UR", "URX", "SI", "UPE", "UMSDR"})
# Statuses of gRPC that blame the server: UNKNOWN, DEADLINE_EXCEEDED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE,
# DATA_LOSS; the same that HTTP's mapping of gRPC turns into 5xx.
FAILED_GRPC = frozenset({"2", "4", "12", "13", "14", "15"})


class Line(NamedTuple):
    """A request. `at` is the second, of the system's clock, in which it came.

    `revision` is who answered in the end, "" for nobody. `microseconds` until the first byte of the answer
    came from the server, None where none did. `request`, `prediction` and `unit` are "" where unknown.
    """

    at: int
    revision: str
    code: int
    failed: bool
    microseconds: int | None
    request: str = ""
    prediction: str = ""
    unit: str = ""


def form(sticky: str, predictions: bool) -> str:
    """The format of a line, for Envoy; `sticky` is "", "header NAME" or "cookie NAME"."""
    made = [
        "%START_TIME(%s)%",
        REVISION_OF_ANSWER,
        "%RESPONSE_CODE%",
        "%RESPONSE_FLAGS%",
        "%GRPC_STATUS_NUMBER%",
        "%COMMON_DURATION(DS_RX_BEG:US_RX_BEG:us)%",
    ]
    kind, _, name = sticky.partition(" ")
    units = {
        "header": f"%REQ({name}):{LONGEST_UNIT}%",
        "cookie": f"%DYNAMIC_METADATA({METADATA}:{UNIT}):{LONGEST_UNIT}%",
    }
    given = [
        f"%REQ(x-request-id):{LONGEST_REQUEST}%",
        f"%RESP({PREDICTION_HEADER}):{LONGEST_PREDICTION}%" if predictions else "-",
        units.get(kind, "-"),
    ]
    return "\t".join([*made, *given]) + "\n"


def quoted(revision: str) -> str:
    """A revision's id as a header and a log line can hold it: percent-encoded where it is not plain."""
    from urllib.parse import quote

    return quote(revision, safe="/")


@lru_cache(maxsize=1024)
def unquoted(revision: bytes) -> str:
    from urllib.parse import unquote

    return "" if revision == NOTHING else unquote(revision.decode("ascii", "replace"))


def lines(content: bytes) -> Iterator[Line]:
    """What whole lines say; those that Envoy cannot have written so are left out."""
    for one in content.split(b"\n"):
        line = parse(one)
        if line is not None:
            yield line


def parse(line: bytes) -> Line | None:
    """None where it is no line of ours, as one that a full disk has cut."""
    fields = line.split(b"\t", MADE)
    if len(fields) <= MADE:
        return None
    at, revision, code, flags, grpc, duration, given = fields
    if not (at.isdigit() and code.isdigit() and len(at) < 12 and len(code) < 4):
        return None
    if given.count(b"\t") < _GIVEN - 1:
        return None
    return Line(
        int(at),
        unquoted(revision),
        int(code),
        is_failed(code, flags, grpc),
        microseconds(duration),
        *outside(given),
    )


def outside(given: bytes) -> tuple[str, str, str]:
    """Request, prediction and unit."""
    fields = given.split(b"\t")
    if len(fields) != _GIVEN:
        return "", "", ""
    request, prediction, unit = ("" if one == NOTHING else one.decode("utf-8", "replace") for one in fields)
    return request, prediction, unit


def microseconds(duration: bytes) -> int | None:
    return int(duration) if duration.isdigit() and len(duration) < 16 else None


@lru_cache(maxsize=1024)
def is_failed(code: bytes, flags: bytes, grpc: bytes) -> bool:
    """Whether the server is to blame: 5xx, an answer that was cut, also after 200, or a status of gRPC."""
    cut = not CUT.isdisjoint(flags.decode("ascii", "replace").split(","))
    return cut or (len(code) == 3 and code >= b"500") or grpc.decode("ascii", "replace") in FAILED_GRPC
