"""Times as people write them."""

from __future__ import annotations

from seatrial.errors import BadInput


def parse_time(text: str) -> float:
    """Seconds since the epoch of "2026-05-03" or "2026-05-03T14:07+02:00"; without a zone it is UTC.

    A day alone stands for its end: "what was live on 3 May" is what was live when that day was over.
    """
    from datetime import UTC, datetime, timedelta

    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(f"{text!r} is no time", hint="write 2026-05-03 or 2026-05-03T14:07Z") from None
    if len(text) == len("2026-05-03"):
        at += timedelta(days=1)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
