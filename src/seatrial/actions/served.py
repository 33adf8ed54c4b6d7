"""A package that is served by a server of ours: one more file of it, and the command that starts it."""

from __future__ import annotations

from seatrial.errors import BadInput, Place
from seatrial.package import all_runtimes
from seatrial.package.contents import CODE, PackagedFile
from seatrial.package.runtime import FILE
from seatrial.pipeline.pipeline import Package, Stage, place_of
from seatrial.store import blobs
from seatrial.store.store import Store

Files = tuple[PackagedFile, ...]


def by_runtime(stage: Stage, store: Store, files: Files) -> tuple[str, Files]:
    """The command that serves, and the files with that of the server.

    Raises BadInput where a file has its name, and where the function is not among them.
    """
    options = stage.options
    assert isinstance(options, Package)
    runtime, place = all_runtimes.runtime(options.runtime), place_of(stage, "serve", options.runtime)
    if any(file.path == FILE for file in files):
        raise BadInput(
            f"the package has a file {FILE}, as the server of seatrial is called", "rename it", place
        )
    content = _needed(store, files, runtime.needed(options.runtime_options), place)
    problem = runtime.problem(options.runtime_options, content)
    if problem:
        raise BadInput(problem, "`serve` names it", place)
    server = runtime.server()
    packed = PackagedFile(FILE, blobs.add_bytes(store, server), len(server), executable=False, kind=CODE)
    return runtime.command(options.runtime_options, options.health), (*files, packed)


def _needed(store: Store, files: Files, path: str, place: Place) -> bytes:
    digest = next((file.digest for file in files if file.path == path), "")
    if not digest:
        raise BadInput(f"the package lacks {path}, which `serve` names", f"add {path} to `include`", place)
    return blobs.read(store, digest)
