"""Fuzz one parser under atheris: `python -m tests.fuzz TARGET [--runs N] [--seconds N] [--seed N]`.

Coverage of seatrial's own code guides it. A crash ends it with the input in ./crash-*; else it exits 0.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.fuzz.all_targets import TARGETS

ROOT = Path(__file__).parents[2]


def corpus(name: str, folder: Path) -> None:
    """Copy the real inputs of a target to a folder that the fuzzer may fill."""
    target = TARGETS[name]
    for pattern in target.seeds:
        for number, path in enumerate(sorted(ROOT.glob(pattern))):
            shutil.copyfile(path, folder / f"{number}-{path.name}")
    for number, content in enumerate(called(target.made)() if target.made else ()):
        (folder / f"made-{number}").write_bytes(content)


def called(name: str) -> Callable[..., Any]:
    """The function of a "module:name"."""
    module, _, function = name.partition(":")
    found: Callable[..., Any] = getattr(importlib.import_module(module), function)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description="Fuzz one parser under atheris.")
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--runs", type=int, default=-1)
    parser.add_argument("--seconds", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()

    import atheris

    with atheris.instrument_imports(include=["seatrial"]):
        function = called(TARGETS[arguments.target].function)
    gc.freeze()  # what is imported is not looked through for each input
    folder = Path(tempfile.mkdtemp(prefix="seatrial-fuzz-"))
    corpus(arguments.target, folder)
    options = [f"-seed={arguments.seed}", f"-runs={arguments.runs}", f"-max_total_time={arguments.seconds}"]
    atheris.Setup(
        [sys.argv[0], *options, "-max_len=8192", "-timeout=120", "-rss_limit_mb=4096", str(folder)], function
    )
    atheris.Fuzz()


if __name__ == "__main__":
    main()
