"""The containers beside a stage, on a network of its own, up before its first command."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import Any

from seatrial.clients import docker
from seatrial.errors import StageFailed
from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.pipeline import Service
from seatrial.run import images
from seatrial.system import clock

READY_SECONDS = 120.0
_LOCAL_SECONDS = 20.0
_LOOK_SECONDS = 0.1
# So long has to have run what neither a port nor a health check shows to be up.
_SETTLED_SECONDS = 1.0


class _Ended(StageFailed):
    """A service has ended before the stage's first command."""


class Beside(NamedTuple):
    """The network of a stage, and its own container on it."""

    network: str
    container: str


def start(
    services: tuple[Service, ...], beside: Beside, labels: tuple[str, ...], log: Callable[[bytes], None]
) -> None:
    """Start them all, then wait for each. Raises StageFailed, Infrastructure.

    A local one may listen on none of the ports that its image names, and is not waited for long; it may also
    have done all its work and have ended.
    """
    ids = [_start(service, beside, labels, log) for service in services]
    begin = clock.monotonic()
    for service, container in zip(services, ids, strict=True):
        try:
            log(f"{_waited(service, container, beside, begin)}\n".encode())
        except _Ended as ended:
            if not service.is_local:
                raise
            log(f"{ended}\n".encode())


def _waited(service: Service, container: str, beside: Beside, begin: float) -> str:
    """What to say of a service after it was waited for. Raises StageFailed."""
    seconds = _LOCAL_SECONDS if service.is_local else READY_SECONDS
    shown = f"the service {service.name} ({service.image})"
    while not _is_ready(service, container, beside, clock.monotonic() - begin):
        if clock.monotonic() - begin < seconds:
            time.sleep(_LOOK_SECONDS)
        elif service.is_local:
            return f"{shown} does not answer yet"
        else:
            raise StageFailed(f"{shown} was not ready within {seconds:.0f} s{docker.last_lines(container)}")
    return f"{shown} is ready"


def _start(service: Service, beside: Beside, labels: tuple[str, ...], log: Callable[[bytes], None]) -> str:
    image = images.resolve(service.image, log)
    env = [word for name, value in service.env for word in ("--env", f"{name}={value}")]
    words = (*labels, *_where(service, beside), *env, *_started(service, image))
    try:
        return docker.run("run", "--detach", *words)
    except StageFailed as failure:
        shown = f"the service {service.name} ({service.image})"
        raise StageFailed(f"{shown} does not start: {failure.message}", failure.hint) from None


def _where(service: Service, beside: Beside) -> tuple[str, ...]:
    """On the network by its name; one that is local has the addresses and ports of the stage's container."""
    if service.is_local:
        return ("--network", f"container:{beside.container}")
    return ("--network", beside.network, "--network-alias", service.name)


def _started(service: Service, image: str) -> tuple[str, ...]:
    """The image, and what it starts with in the place of its own."""
    user = ("--user", service.user) if service.user else ()
    if not service.entrypoint:
        return (*user, image, *service.command)
    first, *rest = service.entrypoint
    return (*user, "--entrypoint", first, image, *rest, *service.command)


def _is_ready(service: Service, container: str, beside: Beside, ran_seconds: float) -> bool:
    """By the image's own health check where it has one, else by its ports, else by having run for a moment:
    what cannot start ends within it."""
    found = docker.inspect("container", container)
    if found is None or not found["State"]["Running"]:
        raise _Ended(f"the service {service.name} has ended{docker.last_lines(container)}")
    health = found["State"].get("Health")
    if health:
        return bool(health["Status"] == "healthy")
    ports = service.ports or _exposed(found)
    if not ports:
        return ran_seconds >= _SETTLED_SECONDS
    at = docker.inspect("container", beside.container) if service.is_local else found
    address = at["NetworkSettings"]["Networks"][beside.network]["IPAddress"]
    return all(_answers(address, port) for port in ports)


def _exposed(container: Any) -> tuple[int, ...]:
    exposed = container["Config"].get("ExposedPorts") or {}
    return tuple(int(port.partition("/")[0]) for port in exposed if port.endswith("/tcp"))


def _answers(address: str, port: int) -> bool:
    try:
        socket.create_connection((address, port), timeout=1.0).close()
    except OSError:
        return False
    return True
