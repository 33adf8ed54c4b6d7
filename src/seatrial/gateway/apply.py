"""Bring a running Envoy from any configuration to the wanted one without losing a request.

A route whose cluster is missing fails every request, so: the clusters of before and after together,
confirmed by the administration interface; then routes and listeners, confirmed; then the clusters of after
alone. Every step may be repeated, and begins again after our death where it was.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any, NamedTuple

from seatrial.clients import envoy
from seatrial.clients.envoy import Admin
from seatrial.errors import Infrastructure
from seatrial.gateway import config
from seatrial.gateway.config import Backend, Entry, Json, Paths
from seatrial.system import files

CONFIRM_SECONDS = 10.0
REPEAT_SECONDS = 1.0
LOOK_SECONDS = 0.001
# The versions of all files that Envoy has taken, and how often it refused one.
VERSIONS = r".*\.(cds|lds|rds\..*)\.(version_text|update_rejected)"

Seen = dict[str, Any]


class Wanted(NamedTuple):
    """All servers and all environments of a home."""

    backends: tuple[Backend, ...] = ()
    entries: tuple[Entry, ...] = ()


class Watched(NamedTuple):
    """A file that Envoy watches, and the prefix of the statistics that tell what it made of it."""

    path: Path
    statistics: str

    @property
    def version(self) -> str:
        return f"{self.statistics}.version_text"

    @property
    def rejections(self) -> str:
        return f"{self.statistics}.update_rejected"

    @property
    def pattern(self) -> str:
        escaped = self.statistics.replace(".", r"\.")
        return rf"{escaped}\.(version_text|update_rejected)"


def write_all(paths: Paths, wanted: Wanted) -> None:
    """All files, for an Envoy that does not run yet."""
    write(Path(paths.clusters), config.clusters(wanted.backends))
    for entry in wanted.entries:
        write(Path(paths.routes(entry.name)), config.routes(entry))
    write(Path(paths.listeners), config.listeners(wanted.entries, paths))
    forget_routes(paths, wanted)


def apply(admin: Admin, paths: Paths, wanted: Wanted) -> dict[str, str]:
    """Make a running Envoy serve `wanted`; returns, by name, why an environment's listener cannot be.

    Raises Unreachable while Envoy does not answer, Infrastructure when it refuses what it was given.
    """
    seen = envoy.stats(admin, VERSIONS)
    cds = Watched(Path(paths.clusters), "cluster_manager.cds")
    before = read_backends(cds.path)
    kept = tuple(one for one in before if one.name not in {new.name for new in wanted.backends})
    must(put(admin, cds, config.clusters((*kept, *wanted.backends)), seen), cds)
    known = [entry for entry in wanted.entries if put_routes(admin, paths, entry, seen)]
    taken = put(admin, lds(paths), config.listeners(wanted.entries, paths), seen)
    problems = {} if taken else listener_problems(admin)
    for entry in wanted.entries:
        if entry not in known and entry.name not in problems:
            watched = rds(paths, entry)
            must(put(admin, watched, config.routes(entry), seen), watched)
    must(put(admin, cds, config.clusters(wanted.backends), seen), cds)
    return problems


def lds(paths: Paths) -> Watched:
    return Watched(Path(paths.listeners), "listener_manager.lds")


def rds(paths: Paths, entry: Entry) -> Watched:
    return Watched(Path(paths.routes(entry.name)), f"http.{entry.name}.rds.{entry.name}")


def put_routes(admin: Admin, paths: Paths, entry: Entry, seen: Seen) -> bool:
    """Write an environment's routes; False where no listener reads them yet, so nothing can confirm them."""
    watched = rds(paths, entry)
    if watched.version in seen:
        must(put(admin, watched, config.routes(entry), seen), watched)
        return True
    write(watched.path, config.routes(entry))
    return False


def put(admin: Admin, watched: Watched, document: Json, seen: Seen) -> bool:
    """Write a file, unless Envoy has its content already, and wait for Envoy's answer: taken or refused.

    `seen` are the statistics of all watched files; it is brought up to date.
    """
    version = config.version_of(document)
    refused = seen.get(watched.rejections, 0)
    deadline = time.monotonic() + CONFIRM_SECONDS
    repeat = 0.0
    while seen.get(watched.version) != version:
        if time.monotonic() >= deadline:
            hint = "see `gateway/envoy.log` in the home"
            raise Infrastructure(f"Envoy does not take {watched.path}", hint=hint)
        if time.monotonic() >= repeat:
            write(watched.path, document)
            repeat = time.monotonic() + REPEAT_SECONDS
        time.sleep(LOOK_SECONDS)
        seen.update(envoy.stats(admin, watched.pattern))
        if seen.get(watched.rejections, 0) > refused:
            return False
    if read_version(watched.path) != version:
        write(watched.path, document)
    return True


def must(taken: bool, watched: Watched) -> None:
    if not taken:
        hint = "see `gateway/envoy.log` in the home; this is a defect of seatrial"
        raise Infrastructure(f"Envoy refuses {watched.path}", hint=hint)


def listener_problems(admin: Admin) -> dict[str, str]:
    """Why listeners could not be opened, by their names: most often that another process has the address."""
    failed = [one["error_state"] for one in envoy.dump(admin, "dynamic_listeners") if "error_state" in one]
    return {one["failed_configuration"]["name"]: one.get("details", "") for one in failed}


def read_backends(path: Path) -> tuple[Backend, ...]:
    """The servers that the file of clusters names at present."""
    found = []
    for one in read(path).get("resources", ()):
        endpoint = one["load_assignment"]["endpoints"][0]["lb_endpoints"][0]["endpoint"]
        found.append(Backend(one["name"], endpoint["address"]["socket_address"]["port_value"]))
    return tuple(found)


def read_version(path: Path) -> str:
    return str(read(path).get("version_info", ""))


def read(path: Path) -> Json:
    try:
        found: Json = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    return found


def write(path: Path, document: Json) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    files.write(path, config.text(document))


def forget_routes(paths: Paths, wanted: Wanted) -> None:
    """Remove the folders of environments that have no listener any more, before Envoy runs.

    A running Envoy goes on to watch the folder while the listener drains, and takes up that watch again when
    the environment comes back: on a folder that was removed meanwhile it would wait for ever.
    """
    names = {entry.name for entry in wanted.entries}
    for folder in Path(paths.route_folders).glob("*"):
        if folder.name not in names:
            files.remove(folder)
