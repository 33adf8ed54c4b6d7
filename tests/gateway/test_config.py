import json
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.clients import envoy
from seatrial.gateway import config
from seatrial.gateway.config import Backend, Entry, Paths, Share

GOLDENS = Path(__file__).parents[1] / "goldens" / "gateway"
PATHS = Paths(
    "/h/sockets/admin.sock", "/h/clusters/clusters.json", "/h/listeners/listeners.json", "/h/routes"
)
BACKENDS = (Backend("server-a", 20001), Backend("server-b", 20002))
SPLIT = Entry(
    "environment-1",
    "127.0.0.1",
    8080,
    (Share("server-a", "reviews/production/1", 95), Share("server-b", "reviews/production/2", 5)),
)
CLOSED = Entry("environment-2", "::1", 8081)


@pytest.mark.parametrize(
    ("name", "document"),
    [
        ("bootstrap", config.bootstrap(PATHS)),
        ("clusters", config.clusters(BACKENDS)),
        ("listeners", config.listeners((SPLIT, CLOSED), PATHS)),
        ("routes", config.routes(SPLIT)),
        ("routes-closed", config.routes(CLOSED)),
    ],
)
def test_what_envoy_reads_is_as_it_was_looked_at(name, document):
    golden = GOLDENS / f"{name}.json"
    assert config.text(document) == golden.read_bytes()


@pytest.mark.needs_envoy
def test_envoy_itself_finds_no_fault(tmp_path):
    clusters = [config.cluster(one) for one in BACKENDS]
    listener = config.listener(SPLIT, PATHS)
    manager = listener["filter_chains"][0]["filters"][0]["typed_config"]
    table = dict(config.routes(SPLIT)["resources"][0])
    del table["@type"]
    del manager["rds"]
    manager["route_config"] = table
    static = {"static_resources": {"clusters": clusters, "listeners": [listener]}}
    whole = {**config.bootstrap(PATHS), **static}
    del whole["dynamic_resources"]
    assert validate(tmp_path, whole) == (0, "")
    manager["upgrade_configs"] = [{"upgrade_types": "websocket"}]
    assert validate(tmp_path, whole)[0] != 0


def validate(folder, document):
    file = folder / "bootstrap.json"
    file.write_text(json.dumps(document))
    done = subprocess.run(
        [envoy.binary(), "--mode", "validate", "-c", file, "-l", "error"], capture_output=True, text=True
    )
    return done.returncode, done.stderr


def test_a_weight_of_nothing_is_left_out_so_that_its_cluster_may_go():
    share = SPLIT.shares[1]._replace(weight=0)
    table = config.routes(SPLIT._replace(shares=(SPLIT.shares[0], share)))
    assert "server-b" not in json.dumps(table)
    assert "server-a" in json.dumps(table)


def test_no_route_has_the_default_timeout_of_15_seconds():
    route = config.action(SPLIT)["route"]
    assert route["timeout"] == "0s"
    assert config.action(SPLIT._replace(timeout_seconds=2.5))["route"]["timeout"] == "2.5s"


def test_only_failed_connects_are_tried_again():
    assert config.action(SPLIT)["route"]["retry_policy"]["retry_on"] == "connect-failure"


@pytest.mark.parametrize(
    ("revision", "header"),
    [
        ("reviews/production/1", "reviews/production/1"),
        ("études/production/1", "%%C3%%A9tudes/production/1"),
        ("a b%/x/1", "a%%20b%%25/x/1"),
        ("evil\r\nheader: 1", "evil%%0D%%0Aheader%%3A%%201"),
    ],
)
def test_a_revision_is_a_safe_header(revision, header):
    assert config.header_value(revision) == header


@given(
    st.lists(st.integers(0, 100), min_size=2, max_size=2),
    st.lists(st.integers(0, 100), min_size=2, max_size=2),
)
@settings(max_examples=50)
def test_versions_are_equal_where_contents_are(one, other):
    def version(weights):
        shares = tuple(Share("s", f"r/{n}", weight) for n, weight in enumerate(weights))
        return config.version_of(config.routes(SPLIT._replace(shares=shares)))

    same = [w for w in enumerate(one) if w[1]] == [w for w in enumerate(other) if w[1]]
    assert (version(one) == version(other)) == same
