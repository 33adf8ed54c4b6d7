"""Whether anybody drives a release: what to say where nobody does, and who is served then. Pure."""

from __future__ import annotations

from collections.abc import Set

from seatrial.gateway.lease import HELD_SECONDS
from seatrial.named_tuple import NamedTuple
from seatrial.release.decide import LEASE_SECONDS
from seatrial.release.sight import STABLE, Flow

# The gateway looks for a driver every 2 seconds: for so long one that is back may have the lease not yet.
BACK_SECONDS = 3.0


class Driver(NamedTuple):
    """What is seen of a home's driver: whether its process lives, and the servers that have requests only
    while it drives, and have none."""

    is_alive: bool = True
    without_lease: frozenset[str] = frozenset()


class Drive(NamedTuple):
    """How a release is driven: by a process that lives, and was seen to drive it so many seconds ago.

    `has_lapsed`: the gateway gives its candidate no requests.
    """

    away: float = 0.0
    is_alive: bool = True
    has_lapsed: bool = False


WELL = Drive()


def drive(away: float, driver: Driver, servers: Set[str]) -> Drive:
    """Of a candidate with these servers; of a gateway that does not answer only the time is known."""
    lapsed = away > HELD_SECONDS or not driver.without_lease.isdisjoint(servers)
    return Drive(away, driver.is_alive, lapsed)


def sentence(now: Drive, *, falls_back: bool, is_promoted: bool = False) -> str:
    """What it means that nobody drives it; "" while somebody does.

    Who wakes a driver, as `seatrial status` does, sees this until its first turn.
    """
    if now.is_alive and (not now.has_lapsed or now.away <= BACK_SECONDS):
        return ""
    ends = now.away > LEASE_SECONDS and not is_promoted
    if not falls_back:
        meant = "it is taken back" if ends else ""
    elif not now.has_lapsed:
        meant = "the candidate loses its requests in a moment, unless somebody does"
    else:
        meant = f"the candidate gets no requests{', and is taken back' if ends else ' until somebody does'}"
    return ": ".join(filter(None, (f"nobody has driven it for {now.away:.0f} s", meant)))


def unjudged(driver: Driver) -> str:
    """What it means for a promotion that labels may take back that nobody drives; "" while somebody does."""
    return "" if driver.is_alive else "nobody judges it at this moment"


def fallen_back(flows: tuple[Flow, ...]) -> tuple[Flow, ...]:
    """What the gateway does by itself without the lease: all goes to stable, and copies to nobody."""
    return tuple(one._replace(share=100 if one.arm == STABLE else 0, mirrored=0) for one in flows)
