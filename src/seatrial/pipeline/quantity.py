"""Durations, shares and sizes as people write them."""

from __future__ import annotations

import re

# Expressions are compiled on use: most files have no quantity of most kinds.
# Largest unit first, each at most once: 1h30m, 90s, 1.5h, 250ms.
_DURATION = r"(?:(?P<d>N)d)?(?:(?P<h>N)h)?(?:(?P<m>N)m(?!s))?(?:(?P<s>N)s)?(?:(?P<ms>N)ms)?".replace(
    "N", r"[0-9]{1,9}(?:\.[0-9]{1,9})?"
)
_SECONDS = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_PERCENT = r"([0-9]{1,3}(?:\.[0-9]{1,9})?)\s*%"
_BYTES = r"([0-9]{1,9}(?:\.[0-9]{1,9})?)\s*([KMGT]i?)?B?"
_POWERS = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4}


def parse_duration(text: str) -> float | None:
    """Seconds, or None where the text is no duration. A number without a unit is none."""
    match = re.fullmatch(_DURATION, text.strip()) if text.strip() else None
    if match is None:
        return None
    return sum(float(number) * _SECONDS[unit] for unit, number in match.groupdict().items() if number)


def parse_percent(text: str) -> float | None:
    """`5%` → 0.05; None where the text is no percentage, or is over 100%."""
    match = re.fullmatch(_PERCENT, text.strip())
    share = float(match[1]) / 100 if match else None
    return share if share is not None and share <= 1 else None


def parse_bytes(text: str) -> int | None:
    """`2GiB` and `2Gi` → 2 · 2^30, `2GB` and `2G` → 2 · 10^9, `512` → 512; None where the text is no size."""
    match = re.fullmatch(_BYTES, text.strip())
    if match is None:
        return None
    unit = match[2] or ""
    return int(float(match[1]) * (1024 if unit.endswith("i") else 1000) ** _POWERS[unit[:1]])
