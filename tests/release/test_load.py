"""Blue-green under load from outside: no request is lost, whatever is released meanwhile."""

import re
import subprocess

import pytest

from seatrial.journal import releases
from seatrial.release import request as asking
from tests.conftest import requires
from tests.release.site import environment, port_of

pytestmark = [pytest.mark.needs_envoy, pytest.mark.slow]


def test_releases_and_a_rollback_under_load_lose_no_request(site):
    requires("wrk")
    place = environment()
    site.release("word-0", place)
    url = f"http://127.0.0.1:{port_of(place)}/"
    load = subprocess.Popen(["wrk", "-t1", "-c16", "-d6s", url], stdout=subprocess.PIPE, text=True)
    for number in range(1, 6):
        assert site.release(f"word-{number}", place).status == releases.SUCCEEDED
    rollback = asking.request_rollback(site.home, site.store.journal, "reviews", "production", to="3")
    assert site.watch(rollback.release.id).status == releases.SUCCEEDED
    told = load.communicate()[0]
    answered = re.search(r"(\d+) requests in", told)
    assert answered is not None
    assert int(answered[1]) > 500
    assert "Non-2xx" not in told, told
    assert "Socket errors" not in told, told
