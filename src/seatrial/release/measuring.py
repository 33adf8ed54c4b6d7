"""Measure the numbers that gates of a release name: by commands, by queries, and from the gateway itself.

Each measurement is a job, so that nothing waits for it, and a row of the journal, which the next look counts.
One that dies with the supervisor was none, and is made again. Who cannot be asked says nothing of the model:
that is trouble for people to see, and no reading.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from functools import partial
from math import isfinite
from pathlib import Path
from typing import Any

from seatrial.clients import envoy, prometheus
from seatrial.clients.envoy import Unreachable
from seatrial.clients.prometheus import Unanswered
from seatrial.errors import Place as Where
from seatrial.errors import Problem
from seatrial.evaluation import gate as language
from seatrial.evaluation.gate import GATEWAY_NUMBERS
from seatrial.gateway import servers as processes
from seatrial.gateway import short_command
from seatrial.gateway.yard import Yard
from seatrial.journal import readings, releases, secrets, servers
from seatrial.journal.journal import Journal
from seatrial.journal.readings import Reading
from seatrial.journal.releases import RUNNING, EnvironmentRow, ReleaseRow
from seatrial.journal.servers import READY
from seatrial.pipeline.pipeline import Environment, Metric
from seatrial.release import launch
from seatrial.release.target import Ground
from seatrial.system import clock

TIMEOUT_SECONDS = 30.0
# The gateway's own numbers are of so many seconds, looked at so often.
WINDOW_SECONDS = 5.0
LOOK_SECONDS = 0.5
# Names of what Envoy counts of a server.
SENT, ACTIVE = "upstream_rq_total", "upstream_rq_active"
_LONGEST_NUMBER = 64
_LONGEST_TROUBLE = 300


def frozen(environment: Environment) -> dict[str, dict[str, Any]]:
    """The numbers that gates of an environment name, and where each comes from, for the plan."""
    own = {metric.name: metric for metric in environment.metrics}
    names = [language.thaw(gate.text) for gate in environment.gates]
    wanted = [own.get(gate.metric, Metric(gate.metric, Where(""))) for gate in names if gate.number]
    return {metric.name: plain(metric) for metric in wanted}


def plain(metric: Metric) -> dict[str, Any]:
    return {name: value for name, value in metric._asdict().items() if name not in ("name", "place")}


def begin(ground: Ground, row: EnvironmentRow) -> None:
    """Start what is due in the release that is under way; returns at once."""
    journal = ground.yard.journal
    release = releases.unfinished(journal, row.project, row.name)
    if release is None or not is_measured(release):
        return
    for metric in due(release, readings.last(journal, release.id), clock.now()):
        job = partial(measure, ground.yard, row, release, metric)
        ground.yard.jobs.start(f"measure {release.id} {metric.name}", job)


def is_measured(release: ReleaseRow) -> bool:
    return release.status == RUNNING and "served" in release.body and bool(release.plan.get("metrics"))


def due(release: ReleaseRow, last: Mapping[str, Reading], now: float) -> Iterator[Metric]:
    """Those whose time has come; of none before the warm-up is over, and one span more."""
    begun = float(release.body["served"]) + float(release.plan["warm_up"])
    for name, told in release.plan["metrics"].items():
        metric = Metric(name, Where(""), **told)
        before = last[name].at if name in last else begun
        if now - before >= metric.every_seconds:
            yield metric


def measure(yard: Yard, row: EnvironmentRow, release: ReleaseRow, metric: Metric) -> None:
    """Make one measurement, and write down what came of it."""
    value, trouble = None, ""
    try:
        value = measured(yard, row, release, metric)
    except (Unanswered, Unreachable, Problem, OSError) as error:
        trouble = f"{metric.name} cannot be measured: {error}"[:_LONGEST_TROUBLE]
    readings.add(yard.journal, release.id, metric.name, value, trouble)


def measured(yard: Yard, row: EnvironmentRow, release: ReleaseRow, metric: Metric) -> float | None:
    """The number; None where there was nothing to measure. Raises Unanswered, Unreachable, OSError."""
    if metric.name in GATEWAY_NUMBERS:
        return of_gateway(yard, release, metric.name)
    env = variables(yard, row, release)
    if metric.command:
        return by_command(yard, release, metric.command, env)
    return prometheus.number(metric.prometheus, filled(metric.query, env))


def variables(yard: Yard, row: EnvironmentRow, release: ReleaseRow) -> dict[str, str]:
    """What a command, and a query, can name."""
    ports = {one.revision: one.port for one in servers.live(yard.journal) if one.status == READY}
    return {
        "SEATRIAL_ENVIRONMENT": row.name,
        "SEATRIAL_CANDIDATE": release.revision,
        "SEATRIAL_STABLE": release.previous,
        "SEATRIAL_ADDRESS": row.address,
        "SEATRIAL_CANDIDATE_PORT": str(ports.get(release.revision, "")),
        "SEATRIAL_STABLE_PORT": str(ports.get(release.previous, "")),
    }


def filled(query: str, env: Mapping[str, str]) -> str:
    """A query with our variables filled in, the longest name first; every other `$` stays as it is."""
    for name in sorted(env, key=len, reverse=True):
        query = query.replace(f"${name}", env[name])
    return query


def by_command(yard: Yard, release: ReleaseRow, command: str, env: Mapping[str, str]) -> float:
    """What a command prints, run in the candidate's package. Raises Unanswered, BadInput, OSError."""
    revision = releases.revision(yard.journal, release.revision)
    assert revision is not None
    settings = revision.body["settings"]
    hidden = launch.read_secrets(yard.home, revision, tuple(settings["secrets"]))
    inherited = {name: os.environ[name] for name in processes.INHERITED if name in os.environ}
    given = {"PATH": settings["path"], **inherited, **dict(settings["env"]), **hidden, **env}
    token, folder = processes.new_token(yard.home), package_folder(yard, release.revision)
    said = short_command.run(yard.home, token, command, folder, given, TIMEOUT_SECONDS)
    if said.exit_code is None:
        raise Unanswered(f"the command took more than {TIMEOUT_SECONDS:g} s, or printed too much")
    if said.exit_code:
        last = secrets.mask_text(last_line(said.error), hidden.values())
        raise Unanswered(f"the command ended with {said.exit_code}: {last}")
    return number_of(said.output)


