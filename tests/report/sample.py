"""One run with everything in it that a report can show."""

from __future__ import annotations

from seatrial.report.record import (
    Estimate,
    GateRecord,
    LossRecord,
    ReportedTests,
    RunRecord,
    SliceRecord,
    StageRecord,
    VerdictRecord,
)

HOSTILE = "<script>alert(1)</script> @everyone [x](http://evil.example) | `rm` \x1b[2J \u202e ![i](j)"

GATES = (
    GateRecord("accuracy >= 0.78", "pass", 0.78, Estimate(0.842, 0.818, 0.864)),
    GateRecord("recall(7) >= 0.90", "fail", 0.9, Estimate(0.81, 0.76, 0.86), reason="it is below the bar"),
    GateRecord(
        "f1 >= production - 0.02",
        "inconclusive",
        0.833,
        Estimate(0.842, 0.828, 0.856),
        0.853,
        reason="about 1,400 more examples would decide",
    ),
    GateRecord("f1 >= staging", "not applicable", reason="nothing is live there"),
)
VERDICT = VerdictRecord(
    "fail",
    "1 of 4 gates fails",
    "classification",
    1000,
    "data/test.csv",
    "production (revision 3)",
    GATES,
    (("accuracy", Estimate(0.842, 0.818, 0.864)),),
    (
        SliceRecord("domain=hospital", "accuracy", Estimate(0.8, 0.75, 0.85), 300, 0.82),
        SliceRecord("domain=street", "accuracy", Estimate(0.7, 0.6, 0.79), 200, 0.81),
    ),
    (LossRecord("domain=street", "accuracy", 0.7, 0.81, 0.11, True, "production"),),
    ("precision without more is the macro average",),
    ("cat", "dog"),
    ((480, 20), (130, 370)),
)
STAGES = (
    StageRecord("train", "succeeded", begins=0.1, seconds=8.3, key="sha256:" + "ab12" * 16),
    StageRecord("data", "succeeded", is_restored=True, key="sha256:" + "ef12" * 16),
    StageRecord(
        "test",
        "succeeded",
        begins=0.1,
        seconds=3.2,
        tests=ReportedTests(14, 1, failed=("test_a: it is not",)),
    ),
    StageRecord("evaluate", "failed", "evaluate", 8.5, 5.4, verdict=VERDICT),
    StageRecord(
        "lint", "failed", begins=0.2, seconds=0.4, attempts=2, message="exit code 1", log="bad\n\nworse"
    ),
    StageRecord("release", "skipped", "release", message="evaluate failed"),
)
RUN = RunRecord(
    "reviews",
    "r-0abc-def",
    12,
    "seatrial.yaml",
    "4f2a91c0" * 5,
    "main",
    True,
    "failed",
    3,
    "2026-05-03T14:07:00Z",
    14.2,
    "Widen the second layer",
    "Ada",
    stages=STAGES,
)


def hostile() -> RunRecord:
    """The same run, where whoever wrote the commit means harm."""
    stages = (
        StageRecord(
            HOSTILE, "failed", begins=0.0, seconds=1.0, message=HOSTILE, log=f"{HOSTILE}\n</pre>]]>\x00\x0b"
        ),
        StageRecord("judge", "failed", verdict=VERDICT._replace(reason=HOSTILE, labels=(HOSTILE, "b"))),
        StageRecord("again", "skipped"),
        StageRecord(
            "again", "skipped", tests=ReportedTests(3, 2, failed=(HOSTILE, HOSTILE), unreadable=(HOSTILE,))
        ),
    )
    return RUN._replace(project=HOSTILE, branch=HOSTILE, title=HOSTILE, author=HOSTILE, stages=stages)
