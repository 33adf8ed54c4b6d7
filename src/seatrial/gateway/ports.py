"""Ports of the loopback for model servers, and the fixed address of an environment.

Each run reads addresses, few look for ports: what only those need is imported by them.
"""

from __future__ import annotations

from collections.abc import Collection

from seatrial.errors import BadInput, Infrastructure

# Below what the kernel gives to outgoing connections (net.ipv4.ip_local_port_range begins at 32768), so that
# nobody takes a port by chance between our choice and the server's start.
LOWEST = 20_000
HIGHEST = 32_000
TRIES = 1_000
_LOOPBACKS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - of who listens everywhere


def free_port(taken: Collection[int] = (), *, host: str = "127.0.0.1") -> int:
    """A port on which nobody listens and which is not in `taken`."""
    from random import SystemRandom

    random = SystemRandom()
    for _ in range(TRIES):
        port = random.randint(LOWEST, HIGHEST)
        if port not in taken and is_free(host, port):
            return port
    raise Infrastructure(f"no free port between {LOWEST} and {HIGHEST}")


def is_free(host: str, port: int) -> bool:
    """Whether we could listen there at this moment."""
    import socket

    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def is_answered(address: str) -> bool:
    """Whether somebody accepts connections at an address, as `parse_address` reads it, at this moment."""
    import socket

    host, port = parse_address(address)
    try:
        socket.create_connection((_LOOPBACKS.get(host, host), port), timeout=1.0).close()
    except OSError:
        return False
    return True


def parse_address(text: str) -> tuple[str, int]:
    """ "127.0.0.1:8080" or "[::1]:8080" as host and port. Raises BadInput."""
    import ipaddress

    host, separator, port = text.rpartition(":")
    host = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    host = {"localhost": "127.0.0.1", "": "0.0.0.0" if separator else ""}.get(host, host)  # noqa: S104 - as asked
    try:
        ipaddress.ip_address(host)
    except ValueError:
        host = ""
    if not host or not (port.isascii() and port.isdigit()) or not 0 < int(port) < 65_536:
        raise BadInput(f"{text!r} is not an address", hint="write HOST:PORT, as 127.0.0.1:8080")
    return host, int(port)


def format_address(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
