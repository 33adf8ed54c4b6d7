"""Queries to a real Prometheus, and answers of whoever says to be one."""

from __future__ import annotations

import json
import socket
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.clients import prometheus
from seatrial.clients.prometheus import Unanswered, number, value_of
from seatrial.gateway import ports
from tests.clients.prometheus_server import serving
from tests.properties import examples


def test_a_real_one_gives_numbers_and_says_why_it_does_not(tmp_path: Path) -> None:
    with serving(tmp_path) as address:
        assert number(address, "vector(2.5) * 2") == 5.0
        assert number(f"{address}/", "scalar(vector(7))") == 7.0
        assert number(address, 'label_replace(vector(3), "a", "b c&d", "", "")') == 3.0
        for query, says in [
            ("no_such_series", "gives 0 series"),
            ("vector(1) or label_replace(vector(2), 'a', 'b', '', '')", "gives 2 series"),
            ("vector(0) / 0", "gives nan"),
            ("vector(1)[5m:1m]", "gives a matrix"),
            ("rate(", "the query failed"),
        ]:
            with pytest.raises(Unanswered, match=says):
                number(address, query)


@pytest.mark.parametrize(
    "address", ["127.0.0.1:9090", "ftp://h", "http://", "http://h:x", "http://[", "http://a:b@127.0.0.1:1"]
)
def test_what_is_no_address_is_asked_by_nobody(address: str) -> None:
    with pytest.raises(Unanswered, match="address"):
        number(address, "up")


def test_nobody_there_is_no_number() -> None:
    with pytest.raises(Unanswered, match="does not answer"):
        number(f"http://127.0.0.1:{ports.free_port()}", "up")


def test_an_answer_without_an_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prometheus, "LARGEST_ANSWER", 100_000)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def endless() -> None:
            taken, _ = server.accept()
            with taken:
                taken.recv(4096)
                try:
                    taken.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + b" " * 10_000_000)
                except OSError:
                    return

        threading.Thread(target=endless, daemon=True).start()
        with pytest.raises(Unanswered, match="does not end"):
            number(f"http://127.0.0.1:{server.getsockname()[1]}", "up")


@pytest.mark.parametrize(
    "answer",
    [
        "", "[]", "3", "null", "{}", '{"status": "success"}', "[" * 100_000,
        '{"status": "success", "data": {"resultType": "vector", "result": [{"value": [1]}]}}',
        '{"status": "success", "data": {"resultType": "vector", "result": [{"value": [1, "x"]}]}}',
        '{"status": "success", "data": {"resultType": "vector", "result": {"a": 1}}}',
        '{"status": "success", "data": {"resultType": "scalar", "result": [1, "+Inf"]}}',
        '{"status": "error", "error": 3}',
    ],
)  # fmt: skip
def test_what_is_no_answer_of_prometheus_is_no_number(answer: str) -> None:
    with pytest.raises(Unanswered):
        value_of(answer.encode())


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["status", "data", "resultType", "result", "value"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)


@examples(100)
@given(JSON)
def test_any_json_is_a_number_or_none(answer: object) -> None:
    with pytest.raises(Unanswered):
        value_of(json.dumps({"status": "success", "data": answer}).encode())
