"""Time: of the wall for records, monotonic for waiting."""

from __future__ import annotations

import time


def now() -> float:
    """Seconds since the epoch, for records only: it may jump, so nothing is ever timed by it."""
    return time.time()


def monotonic() -> float:
    """Seconds that only ever grow, for timeouts and durations on this machine."""
    return time.monotonic()


def iso(at: float) -> str:
    """`at` as UTC in ISO 8601, to the second: 2026-05-03T14:07:00Z."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))
