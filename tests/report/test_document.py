from __future__ import annotations

import json
from pathlib import Path

from seatrial.report.document import FORM, document, text
from seatrial.report.record import (
    Estimate,
    GateRecord,
    LossRecord,
    ReportedTests,
    RunRecord,
    SliceRecord,
    StageRecord,
    VerdictRecord,
    counted,
    headline,
    plain,
)
from tests.report.sample import RUN


def test_the_document_is_json_with_the_record_in_it() -> None:
    read = json.loads(text(RUN))
    assert read == document(RUN)
    assert read["form"] == FORM
    assert read["headline"] == "refused by the evidence"
    assert read["stages"][0]["name"] == "train"
    assert read["stages"][3]["verdict"]["gates"][1]["estimate"] == {"value": 0.81, "low": 0.76, "high": 0.86}
    assert read["stages"][3]["verdict"]["confusion"] == [[480, 20], [130, 370]]


def test_what_json_has_no_sign_for_is_null() -> None:
    assert plain(Estimate(float("nan"), float("-inf"), 1.0)) == {"value": None, "low": None, "high": 1.0}
    json.dumps(plain({1: (float("inf"),)}), allow_nan=False)


def test_headlines() -> None:
    assert headline(RUN._replace(exit_code=0)) == "passed"
    assert headline(RUN._replace(exit_code=4)) == "not enough evidence"
    assert headline(RUN._replace(exit_code=1)) == "failed"
    assert headline(RUN._replace(exit_code=3, stages=())) == "refused"
    assert headline(RUN._replace(status="running", exit_code=0)) == "running"
    assert headline(RUN._replace(status="cancelled", exit_code=130)) == "cancelled"


def test_counting() -> None:
    assert counted(RUN) == "2 ran, 1 restored, 2 failed, 1 skipped"
    assert counted(RUN._replace(stages=())) == "no stages"


def test_the_page_names_every_field() -> None:
    page = (Path(__file__).parents[2] / "docs/reference/report.md").read_text()
    for record in (RunRecord, StageRecord, VerdictRecord, GateRecord, SliceRecord, LossRecord, ReportedTests):
        missing = [name for name in record._fields if f"`{name}`" not in page]
        assert not missing, (record.__name__, missing)
