"""Regular expressions that may take for ever (pure)."""

from __future__ import annotations

# So many characters may be tried in every way: well under a second.
_FEW_CHARACTERS = 20
_MOST_TRIES = 100_000_000


def is_expensive(pattern: str, text: str) -> bool:
    """Whether it could take long: by repetitions in repetitions, or by many of them on a long text."""
    repetitions, nested = _repetitions(pattern)
    if nested:
        return len(text) > _FEW_CHARACTERS
    tries: int = len(text) ** min(repetitions + 1, 10)
    return tries > _MOST_TRIES


def _repetitions(pattern: str) -> tuple[int, bool]:
    """How many parts may repeat without end, and whether one holds another, or a choice."""
    count, nested, at = 0, False, 0
    groups: list[bool] = []  # whether there is a repetition, or a choice, in each that is open
    closed = False  # in the group that has just ended
    while at < len(pattern):
        sign = pattern[at]
        if sign == "[":
            at = _past_class(pattern, at)
        elif sign == "\\":
            at += 1
        elif sign == "(":
            groups.append(False)
        elif sign == ")":
            closed = groups.pop() if groups else False
            if groups and closed:
                groups[-1] = True
        elif sign in "*+" or _is_endless(pattern, at):
            count += 1
            nested = nested or (pattern[at - 1 : at] == ")" and closed)
            groups[-1:] = [True] if groups else []
        elif sign == "|" and groups:
            groups[-1] = True
        at += 1
    return count, nested


def _past_class(pattern: str, at: int) -> int:
    """The end of a `[…]`."""
    at += 2 if pattern[at + 1 : at + 2] in ("]", "^") else 1
    while at < len(pattern) and pattern[at] != "]":
        at += 2 if pattern[at] == "\\" else 1
    return at


def _is_endless(pattern: str, at: int) -> bool:
    return pattern[at] == "{" and pattern[at:].partition("}")[0].endswith(",")
