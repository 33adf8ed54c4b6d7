import pytest

from seatrial.errors import Inconclusive, Refused
from seatrial.release import admission, evidence
from seatrial.release.admission import Evidence, Live
from tests.release.site import environment

PRODUCTION = environment(8080, from_=("main", "release/*"))
OLD, NEW = "sha256:" + "a" * 64, "sha256:" + "b" * 64


@pytest.mark.parametrize(
    ("branch", "is_dirty", "reason"),
    [
        ("main", False, ""),
        ("release/2", False, ""),
        ("feature", False, "takes main release/* only, not the branch `feature`"),
        ("main2", False, "not the branch `main2`"),
        (
            "",
            False,
            "is not the tip of one: `seatrial run --branch BRANCH`",
        ),
        ("main", True, "uncommitted edits"),
        ("feature", True, "uncommitted edits"),
    ],
)
def test_other_branches_and_uncommitted_edits_end_before_the_environment(branch, is_dirty, reason):
    found = admission.held_back(PRODUCTION, branch, is_dirty=is_dirty)
    assert (reason in found) if reason else found == ""


def test_an_environment_may_take_uncommitted_edits_and_any_branch():
    anything = PRODUCTION._replace(dirty="allow", from_=())
    assert admission.held_back(anything, "feature", is_dirty=True) == ""


def test_no_environment_takes_a_pull_request():
    found = admission.held_back(PRODUCTION, "main", is_dirty=False, request="17")
    assert found == "the pull request 17 is not in its branch yet, and `production` takes none"


@pytest.mark.parametrize(
    ("evidence", "live"),
    [
        (Evidence(), Live()),
        (Evidence("pass"), Live(OLD)),
        (Evidence("pass", baselines={"production": OLD}), Live(OLD)),
        (Evidence("pass", baselines={"production": ""}), Live("")),
        (Evidence("pass", baselines={"staging": NEW}), Live(OLD)),
        (Evidence("inconclusive", accepted="Ada"), Live(OLD)),
        (Evidence("pass", baselines={"production": OLD}), Live(NEW, is_same=True)),
    ],
)
def test_evidence_that_lets_a_release_go(evidence, live):
    admission.check(PRODUCTION, evidence, live, first=False)


@pytest.mark.parametrize(
    ("evidence", "live", "error", "message"),
    [
        (Evidence("fail", "f1 is 0.5"), Live(OLD), Refused, "the verdict is fail: f1 is 0.5"),
        (Evidence("error", "no rows"), Live(OLD), Refused, "the verdict is error"),
        (Evidence("inconclusive", "too few"), Live(OLD), Inconclusive, "inconclusive: too few"),
        (Evidence("pass", baselines={"production": NEW}), Live(OLD), Refused, "but sha256:aaaa"),
        (Evidence("pass", baselines={"production": ""}), Live(OLD), Refused, "compared with nothing"),
        (Evidence("pass", baselines={"production": OLD}), Live(""), Refused, "but nothing is live"),
        (Evidence("pass"), Live(OLD, "it crashed"), Refused, "in quarantine in `production`: it crashed"),
        (Evidence("inconclusive", needs_first=True), Live(""), Refused, "no gate could judge"),
    ],
)
def test_evidence_that_does_not(evidence, live, error, message):
    with pytest.raises(error, match=message):
        admission.check(PRODUCTION, evidence, live, first=False)


def test_a_first_release_that_no_gate_could_judge_needs_a_word():
    judged_by_nothing = Evidence("inconclusive", needs_first=True, baselines={"production": ""})
    admission.check(PRODUCTION, judged_by_nothing, Live(""), first=True)
    with pytest.raises(Inconclusive):
        admission.check(PRODUCTION, judged_by_nothing, Live(OLD), first=True)
    with pytest.raises(Refused):
        admission.check(PRODUCTION, Evidence("fail"), Live(""), first=True)


def test_a_place_that_requires_a_verdict_takes_nothing_unevaluated():
    with pytest.raises(Refused, match="requires a verdict"):
        admission.check(PRODUCTION._replace(require=("verdict",)), Evidence(), Live(), first=True)


def record(verdict, *, inconclusive="refuse", needs_first=False):
    gates = [{"gate": "f1 >= 0.9", "verdict": verdict, "reason": "0.95", "checks": [], "place": {}}]
    return {
        "verdict": verdict,
        "reason": f"it is {verdict}",
        "needs_first": needs_first,
        "inconclusive": inconclusive,
        "gates": gates,
        "n": 100,
        "task": "classification",
    }


def test_a_record_becomes_evidence():
    found = evidence.of_record(record("pass"), {"production": OLD})
    assert (found.verdict, found.reason, found.accepted) == ("pass", "it is pass", "")
    assert found.baselines == {"production": OLD}
    assert found.summary["gates"] == [{"gate": "f1 >= 0.9", "verdict": "pass", "reason": "0.95"}]


def test_an_inconclusive_verdict_is_accepted_by_policy_or_by_a_person():
    assert evidence.of_record(record("inconclusive", inconclusive="accept"), {}).accepted != ""
    assert evidence.of_record(record("inconclusive"), {}, "Ada").accepted == "Ada"


def test_what_was_measured_but_not_judged_is_unevaluated():
    assert evidence.of_record(record("not applicable"), {}).verdict == "unevaluated"


@pytest.mark.parametrize(
    ("verdicts", "together"),
    [
        ([], "unevaluated"),
        (["pass"], "pass"),
        (["pass", "pass"], "pass"),
        (["pass", "not applicable"], "pass"),
        (["pass", "inconclusive"], "inconclusive"),
        (["fail", "inconclusive"], "fail"),
        (["error", "fail", "pass"], "error"),
    ],
)
def test_the_worst_of_several_verdicts_stands_for_all(verdicts, together):
    found = [evidence.of_record(record(one), {str(n): OLD}) for n, one in enumerate(verdicts)]
    joined = evidence.combined(found)
    assert joined.verdict == together
    assert len(joined.baselines) == len(verdicts)
    assert len(joined.summary.get("gates", ())) == len(verdicts)


def test_one_absolute_gate_is_enough_for_a_first_release():
    without, judged = record("inconclusive", needs_first=True), record("pass")
    both = evidence.combined([evidence.of_record(without, {}), evidence.of_record(judged, {})])
    assert both.needs_first is False
    assert evidence.combined([evidence.of_record(without, {})]).needs_first is True
