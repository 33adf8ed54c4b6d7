"""A run as lines for a terminal. Colours are SGR sequences, which the printer drops where none may be."""

from __future__ import annotations

from seatrial.named_tuple import NamedTuple
from seatrial.report.picture import WIDTH as PICTURE
from seatrial.report.picture import drawn
from seatrial.report.record import (
    GateRecord,
    LossRecord,
    ReportedTests,
    RunRecord,
    StageRecord,
    VerdictRecord,
    counted,
    headline,
    named,
    said,
    shown,
)
from seatrial.report.words import (
    NOT_SAID,
    columns,
    cut,
    distinct,
    examples,
    interval,
    number,
    padded,
    seconds,
    short,
    to_the_right,
)

_RESET = "\x1b[0m"
_CODES = {"red": "31", "green": "32", "yellow": "33", "cyan": "36", "dim": "2", "bold": "1"}

STATUS_SIGNS = {
    "pending": ("·", "dim"),
    "blocked": ("·", "dim"),
    "running": ("▸", "cyan"),
    "succeeded": ("✓", "green"),
    "restored": ("=", "green"),
    "unstable": ("▲", "yellow"),
    "failed": ("✗", "red"),
    "refused": ("✗", "red"),
    "errored": ("!", "red"),
    "inconclusive": ("?", "yellow"),
    "skipped": ("–", "dim"),
    "cancelled": ("⊘", "yellow"),
}
VERDICT_SIGNS = {
    "pass": ("✓", "green"),
    "fail": ("✗", "red"),
    "inconclusive": ("?", "yellow"),
    "error": ("!", "red"),
    "not applicable": ("–", "dim"),
}
_NUMBERS = 9  # columns that a value has
_LEAST_NAMES = 24  # columns that gates have before pictures go
_LARGEST_CONFUSION = 12
_WIDEST_LABEL = 12
_MOST_SLICES = 12
_MOST_TESTS = 10


def painted(text: str, style: str) -> str:
    return f"\x1b[{_CODES[style]}m{text}{_RESET}" if text else text


def sign(word: str, signs: dict[str, tuple[str, str]]) -> str:
    """The sign of a status or a verdict, in its colour."""
    return painted(*signs.get(word, ("?", "yellow")))


def whole(run: RunRecord, width: int = 100) -> str:
    """Everything: what ran, every stage, every verdict, the ends of the logs that failed, the sum."""
    blocks = [title(run, width), "\n".join(stage_lines(run.stages, width))]
    blocks += [
        "\n".join([f"{painted(s.name, 'bold')}: {tests_counted(s.tests)}", *lines_of_tests(s.tests)])
        for s in run.stages
        if s.tests is not None and (s.tests.failed or s.tests.unreadable)
    ]
    blocks += [
        "\n".join(verdict_lines(s.name, s.verdict, width)) for s in run.stages if s.verdict is not None
    ]
    blocks += ["\n".join(log_lines(stage)) for stage in run.stages if stage.log]
    return "\n\n".join([block for block in blocks if block] + [summary(run)])


def title(run: RunRecord, width: int = 100) -> str:
    dirty = painted(" + uncommitted edits", "yellow") if run.is_dirty else ""
    where = f"{short(run.commit) or 'no commit'} {run.branch}".rstrip()
    about = cut(run.title, max(width - 40, 20))
    name = f"{run.project} {named(run)}".rstrip()
    return f"{painted(name, 'bold')}  {where}{dirty}  {painted(about, 'dim')}".rstrip()


def summary(run: RunRecord) -> str:
    colour = "green" if run.exit_code == 0 else "yellow" if run.exit_code == 4 else "red"
    took = f" in {seconds(run.seconds)}" if run.seconds is not None else ""
    return f"{painted(headline(run), colour)}: {counted(run)}{took}  {painted(run.id, 'dim')}"


