"""The whole speed table: `make bench`. Each part is a script of its own that can be run alone."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

from tests import parts

from bench import peers

ROOT = Path(__file__).parents[1]


def main() -> int:
    parts.install(["openssl", "wrk", "caddy"])
    env = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
    subprocess.run([sys.executable, "-m", "compileall", "-q", ROOT / "src"], check=True)
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Linux {platform.release()}"
    print(f"Python {platform.python_version()}, {machine}, load {os.getloadavg()[0]:.1f}")
    failed = 0
    for title, command in commands():
        print(f"\n## {title}\n", flush=True)
        failed += subprocess.run(command, cwd=ROOT, env=env).returncode != 0
    return failed


def commands() -> list[tuple[str, list[str | Path]]]:
    """The title and the command of each part, in the order in which they are shown."""
    dvc, doit = peers.folder("dvc") / "dvc", peers.folder("doit") / "doit"
    return [
        (
            "Start-up, nothing to do, cold runs",
            [sys.executable, "bench/startup.py", "--doit", doit, "--dvc", dvc],
        ),
        ("The engine alone, 100 stages beside a shell loop", [sys.executable, "bench/stages.py"]),
        ("A model of 2 GiB", [sys.executable, "bench/store.py", "--dvc", dvc]),
        ("Metrics of 10 million rows", [peers.folder("scikit-learn") / "python", "bench/metrics.py"]),
        ("The gateway", [sys.executable, "-m", "bench.gateway"]),
        ("A function behind our server", [sys.executable, "-m", "bench.runtime"]),
        ("The live judge", [sys.executable, "bench/judge.py"]),
        (
            "Requests until a decision, beside the bound of Wald and the rules of others",
            [sys.executable, "-m", "tests.simulations", "--only", "rivals", "--releases", "200"],
        ),
    ]


if __name__ == "__main__":
    sys.exit(main())