def package_folder(yard: Yard, revision: str) -> Path:
    """Where a server of the revision has its package. Raises Unanswered while it has none."""
    for one in servers.live(yard.journal):
        folder = processes.own_folder(yard.home, one.token) / "package"
        if one.revision == revision and one.status == READY and folder.is_dir():
            return folder
    raise Unanswered("no server of the candidate is ready")


def last_line(text: bytes) -> str:
    """The last line that says something, without signs that a terminal would obey."""
    lines = text.decode("utf-8", "replace").strip().splitlines()
    return "".join(one for one in (lines or [""])[-1] if one.isprintable())[-200:]


def number_of(output: bytes) -> float:
    """The finite number of the last line that a command prints. Raises Unanswered for all else."""
    text = last_line(output).strip()
    try:
        value = float(text) if len(text) <= _LONGEST_NUMBER and "_" not in text else None
    except ValueError:
        value = None
    if value is None or not isfinite(value):
        raise Unanswered("the last line of the command is no number")
    return value


def of_gateway(yard: Yard, release: ReleaseRow, name: str) -> float | None:
    """The candidate's own throughput or saturation over the next seconds; None where nobody asked it.

    Throughput: answers a second, over the candidate's share of the requests, so that it can be compared from
    share to share. Saturation: requests in flight on average, for each processor that we may use. None, too,
    where the share, the servers or Envoy changed meanwhile.
    """
    before = state_of(yard, release)
    share, tokens = before
    if not share:
        return None
    done, _ = counted(yard, tokens)
    begun = time.monotonic()
    in_flight = []
    while time.monotonic() - begun < WINDOW_SECONDS:
        in_flight.append(counted(yard, tokens)[1])
        time.sleep(LOOK_SECONDS)
    answers = counted(yard, tokens)[0] - done
    seconds = time.monotonic() - begun
    if state_of(yard, release) != before or answers < 0 or not (answers or any(in_flight)):
        return None
    if name == "throughput":
        return answers / seconds / (share / 100)
    return sum(in_flight) / len(in_flight) / len(os.sched_getaffinity(0))


def state_of(yard: Yard, release: ReleaseRow) -> tuple[int, tuple[str, ...]]:
    """The candidate's share in force, in percent, of requests or copies of them, and its servers."""
    row = releases.environment(yard.journal, release.project, release.environment)
    rows = servers.live(yard.journal)
    own = tuple(one.token for one in rows if one.revision == release.revision and one.status == READY)
    if row is None or not own:
        return 0, ()
    return (row.serving or {}).get(release.revision, 0) or row.mirror.get(release.revision, 0), own


def counted(yard: Yard, tokens: tuple[str, ...]) -> tuple[int, int]:
    """What servers have answered since Envoy started, and what is in flight. Raises Unreachable."""
    names = "|".join(tokens)
    found = envoy.stats(yard.admin, rf"cluster\.({names})\.({SENT}|{ACTIVE})")
    sent, active = (
        sum(value for name, value in found.items() if name.endswith(end)) for end in (SENT, ACTIVE)
    )
    return sent - active, active


def trouble(journal: Journal, release: ReleaseRow) -> str:
    """Why a number of a release's gates could not be had at the last try, "" where all could."""
    if not is_measured(release):
        return ""
    return next((one.trouble for one in readings.last(journal, release.id).values() if one.trouble), "")
