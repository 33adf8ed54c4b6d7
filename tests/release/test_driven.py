from __future__ import annotations

import pytest

from seatrial.gateway import clusters
from seatrial.journal import servers, traffic
from seatrial.journal.journal import Journal
from seatrial.release import driven, see
from seatrial.release.driven import Drive, Driver
from seatrial.release.sight import CANDIDATE, STABLE, Flow
from tests.release.test_status import begun

LOSES = ": the candidate loses its requests in a moment, unless somebody does"
UNTIL = ": the candidate gets no requests until somebody does"
ENDS = ": the candidate gets no requests, and is taken back"


@pytest.mark.parametrize(
    ("now", "falls_back", "is_promoted", "said"),
    [
        (Drive(9.9), True, False, None),
        (Drive(1.0, has_lapsed=True), True, False, None),  # it is back, and has the lease in a moment
        (Drive(5.0, has_lapsed=True), True, False, UNTIL),  # it hangs
        (Drive(1.0, is_alive=False), True, False, LOSES),
        (Drive(5.0, is_alive=False, has_lapsed=True), True, False, UNTIL),
        (Drive(12.4, has_lapsed=True), True, False, UNTIL),
        (Drive(76.0, has_lapsed=True), True, False, ENDS),
        (Drive(76.0, has_lapsed=True), True, True, UNTIL),
        (Drive(12.4, has_lapsed=True), False, False, ""),
        (Drive(76.0, has_lapsed=True), False, False, ": it is taken back"),
    ],
)
def test_what_it_means_that_nobody_drives(
    now: Drive, falls_back: bool, is_promoted: bool, said: str | None
) -> None:
    told = driven.sentence(now, falls_back=falls_back, is_promoted=is_promoted)
    assert told == ("" if said is None else f"nobody has driven it for {now.away:.0f} s{said}")


def test_without_a_lease_all_goes_to_stable() -> None:
    flows = (Flow("p/e/1", STABLE, 80), Flow("p/e/2", CANDIDATE, 20, mirrored=5))
    found = driven.fallen_back(flows)
    assert [(one.share, one.mirrored) for one in found] == [(100, 0), (0, 0)]


def test_the_lease_has_lapsed_where_the_gateway_says_so_or_it_must_have() -> None:
    driver = Driver(without_lease=frozenset({"a"}))
    assert driven.drive(0.5, driver, {"a", "b"}) == Drive(0.5, has_lapsed=True)
    assert driven.drive(0.5, driver, {"b"}) == Drive(0.5)
    assert driven.drive(10.5, Driver(is_alive=False), {"b"}) == Drive(10.5, is_alive=False, has_lapsed=True)


def test_what_envoy_tells_of_leases() -> None:
    told = (
        "a.leased::127.0.0.1:1::health_flags::/failed_active_hc\n"
        "b.leased::127.0.0.1:2::health_flags::healthy\n"
        "c::127.0.0.1:3::health_flags::/failed_active_hc\n"
    )
    assert clusters.without_lease(told) == {"a"}
    assert clusters.without_lease("") == set()


def test_a_release_is_driven_well_until_its_driver_is_away(journal: Journal) -> None:
    release = begun(journal)
    assert see.drive(journal, release, Driver(is_alive=False), 1e12) == driven.WELL
    with journal.change():
        traffic.renew_lease(journal, release.id)
    now = traffic.driver_seen(journal, release.id)
    assert now is not None
    assert see.drive(journal, release, Driver(), now + 9) == Drive(9.0)
    assert see.drive(journal, release, Driver(), now + 76) == Drive(76.0, has_lapsed=True)
    row = servers.add(journal, "server-1", revision=release.revision, port=1)
    servers.move(journal, row, servers.READY)
    driver = Driver(is_alive=False, without_lease=frozenset({"server-1"}))
    assert see.drive(journal, release, driver, now + 4) == Drive(4.0, is_alive=False, has_lapsed=True)


def test_a_promotion_that_labels_may_take_back_says_that_nobody_judges_it() -> None:
    assert driven.unjudged(Driver(is_alive=False)) == "nobody judges it at this moment"
    assert not driven.unjudged(Driver())
