"""A canary as it stands, and one that was taken back, with everything that a report can show."""

from __future__ import annotations

from seatrial.release.sight import (
    CANDIDATE,
    STABLE,
    Flow,
    GateSight,
    Point,
    Replay,
    Said,
    Share,
    Sight,
    Watched,
)
from tests.report.sample import HOSTILE

ERRORS = GateSight(
    "error_rate <= stable + 2pp",
    "failed requests",
    is_share=True,
    candidate=0.011,
    candidate_n=1204,
    stable=0.001,
    stable_n=22_001,
    slope=1.0,
    bar=0.02,
    low=-0.004,
    high=0.033,
    evidence=0.62,
    against=0.0,
    more=700,
    more_seconds=70.0,
    toward="promote",
)
ACCURACY = GateSight(
    "accuracy >= stable - 0.02",
    "right answers",
    is_late=True,
    unit="labels",
    candidate=0.913,
    candidate_n=80,
    stable=0.921,
    stable_n=1500,
    slope=1.0,
    bar=-0.02,
    evidence=0.1,
    more=412,
    toward="promote",
)
SLOW = GateSight("latency_p95 <= stable * 1.2", waiting="needs 20,000 requests to stable before; 3 are known")
SIGHT = Sight(
    "reviews/production/release/4",
    "release",
    "reviews/production/7",
    "reviews/production/6",
    "running",
    "canary",
    ("start", "route 5%", "analyse to 100%", "route 100%", "promote"),
    3,
    started=1000.0,
    served=1002.0,
    seconds_left=7020.0,
    on_deadline="abort",
    alpha=0.05,
    held="ann: wait for the labels",
    evidence=0.1,
    gates=(ERRORS, ACCURACY, SLOW),
)
FLOWS = (
    Flow("reviews/production/6", STABLE, 95, 0, 60.0, 11_400, 12, 0.0021, 0.0042),
    Flow("reviews/production/7", CANDIDATE, 5, 0, 60.0, 600, 0, 0.0019, 0.0044),
)
WATCHED = Watched("reviews", "production", 1125.0, "127.0.0.1:8080", FLOWS, SIGHT)

FAILED = ERRORS._replace(
    candidate=0.105, candidate_n=86, stable=0.0, stable_n=1574, low=0.02, high=0.62,
    evidence=0.0, against=1.0, more=None, more_seconds=None, toward="",
)  # fmt: skip
POINTS = (
    Point(2.0, 5, 0.0625, 16, 0.0, 328, -0.58, None, 0.0, 0.02),
    Point(3.0, 5, 0.078, 51, 0.0, 961, -0.18, 0.62, 0.0, 0.51),
    Point(4.0, 5, 0.105, 86, 0.0, 1574, 0.02, 0.62, 0.0, 1.0),
)
REPLAY = Replay(
    SIGHT._replace(
        status="failed", finished=1004.9, held="", seconds_left=None, gates=(FAILED, SLOW),
        reason="error_rate <= stable + 2pp does not hold",
    ),
    "sha256:" + "ab12" * 16,
    "b" * 40,
    "main",
    "reviews-12",
    "ann",
    "",
    {
        "verdict": "pass",
        "summary": {"n": 1000, "gates": [{"gate": "accuracy >= 0.8", "verdict": "pass", "reason": ""}]},
    },
    {"evaluate": "sha256:" + "cd34" * 16},
    (
        Said(1000.0, 0.0, "the release to revision 7 begins"),
        Said(1000.9, 0.9, "traffic: revision 6 95%, revision 7 5%"),
        Said(1004.8, 4.8, "taking it back: error_rate <= stable + 2pp does not hold"),
    ),
    (Share(0.0, 0, 100), Share(0.9, 5, 95), Share(4.9, 0, 100), Share(4.9, 0, 100)),
    (POINTS, ()),
    (
        Flow("reviews/production/6", STABLE, 0, 0, 4.9, 7433, 0, 0.00024, 0.0049),
        Flow("reviews/production/7", CANDIDATE, 0, 0, 4.9, 140, 12, 0.00048, 0.0057),
    ),
    quarantine="error_rate <= stable + 2pp does not hold",
    log="ValueError: no digit",
)  # fmt: skip


def hostile() -> Replay:
    """Every text that comes from outside is HOSTILE."""
    sight = REPLAY.sight._replace(
        reason=HOSTILE,
        gates=tuple(gate._replace(gate=HOSTILE, counts=HOSTILE) for gate in REPLAY.sight.gates),
    )
    return REPLAY._replace(
        sight=sight, branch=HOSTILE, by=HOSTILE, why=HOSTILE, quarantine=HOSTILE, log=HOSTILE,
        evidence={"verdict": HOSTILE}, data={HOSTILE: HOSTILE}, said=(Said(0.0, 0.0, HOSTILE),),
    )  # fmt: skip
