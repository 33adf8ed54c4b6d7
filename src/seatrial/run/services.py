"""The containers beside a stage, on a network of its own, up before its first command."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import Any

from seatrial.clients import docker
from seatrial.errors import StageFailed
from seatrial.pipeline.pipeline import Service
from seatrial.run import images
from seatrial.system import clock

READY_SECONDS = 120.0
_LOOK_SECONDS = 0.1
_SHOWN_LINES = "20"


def start(
    services: tuple[Service, ...], network: str, labels: tuple[str, ...], log: Callable[[bytes], None]
) -> None:
    """Start them all, then wait for each. Raises StageFailed, Infrastructure."""
    ids = [_start(service, network, labels, log) for service in services]
    deadline = clock.monotonic() + READY_SECONDS
    for service, container in zip(services, ids, strict=True):
        _wait(service, container, network, deadline)
        log(f"the service {service.name} ({service.image}) is ready\n".encode())


def _start(service: Service, network: str, labels: tuple[str, ...], log: Callable[[bytes], None]) -> str:
    image = images.resolve(service.image, log)
    env = [word for name, value in service.env for word in ("--env", f"{name}={value}")]
    where = ("--network", network, "--network-alias", service.name)
    return docker.run("run", "--detach", *labels, *where, *env, image)


def _wait(service: Service, container: str, network: str, deadline: float) -> None:
    while not _is_ready(service, container, network):
        if clock.monotonic() >= deadline:
            last = _last_lines(container)
            raise StageFailed(f"the service {service.name} was not ready within {READY_SECONDS:.0f} s{last}")
        time.sleep(_LOOK_SECONDS)


def _is_ready(service: Service, container: str, network: str) -> bool:
    """By the image's own health check where it has one, else by its ports, else as soon as it runs."""
    found = docker.inspect("container", container)
    if found is None or not found["State"]["Running"]:
        raise StageFailed(f"the service {service.name} has ended{_last_lines(container)}")
    health = found["State"].get("Health")
    if health:
        return bool(health["Status"] == "healthy")
    address = found["NetworkSettings"]["Networks"][network]["IPAddress"]
    return all(_answers(address, port) for port in service.ports or _exposed(found))


def _exposed(container: Any) -> tuple[int, ...]:
    exposed = container["Config"].get("ExposedPorts") or {}
    return tuple(int(port.partition("/")[0]) for port in exposed if port.endswith("/tcp"))


def _answers(address: str, port: int) -> bool:
    try:
        socket.create_connection((address, port), timeout=1.0).close()
    except OSError:
        return False
    return True


def _last_lines(container: str) -> str:
    try:
        said = docker.run("logs", "--tail", _SHOWN_LINES, container)
    except StageFailed:
        return ""
    return f":\n{said}" if said else ""
