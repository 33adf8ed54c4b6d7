"""Shadows on real Envoy: an equal candidate is promoted, another one refuted, and nobody was its guest."""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from seatrial.gateway import config, log_line
from seatrial.gateway.files import entry_name
from seatrial.journal import releases, traffic, unpaired
from seatrial.journal.releases import ABORTED, FAILED, SUCCEEDED, ReleaseRow
from seatrial.pipeline.pipeline import Environment, Gate, Predictions
from seatrial.release import analysis, see, status, wake, weighing
from seatrial.release import request as asking
from tests.release import kills
from tests.release.canaries import load
from tests.release.site import NOWHERE, Site, environment, eventually, get, port_of

pytestmark = [pytest.mark.needs_envoy, pytest.mark.slow]

GUESTS = 4  # at the same time
AGREEMENT = "agreement >= 0.9"
ERRORS = "error_rate <= stable + 5pp"


def shadow(*gates: str, **more: Any) -> Environment:
    found = tuple(Gate(text, NOWHERE) for text in gates or (AGREEMENT, ERRORS))
    plain = environment(strategy="shadow", predictions=Predictions(), gates=found)
    return plain._replace(**{"warm_up_seconds": 1.0, **more})


@contextmanager
def guests(place: Environment) -> Iterator[Counter[tuple[int, str]]]:
    """Requests from outside until the end of the block; statuses and revisions of all answers are counted,
    and as (0, "") those that got none."""
    seen: Counter[tuple[int, str]] = Counter()
    is_over = threading.Event()

    def ask() -> None:
        while not is_over.is_set():
            try:
                answer = get(port_of(place), f"/{sum(seen.values()) % 10}")
            except OSError:  # a guest that left quietly would be missed by nobody
                seen[0, ""] += 1
                continue
            seen[answer.status, answer.headers["seatrial-revision"]] += 1

    threads = [threading.Thread(target=ask) for _ in range(GUESTS)]
    for thread in threads:
        thread.start()
    try:
        yield seen
    finally:
        is_over.set()
        for thread in threads:
            thread.join()


def log(site: Site, *, of_shadow: bool) -> Path:
    name = entry_name("reviews", "production")
    folder = config.shadow_name(name) if of_shadow else name
    return kills.logs(site) / folder / "access.log"


def logged(site: Site, *, of_shadow: bool) -> Counter[str]:
    """The requests in a log, by who answered."""
    content = log(site, of_shadow=of_shadow).read_bytes()
    return Counter(line.revision for line in log_line.lines(content))


def paired(site: Site, release: str) -> int:
    kept = traffic.states(site.store.journal, release)
    return analysis.common_of(kept[analysis.COMMON]).copies.paired if kept else 0


def shares(site: Site, release: ReleaseRow) -> list[tuple[dict[str, int], dict[str, int]]]:
    events = site.store.journal.events(subject=release.id)
    return [(one.body["weights"], one.body.get("mirror", {})) for one in events if one.kind == "traffic"]


def test_an_equal_candidate_is_promoted_though_the_supervisor_is_killed(site: Site) -> None:
    place = shadow(AGREEMENT, "agreement >= 0.99", ERRORS)
    site.release("word-1", place)
    asked = site.ask("word-2", place).release
    assert asked is not None
    with guests(place) as seen:
        eventually(lambda: paired(site, asked.id) > 20)
        site.kill_supervisor()
        before = sum(seen.values())
        eventually(lambda: sum(seen.values()) > before + 20)
        served = {who for _, who in seen}
        wake.ensure(site.home)
        release = site.watch(asked.id)
    assert release.status == SUCCEEDED, release.reason
    assert served == {release.previous}
    assert {status for status, _ in seen} == {200}
    first, copied, switched = {release.previous: 100}, {release.revision: 100}, {release.revision: 100}
    assert shares(site, release) == [(first, copied), (switched, {})]
    agreement = weighing.of_text(traffic.states(site.store.journal, release.id)[0]).state
    assert agreement is not None
    assert agreement.closed.candidate_n > 20
    assert agreement.closed.candidate == 0  # of a lower bound, what does not keep it is counted
    assert unpaired.waiting(site.store.journal, release.id) == {}


def test_one_that_answers_otherwise_is_refuted_and_nobody_was_its_guest(site: Site) -> None:
    place = shadow()
    site.release("word-1", place)
    with guests(place) as seen:
        release = site.release("wrong-50", place)
    assert release.status == FAILED
    assert release.reason == f"{AGREEMENT} does not hold"
    assert set(seen) == {(200, release.previous)}
    assert set(logged(site, of_shadow=False)) == {release.previous}
    assert logged(site, of_shadow=True)[release.revision] > 0
    assert shares(site, release)[-1] == ({release.previous: 100}, {})
    sight = see.sight(site.store.journal, release, 0.0)
    agreement = sight.gates[0]
    assert (agreement.against, agreement.candidate_n > 0) == (1.0, True)
    assert agreement.candidate is not None
    assert 0.4 < agreement.candidate < 0.9
    package = releases.revision(site.store.journal, release.revision)
    assert package is not None
    assert releases.quarantined(site.store.journal, "reviews", "production", package.package)
    assert site.stable() == release.previous


