"""Values of expressions. The expected ones are Groovy 2.4's (its documentation and console)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from seatrial.pipeline.dialects.jenkins.evaluator import (
    Failure,
    Names,
    Undetermined,
    evaluate,
    reads,
    unsupported,
)
from seatrial.pipeline.dialects.jenkins.reader import read
from seatrial.pipeline.dialects.jenkins.spelling import spell
from seatrial.pipeline.dialects.jenkins.syntax import Assignment, Expression

ENV = {"APP": "reviews", "EMPTY": "", "LIST": "a,b,,c,,"}


def expression(text: str) -> Expression:
    (statement,) = read(f"x = {text}")
    assert isinstance(statement, Assignment)
    return statement.value


def value(text: str, complete: bool = True) -> object:
    node = expression(text)
    assert not list(unsupported(node))
    return evaluate(node, Names(ENV.get, complete))


CASES = [
    ("'a' + 1", "a1"),
    ("'a' + null + true", "anulltrue"),
    ("1 + 2 * 3", 7),
    ("7 % -3", 1),
    ("-7 % 3", -1),
    ("1 / 2", Decimal("0.5")),
    ("4 / 2", 2),
    ("0x1F + 010 + 0b11", 42),
    ("1.10 + 'x'", "1.10x"),
    ("'abcabc' - 'bc'", "aabc"),
    ("'ab' * 3", "ababab"),
    ("[1, 2] + 3", [1, 2, 3]),
    ('"${APP}-${env.APP}-$APP"', "reviews-reviews-reviews"),
    ('"${env.NONE}"', "null"),
    ("\"${[1, 'a', null]} ${[a: 1]} ${[:]}\"", "[1, a, null] [a:1] [:]"),
    ("EMPTY ? 'yes' : 'no'", "no"),
    ("env.NONE ?: 'none'", "none"),
    ("env.NONE?.trim()", None),
    ("APP == 'reviews' && !EMPTY", True),
    ("APP != 'reviews' || 2 > 1", True),
    ("'b' in ['a', 'b']", True),
    ("1 == true", False),
    ("'a' < 'b'", True),
    ("+1 - -1", 2),
    ("' a\\n'.trim()", "a"),
    ("APP.toUpperCase().toLowerCase().capitalize()", "Reviews"),
    ("'a/b/c'.replace('/', '-')", "a-b-c"),
    ("APP.contains('view') && APP.startsWith('re') && APP.endsWith('s')", True),
    ("APP.substring(2) + APP.substring(0, 2)", "viewsre"),
    ("LIST.split(',')", ["a", "b", "", "c"]),
    ("LIST.tokenize(',')", ["a", "b", "c"]),
    ("'a b-c'.tokenize(' -')", ["a", "b", "c"]),
    ("LIST.split(',')[-1] + LIST.split(',').size()", "c4"),
    ("['a', 'b'].join('-') + ['a', 'b'].first() + ['a', 'b'].last()", "a-bab"),
    ("APP[0] + APP[-1]", "rs"),
    ("[a: 1, 'b': 2]['b']", 2),
    ("[1][5]", None),
    ("APP.take(3) + APP.drop(5) + APP.take(99)", "revwsreviews"),
    ("APP.length() + APP.indexOf('v') + APP.lastIndexOf('s')", 15),
    ("APP.indexOf('?')", -1),
    ("'42'.toInteger() + 1", 43),
    ("'A'.equalsIgnoreCase('a') && 'a'.equals('a')", True),
    ("1.toString().concat('x')", "1x"),
    ("EMPTY.isEmpty()", True),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_values(text: str, expected: object) -> None:
    assert value(text) == expected


@pytest.mark.parametrize("text", [text for text, _ in CASES])
def test_what_is_spelled_means_the_same(text: str) -> None:
    assert value(spell(expression(text))) == value(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "NONE",
            "groovy.lang.MissingPropertyException: No such property: NONE for class: groovy.lang.Binding",
        ),
        ('"a ${NONE}"', "groovy.lang.MissingPropertyException: No such property: NONE"),
        ("env.NONE.trim()", "java.lang.NullPointerException: Cannot invoke method trim() on null object"),
        ("'abc'.substring(5)", "java.lang.StringIndexOutOfBoundsException"),
        ("'abc'[7]", "java.lang.StringIndexOutOfBoundsException"),
        ("'x'.toInteger()", 'java.lang.NumberFormatException: For input string: "x"'),
        ("1.trim()", "groovy.lang.MissingMethodException"),
        ("'a'.trim(1)", "groovy.lang.MissingMethodException"),
        ("'a' / 2", "groovy.lang.MissingMethodException"),
        ("1 / 0", "java.lang.ArithmeticException: Division by zero"),
        ("7 % 0", "java.lang.ArithmeticException: / by zero"),
        ("-'a'", "groovy.lang.MissingMethodException"),
        ("[].first()", "java.util.NoSuchElementException"),
        ("'a.b'.split('.')", "split('.') is a regular expression"),
        ("null[0]", "java.lang.NullPointerException"),
        ("'ab' * 9000000", "groovy.lang.MissingMethodException"),
    ],
)
def test_failures(text: str, message: str) -> None:
    with pytest.raises(Failure) as failure:
        value(text)
    assert failure.value.message.startswith(message)


@pytest.mark.parametrize("text", ["NONE", "env.NONE", '"${NONE}"', "env.NONE ?: 'x'", "!NONE"])
def test_before_the_run_an_unknown_name_is_undetermined(text: str) -> None:
    with pytest.raises(Undetermined):
        value(text, complete=False)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("credentials('a')", "a call of 'credentials'"),
        ("currentBuild.result", "'currentBuild.result'"),
        ("docker.build('x')", "'docker.build()'"),
        ("env", "'env'"),
        ("APP.reverse()", "the method 'reverse'"),
        ("APP*.trim()", "the method 'trim'"),
        ("APP.length", "the property 'length'"),
        ("new Date()", "'new'"),
        ("{ it }", "a closure"),
        ("a =~ /b/", "the operator '=~'"),
        ("~'a'", "the operator '~'"),
        ("APP as Set", "a cast"),
        ("APP++", "'++' or '--'"),
        ("(y = 1)", "an assignment"),
        ("f()()", "a call of a value"),
        ("'a'" + " + 'a'" * 120, "an expression of more than 100 levels"),
    ],
)
def test_what_is_not_evaluated_is_named(text: str, what: str) -> None:
    assert [found for _, found in unsupported(expression(text))] == [what]


def test_all_that_is_not_evaluated_is_found() -> None:
    found = unsupported(expression('"${a()} ${[b(), [c: d()]]} ${APP.trim(e()) ?: f()}"'))
    assert {what[-2] for _, what in found} == set("abdef")


def test_what_is_read_is_known() -> None:
    nodes = reads(expression('"$A ${env.B} ${c ? D : E.trim()} ${F[G]}"'))
    assert {getattr(node, "text", None) or getattr(node, "name", None) for node in nodes} == {
        *"AB",
        "c",
        *"DEFG",
    }
