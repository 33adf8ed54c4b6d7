from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial import errors
from seatrial.pipeline import graph
from seatrial.run import schedule
from seatrial.run.outcome import Outcome
from tests.properties import examples
from tests.run.stages import stage

DIAMOND = graph.build(
    [
        stage("a"),
        stage("b", needs=("a",)),
        stage("c", needs=("a",)),
        stage("d", needs=("b", "c", "unknown")),
    ]
)
GOOD = Outcome("succeeded")


def test_first_are_those_without_needs() -> None:
    assert schedule.first(DIAMOND) == schedule.Next(("a",))


def test_success_frees_who_has_all() -> None:
    assert schedule.after(DIAMOND, "a", {"a": GOOD}).ready == ("b", "c")
    assert schedule.after(DIAMOND, "b", {"a": GOOD, "b": GOOD}) == schedule.Next()
    assert schedule.after(DIAMOND, "c", {"a": GOOD, "b": GOOD, "c": GOOD}).ready == ("d",)


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("failed", "it needs b, which failed"),
        ("errored", "it needs b, which errored"),
        ("cancelled", "it needs b, which was cancelled"),
        ("skipped", "it needs b, which was skipped"),
    ],
)
def test_failure_skips_at_once(status: str, reason: str) -> None:
    found = schedule.after(DIAMOND, "b", {"a": GOOD, "b": Outcome(status)})
    assert found == schedule.Next((), (("d", reason),))


def test_what_needs_an_open_verdict_is_told_so() -> None:
    open_verdict = Outcome("failed", exit_code=errors.INCONCLUSIVE)
    found = schedule.after(DIAMOND, "b", {"a": GOOD, "b": open_verdict})
    assert found == schedule.Next((), (("d", "it needs b, which was inconclusive"),))


def test_a_stage_is_decided_once() -> None:
    outcomes = {"a": GOOD, "b": Outcome("failed"), "d": Outcome("skipped"), "c": GOOD}
    assert schedule.after(DIAMOND, "c", outcomes) == schedule.Next()


def test_shared_workspaces_pass_over_what_was_left_out_but_not_over_failures() -> None:
    line = graph.build([stage("a", workspace="w"), stage("b", workspace="w", needs=("a",))])
    assert schedule.after(line, "a", {"a": Outcome("skipped")}).ready == ("b",)
    skipped_for_failure = Outcome("skipped", body={"obstacle": "it needs x, which failed"})
    assert schedule.after(line, "a", {"a": skipped_for_failure}).skipped
    assert schedule.after(line, "a", {"a": Outcome("failed")}).skipped


@pytest.mark.parametrize(
    ("statuses", "status", "code"),
    [
        ((), "succeeded", errors.PASSED),
        (("succeeded", "skipped"), "succeeded", errors.PASSED),
        (("succeeded", "failed"), "failed", errors.STAGE_FAILED),
        (("failed", "errored"), "errored", errors.OUR_FAULT),
        (("failed", "cancelled", "errored"), "cancelled", errors.INTERRUPTED),
    ],
)
def test_run_is_what_its_worst_stage_is(statuses: tuple[str, ...], status: str, code: int) -> None:
    outcomes = [Outcome(one) for one in statuses]
    assert (schedule.status_of(outcomes), schedule.exit_code_of(outcomes)) == (status, code)


def test_what_was_left_out_in_the_place_of_another_counts_for_the_run() -> None:
    """As a stage of Jenkins whose script said NOT_BUILT."""
    left_out = Outcome("skipped", body={"goes_on": True})
    assert schedule.status_of([GOOD, left_out, Outcome("failed")]) == "skipped"
    assert schedule.exit_code_of([GOOD, left_out]) == errors.STAGE_FAILED


def test_what_was_cancelled_in_the_place_of_another_has_failed() -> None:
    cancelled = Outcome("cancelled", body={"goes_on": True})
    assert schedule.exit_code_of([GOOD, cancelled]) == errors.STAGE_FAILED


def test_a_branch_that_was_stopped_for_another_says_nothing_of_the_run() -> None:
    stopped = Outcome("cancelled", body={"stopped": True})
    assert (schedule.status_of([GOOD, stopped]), schedule.exit_code_of([GOOD, stopped])) == ("succeeded", 0)


