"""The conditions of `when`, and of what runs after a stage or a pipeline.

The language of `when`, loosest first:

    a or b        a and b        not a        ( a )
    branch == main               branch != main
    branch =~ release/*          tag !~ v*-rc*        the whole value fits a pattern
    branch like release/*        as =~, whatever the case of the letters
    branch matches "^v[0-9]+$"   a regular expression is found in the value
    tag                          it has a value
    changes [src/**, setup.py]   a file that fits one of the patterns was changed
    event == push                one of EVENTS
    $DEPLOY == yes               a variable

A value with spaces, commas, brackets or quotes stands in "..." or '...'.
"""

import re
from collections.abc import Iterator, Mapping

from seatrial.named_tuple import NamedTuple
from seatrial.patterns import any_matches, matches
from seatrial.pipeline.expensive import is_expensive
from seatrial.pipeline.spelling import did_you_mean

# The outcomes that a `Finally` block can ask for, in the order in which Jenkins tests them.
OUTCOMES = (
    "always",
    "changed",
    "fixed",
    "regression",
    "aborted",
    "success",
    "unsuccessful",
    "unstable",
    "failure",
    "not_built",
    "cleanup",
)

# What can start a run.
EVENTS = ("manual", "push", "pull_request", "schedule")

SUBJECTS = ("branch", "tag", "event")
MATCHES, LIKE = "matches", "like"
_DEEPEST = 50
_QUOTED = r"""(?P<quoted>"[^"]*"|'[^']*')"""
_SIGN = r"(?P<sign>==|!=|=~|!~|[()\[\],])"
_WORD = r"""(?P<word>(?:(?![=!]=|[=!]~)[^\s()\[\],"'])+)"""
_INSTEAD = {"=": "==", "&&": "and", "&": "and", "||": "or", "|": "or", "!": "not"}


class Trigger(NamedTuple):
    """What starts a run: one of EVENTS; a pull request has its number and the branch it wants to go to."""

    event: str = "manual"
    request: str = ""
    target: str = ""


BY_HAND = Trigger()


class Facts(NamedTuple):
    """What a condition is asked about. `changes` None = not known, and then every `changes` holds.

    `messages` are those of the commits that changed it. `request` is the number of the pull request that is
    run, and `target` the branch that it wants to go to.
    """

    branch: str = ""
    tag: str = ""
    event: str = "manual"
    changes: tuple[str, ...] | None = None
    variables: Mapping[str, str] = {}
    messages: tuple[str, ...] = ()
    request: str = ""
    target: str = ""


class Compare(NamedTuple):
    """`subject` is one of SUBJECTS or "$NAME"; `sign` is ==, !=, =~, !~, LIKE, MATCHES or "", which asks for
    any value."""

    subject: str
    sign: str = ""
    value: str = ""


class Changes(NamedTuple):
    patterns: tuple[str, ...]


class Not(NamedTuple):
    inner: "Condition"


class Every(NamedTuple):
    parts: "tuple[Condition, ...]"


class Some(NamedTuple):
    parts: "tuple[Condition, ...]"


Condition = Compare | Changes | Not | Every | Some


