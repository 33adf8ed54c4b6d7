from __future__ import annotations

import pytest

from seatrial.journal import traffic
from seatrial.release import driven, see
from seatrial.release.sight import CANDIDATE, STABLE, Flow
from tests.release.test_status import begun


@pytest.mark.parametrize(
    ("away", "falls_back", "is_promoted", "said"),
    [
        (9.9, True, False, ""),
        (12.4, True, False, ": the candidate gets no requests until somebody does"),
        (76.0, True, False, ": the candidate gets no requests, and is taken back"),
        (76.0, True, True, ": the candidate gets no requests until somebody does"),
        (12.4, False, False, ""),
        (76.0, False, False, ": it is taken back"),
    ],
)
def test_what_it_means_that_nobody_drives(away, falls_back, is_promoted, said) -> None:
    told = driven.sentence(away, falls_back=falls_back, is_promoted=is_promoted)
    assert told == (f"nobody has driven it for {away:.0f} s{said}" if away > 10 else "")


def test_without_a_lease_all_goes_to_stable() -> None:
    flows = (Flow("p/e/1", STABLE, 80), Flow("p/e/2", CANDIDATE, 20, mirrored=5))
    found = driven.fallen_back(flows)
    assert [(one.share, one.mirrored) for one in found] == [(100, 0), (0, 0)]


def test_a_release_is_seen_as_driven_until_its_driver_is_away(journal) -> None:
    release = begun(journal)
    assert see.undriven(journal, release, 1e12, falls_back=True) == ""
    with journal.change():
        traffic.renew_lease(journal, release.id)
    now = traffic.driver_seen(journal, release.id)
    assert see.undriven(journal, release, now + 9, falls_back=True) == ""
    assert "for 76 s: the candidate gets no" in see.undriven(journal, release, now + 76, falls_back=True)
