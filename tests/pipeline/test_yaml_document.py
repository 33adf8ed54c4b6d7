"""YAML as nodes: texts stay texts, places are right, and nothing hostile costs more than it may."""

from __future__ import annotations

import re
import time

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from seatrial.errors import Place
from seatrial.pipeline import yaml_document as document
from seatrial.pipeline.yaml_document import Mapping, Node, Scalar, Sequence, compose, place_at
from tests.properties import examples


def plain(node: Node | None) -> object:
    """The node as Python has it."""
    if isinstance(node, Mapping):
        return {key.text: plain(value) for key, value in node.entries}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return node.text if node else None


def said(text: str) -> list[str]:
    return [
        f"{finding.place.line}:{finding.place.column} {finding.message}" for finding in compose(text, "f")[1]
    ]


def test_scalars_stay_as_they_are_written() -> None:
    root, findings = compose("a: [3.10, on, 0o17, 1:30, ~, '', \"x\\ty\", 2026-01-01]\nno: yes", "f")
    assert not findings
    assert plain(root) == {"a": ["3.10", "on", "0o17", "1:30", "~", "", "x\ty", "2026-01-01"], "no": "yes"}


def test_nothing_is_null_only_without_quotes() -> None:
    root, _ = compose("[~, null, '', '~', ]", "f")
    assert isinstance(root, Sequence)
    assert [item.is_null for item in root.items if isinstance(item, Scalar)] == [True, True, False, False]


def test_places_count_characters() -> None:
    root, _ = compose("é: [ü, 'x y', |\n", "f")
    assert root is None
    root, _ = compose("é: [ü, 'x y']\nb: |\n  text\n", "f")
    assert isinstance(root, Mapping)
    (_, first), (_, second) = root.entries
    assert isinstance(first, Sequence)
    assert [item.place for item in first.items] == [Place("f", 1, 5), Place("f", 1, 8)]
    assert second.place == Place("f", 2, 4)


def test_the_place_of_a_character() -> None:
    root, _ = compose("[branch, 'quoted', a\n b]", "f")
    assert isinstance(root, Sequence)
    offsets = [place_at(item, 2) for item in root.items if isinstance(item, Scalar)]
    assert offsets == [Place("f", 1, 4), Place("f", 1, 13), Place("f", 2, 2)]


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("start", ["", "\ufeff"])
@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("日本: x§y", 1, 6),
        ("日本: &a  '日§y' # §", 1, 11),
        ('日本: !t "日§y"', 1, 10),
        ("a: |\n   echo 日\n   日§", 3, 5),
        ("a: &b |- # as it is\n  日§\n", 2, 4),
        ("a: |2\n    more §\n", 2, 10),
        ("- {a: [x, &c '§']}", 1, 15),
        # What is escaped, or folded, stands there otherwise than it reads.
        ('a: "\\t§"', 1, 7),
        ('a: &x "b\\u00e9\\\\ §"', 1, 18),
        ("a: 'it''s §'", 1, 11),
        ("a: 'it''s\n\n    §  '", 3, 5),
        ('a: !t "  \\\n    b\\\n  c §"', 3, 5),
        ("a: >\n  x\n  §\n", 3, 3),
        ("a: >-\n\n  x\n\n    y §\n\n  z\n", 5, 7),
        ("a: |\n\n  §\n", 3, 3),
        ("a: one\n  §", 2, 3),
        ("a: &b !t one\n\n  two §\nb: c", 3, 7),
        ("[a b\n c §, d]", 2, 4),
        # As nearly as it is known: what is escaped at the beginning of a line could be the end of another.
        ('a: "b\n  \\n §"', 1, 4),
    ],
)
def test_the_place_of_a_character_wherever_it_stands(
    text: str, line: int, column: int, start: str, ending: str
) -> None:
    root, _ = compose(start + text.replace("\n", ending) + ending, "f", strict=False)
    waiting: list[Node | None] = [root]
    found = []
    for node in waiting:
        if isinstance(node, Scalar) and "§" in node.text:
            found.append(place_at(node, node.text.index("§")))
        elif isinstance(node, Mapping):
            waiting += [value for _, value in node.entries]
        elif isinstance(node, Sequence):
            waiting += node.items
    assert found == [Place("f", line, column)]


def test_aliases_and_merge_keys() -> None:
    text = "a: &a {x: 1, y: 2}\nb: &b {y: 3, z: 4}\nc: {<<: [*a, *b], x: 0}\nd: {<<: *b}\ne: *a\nf: {'<<': 1}"
    root, findings = compose(text, "f")
    assert not findings
    assert plain(root) == {
        "a": {"x": "1", "y": "2"},
        "b": {"y": "3", "z": "4"},
        "c": {"x": "0", "y": "2", "z": "4"},
        "d": {"y": "3", "z": "4"},
        "e": {"x": "1", "y": "2"},
        "f": {"<<": "1"},
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb: 2\na: 3", ["3:1 a second key `a`"]),
        ("{a: &x 1, b: &x 2, c: *x}", ["1:14 a second anchor `&x`"]),
        ("{? [a] : b}", ["1:4 a key must be a text"]),
        ("a: *b", ["1:4 `*b` has no anchor before it"]),
        ("&a {b: *a}", ["1:8 `*a` stands inside what it stands for"]),
        ("a: !x 1\nb: !!str 2", ["1:4 the tag `!x` is not read"]),
        ("a\n--- b", ["2:1 a second document in one file"]),
        ("a: \x07", ["1:4 the character U+0007 cannot stand in YAML"]),
        ("a\nb\ud800", ["2:2 the character U+D800 cannot stand in YAML"]),
        ("[" * 41 + "]" * 41, ["1:41 nested more than 40 deep"]),
        ("x" * (4 * 1024 * 1024 + 1), ["0:0 the file has more than 4194304 characters"]),
        ("%YAML 9.9\n--- a", ["1:1 this is not YAML: found incompatible YAML document"]),
    ],
)
def test_what_is_said(text: str, expected: list[str]) -> None:
    assert said(text) == expected


