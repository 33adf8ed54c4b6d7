"""A package that is served by a server of ours: one more file of it, and the command that starts it."""

from __future__ import annotations

from seatrial.errors import BadInput, Place
from seatrial.named_tuple import NamedTuple
from seatrial.package import all_runtimes
from seatrial.package.contents import CODE, PackagedFile
from seatrial.package.runtime import FILE, Options
from seatrial.store import blobs
from seatrial.store.store import Store

Files = tuple[PackagedFile, ...]


class ByRuntime(NamedTuple):
    """The server of ours with its options, and where that is said."""

    name: str
    options: Options
    health: str
    place: Place | None = None


def by_runtime(store: Store, files: Files, said: ByRuntime) -> tuple[str, Files]:
    """The command that serves, and the files with that of the server.

    Raises BadInput where a file has its name, and where the function is not among them.
    """
    runtime = all_runtimes.runtime(said.name)
    if any(file.path == FILE for file in files):
        text = f"the package has a file {FILE}, as the server of seatrial is called"
        raise BadInput(text, "rename it", said.place)
    content = _needed(store, files, runtime.needed(said.options), said)
    problem = runtime.problem(said.options, content)
    if problem:
        raise BadInput(problem, f"`{said.name}` names it", said.place)
    server = runtime.server()
    packed = PackagedFile(FILE, blobs.add_bytes(store, server), len(server), executable=False, kind=CODE)
    return runtime.command(said.options, said.health), (*files, packed)


def _needed(store: Store, files: Files, path: str, said: ByRuntime) -> bytes:
    digest = next((file.digest for file in files if file.path == path), "")
    if not digest:
        text = f"the package lacks {path}, which `{said.name}` names"
        raise BadInput(text, f"add {path} to `include`", said.place)
    return blobs.read(store, digest)
