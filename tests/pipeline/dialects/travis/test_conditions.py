"""The language of `if`, held against what Travis makes of it."""

from __future__ import annotations

import pytest

from seatrial.errors import Place
from seatrial.pipeline.dialects.travis import parse as read
from seatrial.pipeline.dialects.travis.conditions import Known, Unclear, holds, parse

KNOWN = Known(
    {"type": "push", "branch": "main", "tag": "v1.2", "repo": "owner/name", "fork": False, "os": "linux"},
    {"DEPLOY": "yes", "OFF": False, "PATTERN": "^ma"},
)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("branch = main", True),
        ("branch == main", True),
        ("branch != main", False),
        ("branch = \"main\" AND tag = 'v1.2'", True),
        ("branch =~ ^ma", True),
        (r"tag =~ /^v\d+\.\d+$/", True),
        ("tag ~= ^v", True),
        ("tag !~ ^v", False),
        ("(tag =~ ^v1)", True),
        ("(branch =~ ^(main|dev)$)", True),
        (r"branch =~ /^(main|release\/.*)$/ AND type = push", True),
        ("branch =~ ^main/", True),  # the slash that ends a pattern may stand alone
        ("tag =~ ^2 OR branch =~ ^m", True),
        (r"tag =~ \Av1\.2\z", True),
        ("tag =~ [[:digit:]]", True),
        ("branch =~ env(PATTERN)", True),
        ("branch =~ env(NONE)", False),
        ("branch =~ concat(^, ma)", True),
        ("branch IN (dev, main)", True),
        ("branch in(dev,main,)", True),
        ("branch NOT IN (dev, main)", False),
        ("env(DEPLOY) IS present AND NOT env(OTHER) IS present", True),
        ("env(OTHER) IS blank", True),
        ("env(OFF) IS present", False),
        ("env(OFF) = false", True),
        ("tag IS NOT blank", True),
        ("fork IS false", True),
        ("branch = dev OR branch = main AND tag = none", False),
        ("(branch = main OR branch = dev) AND tag = 'v1.2'", True),
        ("NOT branch = dev AND tag IS present", True),
        ("NOT (branch = main)", False),
        ("!fork", True),
        ("fork = true", False),
        ("fork", False),
        ("tag", True),
        ("sender = me", False),
        ("env(DEPLOY) = '$(exit 1)'", False),
        ("concat(branch, -, env(DEPLOY)) = main-yes", True),
        ("branch = main AND \\\n tag IS present", True),
        ("BRANCH = main", False),  # a text: subjects are written small
        ("type = push && branch = main || false", True),
    ],
)
def test_what_a_condition_means(condition: str, expected: bool) -> None:
    assert holds(parse(condition), KNOWN) is expected


@pytest.mark.parametrize(
    "condition",
    [
        "",
        "branch ~ x",
        "branch =",
        "(branch = a",
        "branch IS a",
        "a = b c",
        "$TRAVIS_BRANCH = main",
        "env($X) = 1",
        "branch = 'main",
        "branch IN ()",
        "(" * 99 + "tag" + ")" * 99,
        "env(" * 99,
    ],
)
def test_what_is_no_condition(condition: str) -> None:
    with pytest.raises(Unclear):
        parse(condition)


@pytest.mark.parametrize(
    "said",
    [
        "if: branch = main AND §$TAG = v1",
        "if: branch IN (a, §b",
        "if: branch = main §tag = v1",
        "if: 'branch = main AND tag IS §there'",
        "if: 'branch = ''x'' OR tag = \"x\" AND §$B'",
        'if: "branch =~ ^v\\\\d AND tag = §$B"',
        "if: >\n  branch = main\n  AND (type = push\n    OR §$B)\n",
        "if: |\n  branch = main\n  AND NOT §$B\n",
        "if: branch = main\n  AND §$B",
        "if: branch =§=",
        "if: branch =~ /^a/ OR branch =~ /§+b/",
        "jobs: {exclude: [{if: branch = §$B}]}",
        "jobs: {allow_failures: [{if: branch = §$B}]}",
        "stages: [{name: test, if: branch = §$B}]",
        "branches: {only: [main, §/+b/]}",
    ],
)
def test_the_caret_is_under_the_part_that_cannot_be_read(said: str) -> None:
    text = f"language: shell\nscript: make\n{said}\n"
    before = text[: text.index("§")].splitlines()
    _, findings = read(text.replace("§", ""), "f")
    assert [one.place for one in findings if one.severity != "note"] == [
        Place("f", len(before), len(before[-1]) + 1)
    ]


@pytest.mark.parametrize("pattern", ["+d2$", "(a", "[z-a]", "a{3,1}"])
def test_a_pattern_that_cannot_be_read_is_known_only_when_it_is_held_against_something(pattern: str) -> None:
    condition = parse(f"branch =~ /{pattern}/")
    with pytest.raises(Unclear):
        holds(condition, KNOWN)
