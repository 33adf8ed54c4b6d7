"""The images of containers: by digest where the engine has them, else pulled, or built from the workspace."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path

from seatrial.clients import docker
from seatrial.errors import BadInput, Infrastructure, Interrupted, Problem, StageFailed, TimedOut
from seatrial.pipeline.container import Build
from seatrial.run.executor import NOTHING, Command, Ended, Wanted
from seatrial.run.executors import local
from seatrial.system import clock, digest
from seatrial.system.process import TOKEN

_BUILT = "seatrial-built"
# Of `docker build`: who says so wants it built again, or another name for it as well.
_AFRESH = ("--no-cache", "--pull", "--tag", "-t")

Log = Callable[[bytes], None]


def of(wanted: Wanted, log: Log) -> str:
    """The id of the image that a container is to have. Raises StageFailed, Interrupted, Infrastructure."""
    build = wanted.container.build
    return resolve(wanted.image, log, wanted) if build is None else _built(build, wanted, log)


def resolve(image: str, log: Log, wanted: Wanted = NOTHING) -> str:
    """The id of an image: the digest of its configuration, and so of all that it holds.

    A name is looked up on this machine first, so a tag means what it meant here before; `docker pull` brings
    the newest. Raises BadInput for a name that is none's, Interrupted, StageFailed, Infrastructure.
    """
    found = None if wanted.container.always_pull else docker.inspect("image", image)
    if found is None:
        log(f"docker pull {image}\n".encode())
        ended, said = _perform(("pull", "--quiet", "--", image), wanted, log)
        if ended.exit_code:
            raise _unavailable(image, said)
        found = docker.inspect("image", image)
    return str(found["Id"])


def _unavailable(image: str, said: str) -> Problem:
    message, hint = (
        f"the image {image} cannot be had: {said}",
        "is its name right, and may this machine pull it?",
    )
    return BadInput(message, hint, about=image) if docker.is_of_name(said) else Infrastructure(message, hint)


def _built(build: Build, wanted: Wanted, log: Log) -> str:
    """An image of the same files and words is built once: its name is their digest."""
    assert wanted.work is not None
    folder, file = _place(build, wanted.work)
    words = _words(build, wanted)
    name = f"{_BUILT}:{_digest(folder, file, words)}"
    found = None if any(word.startswith(_AFRESH) for word in words) else docker.inspect("image", name)
    if found is None:
        shown = shlex.join(("docker", "build", *words, "--file", build.file, build.folder))
        log(f"{shown}\n".encode("utf-8", "surrogateescape"))
        arguments = ("build", "--force-rm", "--tag", name, *words, "--file", str(file), str(folder))
        ended, said = _perform(arguments, wanted, log)
        if ended.exit_code:
            raise StageFailed(f"the image of {wanted.image} cannot be built: {said}")
        found = docker.inspect("image", name)
    return str(found["Id"])


def _place(build: Build, work: Path) -> tuple[Path, Path]:
    """The folder that is built, and its file. Raises BadInput where one is outside of the workspace."""
    top = Path(os.path.realpath(work))
    folder = Path(os.path.realpath(top / build.folder))
    file = Path(os.path.realpath(folder / build.file))
    if not (folder.is_relative_to(top) and file.is_relative_to(top)):
        raise BadInput(f"{build.folder}/{build.file} leaves the workspace", "give a path inside of it")
    if not file.is_file():
        raise StageFailed(f"there is no file {file.relative_to(top)} to build an image from")
    return folder, file


def _words(build: Build, wanted: Wanted) -> tuple[str, ...]:
    """The words of a build as a shell of this machine reads them, with the variables of the stage."""
    if not build.words.strip():
        return ()
    env = {**wanted.env, "PATH": os.environ.get("PATH", os.defpath)}
    session = local.prepare()
    script = f"for word in {build.words.strip()}\ndo printf '%s\\0' \"$word\"; done"
    try:
        command = Command(("/bin/sh", "-ec", script), env, wanted.work or Path("/"), capture=True)
        ended = _ended(session, local.start(session, command, lambda _: None), wanted)
    finally:
        local.destroy(session)
    if ended.exit_code:
        raise StageFailed(f"the words {build.words!r} for docker build are none that a shell can read")
    return tuple(os.fsdecode(word) for word in ended.output.split(b"\0")[:-1])


def _digest(folder: Path, file: Path, words: tuple[str, ...]) -> str:
    """Of all that a build is made from: paths, modes, contents, links, and words.

    Git's own folder is no two times the same, and what it holds is told by the files.
    """
    found = [*words, os.path.relpath(file, folder), digest.of_file(file)]
    paths = sorted(path for path in _below(folder) if path.is_symlink() or path.is_file())
    plain = [path for path in paths if not path.is_symlink()]
    contents = dict(zip(plain, digest.of_files(plain), strict=True))
    for path in paths:
        content = contents.get(path) or str(path.readlink())
        found.append(f"{path.relative_to(folder)} {path.lstat().st_mode & 0o777:o} {content}")
    return digest.of_text("\0".join(found)).partition(":")[2]


def _below(folder: Path) -> Iterator[Path]:
    for top, folders, names in os.walk(folder):
        if ".git" in folders:
            folders.remove(".git")
        yield from (Path(top, name) for name in (*folders, *names))


def _perform(arguments: tuple[str, ...], wanted: Wanted, log: Log) -> tuple[Ended, str]:
    """A long command of Docker's, which can be stopped; and its last words."""
    last = [b""]

    def output(content: bytes) -> None:
        log(content)
        last[0] = (last[0] + content)[-2000:]

    config = () if wanted.config is None else ("--config", str(wanted.config))
    env = {**os.environ, TOKEN: wanted.run}  # so that it ends with the run, also where we are killed
    command = Command(("docker", *config, *arguments), env, wanted.work or Path("/"))
    session = local.prepare()
    try:
        ended = _ended(session, local.start(session, command, output), wanted)
    finally:
        local.destroy(session)
    return ended, docker.last_words(last[0].decode("utf-8", "replace")) or f"exit code {ended.exit_code}"


def _ended(session: local.Session, running: local.Running, wanted: Wanted) -> Ended:
    seconds = None if wanted.deadline is None else max(wanted.deadline - clock.monotonic(), 0.0)
    ended = local.wait(session, running, seconds, wanted.is_cancelled)
    if ended.cancelled:
        raise Interrupted("the stage was stopped")
    if ended.timed_out:
        raise TimedOut("the time of the stage was over before its image was there")
    return ended
