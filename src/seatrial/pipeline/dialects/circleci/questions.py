"""A condition as a test of a POSIX shell, for steps: what they ask about, their job knows by then."""

from __future__ import annotations

from shlex import quote

from seatrial.pipeline.condition import MATCHES, Compare, Condition, Every, Not, Some

_VARIABLES = {"branch": "CIRCLE_BRANCH", "tag": "CIRCLE_TAG"}
_CLASSES = {"d": "0-9", "w": "[:alnum:]_", "s": "[:space:]"}


def question(test: Condition) -> str | None:
    """A command that succeeds where the condition holds; None where a shell cannot ask that."""
    if isinstance(test, Every | Some):
        parts = [question(part) for part in test.parts]
        said = [part for part in parts if part is not None]
        join = " && " if isinstance(test, Every) else " || "
        return f"{{ {join.join(said)}; }}" if len(said) == len(parts) else None
    if isinstance(test, Not):
        inner = question(test.inner)
        return None if inner is None else f"{{ if {inner}; then false; else true; fi; }}"
    return _compared(test) if isinstance(test, Compare) else None


def _compared(test: Compare) -> str | None:
    if test.subject == "event":
        test = Compare("$CIRCLE_TRIGGER_SOURCE", test.sign, "scheduled_pipeline")
    value = f'"${{{_VARIABLES.get(test.subject, test.subject[1:])}-}}"'
    if not test.sign:
        return f"[ -n {value} ]"
    if test.sign != MATCHES:
        return f"[ {value} {'!=' if test.sign == '!=' else '='} {quote(test.value)} ]"
    pattern = posix(test.value)
    return None if pattern is None else f"_circle_matches {value} {quote(pattern)}"


def posix(pattern: str) -> str | None:
    """A regular expression as `grep -E` reads it; None for what it cannot say."""
    pattern = pattern.replace("(?:", "(").replace("*?", "*").replace("+?", "+")
    if "(?" in pattern:
        return None
    found, at, inside = [], 0, False
    while at < len(pattern):
        character = pattern[at]
        if character == "\\" and at + 1 < len(pattern):
            at += 1
            found.append(_escaped(pattern[at], inside))
        else:
            if character == "[" and not inside:
                inside = True
            elif character == "]" and inside:
                inside = False
            found.append(character)
        at += 1
    return "".join(found)


def _escaped(character: str, inside: bool) -> str:
    if character in _CLASSES:
        return _CLASSES[character] if inside else f"[{_CLASSES[character]}]"
    if character in "DWS" and not inside:
        return f"[^{_CLASSES[character.lower()]}]"
    if inside or character in "/-_":
        return character
    return character if character.isalnum() and character != "b" else f"\\{character}"
