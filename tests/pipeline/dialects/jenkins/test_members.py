"""Whatever a script asks of a value, it is answered, or fails as a script does."""

# ruff: noqa: E501 - the values read best side by side
from __future__ import annotations

import random
import re

import pytest

from seatrial.errors import StageFailed
from seatrial.pipeline.dialects.jenkins.groovy import members, statics
from seatrial.pipeline.dialects.jenkins.groovy.file import empty
from seatrial.pipeline.dialects.jenkins.groovy.script import Script
from seatrial.pipeline.dialects.jenkins.remarks import Remarks
from seatrial.pipeline.dialects.jenkins.source import statements_of
from seatrial.pipeline.step import Scope

VALUES = (
    "null", "true", "7", "-1", "3000000000L", "1.50", "2.5d", "''", "'ab'", "'a' as char", "[]", "[3, null, 'a']",
    "[[1, 2], [3]]", "[:]", "[a: 1, b: [2]]", "[1, 2] as Set", "'a b'.split()", "'ab'.bytes", "1..3",
    "new StringBuilder('x')", "('ab' =~ /(a)/)", "~/a+/", "{ it }", "{ a, b -> a }", "{ -> 1 }", "String",
    "new Exception('x')", "new Date(0)", "'ab'.&trim", "[a: 1].find { true }", "[1].iterator()", "env", "'(a'",
)  # fmt: skip


def answer(expression: str) -> None:
    """Evaluate it; a script may fail, and that is all that may happen."""
    text = f'def value = {expression}\n echo "${{value}}"'
    body = statements_of(text, "Jenkinsfile", Remarks("Jenkinsfile"))
    steps = Script("Jenkinsfile", tuple(body), empty(), frozenset())(Scope({}))
    try:
        for _ in steps:
            pass
    except (StageFailed, AssertionError):  # of a step that nobody performs here
        pass


@pytest.mark.parametrize("seed", range(2))
def test_methods_of_all_values_end_as_scripts_do(seed: int) -> None:
    chosen = random.Random(seed)
    names = sorted(name for name in members.KNOWN if re.fullmatch(r"\w+", name))
    for name in names:
        for _ in range(4):
            given = ", ".join(f"({one})" for one in chosen.choices(VALUES, k=chosen.randrange(4)))
            answer(f"({chosen.choice(VALUES)}).{name}({given})")


def test_methods_of_classes_end_as_scripts_do() -> None:
    chosen = random.Random(7)
    for owner, name in statics.METHODS:
        for _ in range(8):
            given = ", ".join(f"({one})" for one in chosen.choices(VALUES, k=chosen.randrange(4)))
            answer(f"{owner}.{name}({given})")


@pytest.mark.parametrize(
    "operator",
    ["+", "-", "*", "/", "%", "**", "<<", ">>", ">>>", "<", ">=", "<=>", "==", "in", "&", "=~", "==~", "..", "..<"],
)  # fmt: skip
def test_operators_of_all_values_end_as_scripts_do(operator: str) -> None:
    chosen = random.Random(operator)
    for one in VALUES:
        for other in chosen.sample(VALUES, 12):
            answer(f"({one}) {operator} ({other})")


def test_casts_of_all_values_end_as_scripts_do() -> None:
    types = (
        "int",
        "Long",
        "BigDecimal",
        "double",
        "char",
        "boolean",
        "String",
        "List",
        "Set",
        "String[]",
        "Map",
    )
    for one in VALUES:
        for kind in types:
            answer(f"({one}) as {kind}")
        answer(f"({one})[0]")
        answer(f"({one})[0..1]")
        answer(f"({one}).length")
