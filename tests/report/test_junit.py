from __future__ import annotations

from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st

from seatrial.report.junit import junit
from seatrial.report.record import RunRecord, StageRecord
from tests.properties import examples
from tests.report.released import ERRORS, REPLAY, SLOW
from tests.report.sample import RUN, hostile


def parsed(run: RunRecord) -> Element:
    return fromstring(junit(run).encode())  # type: ignore[no-any-return]


def test_stages_and_gates_are_cases() -> None:
    root = parsed(RUN)
    assert [suite.get("name") for suite in root] == [
        "reviews.stages",
        "reviews.test.tests",
        "reviews.evaluate",
    ]
    stages, tests, gates = root
    assert [(case.get("name"), case[0].tag, case[0].get("message")) for case in tests] == [
        ("test_a", "failure", "test_a: it is not")
    ]
    assert [case.get("name") for case in stages] == ["train", "data", "test", "evaluate", "lint", "release"]
    assert [child.tag for case in stages for child in case] == ["failure", "failure", "skipped"]
    assert [child.tag for case in gates for child in case] == ["system-out", "failure", "error", "skipped"]


def test_the_counts_are_those_of_the_cases() -> None:
    for suite in parsed(RUN):
        counted = {tag: len(suite.findall(f"testcase/{tag}")) for tag in ("failure", "error", "skipped")}
        assert int(suite.get("tests", "")) == len(suite)
        assert int(suite.get("failures", "")) == counted["failure"]
        assert int(suite.get("errors", "")) == counted["error"]
        assert int(suite.get("skipped", "")) == counted["skipped"]


def test_every_case_says_its_file_its_time_and_its_message() -> None:
    cases = parsed(RUN).findall("testsuite/testcase")
    assert all(case.get("file") == "seatrial.yaml" for case in cases)
    assert [case.get("time") for case in cases[:3]] == ["8.300", "0.000", "3.200"]
    failure = cases[4].find("failure")
    assert failure is not None
    assert failure.get("message") == "failed · attempt 2 · exit code 1"
    assert failure.text == "bad\n\nworse"


def test_hostile_names_stay_text_and_names_are_unique() -> None:
    cases = parsed(hostile()).findall("testsuite/testcase")
    names = [(case.get("classname"), case.get("name")) for case in cases]
    assert len(names) == len(set(names))
    assert any("<script>" in (case.get("name") or "") for case in cases)


def test_a_release_and_its_live_gates_are_cases() -> None:
    (suite,) = parsed(RUN._replace(stages=(), releases=(REPLAY,)))
    assert suite.get("name") == "reviews.production.live"
    told = [(case.get("name"), case[0].tag) for case in suite]
    assert told == [
        ("release to revision 7", "failure"),
        ("error_rate <= stable + 2pp", "failure"),
        ("latency_p95 <= stable * 1.2", "error"),
    ]
    gate = suite[1].find("failure")
    assert gate is not None
    assert gate.get("message") == "candidate 10% of 86, stable 0% of 1,574 (failed requests)"


def test_a_gate_that_could_not_be_judged_spoils_no_release_that_somebody_promoted() -> None:
    gates = (ERRORS._replace(evidence=1.0), SLOW)
    sight = REPLAY.sight._replace(status="succeeded", reason="", gates=gates)
    (suite,) = parsed(RUN._replace(stages=(), releases=(REPLAY._replace(sight=sight),)))
    assert [child.tag for case in suite for child in case] == ["system-out", "skipped"]


def test_a_reason_with_a_log_has_a_message_of_one_line() -> None:
    sight = REPLAY.sight._replace(reason="it ended\nthe last lines of its log:\nboom\nbang", gates=())
    (suite,) = parsed(RUN._replace(stages=(), releases=(REPLAY._replace(sight=sight),)))
    failure = suite[0].find("failure")
    assert failure is not None
    assert failure.get("message") == "it ended"
    assert "boom" in (failure.text or "")


@examples(150)
@given(name=st.text(min_size=1), log=st.text(st.characters(codec="utf-8")), message=st.text())
def test_any_text_makes_a_document(name: str, log: str, message: str) -> None:
    stage = StageRecord(name, "failed", message=message, log=log)
    parsed(RUN._replace(project=name, stages=(stage,)))
