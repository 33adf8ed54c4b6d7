"""What the journal kept of a release, told in order."""

from __future__ import annotations

from typing import Any

from seatrial.journal.journal import Event
from seatrial.journal.releases import ReleaseRow
from seatrial.release import replay
from seatrial.release.sight import Share


def release(**body: Any) -> ReleaseRow:
    return ReleaseRow(
        "p/e/release/2", "p", "e", "p/e/2", "p/e/1", "release", {}, 3, "failed", 100.0, 160.0, body
    )


def traffic(sequence: int, at: float, **weights: int) -> Event:
    named = {f"p/e/{name[1:]}": share for name, share in weights.items()}
    return Event(sequence, at, "traffic", "p/e/release/2", {"weights": named})


EVENTS = [traffic(1, 110.0, r1=80, r2=20), traffic(2, 150.0, r1=100)]


def test_the_shares_are_those_that_were_set() -> None:
    assert replay.shares(EVENTS, release()) == [
        Share(0.0, 0, 100),
        Share(10.0, 20, 80),
        Share(50.0, 0, 100),
        Share(60.0, 0, 100),
    ]


def test_a_gap_that_began_before_a_release_begins_with_it() -> None:
    told = release(undriven=[[90.0, 95.0], [99.0, 115.0]])
    assert replay.gaps(told) == [(100.0, 115.0)]
    assert replay.shares(EVENTS, told)[:3] == [Share(0.0, 0, 100), Share(0.0, 0, 100), Share(10.0, 20, 80)]
    assert "of the last 15 s" in replay.said(EVENTS, told)[1].text


def test_while_nobody_drove_all_went_to_stable() -> None:
    told = release(undriven=[[120.0, 130.0], [148.0, 170.0], [180.0, 190.0]])
    assert replay.shares(EVENTS, told) == [
        Share(0.0, 0, 100),
        Share(10.0, 20, 80),
        Share(20.0, 0, 100),
        Share(30.0, 20, 80),
        Share(48.0, 0, 100),
        Share(50.0, 0, 100),
        Share(60.0, 0, 100),
    ]
    said = [(one.seconds, one.text.partition(":")[0]) for one in replay.said(EVENTS, told)]
    assert said == [
        (10.0, "traffic"),
        (30.0, "nobody drove it"),
        (50.0, "traffic"),
        (60.0, "nobody drove it"),
    ]
    assert "of the last 12 s count for neither" in replay.said(EVENTS, told)[-1].text
