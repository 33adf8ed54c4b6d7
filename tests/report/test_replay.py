from __future__ import annotations

import re
from pathlib import Path

import pytest

from seatrial.release.probed import Probed
from seatrial.release.sight import GateSight, Share
from seatrial.report import plots, replay
from seatrial.report.junit import junit
from seatrial.report.markdown import markdown
from seatrial.report.page import page
from seatrial.report.record import RunRecord
from tests.report.released import ERRORS, FAILED, POINTS, REPLAY, hostile
from tests.report.test_page import read
from tests.report.test_terminal import without_colours

GOLDENS = Path(__file__).parents[1] / "goldens" / "release"


def record(*releases) -> RunRecord:
    return RunRecord(
        "reviews/production/7", "", 0, "", "b" * 40, "main", False, "failed", 1, "2026-05-03T14:07:00Z", 4.9,
        releases=releases,
    )  # fmt: skip


def test_a_release_from_beginning_to_end() -> None:
    text = without_colours("\n".join(replay.lines(REPLAY))) + "\n"
    assert text == (GOLDENS / "replay.txt").read_text()


def test_the_comment_on_a_pull_request() -> None:
    assert markdown(record(REPLAY)) == (GOLDENS / "replay.md").read_text()


def test_the_page() -> None:
    text = page(record(REPLAY))
    assert text[text.index("<main>") :] == (GOLDENS / "replay.html").read_text()
    reader = read(text)
    assert not {tag for tag, _ in reader.tags} & {"script", "link", "img", "iframe", "object"}
    for part in ("in quarantine", "candidate − stable", "ValueError: no digit", "needs 20,000 requests"):
        assert part in reader.text


def test_hostile_texts_stay_text() -> None:
    reader = read(page(record(hostile())))
    assert "script" not in {tag for tag, _ in reader.tags}
    assert "<script>" not in markdown(record(hostile()))
    assert "@everyone" not in markdown(record(hostile()))


def test_the_traffic_is_drawn_in_steps() -> None:
    drawn = plots.traffic_plot(REPLAY)
    assert drawn is not None
    # At 0.9 of 4.9 s the candidate's share goes from 0 to 5% at once: 5% of 56 is 2.8.
    assert drawn.candidate.startswith("0.0,56.0 183.7,56.0 183.7,53.2 1000.0,53.2")
    assert plots.traffic_plot(REPLAY._replace(shares=(Share(0.0, 0, 100), Share(4.9, 0, 100)))) is None


def test_the_interval_narrows_in_the_picture_and_no_point_is_outside() -> None:
    drawn = plots.gate_plot(REPLAY, 0)
    assert drawn is not None
    for text in (drawn.band, drawn.line, drawn.evidence, drawn.against):
        for x, y in (pair.split(",") for pair in text.split()):
            assert 0 <= float(x) <= plots.WIDTH
            assert 0 <= float(y) <= plots.HEIGHT
    assert drawn.bar_words == "2.0%"
    assert plots.gate_plot(REPLAY, 1) is None
    assert plots.gate_plot(REPLAY._replace(points=(POINTS[:1], ())), 0) is None


def test_a_value_beyond_the_scale_widens_it() -> None:
    far = [point._replace(candidate=0.9) for point in POINTS]
    drawn = plots.gate_plot(REPLAY._replace(points=(tuple(far), ())), 0)
    assert drawn is not None
    assert drawn.levels[-1][1] == "90%"


@pytest.mark.parametrize(
    ("seconds", "last", "count"),
    [(4.9, "4s", 5), (60.0, "1m 00s", 7), (7200.0, "2h 00m", 7), (86_400.0 * 3, "3d 0h", 7)],
)
def test_times_of_the_axis_are_round(seconds, last, count) -> None:
    ticks = plots.ticks(seconds)
    assert (ticks[0][1], len(ticks)) == ("0s", count)
    assert ticks[-1][1] == last
    assert [x for x, _ in ticks] == sorted({x for x, _ in ticks})


def test_what_recorded_requests_refuted_ends_with_their_numbers() -> None:
    known = Probed(400, 0, 0, 400, 400, 204, 0.002, 0.002, {"0": (-9.0, 99.0)})
    refuted = GateSight("agreement >= 0.9", against=1.0)
    reason = "agreement >= 0.9 does not hold"
    ended = REPLAY._replace(
        sight=REPLAY.sight._replace(gates=(refuted,), probed=known, reason=reason), points=((),)
    )
    for text in (
        "\n".join(replay.end_lines(ended)),
        markdown(record(ended)),
        junit(record(ended)),
        page(record(ended)),
    ):
        assert "the same prediction in 204 of 400" in text
        assert "of 0" not in text
    both = ended.sight._replace(gates=(FAILED,))
    assert replay.deciding(both).startswith(": candidate 10% of 86, stable 0% of 1,574")
    assert "204 of 400" in replay.deciding(both)
    assert replay.deciding(both._replace(gates=(ERRORS,))) == ""


def test_a_table_has_a_row_for_each_point_kept() -> None:
    rows = [line for line in replay.gate_lines(REPLAY, 0) if re.search(r"\d+s +5%", line)]
    assert len(rows) == len(POINTS)
    assert "[-58%, …]" in rows[0]
