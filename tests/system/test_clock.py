"""Time, as records show it."""

from __future__ import annotations

from seatrial.system import clock


def test_iso() -> None:
    assert clock.iso(0) == "1970-01-01T00:00:00Z"
    assert clock.iso(1777817220.9) == "2026-05-03T14:07:00Z"  # date -u -d @1777817220


def test_time_goes_on() -> None:
    assert clock.monotonic() <= clock.monotonic()
    assert clock.now() > 1_700_000_000
