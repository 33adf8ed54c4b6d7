"""Whether the quotes of a CSV file stand where they may, seen while its bytes pass by.

The engine is lenient: a quote that is never closed makes all that follows one cell, and the rows in it are
gone without a word. Here a quote opens at the start of a cell, closes at its end, or is doubled (RFC 4180).
What is not like that need not be wrong (5" pipe), so it is only a reason to look closely.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

from seatrial.named_tuple import NamedTuple

if TYPE_CHECKING:
    from numpy import bool_
    from numpy.typing import NDArray

_BOM = b"\xef\xbb\xbf"
_QUOTE = ord('"')


class Seen(NamedTuple):
    """What is known of the bytes so far: the last one, and whether the quotes before it leave a cell open."""

    last: bytes = b"\n"
    is_open: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether the file may end here."""
        return self.is_open == (self.last == b'"')


def follow(seen: Seen, chunk: bytes) -> Seen | None:
    """What is known after `chunk`; None where a quote or a NUL stands where none should."""
    import numpy as np

    text = seen.last + chunk
    if b"\0" in chunk:
        return None
    if b'"' not in text:
        return Seen(text[-1:], seen.is_open)
    signs = np.frombuffer(text, np.uint8)
    at = np.flatnonzero(signs == _QUOTE)
    opening, closing = at[seen.is_open :: 2], at[not seen.is_open :: 2]
    edge = _edges()
    # The first byte was looked at with the chunk before, the last one will be with the next.
    starts = edge[signs[opening[opening > 0] - 1]].all()
    ends = edge[signs[closing[closing < len(text) - 1] + 1]].all()
    if not (starts and ends):
        return None
    before_last = len(at) - text.endswith(b'"')
    return Seen(text[-1:], (seen.is_open + before_last) % 2 == 1)


@cache
def _edges() -> NDArray[bool_]:
    """Which bytes may stand beside a quote: what ends a cell, or the other half of a doubled one."""
    import numpy as np

    found = np.zeros(256, np.bool_)
    found[list(b',\r\n"')] = True
    return found


class Watched(io.RawIOBase):
    """A file of bytes; `look_closely` is called once, as soon as a quote stands where it should not."""

    def __init__(self, file: Any, look_closely: Callable[[], None]) -> None:
        super().__init__()
        self._file = file
        self._look_closely = look_closely
        self._seen: Seen | None = Seen()
        self._is_start = True
        self.has_quotes = False

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        chunk: bytes = self._file.read(size)
        self.has_quotes = self.has_quotes or b'"' in chunk
        if self._seen is not None:
            self._follow(chunk)
        return chunk

    def _follow(self, chunk: bytes) -> None:
        assert self._seen is not None
        if chunk:
            self._seen = follow(self._seen, chunk.removeprefix(_BOM) if self._is_start else chunk)
            self._is_start = False
        elif not self._seen.is_whole:
            self._seen = None
        if self._seen is None:
            self._look_closely()

    def close(self) -> None:
        self._file.close()
        super().close()
