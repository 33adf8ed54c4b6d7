"""`withRegistry` for another system: what opens a registry is a command there."""

from __future__ import annotations

import re

from seatrial.pipeline.container import Registry, host_of
from seatrial.pipeline.step import REQUIRED, Block, Credential, Shell, Step, WithCredentials, WithEnv

_HUB = "index.docker.io"


def logged_in(registry: Registry) -> tuple[tuple[Block, ...], tuple[Step, ...], tuple[Step, ...]]:
    """What stands around the steps of the block, what comes before them and what after."""
    known = WithEnv((("DOCKER_REGISTRY_URL", registry.url),), ())
    if not registry.credential:
        return (known,), (), ()
    name = re.sub(r"\W", "_", registry.credential).upper().lstrip("0123456789_") or "REGISTRY"
    user, password = f"{name}_USR", f"{name}_PSW"
    host = host_of(registry.url)
    where = "" if host in ("", _HUB) else f" {host}"
    login = f'printf %s "${password}" | docker login --username "${user}" --password-stdin{where}'
    secrets = (
        Credential(registry.credential, user, "username"),
        Credential(registry.credential, password, "password"),
    )
    around: tuple[Block, ...] = (WithCredentials(secrets, REQUIRED, ()), known)
    return around, (Shell(login),), (Shell(f"docker logout{where}"),)
