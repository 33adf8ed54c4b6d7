"""Adding a model of 2 GiB to the store, as one file and as eight; beside `openssl dgst` and `dvc add`.

    python bench/store.py [--gib 2] [--rounds 3] [--folder /tmp] [--dvc PATH/TO/dvc]

Ours is the whole process, its start included, on files that the page cache holds. What is added stays where
it is, as an input from outside the commit does. `again` is the same once more: the stat cache knows it.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

SHARDS = 8
CHUNK = 16 << 20


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--gib", type=float, default=2)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--folder", type=Path, default=None, help="where 4 times the size is free")
    options.add_argument("--dvc", type=Path, help="the program dvc")
    options.add_argument("--add", nargs="+", type=Path, metavar=("HOME", "FILE"), help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.add:
        add(chosen.add[0], chosen.add[1:])
        return
    with tempfile.TemporaryDirectory(prefix="seatrial-bench-", dir=chosen.folder) as name:
        measure(Path(name), int(chosen.gib * (1 << 30)), chosen.rounds, chosen.dvc and chosen.dvc.absolute())


def measure(folder: Path, size: int, rounds: int, dvc: Path | None) -> None:
    whole, shards = write(folder, size)
    print(f"{os.cpu_count()} cores, {size / (1 << 30):g} GiB, medians of {rounds} rounds")
    print(f"{'':24} {'one file':>20} {'eight files':>20}")
    cases: dict[str, Callable[[list[Path]], float]] = {
        "openssl dgst -sha256": openssl,
        "openssl on all cores": openssl_on_all_cores,
        "seatrial": lambda files: ours(folder / "home", files, fresh=True),
        "seatrial, again": lambda files: ours(folder / "home", files, fresh=False),
    }
    if dvc:
        cases["dvc add"] = lambda files: dvc_add(folder / "dvc", files, dvc)
    found: dict[str, list[list[float]]] = {name: [[], []] for name in cases}
    for _ in range(rounds):
        for column, files in enumerate(([whole], shards)):
            for name, run in cases.items():
                found[name][column].append(run(files))
    medians = {name: [statistics.median(column) for column in columns] for name, columns in found.items()}
    for name, columns in medians.items():
        bases = medians["openssl dgst -sha256"]
        texts = [
            f"{seconds:.3f} s ({seconds / base:.2f}x)" for seconds, base in zip(columns, bases, strict=True)
        ]
        print(f"{name:24} {texts[0]:>20} {texts[1]:>20}")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"the largest process took {peak:.0f} MiB{' (with dvc)' if dvc else ''}")


def write(folder: Path, size: int) -> tuple[Path, list[Path]]:
    """The file, and the same bytes as eight."""
    shards = [folder / f"shard-{number}" for number in range(SHARDS)]
    whole = folder / "whole"
    with whole.open("wb") as file:
        for shard in shards:
            with shard.open("wb") as part:
                for _ in range(max(1, size // SHARDS // CHUNK)):
                    content = os.urandom(CHUNK)
                    part.write(content)
                    file.write(content)
    os.sync()
    time.sleep(2.5)  # the stat cache believes no file that was changed within the last two seconds
    return whole, shards


def openssl(files: list[Path]) -> float:
    return timed("openssl", "dgst", "-sha256", *files)


def openssl_on_all_cores(files: list[Path]) -> float:
    """One process a core, each with its share of the files: what this machine gives at this moment."""
    count = min(os.cpu_count() or 1, len(files))
    start = time.perf_counter()
    shares = [files[number::count] for number in range(count)]
    processes = [
        subprocess.Popen(["openssl", "dgst", "-sha256", *share], stdout=subprocess.DEVNULL)
        for share in shares
    ]
    for process in processes:
        process.wait()
    return time.perf_counter() - start


def ours(home: Path, files: list[Path], *, fresh: bool) -> float:
    if fresh:
        shutil.rmtree(home, ignore_errors=True)
    return timed(sys.executable, __file__, "--add", home, *files)


def dvc_add(folder: Path, files: list[Path], dvc: Path) -> float:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    env = {**os.environ, "DVC_NO_ANALYTICS": "1"}
    subprocess.run([dvc, "init", "--no-scm", "--quiet"], cwd=folder, env=env, check=True)
    for file in files:
        os.link(file, folder / file.name)
    return timed(dvc, "add", "--quiet", *(file.name for file in files), folder=folder, env=env)


def timed(*command: str | Path, folder: Path | None = None, env: dict[str, str] | None = None) -> float:
    start = time.perf_counter()
    subprocess.run(command, cwd=folder, env=env, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def add(home: Path, paths: list[Path]) -> None:
    """What a stage that names the files as inputs does with them, before it runs."""
    from seatrial.journal.journal import open_journal
    from seatrial.store import scan, stat_cache
    from seatrial.store.store import open_store

    home.mkdir(exist_ok=True)
    store = open_store(home, open_journal(home))
    top = paths[0].parent
    found = [one for path in paths if (one := scan.look(str(top), path.name))]
    stat_cache.keep_found(store, top, found)


if __name__ == "__main__":
    main()
