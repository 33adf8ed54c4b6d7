"""`matrix { }`: its cells, each a stage that holds the matrix's own stages with the values of its axes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.dialects.jenkins.declarative import (
    Section,
    StageBlock,
    Variable,
    as_section,
    body_of,
    read_block,
    read_sections,
    read_stages,
)
from seatrial.pipeline.dialects.jenkins.remarks import Remarks, did_you_mean
from seatrial.pipeline.dialects.jenkins.syntax import Constant, Expression, Number, Position, Text
from seatrial.pipeline.dialects.jenkins.values import written

_SECTIONS = frozenset(
    "axes excludes stages agent environment when post options input tools failFast".split()  # noqa: SIM905
)
_MOST_CELLS = 1024


class Axis(NamedTuple):
    """`negated`: all but these values, in an exclude."""

    name: str
    values: tuple[str, ...]
    negated: bool = False


def read_cells(section: Section, remarks: Remarks) -> list[StageBlock]:
    """The cells that are not excluded, the last axis varying first."""
    sections = read_sections(section.body or (), _SECTIONS, _unknown, remarks)
    for name in ("axes", "stages"):
        if name not in sections:
            remarks.error(section.at, f'Missing required section "{name}"', "write it in matrix { }")
    axes = sections.pop("axes", None)
    excludes, written = sections.pop("excludes", None), sections.pop("stages", None)
    found = list(_axes(axes, remarks)) if axes else []
    left_out = [list(_axes(one, remarks)) for one in _each("exclude", excludes, remarks)]
    stages = read_stages(written, remarks) if written else ()
    block = read_block(sections, remarks)
    cells = []
    for values in _combined(found, section.at, remarks):
        if any(all(_fits(axis, values) for axis in exclude) for exclude in left_out):
            continue
        given = tuple(Variable(name, Text(value, section.at), section.at) for name, value in values.items())
        name = "Matrix - " + ", ".join(f"{axis} = '{value}'" for axis, value in values.items())
        short = ", ".join(f"{axis}={value}" for axis, value in values.items())
        cells.append(StageBlock(name, block, (), stages, section.at, cell=short, axes=given))
    return cells


def _combined(axes: list[Axis], at: Position, remarks: Remarks) -> Iterator[dict[str, str]]:
    count = 1
    for axis in axes:
        count *= len(axis.values)
    if count > _MOST_CELLS:
        remarks.error(at, f"a matrix of {count:,} cells", f"{_MOST_CELLS:,} are the most")
        return
    for values in product(*(axis.values for axis in axes)) if axes else ():
        yield dict(zip((axis.name for axis in axes), values, strict=True))


def _fits(axis: Axis, values: dict[str, str]) -> bool:
    return axis.name in values and (values[axis.name] in axis.values) != axis.negated


def _each(name: str, section: Section | None, remarks: Remarks) -> Iterator[Section]:
    """The sections of one name in a block that holds nothing else."""
    if section is not None and section.body == ():
        remarks.error(section.at, f"{section.name} can not be empty", f"write {name} {{ … }} in it")
    for statement in body_of(section, remarks) if section else ():
        one = as_section(statement)
        if one is None or one.name != name or one.body is None:
            remarks.error(statement.at, f"Expected {name} {{ … }}")
        else:
            yield one


def _axes(section: Section, remarks: Remarks) -> Iterator[Axis]:
    for one in _each("axis", section, remarks):
        found: dict[str, tuple[str, ...]] = {}
        for statement in one.body or ():
            line = as_section(statement)
            if line is None or line.name not in ("name", "values", "notValues"):
                remarks.error(statement.at, "Expected name '…' or values '…', '…'")
                continue
            read = [_literal(given.value) for given in line.arguments]
            texts = tuple(text for text in read if text is not None)
            if not texts or len(texts) != len(line.arguments):
                remarks.error(line.at, f"{line.name}: strings without ${{…}} are expected")
            if line.name in found or (line.name != "name" and found.keys() - {"name"}):
                remarks.error(line.at, "one of 'values' and 'notValues' is expected, once")
            found[line.name] = texts
        values = found.get("values") or found.get("notValues") or ()
        if len(found.get("name", ())) != 1 or not values:
            remarks.error(one.at, "an axis needs a name and values", "axis { name 'OS'; values 'a', 'b' }")
        else:
            yield Axis(found["name"][0], values, "notValues" in found)


def _literal(value: Expression) -> str | None:
    """A string, a number or a constant as the variable that it becomes."""
    if isinstance(value, Constant):
        return written(value.value)
    return value.value if isinstance(value, Text) else value.text if isinstance(value, Number) else None


def _unknown(name: str, at: Position, remarks: Remarks) -> None:
    remarks.error(at, f'Undefined section "{name}"', did_you_mean(name, _SECTIONS))