def test_aliases_may_not_nest_deeper_than_text() -> None:
    steps = "\n".join(f"a{i}: &a{i} [*a{i - 1}]" for i in range(1, 60))
    assert said(f"a0: &a0 x\n{steps}")[0].endswith("nested more than 40 deep")


@pytest.mark.parametrize(
    "text", ["[" * 200_000, "a: {b: " * 100_000, "- " * 100_000, "? " * 50_000, "&a " * 50_000]
)
def test_hostile_depth_is_quick(text: str) -> None:
    started = time.process_time()
    assert said(text)
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a:\n  c: [1, 2\nb: 3\n", "2:6 this is not YAML: `[` is not closed before line 3"),
        ("a: {x: 1\n", "1:4 this is not YAML: `{` is not closed before the end of the file"),
        ('a: "abc\nb: c\n', '1:4 this is not YAML: `"` is not closed before the end of the file'),
        ("a: 1\nb: [\n\n", "2:4 this is not YAML: did not find expected node content; the file ends here"),
        ("a: [1 2, 'x'y]\n", "1:13 this is not YAML: did not find expected ',' or ']' while parsing"),
    ],
)
def test_what_is_left_open_is_shown_where_it_was_opened(text: str, message: str) -> None:
    assert said(text)[0].startswith(message)


def test_the_parser_in_python_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "a: &x {b: [1, 'é']}\nc: *x\na: |\n  x\n"
    with_c = compose(text, "f")
    monkeypatch.setattr(document, "_LOADER", yaml.SafeLoader)
    assert compose(text, "f") == with_c
    assert "this is not YAML" in said("a: [")[0]
    assert said("a: @x")[0].startswith(
        "1:4 this is not YAML: found character '@' that cannot start any token"
    )


NAMES = st.text(alphabet="abcé xyz", min_size=1, max_size=5).map(str.strip).filter(bool)
TREES = st.recursive(
    st.text(max_size=8).filter(str.isprintable),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=12,
)


@examples(100)
@given(TREES)
def test_what_pyyaml_writes_is_read(tree: object) -> None:
    root, findings = compose(yaml.safe_dump(tree, allow_unicode=True), "f")
    assert not findings
    assert plain(root) == tree


def test_for_another_systems_file_the_last_of_two_equal_keys_counts_and_is_a_warning() -> None:
    root, findings = compose("a: &x 1\na: &x !y 2\nb: *x", "f", strict=False)
    assert plain(root) == {"a": "2", "b": "2"}
    assert {finding.severity for finding in findings} == {"warning"}
    assert len(findings) == 3


FORMS = (
    "{0}", "'{0}'", '"{0}"', "&{2} {0}", "!t  '{0}'", '&{2} !t "{0}"', "[x, {0}, '{1}']",
    "{{a: {0}, {1}: x}}", "|\n  {0}\n  {1}", "&{2} |-\n\n    {0}\n    {1}\n",
    "|2 # no\n    {0}\n  {1}", ">\n  {0}\n  {1}", "\n- {0}\n- '{1}'",
    "{0}\n  {1}", "'{0}\n  {1}'", '"{0}\n\n  {1}"', ">-\n\n  {0}\n\n    {1}\n  {0}\n",
)  # fmt: skip
LINES = st.text(alphabet="ab日é '\"\\#:-\t,\x85", max_size=6)


@examples(300)
@given(
    st.lists(st.tuples(st.sampled_from(FORMS), LINES, LINES), max_size=4),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(["", "\ufeff", "# 日本\n"]),
)
def test_a_character_whose_place_is_known_stands_there(
    entries: list[tuple[str, str, str]], ending: str, start: str
) -> None:
    written = (
        f"k{number}: {form.format(*lines, f'n{number}')}\n" for number, (form, *lines) in enumerate(entries)
    )
    text = (start + "".join(written)).replace("\n", ending)
    lines = re.split("\r\n|[\n\r\x85\u2028\u2029]", text.removeprefix("\ufeff"))
    waiting: list[Node | None] = [compose(text, "f", strict=False)[0]]
    for node in waiting:
        if isinstance(node, Scalar) and node.pieces:
            for offset, sign in enumerate(node.text):
                place = place_at(node, offset)
                assert sign.isspace() or lines[place.line - 1][place.column - 1] in (sign, "\\")
        elif isinstance(node, Mapping):
            waiting += [part for entry in node.entries for part in entry]
        elif isinstance(node, Sequence):
            waiting += node.items
