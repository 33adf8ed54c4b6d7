"""Texts of the small languages that stand within a file: a value or the one error for it, in bounded time."""

from __future__ import annotations

import math
import re
import warnings
from contextlib import suppress

from seatrial import patterns
from seatrial.errors import BadInput
from seatrial.pipeline import condition, quantity, shell_line
from seatrial.pipeline.dialects.jenkins.groovy import documents, regular
from seatrial.pipeline.dialects.jenkins.groovy.machine import Thrown
from seatrial.pipeline.dialects.jenkins.syntax import Position
from seatrial.pipeline.dialects.travis import conditions
from seatrial.pipeline.expensive import is_expensive

FACTS = condition.Facts("main", "v1.2", "push", ("src/a.py", "docs/b c.md"), {"DEPLOY": "yes", "EMPTY": ""})
KNOWN = conditions.Known({"branch": "main", "tag": None, "type": "push"}, {"DEPLOY": "yes", "EMPTY": None})
DOCUMENTS = ("readJSON", "readYaml", "readProperties", "readMavenPom")
SIZES = (quantity.parse_duration, quantity.parse_percent, quantity.parse_bytes)


def fuzz_when(data: bytes) -> None:
    """What `when` says: read back as it is written, and held against a commit."""
    text = data.decode("utf-8", "replace")
    try:
        found = condition.parse(text)
    except condition.ConditionError as problem:
        assert problem.message
        assert 0 <= problem.offset <= len(text)
        return
    with suppress(condition.ConditionError):  # written, it has more brackets, and may be nested too deep
        assert condition.parse(condition.written(found)) == found
    if not any(condition.expensive(found, FACTS)):
        assert condition.evaluate(found, FACTS) in (True, False)


def fuzz_travis_condition(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    with suppress(conditions.Unclear):
        found = conditions.parse(text)
        if not any(is_expensive(*one) for one in conditions.asked(found, KNOWN)):
            assert conditions.holds(found, KNOWN) in (True, False)


def fuzz_pattern(data: bytes) -> None:
    """A pattern and a path, parted by a NUL."""
    pattern, _, path = data.decode("utf-8", "replace").partition("\0")
    assert patterns.matches(pattern, path) in (True, False)
    if not patterns.is_glob(pattern):
        assert patterns.matches(pattern, path) == (pattern == path)
    try:
        normal = patterns.normal(pattern)
    except BadInput as problem:
        assert problem.message
        return
    assert patterns.normal(normal) == normal
    if patterns.compiled(normal).match(path):
        assert path.startswith(patterns.fixed_folder(normal))


def fuzz_quantity(data: bytes) -> None:
    """A duration, a share or a size; and, since any text may be one, a line of a shell."""
    text = data.decode("utf-8", "replace")
    for parse in SIZES:
        value = parse(text)
        assert value is None or (math.isfinite(value) and value >= 0)
    assert shell_line.is_line(text) in (True, False)
    assert shell_line.is_one_program(text) in (True, False)


def fuzz_document(data: bytes) -> None:
    """What a script reads from a file of the workspace; the first byte chooses by which step."""
    choice, text = data[:1] or b"\0", data[1:].decode("utf-8", "replace")
    _, read = documents.STEPS[DOCUMENTS[choice[0] % len(DOCUMENTS)]]
    with suppress(Thrown):
        for effect in read({"text": text}, Position(1, 1)):
            raise AssertionError(effect)  # the text is there: nothing is to be asked


def fuzz_java_pattern(data: bytes) -> None:
    with warnings.catch_warnings(), suppress(re.error):
        warnings.simplefilter("error")
        regular.compiled(data.decode("utf-8", "replace"))
