"""From the journal to the gateway: which servers there are, and who gets how much."""

from __future__ import annotations

from seatrial.gateway import config, files, ports
from seatrial.gateway.apply import Wanted
from seatrial.gateway.config import CANDIDATE, STABLE, Backend, Entry, Share
from seatrial.gateway.files import entry_name
from seatrial.journal import releases, servers
from seatrial.journal.journal import Journal
from seatrial.journal.releases import UP, EnvironmentRow
from seatrial.journal.servers import ServerRow
from seatrial.release.target import Ground


def sync(ground: Ground) -> None:
    """Bring the gateway to what the journal says, as far as it goes, and note what is in force."""
    journal = ground.yard.journal
    rows = [row for row in servers.live(journal) if row.revision]
    found = releases.environments(journal)
    ground.proxy.keep(wanted(found, rows, str(files.lease_socket(ground.yard.home))))
    for environment in found:
        serving = in_force(ground, environment, rows)
        if serving != environment.serving:
            releases.record_serving(journal, environment, serving)


def wanted(environments: list[EnvironmentRow], rows: list[ServerRow], lease: str = "") -> Wanted:
    """The gateway's configuration. A server that drains keeps its cluster, and gets nothing new.

    `lease` is the socket at which the supervisor says that it still drives the candidates.
    """
    known = (servers.READY, servers.DRAINING)
    backends = [Backend(row.token, row.port, row.revision, lease) for row in rows if row.status in known]
    found = [entries(one, rows) for one in environments if listens(one, rows)]
    return Wanted(tuple(backends), tuple(one for own in found for one in own))


def listens(environment: EnvironmentRow, rows: list[ServerRow]) -> bool:
    """Whether the address of an environment is open: it is to serve, or something of it still runs."""
    return (environment.desired == UP and environment.stable != "") or any(
        owns(environment, row) for row in rows
    )


def entries(environment: EnvironmentRow, rows: list[ServerRow]) -> list[Entry]:
    """An environment's own entry, and those at which a candidate is previewed or gets copies."""
    main = entry(environment, rows)
    found = [main]
    candidates = [row for row in ready(rows) if row.revision != environment.stable and owns(environment, row)]
    preview = str(environment.gateway.get("preview", ""))
    if preview and candidates:
        found.append(config.preview(main, *ports.parse_address(preview), tokens(candidates)))
    for revision, percent in environment.mirror.items():
        copies = tokens([row for row in candidates if row.revision == revision])
        if copies:
            found[0], shadow = config.shadowed(found[0], copies, percent)
            found.append(shadow)
    return found


def entry(environment: EnvironmentRow, rows: list[ServerRow]) -> Entry:
    """The weight of a revision goes to its ready servers in equal parts.

    The stable revision's servers are always among them, though without weight, so that they can take over.
    """
    weights = {**dict.fromkeys(filter(None, (environment.stable,)), 0), **environment.weights}
    shares = []
    for revision, weight in weights.items():
        own = [row for row in ready(rows) if row.revision == revision]
        arm = STABLE if revision == environment.stable else CANDIDATE
        shares += [Share(row.token, weight, arm) for row in own]
    host, port = ports.parse_address(environment.address)
    predictions = environment.gateway.get("predictions") or {}
    return Entry(
        entry_name(environment.project, environment.name),
        host,
        port,
        tuple(shares),
        sticky=str(environment.gateway.get("sticky", "")),
        seed=next((name for name in weights if name != environment.stable), ""),
        logged=True,
        logs_predictions=predictions.get("source") == "header",
    )


def ready(rows: list[ServerRow]) -> list[ServerRow]:
    return [row for row in rows if row.status == servers.READY]


def owns(environment: EnvironmentRow, row: ServerRow) -> bool:
    return row.revision.rpartition("/")[0] == f"{environment.project}/{environment.name}"


def tokens(rows: list[ServerRow]) -> tuple[str, ...]:
    return tuple(row.token for row in rows)


def in_force(ground: Ground, environment: EnvironmentRow, rows: list[ServerRow]) -> dict[str, int] | None:
    """The weights that Envoy has confirmed, those from before where it is stuck; None: nobody listens."""
    if ground.proxy.row is None:
        return None
    if not ground.proxy.holds(entry_name(environment.project, environment.name)):
        return environment.serving
    if not listens(environment, rows) or problem(ground, environment):
        return None
    return environment.weights


def problem(ground: Ground, environment: EnvironmentRow) -> str:
    """Why the address of an environment cannot be opened, "" where it can."""
    details = ground.proxy.outcome.closed.get(entry_name(environment.project, environment.name), "")
    return f"the gateway cannot listen on {environment.address}: {details}" if details else ""


def stuck(ground: Ground, environment: EnvironmentRow) -> tuple[str, bool]:
    """Why an environment is not routed as was asked, "" where it is; and whether Envoy has refused that."""
    name = entry_name(environment.project, environment.name)
    refused = ground.proxy.outcome.refused.get(name, "")
    return refused or ground.proxy.outcome.late.get(name, "") or ground.proxy.trouble, bool(refused)


def taken_ports(journal: Journal) -> set[int]:
    """Ports of servers, and of all addresses."""
    addresses = [row.address for row in releases.environments(journal) if row.address]
    return {row.port for row in servers.live(journal)} | {ports.parse_address(one)[1] for one in addresses}
