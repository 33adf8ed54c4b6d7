"""The language of `if`, written as a test of bash, which the job asks before anything else."""

from __future__ import annotations

import re
from shlex import quote

_TOKEN = re.compile(
    r"""\s*(?:(?P<quoted>"[^"]*"|'[^']*')|(?P<regex>/(?:[^/\\]|\\.)*/)|(?P<sign>!=|!~|=~|==|=|\(|\)|,)"""
    r"""|(?P<word>[^\s(),=!]+))"""
)
_SUBJECTS = {
    "type": "$TRAVIS_EVENT_TYPE",
    "branch": "$TRAVIS_BRANCH",
    "tag": "$TRAVIS_TAG",
    "repo": "$TRAVIS_REPO_SLUG",
    "head_branch": "$TRAVIS_PULL_REQUEST_BRANCH",
    "os": "$TRAVIS_OS_NAME",
    "language": "$TRAVIS_LANGUAGE",
    "commit_message": "$TRAVIS_COMMIT_MESSAGE",
    "fork": "false",
    "sender": "",
}
_CLASSES = {r"\d": "[0-9]", r"\w": "[[:alnum:]_]", r"\s": "[[:space:]]", r"\A": "^", r"\z": "$", r"\Z": "$"}
_DEEPEST = 40


class Unclear(Exception):  # noqa: N818 - it never leaves the dialect
    """A condition cannot be read."""


def test_of(text: str) -> str:
    """The inside of `[[ … ]]`. Raises Unclear."""
    tokens = _tokens(text)
    found = _either(tokens, 0)
    if tokens:
        raise Unclear(f"`{tokens[0][1]}` is too much")
    return found


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    text = text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise Unclear(f"`{text[at : at + 20]}` cannot be read")
        found.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
        if found[-1][1] in ("=~", "!~") and (bare := re.match(r"\s*([^\s/\"'(][^\s]*)", text[at:])):
            found.append(("regex", bare[1]))
            at += bare.end()
    return found


def _is(tokens: list[tuple[str, str]], *words: str) -> bool:
    return bool(tokens) and tokens[0][0] in ("word", "sign") and tokens[0][1].upper() in words


def _either(tokens: list[tuple[str, str]], depth: int) -> str:
    found = _both(tokens, depth)
    while _is(tokens, "OR", "||"):
        tokens.pop(0)
        found = f"( {found} || {_both(tokens, depth)} )"
    return found


def _both(tokens: list[tuple[str, str]], depth: int) -> str:
    found = _one(tokens, depth)
    while _is(tokens, "AND", "&&"):
        tokens.pop(0)
        found = f"( {found} && {_one(tokens, depth)} )"
    return found


def _one(tokens: list[tuple[str, str]], depth: int) -> str:
    if depth > _DEEPEST:
        raise Unclear("it is nested too deep")
    if _is(tokens, "NOT", "!"):
        tokens.pop(0)
        return f"! {_one(tokens, depth + 1)}"
    if _is(tokens, "("):
        tokens.pop(0)
        found = _either(tokens, depth + 1)
        _expect(tokens, ")")
        return f"( {found} )"
    return _comparison(tokens)


def _expect(tokens: list[tuple[str, str]], word: str) -> None:
    if not _is(tokens, word):
        raise Unclear(f"`{word}` is missing")
    tokens.pop(0)


def _comparison(tokens: list[tuple[str, str]]) -> str:
    left = _operand(tokens)
    if _is(tokens, "=", "==", "!="):
        sign = "!=" if tokens.pop(0)[1] == "!=" else "=="
        return f"{left} {sign} {_operand(tokens)}"
    if _is(tokens, "=~", "!~"):
        before = "! " if tokens.pop(0)[1] == "!~" else ""
        return f"{before}{left} =~ {_pattern(tokens)}"
    if _is(tokens, "IS"):
        return _state(left, tokens)
    negated = _is(tokens, "NOT")
    if negated:
        tokens.pop(0)
    if _is(tokens, "IN"):
        found = _among(left, tokens)
        return f"! ( {found} )" if negated else f"( {found} )"
    return f"{left} != false && -n {left}"  # a bare word, such as `fork` or `true`


def _state(left: str, tokens: list[tuple[str, str]]) -> str:
    tokens.pop(0)
    negated = _is(tokens, "NOT")
    if negated:
        tokens.pop(0)
    if not _is(tokens, "PRESENT", "BLANK"):
        raise Unclear("`IS` takes `present` or `blank`")
    present = tokens.pop(0)[1].upper() == "PRESENT"
    return f"-n {left}" if present != negated else f"-z {left}"


def _among(left: str, tokens: list[tuple[str, str]]) -> str:
    tokens.pop(0)
    _expect(tokens, "(")
    found = [f"{left} == {_operand(tokens)}"]
    while _is(tokens, ","):
        tokens.pop(0)
        found.append(f"{left} == {_operand(tokens)}")
    _expect(tokens, ")")
    return " || ".join(found)


def _operand(tokens: list[tuple[str, str]]) -> str:
    if not tokens:
        raise Unclear("it ends too early")
    kind, text = tokens.pop(0)
    if kind == "quoted":
        return quote(text[1:-1])
    if kind != "word":
        raise Unclear(f"`{text}` stands in the place of a value")
    if text.lower() == "env" and _is(tokens, "("):
        tokens.pop(0)
        name = tokens.pop(0)[1] if tokens else ""
        _expect(tokens, ")")
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name, re.ASCII):
            raise Unclear(f"`{name}` is no variable")
        return f'"${{{name}-}}"'
    subject = _SUBJECTS.get(text)
    if subject is None:
        return quote(text)
    return f'"${{{subject[1:]}-}}"' if subject.startswith("$") else quote(subject)


def _pattern(tokens: list[tuple[str, str]]) -> str:
    """A regular expression in the place of its right side; quoted, bash would take it as a text."""
    if not tokens:
        raise Unclear("it ends too early")
    kind, text = tokens.pop(0)
    if kind in ("quoted", "regex") and len(text) > 1 and text[0] == text[-1] and text[0] in "/\"'":
        text = text[1:-1].replace("\\/", "/")
    for ruby, posix in _CLASSES.items():
        text = text.replace(ruby, posix)
    if "(?" in text:
        raise Unclear("`(?` in a pattern is not read")
    return f"$(printf %s {quote(text)})"
