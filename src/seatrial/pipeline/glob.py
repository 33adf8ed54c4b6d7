"""Patterns of paths and names: `*` and `?` stay within a folder, `**` crosses folders, `[a-z]` is one of."""

from __future__ import annotations

from functools import lru_cache

WILDCARDS = "*?["
_CROSSING = "**"
_WITHIN = "*"
_MAYBE_FOLDERS = "**/"  # what follows, "**" and "/", may be left out together


def matches(pattern: str, path: str) -> bool:
    """Whether the whole of `path` fits. Time: at most the product of both lengths."""
    tokens = _tokens(pattern)
    states = _reach(tokens, {0})
    for char in path:
        states = _reach(tokens, _step(tokens, states, char))
        if not states:
            return False
    return len(tokens) in states


def any_matches(patterns: tuple[str, ...], path: str) -> bool:
    return any(matches(pattern, path) for pattern in patterns)


def has_wildcards(pattern: str) -> bool:
    return any(char in pattern for char in WILDCARDS)


def fixed_folder(pattern: str) -> str:
    """The folders before the first wildcard: `src` of `src/*.py`, "" of `*.py`."""
    parts = pattern.split("/")
    fixed = next((i for i, part in enumerate(parts) if has_wildcards(part)), len(parts) - 1)
    return "/".join(parts[:fixed])


@lru_cache(maxsize=256)
def _tokens(pattern: str) -> tuple[str, ...]:
    tokens: list[str] = []
    position = 0
    while position < len(pattern):
        token = _token(pattern, position)
        position += len(token)
        tokens += [token, _CROSSING, "/"] if token == _MAYBE_FOLDERS else [token]
    return tuple(tokens)


def _token(pattern: str, start: int) -> str:
    for stars in (_MAYBE_FOLDERS, _CROSSING):
        if pattern.startswith(stars, start):
            return stars
    if pattern[start] == "[":
        first = start + (2 if pattern[start + 1 : start + 2] in ("!", "^") else 1)
        end = pattern.find("]", first + 1)  # a "]" that stands first means itself
        return pattern[start : end + 1] if end > 0 else "["
    return pattern[start]


def _reach(tokens: tuple[str, ...], states: set[int]) -> set[int]:
    """The states, and those reached when a star stands for nothing."""
    reached: set[int] = set()
    waiting = list(states)
    while waiting:
        state = waiting.pop()
        if state in reached:
            continue
        reached.add(state)
        token = tokens[state] if state < len(tokens) else ""
        if token in (_WITHIN, _CROSSING):
            waiting.append(state + 1)
        elif token == _MAYBE_FOLDERS:
            waiting += [state + 1, state + 3]
    return reached


def _step(tokens: tuple[str, ...], states: set[int], char: str) -> set[int]:
    after: set[int] = set()
    for state in states:
        token = tokens[state] if state < len(tokens) else ""
        if token == _CROSSING or (token == _WITHIN and char != "/"):
            after.add(state)
        elif token not in ("", _WITHIN, _MAYBE_FOLDERS) and _fits(token, char):
            after.add(state + 1)
    return after


def _fits(token: str, char: str) -> bool:
    if token == "?":  # noqa: S105 - no password
        return char != "/"
    if len(token) > 1:
        return _one_of(token[1:-1], char)
    return token == char


def _one_of(allowed: str, char: str) -> bool:
    negated = allowed[0] in "!^"
    choices = allowed[1:] if negated else allowed
    found = False
    position = 0
    while position < len(choices):
        low = high = choices[position]
        if choices[position + 1 : position + 2] == "-" and position + 2 < len(choices):
            high = choices[position + 2]
            position += 2
        found = found or low <= char <= high
        position += 1
    return char != "/" and found != negated
