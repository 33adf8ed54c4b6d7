"""The real parts that tests and benchmarks start, and how each comes onto this machine.

`python -m tests.parts [NAME …]` installs what is missing: from Debian's packages, where we may, or built by
Go into `.cache/parts`. A test asks with `requires("wrk")` of conftest, and starts `path_of("wrk")`: a missing
part skips it with the reason, and fails it under CI=true.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

BUILT = Path(__file__).parent.parent / ".cache" / "parts"


class Part(NamedTuple):
    """A program, what needs it, and the Debian package or the Go package (at a version) that brings it."""

    program: str
    purpose: str
    debian: str = ""
    go: str = ""


PARTS = {
    "git": Part("git", "sources", debian="git"),
    "svn": Part("svn", "sources", debian="subversion"),
    "apache2": Part("apache2", "Subversion over https", debian="libapache2-mod-svn"),
    "ssh-agent": Part("ssh-agent", "keys of an agent", debian="openssh-client"),
    "sshd": Part("sshd", "Subversion through SSH", debian="openssh-server"),
    "git-lfs": Part("git-lfs", "LFS files in a repository", debian="git-lfs"),
    "openssl": Part("openssl", "the speed of hashing, side by side", debian="openssl"),
    "wrk": Part("wrk", "load from outside on the gateway", debian="wrk"),
    "prometheus": Part("prometheus", "numbers of a gate from queries", debian="prometheus"),
    "dockerd": Part("dockerd", "stages in containers", debian="docker.io"),
    "docker-registry": Part("docker-registry", "logins for images", debian="docker-registry"),
    "busybox": Part("busybox", "what is in the images of the tests", debian="busybox-static"),
    "groovy": Part("groovy", "what scripts of Jenkinsfiles print", debian="groovy"),
    "chromium": Part("chromium", "the report in a real browser", debian="chromium"),
    "caddy": Part("caddy", "a peer of the gateway", go="github.com/caddyserver/caddy/v2/cmd/caddy@v2.10.2"),
    "oras": Part("oras", "what others read of our packages", go="oras.land/oras/cmd/oras@v1.3.6"),
}


def path_of(name: str) -> str | None:
    """The program of a part that is here: on PATH, where servers are, or built by us."""
    program = PARTS[name].program
    return shutil.which(program) or shutil.which(program, path=f"{BUILT}:/usr/sbin")


def install(names: list[str]) -> None:
    """Install the parts that are missing; where we may not, only say so."""
    missing = [name for name in names if path_of(name) is None]
    _from_debian([PARTS[name].debian for name in missing if PARTS[name].debian])
    for name in missing:
        if PARTS[name].go:
            _by_go(PARTS[name].go)


def _from_debian(packages: list[str]) -> None:
    if not packages:
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        print(f"missing (install): {' '.join(packages)}")
        return
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    print(f"installing {' '.join(packages)}", flush=True)
    subprocess.run(["apt-get", "update", "-qq"], env=env, stdout=subprocess.DEVNULL, check=False)
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    subprocess.run(command, env=env, stdout=subprocess.DEVNULL, check=False)


def _by_go(package: str) -> None:
    if shutil.which("go") is None:
        print(f"missing (go install): {package}")
        return
    print(f"building {package}", flush=True)
    subprocess.run(["go", "install", package], env={**os.environ, "GOBIN": str(BUILT)}, check=False)


def main(names: list[str]) -> int:
    chosen = names or list(PARTS)
    install(chosen)
    missing = [name for name in chosen if path_of(name) is None]
    return 1 if missing and os.environ.get("CI") == "true" else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
