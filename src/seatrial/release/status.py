"""What is live now, and how it is doing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from seatrial.clients import envoy
from seatrial.gateway import clusters, ports
from seatrial.gateway.files import entry_name, sockets
from seatrial.journal import releases, servers
from seatrial.journal.journal import Journal
from seatrial.journal.releases import EnvironmentRow, ReleaseRow, RevisionRow
from seatrial.journal.servers import Deaths, ServerRow
from seatrial.named_tuple import NamedTuple
from seatrial.release import wake
from seatrial.release.driven import Driver
from seatrial.release.strategy import ANALYSE
from seatrial.system import clock, lock

COUNTERS = (
    r"cluster\.server-.*\.(upstream_rq_total|upstream_rq_5xx|upstream_rq_active|upstream_rq_rx_reset"
    r"|upstream_cx_none_healthy)"
    r"|http\..*\.(downstream_rq_completed|downstream_rq_5xx)"
)
LATELY_SECONDS = 3600.0


class ProcessStatus(NamedTuple):
    """A server. The counts are since it started, as far as the present Envoy has seen it."""

    revision: str
    status: str
    pid: int
    port: int
    seconds: float
    requests: int
    failed: int
    active: int
    log: str


class EnvironmentStatus(NamedTuple):
    """`serving` is the share of each revision in percent; `release` is the one under way, "" for none.

    `answers`: whether connections to the address are accepted at this moment. `requests` and `failed` count
    what came to the address, and was answered with 5xx, also by the gateway itself, since the present Envoy
    started.

    `trouble` says why it is not as it is wanted, and is tried again; "" where all is well. `deaths` are those
    of the servers of the stable revision, which were started again; None where there were none.
    """

    project: str
    name: str
    desired: str
    address: str
    answers: bool
    revision: str
    package: str
    commit: str
    verdict: str
    live_from: float | None
    serving: Mapping[str, int]
    release: str
    step: str
    trouble: str
    trouble_since: float | None
    requests: int
    failed: int
    processes: tuple[ProcessStatus, ...]
    deaths: Deaths | None


def status(home: Path, journal: Journal, project: str = "") -> list[EnvironmentStatus]:
    """All environments of a home, or of one project, at this moment."""
    stats = counters(home)
    rows = servers.live(journal)
    found = []
    for row in releases.environments(journal):
        if project in ("", row.project):
            stable = releases.revision(journal, row.stable) if row.stable else None
            place, now = (row.project, row.name), clock.now()
            past = releases.releases(journal, *place)
            died = servers.deaths(journal, *place, now - LATELY_SECONDS).get(row.stable)
            own = [one for one in rows if one.revision.rpartition("/")[0] == f"{row.project}/{row.name}"]
            processes = tuple(process_status(home, one, stats, now) for one in own)
            found.append(environment_status(row, stable, past, stats, processes, died))
    return found


def counters(home: Path) -> dict[str, Any]:
    """What Envoy has counted for each server; nothing where it does not run."""
    try:
        return envoy.stats(admin(home), COUNTERS)
    except envoy.Unreachable:
        return {}


def driver(home: Path) -> Driver:
    """What is seen of a home's driver, as long as nobody has woken another one."""
    try:
        told = envoy.ask(admin(home), "GET", "/clusters").decode("utf-8", "replace")
    except envoy.Unreachable:
        told = ""
    return Driver(lock.is_held(wake.lock_file(home)), clusters.without_lease(told))


def admin(home: Path) -> envoy.Admin:
    """Raises Unreachable in a home without sockets that none can be made in."""
    try:
        return envoy.Admin(sockets(home) / "admin.sock", timeout_seconds=1.0)
    except OSError as error:
        raise envoy.Unreachable from error


def process_status(home: Path, row: ServerRow, stats: Mapping[str, Any], now: float) -> ProcessStatus:
    def count(name: str) -> int:
        return int(stats.get(f"cluster.{row.token}.{name}", 0))

    # Who asks for a candidate without a lease gets a 503 of Envoy's own: the server was never asked.
    answered_badly = max(0, count("upstream_rq_5xx") - count("upstream_cx_none_healthy"))
    return ProcessStatus(
        revision=row.revision,
        status=row.status,
        pid=row.pid,
        port=row.port,
        seconds=max(0.0, now - row.at),
        requests=count("upstream_rq_total"),
        failed=answered_badly + count("upstream_rq_rx_reset"),
        active=count("upstream_rq_active"),
        log=str(home / "servers" / f"{row.token}.log"),
    )


def environment_status(
    row: EnvironmentRow,
    stable: RevisionRow | None,
    past: Sequence[ReleaseRow],
    stats: Mapping[str, Any],
    processes: tuple[ProcessStatus, ...],
    deaths: Deaths | None,
) -> EnvironmentStatus:
    running = next((one for one in past if one.finished is None), None)
    counted = f"http.{entry_name(row.project, row.name)}"
    since = [one.finished for one in past if one.status == releases.SUCCEEDED and one.revision == row.stable]
    return EnvironmentStatus(
        project=row.project,
        name=row.name,
        desired=row.desired,
        address=row.address,
        answers=row.desired == releases.UP and ports.is_answered(row.address),
        revision=row.stable,
        package=stable.package if stable else "",
        commit=stable.commit if stable else "",
        verdict=str(stable.body.get("evidence", {}).get("verdict", "")) if stable else "",
        live_from=since[-1] if since else None,
        serving=row.serving or {},
        release=running.id if running else "",
        step=describe_step(running) if running else "",
        trouble=row.trouble.text,
        trouble_since=row.trouble.since or None,
        requests=int(stats.get(f"{counted}.downstream_rq_completed", 0)),
        failed=int(stats.get(f"{counted}.downstream_rq_5xx", 0)),
        processes=processes,
        deaths=deaths,
    )


def describe_step(release: ReleaseRow) -> str:
    """The step that a release is at, in words: "start", "route 100%", "wait 30s", or "taking back"."""
    steps = release.plan["steps"]
    if release.status != releases.RUNNING or release.step >= len(steps):
        return release.status
    return step_words(steps[release.step])


def step_words(step: Mapping[str, Any]) -> str:
    """A step of a plan in words: "start", "route 5%", "wait 30s", "analyse to 50%", "ask"."""
    if step.get("asks"):
        return "ask"
    if step["kind"] == ANALYSE:
        if step.get("beside"):
            return "compare"
        return f"analyse to {step['evidence']:.0%}"
    amount = f" {step['weight']}%" if step["weight"] else f" {step['seconds']:g}s" if step["seconds"] else ""
    return f"{step['kind']}{amount}"
