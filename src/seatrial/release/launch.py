"""From a revision to what starts a server of it: the package's files, its Python, variables and secrets."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from seatrial.errors import BadInput
from seatrial.gateway.files import entry_name
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


def secrets_file(home: Path, project: str, environment: str) -> Path:
    return home / "secrets" / f"{entry_name(project, environment)}.json"


def keep_secrets(home: Path, project: str, environment: str, values: Mapping[str, str]) -> None:
    """Keep the values of an environment's secrets for its servers, in a file that we alone can read.

    They are needed whenever a server is started again, also when nobody is there to give them.
    """
    path = secrets_file(home, project, environment)
    if values:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        files.write(path, json.dumps(dict(values)).encode(), mode=0o600, durable=True)


def read_secrets(home: Path, revision: RevisionRow, names: tuple[str, ...]) -> dict[str, str]:
    """The values of the secrets that a revision names. Raises BadInput where one is missing."""
    path = secrets_file(home, revision.project, revision.environment)
    kept: dict[str, str] = json.loads(path.read_bytes()) if path.exists() else {}
    missing = [name for name in names if name not in kept]
    if missing:
        hint = f"export {missing[0]} and release again"
        raise BadInput(f"the secret {missing[0]} of {revision.environment} has no value", hint=hint)
    return {name: kept[name] for name in names}
