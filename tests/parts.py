"""The real parts that tests and benchmarks start, and how each comes onto this machine.

`python -m tests.parts [NAME …]` installs what is missing from Debian's packages, where we may. A test asks
with `requires("wrk")` of conftest: a missing part skips it with the reason, and fails it under CI=true.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import NamedTuple


class Part(NamedTuple):
    """A program, the Debian package that brings it, and what needs it."""

    program: str
    package: str
    purpose: str


PARTS = {
    "git": Part("git", "git", "sources"),
    "git-lfs": Part("git-lfs", "git-lfs", "LFS files in a repository"),
    "openssl": Part("openssl", "openssl", "the speed of hashing, side by side"),
    "wrk": Part("wrk", "wrk", "load from outside on the gateway"),
    "chromium": Part("chromium", "chromium", "the report in a real browser"),
}


def is_here(name: str) -> bool:
    return shutil.which(PARTS[name].program) is not None


def install(names: list[str]) -> None:
    """Install Debian's packages of the parts that are missing; without root or apt, only say so."""
    missing = [name for name in names if not is_here(name)]
    if not missing:
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        print(f"missing: {', '.join(missing)} (install: {' '.join(PARTS[name].package for name in missing)})")
        return
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    packages = [PARTS[name].package for name in missing]
    print(f"installing {' '.join(packages)}", flush=True)
    subprocess.run(["apt-get", "update", "-qq"], env=env, stdout=subprocess.DEVNULL, check=False)
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    subprocess.run(command, env=env, stdout=subprocess.DEVNULL, check=False)


def main(names: list[str]) -> int:
    chosen = names or list(PARTS)
    install(chosen)
    missing = [name for name in chosen if not is_here(name)]
    return 1 if missing and os.environ.get("CI") == "true" else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
