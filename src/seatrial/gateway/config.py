"""Envoy's configuration, as plain JSON values: what it is about, and where we listen.

Everything that changes while Envoy runs is in three kinds of files that it watches: the clusters (who
answers), the listeners (one for each entry) and the routes (a file for each entry, so that a change of
weights touches nothing else). The names of fields are those of Envoy's API v3.
"""

from __future__ import annotations

import json
from typing import Any

from seatrial.gateway import log_line
from seatrial.named_tuple import NamedTuple

Json = dict[str, Any]

TYPE = "type.googleapis.com/envoy."
# A stream may be silent for as long as a large model thinks before its first word.
STREAM_IDLE_SECONDS = 3600


# The arms of a release: who answers today, and who may answer tomorrow.
STABLE = "stable"
CANDIDATE = "candidate"


class Backend(NamedTuple):
    """A model server. `name` is the name of its cluster; `revision` is what answers and log lines name.

    `lease` is the path of the Unix socket on which the supervisor answers `GET /lease` while it drives; where
    it is given, the server can also be a candidate, which loses its requests when the lease lapses.
    """

    name: str
    port: int
    revision: str = ""
    lease: str = ""


class Share(NamedTuple):
    """The part of an entry's traffic that a backend gets: its weight over the sum of all weights.

    The requests of a candidate that cannot be reached, or whose lease has lapsed, go to the backends of the
    stable arm, also to those with a weight of 0.
    """

    backend: str
    weight: int
    arm: str = STABLE


class Mirror(NamedTuple):
    """Where a copy of so many percent of the requests goes; nobody gets the answers."""

    entry: str
    percent: int = 100


class Entry(NamedTuple):
    """Requests that come in, and who answers them: an environment, its preview, its shadow.

    Without shares every request is answered with 503. Without a port nothing but a mirror leads to it.
    `sticky` ("header NAME" or "cookie NAME") keeps each user with one arm, also while the weights change;
    `seed` says which users are the candidate's first. `logged` writes a line a request into `Paths.log`, with
    the answer's prediction where `logs_predictions`.
    """

    name: str
    host: str = ""
    port: int = 0
    shares: tuple[Share, ...] = ()
    timeout_seconds: float = 0.0  # 0: a request may take as long as it takes
    sticky: str = ""
    seed: str = ""
    mirror: Mirror | None = None
    logged: bool = False
    logs_predictions: bool = False


class Paths(NamedTuple):
    """Absolute paths of all that Envoy reads and writes. The folders hold one for each entry."""

    admin_socket: str
    clusters: str
    listeners: str
    route_folders: str
    log_folders: str

    def routes(self, entry: str) -> str:
        return f"{self.route_folders}/{entry}/routes.json"

    def log(self, entry: str) -> str:
        return f"{self.log_folders}/{entry}/access.log"


def preview(entry: Entry, host: str, port: int, backends: tuple[str, ...]) -> Entry:
    """Another address of an environment, which leads to one revision only."""
    shares = tuple(Share(name, 1) for name in backends)
    return Entry(f"{entry.name}-preview", host, port, shares, entry.timeout_seconds)


def shadow_name(entry: str) -> str:
    """The name of the entry at which an entry's copies arrive."""
    return f"{entry}-shadow"


def shadowed(entry: Entry, backends: tuple[str, ...], percent: int = 100) -> tuple[Entry, Entry]:
    """An environment that mirrors its requests, and the entry at which the copies arrive, with its own log.

    The two lines of a request have the same id.
    """
    shares = tuple(Share(name, 1, CANDIDATE) for name in backends)
    shadow = entry._replace(name=shadow_name(entry.name), host="", port=0, shares=shares)
    return entry._replace(mirror=Mirror(shadow.name, percent)), shadow._replace(logged=True)


def bootstrap(paths: Paths) -> Json:
    """What Envoy starts with; it never changes while it runs."""
    internal = {"@type": f"{TYPE}extensions.bootstrap.internal_listener.v3.InternalListener"}
    return {
        "node": {"id": "seatrial", "cluster": "seatrial"},
        "admin": {"address": {"pipe": {"path": paths.admin_socket, "mode": 0o600}}},
        "bootstrap_extensions": [{"name": "envoy.bootstrap.internal_listener", "typed_config": internal}],
        "dynamic_resources": {"cds_config": watched(paths.clusters), "lds_config": watched(paths.listeners)},
    }


