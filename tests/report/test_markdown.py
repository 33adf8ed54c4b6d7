from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from seatrial.report.markdown import LARGEST, code, escape, markdown
from seatrial.report.record import StageRecord
from tests.properties import examples
from tests.report.sample import HOSTILE, RUN, VERDICT, hostile


def test_the_comment_has_the_verdict_the_stages_and_the_gates() -> None:
    text = markdown(RUN)
    assert text.startswith("<!-- seatrial:reviews -->\n")
    assert "### ❌ <code>reviews</code> run 12: refused by the evidence" in text
    assert "| ✅ | <code>train</code> | 8.30s | <code>ab12ab12ab12</code> |" in text
    assert (
        "| ❌ | <code>recall&#40;7&#41;" in text
        or "| ❌ | <code>recall(7) &#62;= 0.90</code> | 0.8100 |" in text
    )
    assert "about 1,400 more examples would decide" in text
    assert "with uncommitted edits" in text
    assert "**<code>test</code>: 14 tests, 1 failed**\n\n- ❌ <code>test&#95;a&#58; it is not</code>" in text


def test_every_row_of_a_table_has_its_columns() -> None:
    for block in markdown(RUN).split("\n\n"):
        rows = [line for line in block.splitlines() if line.startswith("|")]
        assert len({row.count("|") for row in rows}) <= 1, block


def test_hostile_names_are_shown_and_do_nothing() -> None:
    text = markdown(hostile())
    assert "<script" not in text
    assert "@everyone" not in text  # a mention would call everyone
    assert "](http" not in text
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert text.count("</pre>") == text.count("<pre>")
    comment = text.splitlines()[0]
    assert comment.endswith("-->")
    assert comment.count("-->") == 1


@examples(200)
@given(st.text())
def test_an_escaped_text_holds_nothing_to_read(text: str) -> None:
    made = escape(text)
    assert not re.search(r"[`*_<>\[\]{}!|\\@#:~$\n]", re.sub(r"&#\d+;", "", made))
    assert "\n" not in code(text)


def test_a_long_comment_fits_and_keeps_what_matters() -> None:
    log = StageRecord("noisy", "failed", log="x" * 40_000)
    many = RUN._replace(stages=RUN.stages + (log,) * 20)
    assert len(markdown(many)) <= LARGEST
    assert "refused by the evidence" in markdown(many)
    huge = RUN._replace(stages=(StageRecord("s" * 90, "failed", message=HOSTILE * 5, verdict=VERDICT),) * 400)
    text = markdown(huge)
    assert len(text) <= LARGEST
    assert text.endswith("*and more, in the whole report*\n")
