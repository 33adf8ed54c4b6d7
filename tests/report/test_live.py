from __future__ import annotations

import re
from pathlib import Path

import pytest

from seatrial.release.sight import Watched, reach, thinned
from seatrial.report import live
from tests.report.released import ACCURACY, ERRORS, FAILED, FLOWS, SIGHT, SLOW, WATCHED
from tests.report.test_terminal import without_colours

GOLDENS = Path(__file__).parents[1] / "goldens" / "release"


def plain(lines: list[str]) -> str:
    return without_colours("\n".join(lines)) + "\n"


def test_a_canary_under_way_as_a_person_sees_it() -> None:
    assert plain(live.lines(WATCHED, 120)) == (GOLDENS / "live.txt").read_text()


def test_a_narrow_terminal_has_no_pictures() -> None:
    assert "●" not in plain(live.lines(WATCHED, 80))


def test_the_bar_shows_even_the_smallest_share() -> None:
    stable, candidate = FLOWS
    for share, cells in ((0, 0), (1, 1), (5, 2), (50, 20), (99, 39), (100, 40)):
        flows = (stable._replace(share=100 - share), candidate._replace(share=share))
        text = live.traffic_bar(flows)
        assert text.partition("\x1b[36m")[2].partition("\x1b")[0].count("▒") == cells, share
        assert (text.count("█"), text.count("▒")) == (40 - cells, cells)
    assert "nobody" in live.traffic_bar(())


def test_copies_are_said() -> None:
    stable, candidate = FLOWS
    flows = (stable._replace(share=100), candidate._replace(share=0, mirrored=20))
    assert "copies of 20% to the candidate" in live.traffic_bar(flows)
    assert "copy 20%" in live.flow_line(flows[1])


def test_the_picture_keeps_its_scale_while_the_interval_narrows() -> None:
    wide, narrow = (
        live.drawing(ERRORS._replace(low=low, high=high)) for low, high in ((-0.07, 0.11), (0.0, 0.02))
    )
    assert len(wide) == len(narrow)
    assert wide.index("●") == narrow.index("●")
    assert wide.count("─") > narrow.count("─")


def test_an_end_that_nothing_is_known_of_is_open() -> None:
    assert "╌" in live.drawing(ERRORS._replace(high=None))
    assert "╌" in live.drawing(ERRORS._replace(high=0.62))  # beyond the scale


@pytest.mark.parametrize(
    ("gate", "said"),
    [
        (ERRORS, "about 700 more requests, 1m 10s, to promote"),
        (ACCURACY, "about 412 more labels, to promote"),
        (FAILED, "enough to take it back"),
        (ERRORS._replace(evidence=1.0), "enough for a promotion"),
        (ERRORS._replace(more=None), "no end in sight at these rates"),
    ],
)
def test_what_it_takes_to_decide(gate, said) -> None:
    assert said in without_colours(live.outlook(gate))


@pytest.mark.parametrize(
    ("gate", "said"),
    [
        (ACCURACY, "about 412 more labels, to confirm it"),
        (ACCURACY._replace(toward="roll back"), "about 412 more labels, to take it back"),
        (ACCURACY._replace(evidence=1.0), "enough to confirm it"),
    ],
)
def test_of_a_promotion_it_is_said_what_confirms_it(gate, said) -> None:
    assert said in without_colours(live.outlook(gate, is_promoted=True))
    text = plain(
        live.lines(
            WATCHED._replace(
                release=None, provisional=SIGHT._replace(provisional_until=1185.0, gates=(gate,))
            )
        )
    )
    assert said in text


def test_a_gate_that_is_long_has_a_line_of_its_own() -> None:
    long = ERRORS._replace(gate="mean_absolute_error <= stable * 1.1", counts="errors, each at most 20")
    lines = [without_colours(line) for line in live.gate_lines(long, 80)]
    assert lines[0] == "  ▸ mean_absolute_error <= stable * 1.1"
    assert lines[1].startswith("    candidate ")
    assert max(map(len, lines[:2])) <= 80
    assert len(live.gate_lines(long, 160)) == len(lines) - 1


