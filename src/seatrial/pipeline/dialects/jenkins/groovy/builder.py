"""`StringBuilder`, `StringBuffer` and `StringWriter`: a text that grows."""

from __future__ import annotations

from collections.abc import Callable

from seatrial.pipeline.dialects.jenkins.evaluator import MAX_TEXT
from seatrial.pipeline.dialects.jenkins.groovy.machine import Value
from seatrial.pipeline.dialects.jenkins.methods import Unfit
from seatrial.pipeline.dialects.jenkins.values import written

NAMES = frozenset(("StringBuilder", "StringBuffer", "StringWriter"))


class Builder:
    @property
    def java(self) -> str:
        return "java.lang.StringBuilder"

    def __init__(self, text: str = "") -> None:
        self.text = text

    def __str__(self) -> str:
        return self.text

    def __len__(self) -> int:
        return len(self.text)

    def put(self, at: int, text: str, end: int | None = None) -> Builder:
        """The text in the place of what stands from `at` to `end`."""
        found = self.text[:at] + text + self.text[at if end is None else end :]
        if len(found) > MAX_TEXT:
            raise Unfit("java.lang.OutOfMemoryError: a text of too many characters")
        self.text = found
        return self


METHODS: dict[str, Callable[..., Value]] = {
    "append": lambda builder, value="": builder.put(len(builder), written(value)),
    "leftShift": lambda builder, value: builder.put(len(builder), written(value)),
    "write": lambda builder, value: builder.put(len(builder), written(value)),
    "insert": lambda builder, at, value: builder.put(at, written(value)),
    "replace": lambda builder, begin, end, value: builder.put(begin, value, end),
    "delete": lambda builder, begin, end: builder.put(begin, "", end),
    "deleteCharAt": lambda builder, at: builder.put(at, "", at + 1),
    "reverse": lambda builder: builder.put(0, builder.text[::-1], len(builder)),
    "setLength": lambda builder, length: builder.put(0, builder.text[:length], len(builder)) and None,
    "length": len,
    "size": len,
}
