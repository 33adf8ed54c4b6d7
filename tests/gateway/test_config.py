import json
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.clients import envoy
from seatrial.gateway import clusters, config, routes
from seatrial.gateway.config import CANDIDATE, Backend, Entry, Paths, Share
from tests.properties import examples

GOLDENS = Path(__file__).parents[1] / "goldens" / "gateway"
PATHS = Paths(
    "/h/sockets/admin.sock",
    "/h/clusters/clusters.json",
    "/h/listeners/listeners.json",
    "/h/routes",
    "/h/logs",
)
BACKENDS = (
    Backend("server-a", 20001, "reviews/production/1"),
    Backend("server-b", 20002, "reviews/production/2", "/h/sockets/lease.sock"),
)
SPLIT = Entry(
    "environment-1", "127.0.0.1", 8080, (Share("server-a", 95), Share("server-b", 5, CANDIDATE)), logged=True
)
MIRRORED, SHADOW = config.shadowed(
    Entry("environment-3", "127.0.0.1", 8082, (Share("server-a", 1),), logs_predictions=True), ("server-b",)
)
STICKY = SPLIT._replace(sticky="cookie user", seed="release-1")
CLOSED = Entry("environment-2", "::1", 8081)
ALL = (SPLIT, CLOSED, MIRRORED, SHADOW)


@pytest.mark.parametrize(
    ("name", "document"),
    [
        ("bootstrap", config.bootstrap(PATHS)),
        ("clusters", clusters.clusters(BACKENDS, ALL)),
        ("listeners", config.listeners((*ALL, STICKY), PATHS)),
        ("routes", routes.routes(SPLIT)),
        ("routes-sticky", routes.routes(STICKY)),
        ("routes-mirrored", routes.routes(MIRRORED)),
        ("routes-shadow", routes.routes(SHADOW)),
        ("routes-closed", routes.routes(CLOSED)),
    ],
)
def test_what_envoy_reads_is_as_it_was_looked_at(name, document):
    golden = GOLDENS / f"{name}.json"
    assert config.text(document) == golden.read_bytes()


@pytest.mark.needs_envoy
@pytest.mark.parametrize(
    "entry", [SPLIT, CLOSED, MIRRORED, SHADOW, STICKY, STICKY._replace(sticky="header x-user")]
)
def test_envoy_itself_finds_no_fault(tmp_path, entry):
    logs = PATHS._replace(log_folders=str(tmp_path))
    (tmp_path / entry.name).mkdir()
    listener = config.listener(entry, logs)
    manager = listener["filter_chains"][0]["filters"][0]["typed_config"]
    del manager["rds"]
    manager["route_config"] = untyped(routes.routes(entry))[0]
    named = untyped(clusters.clusters(BACKENDS, (entry,)))
    whole = {**config.bootstrap(PATHS), "static_resources": {"clusters": named, "listeners": [listener]}}
    del whole["dynamic_resources"]
    assert validate(tmp_path, whole) == (0, "")
    manager["upgrade_configs"] = [{"upgrade_types": "websocket"}]
    assert validate(tmp_path, whole)[0] != 0


def untyped(document):
    return [{key: one[key] for key in one if key != "@type"} for one in document["resources"]]


def validate(folder, document):
    file = folder / "bootstrap.json"
    file.write_text(json.dumps(document))
    done = subprocess.run(
        [envoy.binary(), "--mode", "validate", "-c", file, "-l", "error"], capture_output=True, text=True
    )
    return done.returncode, done.stderr


def test_a_weight_of_nothing_is_left_out_so_that_its_cluster_may_go():
    entry = SPLIT._replace(shares=(SPLIT.shares[0], SPLIT.shares[1]._replace(weight=0)))
    table = routes.routes(entry)
    assert "server-b" not in json.dumps(table)
    assert "server-a" in json.dumps(table)


def test_no_route_has_the_default_timeout_of_15_seconds():
    assert routes.action(SPLIT)["route"]["timeout"] == "0s"
    assert routes.action(SPLIT._replace(timeout_seconds=2.5))["route"]["timeout"] == "2.5s"


