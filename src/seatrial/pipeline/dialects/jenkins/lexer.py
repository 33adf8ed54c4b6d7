"""Text of Groovy → tokens with their positions.

A newline is a token only where it can end a statement: outside of parentheses and square brackets. A string
with holes becomes QUOTE, then TEXT, PATH (`$a.b`) and HOLE … HOLE_END (`${ … }`), then QUOTE_END. Nothing
recurses, so nesting costs no stack.
"""

from __future__ import annotations

import re

from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.dialects.jenkins import strings
from seatrial.pipeline.dialects.jenkins.strings import NAME_AFTER_DOLLAR, OPENINGS, Quote
from seatrial.pipeline.dialects.jenkins.syntax import Position, Unreadable

NAME = "name"
KEYWORD = "keyword"
NUMBER = "number"
OPERATOR = "operator"
NEWLINE = "newline"
STRING = "string"
QUOTE = "quote"
TEXT = "text"
PATH = "path"
HOLE = "hole"
HOLE_END = "hole end"
QUOTE_END = "quote end"
END = "end"

PRIMITIVES = frozenset({"void", "boolean", "byte", "char", "short", "int", "long", "float", "double"})
MODIFIERS = frozenset(
    "abstract final native private protected public static synchronized transient volatile".split()  # noqa: SIM905
)
KEYWORDS = (
    frozenset(
        "as assert break case catch class continue def default else enum extends false finally for if "  # noqa: SIM905
        "implements import in instanceof interface new null package return super switch this throw throws "
        "true try while".split()
    )
    | PRIMITIVES
    | MODIFIERS
)


class Token(NamedTuple):
    kind: str
    text: str
    at: Position


class _Open(NamedTuple):
    """A bracket that waits for its partner; `quote` is the string around a hole."""

    bracket: str
    at: Position
    quote: Quote | None = None


_PARTNERS = {"(": ")", "[": "]", "{": "}", "${": "}"}
# Nearly every token has blanks before it, so they are read together; those before a slash come alone.
_TOKEN = re.compile(
    r"""
    [ \t\f]*+ (?:
    (?P<newline> \n )
  | (?P<comment> //[^\n]* | /\*[\s\S]*?\*/ )
  | (?P<simple> '[^'\\\n]+' | "[^"\\\n$]+" )
  | (?P<name> (?: [^\W\d] | \$(?!/) ) [\w$]* )
  | (?P<number> 0[xX][0-9a-fA-F_]+ [gGlLiI]? | 0[bB][01_]+ [gGlLiI]?
      | \d[\d_]* (?: \.\d[\d_]* )? (?: [eE][+-]?\d+ )? [gGlLiIdDfF]? )
  | (?P<open> [(\[{] )
  | (?P<close> [)\]}] )
  | (?P<quote> ['"] | \$/ )
  | (?P<operator> >>>= | <=> | ==~ | === | !== | \*\*= | \.\.< | \.\.\. | <<= | >>=
      | \?\. | \?: | \*\. | \.& | \.@ | \.\. | \*\* | \+\+ | -- | \+= | -= | \*= | %= | &= | \|= | \^=
      | -> | == | =~ | != | <= | >= | && | \|\| | << | [-+*%=<>!~?:.,;&|^@] )
    ) | (?P<blank> [ \t\f]+ | \\\n )
    """,
    re.VERBOSE,
)
# A slash after one of these divides; anywhere else it opens a string.
_VALUE_KINDS = frozenset({NAME, NUMBER, STRING, QUOTE_END})
_VALUE_WORDS = frozenset({"this", "super", "true", "false", "null"})
_CLOSING = frozenset({")", "]", "}"})


def tokenize(text: str, first_line: int = 1) -> list[Token]:
    """All tokens of a text whose lines end with "\\n", the last being END. Raises Unreadable."""
    lexer = _Lexer(text, first_line)
    lexer.run()
    return lexer.tokens


