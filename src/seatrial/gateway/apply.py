"""Bring a running Envoy from any configuration to the wanted one without losing a request.

A route whose cluster is missing fails every request, so: the clusters of before and after together,
confirmed by the administration interface; then routes and listeners, confirmed; then the clusters of after
alone. Every step may be repeated, and begins again after our death where it was.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from seatrial.clients import envoy
from seatrial.clients.envoy import Admin
from seatrial.errors import Infrastructure
from seatrial.gateway import clusters, config
from seatrial.gateway.config import Backend, Entry, Json, Paths
from seatrial.gateway.routes import routes
from seatrial.named_tuple import NamedTuple
from seatrial.system import files

CONFIRM_SECONDS = 5.0
REPEAT_SECONDS = 1.0
# Envoy takes a file within milliseconds; where it does not, looking less often costs nobody anything.
LOOK_SECONDS = 0.001
LONGEST_LOOK_SECONDS = 0.1
# The versions of all files that Envoy has taken, and how often it refused one.
VERSIONS = r".*\.(cds|lds|rds\..*)\.(version_text|update_rejected)"
WARMING = "cluster_manager.warming_clusters"

Seen = dict[str, Any]


class Wanted(NamedTuple):
    """All servers and all environments of a home."""

    backends: tuple[Backend, ...] = ()
    entries: tuple[Entry, ...] = ()


class Outcome(NamedTuple):
    """What is not as it is wanted, and why, by the names of environments.

    `closed`: their address cannot be opened. `refused`, `late`: Envoy refuses their routes, or has not taken
    them in time, so those from before are still in force.
    """

    closed: Mapping[str, str] = {}
    refused: Mapping[str, str] = {}
    late: Mapping[str, str] = {}

    @property
    def behind(self) -> Mapping[str, str]:
        return {**self.refused, **self.late}

    def plus(self, other: Outcome) -> Outcome:
        return Outcome(*({**mine, **others} for mine, others in zip(self, other, strict=True)))


class Late(Infrastructure):
    """Envoy has not taken a file in time."""


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


NOTHING = Outcome()


def write_all(paths: Paths, wanted: Wanted) -> None:
    """All files, for an Envoy that does not run yet."""
    write(Path(paths.clusters), clusters.clusters(*wanted))
    for entry in wanted.entries:
        write(Path(paths.routes(entry.name)), routes(entry))
    make_log_folders(paths, wanted)
    write(Path(paths.listeners), config.listeners(wanted.entries, paths))
    forget_routes(paths, wanted)


def apply(admin: Admin, paths: Paths, wanted: Wanted, held: Outcome = NOTHING) -> Outcome:
    """Make a running Envoy serve `wanted`, as far as it can be; one environment's trouble stops no other's.

    The routes that `held` names are not tried again: they stay as they are. Raises Unreachable while Envoy
    does not answer, Infrastructure when it does not take what all environments share.
    """
    seen = envoy.stats(admin, VERSIONS)
    cds = Watched(Path(paths.clusters), "cluster_manager.cds")
    after = clusters.clusters(*wanted)
    must(put(admin, cds, clusters.plus(after, read(cds.path).get("resources", ())), seen), cds)
    wait_warm(admin)
    entries = [entry for entry in wanted.entries if entry.name not in held.behind]
    known = [entry for entry in entries if rds(paths, entry).version in seen]
    outcome = held.plus(put_routes(admin, paths, known, seen))
    new = [entry for entry in entries if entry not in known]
    for entry in new:  # nobody reads them before there is a listener, so nothing can confirm them yet
        write(rds(paths, entry).path, routes(entry))
    closed = put_listeners(admin, paths, wanted, seen)
    opened = [entry for entry in new if entry.name not in closed]
    outcome = outcome.plus(put_routes(admin, paths, opened, seen))._replace(closed=closed)
    if not outcome.behind:  # routes from before may need the clusters from before
        must(put(admin, cds, after, seen), cds)
    return outcome


def wait_warm(admin: Admin) -> None:
    """Wait until all clusters can be used: one that has a lease only after Envoy has asked for it.

    A route to one that cannot is led to the stable servers, though Envoy has confirmed both. So it is as well
    after this where the lease is not held, or Envoy does not come to ask in time.
    """
    deadline = time.monotonic() + CONFIRM_SECONDS
    look = LOOK_SECONDS
    while envoy.stats(admin, WARMING).get(WARMING) and time.monotonic() < deadline:
        time.sleep(look)
        look = min(look * 1.2, LONGEST_LOOK_SECONDS)


def put_routes(admin: Admin, paths: Paths, entries: Sequence[Entry], seen: Seen) -> Outcome:
    """Write routes, each of an environment, and have them confirmed; says which are not."""
    refused, late = {}, {}
    for entry in entries:
        try:
            if not put(admin, rds(paths, entry), routes(entry), seen):
                refused[entry.name] = "Envoy refuses its routes (see `gateway/envoy.log` in the home)"
        except Late as problem:
            late[entry.name] = problem.message
    return Outcome(refused=refused, late=late)


def put_listeners(admin: Admin, paths: Paths, wanted: Wanted, seen: Seen) -> dict[str, str]:
    """Write the listeners; returns, by name, why an environment's listener cannot be."""
    watched = Watched(Path(paths.listeners), "listener_manager.lds")
    make_log_folders(paths, wanted)
    if put(admin, watched, config.listeners(wanted.entries, paths), seen):
        return {}
    names = {entry.name for entry in wanted.entries}
    found = {name: why for name, why in listener_problems(admin).items() if name in names}
    must(bool(found), watched)
    return found


def rds(paths: Paths, entry: Entry) -> Watched:
    return Watched(Path(paths.routes(entry.name)), f"http.{entry.name}.rds.{entry.name}")


def put(admin: Admin, watched: Watched, document: Json, seen: Seen) -> bool:
    """Write a file, unless Envoy has its content already, and wait for Envoy's answer: taken or refused.

    `seen` are the statistics of all watched files; it is brought up to date. Raises Late, or Unreachable.
    """
    version = config.version_of(document)
    refused = seen.get(watched.rejections, 0)
    deadline = time.monotonic() + CONFIRM_SECONDS
    repeat, look = 0.0, LOOK_SECONDS
    while seen.get(watched.version) != version:
        if time.monotonic() >= deadline:
            hint = "see `gateway/envoy.log` in the home"
            raise Late(f"Envoy does not take {watched.path.name}", hint=hint)
        if time.monotonic() >= repeat:
            write(watched.path, document)
            repeat = time.monotonic() + REPEAT_SECONDS
        time.sleep(look)
        look = min(look * 1.2, LONGEST_LOOK_SECONDS)
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


def make_log_folders(paths: Paths, wanted: Wanted) -> None:
    """Envoy makes the files, and refuses a listener whose log it cannot open."""
    for entry in wanted.entries:
        if entry.logged:
            Path(paths.log(entry.name)).parent.mkdir(mode=0o700, parents=True, exist_ok=True)


def forget_routes(paths: Paths, wanted: Wanted) -> None:
    """Remove the folders of environments that have no listener any more, before Envoy runs.

    A running Envoy goes on to watch the folder while the listener drains, and takes up that watch again when
    the environment comes back: on a folder that was removed meanwhile it would wait for ever.
    """
    names = {entry.name for entry in wanted.entries}
    for folder in Path(paths.route_folders).glob("*"):
        if folder.name not in names:
            files.remove(folder)
