from __future__ import annotations

import io
import json
import os
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.cli.output import Output, as_json, harmless, open_output
from seatrial.errors import Place
from tests.properties import examples

CONTROLS = {*map(chr, range(32)), *map(chr, range(127, 160)), "\u202e"} - {"\n", "\t"}


def test_colours_stay_where_they_may() -> None:
    assert harmless("\x1b[31mred\x1b[0m", keep_colours=True) == "\x1b[31mred\x1b[0m"
    assert harmless("\x1b[31mred\x1b[0m", keep_colours=False) == "red"


def test_nothing_else_reaches_the_terminal() -> None:
    assert harmless("a\x1b[2Jb\x1b]0;title\x07c\r\nd\u202e", keep_colours=True) == (
        "a\\x1b[2Jb\\x1b]0;title\\x07c\nd\\u202e"
    )


@examples(200)
@given(st.text(st.characters() | st.sampled_from("\x1b[;m0123\x9b")))
def test_no_control_survives(text: str) -> None:
    assert not CONTROLS & set(harmless(text, keep_colours=False))
    kept = harmless(text, keep_colours=True)
    assert not (CONTROLS - {"\x1b"}) & set(kept)


def test_json_of_values() -> None:
    value = {"place": Place("a", 1, 2), "list": (1, None), "nan": float("nan"), 3: "é"}
    assert json.loads(as_json(value)) == {
        "place": {"path": "a", "line": 1, "column": 2},
        "list": [1, None],
        "nan": None,
        "3": "é",
    }


@pytest.mark.parametrize("text", ["\x7f", "a\x85b", "\x1b[31m", "\u202e", "é\U0001f600", "\udc80"])
@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "latin-1"])
def test_programs_can_read_every_text(text: str, encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a terminal may not get is written as JSON writes it, and not as \\x85."""
    written = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(written, encoding))
    open_output(is_json=True, env={}).give({"label": text})
    sys.stdout.flush()
    assert json.loads(written.getvalue().decode(encoding)) == {"label": text}
    assert not CONTROLS & set(written.getvalue().decode(encoding))


def test_people_and_programs_are_answered_apart(capsys: pytest.CaptureFixture[str]) -> None:
    for_people = Output()
    for_people.say("hello")
    for_people.give({"a": 1})
    for_people.stream({"a": 1})
    assert capsys.readouterr() == ("hello\n", "")
    for_programs = Output(is_json=True)
    for_programs.say("hello")
    for_programs.progress("on the way")
    for_programs.stream({"a": 1})
    assert capsys.readouterr() == ('{"a": 1}\n', "on the way\n")


def test_a_pipe_has_no_colours(capsys: pytest.CaptureFixture[str]) -> None:
    output = open_output(is_json=False, env={})
    assert not output.has_colours
    assert not output.is_live
    output.say("\x1b[31mred\x1b[0m")
    assert capsys.readouterr().out == "red\n"


@pytest.mark.parametrize(("said", "width"), [(0, 100), (20, 40), (72, 72)])
def test_a_terminal_that_does_not_say_how_wide_it_is_has_room(
    monkeypatch: pytest.MonkeyPatch, said: int, width: int
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setattr("sys.stdout.fileno", lambda: 1)
    monkeypatch.setattr("os.get_terminal_size", lambda _: os.terminal_size((said, 0)))
    assert open_output(is_json=False, env={}).width == width
