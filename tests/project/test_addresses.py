"""What `check` says of the addresses of environments."""

from __future__ import annotations

import pytest

from seatrial.pipeline.load import load
from seatrial.project import addresses

FILE = """\
project: p
environments:
  production: {{from: [main], address: "{first}"}}
  staging: {{from: [main], address: "{second}"}}
"""


def said(first: str, second: str = "") -> list[tuple[int, int, str]]:
    text = FILE.format(first=first, second=second)
    if not second:
        text = text.rpartition("  staging")[0]
    pipeline = load(text, "seatrial.yaml").pipeline
    return [(one.place.line, one.place.column, one.message) for one in addresses.findings(pipeline)]


@pytest.mark.parametrize("address", ["hello", "example.org:80"])
def test_an_address_is_a_host_of_this_machine_and_a_port(address: str) -> None:
    assert said(address) == [(3, 39, f"`address`: {address!r} is not an address")]


@pytest.mark.parametrize("address", ["127.0.0.1:8080", "localhost:8080", "[::1]:8080"])
def test_good_addresses(address: str) -> None:
    assert said(address, "127.0.0.1:8081") == []


@pytest.mark.parametrize("second", ["127.0.0.1:8080", "localhost:8080", "0.0.0.0:8080"])
def test_two_environments_cannot_have_one_address(second: str) -> None:
    text = "`staging` has the address of `production`, 127.0.0.1:8080"
    assert said("127.0.0.1:8080", second) == [(4, 36, text)]
