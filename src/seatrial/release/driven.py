"""Whether anybody drives a release: what to say where nobody does, and who is served then. Pure."""

from __future__ import annotations

from seatrial.gateway.lease import HELD_SECONDS
from seatrial.release.decide import LEASE_SECONDS
from seatrial.release.sight import STABLE, Flow


def sentence(away: float, *, falls_back: bool, is_promoted: bool = False) -> str:
    """What it means that the driver was not seen for so many seconds; "" while the lease is held.

    Who wakes a driver, as `seatrial status` does, sees this until its first turn.
    """
    if away <= HELD_SECONDS:
        return ""
    ends = away > LEASE_SECONDS and not is_promoted
    after = ", and is taken back" if ends else " until somebody does"
    meant = f"the candidate gets no requests{after}" if falls_back else "it is taken back" if ends else ""
    return ": ".join(filter(None, (f"nobody has driven it for {away:.0f} s", meant)))


def fallen_back(flows: tuple[Flow, ...]) -> tuple[Flow, ...]:
    """What the gateway does by itself without the lease: all goes to stable, and copies to nobody."""
    return tuple(one._replace(share=100 if one.arm == STABLE else 0, mirrored=0) for one in flows)
