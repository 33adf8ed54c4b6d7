"""What a stage costs in the engine alone: stages that each copy a small file, beside a loop of `sh`.

    python bench/stages.py [--stages 100] [--rounds 5]

One process that has loaded all it needs drives every run, each in a new home: no start-up, no reading of a
file, no lines to show, and not the note by which `seatrial run` answers that there is nothing to do, so that
every result is looked up. bench/startup.py has the whole commands. The loop runs the same commands one after
the other and does nothing else: no isolation, no records, no cache. `ours` is the processor time of this
process alone, which hangs less on what else the machine does.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from seatrial.actions.all_actions import Actions
from seatrial.commit import all_sources, export
from seatrial.journal.journal import open_journal
from seatrial.pipeline.load import load
from seatrial.run.request import Request
from seatrial.run.runner import run
from seatrial.store.store import open_store


class Took(NamedTuple):
    seconds: float
    ours: float  # of the processor


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--stages", type=int, default=100)
    options.add_argument("--rounds", type=int, default=5)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="seatrial-bench-") as folder:
        measure(Path(folder), chosen.stages, chosen.rounds)


def measure(folder: Path, count: int, rounds: int) -> None:
    linear = project(folder / "linear", count, linear=True)
    independent = project(folder / "independent", count, linear=False)
    took: dict[str, list[Took]] = {}
    for number in range(rounds):
        took.setdefault(f"sh loop, {count} times cp", []).append(timed(partial(shell_loop, folder, count)))
        for name, repository in (("linear", linear), ("independent", independent)):
            again = partial(drive, prepared(repository, folder / f"{name}{number}.home"))
            for what in ("cold", "restored"):
                took.setdefault(f"{what}, {count} {name} stages", []).append(timed(again))
    show(took, count)


def show(took: dict[str, list[Took]], count: int) -> None:
    loop = 0.0
    for name, found in took.items():
        seconds, ours = (statistics.median(column) for column in zip(*found, strict=True))
        loop = loop or seconds
        each = f"{seconds / count * 1000:6.2f} ms a stage, ours {ours / count * 1000:5.2f}"
        print(f"{name:34} {seconds * 1000:8.1f} ms  {each}  {seconds / loop:6.2f} x loop")


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


def prepared(folder: Path, home: Path) -> Request:
    """What `seatrial run` would ask the engine for, in a new home."""
    home.mkdir()
    journal = open_journal(home)
    store = open_store(home, journal)
    change = all_sources.source("git").resolve(store, folder, "HEAD")
    tree = export.tree_of(store, change)
    pipeline = load((folder / "seatrial.yaml").read_text(), "seatrial.yaml").pipeline
    return Request(home, journal, store, "bench", change, tree, pipeline, pipeline.stages, Actions())


def drive(request: Request) -> None:
    if run(request).exit_code:
        raise SystemExit("a stage failed")


def shell_loop(folder: Path, count: int) -> None:
    (folder / "a").write_text("a small file\n")
    script = f"i=0; while [ $i -lt {count} ]; do sh -c 'cp a b'; i=$((i+1)); done"
    subprocess.run(["/bin/sh", "-c", script], cwd=folder, check=True)


def timed(what: Callable[[], None]) -> Took:
    start, before = time.perf_counter(), time.process_time()
    what()
    return Took(time.perf_counter() - start, time.process_time() - before)


if __name__ == "__main__":
    main()
