"""Whether a package may be released here at all: the rules of an environment. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seatrial.errors import Inconclusive, Refused
from seatrial.named_tuple import NamedTuple
from seatrial.patterns import any_matches
from seatrial.pipeline.pipeline import Environment

PASS = "pass"  # noqa: S105 - a verdict
INCONCLUSIVE = "inconclusive"
UNEVALUATED = "unevaluated"


class Evidence(NamedTuple):
    """What speaks for a package.

    `verdict` is "pass", "fail", "inconclusive", "error" or "unevaluated". `accepted` says by whom an
    inconclusive one was accepted. `baselines` gives, for each environment that a gate compared with, the
    digest of the package that was live there, "" for none. `needs_first`: no absolute gate judged it.
    `summary` is plain JSON for the ledger.
    """

    verdict: str = UNEVALUATED
    reason: str = ""
    accepted: str = ""
    needs_first: bool = False
    baselines: Mapping[str, str] = {}
    summary: Mapping[str, Any] = {}


class Live(NamedTuple):
    """What is known of the environment: the stable package, "" for none; a quarantine's reason.

    `is_same`: what is live is this very package, to be served with other settings. Its verdict compared it
    with what it replaced.
    """

    package: str = ""
    quarantine: str = ""
    is_same: bool = False


def held_back(environment: Environment, branch: str, *, is_dirty: bool, request: str = "") -> str:
    """Why a run ends before this environment, "" where it does not: its branch, or uncommitted edits; and a
    pull request is released nowhere."""
    if request:
        return f"the pull request {request} is not in its branch yet, and `{environment.name}` takes none"
    if is_dirty and environment.dirty != "allow":
        return f"the working state has uncommitted edits, and `{environment.name}` takes commits only"
    if environment.from_ and not any_matches(environment.from_, branch):
        where = f"not the branch `{branch}`" if branch else _NO_BRANCH
        return f"`{environment.name}` takes {' '.join(environment.from_)} only, {where}"
    return ""


# It may well be in a branch, or be where several end: what it is to count for is then for a person to say.
_NO_BRANCH = (
    "and this commit counts for no branch, as HEAD is detached or it is not the tip of one: "
    "`seatrial run --branch BRANCH` says which"
)


def check(environment: Environment, evidence: Evidence, live: Live, *, first: bool) -> None:
    """Raises Refused or Inconclusive where the evidence, or the policy of the environment, says no."""
    if live.quarantine:
        hint = "release a repaired package, or lift it: --lift-quarantine WHY"
        raise Refused(f"the package is in quarantine in `{environment.name}`: {live.quarantine}", hint=hint)
    check_verdict(environment, evidence, live, first=first)
    baseline = evidence.baselines.get(environment.name)
    if baseline is not None and baseline != live.package and not live.is_same:
        was, now = baseline[:19] or "nothing", live.package[:19] or "nothing"
        text = f"the verdict compared with {was}, but {now} is live in `{environment.name}`"
        raise Refused(text, hint="run again: what is live now becomes the baseline")


def check_verdict(environment: Environment, evidence: Evidence, live: Live, *, first: bool) -> None:
    if evidence.verdict == UNEVALUATED:
        if "verdict" in environment.require:
            hint = "let the release need a stage that evaluates"
            raise Refused(f"`{environment.name}` requires a verdict, and there is none", hint=hint)
        return
    if evidence.needs_first and not live.package and first:
        return
    if evidence.needs_first and not live.package:
        hint = "give an absolute gate, as `accuracy >= 0.9`, or say --first"
        raise Refused(f"no gate could judge this first release to `{environment.name}`", hint=hint)
    if evidence.verdict == INCONCLUSIVE and not evidence.accepted:
        raise Inconclusive(f"the verdict is inconclusive: {evidence.reason}")
    if evidence.verdict not in (PASS, INCONCLUSIVE):
        raise Refused(f"the verdict is {evidence.verdict}: {evidence.reason}")
