"""What a text that only the run can tell answers to a script that is followed before the run.

Such a text has signs where values will stand. What is made of it is a variable of its own, which a shell
works out; what is asked of it has both answers, one after the other, and the question becomes a test of the
shell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container
from typing import Any

from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.dialects.jenkins.evaluator import Undetermined
from seatrial.pipeline.dialects.jenkins.values import BY_NAME, Untold, Value

_SIGN = re.compile("\ue000(.*?)\ue001")
_PLAIN = re.compile(r"[\w ./:@+-]*")
_PERHAPS = "?"
_MOST = 12  # questions of one program


def sign_of(name: str) -> str:
    return f"\ue000{name}\ue001"


def names_in(text: str) -> tuple[str, ...]:
    """The variables whose signs are in a text."""
    return tuple(dict.fromkeys(name.removesuffix(_PERHAPS) for name in _SIGN.findall(text)))


def perhaps(name: str) -> str:
    """The sign of a variable that nothing in the file sets: `null` where the run has none."""
    return sign_of(f"{name}{_PERHAPS}")


def reference(name: str, without: str = "null") -> str:
    """What a shell reads for a sign."""
    known = name.removesuffix(_PERHAPS)
    return f"${{{known}}}" if known == name else f"${{{known}-{without}}}"


def is_told(text: str) -> bool:
    """Whether a text has no sign in it."""
    return _SIGN.search(text) is None


def filled(text: str, without: str = "null") -> str:
    """A text of a shell in which only what a sign stands for is filled in."""
    escaped = re.sub(r'([\\"$`])', r"\\\1", text)
    return '"' + _SIGN.sub(lambda sign: reference(sign[1], without), escaped) + '"'


class Question(NamedTuple):
    """`text sign other`: "=" and "!=" as `test` has them, "-eq" and its like of numbers; "*=", "^=" and "$="
    ask for a part, a beginning and an end, "=~" for an expression that the whole fits."""

    text: str
    sign: str
    other: str

    @property
    def names(self) -> tuple[str, ...]:
        return names_in(self.text + self.other)

    @property
    def test(self) -> str:
        """As a command of sh."""
        text, other = filled(self.text, ""), filled(self.other, "")
        if self.sign == "=~":
            return f"printf '%s\\n' {text} | grep -Eqx -e {other}"
        if self.sign not in _PARTS:
            return f"[ {text} {self.sign} {other} ]"
        pattern = _PARTS[self.sign].format(other)
        return f"case {text} in {pattern}) true ;; *) false ;; esac"


_PARTS = {"*=": "*{}*", "^=": "{}*", "$=": "*{}"}
Asked = tuple[Question, bool]


class Answers:
    """The answers of one way through a program, and the variables that all of them come to.

    `made` has, by the name of a variable, the command of sh that sets it. `known` are the names that every
    system tells, or that are made here: no question is about another. `bound` are those that scripts set.
    """

    def __init__(self, known: Callable[[str], bool], bound: Container[str] = ()) -> None:
        self.made: dict[str, str] = {}
        self._known = known
        self.bound = bound
        self._given: tuple[bool, ...] = ()
        self.hear: Callable[[Asked], None] = lambda _: None
        self._answered: list[Asked] = []
        self.is_used = False  # whether a script has got a text with a sign on this way

    def begin(self, given: tuple[bool, ...]) -> None:
        """Another way: the first questions have these answers, and all others hold."""
        self._given = given
        self._answered = []
        self.is_used = False

    @property
    def way(self) -> tuple[bool, ...]:
        return tuple(answer for _, answer in self._answered)

    def ask(self, text: str, sign: str, other: str) -> bool:
        """Raises Undetermined where no shell can tell."""
        question = Question("".join((text,)), sign, "".join((other,)))
        for asked, answer in self._answered:
            if asked == question:
                return answer
        at = len(self._answered)
        if at >= _MOST or not all(map(self._is_told, question.names)) or question.other[:2] == "PR":
            raise Undetermined
        answer = self._given[at] if at < len(self._given) else True
        self._answered.append((question, answer))
        self.hear((question, answer))
        return answer

    def _is_told(self, name: str) -> bool:
        return name in self.made or self._known(name)

    def keep(self, name: str, command: str) -> str:
        """A variable that a command sets, and its sign."""
        self.is_used = True
        self.made[name] = command
        return sign_of(name)

    def text(self, text: str) -> str:
        """A text as a script gets it."""
        self.is_used = self.is_used or not is_told(text)
        return text if is_told(text) else Symbolic(text, self)

    def derived(self, text: str, filter_: str) -> str:
        """The text that a filter of sh makes of another."""
        names = names_in(text)
        if not all(map(self._is_told, names)):
            raise Undetermined
        command = f"$(printf %s {filled(text)} | {filter_})"
        for name, made in self.made.items():
            if made.endswith(f'="{command}"'):
                return Symbolic(sign_of(name), self)
        name = f"{names[0]}_{len(self.made) + 1}"
        return Symbolic(self.keep(name, f'{name}="{command}"'), self)


class Symbolic(Untold):
    """A text with signs in it."""

    answers: Answers

    def __new__(cls, text: str, answers: Answers) -> Symbolic:
        made = super().__new__(cls, text)
        made.answers = answers
        return made

    def like(self, text: str) -> Symbolic:
        return Symbolic(text, self.answers)

    def compared(self, operator: str, other: Value) -> Value:
        if operator == "in" and isinstance(other, list):
            return any(self == one for one in other)
        if operator == "==~":
            return self.answers.ask(self, "=~", _for_grep(other))
        if operator not in ("==", "!=", "contains"):
            raise Undetermined
        if operator == "contains":
            return self.asked("contains", [other])
        if not isinstance(other, str):
            other = "" if other is None else other
        if not isinstance(other, str):
            return operator == "!="
        return self.answers.ask(self, "=", other) == (operator == "==")

    def asked(self, method: str, given: list[Value]) -> Value:
        known = _METHODS.get(method)
        if known is None:
            raise Undetermined
        try:
            return known(self, *given)
        except TypeError:
            raise Undetermined from None

    def __bool__(self) -> bool:
        return not self.answers.ask(self, "=", "")

    def __eq__(self, other: object) -> bool:
        return bool(self.compared("==", other))

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        raise Undetermined

    def __contains__(self, part: object) -> bool:
        return bool(self.asked("contains", [part]))

    def __deepcopy__(self, _memo: object) -> Symbolic:
        return self

    def _untellable(self, *_: Any, **__: Any) -> Any:
        raise Undetermined

    __getitem__ = __iter__ = __lt__ = __le__ = __gt__ = __ge__ = _untellable
    __mul__ = __mod__ = __int__ = __float__ = split = splitlines = lower = upper = removesuffix = _untellable

    def strip(self, chars: str | None = None, /) -> str:
        return _trimmed(self) if chars is None else self._untellable()


class Status(int):  # noqa: PLW1641 - it has one, which refuses
    """How a command ended, of which only the run can tell; its sign stands where it is written."""

    name: str
    answers: Answers

    def __new__(cls, name: str, answers: Answers) -> Status:
        made = super().__new__(cls, 0)
        made.name, made.answers = name, answers
        return made

    def _asked(self, sign: str, other: object) -> bool:
        if isinstance(other, bool) or not isinstance(other, int) or isinstance(other, Status):
            raise Undetermined
        return self.answers.ask(sign_of(self.name), sign, str(int(other)))

    def __eq__(self, other: object) -> bool:
        return self._asked("-eq", other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __lt__(self, other: int) -> bool:
        return self._asked("-lt", other)

    def __gt__(self, other: int) -> bool:
        return self._asked("-gt", other)

    def __le__(self, other: int) -> bool:
        return not self > other

    def __ge__(self, other: int) -> bool:
        return not self < other

    def __bool__(self) -> bool:
        return self != 0

    def __str__(self) -> str:
        return Symbolic(sign_of(self.name), self.answers)

    def __deepcopy__(self, _memo: object) -> Status:
        return self

    def _untellable(self, *_: Any, **__: Any) -> Any:
        raise Undetermined

    __hash__ = __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __neg__ = _untellable


def _for_grep(pattern: Value) -> str:
    """A regular expression that means the same to `grep -E`. Raises Undetermined."""
    text = getattr(pattern, "text", pattern)
    if not isinstance(text, str) or isinstance(text, Untold):
        raise Undetermined
    plain = text.replace(r"\d", "[0-9]").replace(r"\/", "/").replace(r"\-", "-")
    if (
        not re.fullmatch(r"(?:[\w /|()*+?^$-]|\.|\\\.|\[[\w./-]+\])*", plain)
        or "(?" in plain
        or re.search(r"[*+?]{2}", plain)
    ):
        raise Undetermined
    return plain


def _trimmed(text: Symbolic) -> str:
    """Only what a command has printed has space around it."""
    if text.endswith(f"{_RAW}\ue001") and len(names_in(text)) == 1 and text.startswith("\ue000"):
        return text.like(text.replace(f"{_RAW}\ue001", "\ue001"))
    if any(name.endswith(_RAW) for name in names_in(text)):
        raise Undetermined
    return text


_RAW = "_as_printed"


def raw(name: str) -> str:
    """The name of the variable that has all of what a command has printed, the ends of its lines too."""
    return f"{name}{_RAW}"


def _replaced(text: Symbolic, old: Value, new: Value) -> str:
    """Of characters that mean themselves to Groovy, and to `sed`."""
    if not (isinstance(old, str) and isinstance(new, str) and old) or isinstance(new, Untold):
        raise Undetermined
    is_class = re.fullmatch(r"\[\^?[A-Za-z0-9_./-]+\]\+?", old) is not None
    if not (re.fullmatch(r"[\w/ :-]+", old) or is_class) or not _PLAIN.fullmatch(new):
        raise Undetermined
    pattern = old.replace("+", r"\{1,\}") if is_class else old
    return text.answers.derived(text, f"sed 's|{pattern}|{new}|g'")


def _first(text: Symbolic, count: Value) -> str:
    if type(count) is not int or count < 1:
        raise Undetermined
    return text.answers.derived(text, f"cut -c 1-{count}")


def _part(text: Symbolic, begin: Value, end: Value) -> str:
    if begin != 0:
        raise Undetermined
    return _first(text, end)


def _asks(sign: str) -> Callable[[Symbolic, Value], bool]:
    def ask(text: Symbolic, other: Value) -> bool:
        if not isinstance(other, str):
            raise Undetermined
        return text.answers.ask(text, sign, other)

    return ask


_TEXTS = ("String", "GString", "CharSequence", "Object", "def", "")


def _as_a_name(text: Symbolic) -> str:
    """Of what nothing sets: Groovy fails at a name that there is not, where it is no property of `env`."""
    if str.__eq__(text, perhaps(names_in(text)[0])):
        (name,) = names_in(text)
        if name in text.answers.bound:
            raise Undetermined  # a script may have set it before, of which nothing is known here
        return text.like(text.answers.keep(name, f': "${{{name}:?{NOTHING}}}"'))
    return text


NOTHING = "nothing sets it"
_METHODS: dict[str, Callable[..., Value]] = {
    BY_NAME: _as_a_name,
    "asType": lambda text, kind: text if kind in _TEXTS else text._untellable(),
    "contains": _asks("*="),
    "endsWith": _asks("$="),
    "startsWith": _asks("^="),
    "equals": lambda text, other: text == other,
    "isEmpty": lambda text: not text,
    "take": _first,
    "substring": _part,
    "getAt": lambda text, first, last: _part(text, first, last + 1),
    "replace": _replaced,
    "replaceAll": _replaced,
    "toBoolean": lambda text: text == "true",
    "toLowerCase": lambda text: text.answers.derived(text, "tr A-Z a-z"),
    "toUpperCase": lambda text: text.answers.derived(text, "tr a-z A-Z"),
    "toString": lambda text: text,
    "trim": _trimmed,
    "strip": _trimmed,
}
