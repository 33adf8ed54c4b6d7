"""What a person who misspelt a word may have meant."""

from __future__ import annotations

from collections.abc import Iterable

_LONGEST = 60  # comparing longer words is slow, and nobody misspells them
_MOST = 1000


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint: the nearest of the known words, else all of them when they are few, else nothing."""
    words = list(dict.fromkeys(known))
    nearest = closest(word, words)
    if nearest:
        return f"did you mean `{nearest}`?"
    return f"known here: {', '.join(words)}" if 0 < len(words) <= 12 else ""


def closest(word: str, known: Iterable[str]) -> str:
    """The known word nearest to `word`, or "" when none is near."""
    from difflib import get_close_matches  # not needed while all is well

    by_fold = {name.casefold(): name for name in known if len(name) <= _LONGEST}
    if len(word) > _LONGEST or len(by_fold) > _MOST:
        return ""
    found = get_close_matches(word.casefold(), by_fold, n=1, cutoff=0.65)
    return by_fold[found[0]] if found else ""
