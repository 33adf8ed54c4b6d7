import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from seatrial.release import decide
from seatrial.release.decide import (
    ABSENT,
    ADVANCE,
    BROKEN,
    CLOSE_FAILED,
    LEAVING,
    MAKE_STABLE,
    NOTHING,
    READY,
    REMOVE_REVISION,
    SET_WEIGHTS,
    START_REVISION,
    STARTING,
    TAKE_BACK,
    Action,
    Situation,
    State,
)
from seatrial.release.outlook import Outlook
from seatrial.release.strategies import blue_green, recreate
from seatrial.release.strategy import ANALYSE, HOLD, MIRROR, PROBE, PROMOTE, ROUTE, START, WAIT, Step, asked
from tests.properties import examples

BLUE_GREEN = asked(blue_green.plan({}), judged=False, compared=False)
BAKED = asked(blue_green.plan({"bake": "10s"}), judged=False, compared=False)
RECREATE = asked(recreate.plan({}), judged=False, compared=False)
# With gates: what compares is judged at step 1, before the switch, and the rest at step 3, behind it.
JUDGED = blue_green.plan({})
# A canary needs nothing new of `decide`: it is steps that others have too.
CANARY = (
    Step(START),
    Step(ROUTE, weight=5),
    Step(WAIT, seconds=10),
    Step(ROUTE, weight=50),
    Step(WAIT, seconds=10),
    Step(ROUTE, weight=100),
    Step(PROMOTE),
)
ALL = {"new": 100}
FEW = {"new": 5, "old": 95}
HALF = {"new": 50, "old": 50}


def releasing(steps, step, *, old=READY, new=ABSENT, weights=None, **more):
    """A release from "old" to "new"."""
    states = {"old": State(old), "new": new if isinstance(new, State) else State(new)}
    in_force = {"old": 100} if weights is None else weights
    return Situation(True, "old", states, in_force, candidate="new", steps=steps, step=step, **more)


def still(stable="old", *, up=True, weights=None, **states):
    return Situation(up, stable, {name: State(status) for name, status in states.items()}, weights or {})


@pytest.mark.parametrize(
    ("now", "action"),
    [
        (releasing(BLUE_GREEN, 0), Action(START_REVISION, "new")),
        (releasing(BLUE_GREEN, 0, new=LEAVING), Action(START_REVISION, "new")),
        (releasing(BLUE_GREEN, 0, new=STARTING), Action(NOTHING)),
        (releasing(BLUE_GREEN, 0, new=READY), Action(ADVANCE)),
        (releasing(BLUE_GREEN, 1, new=READY), Action(SET_WEIGHTS, weights={"new": 100})),
        (releasing(BLUE_GREEN, 1, new=READY, weights={"new": 100}), Action(ADVANCE)),
        (releasing(BLUE_GREEN, 2, new=READY, weights={"new": 100}), Action(MAKE_STABLE, "new")),
        (releasing(BAKED, 2, new=READY, weights={"new": 100}, waited_seconds=9.9), Action(NOTHING)),
        (releasing(BAKED, 2, new=READY, weights={"new": 100}, waited_seconds=10.0), Action(ADVANCE)),
        (releasing(CANARY, 1, new=READY), Action(SET_WEIGHTS, weights={"new": 5, "old": 95})),
        (releasing(CANARY, 3, new=READY, weights=FEW), Action(SET_WEIGHTS, weights=HALF)),
        (releasing(RECREATE, 0), Action(SET_WEIGHTS)),
        (releasing(RECREATE, 0, weights={}), Action(REMOVE_REVISION, "old")),
        (releasing(RECREATE, 0, weights={}, old=LEAVING), Action(NOTHING)),
        (releasing(RECREATE, 0, weights={}, old=ABSENT), Action(ADVANCE)),
        (releasing(RECREATE, 1, weights={}, old=ABSENT), Action(START_REVISION, "new")),
        (releasing(RECREATE, 2, weights={}, old=ABSENT, new=READY), Action(SET_WEIGHTS, weights=ALL)),
    ],
)  # fmt: skip
def test_a_release_goes_step_by_step(now, action):
    assert decide.decide(now) == action


