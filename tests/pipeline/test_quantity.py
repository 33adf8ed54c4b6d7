"""Durations, shares and sizes."""

from __future__ import annotations

import pytest

from seatrial.pipeline.quantity import parse_bytes, parse_duration, parse_percent


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90.0),
        ("2h", 7200.0),
        ("1h30m", 5400.0),
        ("1.5h", 5400.0),
        ("1d", 86400.0),
        ("250ms", 0.25),
        ("1m250ms", 60.25),
        (" 5m ", 300.0),
        ("0s", 0.0),
    ],
)
def test_durations(text: str, seconds: float) -> None:
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text",
    ["", " ", "90", "soon", "30m1h", "1h1h", "-5s", "5 s", "s", "1e3s", "٣s", "9" * 5000 + "s", "5s\n5s"],
)
def test_what_is_no_duration(text: str) -> None:
    assert parse_duration(text) is None


@pytest.mark.parametrize(("text", "share"), [("5%", 0.05), ("100%", 1.0), ("0.5 %", 0.005), ("0%", 0.0)])
def test_shares(text: str, share: float) -> None:
    assert parse_percent(text) == pytest.approx(share)


@pytest.mark.parametrize("text", ["", "5", "101%", "-5%", "%", "1e2%", "٣%"])
def test_what_is_no_share(text: str) -> None:
    assert parse_percent(text) is None


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("512", 512),
        ("1B", 1),
        ("2GiB", 2147483648),
        ("2Gi", 2147483648),
        ("2GB", 2000000000),
        ("2G", 2000000000),
        ("1.5KiB", 1536),
        ("1 TiB", 1099511627776),
    ],
)
def test_sizes(text: str, size: int) -> None:
    assert parse_bytes(text) == size


@pytest.mark.parametrize("text", ["", "x", "2Q", "-1", "1iB", "GiB"])
def test_what_is_no_size(text: str) -> None:
    assert parse_bytes(text) is None
