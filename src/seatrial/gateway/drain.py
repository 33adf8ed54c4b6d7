"""Wait until nothing uses a server any more."""

from __future__ import annotations

import time
from collections.abc import Callable

from seatrial.clients import envoy
from seatrial.clients.envoy import Admin

# Envoy's threads take a confirmed route at their next turn; a request that one of them sent just before is
# seen after this long at the latest, and only two quiet looks in a row count.
SETTLE_SECONDS = 0.1
LOOK_SECONDS = 0.05


def active_requests(admin: Admin, cluster: str) -> int:
    """Requests, streams and upgraded connections under way to a server. Raises Unreachable."""
    name = cluster.replace(".", r"\.")
    found = envoy.stats(admin, rf"cluster\.{name}\.(upstream_rq_active|upstream_rq_pending_active)")
    return sum(found.values())


def wait_idle(
    admin: Admin, cluster: str, drain_seconds: float, is_over: Callable[[], bool] = lambda: False
) -> int:
    """Wait until no request to a server, which gets no new ones, is under way; at most `drain_seconds`.

    Returns how many are left, to be cut. `is_over` ends the wait early: the server is gone by itself.
    """
    deadline = time.monotonic() + drain_seconds
    time.sleep(SETTLE_SECONDS)
    quiet = left = 0
    while not is_over():
        left = left_now(admin, cluster, left)
        quiet = quiet + 1 if left == 0 else 0
        if quiet == 2:
            return 0
        if time.monotonic() >= deadline:
            return left
        time.sleep(LOOK_SECONDS)
    return 0


def left_now(admin: Admin, cluster: str, before: int) -> int:
    """Requests under way, as far as can be known: none without Envoy; one that hangs has what it had."""
    try:
        return active_requests(admin, cluster)
    except envoy.Silent:
        return max(before, 1)
    except envoy.Unreachable:
        return 0