def test_what_runs_whatever_became_of_others_needs_one_that_could_run() -> None:
    line = graph.build([stage("a"), stage("b"), stage("c", needs=("a", "b"), regardless=True)])
    kept = Outcome("skipped", body={"obstacle": "it needs x"})
    assert schedule.after(line, "b", {"a": kept, "b": Outcome("failed")}).ready == ("c",)
    found = schedule.after(line, "b", {"a": kept, "b": kept})
    assert found == schedule.Next((), (("c", "it comes after a, which was skipped"),))


def test_what_is_unstable_frees_all_but_who_wants_it_stable() -> None:
    pair = [stage("a"), stage("b", needs=("a",)), stage("c", needs=("a",), needs_stable=True)]
    found = schedule.after(graph.build(pair), "a", {"a": Outcome("unstable")})
    assert found == schedule.Next(("b",), (("c", "it needs a, which was unstable"),))


def test_who_only_comes_after_another_passes_over_what_was_left_out() -> None:
    line = graph.build([stage("a"), stage("b", needs=("a",), ordered=True), stage("c", needs=("a",))])
    found = schedule.after(line, "a", {"a": Outcome("skipped")})
    assert (found.ready, [name for name, _ in found.skipped]) == (("b",), ["c"])


def test_stages_may_ask_for_an_exit_code() -> None:
    refused = Outcome("failed", exit_code=errors.REFUSED)
    assert schedule.exit_code_of([refused]) == errors.REFUSED
    assert schedule.exit_code_of([refused, Outcome("failed")]) == errors.STAGE_FAILED
    unsure = Outcome("failed", exit_code=errors.INCONCLUSIVE)
    assert schedule.exit_code_of([unsure, refused]) == errors.REFUSED


@examples(60)
@given(st.data())
def test_every_stage_of_any_graph_comes_to_an_end_after_its_needs(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 8))
    needs = [data.draw(st.sets(st.integers(0, i - 1))) if i else set() for i in range(count)]
    stages = [stage(f"s{i}", needs=tuple(f"s{n}" for n in sorted(needs[i]))) for i in range(count)]
    whole = graph.build(stages)
    outcomes: dict[str, Outcome] = {}
    started: list[str] = []
    ready = list(schedule.first(whole).ready)
    while ready:
        name = ready.pop(data.draw(st.integers(0, len(ready) - 1)))
        assert all(outcomes[need].status == "succeeded" for need in whole.stages[name].needs)
        started.append(name)
        outcomes[name] = Outcome(data.draw(st.sampled_from(["succeeded", "failed"])))
        ended = [name]
        while ended:
            following = schedule.after(whole, ended.pop(), outcomes)
            ready += following.ready
            for skipped, _ in following.skipped:
                outcomes[skipped] = Outcome("skipped", body={"obstacle": "x"})
                ended.append(skipped)
    assert set(outcomes) == set(whole.stages)
    assert len(started) == len(set(started))


def test_a_failure_that_is_allowed_frees_others_and_fails_no_run() -> None:
    borne = Outcome("failed", body={"may_fail": True})
    assert schedule.after(DIAMOND, "a", {"a": borne}).ready == ("b", "c")
    assert (schedule.status_of([GOOD, borne]), schedule.exit_code_of([GOOD, borne])) == ("succeeded", 0)
    assert schedule.status_of([Outcome("errored", body={"may_fail": True})]) == "errored"


@pytest.mark.parametrize(
    ("end", "accepted", "runs"),
    [
        (GOOD, ("failed",), False),
        (GOOD, ("failed", "succeeded"), True),
        (Outcome("failed"), ("failed",), True),
        (Outcome("skipped"), ("failed",), False),
        (Outcome("skipped"), ("failed", "left out"), True),
        (Outcome("skipped", body={"obstacle": "it needs x"}), ("failed", "left out"), False),
        (Outcome("skipped", body={"obstacle": "it needs x"}), ("skipped",), True),
    ],
)
def test_a_stage_runs_after_the_ends_that_it_accepts(
    end: Outcome, accepted: tuple[str, ...], runs: bool
) -> None:
    pair = graph.build([stage("a"), stage("b", needs=("a",), accepts=(("a", accepted),))])
    following = schedule.after(pair, "a", {"a": end})
    assert (following.ready == ("b",), bool(following.skipped)) == (runs, not runs)
