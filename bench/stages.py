"""A cold run, and one with nothing to do, of 100 stages that each copy a small file; beside a loop of `sh`.

    python bench/stages.py [--stages 100] [--rounds 5]

Ours is the whole process, its start included. The loop runs the same commands one after the other and does
nothing else: no isolation, no records, no cache.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--stages", type=int, default=100)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--drive", metavar="FOLDER", help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.drive:
        drive(Path(chosen.drive))
        return
    with tempfile.TemporaryDirectory(prefix="seatrial-bench-") as folder:
        measure(Path(folder), chosen.stages, chosen.rounds)


def measure(folder: Path, count: int, rounds: int) -> None:
    linear = project(folder / "linear", count, linear=True)
    independent = project(folder / "independent", count, linear=False)
    cases: dict[str, Callable[[], float]] = {
        "python -c pass": lambda: timed(sys.executable, "-c", "pass"),
        f"sh loop, {count} times cp": lambda: shell_loop(folder, count),
        f"cold, {count} linear stages": lambda: cold(linear),
        f"nothing to do, {count} stages": lambda: ours(linear),
        f"cold, {count} independent stages": lambda: cold(independent),
    }
    seconds: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(rounds):
        for name, run in cases.items():
            seconds[name].append(run())
    medians = {name: statistics.median(found) for name, found in seconds.items()}
    base, loop = list(medians.values())[:2]
    for name, value in medians.items():
        print(f"{name:34} {value * 1000:8.1f} ms  {value / base:6.2f} x pass  {value / loop:6.2f} x loop")


def project(folder: Path, count: int, *, linear: bool) -> Path:
    """A repository whose stage i copies the output of stage i-1, or the same file of the commit."""
    folder.mkdir(parents=True)
    (folder / "f0").write_text("a small file\n")
    lines = ["project: bench", "stages:"]
    for i in range(1, count + 1):
        source = f"f{i - 1}" if linear else "f0"
        lines.append(f"  s{i}: {{run: cp {source} f{i}, inputs: [{source}], outputs: [f{i}]}}")
    (folder / "seatrial.yaml").write_text("\n".join(lines) + "\n")
    author = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
    for command in (("init", "-q", "-b", "main"), ("add", "."), (*author, "commit", "-qm", "bench")):
        subprocess.run(["git", *command], cwd=folder, check=True)
    return folder


def cold(folder: Path) -> float:
    shutil.rmtree(folder.with_suffix(".home"), ignore_errors=True)
    return ours(folder)


def ours(folder: Path) -> float:
    env = {**os.environ, "SEATRIAL_HOME": str(folder.with_suffix(".home"))}
    return timed(sys.executable, __file__, "--drive", str(folder), env=env)


def shell_loop(folder: Path, count: int) -> float:
    (folder / "a").write_text("a small file\n")
    script = f"i=0; while [ $i -lt {count} ]; do sh -c 'cp a b'; i=$((i+1)); done"
    return timed("/bin/sh", "-c", script, folder=folder)


def timed(*command: str, env: dict[str, str] | None = None, folder: Path | None = None) -> float:
    start = time.perf_counter()
    subprocess.run(command, env=env, cwd=folder, check=True)
    return time.perf_counter() - start


def drive(folder: Path) -> None:
    """What `seatrial run` does with the project, without its words."""
    from seatrial.actions.all_actions import Actions
    from seatrial.commit import all_sources, export
    from seatrial.journal.journal import open_journal
    from seatrial.pipeline.load import load
    from seatrial.run.request import Request
    from seatrial.run.runner import run
    from seatrial.store.store import open_store
    from seatrial.system import settings

    home = settings.read().home
    journal = open_journal(home)
    store = open_store(home, journal)
    change = all_sources.source("git").resolve(store, folder, "HEAD")
    tree = export.tree_of(store, change)
    pipeline = load((folder / "seatrial.yaml").read_text(), "seatrial.yaml").pipeline
    request = Request(home, journal, store, "bench", change, tree, pipeline, pipeline.stages, Actions())
    sys.exit(run(request).exit_code)


if __name__ == "__main__":
    main()
