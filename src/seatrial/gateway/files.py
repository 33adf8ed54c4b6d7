"""Where the gateway's files and sockets are in a home."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from seatrial.errors import Infrastructure
from seatrial.gateway.config import Paths

# The kernel takes 107 bytes; the name of a socket in the folder needs some of them.
LONGEST_FOLDER = 80


def home_key(home: Path) -> str:
    """What tells the things of this home from those of another one on the same machine."""
    return hashlib.sha256(str(home.resolve()).encode("utf-8", "surrogateescape")).hexdigest()[:12]


def entry_name(project: str, environment: str) -> str:
    """The name of an environment in Envoy and in our folders: plain letters, whatever it is called."""
    return "environment-" + hashlib.sha256(f"{project}\0{environment}".encode()).hexdigest()[:16]


def paths(home: Path) -> Paths:
    """All that Envoy reads; its folders are made."""
    gateway = home / "gateway"
    for folder in ("clusters", "listeners", "routes", "logs"):
        (gateway / folder).mkdir(mode=0o700, parents=True, exist_ok=True)
    return Paths(
        admin_socket=str(sockets(home) / "admin.sock"),
        clusters=str(gateway / "clusters" / "clusters.json"),
        listeners=str(gateway / "listeners" / "listeners.json"),
        route_folders=str(gateway / "routes"),
        log_folders=str(gateway / "logs"),
    )


def bootstrap_file(home: Path) -> Path:
    return home / "gateway" / "bootstrap.json"


def envoy_log(home: Path) -> Path:
    return home / "gateway" / "envoy.log"


def lease_socket(home: Path) -> Path:
    return sockets(home) / "lease.sock"


def service_port(home: Path) -> Path:
    """The file that says on which port of the loopback the supervisor can be asked."""
    return home / "gateway" / "port"


def sockets(home: Path) -> Path:
    """A folder for this home's Unix sockets, ours alone, made on first use; elsewhere for a long home.

    Where that is depends on nothing that differs between a login, a cron job and a stage (as XDG_RUNTIME_DIR
    does): all of them have to find the same Envoy.
    """
    inside = home.resolve() / "sockets"
    if len(os.fsencode(inside)) <= LONGEST_FOLDER:
        folder = inside
    else:
        folder = Path("/tmp") / f"seatrial-{os.getuid()}-{home_key(home)}"  # noqa: S108 - 0700, and checked
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if found.st_uid != os.getuid() or found.st_mode & 0o77 or not folder.is_dir() or folder.is_symlink():
        raise Infrastructure(f"{folder} is not a folder of ours alone", hint="remove it, or look who made it")
    return folder