def test_a_release_in_one_line_is_that_of_the_gate_with_furthest_to_go() -> None:
    late = SIGHT._replace(gates=(ERRORS, ACCURACY))
    assert live.sentence(late, FLOWS) == (
        "step 3 of 5: analyse to 100%, 5% of the requests; accuracy >= stable - 0.02: 0.9130 of 80,"
        " stable 0.9210, evidence 10% for, 0% against, about 412 more; held by ann: wait for the labels"
    )
    assert SLOW.waiting in live.sentence(SIGHT, FLOWS)
    done = SIGHT._replace(gates=(ERRORS._replace(evidence=1.0),), held="")
    assert live.sentence(done, FLOWS).endswith("every gate has enough evidence")
    assert live.sentence(SIGHT._replace(gates=(), held=""), ()) == "step 3 of 5: analyse to 100%"


def test_an_environment_in_one_line() -> None:
    quiet = WATCHED._replace(release=None, flows=FLOWS[:1])
    assert live.summary(quiet) == "revision 6 has 95%: 190.0 requests/s, 0.11% failed"
    assert live.summary(Watched("p", "e", 0.0)) == "nobody serves"
    assert live.summary(WATCHED) == live.sentence(SIGHT, FLOWS)


def test_a_provisional_promotion_shows_what_its_labels_say() -> None:
    text = plain(
        live.lines(WATCHED._replace(release=None, provisional=SIGHT._replace(provisional_until=1185.0)), 120)
    )
    assert "provisional: revision 7, judged by labels for 1m 00s more" in text
    assert "accuracy" in text
    assert "error_rate" not in text


def test_a_release_that_nobody_drives_is_said_to_be_so() -> None:
    alone = SIGHT._replace(undriven="nobody has driven it for 76 s")
    assert "not driven: nobody has driven it for 76 s; requests since then are not counted yet" in plain(
        live.lines(WATCHED._replace(release=alone), 120)
    )
    assert not re.search(r"about [\d,]+ more", "".join(live.lines(WATCHED._replace(release=alone), 120)))
    assert "more" not in live.sentence(alone._replace(gates=(ERRORS, ACCURACY)), FLOWS)
    late = SIGHT._replace(undriven="nobody judges it at this moment", provisional_until=1185.0)
    assert "not driven: nobody judges it at this moment; the last labels are not counted yet" in plain(
        live.lines(WATCHED._replace(release=None, provisional=late), 120)
    )
    assert live.summary(WATCHED._replace(release=alone)).endswith("; nobody has driven it for 76 s")


def test_a_reason_of_two_lines_shows_its_first_and_moves_no_cursor() -> None:
    forged = SIGHT._replace(held="ann: a\x1b[2K\nin trouble: no port")
    shown = live.lines(WATCHED._replace(release=forged), 120)
    assert [line for line in plain(shown).splitlines() if "ann" in line] == ["  held by ann: a�[2K"]
    assert "no port" not in plain(shown) + live.sentence(forged, FLOWS)


def test_trouble_and_an_unreliable_measurement_are_said() -> None:
    seen = WATCHED._replace(trouble="no port", release=SIGHT._replace(spoilt="it does not split"))
    text = plain(live.lines(seen, 120))
    assert "in trouble: no port" in text
    assert "not to be relied on: it does not split" in text


@pytest.mark.parametrize(
    ("bar", "slope", "ends"),
    [
        (0.02, 1.0, (-0.08, 0.12)),
        (0.01, 0.0, (0.0, 0.06)),
        (-0.02, 1.0, (-0.12, 0.08)),
        (0.9, 0.0, (0.4, 1.0)),
    ],
)
def test_a_scale_reaches_five_bars_to_both_sides_and_no_share_beyond_its_ends(bar, slope, ends) -> None:
    assert reach(bar, slope) == pytest.approx(ends)


def test_thinning_keeps_the_ends() -> None:
    from tests.report.released import POINTS

    many = [POINTS[0]._replace(seconds=float(at)) for at in range(100)]
    few = thinned(many, 12)
    assert (len(few), few[0], few[-1]) == (12, many[0], many[-1])
    assert thinned(POINTS, 12) == list(POINTS)
