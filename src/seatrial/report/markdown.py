"""A run as a comment on a pull request, in GitHub's and GitLab's Markdown.

Names, messages and logs come from whoever wrote the commit. They stand in code, with every character that
Markdown, HTML, mentions or links could be made of written as an entity, so they are shown and do nothing.
"""

from __future__ import annotations

from seatrial.release.sight import GateSight, Replay
from seatrial.report.live import unseen, value
from seatrial.report.record import (
    LossRecord,
    ReportedTests,
    RunRecord,
    StageRecord,
    VerdictRecord,
    counted,
    headline,
    said,
    shown,
)
from seatrial.report.replay import deciding, plan_words, span
from seatrial.report.terminal import compared, labelled, lost, tests_counted, told
from seatrial.report.words import examples, first_line, interval, number, seconds, short

LARGEST = 65_000  # GitHub takes 65,536 characters
MARK = "<!-- seatrial:{project} -->"  # hidden: by it the comment is found again, and changed in place

_STATUS = {
    "succeeded": "✅",
    "unstable": "🔶",
    "failed": "❌",
    "errored": "⚠️",
    "restored": "♻️",
    "inconclusive": "❔",
    "skipped": "⏭️",
    "cancelled": "🚫",
    "running": "▶️",
}
_VERDICT = {"pass": "✅", "fail": "❌", "inconclusive": "❔", "error": "⚠️", "not applicable": "➖"}
_HARMLESS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ,-.=+%/()'")
_MOST_SLICES = 30
_MOST_TESTS = 30
_LONGEST_LOG = 6_000


def escape(text: str) -> str:
    """The text as it is, whatever it holds, on one line: for a table, a heading, anywhere."""
    plain = " ".join(text.replace("\x00", "").split())
    return "".join(_entity(char) for char in plain).replace("www.", "www&#46;")


def code(text: str) -> str:
    """The text as code on one line; "" for none."""
    return f"<code>{escape(text)}</code>" if text.strip() else ""


def markdown(run: RunRecord) -> str:
    """The comment, at most LARGEST characters: the logs go first, then the slices, then the end."""
    for with_logs, with_slices in ((True, True), (False, True), (False, False)):
        text = _whole(run, with_logs, with_slices)
        if len(text) <= LARGEST:
            return text
    return text[: LARGEST - 40].rpartition("\n")[0] + "\n\n*and more, in the whole report*\n"


def _whole(run: RunRecord, with_logs: bool, with_slices: bool) -> str:
    blocks = [MARK.format(project=_in_comment(run.project)), _heading(run), _stages(run)]
    blocks += [_tests(s, s.tests) for s in run.stages if s.tests is not None]
    blocks += [_verdict(s, s.verdict, with_slices) for s in run.stages if s.verdict is not None]
    blocks += [_release(one) for one in run.releases]
    if with_logs:
        blocks += [_log(stage) for stage in run.stages if stage.log]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _heading(run: RunRecord) -> str:
    sign = "✅" if run.exit_code == 0 else "❔" if run.exit_code == 4 else "❌"
    dirty = ", with uncommitted edits" if run.is_dirty else ""
    branch = f" on {code(run.branch)}" if run.branch else ""
    took = f" in {seconds(run.seconds)}" if run.seconds is not None else ""
    name = f"{code(run.project)} run {run.number}" if run.number else code(run.project)
    lines = [f"### {sign} {name}: {escape(headline(run))}"]
    if run.number:
        lines.append(f"{code(short(run.commit))}{branch}{dirty} · {counted(run)}{took}")
    if run.message:
        lines.append(escape(run.message))
    return "\n\n".join(lines)


def _stages(run: RunRecord) -> str:
    if not run.stages:
        return ""
    lines = ["| | stage | time | key | |", "|---|---|---:|---|---|"]
    for stage in run.stages:
        sign = _STATUS.get(shown(stage), "")
        took = "" if stage.is_restored else seconds(stage.seconds)
        lines.append(
            f"| {sign} | {code(stage.name)} | {took} | {code(short(stage.key))} | {escape(told(stage))} |"
        )
    return "\n".join(lines)


def _tests(stage: StageRecord, tests: ReportedTests) -> str:
    """The tests of a stage that failed, and the reports that could not be read; "" where all is well."""
    if not (tests.failed or tests.unreadable):
        return ""
    lines = [f"**{code(stage.name)}: {escape(tests_counted(tests))}**\n"]
    lines += [f"- {_STATUS['failed']} {code(line)}" for line in tests.failed[:_MOST_TESTS]]
    more = tests.failures + tests.errors - len(tests.failed[:_MOST_TESTS])
    if more > 0:
        lines.append(f"- and {more:,} more that failed")
    lines += [f"- {_STATUS['errored']} {escape(line)}" for line in tests.unreadable[:_MOST_TESTS]]
    return "\n".join(lines)


