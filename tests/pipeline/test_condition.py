"""The language of `when`, and what runs afterwards."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.pipeline.condition import (
    OUTCOMES,
    Changes,
    Compare,
    ConditionError,
    Every,
    Facts,
    Not,
    Some,
    decide,
    evaluate,
    holds,
    parse,
)
from tests.properties import examples

ON_MAIN = Facts(branch="main", event="push", changes=("src/a.py", "README.md"), variables={"DEPLOY": "yes"})
ON_TAG = Facts(tag="v1.2.0", event="push", changes=())


@pytest.mark.parametrize(
    ("text", "on_main", "on_tag"),
    [
        ("branch == main", True, False),
        ("branch==main", True, False),
        ("branch != main", False, True),
        ("branch =~ m*", True, False),
        ("branch matches '^m.*n$'", True, False),
        ("branch like M*", True, False),
        ("not branch matches ai", False, True),
        ("tag matches '^v[0-9]'", False, True),
        ("branch !~ m*", False, True),
        ("branch", True, False),
        ("tag", False, True),
        ("not tag", True, False),
        ("not not tag", False, True),
        ("tag =~ v*", False, True),
        ("tag =~ 'v[0-9]*'", False, True),
        ("event == push", True, True),
        ("event =~ pu*", True, True),
        ("$DEPLOY == yes", True, False),
        ("$DEPLOY", True, False),
        ("changes [src/**]", True, False),
        ("changes: [docs/**, README.md]", True, False),
        ("changes ['docs/**' setup.py]", False, False),
        ("branch == main and tag", False, False),
        ("branch == main or tag", True, True),
        ("tag or branch == main and event == manual", False, True),
        ("(tag or branch == main) and event == push", True, True),
        ('branch == "main"', True, False),
        ("branch == 'and'", False, False),
        ('$X == ""', True, True),
    ],
)
def test_what_holds(text: str, on_main: bool, on_tag: bool) -> None:
    assert decide(text, ON_MAIN) is on_main
    assert decide(text, ON_TAG) is on_tag


def test_nothing_said_always_holds() -> None:
    assert decide("", Facts())


def test_unknown_changes_hold_rather_than_skip() -> None:
    assert evaluate(parse("changes [src/**]"), Facts(changes=None))


def test_the_tree_that_is_read() -> None:
    assert parse("not tag and (branch =~ a or changes [b])") == Every(
        (Not(Compare("tag")), Some((Compare("branch", "=~", "a"), Changes(("b",)))))
    )


@pytest.mark.parametrize(
    ("text", "offset", "message", "hint"),
    [
        ("branhc == main", 0, "`branhc` is nothing to ask about", "did you mean `branch`?"),
        ("branch = main", 7, "`=` compares nothing", "write ==, !=, =~ or !~"),
        ("branch == ", 9, "a value is expected after ==, not the end", ""),
        ("branch == main && tag", 15, "`and` or `or` is expected, not `&&`", "write `and`"),
        ("branch == main tag", 15, "`and` or `or` is expected, not `tag`", ""),
        ("! tag", 0, "`!` is nothing to ask about", "write `not`"),
        ("(tag", 4, "`)` is expected, not `the end`", ""),
        ("tag)", 3, "`and` or `or` is expected, not `)`", ""),
        ("tag and", 7, "the condition ends too early", ""),
        ("", 0, "the condition ends too early", ""),
        ("branch == 'main", 10, "a quote has no end", ""),
        ("event == puhs", 9, "there is no event `puhs`", "did you mean `push`?"),
        ("changes src", 8, "`[` is expected, not `src`", ""),
        ("changes []", 9, "`changes` names no file", "like changes [src/**, setup.py]"),
        ("changes [a", 10, "`]` is expected, not `the end`", ""),
        ("not " * 60 + "tag", 204, "the condition is nested more than 50 deep", ""),
        ("(" * 60 + "tag", 51, "the condition is nested more than 50 deep", ""),
    ],
)
def test_what_is_no_condition(text: str, offset: int, message: str, hint: str) -> None:
    with pytest.raises(ConditionError) as caught:
        parse(text)
    assert (caught.value.offset, caught.value.message, caught.value.hint) == (offset, message, hint)


@examples(300)
@given(st.text(alphabet="branch tgevpush=~!()[],'\"$&|not\n\tX*", max_size=60) | st.text(max_size=30))
def test_any_text_is_a_condition_or_says_where_not(text: str) -> None:
    try:
        condition = parse(text)
    except ConditionError as problem:
        assert 0 <= problem.offset <= len(text)
    else:
        assert evaluate(condition, ON_MAIN) in (True, False)


# Which blocks Jenkins runs, from the classes of its conditions: (the result, the result before) → blocks.
JENKINS = {
    ("succeeded", None): "always changed success cleanup",
    ("succeeded", "succeeded"): "always success cleanup",
    ("succeeded", "failed"): "always changed fixed success cleanup",
    ("succeeded", "unstable"): "always changed fixed success cleanup",
    ("succeeded", "cancelled"): "always changed success cleanup",
    ("failed", None): "always changed unsuccessful failure cleanup",
    ("failed", "succeeded"): "always changed regression unsuccessful failure cleanup",
    ("failed", "failed"): "always unsuccessful failure cleanup",
    ("errored", "succeeded"): "always changed regression unsuccessful failure cleanup",
    ("unstable", "succeeded"): "always changed regression unsuccessful unstable cleanup",
    ("cancelled", "succeeded"): "always changed regression aborted unsuccessful cleanup",
    ("cancelled", "failed"): "always changed regression aborted unsuccessful cleanup",
    ("failed", "unstable"): "always changed regression unsuccessful failure cleanup",
    ("unstable", "failed"): "always changed unsuccessful unstable cleanup",
    ("skipped", None): "always changed unsuccessful not_built cleanup",
}


@pytest.mark.parametrize(("statuses", "expected"), JENKINS.items())
def test_blocks_run_as_in_jenkins(statuses: tuple[str, str | None], expected: str) -> None:
    status, previous = statuses
    assert [outcome for outcome in OUTCOMES if holds(outcome, status, previous)] == expected.split()