@pytest.mark.parametrize(
    ("step", "known", "action"),
    [
        (1, Outlook(evidence=0.0, beside=1.0), Action(ADVANCE)),
        (3, Outlook(evidence=0.9, beside=1.0), Action(NOTHING)),
        (3, Outlook(evidence=1.0, beside=1.0), Action(ADVANCE)),
    ],
)
def test_blue_green_judges_before_and_behind_its_switch(step, known, action):
    weights = ALL if step == 3 else None
    assert decide.decide(releasing(JUDGED, step, new=READY, weights=weights, outlook=known)) == action


def test_what_recorded_requests_have_not_shown_is_not_waited_for():
    lacking = releasing(JUDGED, 1, new=READY, outlook=Outlook(evidence=0.9, beside=0.9))
    action = decide.decide(lacking)
    assert (action.do, action.cause) == (TAKE_BACK, decide.INCONCLUSIVE)
    assert action.reason == "the recorded requests did not suffice for the gates that compare with stable"
    asking = lacking._replace(on_deadline="ask")
    assert decide.decide(asking) == Action(decide.SAY_LATE, reason=action.reason)
    assert decide.decide(asking._replace(is_late_said=True)) == Action(NOTHING)
    go_on = decide.ByHand(go_on=True)
    assert decide.decide(asking._replace(by_hand=go_on)) == Action(ADVANCE)
    held = lacking._replace(by_hand=decide.ByHand(hold=True), is_late_said=True)
    assert decide.decide(held) == Action(NOTHING)


@pytest.mark.parametrize("step", [0, 1, 2])
def test_the_stable_revision_is_kept_able_to_take_over(step):
    now = releasing(BAKED, step, old=ABSENT, new=READY, weights={"new": 100})
    assert decide.decide(now) == Action(START_REVISION, "old")


def test_a_canary_waits_for_a_stable_revision_that_is_not_ready():
    assert decide.decide(releasing(CANARY, 1, old=STARTING, new=READY)) == Action(NOTHING)


@pytest.mark.parametrize(
    ("now", "reason", "aborted"),
    [
        (releasing(BLUE_GREEN, 0, new=State(BROKEN, "it ended")), "it ended", False),
        (releasing(BAKED, 2, new=State(BROKEN, "it ended"), weights={"new": 100}), "it ended", False),
        (releasing(BAKED, 2, new=ABSENT, weights={"new": 100}), "its server is gone", False),
        (releasing(BLUE_GREEN, 1, new=READY, abort="Ada said so"), "Ada said so", True),
        (releasing(BLUE_GREEN, 1, new=READY)._replace(is_up=False), "the environment was taken down", True),
        (releasing(BLUE_GREEN, 1, new=READY, problem="no address"), "no address", False),
        (releasing(BLUE_GREEN, 1, new=READY, stuck="too heavy", is_refused=True), "too heavy", False),
    ],
)
def test_a_release_is_taken_back(now, reason, aborted):
    action = decide.decide(now)
    assert (action.do, action.reason, action.aborted) == (TAKE_BACK, reason, aborted)


def back(**more):
    return releasing(BLUE_GREEN, 1, is_taken_back=True, **more)


@pytest.mark.parametrize(
    ("now", "action"),
    [
        (back(new=READY, weights={"new": 100}), Action(SET_WEIGHTS, weights={"old": 100})),
        (back(new=READY, weights={"new": 5, "old": 95}), Action(SET_WEIGHTS, weights={"old": 100})),
        (back(new=READY, old=ABSENT, weights={"new": 100}), Action(SET_WEIGHTS, weights={})),
        (back(new=READY), Action(REMOVE_REVISION, "new")),
        (back(new=STARTING), Action(REMOVE_REVISION, "new")),
        (back(new=BROKEN, old=ABSENT, weights={}), Action(START_REVISION, "old")),
        (back(new=BROKEN, old=STARTING, weights={}), Action(NOTHING)),
        (back(new=BROKEN, old=READY, weights={}), Action(SET_WEIGHTS, weights={"old": 100})),
        (back(new=LEAVING), Action(CLOSE_FAILED)),
        (back(new=READY, problem="no address", weights={}), Action(REMOVE_REVISION, "new")),
        (back(new=LEAVING, problem="no address", weights={}), Action(CLOSE_FAILED)),
        (back(new=BROKEN, old=ABSENT, problem="no address", weights={}), Action(START_REVISION, "old")),
    ],
)
def test_what_is_taken_back_loses_its_requests_first(now, action):
    assert decide.decide(now) == action


