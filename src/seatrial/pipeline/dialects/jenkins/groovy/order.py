"""In which order Groovy puts values: null first, numbers by their size, texts by their characters."""

from __future__ import annotations

from functools import cmp_to_key

from seatrial.pipeline.dialects.jenkins.groovy.machine import Raised
from seatrial.pipeline.dialects.jenkins.values import Value, compare


def compared(left: Value, right: Value) -> int:
    """`left <=> right`. Raises TypeError where the two have no order."""
    if left is None or right is None:
        return (left is not None) - (right is not None)
    if isinstance(left, list | dict | Raised):
        if left == right:
            return 0
        raise TypeError(left)
    return int(compare(left, ">", right)) - int(compare(left, "<", right))


KEY = cmp_to_key(compared)


def in_order(values: list[Value]) -> list[Value]:
    return sorted(values, key=KEY)
