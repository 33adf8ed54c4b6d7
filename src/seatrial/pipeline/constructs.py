"""The constructs of another system's file, each with how it is honoured here: the compatibility report.

The constructs are found by the dialect, which knows what it honours exactly and what it emulates. What is
noted or refused comes from the findings alone, so that the two can never disagree.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING, cast

from seatrial.errors import Place
from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.all_dialects import ALL_DIALECTS
from seatrial.pipeline.finding import ERROR, Finding

if TYPE_CHECKING:
    from collections.abc import Callable

EXACT = "exact"  # as its own system does it
EMULATED = "emulated"  # to the same end by other means, or within limits that the note names
NOTED = "noted"  # read, and without effect, or with a doubt
REFUSED = "refused"  # the file does not run because of it
HOWS = (EXACT, EMULATED, NOTED, REFUSED)
_TOGETHER = 8  # constructs that begin at one place, at most
OWN = "seatrial"  # whose files have nothing to be compatible with


class Construct(NamedTuple):
    """What a file uses at a place. `note` says why it is not exact."""

    name: str
    place: Place
    how: str
    note: str = ""


class Seen(NamedTuple):
    """A construct as its dialect sees it, down to `last_line`. `how` is EXACT or EMULATED, or "" for what is
    worth a line only where a finding speaks of it.
    """

    name: str
    place: Place
    last_line: int
    how: str = EXACT
    note: str = ""


def constructs(dialect: str, text: str, path: str, findings: Iterable[Finding] = ()) -> tuple[Construct, ...]:
    """All constructs of a file of another system, in its order; none of a file of our own."""
    if dialect == OWN:
        return ()
    module = import_module(f"{ALL_DIALECTS[dialect].module}.constructs")
    see = cast("Callable[[str, str], tuple[Seen, ...]]", module.see)
    return judge(see(text, path), findings)


def judge(seen: Iterable[Seen], findings: Iterable[Finding]) -> tuple[Construct, ...]:
    """Each construct by the findings that speak of it. A finding of none of them has a line of its own."""
    once = sorted(dict.fromkeys(seen), key=lambda one: one.place[1:])
    said: dict[Seen | None, list[Finding]] = {}
    for one, finding in _spoken_of(once, findings):
        said.setdefault(one, []).append(finding)
    found = [
        Construct("file", finding.place, _how((finding,)), finding.message) for finding in said.pop(None, ())
    ]
    found += [_judged(one, said.get(one, [])) for one in once if one.how or one in said]
    return tuple(sorted(found, key=lambda one: one.place[1:]))


def counts(found: Iterable[Construct]) -> dict[str, int]:
    """How many there are of each kind, in the order of `HOWS`."""
    hows = [one.how for one in found]
    return {how: hows.count(how) for how in HOWS}


def _spoken_of(seen: list[Seen], findings: Iterable[Finding]) -> Iterator[tuple[Seen | None, Finding]]:
    """Each finding with the innermost construct that holds its place: of those that begin together the one
    that its words name, else the outermost. `seen` is in the order of the file.
    """
    waiting = deque(seen)
    around: list[Seen] = []  # the inner after the outer; those that have ended are let go from the end
    for finding in sorted(findings, key=lambda one: one.place[1:]):
        while waiting and waiting[0].place[1:] <= finding.place[1:]:
            around.append(waiting.popleft())
        while around and around[-1].last_line < finding.place.line:
            around.pop()
        place = around[-1].place if around else None
        together = [one for one in reversed(around[-_TOGETHER:]) if one.place == place][::-1]
        named = (one for one in together if _is_named(one.name, finding.message))
        yield next(named, together[0] if together else None), finding


def _is_named(name: str, message: str) -> bool:
    word = name.rpartition(" ")[2].rpartition(".")[2]
    return f"`{word}`" in message or f"'{word}'" in message


def _judged(one: Seen, findings: list[Finding]) -> Construct:
    if not findings:
        return Construct(one.name, one.place, one.how, one.note)
    messages = dict.fromkeys(finding.message for finding in findings)
    return Construct(one.name, one.place, _how(findings), "; ".join(messages))


def _how(findings: Iterable[Finding]) -> str:
    return REFUSED if any(finding.severity == ERROR for finding in findings) else NOTED