def test_every_pair_counts_once_whatever_is_killed_while_a_person_holds_it(site: Site) -> None:
    place = shadow()
    site.release("word-0", place)
    asked = next(filter(None, (killed_while_held(site, place, f"word-{number}") for number in (1, 2, 3))))
    # The few whose two lines lie on both sides of the end of the warm-up have one half that counts.
    eventually(lambda: abs(paired(site, asked.id) - both_logged(site, asked.id)) <= GUESTS)
    # Each log is written a moment later, in its own time: also of copies that nobody was there to take.
    eventually(lambda: sum(unpaired.waiting(site.store.journal, asked.id).values()) <= 2 * GUESTS)
    release = releases.release(site.store.journal, asked.id)
    assert release is not None
    assert release.finished is None, release.reason
    asking.request_promotion(
        site.home, site.store.journal, "reviews", "production", full=True, why="counted", by="ann"
    )
    assert site.watch(asked.id).status == SUCCEEDED


def killed_while_held(site: Site, place: Environment, word: str) -> ReleaseRow | None:
    """A release that a person holds, after three deaths of its driver.

    None where the machine was so busy that none drove it for 30 s: then it is taken back, as it should be,
    and its pairs are counted no longer.
    """
    asked = site.ask(word, place).release
    assert asked is not None
    asking.request_hold(site.home, site.store.journal, "reviews", "production", why="to count", by="ann")
    with guests(place) as seen:
        for known in (20, 60, 100):
            eventually(lambda known=known: paired(site, asked.id) > known or is_lapsed(site, asked.id))
            site.kill_supervisor()
            before = sum(seen.values())
            eventually(lambda before=before: sum(seen.values()) > before + 20)
            wake.ensure(site.home)
    if not is_lapsed(site, asked.id):
        return asked
    site.watch(asked.id)
    return None


def test_copies_for_which_nobody_holds_a_lease_are_no_failures_of_the_server(site: Site) -> None:
    place = shadow()
    site.release("word-1", place)
    asked = site.ask("word-2", place).release
    assert asked is not None
    asking.request_hold(site.home, site.store.journal, "reviews", "production", by="ann")

    def refused() -> int:
        told = status.counters(site.home).items()
        return sum(count for name, count in told if name.endswith("none_healthy"))

    with guests(place) as seen:
        eventually(lambda: paired(site, asked.id) > 20)
        site.kill_supervisor()
        eventually(lambda: refused() > 20)
        [found] = status.status(site.home, site.store.journal)
        served = next(one for one in found.processes if one.revision == asked.revision)
    assert {answer for answer, _ in seen} == {200}
    assert served.requests > 20
    assert served.failed == 0


def is_lapsed(site: Site, release: str) -> bool:
    row = releases.release(site.store.journal, release)
    return row is not None and row.reason.startswith("nobody drove the release")


def both_logged(site: Site, release: str) -> int:
    """The requests that both logs name after the warm-up, each with its own revision."""
    row = releases.release(site.store.journal, release)
    assert row is not None
    warm = float(row.body["served"]) + float(row.plan["warm_up"])
    requests = [
        {line.request for line in log_line.lines(log(site, of_shadow=is_copy).read_bytes())
         if line.at > warm and line.revision == who}
        for is_copy, who in ((False, row.previous), (True, row.revision))
    ]  # fmt: skip
    return len(requests[0] & requests[1])


def test_a_part_of_the_requests_is_enough(site: Site) -> None:
    """Those that are not copied are none that are lost."""
    place = shadow(strategy_options=(("share", "30%"),))
    site.release("word-0", place)
    with guests(place):
        release = site.release("word-1", place)
    assert release.status == SUCCEEDED, release.reason
    common = analysis.common_of(traffic.states(site.store.journal, release.id)[analysis.COMMON])
    assert 0.15 < common.copies.paired / sum(common.copies) < 0.45


def test_without_requests_the_deadline_decides_and_nobody_is_to_blame(site: Site) -> None:
    place = shadow(within_seconds=3.0)
    site.release("word-0", place)
    release = site.release("word-1", place)
    assert (release.status, release.body["cause"]) == (FAILED, "inconclusive")
    package = releases.revision(site.store.journal, release.revision)
    assert package is not None
    assert not releases.quarantined(site.store.journal, "reviews", "production", package.package)
    aborted = site.ask("word-2", place).release
    assert aborted is not None
    eventually(lambda: any(mirror for _, mirror in shares(site, aborted)))
    asking.request_abort(site.home, site.store.journal, "reviews", "production", "enough", "ann")
    over = site.watch(aborted.id)
    assert over.status == ABORTED
    assert shares(site, over)[-1] == ({release.previous: 100}, {})


def test_shadows_come_to_their_end_whatever_is_killed(site: Site) -> None:
    kills.campaign(site, shadow(AGREEMENT), kills.seed(), 4, load)
    assert counted(site) == logged_of_both(site)


@pytest.mark.soak
def test_shadows_come_to_their_end_whatever_is_killed_200_times(site: Site) -> None:
    kills.campaign(site, shadow(AGREEMENT), kills.seed(), int(os.environ.get("SOAK_KILLS", "200")), load)
    assert counted(site) >= logged_of_both(site) > 0  # what was turned over meanwhile is in no log any more


def logged_of_both(site: Site) -> int:
    """The requests and the copies that the logs name, with somebody who answered."""
    both = (logged(site, of_shadow=is_copy) for is_copy in (False, True))
    return sum(number for one in both for who, number in one.items() if who)


def counted(site: Site) -> int:
    return sum(one.requests for one in traffic.minutes(site.store.journal, "reviews", "production"))
