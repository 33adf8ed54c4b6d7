import socket
from pathlib import Path

import pytest

from seatrial.errors import BadInput, Infrastructure
from seatrial.gateway import ports


def test_a_free_port_is_free_and_none_of_the_taken():
    taken = {ports.free_port() for _ in range(20)}
    found = ports.free_port(taken)
    assert found not in taken
    with socket.create_server(("127.0.0.1", found)):
        assert not ports.is_free("127.0.0.1", found)
    assert ports.is_free("127.0.0.1", found)


def test_a_port_is_below_those_of_outgoing_connections():
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert all(ports.free_port() < lowest for _ in range(50))


def test_no_port_at_all_is_an_error():
    with pytest.raises(Infrastructure, match="no free port"):
        ports.free_port(range(ports.LOWEST, ports.HIGHEST + 1))


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("127.0.0.1:8080", ("127.0.0.1", 8080)),
        ("0.0.0.0:1", ("0.0.0.0", 1)),
        (":8080", ("0.0.0.0", 8080)),
        ("localhost:65535", ("127.0.0.1", 65535)),
        ("[::1]:8080", ("::1", 8080)),
    ],
)
def test_an_address_is_a_host_and_a_port(text, parsed):
    assert ports.parse_address(text) == parsed
    assert ports.parse_address(ports.format_address(*parsed)) == parsed


@pytest.mark.parametrize(
    "text",
    [
        "",
        "8080",
        "127.0.0.1",
        "127.0.0.1:",
        "127.0.0.1:0",
        "127.0.0.1:65536",
        "host:80",
        "1.2.3:4",
        "::1",
        "127.0.0.1:٣",
    ],
)
def test_what_is_no_address_is_refused(text):
    with pytest.raises(BadInput, match="is not an address"):
        ports.parse_address(text)


@pytest.mark.parametrize(("host", "said"), [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", ""), ("::", "[::]")])
def test_who_listens_is_answered_and_nobody_is_not(host, said):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family) as server:
        address = f"{said}:{server.getsockname()[1]}"
        assert ports.is_answered(address)
    assert not ports.is_answered(address)
