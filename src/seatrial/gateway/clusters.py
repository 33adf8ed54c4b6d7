"""Who answers, as Envoy's clusters: plain JSON values.

One cluster a server, which never changes, it only comes and goes: so its counters are the server's. A server
that has a lease has a second cluster, in which Envoy itself asks the supervisor whether it still drives; both
count under the server's name. The part of a candidate leads to a cluster that holds no connections and only
says in which order others are tried: the candidate under its lease, then the stable servers.
"""

from __future__ import annotations

from collections.abc import Sequence

from seatrial.gateway.config import CANDIDATE, STABLE, TYPE, Backend, Entry, Json, address, discovery, seconds
from seatrial.gateway.log_line import METADATA, REVISION, quoted

# Below what common servers grant an idle connection (uvicorn 5 s, gunicorn 2 s), so that they never close one
# at the moment in which we send a request on it.
UPSTREAM_IDLE_SECONDS = 1
CONNECT_SECONDS = 2
# Envoy's own limits are 1,024, less than many streams of a language model; the model server is the limit.
UNLIMITED = 1_000_000_000
LIMITS = ("max_connections", "max_pending_requests", "max_requests", "max_retries")
# So many copies may wait for a candidate that is slow; further ones are left out, and nobody else waits.
MOST_COPIES = 1_024
# A supervisor that is gone is noticed within 2 looks, one that hangs within 2 looks and 2 timeouts.
LEASE_SECONDS = 2
LEASE_LOOKS = 2


def clusters(backends: Sequence[Backend], entries: Sequence[Entry]) -> Json:
    """All of them. Raises nothing: an entry may name a backend that is not there, and is not led to it."""
    found = [cluster(one) for one in backends]
    found += [leased(one) for one in backends if one.lease]
    found += [one for entry in entries for one in of_entry(entry, backends)]
    return discovery("config.cluster.v3.Cluster", found)


def of_entry(entry: Entry, backends: Sequence[Backend]) -> list[Json]:
    """The clusters that only one entry needs."""
    leases = {one.name for one in backends if one.lease}
    stable = [share.backend for share in entry.shares if share.arm == STABLE]
    candidates = [share.backend for share in entry.shares if share.arm == CANDIDATE]
    found = [] if not stable else [in_order(entry, one, stable, one in leases) for one in candidates]
    return [*found, into(entry.mirror.entry)] if entry.mirror else found


def plus(document: Json, before: Sequence[Json]) -> Json:
    """A document of clusters and, beside them, those of before that it does not name."""
    named = {one["name"] for one in document["resources"]}
    kept = [one for one in before if one["name"] not in named]
    typed = [{key: one[key] for key in one if key != "@type"} for one in (*kept, *document["resources"])]
    return discovery("config.cluster.v3.Cluster", typed)


def cluster(backend: Backend) -> Json:
    """One server on the loopback. Its health is ours to judge, so Envoy asks nothing of it."""
    return {**limited(backend.name), **http(), **assignment(backend.name, endpoint(backend))}


def leased(backend: Backend) -> Json:
    """The same server, while the supervisor holds its lease; without it nobody is led there."""
    where = endpoint(backend)
    where["endpoint"]["health_check_config"] = {"address": {"pipe": {"path": backend.lease}}}
    check = {
        "timeout": seconds(LEASE_SECONDS),
        "interval": seconds(LEASE_SECONDS),
        "no_traffic_interval": seconds(LEASE_SECONDS),
        "unhealthy_threshold": LEASE_LOOKS,
        "healthy_threshold": 1,
        "reuse_connection": False,
        "http_health_check": {"path": "/lease", "host": "seatrial"},
    }
    name = leased_name(backend.name)
    return {
        **limited(name),
        **http(),
        **NEVER_PANIC,
        "alt_stat_name": backend.name,
        "health_checks": [check],
        **assignment(name, where),
    }


NEVER_PANIC: Json = {"common_lb_config": {"healthy_panic_threshold": {"value": 0}}}


def in_order(entry: Entry, candidate: str, stable: Sequence[str], has_lease: bool) -> Json:
    """First the candidate, and where it cannot be reached the stable servers."""
    first = leased_name(candidate) if has_lease else candidate
    order = {"@type": f"{TYPE}extensions.clusters.aggregate.v3.ClusterConfig", "clusters": [first, *stable]}
    return {
        **limited(in_order_name(entry.name, candidate)),
        **NEVER_PANIC,
        "lb_policy": "CLUSTER_PROVIDED",
        "cluster_type": {"name": "envoy.clusters.aggregate", "typed_config": order},
    }


def into(entry: str) -> Json:
    """The way to an entry without an address, within Envoy."""
    raw = {"@type": f"{TYPE}extensions.transport_sockets.raw_buffer.v3.RawBuffer"}
    inner = {
        "@type": f"{TYPE}extensions.transport_sockets.internal_upstream.v3.InternalUpstreamTransport",
        "transport_socket": {"name": "envoy.transport_sockets.raw_buffer", "typed_config": raw},
    }
    where = {"endpoint": {"address": {"envoy_internal_address": {"server_listener_name": entry}}}}
    return {
        **limited(entry, MOST_COPIES),
        **http(),
        "transport_socket": {"name": "envoy.transport_sockets.internal_upstream", "typed_config": inner},
        **assignment(entry, where),
    }


def leased_name(backend: str) -> str:
    return f"{backend}.leased"


def without_lease(told: str) -> frozenset[str]:
    """The servers to which nobody is led for want of a lease, from what Envoy tells of its clusters."""
    ends = ((line.partition("::")[0], line) for line in told.splitlines() if "/failed_active_hc" in line)
    suffix = leased_name("")
    return frozenset(name.removesuffix(suffix) for name, _ in ends if name.endswith(suffix))


def in_order_name(entry: str, candidate: str) -> str:
    return f"{entry}.{candidate}.or-stable"


def limited(name: str, most: int = UNLIMITED) -> Json:
    return {
        "name": name,
        "connect_timeout": seconds(CONNECT_SECONDS),
        "circuit_breakers": {"thresholds": [dict.fromkeys(LIMITS, most)]},
    }


def http() -> Json:
    """HTTP/1.1, on connections that are not kept for long."""
    options = {
        "@type": f"{TYPE}extensions.upstreams.http.v3.HttpProtocolOptions",
        "common_http_protocol_options": {"idle_timeout": seconds(UPSTREAM_IDLE_SECONDS)},
        "explicit_http_config": {"http_protocol_options": {}},
    }
    name = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
    return {"type": "STATIC", "typed_extension_protocol_options": {name: options}}


def endpoint(backend: Backend) -> Json:
    named = {"filter_metadata": {METADATA: {REVISION: quoted(backend.revision)}}}
    return {"endpoint": {"address": address("127.0.0.1", backend.port)}, "metadata": named}


def assignment(name: str, where: Json) -> Json:
    return {"load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": [where]}]}}
