"""How long to wait before something that failed is tried again."""

from __future__ import annotations

FIRST_SECONDS = 0.5
LONGEST_SECONDS = 30.0


def seconds(failures: int) -> float:
    """The pause after so many failures in a row: it doubles, from 1 second up to 30."""
    return min(LONGEST_SECONDS, FIRST_SECONDS * 2.0 ** min(failures, 10))
