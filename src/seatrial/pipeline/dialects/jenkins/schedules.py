"""A schedule of Jenkins as plain lines of cron: of its words, `H` is a number that the text gives."""

from __future__ import annotations

import re
from zlib import crc32

_ALIASES = {
    "@hourly": "H * * * *",
    "@daily": "H H * * *",
    "@midnight": "H H(0-2) * * *",
    "@weekly": "H H * * H",
    "@monthly": "H H H * *",
    "@annually": "H H H H *",
    "@yearly": "H H H H *",
}
# The least and the largest number of each field that `H` may stand for: every month has 28 days.
_BOUNDS = ((0, 59), (0, 23), (1, 28), (1, 12), (0, 6))
_LARGEST = (59, 23, 31, 12, 6)
_HASHED = re.compile(r"H(?:\((\d+)-(\d+)\))?(?:/(\d+))?")


def schedule_of(text: str) -> tuple[str, tuple[str, ...]]:
    """The time zone that a schedule says, "" for none, and its lines, of five fields each."""
    zone, found = "", []
    for line in map(str.strip, text.splitlines()):
        if line.startswith("TZ="):
            zone = line[3:].strip()
        elif line and not line.startswith("#"):
            found.append(_plain(_ALIASES.get(line, line)))
    return zone, tuple(found)


def _plain(line: str) -> str:
    """One line without `H`: another number in each field, and the same whenever it is written."""
    fields = line.split()
    return " ".join(
        ",".join(_part(part, number, line) for part in field.split(","))
        for number, field in enumerate(fields[:5])
    )


def _part(part: str, number: int, line: str) -> str:
    match = _HASHED.fullmatch(part)
    if match is None:
        return "0" if (number, part) == (4, "7") else part  # Sunday has two numbers
    low, high = (int(match[1]), int(match[2])) if match[1] else _BOUNDS[number]
    seed = crc32(f"{line}:{number}".encode())
    step = int(match[3] or 0)
    if not step:
        return str(low + seed % max(high - low + 1, 1))
    first = low + seed % min(step, max(high - low + 1, 1))
    return f"{first}-{high if match[1] else _LARGEST[number]}/{step}"