def _verdict(stage: StageRecord, verdict: VerdictRecord, with_slices: bool) -> str:
    about = [examples(verdict.examples)] if verdict.examples else []
    about += [f"against {code(verdict.against)}"] if verdict.against else []
    heading = f"**{code(stage.name)}: {escape(said(verdict))}** {' · '.join(about)}".rstrip()
    lines = [f"{heading}\n", "| | gate | value | interval | |", "|---|---|---:|---|---|"]
    for gate in verdict.gates:
        estimate = gate.estimate
        notes = "; ".join(part for part in (compared(gate), gate.reason) if part)
        lines.append(
            f"| {_VERDICT.get(gate.verdict, '')} | {code(labelled(gate))} | {number(estimate.value)} "
            f"| {interval(estimate.low, estimate.high).replace('[', '&#91;')} | {escape(notes)} |"
        )
    lines += [f"- {code(one.name)} {escape(lost(one))}" for one in _worse(verdict, with_slices)]
    lines += [f"- note: {escape(note)}" for note in verdict.notes]
    if with_slices and verdict.slices:
        lines.append(_slices(verdict))
    return "\n".join(lines)


def _worse(verdict: VerdictRecord, is_wanted: bool) -> tuple[LossRecord, ...]:
    return verdict.worse[:_MOST_SLICES] if is_wanted else ()


def _slices(verdict: VerdictRecord) -> str:
    shown = verdict.slices[:_MOST_SLICES]
    lines = ["", f"<details><summary>{len(verdict.slices)} slices</summary>", ""]
    lines += ["| slice | metric | value | interval | baseline | examples |", "|---|---|---:|---|---:|---:|"]
    for one in shown:
        estimate = one.estimate
        lines.append(
            f"| {code(one.name)} | {escape(one.metric)} | {number(estimate.value)} "
            f"| {interval(estimate.low, estimate.high).replace('[', '&#91;')} | {number(one.baseline)} "
            f"| {one.examples:,} |"
        )
    return "\n".join([*lines, "", "</details>"])


def _release(replay: Replay) -> str:
    """How a release went, and what each of its gates knew in the end."""
    sight = replay.sight
    sign = _STATUS.get(sight.status, _STATUS["failed"])
    took = f" in {seconds(sight.finished - sight.started)}" if sight.finished else ""
    name = f"{sight.kind} to {code(sight.revision)}"
    lines = [f"**{sign} {name}: {escape(sight.status)}**{took} · {escape(plan_words(replay))}"]
    if sight.reason:
        lines.append(f"\n{escape(first_line(sight.reason) + deciding(sight))}")
    if replay.quarantine:
        lines.append(f"\nin quarantine: {escape(replay.quarantine)}")
    if sight.gates:
        lines += [
            "",
            "| gate | candidate | stable | interval | bar | for | against |",
            "|---|---:|---:|---|---:|---:|---:|",
        ]
        lines += map(_live_gate, sight.gates)
    return "\n".join(lines)


def _live_gate(gate: GateSight) -> str:
    if gate.candidate is None:
        return f"| {code(gate.gate)} | {escape(unseen(gate))} | | | | | |"
    stable = f"{value(gate, gate.stable)} of {gate.stable_n:,}" if gate.slope else ""
    ends = span(gate, gate.low, gate.high).replace("[", "&#91;")
    return (
        f"| {code(gate.gate)} | {value(gate, gate.candidate)} of {gate.candidate_n:,} | {stable} | {ends} "
        f"| {value(gate, gate.bar)} | {gate.evidence:.0%} | {gate.against:.0%} |"
    )


def _log(stage: StageRecord) -> str:
    """As indented HTML, in which nothing but entities is read; blank lines would end it."""
    tail = stage.log[-_LONGEST_LOG:].rstrip("\n").splitlines()
    body = "\n".join("".join(map(_entity, line)) or "&nbsp;" for line in tail)
    return (
        f"<details><summary>the end of the log of {code(stage.name)}</summary>\n<pre>{body}</pre>\n</details>"
    )


def _entity(char: str) -> str:
    if char in _HARMLESS:
        return char
    if (
        ord(char) < 32
        or 127 <= ord(char) < 160
        or char in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    ):
        return "\ufffd" if char != "\t" else "    "
    return char if ord(char) > 127 else f"&#{ord(char)};"


def _in_comment(text: str) -> str:
    return "".join(char if char.isalnum() or char in "._" else "_" for char in text)
