from __future__ import annotations

import html
import json
import re
import shlex
from base64 import b64encode, urlsafe_b64encode
from pathlib import Path
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from seatrial.errors import BadInput
from seatrial.journal import secrets
from tests.properties import examples


def keep(home: Path, content: str, mode: int = 0o600) -> Path:
    path = home / "secrets.env"
    path.write_text(content)
    path.chmod(mode)
    return path


def test_variables_come_before_the_file(home: Path) -> None:
    keep(home, "# comment\n\nA=file\nexport B = 'two words' \nC=\"xx\\nyy\"\nD=a=bc\n")
    found = secrets.resolve(["A", "B", "C", "D"], home, {"A": "variable"})
    assert found == (("A", "variable"), ("B", "two words"), ("C", "xx\nyy"), ("D", "a=bc"))


def test_file_may_be_elsewhere(home: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.env"
    other.write_text("A=1234\n")
    other.chmod(0o600)
    assert secrets.resolve(["A"], home, {"SEATRIAL_SECRETS_FILE": str(other)}) == (("A", "1234"),)


def test_missing_secret_is_named_and_none_asks_nothing(home: Path) -> None:
    with pytest.raises(BadInput, match="the secret TOKEN has no value") as error:
        secrets.resolve(["TOKEN"], home, {})
    assert "secrets.env" in error.value.hint
    keep(home, "A=1", 0o644)
    assert secrets.resolve([], home, {}) == ()


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_file_that_others_can_read_is_refused(home: Path, mode: int) -> None:
    path = keep(home, "A=1\n", mode)
    with pytest.raises(BadInput, match="others can read") as error:
        secrets.resolve(["A"], home, {})
    assert error.value.hint == f"chmod 600 {path}"


@pytest.mark.parametrize("line", ["geheim", "=geheim", "a-b=geheim", "A B=geheim"])
def test_bad_line_is_placed_and_never_shown(home: Path, line: str) -> None:
    keep(home, f"A=1\n{line}\n")
    with pytest.raises(BadInput) as error:
        secrets.resolve(["A"], home, {})
    assert error.value.place is not None
    assert error.value.place.line == 2
    assert "geheim" not in f"{error.value.message}{error.value.hint}"


def test_file_of_no_text(home: Path) -> None:
    keep(home, "").write_bytes(b"A=\xff\n")
    with pytest.raises(BadInput, match="this line is no text in UTF-8"):
        secrets.resolve(["A"], home, {})


def test_short_values_are_masked_but_not_their_parts() -> None:
    assert secrets.mask(b"a x b", secrets.forms(["x"])) == b"a *** b"
    assert secrets.mask(b"if you", secrets.forms(["if\nlong line"])) == b"if you"
    assert secrets.mask(b"long line", secrets.forms(["if\nlong line"])) == b"***"
    assert secrets.forms(["", "\n"]) == (b"\n",)


def test_basic_authentication_is_masked() -> None:
    header = b64encode(b"ada:correct horse battery")
    assert b"***" in secrets.mask(header, secrets.forms(["correct horse battery"]))


def test_a_key_of_several_lines_is_masked_in_json_and_in_the_trace_of_a_shell() -> None:
    value = 'BEGIN KEY\n"it\'s" <one>\nEND KEY'
    hidden = secrets.forms([value])
    for printed in (json.dumps({"key": value}), "+ echo 'BEGIN KEY\n\"it'\\''s\" <one>'"):
        shown = secrets.mask(printed.encode(), hidden)
        assert b"BEGIN" not in shown
        assert b"one" not in shown


VALUES = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), min_size=4, max_size=30)


@examples(150)
@given(value=VALUES, before=st.binary(max_size=10), after=st.binary(max_size=10))
@example(value="00>0", before=b"", after=b"")  # short, and other in the base64 of URLs
def test_no_form_of_a_value_is_left(value: str, before: bytes, after: bytes) -> None:
    assume(value.strip() and "*" not in value)
    raw = value.encode()
    hidden = secrets.forms([value])
    for form in (
        raw,
        b64encode(raw),
        urlsafe_b64encode(raw),
        quote(value).encode(),
        quote_plus(value).encode(),
        re.sub("%..", lambda sign: sign[0].lower(), quote(value, safe="")).encode(),
        json.dumps(value)[1:-1].encode(),
        json.dumps(value, ensure_ascii=False)[1:-1].encode(),
        escape(value).encode(),
        html.escape(value).encode(),
        shlex.quote(value)[1:-1].encode() if "'" in value else raw,
    ):
        assert form not in secrets.mask(before + form + after, hidden).replace(b"***", b"")


@examples(150)
@given(
    values=st.lists(st.text("ab", min_size=1, max_size=4), min_size=1, max_size=3),
    text=st.text("abc", max_size=40),
    size=st.integers(1, 12),
)
def test_masking_piece_by_piece_leaves_no_value(values: list[str], text: str, size: int) -> None:
    """The pieces are masked apart, as those of a stream are."""
    hidden = secrets.forms(values)
    content, rest, passed = text.encode(), b"", []
    for at in range(0, len(content), size):
        rest += content[at : at + size]
        cut = secrets.safe_cut(rest, hidden)
        passed.append(rest[:cut])
        rest = rest[cut:]
    pieces = [*passed, rest]
    assert b"".join(pieces) == content
    shown = b"".join(secrets.mask(piece, hidden) for piece in pieces)
    assert not any(value.encode() in shown for value in values)


def test_mask_text() -> None:
    assert secrets.mask_text("say geheim", ["geheim"]) == "say ***"
    assert secrets.mask_text("say \ud800", []) == "say \ud800"
