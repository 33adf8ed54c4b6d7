"""Requests through the gateway beside requests straight to the server, and changes of weights under load.

    python bench/gateway.py [--seconds 5] [--rounds 3] [--changes 50] [--connections 32]

The load comes from outside: wrk, one thread. The server behind is an Envoy that answers by itself, so that it
is not what is measured. A change counts when the gateway has confirmed it; failed requests are those that wrk
calls errors: other answers than 2xx, and broken or timed-out connections.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from seatrial.clients import envoy
from seatrial.clients.envoy import Admin
from seatrial.gateway import config, ports
from seatrial.gateway.apply import Wanted
from seatrial.gateway.config import Backend, Entry, Share
from seatrial.gateway.jobs import Jobs
from seatrial.gateway.proxy import Proxy
from seatrial.gateway.routes import routes
from seatrial.gateway.yard import open_yard
from seatrial.journal.journal import open_journal


class Load(NamedTuple):
    """What wrk told. Latencies in milliseconds."""

    rate: float
    p50: float
    p99: float
    requests: int
    failed: int


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--seconds", type=int, default=5)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--changes", type=int, default=50)
    options.add_argument("--connections", type=int, default=32)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="seatrial-bench-") as name:
        measure(Path(name), chosen)


def measure(folder: Path, chosen: argparse.Namespace) -> None:
    upstreams = [Backend(name, ports.free_port()) for name in ("stable", "candidate")]
    servers = [start_upstream(folder / one.name, one.port) for one in upstreams]
    yard = open_yard(folder, open_journal(folder), Jobs(lambda: None))
    proxy = Proxy(yard)
    entry = Entry("bench", "127.0.0.1", ports.free_port())
    try:
        proxy.keep(wanted(entry, upstreams, 10))
        print(f"{os.cpu_count()} cores, wrk -t1 -c{chosen.connections}, medians of {chosen.rounds} rounds")
        print(f"{'':26} {'requests/s':>11} {'p50 ms':>8} {'p99 ms':>8} {'failed':>7}")
        direct = [wrk(upstreams[0].port, chosen) for _ in range(chosen.rounds)]
        through = [wrk(entry.port, chosen) for _ in range(chosen.rounds)]
        tell("straight to the server", direct)
        tell("through the gateway", through)
        changing(proxy, entry, upstreams, chosen)
    finally:
        proxy.end()
        for server in servers:
            server.kill()
            server.wait()


def changing(proxy: Proxy, entry: Entry, upstreams: list[Backend], chosen: argparse.Namespace) -> None:
    """Change the weights again and again while wrk runs."""
    load = subprocess.Popen(command(entry.port, chosen), stdout=subprocess.PIPE, text=True)
    pause = chosen.seconds * 0.8 / chosen.changes
    taken = []
    for number in range(chosen.changes):
        begun = time.perf_counter()
        proxy.keep(wanted(entry, upstreams, number % 50 + 1))
        taken.append((time.perf_counter() - begun) * 1000)
        time.sleep(pause)
    found = parse(load.communicate()[0])
    tell(f"during {chosen.changes} changes", [found])
    print(
        f"a change, confirmed: median {statistics.median(taken):.1f} ms, longest {max(taken):.1f} ms; "
        f"{found.failed} of {found.requests:,} requests failed"
    )


def wanted(entry: Entry, upstreams: list[Backend], weight: int) -> Wanted:
    stable, candidate = upstreams
    shares = (Share(stable.name, 100 - weight), Share(candidate.name, weight))
    return Wanted(tuple(upstreams), (entry._replace(shares=shares),))


def start_upstream(folder: Path, port: int) -> subprocess.Popen[bytes]:
    """A server that answers every request at once."""
    folder.mkdir()
    entry = Entry("upstream", "127.0.0.1", port)
    table = routes(entry)["resources"][0]
    answer = {"status": 200, "body": {"inline_string": "0.93\n"}}
    table["virtual_hosts"][0]["routes"][0]["direct_response"] = answer
    del table["@type"]
    admin = str(folder / "admin.sock")
    listener = config.listener(entry, config.Paths(admin, "", "", "", ""))
    manager = listener["filter_chains"][0]["filters"][0]["typed_config"]
    del manager["rds"]
    manager["route_config"] = table
    whole = {
        "admin": config.bootstrap(config.Paths(admin, "", "", "", ""))["admin"],
        "static_resources": {"listeners": [listener]},
    }
    (folder / "envoy.json").write_bytes(config.text(whole))
    options = ["--disable-hot-restart", "--concurrency", "1", "--log-level", "off"]
    server = subprocess.Popen([envoy.binary(), "-c", folder / "envoy.json", *options])
    while not envoy.is_ready(Admin(Path(admin))):
        time.sleep(0.01)
    return server


def wrk(port: int, chosen: argparse.Namespace) -> Load:
    done = subprocess.run(command(port, chosen), capture_output=True, text=True, check=True)
    return parse(done.stdout)


def command(port: int, chosen: argparse.Namespace) -> list[str]:
    options = ["-t1", f"-c{chosen.connections}", f"-d{chosen.seconds}s", "--latency"]
    return ["wrk", *options, f"http://127.0.0.1:{port}/"]


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


def tell(what: str, loads: list[Load]) -> None:
    rate, p50, p99 = (statistics.median(one[column] for one in loads) for column in range(3))
    failed = sum(one.failed for one in loads)
    print(f"{what:26} {rate:>11,.0f} {p50:>8.2f} {p99:>8.2f} {failed:>7}")


if __name__ == "__main__":
    main()
