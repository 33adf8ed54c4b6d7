"""JUnit XML, as test runners write it: how many tests, and which failed.

The files come from the commands of a stage, so they are read with defusedxml, and only up to a size.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from seatrial import patterns
from seatrial.errors import BadInput, Place, Problem, needs_extra
from seatrial.journal import secrets
from seatrial.store import scan

_LARGEST = 64 << 20
_MOST_FAILED = 200
_LONGEST = 500
_ROOTS = ("testsuites", "testsuite", "testcase")
_COUNTS = {"failure": "failures", "error": "errors", "skipped": "skipped"}


def ask_for_extra() -> None:
    """Raises BadInput where what reads XML is not installed."""
    try:
        import defusedxml  # noqa: F401
    except ImportError:
        raise needs_extra("report", "reading the `reports` of a stage") from None


def read(folder: Path, reports: Sequence[str], place: Place, values: Iterable[str] = ()) -> dict[str, Any]:
    """{"tests", "failures", "errors", "skipped", "seconds", "failed", "unreadable"}.

    "failed" has a line for each test that failed, at most 200: its name, and what it said first.
    "unreadable" has a sentence with its place for each report that is missing or cannot be read; `place` is
    where the pipeline asks for them. Nothing holds one of the secret `values`.
    """
    found: dict[str, Any] = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0, "seconds": 0.0}
    found |= {"failed": [], "unreadable": []}
    hidden = secrets.forms(values)

    def shown(text: str) -> str:
        masked = secrets.mask(text.encode("utf-8", "surrogateescape"), hidden).decode("utf-8", "replace")
        return masked if len(masked) <= _LONGEST else masked[: _LONGEST - 1] + "…"

    for path in _files(folder, reports, place, found["unreadable"]):
        try:
            for case in _cases(folder, path):
                _count(case, found, shown)
        except Problem as problem:
            found["unreadable"].append(f"{problem.place}: {problem.message}")
    found["unreadable"] = [shown(text) for text in found["unreadable"]]
    found["seconds"] = round(found["seconds"], 3)
    return found


def _files(folder: Path, reports: Sequence[str], place: Place, unreadable: list[str]) -> list[str]:
    """The paths of all reports, each once: a link counts as the file that it leads to."""
    top, paths = Path(os.path.realpath(folder)), set()
    for pattern in reports:
        try:
            wanted = _wanted(top, pattern)
        except (Problem, OSError) as error:
            unreadable.append(f"{place}: {_reason(error)}")
            continue
        if not wanted:
            unreadable.append(f"{place}: there is no report {pattern!r}")
        for path in wanted:
            try:
                paths.add(_led_to(top, path))
            except Problem as problem:
                unreadable.append(f"{place}: {problem.message}")
    return sorted(paths)


def _wanted(top: Path, pattern: str) -> list[str]:
    """What a pattern names of a workspace, its folders being those that links in it lead to."""
    plain = patterns.normal(pattern)
    fixed = patterns.fixed_folder(plain) if patterns.is_glob(plain) else plain
    named = patterns.normal(f"{_led_to(top, fixed)}/{plain[len(fixed) :]}")
    found = (one.path for one in scan.named(top, named))
    return [path for path in found if path.endswith(".xml") or path == named]


def _led_to(top: Path, path: str) -> str:
    """The path of what is at `path` of a workspace, without links. Raises BadInput where they leave it."""
    real = Path(os.path.realpath(top / path))
    if not real.is_relative_to(top):
        raise BadInput(f"{path!r} is not read: a link leads out of the workspace")
    if (top / path).is_symlink() and not real.exists():
        raise BadInput(f"{path!r} is not read: it is a link to nothing")
    return str(real.relative_to(top))


def _reason(error: Problem | OSError) -> str:
    return error.message if isinstance(error, Problem) else str(error)


def _cases(folder: Path, path: str) -> list[Any]:
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root = fromstring(_content(folder / path, path))
    except ParseError as error:
        line, column = error.position
        place = Place(path, line, column + 1)
        raise BadInput(f"no JUnit XML: {str(error).partition(':')[0]}", place=place) from None
    except DefusedXmlException:
        text = "no JUnit XML: it has entities or refers to other files, and neither is read"
        raise BadInput(text, place=Place(path)) from None
    except (ValueError, LookupError) as error:
        raise BadInput(f"no JUnit XML: {error}", place=Place(path)) from None
    except (OSError, RecursionError) as error:
        raise BadInput(f"cannot be read: {error}", place=Place(path)) from None
    if root.tag not in _ROOTS:
        raise BadInput(f"no JUnit XML: it begins with <{root.tag}>", place=Place(path, 1))
    return list(root.iter("testcase"))


def _content(name: Path, path: str) -> bytes:
    descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    with open(descriptor, "rb") as file:  # noqa: PTH123 - from a descriptor
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise BadInput("it is no file", place=Place(path))
        content = file.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise BadInput(f"larger than {_LARGEST >> 20} MiB", place=Place(path))
    return content


def _count(case: Any, found: dict[str, Any], shown: Callable[[str], str]) -> None:
    found["tests"] += 1
    found["seconds"] += _seconds(case.get("time"))
    kind, element = next(_results(case), ("", case))
    if not kind:
        return
    found[kind] += 1
    if kind != "skipped" and len(found["failed"]) < _MOST_FAILED:
        found["failed"].append(shown(_line(case, element)))


def _line(case: Any, element: Any) -> str:
    name = ".".join(part for part in (case.get("classname"), case.get("name")) if part)
    said = (element.get("message") or element.text or "").strip().splitlines()
    return f"{name}: {said[0].strip()}" if said else name


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