class ConditionError(ValueError):
    """A text that is no condition; `offset` is the character at which it stops being one."""

    def __init__(self, message: str, offset: int, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
        self.hint = hint


def parse(text: str) -> Condition:
    """The condition that a text says; raises ConditionError."""
    tokens = _tokens(text)
    condition, after = _either(tokens, 0, 0)
    token = tokens[after]
    if token.kind != "end":
        raise ConditionError(
            f"`and` or `or` is expected, not `{token.text}`", token.offset, _instead(token.text)
        )
    return condition


def written(condition: Condition) -> str:
    """The text of a condition, which `parse` reads back; "" where a value holds quotes of both kinds."""
    if isinstance(condition, Every | Some):
        word = " and " if isinstance(condition, Every) else " or "
        parts = [written(part) for part in condition.parts]
        return f"({word.join(parts)})" if all(parts) else ""
    if isinstance(condition, Not):
        inner = written(condition.inner)
        return f"not {inner}" if inner else ""
    if isinstance(condition, Changes):
        return f"changes [{', '.join(map(_quoted, condition.patterns))}]"
    if not condition.sign:
        return condition.subject
    value = _quoted(condition.value)
    return f"{condition.subject} {condition.sign} {value}" if value else ""


def _quoted(value: str) -> str:
    quotes = [one for one in ('"', "'") if one not in value]
    return f"{quotes[0]}{value}{quotes[0]}" if quotes else ""


def telling_case(condition: Condition) -> Condition:
    """The condition for a system whose patterns know only letters of one case: LIKE is =~ there, or == where
    nothing is left open."""
    if isinstance(condition, Every | Some):
        return type(condition)(tuple(map(telling_case, condition.parts)))
    if isinstance(condition, Not):
        return Not(telling_case(condition.inner))
    if isinstance(condition, Compare) and condition.sign == LIKE:
        return condition._replace(sign="=~" if re.search(r"[*?\[\\]", condition.value) else "==")
    return condition


def evaluate(condition: Condition, facts: Facts) -> bool:
    """Whether the condition holds."""
    if isinstance(condition, Every):
        return all(evaluate(part, facts) for part in condition.parts)
    if isinstance(condition, Some):
        return any(evaluate(part, facts) for part in condition.parts)
    if isinstance(condition, Not):
        return not evaluate(condition.inner, facts)
    if isinstance(condition, Changes):
        changed = facts.changes
        return changed is None or any(any_matches(condition.patterns, path) for path in changed)
    return _compare(condition, facts)


def expensive(condition: Condition, facts: Facts) -> Iterator[tuple[str, str]]:
    """The regular expressions in it that may take for ever, each with the value that it is held against."""
    if isinstance(condition, Every | Some):
        for part in condition.parts:
            yield from expensive(part, facts)
    elif isinstance(condition, Not):
        yield from expensive(condition.inner, facts)
    elif isinstance(condition, Compare) and condition.sign == MATCHES:
        value = _value(condition.subject, facts)
        if is_expensive(condition.value, value):
            yield condition.value, value


def decide(when: str, facts: Facts) -> bool:
    """Whether a stage with this `when` runs; "" always does."""
    return not when or evaluate(parse(when), facts)


def holds(outcome: str, status: str, previous: str | None) -> bool:
    """Whether a `Finally` block of this outcome runs.

    `status` is the worst of the run so far: succeeded, unstable, failed, errored, cancelled or skipped;
    `previous` that of the run before, None where there was none. The rules are Jenkins' own.
    """
    if outcome in ("always", "cleanup"):
        return True
    bad = ("unstable", "failed", "errored")
    gravest = ("succeeded", "unstable", "failed", "errored", "skipped", "cancelled")
    verdicts = {
        "changed": status != previous,
        "fixed": status == "succeeded" and previous in bad,
        "regression": previous is not None and gravest.index(status) > gravest.index(previous),
        "aborted": status == "cancelled",
        "success": status == "succeeded",
        "unsuccessful": status != "succeeded",
        "unstable": status == "unstable",
        "failure": status in ("failed", "errored"),
        "not_built": status == "skipped",
    }
    return verdicts[outcome]


def _compare(test: Compare, facts: Facts) -> bool:
    value = _value(test.subject, facts)
    if not test.sign:
        return bool(value)
    if test.sign == MATCHES:
        return re.search(test.value, value) is not None
    if test.sign == LIKE:
        return matches(test.value.lower(), value.lower())
    same = matches(test.value, value) if test.sign.endswith("~") else value == test.value
    return same == test.sign.startswith("=")


def _value(subject: str, facts: Facts) -> str:
    return facts.variables.get(subject[1:], "") if subject.startswith("$") else str(getattr(facts, subject))


class _Token(NamedTuple):
    kind: str  # "quoted", "sign", "word" or "end"
    text: str
    offset: int


def _tokens(text: str) -> list[_Token]:
    pattern = re.compile(rf"\s*(?:{_QUOTED}|{_SIGN}|{_WORD})")  # kept by `re`; most runs read no condition
    tokens = []
    position = 0
    end = len(text.rstrip())
    while position < end:
        match = pattern.match(text, position)
        if match is None or match.lastgroup is None:
            offset = position + len(text[position:]) - len(text[position:].lstrip())
            raise ConditionError("a quote has no end", offset)
        kind = match.lastgroup
        word = match[kind]
        tokens.append(_Token(kind, word[1:-1] if kind == "quoted" else word, match.start(kind)))
        position = match.end()
    return [*tokens, _Token("end", "the end", end)]


def _either(tokens: list[_Token], at: int, depth: int) -> tuple[Condition, int]:
    return _chain(tokens, at, depth, "or")


def _chain(tokens: list[_Token], at: int, depth: int, word: str) -> tuple[Condition, int]:
    parts: list[Condition] = []
    while True:
        part, at = _chain(tokens, at, depth, "and") if word == "or" else _one(tokens, at, depth)
        parts.append(part)
        if tokens[at].kind != "word" or tokens[at].text != word:
            break
        at += 1
    if len(parts) == 1:
        return parts[0], at
    return (Some(tuple(parts)) if word == "or" else Every(tuple(parts))), at


def _one(tokens: list[_Token], at: int, depth: int) -> tuple[Condition, int]:
    token = tokens[at]
    if depth > _DEEPEST:
        raise ConditionError(f"the condition is nested more than {_DEEPEST} deep", token.offset)
    if token.kind == "word" and token.text == "not":
        inner, after = _one(tokens, at + 1, depth + 1)
        return Not(inner), after
    if token.kind == "sign" and token.text == "(":
        inner, after = _either(tokens, at + 1, depth + 1)
        return inner, _expect(tokens, after, ")")
    if token.kind == "word" and token.text.rstrip(":") == "changes":
        return _changes(tokens, at + 1)
    return _comparison(tokens, at)


def _comparison(tokens: list[_Token], at: int) -> tuple[Condition, int]:
    subject, sign = _subject(tokens[at]), tokens[at + 1]
    is_word = sign.kind == "word" and sign.text in (MATCHES, LIKE)
    if not is_word and (sign.kind != "sign" or sign.text in "()[],"):
        if sign.kind == "word" and sign.text in ("=", "is", "in"):
            raise ConditionError(f"`{sign.text}` compares nothing", sign.offset, "write ==, !=, =~ or !~")
        return Compare(subject), at + 1
    value = tokens[at + 2]
    if value.kind not in ("word", "quoted"):
        raise ConditionError(f"a value is expected after {sign.text}, not {value.text}", value.offset)
    if is_word and sign.text == MATCHES:
        _expression(value)
    if subject == "event" and sign.text in ("==", "!=") and value.text not in EVENTS:
        raise ConditionError(
            f"there is no event `{value.text}`", value.offset, did_you_mean(value.text, EVENTS)
        )
    return Compare(subject, sign.text, value.text), at + 3


def _expression(value: _Token) -> None:
    try:
        re.compile(value.text)
    except (re.error, RecursionError, OverflowError) as error:
        raise ConditionError(f"`{value.text}` is no regular expression: {error}", value.offset) from None


def _subject(token: _Token) -> str:
    if token.kind == "word" and (token.text in SUBJECTS or re.fullmatch(r"\$[A-Za-z_]\w*", token.text)):
        return token.text
    if token.kind == "end":
        raise ConditionError("the condition ends too early", token.offset)
    hint = _instead(token.text) or did_you_mean(token.text, (*SUBJECTS, "changes", "$VARIABLE", "not"))
    raise ConditionError(f"`{token.text}` is nothing to ask about", token.offset, hint)


def _changes(tokens: list[_Token], at: int) -> tuple[Condition, int]:
    at = _expect(tokens, at, "[")
    patterns: list[str] = []
    while tokens[at].kind in ("word", "quoted"):
        patterns.append(tokens[at].text)
        at += 1
        if tokens[at].text == "," and tokens[at].kind == "sign":
            at += 1
    if not patterns:
        raise ConditionError("`changes` names no file", tokens[at].offset, "like changes [src/**, setup.py]")
    return Changes(tuple(patterns)), _expect(tokens, at, "]")


def _expect(tokens: list[_Token], at: int, sign: str) -> int:
    token = tokens[at]
    if token.kind == "sign" and token.text == sign:
        return at + 1
    raise ConditionError(f"`{sign}` is expected, not `{token.text}`", token.offset)


def _instead(text: str) -> str:
    return f"write `{_INSTEAD[text]}`" if text in _INSTEAD else ""
