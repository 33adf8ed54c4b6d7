"""JUnit XML, as test runners write it: how many tests, and which failed.

The files come from the commands of a stage, so they are read with defusedxml, and only up to a size.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from seatrial import patterns
from seatrial.errors import BadInput, Problem, needs_extra
from seatrial.journal import secrets
from seatrial.store import scan

_LARGEST = 64 << 20
_MOST_FAILED = 200
_LONGEST = 500
_COUNTS = {"failure": "failures", "error": "errors", "skipped": "skipped"}


def ask_for_extra() -> None:
    """Raises BadInput where what reads XML is not installed."""
    try:
        import defusedxml  # noqa: F401
    except ImportError:
        raise needs_extra("report", "reading the `reports` of a stage") from None


def read(folder: Path, reports: Sequence[str]) -> dict[str, Any]:
    """{"tests", "failures", "errors", "skipped", "seconds", "failed", "unreadable"}.

    "failed" has a line for each test that failed, at most 200: its name, and what it said first.
    "unreadable" has a sentence for each report that is missing or cannot be read.
    """
    found: dict[str, Any] = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0, "seconds": 0.0}
    found |= {"failed": [], "unreadable": []}
    for path in _files(folder, reports, found["unreadable"]):
        try:
            for case in _cases(folder, path):
                _count(case, found)
        except Problem as problem:
            found["unreadable"].append(problem.message)
    found["seconds"] = round(found["seconds"], 3)
    return found


def masked(found: Mapping[str, Any], values: Sequence[str]) -> dict[str, Any]:
    """The same, with none of those secret values in what the tests said."""
    hidden = {
        name: [secrets.mask_text(line, values) for line in found[name]] for name in ("failed", "unreadable")
    }
    return {**found, **hidden}


def _files(folder: Path, reports: Sequence[str], unreadable: list[str]) -> list[str]:
    paths: set[str] = set()
    for pattern in reports:
        try:
            seen = [
                one.path for one in scan.scan(folder, [patterns.normal(pattern)]) if one.kind != scan.LINK
            ]
        except (Problem, OSError):
            unreadable.append(f"there is no report {pattern!r}")
        else:
            paths.update(path for path in seen if path.endswith(".xml") or path == patterns.normal(pattern))
    return sorted(paths)


def _cases(folder: Path, path: str) -> list[Any]:
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    name = folder / path
    try:
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
        with open(descriptor, "rb") as file:  # noqa: PTH123 - from a descriptor
            content = file.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise BadInput(f"{path} is larger than {_LARGEST >> 20} MiB")
        return list(fromstring(content).iter("testcase"))
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise BadInput(f"{path} is no JUnit XML: {error}") from None
    except (OSError, RecursionError) as error:
        raise BadInput(f"{path} cannot be read: {error}") from None


def _count(case: Any, found: dict[str, Any]) -> None:
    found["tests"] += 1
    found["seconds"] += _seconds(case.get("time"))
    kind, element = next(_results(case), ("", case))
    if not kind:
        return
    found[kind] += 1
    if kind != "skipped" and len(found["failed"]) < _MOST_FAILED:
        found["failed"].append(_line(case, element))


def _line(case: Any, element: Any) -> str:
    name = ".".join(part for part in (case.get("classname"), case.get("name")) if part)
    said = (element.get("message") or element.text or "").strip().splitlines()
    return (f"{name}: {said[0].strip()}" if said else name)[:_LONGEST]


def _results(case: Any) -> Iterator[tuple[str, Any]]:
    for element in case:
        if element.tag in _COUNTS:
            yield _COUNTS[element.tag], element


def _seconds(text: str | None) -> float:
    try:
        seconds = float((text or "0").replace(",", ""))
    except ValueError:
        return 0.0
    return seconds if 0 <= seconds < 1e9 else 0.0