def test_only_failed_connects_are_tried_again():
    assert routes.action(SPLIT)["route"]["retry_policy"]["retry_on"] == "connect-failure"


def test_a_document_keeps_what_it_does_not_name():
    before = clusters.clusters(BACKENDS, ())
    moved = clusters.clusters((BACKENDS[0]._replace(port=20009),), ())
    both = clusters.plus(moved, before["resources"])
    ports = {
        one["name"]: one["load_assignment"]["endpoints"][0]["lb_endpoints"][0]["endpoint"]["address"][
            "socket_address"
        ]["port_value"]
        for one in both["resources"]
    }
    assert ports == {"server-a": 20009, "server-b": 20002, "server-b.leased": 20002}
    assert clusters.plus(before, before["resources"]) == before


@given(
    st.lists(st.integers(0, 100), min_size=2, max_size=2),
    st.lists(st.integers(0, 100), min_size=2, max_size=2),
)
@examples(50)
def test_versions_are_equal_where_contents_are(one, other):
    def version(weights):
        shares = tuple(Share(f"s{n}", weight) for n, weight in enumerate(weights))
        return config.version_of(routes.routes(SPLIT._replace(shares=shares)))

    def split(weights):
        return [round(10_000 * weight / sum(weights)) for weight in weights] if any(weights) else []

    assert (version(one) == version(other)) == (split(one) == split(other))


def test_a_preview_leads_to_its_own_revision_alone():
    entry = config.preview(SPLIT, "127.0.0.1", 8090, ("server-b",))
    assert (entry.name, entry.port, entry.logged) == ("environment-1-preview", 8090, False)
    assert routes.parts(entry) == [("server-b", 10_000)]


FIRST = "environment-1.server-b.or-stable"


def shares(candidate, stable=("server-a",)):
    rest = 100 - candidate
    return (*(Share(name, rest) for name in stable), Share("server-b", candidate, CANDIDATE))


def test_without_a_seed_the_candidate_has_the_first_users():
    assert routes.parts(SPLIT) == [(FIRST, 500), ("server-a", 9_500)]


def test_servers_of_an_arm_divide_its_part_evenly():
    entry = SPLIT._replace(
        shares=(Share("s1", 30), Share("s2", 30), Share("s3", 30), Share("c", 10, CANDIDATE)), seed=""
    )
    found = routes.parts(entry)
    # 90 of 100 parts belong to three servers of stable, 10 to the candidate's one
    assert found == [
        ("environment-1.c.or-stable", 1_000),
        ("s1", 3_000),
        ("s2", 3_000),
        ("s3", 3_000),
    ]


@given(st.text(max_size=8), st.integers(1, 99), st.integers(1, 99))
@examples(100)
def test_a_candidate_that_gets_more_keeps_whom_it_has(seed, one, other):
    few, many = sorted((one, other))

    def users(weight):
        at = 0
        for name, part in routes.parts(STICKY._replace(shares=shares(weight), seed=seed)):
            if name == FIRST:
                return at, at + part
            at += part
        return None

    (low, high), (lower, higher) = users(few), users(many)
    assert lower <= low < high <= higher
    assert (high - low, higher - lower) == (100 * few, 100 * many)


def test_another_release_begins_with_other_users():
    begins = {routes.parts(STICKY._replace(shares=shares(5), seed=f"r{n}"))[0][1] for n in range(20)}
    assert len(begins) > 15


def test_a_candidate_without_stable_is_led_to_directly_and_a_shadow_only_by_its_lease():
    alone = SPLIT._replace(shares=(Share("server-b", 100, CANDIDATE),))
    assert routes.parts(alone) == [("server-b", 10_000)]
    assert routes.parts(SHADOW) == [("server-b.leased", 10_000)]


def test_stable_servers_without_weight_still_stand_behind_the_candidate():
    entry = SPLIT._replace(shares=(Share("server-a", 0), Share("server-b", 100, CANDIDATE)))
    assert routes.parts(entry) == [(FIRST, 10_000)]
    order = next(one for one in clusters.of_entry(entry, BACKENDS) if one["name"] == FIRST)
    assert order["cluster_type"]["typed_config"]["clusters"] == ["server-b.leased", "server-a"]
