"""Envoy's configuration, as plain JSON values: which servers there are, where we listen, who gets how much.

Everything that changes while Envoy runs is in three kinds of files that it watches: the clusters (one
for each server, so a cluster never changes, it only comes and goes), the listeners (one for each environment)
and the routes (a file for each environment, so that a change of weights touches nothing else). The names of
fields are those of Envoy's API v3.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

Json = dict[str, Any]

_TYPE = "type.googleapis.com/envoy."
REVISION_HEADER = "seatrial-revision"
# A stream may be silent for as long as a large model thinks before its first word.
STREAM_IDLE_SECONDS = 3600
# Below what common servers grant an idle connection (uvicorn 5 s, gunicorn 2 s), so that they never close one
# at the moment in which we send a request on it.
UPSTREAM_IDLE_SECONDS = 1
CONNECT_SECONDS = 2
# Envoy's own limits are 1,024, less than many streams of a language model; the model server is the limit.
UNLIMITED = 1_000_000_000
LIMITS = ("max_connections", "max_pending_requests", "max_requests", "max_retries")


class Backend(NamedTuple):
    """A model server. `name` is the name of its cluster."""

    name: str
    port: int


class Share(NamedTuple):
    """The part of an environment's traffic that a backend gets: its weight over the sum of all weights."""

    backend: str
    revision: str
    weight: int


class Entry(NamedTuple):
    """An environment as the gateway sees it. Without shares every request is answered with 503."""

    name: str
    host: str
    port: int
    shares: tuple[Share, ...] = ()
    timeout_seconds: float = 0.0  # 0: a request may take as long as it takes


class Paths(NamedTuple):
    """Absolute paths of all that Envoy reads. `route_folders` holds a folder for each environment."""

    admin_socket: str
    clusters: str
    listeners: str
    route_folders: str

    def routes(self, entry: str) -> str:
        return f"{self.route_folders}/{entry}/routes.json"


def bootstrap(paths: Paths) -> Json:
    """What Envoy starts with; it never changes while it runs."""
    return {
        "node": {"id": "seatrial", "cluster": "seatrial"},
        "admin": {"address": {"pipe": {"path": paths.admin_socket, "mode": 0o600}}},
        "dynamic_resources": {"cds_config": watched(paths.clusters), "lds_config": watched(paths.listeners)},
    }


def watched(path: str) -> Json:
    """A file that Envoy reads again whenever something is renamed into its folder."""
    folder = path.rpartition("/")[0]
    source = {"path": path, "watched_directory": {"path": folder}}
    return {"path_config_source": source, "resource_api_version": "V3"}


def clusters(backends: tuple[Backend, ...]) -> Json:
    return discovery("config.cluster.v3.Cluster", [cluster(one) for one in backends])


def cluster(backend: Backend) -> Json:
    """One server on the loopback. Its health is ours to judge, so Envoy asks nothing of it."""
    endpoint = {"endpoint": {"address": address("127.0.0.1", backend.port)}}
    limits = dict.fromkeys(LIMITS, UNLIMITED)
    return {
        "name": backend.name,
        "type": "STATIC",
        "connect_timeout": seconds(CONNECT_SECONDS),
        "circuit_breakers": {"thresholds": [limits]},
        "typed_extension_protocol_options": {
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
                "@type": f"{_TYPE}extensions.upstreams.http.v3.HttpProtocolOptions",
                "common_http_protocol_options": {"idle_timeout": seconds(UPSTREAM_IDLE_SECONDS)},
                "explicit_http_config": {"http_protocol_options": {}},
            }
        },
        "load_assignment": {"cluster_name": backend.name, "endpoints": [{"lb_endpoints": [endpoint]}]},
    }


def listeners(entries: tuple[Entry, ...], paths: Paths) -> Json:
    return discovery("config.listener.v3.Listener", [listener(one, paths) for one in entries])


def listener(entry: Entry, paths: Paths) -> Json:
    """Where the environment's requests arrive: HTTP/1.1, HTTP/2 without TLS, and WebSocket.

    Without SO_REUSEPORT, so an address that another process has is an error, not half of its traffic.
    """
    manager = {
        "@type": f"{_TYPE}extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": entry.name,
        "codec_type": "AUTO",
        "rds": {"route_config_name": entry.name, "config_source": watched(paths.routes(entry.name))},
        "http_filters": [
            {
                "name": "envoy.filters.http.router",
                "typed_config": {
                    "@type": f"{_TYPE}extensions.filters.http.router.v3.Router",
                    "suppress_envoy_headers": True,
                },
            }
        ],
        "upgrade_configs": [{"upgrade_type": "websocket"}],
        "stream_idle_timeout": seconds(STREAM_IDLE_SECONDS),
        "always_set_request_id_in_response": True,
        "preserve_external_request_id": True,
        "use_remote_address": True,
        "server_header_transformation": "PASS_THROUGH",
    }
    filters = [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]
    return {
        "name": entry.name,
        "address": address(entry.host, entry.port),
        "enable_reuse_port": False,
        "connection_balance_config": {"exact_balance": {}},
        "filter_chains": [{"filters": filters}],
    }


def routes(entry: Entry) -> Json:
    """How one environment's requests are split. A weight of 0 is left out, so its cluster may go."""
    hosts = [{"name": entry.name, "domains": ["*"], "routes": [{"match": {"prefix": "/"}, **action(entry)}]}]
    table = {"name": entry.name, "virtual_hosts": hosts, "validate_clusters": False}
    return discovery("config.route.v3.RouteConfiguration", [table])


def action(entry: Entry) -> Json:
    shares = [share for share in entry.shares if share.weight > 0]
    if not shares:
        text = "no revision of this environment serves at the moment\n"
        return {"direct_response": {"status": 503, "body": {"inline_string": text}}}
    return {
        "route": {
            "weighted_clusters": {"clusters": [weighted(share) for share in shares]},
            "timeout": seconds(entry.timeout_seconds),
            "retry_policy": {"retry_on": "connect-failure", "num_retries": 3},
        }
    }


def weighted(share: Share) -> Json:
    header = {"key": REVISION_HEADER, "value": header_value(share.revision)}
    return {
        "name": share.backend,
        "weight": share.weight,
        "response_headers_to_add": [{"header": header, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}],
    }


def header_value(revision: str) -> str:
    """A revision's id in a header: percent-encoded where it is not plain, "%%" for Envoy's own "%"."""
    from urllib.parse import quote

    return quote(revision, safe="/").replace("%", "%%")


def discovery(kind: str, resources: list[Json]) -> Json:
    """A DiscoveryResponse. Its version is the digest of its content: equal content, equal version."""
    import hashlib

    typed = [{"@type": f"{_TYPE}{kind}", **resource} for resource in resources]
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
