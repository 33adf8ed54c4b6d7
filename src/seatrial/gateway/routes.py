"""How an entry's requests are split, as Envoy's routes: plain JSON values."""

from __future__ import annotations

import re
from collections.abc import Sequence

from seatrial.gateway.clusters import in_order_name, leased_name
from seatrial.gateway.config import CANDIDATE, STABLE, TYPE, Entry, Json, Mirror, Share, discovery, seconds
from seatrial.gateway.log_line import REVISION_OF_ANSWER

REVISION_HEADER = "seatrial-revision"
# Weights are written as parts of this: a user's hash is taken modulo the sum, which must not change with it.
WHOLE = 10_000
# How long a cookie that we set keeps its user where he is.
COOKIE_ATTRIBUTES = "Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax"


def routes(entry: Entry) -> Json:
    """One entry's table. A weight of 0 is left out, so its cluster may go."""
    hosts = [{"name": entry.name, "domains": ["*"], "routes": ways(entry)}]
    header = {"key": REVISION_HEADER, "value": REVISION_OF_ANSWER}
    table = {
        "name": entry.name,
        "virtual_hosts": hosts,
        "validate_clusters": False,
        "response_headers_to_add": [{"header": header, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}],
    }
    return discovery("config.route.v3.RouteConfiguration", [table])


def ways(entry: Entry) -> list[Json]:
    """Where a cookie keeps users, one without it gets the id of his request as one, and goes with it."""
    everything = {"prefix": "/"}
    kind, _, name = entry.sticky.partition(" ")
    if kind != "cookie":
        return [{"match": everything, **action(entry)}]
    known = {"name": "cookie", "string_match": {"safe_regex": {"regex": rf"(.*;\s*)?{re.escape(name)}=.+"}}}
    value = f"{name.replace('%', '%%')}=%REQ(x-request-id)%; {COOKIE_ATTRIBUTES}"
    given = {"header": {"key": "set-cookie", "value": value}, "append_action": "APPEND_IF_EXISTS_OR_ADD"}
    new = {**action(entry._replace(sticky="header x-request-id")), "response_headers_to_add": [given]}
    return [{"match": {**everything, "headers": [known]}, **action(entry)}, {"match": everything, **new}]


def action(entry: Entry) -> Json:
    if not any(share.weight > 0 for share in entry.shares):
        text = "no revision of this environment serves at the moment\n"
        return {"direct_response": {"status": 503, "body": {"inline_string": text}}}
    weighted = {"clusters": [{"name": name, "weight": part} for name, part in parts(entry)]}
    return {
        "route": {
            "weighted_clusters": {**weighted, **({"use_hash_policy": True} if entry.sticky else {})},
            "timeout": seconds(entry.timeout_seconds),
            "retry_policy": retry(entry),
            **({"hash_policy": [hashed(entry.sticky)]} if entry.sticky else {}),
            **({"request_mirror_policies": [copied(entry.mirror)]} if entry.mirror else {}),
        }
    }


def retry(entry: Entry) -> Json:
    """Only what has reached no server is tried again; a candidate's, on the next in its order."""
    policy: Json = {"retry_on": "connect-failure", "num_retries": 3}
    if any(share.arm == CANDIDATE for share in entry.shares):
        name = "envoy.retry_priorities.previous_priorities"
        config = {
            "@type": f"{TYPE}extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig",
            "update_frequency": 1,
        }
        policy["retry_priority"] = {"name": name, "typed_config": config}
    return policy


def hashed(sticky: str) -> Json:
    kind, _, name = sticky.partition(" ")
    if kind == "header":
        return {"header": {"header_name": name}}
    return {"cookie": {"name": name}}


def copied(mirror: Mirror) -> Json:
    share = {"default_value": {"numerator": mirror.percent, "denominator": "HUNDRED"}}
    return {"cluster": mirror.entry, "runtime_fraction": share, "disable_shadow_host_suffix_append": True}


def parts(entry: Entry) -> list[tuple[str, int]]:
    """Clusters and their parts of WHOLE, in order.

    The candidate's lie side by side, with stable's on both sides of them, in a proportion that the seed says:
    so a candidate that gets more keeps whom it has, and another release begins with other users.
    """
    stable = [share for share in entry.shares if share.arm == STABLE]
    candidate = [share for share in entry.shares if share.arm == CANDIDATE]
    total = sum(share.weight for share in entry.shares)
    rest = WHOLE - round(WHOLE * sum(share.weight for share in candidate) / total)
    before = round(rest * position(entry.seed)) if candidate and stable else 0
    named = [(cluster_of(entry, share), share.weight) for share in candidate]
    others = [(share.backend, share.weight) for share in stable]
    return [*divided(others, before), *divided(named, WHOLE - rest), *divided(others, rest - before)]


def position(seed: str) -> float:
    """Where between 0 and 1 a candidate's users begin."""
    import hashlib

    return int.from_bytes(hashlib.sha256(seed.encode()).digest()[:4]) / 2**32 if seed else 0.0


def divided(weighted: Sequence[tuple[str, int]], whole: int) -> list[tuple[str, int]]:
    """A whole number in parts as the weights are, as evenly as can be; parts of 0 are left out."""
    total = sum(weight for _, weight in weighted)
    found, done, seen = [], 0, 0
    for name, weight in weighted:
        seen += weight
        until = round(whole * seen / total) if total else 0
        if until > done:
            found.append((name, until - done))
        done = until
    return found


def cluster_of(entry: Entry, candidate: Share) -> str:
    """Where a candidate's requests are led: with stable behind it, or only there while it has its lease."""
    if any(share.arm == STABLE for share in entry.shares):
        return in_order_name(entry.name, candidate.backend)
    return candidate.backend if entry.port else leased_name(candidate.backend)
