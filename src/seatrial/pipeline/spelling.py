"""What a person who misspelt a word may have meant."""

from __future__ import annotations

from collections.abc import Iterable

_LONGEST = 60  # comparing longer words is slow, and nobody misspells them
_MOST = 1000
_NEAR = 3
_BEGINNING = 3


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint: the nearest of the known words, else all of them when they are few, else nothing."""
    words = list(dict.fromkeys(known))
    nearest = closest(word, words)
    if nearest:
        return f"did you mean `{nearest}`?"
    return f"known here: {', '.join(words)}" if 0 < len(words) <= 12 else ""


def closest(word: str, known: Iterable[str]) -> str:
    """The known word nearest to `word`, of several that are near one that begins alike; "" when none is."""
    from difflib import get_close_matches  # not needed while all is well

    by_fold = {name.casefold(): name for name in known if len(name) <= _LONGEST}
    if len(word) > _LONGEST or len(by_fold) > _MOST:
        return ""
    folded = word.casefold()
    found = get_close_matches(folded, by_fold, n=_NEAR, cutoff=0.65)
    alike = [one for one in found if one[:_BEGINNING] == folded[:_BEGINNING]]
    return by_fold[(alike or found)[0]] if found else ""
