"""The order of stages, choices of them, and their cycles."""

from __future__ import annotations

from graphlib import TopologicalSorter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.errors import BadInput
from seatrial.pipeline.graph import closure, cycles, known_names, order, select
from seatrial.pipeline.pipeline import Stage
from tests.pipeline.stages import stage
from tests.properties import examples

DIAMOND = (stage("d", "b", "c"), stage("b", "a"), stage("c", "a"), stage("a"), stage("alone"))
LINE = tuple(stage(f"s{i}", *([f"s{i - 1}"] if i else [])) for i in range(10_000))


def names(stages: tuple[Stage, ...]) -> str:
    return " ".join(each.name for each in stages)


def test_order_is_the_files_where_needs_allow_it() -> None:
    assert names(order(DIAMOND)) == "a b c d alone"


def test_order_leaves_out_cycles_and_what_waits_for_them() -> None:
    assert names(order((stage("a", "b"), stage("b", "a"), stage("c", "a"), stage("d")))) == "d"


def test_needs_of_no_stage_and_needs_said_twice_change_nothing() -> None:
    assert names(order((stage("b", "a", "a", "ghost"), stage("a")))) == "a b"


def test_closure() -> None:
    assert closure(DIAMOND, ["b"]) == {"a", "b"}
    assert closure(DIAMOND, ["d", "ghost"]) == {"a", "b", "c", "d"}


def test_a_choice_includes_what_it_needs() -> None:
    assert names(select(DIAMOND, ["c"])) == "c a"
    assert select(DIAMOND, []) == DIAMOND


def test_an_unknown_choice_has_a_hint() -> None:
    with pytest.raises(BadInput, match="there is no stage `aloen`") as caught:
        select(DIAMOND, ["aloen"])
    assert caught.value.hint == "did you mean `alone`?"


def test_the_name_of_a_matrix_chooses_all_of_it() -> None:
    matrix = (stage("t (x=1)", expanded_from="t"), stage("t (x=2)", expanded_from="t"), stage("u"))
    assert names(select(matrix, ["t"])) == "t (x=1) t (x=2)"
    assert names(select(matrix, ["t (x=2)"])) == "t (x=2)"
    assert known_names(matrix) == ("t", "t (x=1)", "t (x=2)", "u")


def test_cycles_are_named_from_their_first_stage() -> None:
    stages = (stage("x", "a"), stage("a", "b"), stage("b", "c"), stage("c", "a"), stage("self", "self"))
    assert cycles(stages) == (("a", "b", "c"), ("self",))
    assert cycles(DIAMOND) == ()


def test_ten_thousand_stages_in_a_line() -> None:
    assert order(LINE) == LINE
    assert len(closure(LINE, ["s9999"])) == 10_000
    assert cycles(LINE) == ()
    around = (LINE[0]._replace(needs=("s9999",)), *LINE[1:])
    assert len(cycles(around)[0]) == 10_000


@examples(100)
@given(st.lists(st.lists(st.integers(0, 9), max_size=4), max_size=10))
def test_any_graph_agrees_with_graphlib(edges: list[list[int]]) -> None:
    stages = tuple(stage(str(i), *dict.fromkeys(map(str, needs))) for i, needs in enumerate(edges))
    known = {each.name for each in stages}
    graph = {each.name: {need for need in each.needs if need in known} for each in stages}
    ordered = [each.name for each in order(stages)]
    try:
        list(TopologicalSorter(graph).static_order())
    except ValueError:
        assert cycles(stages)
        for cycle in cycles(stages):
            assert all(
                after in graph[name] for name, after in zip(cycle, (*cycle[1:], cycle[0]), strict=True)
            )
    else:
        assert cycles(stages) == ()
        assert sorted(ordered) == sorted(known)
        assert all(ordered.index(need) < ordered.index(name) for name in graph for need in graph[name])
