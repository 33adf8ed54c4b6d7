"""Java's regular expressions: as Python's, what one finds in a text, and replacing what it finds."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from seatrial.pipeline.dialects.jenkins.groovy.machine import Value
from seatrial.pipeline.dialects.jenkins.methods import Unfit

# What `\p{name}` holds, as what may stand in a class.
_CLASSES = {
    "Lower": "a-z",
    "Ll": "a-z\u00df-\u00f6\u00f8-\u00ff",
    "Upper": "A-Z",
    "Lu": "A-Z\u00c0-\u00d6\u00d8-\u00de",
    "Alpha": "a-zA-Z",
    "L": "a-zA-Z\u00aa\u00b5\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02af\u0370-\u1fff",
    "Digit": "0-9",
    "N": "0-9",
    "Nd": "0-9",
    "Alnum": "a-zA-Z0-9",
    "Punct": r"!-/:-@\[-`{-~",
    "P": r"!-#%-*,-/:;?@\[-\]_{}",
    "Graph": "!-~",
    "Print": " -~",
    "Blank": r" \t",
    "Space": r"\s",
    "XDigit": "0-9a-fA-F",
    "Cntrl": r"\x00-\x1f\x7f",
}
_ESCAPES = {
    "h": r"[ \t\xa0]",
    "R": r"(?:\r\n|[\n-\r\x85\u2028\u2029])",
    "z": r"\Z",
    "Z": r"(?=\n?\Z)",
    "e": r"\x1b",
}
_TOKEN = re.compile(
    r"""\\Q(?P<quoted>.*?)(?:\\E|$)
    | \\(?P<sign>[pP])(?:\{(?:Is|java)?(?P<name>\w+)\}|(?P<letter>\w))
    | \\k<(?P<again>\w+)>
    | \\(?P<escape>.)
    | \(\?<(?P<group>[a-zA-Z]\w*)>
    | \(\?(?P<flags>[a-zA-Z]+)\)
    | (?P<open>\[\^?\]?)
    | (?P<sharp>[()])""",
    re.DOTALL | re.VERBOSE,
)


@lru_cache(256)
def compiled(pattern: str) -> re.Pattern[str]:
    """The expression as Python's: of ASCII, as Java's is. Raises re.error."""
    return re.compile(translated(pattern), re.ASCII)


def translated(pattern: str) -> str:
    """Java's spelling as Python's."""
    if pattern.isalnum():
        return pattern
    parts: list[str] = []
    opened = [0]  # for each open group how many `(?flags:` in it are to be closed with it
    at, in_class = 0, False
    while at < len(pattern):
        found = _TOKEN.match(pattern, at)
        if in_class and pattern.startswith("&&", at):
            raise re.error("an intersection of classes ('&&') is not supported", pattern, at)
        if found is None or (
            in_class and (found["open"] or found["sharp"] or found["flags"] or found["group"])
        ):
            in_class = in_class and pattern[at] != "]"
            parts.append(_plain(pattern, at) if in_class else pattern[at])
            at += 1
            continue
        parts.append(_python(found, in_class, opened))
        in_class = in_class or found["open"] is not None
        at = found.end()
    return "".join(parts) + ")" * sum(opened)


def _plain(pattern: str, at: int) -> str:
    """A sign in a class, which must not say to Python what it does not to Java."""
    if pattern[at] == "[":
        raise re.error("a class in a class is not supported", pattern, at)
    return (
        f"\\{pattern[at]}"
        if pattern[at] in "-|~" and pattern[at + 1 : at + 2] == pattern[at]
        else pattern[at]
    )


def _python(found: re.Match[str], in_class: bool, opened: list[int]) -> str:
    if found["quoted"] is not None:
        return re.escape(found["quoted"])
    if found["sign"]:
        return _property(found, in_class)
    if found["again"]:
        return f"(?P={found['again']})"
    if found["escape"]:
        return _ESCAPES.get(found["escape"], found[0]) if not in_class else found[0]
    if found["flags"]:
        flags = "".join(one for one in found["flags"] if one in "imsx")
        opened[-1] += bool(flags)
        return f"(?{flags}:" if flags else ""
    if found["sharp"] == ")":
        return ")" * (opened.pop() + 1 if len(opened) > 1 else 1)
    if found["sharp"] or found["group"]:
        opened.append(0)
    return f"(?P<{found['group']}>" if found["group"] else found[0]


def _property(found: re.Match[str], in_class: bool) -> str:
    name = found["name"] or found["letter"]
    content = _CLASSES.get({"Alphabetic": "L", "Uppercase": "Lu", "Lowercase": "Ll"}.get(name, name))
    if content is None or (in_class and found["sign"] == "P"):
        raise re.error(f"{found[0]} is not supported", found.string, found.start())
    return content if in_class else f"[{'^' if found['sign'] == 'P' else ''}{content}]"


_REFERENCE = re.compile(r"\\(.)|\$(\d)|\$\{(\w+)\}", re.DOTALL)


def replaced(text: str, pattern: str, new: str, count: int = 0) -> str:
    """Java's `$1`, `${name}` and `\\$` in what takes the place of each find."""

    def of(match: re.Match[str]) -> str:
        def part(one: re.Match[str]) -> str:
            try:
                return one[1] if one[1] is not None else match[int(one[2]) if one[2] else one[3]] or ""
            except IndexError:
                raise Unfit(f"java.lang.IndexOutOfBoundsException: No group {one[2] or one[3]}") from None

        return _REFERENCE.sub(part, new)

    return compiled(pattern).sub(of, text, count=count)


def split(text: str, pattern: str = r"\s+", most: int = 0) -> list[str]:
    """Java's: nothing empty at the end unless `most` is given, and none before a find of no width."""
    parts: list[str] = []
    end = 0
    for one in compiled(pattern).finditer(text):
        if one.end() == 0 or (one.start() == len(text) and not one[0]) or 0 < most == len(parts) + 1:
            continue
        parts.append(text[end : one.start()])
        end = one.end()
    if not parts:
        return [text]
    parts.append(text[end:])
    while most == 0 and parts and not parts[-1]:
        parts.pop()
    return parts


class Pattern(str):
    """A regular expression."""

    __slots__ = ()

    @property
    def java(self) -> str:
        return "java.util.regex.Pattern"


class Matcher(list[Value]):
    """What a pattern finds in a text: for each find the text, or a list with that of each group."""

    @property
    def java(self) -> str:
        return "java.util.regex.Matcher"

    def __init__(self, text: str, pattern: str) -> None:
        self.text, self.pattern = text, pattern
        self.finds = list(compiled(pattern).finditer(text))
        self.next = 0
        self.last: re.Match[str] | None = None
        super().__init__([one[0], *one.groups()] if one.re.groups else one[0] for one in self.finds)

    def __str__(self) -> str:
        last = self.last[0] if self.last else ""
        return f"java.util.regex.Matcher[pattern={self.pattern} region=0,{len(self.text)} lastmatch={last}]"

    def find(self) -> bool:
        self.last = self.finds[self.next] if self.next < len(self.finds) else None
        self.next += 1
        return self.last is not None

    def at(self, index: int) -> Value:
        """What the find of that number is; as in Groovy it is then the last one."""
        if not -len(self) <= index < len(self):
            words = f"index is out of range {-len(self)}..{len(self) - 1} (index = {index})"
            raise Unfit(f"java.lang.IndexOutOfBoundsException: {words}")
        self.next = index % len(self)
        self.find()
        return self[index]

    def count(self, *_: Value) -> int:
        self.next = len(self)
        return len(self)

    def fits(self, *, whole: bool) -> bool:
        expression = compiled(self.pattern)
        self.last = expression.fullmatch(self.text) if whole else expression.match(self.text)
        return self.last is not None

    def found(self) -> re.Match[str]:
        if self.last is None:
            raise Unfit("java.lang.IllegalStateException: No match found")
        return self.last

    def reset(self) -> Matcher:
        self.next, self.last = 0, None
        return self


METHODS: dict[str, Callable[..., Value]] = {
    "matches": lambda matcher: matcher.fits(whole=True),
    "lookingAt": lambda matcher: matcher.fits(whole=False),
    "find": lambda matcher: matcher.find(),
    "group": lambda matcher, group=0: matcher.found()[group],
    "groupCount": lambda matcher: compiled(matcher.pattern).groups,
    "start": lambda matcher, group=0: matcher.found().start(group),
    "end": lambda matcher, group=0: matcher.found().end(group),
    "hasGroup": lambda matcher: compiled(matcher.pattern).groups > 0,
    "getCount": lambda matcher: matcher.count(),
    "size": lambda matcher: matcher.count(),
    "reset": lambda matcher: matcher.reset(),
    "replaceAll": lambda matcher, new: replaced(matcher.text, matcher.pattern, new),
    "replaceFirst": lambda matcher, new: replaced(matcher.text, matcher.pattern, new, 1),
}
OF_PATTERNS: dict[str, Callable[..., Value]] = {
    "matcher": lambda pattern, text: Matcher(text, pattern),
    "pattern": str.__str__,
    "split": lambda pattern, text: split(text, pattern),
}
