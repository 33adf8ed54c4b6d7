"""What every strategy and every target must keep to, whichever it is."""

import re
from pathlib import Path

import pytest

from seatrial.errors import BadInput
from seatrial.release import all_strategies, all_targets
from seatrial.release.strategy import (
    ANALYSE,
    HOLD,
    MIRROR,
    PROBE,
    PROMOTE,
    ROUTE,
    START,
    STICKY,
    STOP,
    SWITCH,
    WAIT,
    WEIGHT,
    frozen,
    thaw,
)

ABILITIES = {WEIGHT, SWITCH, MIRROR, STICKY}
ROOT = Path(__file__).parents[2]
RELEASE = ROOT / "src" / "seatrial" / "release"
TABLES = [("strategies", all_strategies.MODULES), ("targets", all_targets.MODULES)]


@pytest.mark.parametrize(("folder", "table"), TABLES)
def test_the_folder_is_the_table_is_the_documentation(folder, table):
    files = {path.stem for path in (RELEASE / folder).glob("*.py")} - {"__init__"}
    assert files == {module.rpartition(".")[2] for module in table.values()}
    reference = (ROOT / "docs" / "reference" / "release.md").read_text()
    section = reference.partition(f"## {folder.capitalize()}")[2].partition("\n## ")[0]
    assert set(re.findall(r"^### `([a-z-]+)`", section, re.MULTILINE)) == set(table)


@pytest.mark.parametrize("name", all_strategies.MODULES)
def test_a_strategy_starts_before_it_routes_and_promotes_last(name):
    chosen = all_strategies.strategy(name)
    steps = chosen.plan({})
    kinds = [step.kind for step in steps]
    assert name == chosen.NAME
    assert kinds.count(START) == kinds.count(PROMOTE) == 1
    assert kinds[-1] == PROMOTE
    assert kinds.index(START) < kinds.index(ROUTE)
    assert [step.weight for step in steps if step.kind == ROUTE][-1] == 100
    assert set(kinds) <= {START, STOP, ROUTE, WAIT, MIRROR, ANALYSE, HOLD, PROBE, PROMOTE}
    assert chosen.NEEDS <= ABILITIES
    assert thaw(frozen(steps)) == steps


@pytest.mark.parametrize("name", all_strategies.MODULES)
def test_a_strategy_refuses_an_option_that_it_does_not_know(name):
    with pytest.raises(BadInput, match=f"{name} has no option `speed`"):
        all_strategies.strategy(name).plan({"speed": "11"})


@pytest.mark.parametrize("name", all_targets.MODULES)
def test_a_target_says_what_it_can(name):
    chosen = all_targets.target(name)
    assert name == chosen.NAME
    assert set(chosen.CAN) <= ABILITIES
    assert chosen.problem() == ""


@pytest.mark.parametrize("name", all_targets.MODULES)
@pytest.mark.parametrize("needed", sorted(ABILITIES))
def test_what_a_target_cannot_do_is_refused_before_anything_starts(name, needed):
    class Demanding:
        NAME = "demanding"
        NEEDS = frozenset({needed})

        @staticmethod
        def plan(options):
            return ()

    target = all_targets.target(name)
    if needed in target.CAN:
        all_targets.check_can(target, Demanding())
    else:
        with pytest.raises(BadInput, match=f"demanding needs `{needed}`, which {name} cannot do"):
            all_targets.check_can(target, Demanding())


@pytest.mark.parametrize("lookup", [all_strategies.strategy, all_targets.target])
def test_an_unknown_name_is_an_error_that_names_the_known_ones(lookup):
    with pytest.raises(BadInput) as caught:
        lookup("teleport")
    assert "process" in caught.value.hint or "blue-green" in caught.value.hint


def test_a_bake_is_a_duration():
    plan = all_strategies.strategy("blue-green").plan
    assert [step.seconds for step in plan({"bake": "1m30s"}) if step.kind == WAIT] == [90.0]
    assert WAIT not in [step.kind for step in plan({"bake": "0s"})]
    with pytest.raises(BadInput, match="bake: soon"):
        plan({"bake": "soon"})
