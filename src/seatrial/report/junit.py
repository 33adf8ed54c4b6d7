"""A run as JUnit XML, in the form that Jenkins, CircleCI and GitLab all read.

One suite holds the stages, one more each evaluation its gates, one more the tests of a stage that failed, and
one more each release that live traffic judged.
What failed is a `failure`; what is not the commit's fault, or could not be decided, is an `error`; what did
not run, does not apply, or was accepted undecided by somebody, is `skipped`.
"""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from seatrial.named_tuple import NamedTuple
from seatrial.release.sight import GateSight, Sight
from seatrial.report.live import arms, unseen
from seatrial.report.record import (
    GateRecord,
    ReportedTests,
    RunRecord,
    StageRecord,
    VerdictRecord,
    said,
    shown,
)
from seatrial.report.replay import deciding
from seatrial.report.terminal import compared, labelled, told
from seatrial.report.words import first_line, interval, number

_STAGE_RESULTS = {
    "unstable": "failure",
    "failed": "failure",
    "errored": "error",
    "inconclusive": "error",
    "cancelled": "error",
    "skipped": "skipped",
}
_GATE_RESULTS = {"fail": "failure", "error": "error", "inconclusive": "error", "not applicable": "skipped"}

_RELEASE_RESULTS = {"succeeded": "", "running": "skipped", "aborted": "skipped"}


class Case(NamedTuple):
    """`result` is "" for a success, else failure, error or skipped."""

    suite: str
    name: str
    seconds: float = 0.0
    result: str = ""
    message: str = ""
    text: str = ""


def junit(run: RunRecord) -> str:
    """The whole document. Names are unique in a suite: GitLab drops what comes twice."""
    suites: dict[str, list[Case]] = {}
    for case in _cases(run):
        suites.setdefault(case.suite, []).append(case)
    whole = [case for cases in suites.values() for case in cases]
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f"<testsuites {_counts(run.project, whole)}>"]
    for name, cases in suites.items():
        lines.append(f"  <testsuite {_counts(name, cases)} timestamp={_quoted(run.started.rstrip('Z'))}>")
        lines += [_case(case, run.pipeline) for case in _unique(cases)]
        lines.append("  </testsuite>")
    return "\n".join([*lines, "</testsuites>", ""])


def _cases(run: RunRecord) -> list[Case]:
    cases = [_of_stage(f"{run.project}.stages", stage) for stage in run.stages]
    for stage in run.stages:
        if stage.verdict is not None:
            cases += [
                _of_gate(f"{run.project}.{stage.name}", gate, stage.verdict) for gate in stage.verdict.gates
            ]
        if stage.tests is not None:
            cases += _of_tests(f"{run.project}.{stage.name}.tests", stage.tests)
    return cases + [case for replay in run.releases for case in _of_release(replay.sight)]


def _of_stage(suite: str, stage: StageRecord) -> Case:
    result = _STAGE_RESULTS.get(shown(stage), "")
    seconds = 0.0 if stage.is_restored else stage.seconds or 0.0
    return Case(suite, stage.name, seconds, result, told(stage) if result else "", stage.log)


def _of_gate(suite: str, gate: GateRecord, verdict: VerdictRecord) -> Case:
    estimate = gate.estimate
    measured = f"{number(estimate.value)} {interval(estimate.low, estimate.high)}".rstrip()
    text = "\n".join(part for part in (measured, compared(gate), gate.reason) if part)
    result = _GATE_RESULTS.get(gate.verdict, "")
    message = gate.reason or f"{gate.verdict}: {measured}"
    if verdict.accepted_by and gate.verdict == verdict.status:
        result, message = "skipped", f"{said(verdict)}: {message}"
    return Case(suite, labelled(gate), 0.0, result, message, text)


def _of_release(sight: Sight) -> list[Case]:
    """The release itself, and each of the gates that judged it on live traffic."""
    project, environment, number_ = sight.revision.rsplit("/", 2)
    suite = f"{project}.{environment}.live"
    took = (sight.finished or sight.started) - sight.started
    result = _RELEASE_RESULTS.get(sight.status, "failure")
    reason = sight.reason + deciding(sight) if result else ""
    whole = Case(suite, f"{sight.kind} to revision {number_}", took, result, first_line(reason), reason)
    return [whole, *(_of_live_gate(suite, gate, sight.status) for gate in sight.gates)]


def _of_live_gate(suite: str, gate: GateSight, status: str) -> Case:
    """A gate without enough evidence is an error only where that ended the release."""
    text = unseen(gate) if gate.candidate is None else arms(gate)
    if gate.against >= 1:
        return Case(suite, gate.gate, 0.0, "failure", text, text)
    if gate.evidence >= 1:
        return Case(suite, gate.gate, text=text)
    result = "error" if status == "failed" else "skipped"
    return Case(suite, gate.gate, 0.0, result, f"not enough evidence: {text}", text)


def _of_tests(suite: str, tests: ReportedTests) -> list[Case]:
    """Of the tests that a stage reported only those that failed are known by name."""
    failed = [Case(suite, line.partition(": ")[0], 0.0, "failure", line) for line in tests.failed]
    return failed + [Case(suite, line, 0.0, "error", line) for line in tests.unreadable]


def _unique(cases: list[Case]) -> list[Case]:
    seen: dict[str, int] = {}
    named = []
    for case in cases:
        count = seen[case.name] = seen.get(case.name, 0) + 1
        named.append(case if count == 1 else case._replace(name=f"{case.name} ({count})"))
    return named


def _counts(name: str, cases: list[Case]) -> str:
    def count(result: str) -> int:
        return sum(case.result == result for case in cases)

    total = sum(case.seconds for case in cases)
    return (
        f'name={_quoted(name)} tests="{len(cases)}" failures="{count("failure")}" errors="{count("error")}" '
        f'skipped="{count("skipped")}" time="{total:.3f}"'
    )


def _case(case: Case, file: str) -> str:
    head = (
        f"    <testcase classname={_quoted(case.suite)} name={_quoted(case.name)} file={_quoted(file)} "
        f'time="{case.seconds:.3f}"'
    )
    inner = []
    if case.result:
        inner.append(f"<{case.result} message={_quoted(case.message)}>{_text(case.text)}</{case.result}>")
    elif case.text:
        inner.append(f"<system-out>{_text(case.text)}</system-out>")
    if not inner:
        return head + "/>"
    return "\n".join([head + ">", *(f"      {line}" for line in inner), "    </testcase>"])


def _quoted(text: str) -> str:
    return quoteattr(_allowed(text), {"\n": "&#10;"})


def _text(text: str) -> str:
    return escape(_allowed(text))


def _allowed(text: str) -> str:
    """Without the characters that XML 1.0 cannot hold, not even escaped."""
    return "".join(char if _is_allowed(ord(char)) else "\ufffd" for char in text)


def _is_allowed(point: int) -> bool:
    return (
        point in (0x9, 0xA, 0xD)
        or 0x20 <= point <= 0xD7FF
        or 0xE000 <= point <= 0xFFFD
        or 0x10000 <= point <= 0x10FFFF
    )
