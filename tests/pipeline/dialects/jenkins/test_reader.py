"""The grammar: what is read, into what, and what is refused with which words."""

from __future__ import annotations

import pytest

from seatrial.pipeline.dialects.jenkins import syntax
from seatrial.pipeline.dialects.jenkins.cursor import MAX_CHAIN, MAX_DEPTH
from seatrial.pipeline.dialects.jenkins.reader import read
from seatrial.pipeline.dialects.jenkins.syntax import (
    Binary,
    Call,
    Closure,
    Declaration,
    Elvis,
    GString,
    If,
    Labelled,
    ListLiteral,
    MapLiteral,
    Name,
    Property,
    Ternary,
    Text,
    Unreadable,
)


def shape(node: object) -> object:
    """A tree without positions, kinds by name: short enough to write down."""
    if isinstance(node, Name):
        return node.text
    if isinstance(node, Text):
        return repr(node.value)
    if isinstance(node, tuple) and hasattr(node, "at"):
        return (type(node).__name__, *(shape(part) for part in node[:-1]))
    if isinstance(node, tuple):
        return [shape(part) for part in node]
    return node


def one(text: str) -> object:
    (statement,) = read(text)
    return shape(statement)


def named(name: str | None, value: object) -> object:
    return ("Argument", name, value)


@pytest.mark.parametrize("text", ["sh 'make'", "sh'make'", "sh('make')", "sh ('make')", "sh(\n'make',\n)"])
def test_a_call_however_it_is_written(text: str) -> None:
    assert one(text) == ("Call", "sh", [named(None, "'make'")])


@pytest.mark.parametrize("text", ["sh script: 'a', x: 1", "sh(script: 'a', x: 1)", "sh script: 'a',\n  x: 1"])
def test_named_arguments(text: str) -> None:
    assert one(text) == ("Call", "sh", [named("script", "'a'"), named("x", ("Number", "1"))])


@pytest.mark.parametrize("text", ["a { b }", "a() { b }", "a({ b })", "a\n{\nb\n}", "a {\n b; }"])
def test_a_block_is_an_argument(text: str) -> None:
    assert one(text) == ("Call", "a", [named(None, ("Closure", None, ["b"]))])


def test_a_line_that_begins_with_a_dot_goes_on() -> None:
    assert one("a\n  .b()\n  ?.c") == ("Property", ("Call", ("Property", "a", ".", "b"), []), "?.", "c")


