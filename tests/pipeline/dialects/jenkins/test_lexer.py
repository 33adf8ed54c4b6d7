"""Tokens and their positions."""

from __future__ import annotations

import pytest

from seatrial.pipeline.dialects.jenkins.lexer import (
    HOLE,
    HOLE_END,
    KEYWORD,
    NAME,
    NEWLINE,
    NUMBER,
    OPERATOR,
    PATH,
    QUOTE,
    QUOTE_END,
    STRING,
    TEXT,
    tokenize,
)
from seatrial.pipeline.dialects.jenkins.syntax import Position, Unreadable


def pairs(text: str) -> list[tuple[str, str]]:
    return [(token.kind, token.text) for token in tokenize(text)[:-1]]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("'plain $x ${y}'", "plain $x ${y}"),
        ("''", ""),
        ('""', ""),
        ("'''two\nlines'''", "two\nlines"),
        ("'''it''s'''", "it''s"),
        ('"""a "quoted" word"""', 'a "quoted" word'),
        (r"'a\nb\t\\\'\"\$'", "a\nb\t\\'\"$"),
        (r'"\$HOME"', "$HOME"),
        (r"'\u0041\101\60'", "AA0"),
        ("'one \\\nline'", "one line"),
        (r"/a\/b\d$/", r"a/b\d$"),
        ("$/a/b$$c$/d/$", "a/b$c/d"),
    ],
)
def test_strings(text: str, value: str) -> None:
    assert pairs(text) == [(STRING, value)]


def test_a_string_with_holes() -> None:
    assert pairs('"a ${b.c} $d.e. f"') == [
        (QUOTE, '"'),
        (TEXT, "a "),
        (HOLE, "${"),
        (NAME, "b"),
        (OPERATOR, "."),
        (NAME, "c"),
        (HOLE_END, "}"),
        (TEXT, " "),
        (PATH, "d.e"),
        (TEXT, ". f"),
        (QUOTE_END, '"'),
    ]


def test_strings_nest_in_holes() -> None:
    kinds = [kind for kind, _ in pairs('"${a ? "${b}" : { it }}"')]
    assert kinds.count(QUOTE) == kinds.count(QUOTE_END) == 2
    assert kinds.count(HOLE) == kinds.count(HOLE_END) == 2


def test_positions_go_on_after_strings_and_comments_of_several_lines() -> None:
    tokens = tokenize("a /* x\n y */ b '''\n''' c\n  d")
    at = {token.text: token.at for token in tokens if token.kind == NAME}
    assert at == {"a": (1, 1), "b": (2, 7), "c": (3, 5), "d": (4, 3)}


def test_a_newline_counts_only_outside_of_parentheses_and_lists() -> None:
    assert pairs("(\n[\n]\n)\n{\n}").count((NEWLINE, "\n")) == 2
    assert (NEWLINE, "\n") not in pairs("a \\\n b // c")


@pytest.mark.parametrize("text", ["0x1F", "0b11", "1_000", "1.5", "1e3", "2.5e-3G", "10L"])
def test_numbers(text: str) -> None:
    assert pairs(text) == [(NUMBER, text)]


def test_a_range_is_no_decimal() -> None:
    assert pairs("1..5") == [(NUMBER, "1"), (OPERATOR, ".."), (NUMBER, "5")]


def test_a_slash_after_a_value_divides() -> None:
    assert pairs("a / b /c") == [(NAME, "a"), (OPERATOR, "/"), (NAME, "b"), (OPERATOR, "/"), (NAME, "c")]
    assert pairs("x[0] /= 2")[-2] == (OPERATOR, "/=")
    assert pairs("return /a b/") == [(KEYWORD, "return"), (STRING, "a b")]
    assert pairs("x =~ /a b/")[-1] == (STRING, "a b")


@pytest.mark.parametrize(
    ("text", "at", "message"),
    [
        ("'open", (1, 1), "never closed"),
        ("a 'open\n'", (1, 3), "never closed"),
        ("'''open'", (1, 1), "never closed"),
        ('"${a"', (1, 5), "never closed"),
        ("/* open", (1, 1), "comment"),
        ("{ (\n}", (2, 1), "expected ')' to close the '(' of line 1, column 3, found '}'"),
        ("a )", (1, 3), "closes nothing"),
        ("a {\n{ }", (1, 3), "'{' is never closed"),
        (r"'\.'", (1, 2), "not an escape"),
        ('"cost: $5"', (1, 8), "must begin"),
        ("a # b", (1, 3), "unexpected character '#'"),
        ("a\u00a0b", (1, 2), "unexpected character"),
    ],
)
def test_what_is_no_groovy_is_said_with_its_place(text: str, at: tuple[int, int], message: str) -> None:
    with pytest.raises(Unreadable) as error:
        tokenize(text)
    assert (error.value.at, message in error.value.message) == (Position(*at), True), error.value.message