def test_a_stable_revision_that_does_not_come_back_holds_up_nobody_for_ever():
    def failing(failures, may_retry):
        now = back(new=BROKEN, weights={})
        return now._replace(states={**now.states, "old": State(BROKEN, "", failures, may_retry)})

    assert decide.decide(failing(1, True)).do == START_REVISION
    assert decide.decide(failing(2, False)).do == NOTHING
    assert decide.decide(failing(3, True)).do == CLOSE_FAILED


def test_a_first_release_that_fails_leaves_nothing_behind():
    now = Situation(True, "", {"new": State(READY)}, {"new": 100}, "new", RECREATE, 2, is_taken_back=True)
    assert decide.decide(now) == Action(SET_WEIGHTS, weights={})
    assert decide.decide(now._replace(weights={})) == Action(REMOVE_REVISION, "new")
    assert decide.decide(now._replace(weights={}, states={"new": State(LEAVING)})) == Action(CLOSE_FAILED)


@pytest.mark.parametrize(
    ("now", "action"),
    [
        (still("", weights={}), Action(NOTHING)),
        (still(old=READY, weights={"old": 100}), Action(NOTHING)),
        (still(old=READY), Action(SET_WEIGHTS, weights={"old": 100})),
        (still(old=READY, new=READY, weights={"new": 100}), Action(SET_WEIGHTS, weights={"old": 100})),
        (still(old=READY, new=READY, weights={"old": 100}), Action(REMOVE_REVISION, "new")),
        (still(old=READY, new=LEAVING, weights={"old": 100}), Action(NOTHING)),
        (still(old=ABSENT), Action(START_REVISION, "old")),
        (still(old=LEAVING), Action(START_REVISION, "old")),
        (still(old=STARTING), Action(NOTHING)),
        (still(old=BROKEN, weights={"old": 100}), Action(START_REVISION, "old")),
        (still(up=False, old=READY, weights={"old": 100}), Action(SET_WEIGHTS, weights={})),
        (still(up=False, old=READY), Action(REMOVE_REVISION, "old")),
        (still(up=False, old=STARTING), Action(REMOVE_REVISION, "old")),
        (still(up=False, old=LEAVING), Action(NOTHING)),
        (still(up=False, old=BROKEN), Action(NOTHING)),
    ],
)
def test_without_a_release_the_stable_revision_serves_alone_or_nothing_does(now, action):
    assert decide.decide(now) == action


SHADOW = (Step(START), Step(MIRROR, weight=20), Step(ANALYSE, evidence=1.0), Step(PROMOTE))
COPIED = {"new": 20}


@pytest.mark.parametrize(
    ("now", "action"),
    [
        (releasing(SHADOW, 1, new=READY), Action(SET_WEIGHTS, weights={"old": 100}, mirror=COPIED)),
        (releasing(SHADOW, 1, new=READY, mirror=COPIED), Action(ADVANCE)),
        (releasing(SHADOW, 1, old=STARTING, new=READY, weights={}), Action(NOTHING)),
        (releasing(SHADOW, 2, new=READY, mirror=COPIED, outlook=Outlook(evidence=0.9)), Action(NOTHING)),
    ],
)
def test_a_shadow_gets_copies_while_the_stable_revision_answers(now, action):
    assert decide.decide(now) == action


def test_a_candidate_that_is_judged_by_copies_alone_loses_them_with_its_release():
    now = releasing(SHADOW, 2, new=READY, mirror=COPIED, is_taken_back=True)
    assert decide.decide(now) == Action(SET_WEIGHTS, weights={"old": 100})


ANALYSED = (Step(START), Step(ROUTE, weight=5), Step(ANALYSE, evidence=1.0), Step(PROMOTE))