class _Lexer:
    def __init__(self, text: str, first_line: int) -> None:
        self.text = text
        self.tokens: list[Token] = []
        self.index = 0
        self.line = first_line
        self.line_start = 0
        self.open: list[_Open] = []

    def run(self) -> None:
        match, size = _TOKEN.match, len(self.text)
        while self.index < size:
            found = match(self.text, self.index)
            if found is None:
                self.slash_or_stranger()
                continue
            kind = found.lastgroup or ""
            self.index = found.start(kind)
            _STEPS[kind](self, found[kind], found.end())
        if self.open:
            self.never_closed(self.open[-1])
        self.add(END, "", size)

    def here(self) -> Position:
        return Position(self.line, self.index - self.line_start + 1)

    def add(self, kind: str, text: str, end: int) -> None:
        """A token that does not go over the end of a line."""
        self.tokens.append(Token(kind, text, Position(self.line, self.index - self.line_start + 1)))
        self.index = end

    def move(self, end: int) -> None:
        newlines = self.text.count("\n", self.index, end)
        if newlines:
            self.line += newlines
            self.line_start = self.text.rfind("\n", self.index, end) + 1
        self.index = end

    def newline(self, text: str, end: int) -> None:
        if not self.open or self.open[-1].bracket == "{":
            self.add(NEWLINE, text, end)
        self.index = self.line_start = end
        self.line += 1

    def blank(self, _text: str, end: int) -> None:
        self.move(end)

    def name(self, text: str, end: int) -> None:
        self.add(KEYWORD if text in KEYWORDS else NAME, text, end)

    def simple(self, text: str, end: int) -> None:
        self.add(STRING, text[1:-1], end)

    def number(self, text: str, end: int) -> None:
        self.add(NUMBER, text, end)

    def operator(self, text: str, end: int) -> None:
        self.add(OPERATOR, text, end)

    def opening(self, text: str, end: int) -> None:
        self.open.append(_Open(text, self.here()))
        self.add(OPERATOR, text, end)

    def closing(self, bracket: str, end: int) -> None:
        if not self.open:
            raise Unreadable(self.here(), f"'{bracket}' closes nothing", "remove it, or open its partner")
        last = self.open.pop()
        if _PARTNERS[last.bracket] != bracket:
            raise Unreadable(
                self.here(),
                f"expected '{_PARTNERS[last.bracket]}' to close the '{last.bracket}' of line "
                f"{last.at.line}, column {last.at.column}, found '{bracket}'",
            )
        if last.quote is None:
            self.add(OPERATOR, bracket, end)
        else:
            self.add(HOLE_END, bracket, end)
            self.string(last.quote, last.at, opened=True)

    def quote(self, _text: str, _end: int) -> None:
        self.begin_string()

    def begin_string(self) -> None:
        opening, quote = next(pair for pair in OPENINGS if self.text.startswith(pair[0], self.index))
        start = self.here()
        self.index += len(opening)
        self.string(quote, start, opened=False)

    def slash_or_stranger(self) -> None:
        if self.text[self.index] != "/":
            self.stranger()
        if self.text.startswith("/*", self.index):
            raise Unreadable(self.here(), "this comment is never closed", "close it with */")
        if self.follows_value():
            width = 2 if self.text.startswith("/=", self.index) else 1
            self.add(OPERATOR, self.text[self.index : self.index + width], self.index + width)
        else:
            self.begin_string()

    def follows_value(self) -> bool:
        if not self.tokens:
            return False
        last = self.tokens[-1]
        if last.kind == OPERATOR:
            return last.text in _CLOSING
        return last.kind in _VALUE_KINDS or (last.kind == KEYWORD and last.text in _VALUE_WORDS)

    def stranger(self) -> None:
        character = self.text[self.index]
        hint = "a comment begins with // in Groovy" if character == "#" else ""
        raise Unreadable(self.here(), f"unexpected character {character!r}", hint)

    def never_closed(self, last: _Open) -> None:
        raise Unreadable(
            last.at,
            f"this '{last.bracket}' is never closed",
            f"expected '{_PARTNERS[last.bracket]}' before the end of the file",
        )

    def string(self, quote: Quote, start: Position, opened: bool) -> None:
        """Read on from inside a string to its end or to its next hole. `opened`: QUOTE was already added."""
        pieces: list[str] = []
        piece_at = self.here()
        while True:
            ended = self.chunk(quote, start, pieces)
            if ended is None:
                continue
            text = "".join(pieces)
            if ended == strings.END and not opened:
                self.tokens.append(Token(STRING, text, start))
                return
            if not opened:
                self.tokens.append(Token(QUOTE, quote.close, start))
                opened = True
            if text:
                self.tokens.append(Token(TEXT, text, piece_at))
            if ended == strings.PATH:
                self.path()
                pieces, piece_at = [], self.here()
            else:
                self.leave_string(ended, quote, start)
                return

    def path(self) -> None:
        found = NAME_AFTER_DOLLAR.match(self.text, self.index + 1)
        assert found is not None
        self.index += 1
        self.add(PATH, found[0], found.end())

    def leave_string(self, ended: str, quote: Quote, start: Position) -> None:
        if ended == strings.HOLE:
            self.open.append(_Open("${", start, quote))
            self.add(HOLE, "${", self.index + 2)
        else:
            self.tokens.append(Token(QUOTE_END, quote.close, self.here()))

    def chunk(self, quote: Quote, start: Position, pieces: list[str]) -> str | None:
        """Take one more piece of a string; END, HOLE or PATH when it stops there, else None."""
        plain = quote.plain.match(self.text, self.index)
        if plain:
            pieces.append(plain[0])
            self.move(plain.end())
        if self.text.startswith(quote.close, self.index):
            self.index += len(quote.close)
            return strings.END
        character = self.text[self.index : self.index + 1]
        if not character or (character == "\n" and not quote.lines):
            raise Unreadable(start, "this string is never closed", f"expected {quote.close} at its end")
        if character == "$" and quote.holes:
            return self.dollar(quote, pieces)
        if character == "\\" and quote.escapes != "dollar":
            self.escape(quote, pieces)
        else:
            pieces.append(character)
            self.move(self.index + 1)
        return None

    def dollar(self, quote: Quote, pieces: list[str]) -> str | None:
        doubled = quote.escapes == "dollar" and self.text.startswith("$$", self.index)
        if not doubled and self.text.startswith("${", self.index):
            return strings.HOLE
        if not doubled and NAME_AFTER_DOLLAR.match(self.text, self.index + 1):
            return strings.PATH
        if quote.escapes == "java":
            raise Unreadable(
                self.here(),
                "a '$' in a double-quoted string must begin ${…} or $name",
                "write \\$ for the sign itself",
            )
        text, end = strings.undollar(self.text, self.index, quote)
        pieces.append(text)
        self.move(end)
        return None

    def escape(self, quote: Quote, pieces: list[str]) -> None:
        meant = strings.unescape(self.text, self.index, quote)
        if meant is None:
            raise Unreadable(
                self.here(),
                f"'{self.text[self.index : self.index + 2]}' is not an escape of Groovy",
                "write \\\\ for a backslash that the shell should see",
            )
        pieces.append(meant[0])
        self.move(meant[1])


_STEPS = {
    "newline": _Lexer.newline,
    "blank": _Lexer.blank,
    "comment": _Lexer.blank,
    "name": _Lexer.name,
    "simple": _Lexer.simple,
    "number": _Lexer.number,
    "operator": _Lexer.operator,
    "open": _Lexer.opening,
    "close": _Lexer.closing,
    "quote": _Lexer.quote,
}