def stage_lines(stages: tuple[StageRecord, ...], width: int = 100) -> list[str]:
    """One line a stage: sign, name, seconds, key, and what there is to say."""
    names = min(max((columns(stage.name) for stage in stages), default=0), width // 3)
    return [stage_line(stage, names, width, with_key=True) for stage in stages]


def stage_line(stage: StageRecord, names: int = 0, width: int = 100, *, with_key: bool = False) -> str:
    took = "" if stage.is_restored else seconds(stage.seconds)
    left = f"{padded(cut(stage.name, max(names, 12)), names)}  {took:>7}"
    if with_key:
        left += f"  {short(stage.key) or NOT_SAID:<12}"
    room = max(width - columns(left) - 6, 8)
    return f"  {sign(shown(stage), STATUS_SIGNS)} {left}  {cut(told(stage), room)}".rstrip()


def told(stage: StageRecord) -> str:
    """What became of a stage, in words."""
    word = shown(stage)
    silent = word in ("succeeded", "running", "pending")
    return " · ".join(part for part in ("" if silent else word, details(stage)) if part)


def details(stage: StageRecord) -> str:
    """What there is to say of a stage beyond its status."""
    parts: list[str] = []
    if stage.attempts > 1:
        parts.append(f"attempt {stage.attempts}")
    if stage.tests is not None:
        parts.append(tests_counted(stage.tests))
    if stage.verdict is not None and shown(stage) != stage.verdict.status:
        parts.append(f"verdict: {said(stage.verdict)}")
    if stage.package:
        parts.append(f"package {short(stage.package)}")
    if stage.revision:
        parts.append(f"revision {stage.revision}" + (f" at {stage.address}" if stage.address else ""))
    if stage.message and not _is_said(stage):
        parts.append(stage.message)
    return " · ".join(parts)


def tests_counted(tests: ReportedTests) -> str:
    """How many tests there were and failed, and how many reports could not be read."""
    bad = tests.failures + tests.errors
    counts = [(tests.tests, "test"), (bad, "failed"), (tests.skipped, "skipped")]
    parts = [f"{count:,} {word}" for count, word in counts if count]
    if tests.tests > 1:
        parts[0] += "s"
    if not tests.tests and not tests.unreadable:
        parts.append("no tests")
    lacking = len(tests.unreadable)
    if lacking:
        parts.append(f"{lacking} report{'s' if lacking > 1 else ''} missing or unreadable")
    return ", ".join(parts)


def lines_of_tests(tests: ReportedTests) -> list[str]:
    """The tests that failed, with what each said first, and the reports that could not be read."""
    lines = [f"      {painted('✗', 'red')} {line}" for line in tests.failed[:_MOST_TESTS]]
    more = tests.failures + tests.errors - len(lines)
    if more > 0:
        lines.append(painted(f"      and {more:,} more that failed", "dim"))
    return lines + [f"      {painted('!', 'red')} {line}" for line in tests.unreadable[:_MOST_TESTS]]


def _is_said(stage: StageRecord) -> bool:
    """Whether a stage's message says no more than what its verdict, package or revision does."""
    return stage.verdict is not None or (
        stage.status == "succeeded" and bool(stage.package or stage.revision)
    )


def verdict_lines(name: str, verdict: VerdictRecord, width: int = 100) -> list[str]:
    """A verdict with its gates, the slices that say something, and the confusion where it is small."""
    about = [examples(verdict.examples) if verdict.examples else "", verdict.task, verdict.data]
    about.append(f"against {verdict.against}" if verdict.against else "")
    heading = " · ".join(part for part in about if part)
    colour = VERDICT_SIGNS.get(verdict.status, ("?", "yellow"))[1]
    lines = [f"{painted(name, 'bold')}: {painted(said(verdict), colour)}  {painted(heading, 'dim')}"]
    if verdict.reason:
        lines.append(f"  {verdict.reason}")
    room = _room(verdict.gates, width)
    for gate in verdict.gates:
        lines += gate_lines(gate, room, is_said=gate.reason in verdict.reason)
    lines += [painted(f"  note: {note}", "dim") for note in verdict.notes]
    return [*lines, *_slice_lines(verdict), *_worse_lines(verdict), *_confusion_lines(verdict)]


def labelled(gate: GateRecord) -> str:
    return f"{gate.text} · {gate.group}" if gate.group else gate.text


class _Room(NamedTuple):
    """The columns that gates and intervals of a verdict have, and whether pictures fit beside them."""

    names: int
    intervals: int
    has_pictures: bool


def _room(gates: tuple[GateRecord, ...], width: int) -> _Room:
    names = max((columns(labelled(gate)) for gate in gates), default=0)
    intervals = max((len(_interval(gate)) for gate in gates), default=0)
    left = width - len("  ✓ ") - _NUMBERS - intervals - len("    ")
    beside = left - PICTURE - len("  ")
    if beside >= min(names, _LEAST_NAMES):
        return _Room(min(names, beside), intervals, True)
    return _Room(max(min(names, left), _LEAST_NAMES // 2), intervals, False)


def gate_lines(gate: GateRecord, room: _Room, *, is_said: bool = False) -> list[str]:
    """Sign, gate, value, interval and picture; below it what was compared, or the reason if not yet said.

    A gate that is longer than its column has a line of its own.
    """
    name, mark = labelled(gate), sign(gate.verdict, VERDICT_SIGNS)
    numbers = f"{number(gate.estimate.value):>{_NUMBERS}}  {_interval(gate):<{room.intervals}}"
    picture = drawn(gate.estimate, gate.bar) if room.has_pictures else ""
    if columns(name) > room.names:
        lines = [f"  {mark} {name}", f"    {'':{room.names}} {numbers}  {picture}".rstrip()]
    else:
        lines = [f"  {mark} {padded(name, room.names)} {numbers}  {picture}".rstrip()]
    if gate.reason and gate.verdict != "pass" and not is_said:
        lines.append(f"      {gate.reason}")
    elif compared(gate):
        lines.append(f"      {painted(compared(gate), 'dim')}")
    return lines


def _interval(gate: GateRecord) -> str:
    return interval(gate.estimate.low, gate.estimate.high)


def compared(gate: GateRecord) -> str:
    """What the value is compared with."""
    if gate.bar is None or gate.baseline is None:
        return ""
    return f"the bar is {number(gate.bar)}: the baseline has {number(gate.baseline)}"


def _slice_lines(verdict: VerdictRecord) -> list[str]:
    if not verdict.slices:
        return []
    shown = verdict.slices[:_MOST_SLICES]
    names = max(columns(one.name) for one in shown)
    lines = [painted("  slices", "dim")]
    for one in shown:
        worse = one.baseline is not None and one.estimate.value is not None
        beside = f"  baseline {number(one.baseline)}" if worse else ""
        low, high = one.estimate.low, one.estimate.high
        name = padded(one.name, names)
        value = f"{one.metric} {number(one.estimate.value)}  {interval(low, high)}"
        lines.append(f"    {name}  {value}  {examples(one.examples)}{beside}")
    if len(verdict.slices) > len(shown):
        lines.append(painted(f"    and {len(verdict.slices) - len(shown)} more, in the report", "dim"))
    return lines


def _worse_lines(verdict: VerdictRecord) -> list[str]:
    if not verdict.worse:
        return []
    names = max(columns(one.name) for one in verdict.worse[:_MOST_SLICES])
    lines = [painted("  got worse", "dim")]
    return lines + [f"    {padded(one.name, names)}  {lost(one)}" for one in verdict.worse[:_MOST_SLICES]]


def lost(one: LossRecord) -> str:
    """How much worse a slice got, and whether that is more than chance."""
    chance = "more than chance explains" if one.is_claimed else "chance may explain it"
    return (
        f"{one.metric} {number(one.candidate)} against {number(one.baseline)} of {one.against}"
        f" (worse by {number(one.loss)}: {chance})"
    )


def _confusion_lines(verdict: VerdictRecord) -> list[str]:
    labels = verdict.labels
    if not 2 <= len(labels) <= _LARGEST_CONFUSION:
        return []
    names = distinct(labels, _WIDEST_LABEL)
    cells = [[f"{count:,}" for count in row] for row in verdict.confusion]
    wide = max(columns(text) for row in [names, *cells] for text in row)
    head = " ".join(to_the_right(name, wide) for name in names)
    side = max(map(columns, names))
    lines = [painted(f"  {'':>{side}}  answered", "dim"), f"  {'':>{side}}  {head}"]
    for i, (name, row) in enumerate(zip(names, cells, strict=True)):
        shown = [painted(f"{text:>{wide}}", _heat(verdict, i, j)) for j, text in enumerate(row)]
        lines.append(f"  {to_the_right(name, side)}  {' '.join(shown)}")
    return lines


def _heat(verdict: VerdictRecord, i: int, j: int) -> str:
    if i == j:
        return "green"
    return "red" if verdict.confusion[i][j] else "dim"


def log_lines(stage: StageRecord) -> list[str]:
    """The end of what a failed stage printed."""
    heading = painted(f"the end of the log of {stage.name}:", "dim")
    return [heading, *(f"  │ {line}" for line in stage.log.rstrip("\n").splitlines())]