@pytest.mark.parametrize(
    ("known", "said"),
    [
        ({"outlook": Outlook(failed="error_rate is too high")}, ("error_rate is too high", decide.EVIDENCE)),
        ({"outlook": Outlook(spoilt="the split is not as asked")}, ("the split is not as asked", "")),
        ({"away_seconds": 30.1}, ("nobody drove the release for 30 s", "")),
        ({"seconds_left": 0.0}, ("the evidence did not suffice in time", decide.INCONCLUSIVE)),
    ],
)
def test_only_evidence_makes_a_candidate_guilty(known, said):
    now = releasing(ANALYSED, 2, new=READY, weights=FEW)._replace(**known)
    action = decide.decide(now)
    assert (action.do, action.reason, action.cause, action.aborted) == (TAKE_BACK, *said, False)


def test_a_person_who_promotes_overrules_what_the_evidence_says():
    now = releasing(ANALYSED, 2, new=READY, weights=FEW, outlook=Outlook(failed="too slow"))
    assert decide.decide(now._replace(by_hand=decide.ByHand(promote=True))) == Action(ADVANCE)


def test_nobody_who_was_away_for_less_than_the_lease_loses_a_release():
    now = releasing(ANALYSED, 2, new=READY, weights=FEW, away_seconds=30.0, outlook=Outlook(evidence=0.5))
    assert decide.decide(now) == Action(NOTHING)


def test_the_share_of_a_canary_grows_with_the_evidence_unless_a_person_holds_it():
    steps = (Step(START), Step(ROUTE, weight=1), Step(ANALYSE, evidence=1.0, auto=True), Step(PROMOTE))
    now = releasing(steps, 2, new=READY, weights={"new": 1, "old": 99}, outlook=Outlook(0.5, weight=25))
    assert decide.decide(now) == Action(SET_WEIGHTS, weights={"new": 25, "old": 75})
    assert decide.decide(now._replace(weights={"new": 25, "old": 75})) == Action(NOTHING)
    assert decide.decide(now._replace(by_hand=decide.ByHand(hold=True))) == Action(NOTHING)


def test_a_hold_waits_for_a_person_and_a_probe_for_its_requests():
    held = releasing((Step(START), Step(HOLD), Step(PROMOTE)), 1, new=READY, waited_seconds=1e6)
    assert decide.decide(held) == Action(NOTHING)
    assert decide.decide(held._replace(by_hand=decide.ByHand(go_on=True))) == Action(ADVANCE)
    probed = releasing((Step(START), Step(PROBE), Step(PROMOTE)), 1, new=READY)
    assert decide.decide(probed) == Action(decide.RUN_PROBE)
    assert decide.decide(probed._replace(is_probed=True)) == Action(ADVANCE)


@pytest.mark.parametrize("end", ["hold", "ask"])
def test_a_deadline_that_is_left_to_a_person_is_said_once_and_ends_nothing(end):
    late = releasing(CANARY, 2, new=READY, weights=FEW, seconds_left=-1.0, on_deadline=end)
    assert decide.decide(late) == Action(decide.SAY_LATE, reason="its steps were not over in time")
    assert decide.decide(late._replace(is_late_said=True)) == Action(NOTHING)
    promoted = late._replace(by_hand=decide.ByHand(promote=True))
    assert decide.decide(promoted) == Action(ADVANCE)


@pytest.mark.parametrize(
    ("step", "known"),
    [
        (Step(WAIT, seconds=10), {"waited_seconds": 60.0}),
        (Step(ANALYSE, evidence=0.5), {"outlook": Outlook(evidence=1.0)}),
        (Step(ANALYSE, evidence=1.0, auto=True), {"outlook": Outlook(evidence=0.5, weight=50)}),
        (Step(PROBE), {"is_probed": True}),
        (Step(PROBE), {}),
    ],
)
@pytest.mark.parametrize(
    "left", [{"on_deadline": "hold"}, {"on_deadline": "ask"}, {"by_hand": decide.ByHand(hold=True)}]
)
def test_after_a_deadline_that_is_left_to_a_person_nothing_goes_on_by_itself(step, known, left):
    steps = (Step(START), Step(ROUTE, weight=5), step, Step(PROMOTE))
    late = releasing(steps, 2, new=READY, weights=FEW, seconds_left=-1.0, **known, **left)
    assert decide.decide(late).do == decide.SAY_LATE
    said = late._replace(is_late_said=True)
    assert decide.decide(said) == Action(NOTHING)
    assert decide.decide(said._replace(by_hand=decide.ByHand(hold=True, go_on=True))) == Action(ADVANCE)
    failed = said._replace(outlook=Outlook(failed="too slow"))
    assert decide.decide(failed).do == TAKE_BACK


