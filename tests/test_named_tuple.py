"""Ours beside typing's: whatever one does with a value, both give the same."""

from __future__ import annotations

import copy
import pickle
import typing
from collections.abc import Callable
from typing import Any

import pytest

from seatrial.named_tuple import NamedTuple


class Ours(NamedTuple):
    name: str
    size: int = 3
    parts: tuple[str, ...] = ()

    @property
    def double(self) -> int:
        return self.size * 2


class Typings(typing.NamedTuple):
    name: str
    size: int = 3
    parts: tuple[str, ...] = ()

    @property
    def double(self) -> int:
        return self.size * 2


class Nothing(NamedTuple):
    pass


class More(Ours):
    """Derived from one with fields: what is annotated here is none."""

    note: str = "said of the class"


def _matched(value: Any) -> str:
    match value:
        case Ours(name, size=4) | Typings(name, size=4):
            return f"four {name}"
    return "none"


@pytest.mark.parametrize(
    "use",
    [
        lambda kind: kind("a"),
        lambda kind: kind("a", 4, ("x",)),
        lambda kind: kind(parts=("x",), name="a"),
        lambda kind: kind("a")._replace(size=5),
        lambda kind: kind("a")._asdict(),
        lambda kind: kind._make(["a", 1, ()]),
        lambda kind: (
            kind("a") == ("a", 3, ()),
            hash(kind("a")) == hash(("a", 3, ())),
            kind("a") < kind("b"),
        ),
        lambda kind: (kind._fields, kind._field_defaults, kind.__match_args__, kind.__slots__),
        lambda kind: (kind("a").double, kind("a").name, [*kind("a")]),
        lambda kind: _matched(kind("a", 4)),
        lambda kind: copy.deepcopy(kind("a", 4)),
        lambda kind: pickle.loads(pickle.dumps(kind("a", 4))),
    ],
)
def test_the_same_comes_out(use: Callable[[Any], Any]) -> None:
    ours, typings = use(Ours), use(Typings)
    assert ours == typings
    assert repr(ours).replace("Ours", "Typings") == repr(typings)
    assert (type(ours) is Ours) == (type(typings) is Typings)


@pytest.mark.parametrize(
    "misuse",
    [
        lambda kind: kind(),
        lambda kind: kind("a", 1, (), 4),
        lambda kind: kind("a", nme="b"),
        lambda kind: kind("a")._replace(nme="b"),
        lambda kind: kind._make(["a"]),
        lambda kind: setattr(kind("a"), "name", "b"),
        lambda kind: setattr(kind("a"), "new", "b"),
        lambda kind: kind("a").new,
    ],
)
def test_the_same_is_refused(misuse: Callable[[Any], Any]) -> None:
    for kind in (Typings, Ours):
        with pytest.raises((TypeError, ValueError, AttributeError)):
            misuse(kind)


def test_no_field_and_a_derived_class() -> None:
    assert Nothing() == () and repr(Nothing()) == "Nothing()"
    assert (More("a"), More.note, More._fields) == (("a", 3, ()), "said of the class", Ours._fields)
    assert type(More("a")._replace(size=1)) is More


def test_a_field_without_a_default_after_one_that_has_one() -> None:
    with pytest.raises(TypeError, match="Bad: a field without a default"):

        class Bad(NamedTuple):
            one: int = 1
            two: int  # type: ignore[misc]