def test_a_chain_of_commands() -> None:
    assert one("a b c d") == (
        "Call",
        ("Property", ("Call", "a", [named(None, "b")]), ".", "c"),
        [named(None, "d")],
    )


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a + b * c", ("Binary", "a", "+", ("Binary", "b", "*", "c"))),
        ("a - b - c", ("Binary", ("Binary", "a", "-", "b"), "-", "c")),
        ("a || b && c == d", ("Binary", "a", "||", ("Binary", "b", "&&", ("Binary", "c", "==", "d")))),
        ("!a && b", ("Binary", ("Unary", "!", "a"), "&&", "b")),
        ("a ? b : c ?: d", ("Ternary", "a", "b", ("Elvis", "c", "d"))),
        ("a\n  ? b\n  : c", ("Ternary", "a", "b", "c")),
        ("a >> b >>> c", ("Binary", ("Binary", "a", ">>", "b"), ">>>", "c")),
        ("a = b = c", ("Assignment", "a", "=", ("Assignment", "b", "=", "c"))),
        ("a as String", ("Cast", "String", "a", True)),
        ("x = (String) a", ("Assignment", "x", "=", ("Cast", "String", "a", False))),
        ("a instanceof java.util.List", ("Binary", "a", "instanceof", "java.util.List")),
        (
            "x = [a: 1, (b): c]",
            ("Assignment", "x", "=", ("MapLiteral", [named("a", ("Number", "1")), named("b", "c")])),
        ),
        ("x = [:]", ("Assignment", "x", "=", ("MapLiteral", []))),
        ("x = [a, *b]", ("Assignment", "x", "=", ("ListLiteral", ["a", ("Spread", "b")]))),
        ("a[0]++", ("Step", ("Index", "a", [named(None, ("Number", "0"))]), "++")),
        ("x = new A<B>(c)", ("Assignment", "x", "=", ("New", "A<B>", [named(None, "c")]))),
        ("a*.b", ("Property", "a", "*.", "b")),
        ('"x $a.b ${c}"', ("GString", ["x ", ("Property", "a", ".", "b"), " ", "c"])),
        ('"${}"', ("GString", [("Constant", None)])),
    ],
)
def test_expressions(text: str, tree: object) -> None:
    assert one(text) == tree


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("def a = 1, b", "Declaration"),
        ("def (a, b) = pair", "Declaration"),
        ("String a = sh script: 'x', returnStdout: true", "Declaration"),
        ("List<Map<String, List<String>>> a", "Declaration"),
        ("final int[] a = [1]", "Declaration"),
        ("def f(String a, b = 1, int... c) { a }", "Method"),
        ("private static void f()\n{\n}", "Method"),
        ("def 'a name'() { }", "Method"),
        ("class A<T> extends B implements C, D { A(int x) { this.x = x }\n def x }", "Class"),
        ("enum A { B, C(1);\n int d }", "Class"),
        ("import static a.b.C.*", "Import"),
        ("import a.B as C", "Import"),
        ("@Library(['a', 'b']) _", "Annotated"),
        ("@NonCPS\ndef f() { }", "Annotated"),
        ("@Field def a = 1", "Annotated"),
        ("if (a)\n{ b }\nelse if (c) d\nelse { e }", "If"),
        ("for (a in b) { }", "ForEach"),
        ("for (String a : b) c", "ForEach"),
        ("for (int i = 0; i < n; i++) { }", "For"),
        ("for (;;) { break }", "For"),
        ("while (a) { continue }", "While"),
        ("switch (a) {\n case 1:\n case ~/x/: b; break\n default: c\n}", "Switch"),
        ("try { a } catch (A | B e) { } catch (e) { }\nfinally { }", "Try"),
        ("return a b", "Leave"),
        ("throw new A('b')", "Leave"),
        ("assert a : 'b'", "Assert"),
        ("a: b 'c'", "Labelled"),
        ("a.each { b, c = 1 -> d }", "Call"),
        ("{ -> a }", "Closure"),
        ("a = b c: 1, d: [e: { f }]", "Assignment"),
        ("a.class.in.default()", "Call"),
        ('a."$b"(c)', "Call"),
        ("echo default: 1", "Call"),
        ("a.&b", "Property"),
        ("x = a == 'b' ?\n c :\n d", "Assignment"),
        ("(a, b) = [1, 2]", "Assignment"),
        ("this.a = 1", "Assignment"),
        ("x = new int[3]", "Assignment"),
        ("x = new String[] { 'a' }", "Assignment"),
        ("x = new A() { def b() { } }", "Assignment"),
        ("x = (int) (a)", "Assignment"),
        ("x = (A) + b", "Assignment"),
        ("int.parse(a)", "Call"),
        ("if (a);", "If"),
        ("def a() throws B, C { }", "Method"),
        ("abstract class A { abstract def b()\n final class C { } }", "Class"),
        ("try { } catch (final A e) { }", "Try"),
        ("a { Map<String, B>[] c, ... d -> }", "Call"),
    ],
)
def test_statements(text: str, kind: str) -> None:
    (statement,) = read(text)
    assert type(statement).__name__ == kind


def test_a_type_is_told_from_a_call_by_its_first_letter() -> None:
    declaration, call = read("String a\necho a")
    assert isinstance(declaration, Declaration)
    assert isinstance(call, Call)


def test_else_if_is_a_chain() -> None:
    (statement,) = read("if (a) { b } else if (c) { d } else { e }")
    assert isinstance(statement, If)
    (inner,) = statement.otherwise
    assert isinstance(inner, If)
    assert shape(inner.otherwise) == ["e"]


def test_closures_know_their_parameters() -> None:
    (call,) = read("a { Map b = [:], c -> d }")
    assert isinstance(call, Call)
    closure = call.arguments[0].value
    assert isinstance(closure, Closure)
    assert closure.parameters is not None
    assert [(one.type, one.name) for one in closure.parameters] == [("Map", "b"), ("", "c")]


