"""What to do next in one environment: a pure function of what is wanted and what is seen.

`decide` is asked again after every action, and again from the start after a crash: whatever was done and not
seen is done once more, whatever was seen is not. It keeps three promises, whatever happens in between: no
request is given to a revision that is not ready; the stable revision stays able to take over until the
candidate is promoted (unless the plan itself stops it); and a candidate that has failed loses its requests
before anything else is done.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import inf

from seatrial.named_tuple import NamedTuple
from seatrial.release.outlook import Outlook
from seatrial.release.strategy import ANALYSE, HOLD, MIRROR, PROBE, ROUTE, START, STOP, WAIT, Step

# What is seen of a revision.
ABSENT = "absent"
STARTING = "starting"
READY = "ready"
LEAVING = "leaving"  # its servers finish their requests, and then end
BROKEN = "broken"  # its last server ended or never became ready

# What can be done.
NOTHING = "nothing"
START_REVISION = "start a revision"
REMOVE_REVISION = "remove a revision"
SET_WEIGHTS = "set the weights"
RUN_PROBE = "replay recorded requests"
SAY_LATE = "say that the deadline is over"
ADVANCE = "go on to the next step"
MAKE_STABLE = "make the candidate stable"
TAKE_BACK = "take the release back"
CLOSE_FAILED = "close the failed release"

# A driver that was away for longer knows nothing of what its candidate did meanwhile.
LEASE_SECONDS = 30.0
# Steps that wait for something; a person may end any of them.
PAUSES = (WAIT, ANALYSE, HOLD, PROBE)
# Why a release is taken back, where traffic says so.
EVIDENCE = "evidence"  # against the candidate
INCONCLUSIVE = "inconclusive"  # at the deadline
ABORT = "abort"  # what happens at the deadline; else the release stays as it is until a person decides

# How often a stable revision that breaks at once is tried before a release is closed without it.
TRIES = 3


class State(NamedTuple):
    """`failures` counts the starts in a row that failed; `may_retry`: enough time has passed since."""

    status: str = ABSENT
    reason: str = ""
    failures: int = 0
    may_retry: bool = True


class ByHand(NamedTuple):
    """What a person has said: stay here; go on from this step; be promoted without waiting for evidence."""

    hold: bool = False
    go_on: bool = False
    promote: bool = False


class Situation(NamedTuple):
    """All that a decision depends on. Revisions are ids, "" = none; weights are those that are in force.

    `asked` are the weights that were decided last, where they may differ. `problem` says why requests cannot
    be routed at all, as an address that another process has; `stuck`, why what was asked for is not in force,
    and `is_refused` that it will not be.
    """

    is_up: bool
    stable: str
    states: Mapping[str, State]
    weights: Mapping[str, int]
    candidate: str = ""
    steps: tuple[Step, ...] = ()
    step: int = 0
    is_taken_back: bool = False
    waited_seconds: float = 0.0
    abort: str = ""
    problem: str = ""
    asked: Mapping[str, int] | None = None
    stuck: str = ""
    is_refused: bool = False
    mirror: Mapping[str, int] = {}
    outlook: Outlook = Outlook(evidence=1.0)
    by_hand: ByHand = ByHand()
    seconds_left: float = inf
    on_deadline: str = ABORT
    is_late_said: bool = False
    away_seconds: float = 0.0
    is_probed: bool = False

    def state(self, revision: str) -> State:
        return self.states.get(revision, State())

    def is_ready(self, revision: str) -> bool:
        return bool(revision) and self.state(revision).status == READY


class Action(NamedTuple):
    """`aborted`: by a person, who said nothing of the candidate. `cause`: EVIDENCE or INCONCLUSIVE."""

    do: str
    revision: str = ""
    weights: Mapping[str, int] = {}
    mirror: Mapping[str, int] = {}
    reason: str = ""
    aborted: bool = False
    cause: str = ""


WAIT_FOR_IT = Action(NOTHING)


def decide(now: Situation) -> Action:
    """The next action; NOTHING where there is none until something changes."""
    if not now.candidate:
        return settle(now)
    return give_back(now) if now.is_taken_back else go_forward(now)


def go_forward(now: Situation) -> Action:
    """A release that goes well so far."""
    trouble = take_back_because(now)
    if trouble is not None:
        return trouble
    if needs_stable(now) and may_start(now.state(now.stable)):
        return Action(START_REVISION, now.stable)
    step = now.steps[now.step]
    if step.kind == START:
        return start(now)
    if step.kind == STOP:
        return stop_stable(now)
    if step.kind == ROUTE:
        return route(now, step.weight)
    if step.kind == MIRROR:
        return copy(now, step.weight)
    if step.kind in PAUSES:
        return pause(now, step)
    return Action(MAKE_STABLE, now.candidate)


def take_back_because(now: Situation) -> Action | None:
    """The reason to give up a release, if there is one."""
    candidate = now.state(now.candidate)
    if now.abort:
        return Action(TAKE_BACK, reason=now.abort, aborted=True)
    if not now.is_up:
        return Action(TAKE_BACK, reason="the environment was taken down", aborted=True)
    if candidate.status == BROKEN:
        return Action(TAKE_BACK, now.candidate, reason=candidate.reason)
    if has_done(now, START) and candidate.status != READY:
        return Action(TAKE_BACK, now.candidate, reason="its server is gone")
    if now.problem or now.is_refused:
        return Action(TAKE_BACK, reason=now.problem or now.stuck)
    return None if now.by_hand.promote else speaks_against(now)


def speaks_against(now: Situation) -> Action | None:
    """What the evidence, or the lack of it, says against going on. Only evidence makes a candidate guilty."""
    if now.away_seconds > LEASE_SECONDS:
        text = f"nobody drove the release for {now.away_seconds:.0f} s"
        return Action(TAKE_BACK, reason=text)
    if now.outlook.failed:
        return Action(TAKE_BACK, reason=now.outlook.failed, cause=EVIDENCE)
    if now.outlook.spoilt:
        return Action(TAKE_BACK, reason=now.outlook.spoilt)
    waits = now.steps[now.step].kind in PAUSES
    if waits and is_late(now) and now.on_deadline == ABORT and not now.by_hand.hold:
        return Action(TAKE_BACK, reason=late_because(now), cause=INCONCLUSIVE)
    return None


def is_late(now: Situation) -> bool:
    """Whether there is nothing more to wait for."""
    return now.seconds_left <= 0 or lacks_beside(now)


def lacks_beside(now: Situation) -> bool:
    """Whether what only recorded requests could show, they have not shown."""
    step = now.steps[now.step]
    return step.beside and now.outlook.beside < step.evidence


def late_because(now: Situation) -> str:
    step = now.steps[now.step]
    if lacks_beside(now):
        return "the recorded requests did not suffice for the gates that compare with stable"
    if step.kind == HOLD:
        return "nobody let it go on in time"
    if step.kind != ANALYSE and now.outlook.evidence >= 1.0:
        return "its steps were not over in time"
    return "the evidence did not suffice in time"


def pause(now: Situation, step: Step) -> Action:
    """A step that changes no traffic, or only as the evidence grows."""
    if now.by_hand.promote or now.by_hand.go_on:
        return Action(ADVANCE)
    if is_late(now):  # and left to a person: by `on_deadline`, or as somebody holds it
        return WAIT_FOR_IT if now.is_late_said else Action(SAY_LATE, reason=late_because(now))
    if step.auto and now.weights.get(now.candidate, 0) < now.outlook.weight and not now.by_hand.hold:
        return share(now, now.outlook.weight)
    if now.by_hand.hold or step.kind == HOLD:
        return WAIT_FOR_IT
    if step.kind == WAIT:
        return Action(ADVANCE) if now.waited_seconds >= step.seconds else WAIT_FOR_IT
    if step.kind == PROBE:
        return Action(ADVANCE if now.is_probed else RUN_PROBE)
    evidence = now.outlook.beside if step.beside else now.outlook.evidence
    return Action(ADVANCE) if evidence >= step.evidence else WAIT_FOR_IT


def has_done(now: Situation, kind: str) -> bool:
    return any(step.kind == kind for step in now.steps[: now.step])


def needs_stable(now: Situation) -> bool:
    """Whether the stable revision has to stay able to serve at this step."""
    stops = has_done(now, STOP) or now.steps[now.step].kind == STOP
    return bool(now.stable) and now.stable != now.candidate and not stops


def may_start(state: State) -> bool:
    return state.status in (ABSENT, LEAVING) or (state.status == BROKEN and state.may_retry)


def start(now: Situation) -> Action:
    status = now.state(now.candidate).status
    if status == READY:
        return Action(ADVANCE)
    return WAIT_FOR_IT if status == STARTING else Action(START_REVISION, now.candidate)


def stop_stable(now: Situation) -> Action:
    if now.weights:
        return Action(SET_WEIGHTS)
    status = now.state(now.stable).status
    if status in (STARTING, READY):
        return Action(REMOVE_REVISION, now.stable)
    return WAIT_FOR_IT if status == LEAVING else Action(ADVANCE)


def route(now: Situation, weight: int) -> Action:
    action = share(now, weight)
    return Action(ADVANCE) if now.weights == action.weights and not now.mirror and action.weights else action


def share(now: Situation, weight: int) -> Action:
    """Give the candidate a share of the requests, and the stable revision the rest."""
    rest = 100 - weight if needs_stable(now) else 0
    if rest and not now.is_ready(now.stable):
        return WAIT_FOR_IT
    return Action(SET_WEIGHTS, weights={now.candidate: 100 - rest, **({now.stable: rest} if rest else {})})


def copy(now: Situation, weight: int) -> Action:
    """Copy requests to the candidate, while the stable revision answers all of them."""
    back, mirror = stable_weights(now), {now.candidate: weight}
    if not back:
        return WAIT_FOR_IT
    if now.weights == back and now.mirror == mirror:
        return Action(ADVANCE)
    return Action(SET_WEIGHTS, weights=back, mirror=mirror)


def give_back(now: Situation) -> Action:
    """A release that has failed: its requests go back first, whatever else is the matter.

    Where nobody can have any, as another process has the address, it ends without.
    """
    back = stable_weights(now)
    if must_route(now, back, now.candidate in now.weights):
        return Action(SET_WEIGHTS, weights=back)
    if now.state(now.candidate).status in (STARTING, READY):
        return Action(REMOVE_REVISION, now.candidate)
    if now.stable and now.is_up and not now.is_ready(now.stable):
        state = now.state(now.stable)
        if state.status != BROKEN or state.failures < TRIES:
            return Action(START_REVISION, now.stable) if may_start(state) else WAIT_FOR_IT
    return Action(CLOSE_FAILED)


def settle(now: Situation) -> Action:
    """No release is under way: the stable revision serves alone, or nothing does where it is to be down."""
    wanted = now.stable if now.is_up else ""
    back = stable_weights(now)
    if must_route(now, back, any(revision != wanted for revision in now.weights)):
        return Action(SET_WEIGHTS, weights=back)
    for revision, state in now.states.items():
        if revision != wanted and state.status in (STARTING, READY):
            return Action(REMOVE_REVISION, revision)
    if wanted and may_start(now.state(wanted)):
        return Action(START_REVISION, wanted)
    return WAIT_FOR_IT


def must_route(now: Situation, back: Mapping[str, int], has_wrong: bool) -> bool:
    """Whether weights have to be set: some are wrong, or not those of the stable revision.

    What is to go down does not wait for a gateway that is stuck: its servers finish what they have.
    """
    if now.stuck and not now.is_up:
        return False
    asked = now.weights if now.asked is None else now.asked
    return has_wrong or bool(now.mirror) or (bool(back) and not now.weights == asked == back)


def stable_weights(now: Situation) -> dict[str, int]:
    """All requests to the stable revision where it can take them, else to nobody."""
    return {now.stable: 100} if now.is_up and now.is_ready(now.stable) and not now.problem else {}