@pytest.mark.parametrize(
    ("step", "evidence", "reason"),
    [
        (Step(HOLD), 1.0, "nobody let it go on in time"),
        (Step(ANALYSE, evidence=0.5), 0.4, "the evidence did not suffice in time"),
        (Step(WAIT, seconds=60), 0.4, "the evidence did not suffice in time"),
        (Step(WAIT, seconds=60), 1.0, "its steps were not over in time"),
    ],
)
def test_what_was_lacking_at_the_deadline_is_said(step, evidence, reason):
    steps = (Step(START), Step(ROUTE, weight=5), step, Step(PROMOTE))
    late = releasing(steps, 2, new=READY, weights=FEW, seconds_left=-1.0, outlook=Outlook(evidence=evidence))
    assert decide.decide(late) == Action(decide.TAKE_BACK, reason=reason, cause=decide.INCONCLUSIVE)
    asking = late._replace(on_deadline="ask")
    assert decide.decide(asking) == Action(decide.SAY_LATE, reason=reason)


def test_a_gateway_that_is_late_takes_no_release_back():
    now = releasing(BLUE_GREEN, 1, new=READY, stuck="late", asked={"new": 100})
    assert decide.decide(now) == Action(SET_WEIGHTS, weights={"new": 100})


@pytest.mark.parametrize("now", [back(new=READY), still(old=READY, weights={"old": 100})])
def test_weights_that_were_asked_for_in_vain_are_asked_back(now):
    asked = now._replace(weights={"old": 100}, asked={"new": 100})
    assert decide.decide(asked) == Action(SET_WEIGHTS, weights={"old": 100})
    assert decide.decide(asked._replace(asked={"old": 100})).do != SET_WEIGHTS


def test_what_goes_down_does_not_wait_for_a_gateway_that_is_stuck():
    now = still(up=False, old=READY, weights={"old": 100})._replace(stuck="Envoy does not answer")
    assert decide.decide(now) == Action(REMOVE_REVISION, "old")
    now = back(new=READY, weights={"new": 100}, stuck="Envoy does not answer")
    assert decide.decide(now) == Action(SET_WEIGHTS, weights={"old": 100})
    assert decide.decide(now._replace(is_up=False)) == Action(REMOVE_REVISION, "new")


def test_a_broken_stable_revision_is_started_again_after_its_pause():
    now = still(old=BROKEN)._replace(states={"old": State(BROKEN, "", 5, may_retry=False)})
    assert decide.decide(now) == Action(NOTHING)


