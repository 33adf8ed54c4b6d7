from __future__ import annotations

import re

import pytest

from seatrial.report import terminal
from seatrial.report.record import Estimate, GateRecord, ReportedTests, StageRecord, VerdictRecord
from tests.report.sample import RUN, STAGES, VERDICT


def without_colours(text: str) -> str:
    return re.sub(r"\x1b\[[\d;]*m", "", text)


def lines_of(text: str) -> list[str]:
    return without_colours(text).splitlines()


def test_a_stage_is_one_line_with_sign_time_and_key() -> None:
    lines = [without_colours(line) for line in terminal.stage_lines(STAGES)]
    assert lines[0] == "  ✓ train       8.30s  ab12ab12ab12"
    assert lines[1].split() == ["=", "data", "ef12ef12ef12", "restored"]
    assert lines[2].endswith("14 tests, 1 failed")
    assert lines[4].endswith("failed · attempt 2 · exit code 1")
    assert lines[5].split()[:3] == ["–", "release", "–"]


def test_tests_are_counted_and_the_first_that_failed_are_named() -> None:
    for tests, said in (
        (ReportedTests(1), "1 test"),
        (ReportedTests(0), "no tests"),
        (ReportedTests(1200, 1, 1, 1), "1,200 tests, 2 failed, 1 skipped"),
        (ReportedTests(0, unreadable=("a",)), "1 report missing or unreadable"),
        (ReportedTests(2, unreadable=("a", "b")), "2 tests, 2 reports missing or unreadable"),
    ):
        assert terminal.tests_counted(tests) == said
    many = ReportedTests(30, 20, failed=tuple(f"t{i}" for i in range(15)), unreadable=("r.xml: no",))
    lines = [without_colours(line).strip() for line in terminal.lines_of_tests(many)]
    assert lines == [*(f"✗ t{i}" for i in range(10)), "and 10 more that failed", "! r.xml: no"]
    shown = lines_of(terminal.whole(RUN))
    assert "test: 14 tests, 1 failed" in shown
    assert "      ✗ test_a: it is not" in shown


def test_names_are_aligned_by_the_columns_they_take() -> None:
    wide = (StageRecord("訓練", "succeeded", seconds=1.0), StageRecord("test", "succeeded", seconds=1.0))
    first, second = (without_colours(line) for line in terminal.stage_lines(wide))
    assert first.index("1.00s") + 2 == second.index("1.00s")  # two characters that take two columns each


def test_a_verdict_shows_value_interval_picture_and_what_decides() -> None:
    text = without_colours("\n".join(terminal.verdict_lines("evaluate", VERDICT)))
    assert (
        "evaluate: fail  1,000 examples · classification · data/test.csv · against production (revision 3)"
        in text
    )
    assert re.search(r"✓ accuracy >= 0.78 +0.8420 +\[0.8180, 0.8640\] +·+┃·+├─+●─+┤", text)
    assert re.search(r"\? f1 >= production - 0.02 +0.8420 ", text)
    assert terminal.compared(VERDICT.gates[2]) == "the bar is 0.8330: the baseline has 0.8530"
    assert "about 1,400 more examples would decide" in text
    assert "nothing is live there" in text
    assert re.search(
        r"domain=street +accuracy 0.7000 +\[0.6000, 0.7900\] +200 examples +baseline 0.8100", text
    )


@pytest.mark.parametrize("width", [60, 72, 80, 100, 140])
def test_no_line_of_a_gate_is_wider_than_the_terminal(width: int) -> None:
    slices = ("hospital", "a street with a name that is as long as streets are")
    gates = (
        GateRecord("f1 >= production - 0.02", "pass", 0.833, Estimate(0.842, 0.828, 0.856), 0.853),
        *(
            GateRecord(
                f"accuracy >= 0.75 on every domain · {one}"[:54], "fail", 0.75, Estimate(0.7, 0.6, 0.8)
            )
            for one in slices
        ),
    )
    lines = lines_of("\n".join(terminal.verdict_lines("evaluate", VERDICT._replace(gates=gates), width)))
    start = next(index for index, line in enumerate(lines) if "f1 >=" in line)
    end = next(index for index, line in enumerate(lines) if line.strip() == "slices")
    assert all(len(line) <= width for line in lines[start:end])
    assert any("●" in line for line in lines[start:end]) == (width >= 100)
    assert sum("[0.6000, 0.8000]" in line for line in lines[start:end]) == 2
    assert sum(gate.text in line for line in lines[start:end] for gate in gates) == 3


def test_a_small_confusion_is_a_table_and_a_large_one_is_left_to_the_page() -> None:
    lines = lines_of("\n".join(terminal.verdict_lines("evaluate", VERDICT)))
    assert lines[-1].split() == ["dog", "130", "370"]
    many = VERDICT._replace(labels=tuple(map(str, range(40))), confusion=((1,) * 40,) * 40)
    assert "answered" not in "\n".join(terminal.verdict_lines("evaluate", many))


def test_labels_alike_at_their_beginnings_are_told_apart() -> None:
    alike = VERDICT._replace(labels=("the same beginning: a", "the same beginning: b"))
    text = "\n".join(lines_of("\n".join(terminal.verdict_lines("evaluate", alike))))
    assert "the s…ing: a" in text
    assert "the s…ing: b" in text


def test_the_sum_counts_and_names_the_run() -> None:
    assert without_colours(terminal.summary(RUN)) == (
        "refused by the evidence: 2 ran, 1 restored, 2 failed, 1 skipped in 14.2s  r-0abc-def"
    )


def test_the_whole_has_every_part_in_order() -> None:
    text = without_colours(terminal.whole(RUN))
    places = [
        text.index(part) for part in ("reviews #12", "✓ train", "evaluate: fail", "│ worse", "refused by")
    ]
    assert places == sorted(places)
    assert "+ uncommitted edits" in text


def test_no_line_of_the_stage_table_is_wider_than_the_terminal() -> None:
    long = StageRecord("s" * 300, "failed", message="m" * 300)
    for width in (60, 80, 120):
        assert all(len(without_colours(line)) <= width for line in terminal.stage_lines((long,), width))


def test_a_verdict_without_anything_is_still_a_line() -> None:
    assert len(terminal.verdict_lines("evaluate", VerdictRecord("error", "no rows"))) == 2
