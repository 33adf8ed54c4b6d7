"""The shapes of durations, shares, numbers, sizes and addresses."""

from __future__ import annotations

import re

from seatrial.pipeline.dialects.seatrial.shapes import (
    Findings,
    Shape,
    many,
    optional,
    pattern,
    scalar,
    wrong,
)
from seatrial.pipeline.quantity import parse_bytes, parse_duration, parse_percent
from seatrial.pipeline.yaml_document import Node, Scalar

_LONGEST_SECONDS = 366 * 86400
_HOST = re.compile(r"[A-Za-z0-9_.*-]+", re.ASCII)
_NUMBER = r"[0-9]{1,6}(?:\.[0-9]{1,6})?"


def _duration(text: str) -> float | None:
    seconds = parse_duration(text)
    return seconds if seconds is not None and seconds <= _LONGEST_SECONDS else None


def _with_unit(text: str) -> str:
    return f"say {text}s or {text}m" if re.fullmatch(r"[0-9]{1,9}", text) else ""


def _whole(expected: str, least: int, most: int) -> Shape:
    def value_of(text: str) -> int | None:
        number = int(text) if re.fullmatch(r"[0-9]{1,9}", text, re.ASCII) else -1
        return number if least <= number <= most else None

    return scalar(expected, value_of, {"type": "integer", "minimum": least, "maximum": most})


def _cpus(text: str) -> float | None:
    return float(text) or None if re.fullmatch(_NUMBER, text, re.ASCII) else None


def _share(text: str) -> str | None:
    share = parse_percent(text)
    return text.strip() if share else None


def _confidence(text: str) -> str | None:
    level = parse_percent(text)
    return text if text == "point" or (level is not None and 0.5 <= level < 1) else None


def _address(text: str) -> str | None:
    host, colon, port = text.rpartition(":")
    if not colon:  # an engine that has its own ports takes a name alone
        return text if _HOST.fullmatch(text) and not text.isdigit() else None
    is_port = re.fullmatch(r"[0-9]{1,5}", port, re.ASCII) is not None and 0 < int(port) < 65536
    return text if is_port and _HOST.fullmatch(host.strip("[]").replace(":", "")) else None


def _yes(node: Node, key: str, findings: Findings) -> str | None:
    if isinstance(node, Scalar) and (node.is_null or node.text == "true"):
        return ""
    wrong(node, key, "true", findings)
    return None


DURATION = scalar(
    "a duration, such as 90s or 1h30m",
    _duration,
    {"type": "string", "pattern": r"^([0-9]+(\.[0-9]+)?(d|h|m|s|ms))+$"},
    _with_unit,
)
PERCENT = scalar("a share, such as 5%", _share, {"type": "string", "pattern": r"^[0-9]{1,3}(\.[0-9]+)?\s*%$"})
SHARE = optional(PERCENT)
YES = Shape("true", {"anyOf": [{"const": True}, {"type": "null"}]}, _yes)
LEVEL = scalar(
    "a level from 50% to below 100%",
    lambda text: None if text == "point" else _confidence(text),
    {"type": "string", "pattern": r"^[5-9][0-9](\.[0-9]+)?\s*%$"},
)
CONFIDENCE = scalar(
    "a level from 50% to below 100%, or `point`",
    _confidence,
    {"type": "string", "pattern": r"^(point|[5-9][0-9](\.[0-9]+)?\s*%)$"},
)
RETRIES = _whole("a number from 0 to 10", 0, 10)
GPUS = _whole("a number of graphics processors", 0, 1024)
PORTS = many(_whole("a port", 1, 65535), "a list of ports")
CPUS = scalar("a number of processors, such as 2 or 0.5", _cpus, {"type": "number", "exclusiveMinimum": 0})
BYTES = scalar(
    "a size, such as 8GiB",
    lambda text: parse_bytes(text) or None,
    {"type": ["string", "integer"], "pattern": r"^[0-9]+(\.[0-9]+)?\s*([KMGT]i?)?B?$"},
)
ADDRESS = scalar(
    "an address, such as 127.0.0.1:8080",
    _address,
    {"type": "string", "minLength": 1},
    lambda text: f"say 127.0.0.1:{text}" if text.isdigit() else "",
)
URL_PATH = pattern("a path of a URL, such as /health", r"/[!-~]{0,999}")
