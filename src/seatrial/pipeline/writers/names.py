"""Names of stages as another system takes them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable


def identifiers(names: Iterable[str], reserved: Iterable[str] = ()) -> dict[str, str]:
    """For each name a word of letters, digits, `-` and `_` that begins with a letter; no two alike."""
    given: dict[str, str] = {}
    taken = set(reserved)
    for name in names:
        word = re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-") or "stage"
        word = word if word[0].isalpha() else f"stage-{word}"
        chosen, number = word, 2
        while chosen.casefold() in taken:
            chosen, number = f"{word}-{number}", number + 1
        taken.add(chosen.casefold())
        given[name] = chosen
    return given
