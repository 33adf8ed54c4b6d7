"""What a user may have meant."""

from __future__ import annotations

from collections.abc import Iterable

_SHOWN = 12


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A hint: the nearest known name, or else all of them (the first dozen)."""
    from difflib import get_close_matches

    names = list(known)
    near = get_close_matches(name, names, n=1, cutoff=0.6)
    if near:
        return f"did you mean {near[0]!r}?"
    more = f", … ({len(names)} in all)" if len(names) > _SHOWN else ""
    return f"known: {', '.join(names[:_SHOWN])}{more}" if names else ""
