"""From a revision to what starts a server of it: the package's files, its Python, variables and secrets."""

from __future__ import annotations

import os
from pathlib import Path

from seatrial.errors import BadInput
from seatrial.gateway import secret_values
from seatrial.gateway.lifecycle import Serving
from seatrial.gateway.servers import Launch
from seatrial.journal.releases import RevisionRow
from seatrial.package import read as package
from seatrial.package.contents import PackagedPython
from seatrial.store.store import Store
from seatrial.system import files


def prepare(home: Path, store: Store, revision: RevisionRow, folder: Path) -> Serving:
    """Unpack the package into a server's own folder, and build its Python if need be. Raises Problem."""
    settings = revision.body["settings"]
    files.remove(folder)
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    contents = package.unpack(store, revision.package, folder)
    env = {**dict(settings["env"]), **read_secrets(home, revision, tuple(settings["secrets"]))}
    env["MODEL"] = str(folder / contents.model)
    path = env.get("PATH", settings["path"])
    if contents.python is not None:
        path = f"{programs(home, store, contents.python, settings['path'])}:{path}"
    launch = Launch(contents.serve, folder, {**env, "PATH": path})
    return Serving(launch, contents.health, float(settings["ready_seconds"]))


def programs(home: Path, store: Store, python: PackagedPython, path: str) -> Path:
    """The folder of the programs of a package's Python, built once for all that ask for the same."""
    from seatrial.run.pinned import ensure

    log = home / "servers" / "python.log"
    log.parent.mkdir(mode=0o700, exist_ok=True)
    with log.open("ab") as file:

        def say(output: bytes) -> None:
            file.write(output)

        wanted = (python.requirements, python.packages)
        built = ensure(home, store.journal, *wanted, say, host_env=host_env(path))
    return built.folder / "bin"


def host_env(path: str) -> dict[str, str]:
    """The variables for building a Python: the PATH of whoever asked for the release, and our own others."""
    return {**os.environ, "PATH": path}


def read_secrets(home: Path, revision: RevisionRow, names: tuple[str, ...]) -> dict[str, str]:
    """The values of the secrets that a revision names. Raises BadInput where one is missing."""
    kept = secret_values.kept(home, revision.project, revision.environment)
    missing = [name for name in names if name not in kept]
    if missing:
        hint = f"export {missing[0]} and release again"
        raise BadInput(f"the secret {missing[0]} of {revision.environment} has no value", hint=hint)
    return {name: kept[name] for name in names}
