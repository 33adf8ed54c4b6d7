"""Start-up, a run with nothing to do, and a cold run of stages that copy a file: the real commands.

    python bench/startup.py [--rounds 11] [--cold-rounds 5] [--doit BIN/doit] [--dvc BIN/dvc] [--installed]

One round runs every case once, so that what else the machine does falls on all alike; medians are shown.
`--installed` installs the peers (see bench/peers.py) and measures them too.
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
from typing import NamedTuple

SEATRIAL = str(Path(sys.executable).with_name("seatrial"))
AUTHOR = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")


class Case(NamedTuple):
    """`prepare` is not timed; `is_cold` cases run in fewer rounds."""

    name: str
    run: Callable[[], float]
    prepare: Callable[[], None] = lambda: None
    is_cold: bool = False


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--rounds", type=int, default=11)
    options.add_argument("--cold-rounds", type=int, default=5)
    options.add_argument("--doit", default="")
    options.add_argument("--dvc", default="")
    options.add_argument("--installed", action="store_true")
    chosen = options.parse_args()
    if chosen.installed:
        from bench import peers

        chosen.doit, chosen.dvc = str(peers.folder("doit") / "doit"), str(peers.folder("dvc") / "dvc")
    with tempfile.TemporaryDirectory(prefix="seatrial-bench-") as folder:
        show(measured(cases(Path(folder), chosen), chosen.rounds, chosen.cold_rounds))


def cases(folder: Path, chosen: argparse.Namespace) -> list[Case]:
    found = [
        Case("python -c pass", lambda: timed(sys.executable, "-c", "pass")),
        Case("seatrial --version", lambda: timed(SEATRIAL, "--version")),
        Case("seatrial --help", lambda: timed(SEATRIAL, "--help")),
        Case("sh: 100 times `sh -c cp`", lambda: shell_loop(folder, 100), is_cold=True),
    ]
    found += [case for count in (10, 100) for case in ours(folder / f"ours{count}", count)]
    found += ours(folder / "apart100", 100, linear=False)[:1]
    for name, program in (("doit", chosen.doit), ("dvc", chosen.dvc)):
        if program:
            found += [
                case for count in (10, 100) for case in theirs(folder / f"{name}{count}", program, count)
            ]
    return found


def ours(folder: Path, count: int, *, linear: bool = True) -> list[Case]:
    """Each stage copies the output of the one before, or each the same file of the commit."""
    sources = [f"f{i if linear else 0}" for i in range(count)]
    stages = [
        f"  s{i}: {{run: cp {source} f{i + 1}, inputs: [{source}], outputs: [f{i + 1}]}}"
        for i, source in enumerate(sources)
    ]
    text = "\n".join(["project: bench", "stages:", *stages, ""])
    repository(folder, {"seatrial.yaml": text, "f0": "a small file\n"})
    home = folder.with_suffix(".home")
    env = {**os.environ, "SEATRIAL_HOME": str(home)}

    def run() -> float:
        return timed(SEATRIAL, "run", folder=folder, env=env)

    def forget() -> None:
        shutil.rmtree(home, ignore_errors=True)

    shape = "linear" if linear else "independent"

    return [
        Case(f"seatrial run, {count} {shape} stages, cold", run, forget, is_cold=True),
        Case(f"seatrial run, {count} stages, nothing to do", run),
    ]


def theirs(folder: Path, program: str, count: int) -> list[Case]:
    name = Path(program).name
    make, command, forget = (doit if name == "doit" else dvc)(folder, program, count)
    make()

    def run() -> float:
        return timed(program, *command, folder=folder)

    return [
        Case(f"{name}, {count} stages, cold", run, forget, is_cold=True),
        Case(f"{name}, {count} stages, nothing to do", run),
    ]


Peer = tuple[Callable[[], None], tuple[str, ...], Callable[[], None]]


def doit(folder: Path, _program: str, count: int) -> Peer:
    text = (
        "def task_copy():\n"
        f"    for i in range({count}):\n"
        "        yield {'name': f's{i}', 'actions': [f'cp f{i} f{i + 1}'], 'file_dep': [f'f{i}'],"
        " 'targets': [f'f{i + 1}']}\n"
    )

    def forget() -> None:
        for path in [*folder.glob("f[1-9]*"), *folder.glob(".doit*")]:
            path.unlink()

    def make() -> None:
        repository(folder, {"dodo.py": text, "f0": "a small file\n"})

    return make, (), forget


def dvc(folder: Path, program: str, count: int) -> Peer:
    stages = [f"  s{i}: {{cmd: cp f{i} f{i + 1}, deps: [f{i}], outs: [f{i + 1}]}}" for i in range(count)]
    text = "\n".join(["stages:", *stages, ""])

    def make() -> None:
        repository(folder, {"dvc.yaml": text, "f0": "a small file\n"})
        subprocess.run([program, "init", "-q"], cwd=folder, check=True)
        subprocess.run([program, "config", "core.analytics", "false"], cwd=folder, check=True)

    def forget() -> None:
        (folder / "dvc.lock").unlink(missing_ok=True)
        shutil.rmtree(folder / ".dvc" / "cache", ignore_errors=True)
        for path in folder.glob("f[1-9]*"):
            path.unlink()

    return make, ("repro", "-q"), forget


def repository(folder: Path, contents: dict[str, str]) -> None:
    folder.mkdir(parents=True)
    for name, text in contents.items():
        (folder / name).write_text(text)
    for command in (("init", "-q", "-b", "main"), ("add", "."), (*AUTHOR, "commit", "-qm", "bench")):
        subprocess.run(["git", *command], cwd=folder, check=True)


def shell_loop(folder: Path, count: int) -> float:
    (folder / "a").write_text("a small file\n")
    script = f"i=0; while [ $i -lt {count} ]; do sh -c 'cp a b'; i=$((i+1)); done"
    return timed("/bin/sh", "-c", script, folder=folder)


def timed(*command: str, folder: Path | None = None, env: dict[str, str] | None = None) -> float:
    start = time.perf_counter()
    subprocess.run(command, cwd=folder, env=env, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def measured(found: list[Case], rounds: int, cold_rounds: int) -> dict[str, list[float]]:
    """Seconds of each case. What is cold comes first in a round, so that nothing is left to do after it."""
    seconds: dict[str, list[float]] = {case.name: [] for case in found}
    for number in range(max(rounds, cold_rounds)):
        for case in found:
            if number < (cold_rounds if case.is_cold else rounds):
                case.prepare()
                seconds[case.name].append(case.run())
    return seconds


def show(seconds: dict[str, list[float]]) -> None:
    medians = {name: statistics.median(found) for name, found in seconds.items()}
    base = medians["python -c pass"]
    loop = medians["sh: 100 times `sh -c cp`"]
    for name, value in medians.items():
        beside = f"  {value / loop:6.2f} x loop" if "100" in name else ""
        print(f"{name:42} {value * 1000:9.1f} ms  {value / base:7.2f} x pass{beside}")


if __name__ == "__main__":
    main()