class World(RuleBasedStateMachine):
    """An environment whose servers start, die and leave as they please, and one that only does as decided."""

    @initialize(
        steps=st.sampled_from([BLUE_GREEN, BAKED, RECREATE, CANARY]),
        has_stable=st.booleans(),
        at=st.integers(0, 6),
        died=st.sampled_from([(), ("old",), ("new",), ("old", "new")]),
        may_be_meddled_with=st.booleans(),
    )
    def begin(self, steps, has_stable, at, died, may_be_meddled_with):
        """Any step of a release, at which any of the servers may have died while nobody looked."""
        self.steps, self.step = steps, min(at, len(steps) - 1)
        done = steps[: self.step]
        kinds = [step.kind for step in done]
        self.stable, self.candidate, self.outcome = "old" if has_stable else "", "new", ""
        self.states = {"old": State(ABSENT if "stop" in kinds else READY)} if has_stable else {}
        self.weights = {"old": 100} if has_stable and "stop" not in kinds else {}
        if START in kinds:
            self.states["new"] = State(READY)
        for weight in [step.weight for step in done if step.kind == ROUTE]:
            rest = 100 - weight if has_stable else 0
            self.weights = {"new": 100 - rest, **({"old": rest} if rest else {})}
        self.taken_back, self.waited, self.abort, self.up = False, 0.0, "", True
        self.promotions, self.may_be_meddled_with = 0, may_be_meddled_with
        for name in died:
            self.server_dies(name)

    def situation(self):
        seen = Situation(self.up, self.stable, dict(self.states), dict(self.weights), self.candidate)
        return seen._replace(
            steps=self.steps,
            step=self.step,
            is_taken_back=self.taken_back,
            waited_seconds=self.waited,
            abort=self.abort,
        )

    @rule(times=st.integers(1, 6))
    def act(self, times):
        for _ in range(times):
            self.once()

    @rule()
    def all_goes_well(self):
        for name in self.states:
            self.server_becomes_ready(name)
            self.server_has_left(name)
        self.time_passes()
        self.time_passes()
        self.once()

    def once(self):
        """One decision; a crash before or after it changes nothing, as all it used is kept."""
        action = decide.decide(self.situation())
        if action.do == SET_WEIGHTS:
            assert all(self.states[name].status == READY for name in action.weights)
            assert sum(action.weights.values()) in (0, 100)
            self.weights = dict(action.weights)
        elif action.do == START_REVISION:
            assert self.states.get(action.revision, State()).status in (ABSENT, LEAVING, BROKEN)
            self.states[action.revision] = State(STARTING)
        elif action.do == REMOVE_REVISION:
            assert action.revision not in self.weights
            self.states[action.revision] = State(LEAVING)
        elif action.do == ADVANCE:
            self.step, self.waited = self.step + 1, 0.0
        elif action.do == MAKE_STABLE:
            assert self.weights == {"new": 100}
            self.promotions += 1
            self.stable, self.candidate, self.outcome = "new", "", "succeeded"
        elif action.do == TAKE_BACK:
            self.taken_back = True
        elif action.do == CLOSE_FAILED:
            assert "new" not in self.weights
            self.candidate, self.outcome = "", "failed"
        return action.do

    @rule(name=st.sampled_from(["old", "new"]))
    def server_becomes_ready(self, name):
        if self.states.get(name, State()).status == STARTING:
            self.states[name] = State(READY)

    @rule(name=st.sampled_from(["old", "new"]))
    def server_dies(self, name):
        if self.states.get(name, State()).status in (STARTING, READY):
            self.states[name] = State(BROKEN, "killed", self.states[name].failures + 1)

    @rule(name=st.sampled_from(["old", "new"]))
    def server_has_left(self, name):
        if self.states.get(name, State()).status == LEAVING:
            self.states[name] = State(ABSENT)

    @rule()
    def time_passes(self):
        self.waited += 5.0

    @precondition(lambda self: self.candidate and self.may_be_meddled_with)
    @rule()
    def a_person_aborts(self):
        self.abort = "aborted"

    @precondition(lambda self: self.may_be_meddled_with)
    @rule(up=st.booleans())
    def a_person_takes_it_down_or_up(self, up):
        self.up = up

    @invariant()
    def never_two_promotions(self):
        assert getattr(self, "promotions", 0) <= 1

    def teardown(self):
        """Left alone, with servers that do as they are told, it comes to rest where it should be."""
        if not hasattr(self, "states"):
            return
        for _ in range(200):
            if self.once() == NOTHING:
                before = self.situation()
                self.server_becomes_ready("old")
                self.server_becomes_ready("new")
                self.server_has_left("old")
                self.server_has_left("new")
                if self.candidate:
                    self.time_passes()
                if self.situation() == before:
                    break
        assert self.candidate == ""
        assert self.outcome in ("succeeded", "failed")
        wanted = {self.stable: 100} if self.up and self.stable else {}
        assert self.weights == wanted
        running = {name for name, state in self.states.items() if state.status in (STARTING, READY)}
        assert running == set(wanted)


TestWorld = World.TestCase
TestWorld.settings = settings(examples(400), stateful_step_count=40)
