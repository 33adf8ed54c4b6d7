"""How much traffic a gate needs, held against the median of 10,000 simulated releases at a share of 5%."""

import pytest

from seatrial.errors import Place
from seatrial.evaluation import gate
from seatrial.evaluation.sequential.latency import Histogram
from seatrial.evaluation.sequential.live import History
from seatrial.release.demand import USUAL_SHARE, demand, demands, duration, share_of


def parsed(text: str):
    return gate.parse(text, Place("seatrial.yaml"))


@pytest.mark.parametrize(
    ("failed", "margin", "median"), [(10, "0.5pp", 1416), (100, "0.5pp", 4502), (2000, "2pp", 3829)]
)
def test_it_is_about_what_simulated_releases_needed(failed, margin, median):
    past = History(failed=failed, requests=10_000)
    (found,) = demands([parsed(f"error_rate <= stable + {margin}")], 0.01, 0.05, past)
    assert 0.6 * median < found.requests < 1.6 * median


def test_the_time_follows_from_the_rate_and_the_share():
    found = demand(parsed("error_rate <= stable + 0.5pp"), 0.05, 0.25, History(10, 10_000), 40.0)
    assert found.seconds == pytest.approx(found.requests / 10)
    assert "requests/s" in found.sentence
    assert demand(parsed("accuracy >= 0.9"), 0.05, 0.25, History(), 40.0).seconds is None


def test_users_who_stay_count_once_and_nobody_knows_how_fast_they_come():
    [found] = demands([parsed("error_rate <= stable + 0.5pp")], 0.05, 0.25, None, 40.0, by_users=True)
    assert found.seconds is None
    assert f"about {found.requests:,} users of the candidate" in found.sentence


def test_a_deadline_that_comes_before_is_said():
    gates = [parsed("error_rate <= stable + 0.5pp")]
    [slow] = demands(gates, 0.05, 0.25, History(10, 10_000), 0.5, within=600.0)
    assert slow.sentence.endswith("at 0.5 requests/s, but `within` gives it 10 min")
    [fast] = demands(gates, 0.05, 0.25, History(10, 10_000), 50.0, within=600.0)
    assert fast.sentence.endswith("at 50 requests/s")


def test_what_is_missing_is_said():
    gate_on_latency = parsed("latency_p95 <= stable * 1.2")
    assert demand(gate_on_latency, 0.05, 0.25, History(), None).sentence.startswith("needs 20,000 requests")
    known = History(latencies=Histogram(tuple((bucket, 500) for bucket in range(-420, -370))))
    assert 20 < demand(gate_on_latency, 0.05, 0.25, known, None).requests < 1000
    means = demand(parsed("mean_absolute_error <= stable * 1.05"), 0.05, 0.25, History(), None)
    assert (means.requests, means.seconds) == (None, None)


def by_pairs(text, past=History(), per_second=None, share=1.0):  # noqa: B008
    return demand(parsed(text), 0.01, share, past, per_second, by_pairs=True)


def test_pairs_need_as_many_as_simulated_releases_did():
    """About twice the median of releases whose arms half failed on the same requests (tests.simulations)."""
    past = History(failed=100, requests=10_000)
    found = by_pairs("error_rate <= stable + 0.5pp", past, 20.0, share=0.5)
    assert 1.5 * 4900 < found.requests < 3 * 4900
    assert found.seconds == pytest.approx(found.requests / 10)
    assert found.sentence.startswith(f"about {found.requests:,} copied requests, if it equals a stable one")
    agreement = by_pairs("agreement >= 0.9")
    assert 100 < agreement.requests < 1000
    assert "if 5.00% are different" in agreement.sentence
    at_the_usual = by_pairs("agreement >= 0.95")  # one whose copies differ in just so many would never pass
    assert "if 2.50% are different" in at_the_usual.sentence
    assert by_pairs("drift <= 0.1").requests is None


def test_the_share_is_the_mean_of_a_canarys_steps():
    assert share_of("canary", {"steps": "5%,wait 10m,25%"}) == pytest.approx(0.15)
    assert share_of("canary", {"steps": "auto"}) == USUAL_SHARE
    assert share_of("shadow", {"share": "10%"}) == pytest.approx(0.1)
    assert share_of("shadow", {}) == 1.0


def test_durations_in_words():
    assert [duration(n) for n in (0.2, 59, 120, 3600 * 5, 86400 * 3)] == [
        "1 s",
        "59 s",
        "2 min",
        "5 h",
        "3 d",
    ]