def watched(path: str) -> Json:
    """A file that Envoy reads again whenever something is renamed into its folder."""
    folder = path.rpartition("/")[0]
    source = {"path": path, "watched_directory": {"path": folder}}
    return {"path_config_source": source, "resource_api_version": "V3"}


def listeners(entries: tuple[Entry, ...], paths: Paths) -> Json:
    return discovery("config.listener.v3.Listener", [listener(one, paths) for one in entries])


def listener(entry: Entry, paths: Paths) -> Json:
    """Where an entry's requests arrive: HTTP/1.1, HTTP/2 without TLS, and WebSocket."""
    manager = {
        "@type": f"{TYPE}extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": entry.name,
        "codec_type": "AUTO",
        "rds": {"route_config_name": entry.name, "config_source": watched(paths.routes(entry.name))},
        "http_filters": http_filters(entry),
        "upgrade_configs": [{"upgrade_type": "websocket"}],
        "stream_idle_timeout": seconds(STREAM_IDLE_SECONDS),
        "always_set_request_id_in_response": True,
        "preserve_external_request_id": True,
        "use_remote_address": True,
        "server_header_transformation": "PASS_THROUGH",
        **({"access_log": [access_log(entry, paths)]} if entry.logged else {}),
    }
    filters = [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]
    return {"name": entry.name, **arrival(entry), "filter_chains": [{"filters": filters}]}


def http_filters(entry: Entry) -> list[Json]:
    router = {"@type": f"{TYPE}extensions.filters.http.router.v3.Router", "suppress_envoy_headers": True}
    found: list[Json] = [{"name": "envoy.filters.http.router", "typed_config": router}]
    kind, _, name = entry.sticky.partition(" ")
    if kind == "cookie" and entry.logged:  # a log line can hold no single cookie otherwise
        keep = {"metadata_namespace": log_line.METADATA, "key": log_line.UNIT, "type": "STRING"}
        sources = ({"header": "x-request-id"}, {"cookie": name})  # the second, where it is there
        rules = {
            "@type": f"{TYPE}extensions.filters.http.header_to_metadata.v3.Config",
            "request_rules": [{**source, "on_header_present": keep} for source in sources],
        }
        found.insert(0, {"name": "envoy.filters.http.header_to_metadata", "typed_config": rules})
    return found


def arrival(entry: Entry) -> Json:
    """An address, or Envoy itself.

    Without SO_REUSEPORT, so an address that another process has is an error, not half of its traffic.
    """
    if not entry.port:
        return {"internal_listener": {}}
    return {
        "address": address(entry.host, entry.port),
        "enable_reuse_port": False,
        "connection_balance_config": {"exact_balance": {}},
    }


def access_log(entry: Entry, paths: Paths) -> Json:
    form = log_line.form(entry.sticky, entry.logs_predictions)
    log = {
        "@type": f"{TYPE}extensions.access_loggers.file.v3.FileAccessLog",
        "path": paths.log(entry.name),
        "log_format": {"text_format_source": {"inline_string": form}},
    }
    return {"name": "envoy.access_loggers.file", "typed_config": log}


def discovery(kind: str, resources: list[Json]) -> Json:
    """A DiscoveryResponse. Its version is the digest of its content: equal content, equal version."""
    import hashlib

    typed = [{"@type": f"{TYPE}{kind}", **resource} for resource in resources]
    version = hashlib.sha256(json.dumps(typed, sort_keys=True).encode()).hexdigest()[:16]
    return {"version_info": version, "resources": typed}


def version_of(document: Json) -> str:
    return str(document["version_info"])


def text(document: Json) -> bytes:
    return json.dumps(document, indent=1, sort_keys=True).encode() + b"\n"


def address(host: str, port: int) -> Json:
    return {"socket_address": {"address": host, "port_value": port}}


def seconds(number: float) -> str:
    """Protobuf's JSON form of a duration."""
    return f"{number:.9f}".rstrip("0").rstrip(".") + "s"