def test_nodes_know_where_they_begin() -> None:
    (call,) = read('a(\n  b ? c : d,\n  "$e")')
    assert isinstance(call, Call)
    ternary, string = (argument.value for argument in call.arguments)
    assert isinstance(ternary, Ternary)
    assert isinstance(string, GString)
    assert [ternary.at, ternary.otherwise.at, string.at] == [(2, 3), (2, 11), (3, 3)]


@pytest.mark.parametrize(
    ("text", "at", "message"),
    [
        ("a b\n  && c", (2, 3), "expected an expression, found '&&'"),
        ("1a = 2", (1, 2), "expected the end of the statement"),
        ("if a { }", (1, 4), "expected '(' after 'if', found 'a'"),
        ("a(b c)", (1, 5), "expected ')' after the arguments, found 'c'"),
        ("a = ", (1, 5), "expected an expression, found the end of the file"),
        ("switch (a) { b }", (1, 14), "expected 'case', 'default' or '}', found 'b'"),
        ("def 1", (1, 5), "expected a name to declare, found '1'"),
        ("a ? b", (1, 6), "expected ':' of '? :', found the end of the file"),
        ("try { } catch { }", (1, 15), "expected '(' after 'catch', found '{'"),
        ("import", (1, 7), "expected a name"),
        ("a.", (1, 3), "expected a name after '.'"),
        ("x = case", (1, 5), "expected an expression, found 'case'"),
        ("new A", (1, 6), "expected '(' after the type, found the end of the file"),
        ('"${a b: }"', (1, 9), "expected an expression, found '}'"),
        ("x = new 5", (1, 9), "expected a type after 'new', found '5'"),
        ("@", (1, 2), "expected the name of an annotation"),
        ("a 'b' \"c\"", (1, 7), "expected the end of the statement (a new line or ';'), found a string"),
    ],
)
def test_a_syntax_error_says_what_was_expected(text: str, at: tuple[int, int], message: str) -> None:
    with pytest.raises(Unreadable) as error:
        read(text)
    assert error.value.message.startswith(message)
    assert error.value.at == at


NESTED = {
    "parentheses": ("(", "x", ")"),
    "lists": ("[", "x", "]"),
    "closures": ("a {", "x", "}"),
    "holes": ('"${', "x", '}"'),
    "calls": ("f(a:", "x", ")"),
    "conditions": ("if (a) ", "x", ""),
    "choices": ("a ? b : ", "x", ""),
    "assignments": ("a = ", "x", ""),
    "labels": ("a: ", "x", ""),
    "classes": ("class A {", "", "}"),
}


@pytest.mark.parametrize("name", NESTED)
def test_depth_is_bounded(name: str) -> None:
    before, middle, after = NESTED[name]
    read(before * 10 + middle + after * 10)
    with pytest.raises(Unreadable, match=f"more than {MAX_DEPTH} levels"):
        read(before * 5_000 + middle + after * 5_000)


@pytest.mark.parametrize(
    ("before", "link"),
    [("a", " + a"), ("a", ".b()"), ("x = ", "!"), ("if (a) {}", " else if (a) {}"), ("a", " b c")],
)
def test_length_is_bounded(before: str, link: str) -> None:
    end = "b" if link == "!" else ""
    read(before + link * 50 + end)
    with pytest.raises(Unreadable, match=f"more than {MAX_CHAIN}"):
        read(before + link * 5_000 + end)


def test_the_words_of_the_syntax_are_all_used() -> None:
    """A node that no text can make would be a part of the grammar that is not read."""
    text = """
    @A import b
    class C { def d() { return 1 } }
    x = [a: -b, *: c] + [d, *e] + "${f}" + (String) g + new H()
    i++; j ? k : l ?: true; m[0]
    for (;;) { while (n) { switch (o) { case p: q } } }
    for (r in s) { try { t 'text' } catch (e) { } }
    assert u; v: w; if (y) { z }; def aa = { bb -> }; cc.dd
    """
    seen: set[str] = set()
    waiting: list[object] = list(read(text))
    while waiting:
        node = waiting.pop()
        if isinstance(node, tuple):
            if hasattr(node, "at"):
                seen.add(type(node).__name__)
            waiting += node
    known = {name for name, value in vars(syntax).items() if "at" in getattr(value, "_fields", ())}
    assert known - seen == set()
    assert {kind.__name__ for kind in (Binary, Elvis, Labelled, ListLiteral, MapLiteral, Property)} <= seen
