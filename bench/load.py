"""A load from outside, wrk with one thread, and how what it found is shown."""

from __future__ import annotations

import os
import re
import statistics
import subprocess
from pathlib import Path
from typing import NamedTuple


class Load(NamedTuple):
    """What wrk told. Latencies in milliseconds; `cpu` in microseconds a request, of the measured process."""

    rate: float
    p50: float
    p99: float
    requests: int
    failed: int
    cpu: float = 0.0


class Peer(NamedTuple):
    port: int
    pid: int


def cpu_seconds(pid: int) -> float:
    """What a process has used so far, which does not depend on what else the machine does."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wrk(port: int, connections: int, seconds: int, script: Path | None = None) -> Load:
    asked = command(port, connections, seconds, script)
    return parse(subprocess.run(asked, capture_output=True, text=True, check=True).stdout)


def command(port: int, connections: int, seconds: int, script: Path | None = None) -> list[str]:
    """`script` says what each request is, if it is no plain GET."""
    options = ["-t1", f"-c{connections}", f"-d{seconds}s", "--latency"]
    return ["wrk", *options, *(["-s", str(script)] if script else []), f"http://127.0.0.1:{port}/"]


def parse(told: str) -> Load:
    def number(pattern: str) -> float:
        found = re.search(pattern, told)
        return float(found[1]) if found else 0.0

    def milliseconds(share: str) -> float:
        found = re.search(rf"{share}%\s+([\d.]+)(us|ms|s)\b", told)
        return float(found[1]) * {"us": 0.001, "ms": 1, "s": 1000}[found[2]] if found else 0.0

    broken = sum(number(rf"{kind} (\d+)") for kind in ("connect", "read", "write", "timeout"))
    failed = number(r"Non-2xx or 3xx responses: (\d+)") + broken
    rate, requests = number(r"Requests/sec:\s+([\d.]+)"), number(r"(\d+) requests in")
    return Load(rate, milliseconds("50"), milliseconds("99"), int(requests), int(failed))


def median(loads: list[Load], field: str) -> float:
    return statistics.median(float(getattr(load, field)) for load in loads)


def head(connections: int, rounds: int) -> None:
    print(f"{os.cpu_count()} cores, wrk -t1 -c{connections}, medians of {rounds} rounds")
    print(f"{'':34} {'requests/s':>11} {'p50 ms':>8} {'p99 ms':>8} {'failed':>7} {'CPU us':>7}")


def tell(what: str, loads: list[Load]) -> None:
    rate, p50, p99 = (statistics.median(one[column] for one in loads) for column in range(3))
    cpu = statistics.median(one.cpu for one in loads)
    cpu_text = f"{cpu:.1f}" if cpu else "-"
    failed = sum(one.failed for one in loads)
    print(f"{what:34} {rate:>11,.0f} {p50:>8.2f} {p99:>8.2f} {failed:>7} {cpu_text:>7}")
