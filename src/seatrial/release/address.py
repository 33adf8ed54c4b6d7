"""The address of an environment: its own, and nobody else's."""

from __future__ import annotations

from seatrial.errors import BadInput, Place
from seatrial.gateway import ports
from seatrial.journal import releases
from seatrial.journal.journal import Journal
from seatrial.journal.releases import EnvironmentRow
from seatrial.pipeline.pipeline import Environment
from seatrial.release import traffic


def address_of(journal: Journal, environment: Environment, row: EnvironmentRow | None) -> str:
    """The address where the environment is to be reached: its own, the one it has, or a free one."""
    if not environment.address:
        if row is not None and row.address:
            return row.address
        return ports.format_address("127.0.0.1", ports.free_port(traffic.taken_ports(journal)))
    host, port = ports.parse_address(environment.address)
    address = ports.format_address(host, port)
    if taken := owner_of(journal, row, port):
        text = f"the address {address} belongs to the environment {taken.project}/{taken.name}"
        raise BadInput(text, hint="give each environment an address of its own", place=environment.place)
    demand_free(row, address, environment.place)
    return address


def owner_of(journal: Journal, row: EnvironmentRow | None, port: int) -> EnvironmentRow | None:
    """The environment, other than that of `row`, whose address has the port."""
    others = (other for other in releases.environments(journal) if other != row and other.address)
    return next((other for other in others if ports.parse_address(other.address)[1] == port), None)


def demand_free(row: EnvironmentRow | None, address: str, place: Place | None = None) -> None:
    """Raises BadInput where something other than our own gateway for this environment listens there."""
    is_ours = row is not None and row.address == address and row.serving is not None
    if not is_ours and not ports.is_free(*ports.parse_address(address)):
        hint = "end it, or give the environment another `address`"
        raise BadInput(f"another process has the address {address}", hint=hint, place=place)
