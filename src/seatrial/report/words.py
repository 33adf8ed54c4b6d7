"""Numbers and times as people read them."""

from __future__ import annotations

from collections.abc import Sequence

NOT_SAID = "–"

_CONTROLS = dict.fromkeys((*range(32), *range(127, 160)), "�")


def number(value: float | None) -> str:
    """Three or four digits that matter: 0.8421, 12.30, 1,234,567."""
    if value is None or value != value:
        return NOT_SAID
    if value in (float("inf"), float("-inf")):
        return "∞" if value > 0 else "−∞"
    size = abs(value)
    if size >= 1e15 or 0 < size < 1e-4:
        return f"{value:.2e}"
    if size >= 1000:
        return f"{value:,.0f}"
    return f"{value:.2f}" if size >= 10 else f"{value:.4f}" if size < 1 else f"{value:.3f}"


def interval(low: float | None, high: float | None) -> str:
    """The interval in brackets; "" where there is none."""
    if low is None and high is None:
        return ""
    return f"[{number(low)}, {number(high)}]"


def seconds(value: float | None) -> str:
    """A duration: 0.02s, 12.3s, 4m 05s, 2h 10m."""
    if value is None:
        return ""
    if value < 9.995:
        return f"{value:.2f}s"
    if value < 99.95:
        return f"{value:.1f}s"
    minutes, rest = divmod(round(value), 60)
    if minutes < 60:
        return f"{minutes}m {rest:02d}s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h {minutes:02d}m"


def size(count: int) -> str:
    """Bytes: 512 B, 1.5 KiB, 2.0 GiB."""
    value = float(count)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if value < 1024:
            return f"{value:.0f} B" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1024
    return f"{value:.1f} TiB"


def short(digest: str) -> str:
    """The start of a digest or a commit, enough to know it by."""
    return digest.removeprefix("sha256:")[:12]


def columns(text: str) -> int:
    """How many columns of a terminal the text takes."""
    if text.isascii():
        return len(text)
    import unicodedata

    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text
    )


def padded(text: str, width: int) -> str:
    return text + " " * max(width - columns(text), 0)


def to_the_right(text: str, width: int) -> str:
    return " " * max(width - columns(text), 0) + text


def cut(text: str, width: int) -> str:
    """The first line, and at most `width` columns of it."""
    first = text.partition("\n")[0]
    return first if columns(first) <= width else _beginning(first, width - 1) + "…"


def distinct(texts: Sequence[str], width: int) -> list[str]:
    """At most `width` columns of each text; those that differ still do, by their ends or by their numbers."""
    for shortened in (cut, _both_ends):
        found = [shortened(text, width) for text in texts]
        if len(set(found)) == len(set(texts)):
            return found
    return [_numbered(text, width, number) for number, text in enumerate(texts, 1)]


def _both_ends(text: str, width: int) -> str:
    if columns(text) <= width:
        return text
    end = _beginning(text[::-1], width // 2)[::-1]
    return _beginning(text, width - 1 - columns(end)) + "…" + end


def _numbered(text: str, width: int, number: int) -> str:
    mark = f"…{number}"
    return text if columns(text) <= width else _beginning(text, width - len(mark)) + mark


def _beginning(text: str, width: int) -> str:
    taken = 0
    for at, character in enumerate(text):
        taken += columns(character)
        if taken > width:
            return text[:at]
    return text


def examples(count: int) -> str:
    return "1 example" if count == 1 else f"{count:,} examples"


def times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"


def percent(share: float | None) -> str:
    """A share in percent: 0%, 0.12%, 5.3%, 95%."""
    if share is None:
        return NOT_SAID
    value = 100 * share
    size = abs(value)
    return f"{value:.0f}%" if size >= 10 or not size else f"{value:.1f}%" if size >= 1 else f"{value:.2g}%"


def milliseconds(value: float | None) -> str:
    """Seconds as milliseconds: 0.42 ms, 3.1 ms, 1,240 ms."""
    if value is None:
        return NOT_SAID
    found = 1000 * value
    return f"{found:,.0f} ms" if found >= 10 else f"{found:.2g} ms"


def duration(value: float) -> str:
    """A span of time as people say it: 8s, 4m 05s, 2h 10m, 3d 4h."""
    whole = round(value)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m {whole % 60:02d}s"
    if whole < 172_800:
        return f"{whole // 3600}h {whole % 3600 // 60:02d}m"
    return f"{whole // 86_400}d {whole % 86_400 // 3600}h"


def first_line(text: str) -> str:
    """The first line of a text, for a place that holds one; nothing in it moves a terminal's cursor."""
    return text.partition("\n")[0].translate(_CONTROLS)
