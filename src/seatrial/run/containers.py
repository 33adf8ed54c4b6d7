"""The containers that steps run in: of a stage, and of blocks of steps that ask for one of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seatrial.errors import BadInput, Infrastructure, Lacking, StageFailed
from seatrial.pipeline.check import DOCKER
from seatrial.pipeline.container import Registry
from seatrial.pipeline.step import Inside, WithRegistry
from seatrial.run import own_settings, private_python, workspace
from seatrial.run.action import Context
from seatrial.run.all_executors import executor
from seatrial.run.executor import Executor, Output, Wanted
from seatrial.system import files

if TYPE_CHECKING:
    from seatrial.run.steps import Room

# What commands have on this machine, and an image has its own of, or does without.
_OF_MACHINE = frozenset(("PATH", "VIRTUAL_ENV", "DOCKER_HOST", *private_python.NAMES, *own_settings.NAMES))
_serial = count(1)


def prepare(place: Executor, wanted: Wanted, context: Context, log: Output) -> Any:
    """A session of the executor; what opens the registry of its image is there until it has begun.

    Raises StageFailed, Interrupted, BadInput, Infrastructure.
    """
    if wanted.container.decide is not None:
        image, container = wanted.container.decide(wanted.env)
        wanted = wanted._replace(image=image, container=container)
    assert wanted.folder is not None
    with _opened(wanted.container.registry, wanted.folder, context) as config:
        return place.prepare(wanted._replace(config=config or wanted.config), log)


@contextmanager
def enter(block: Inside | WithRegistry, room: Room, context: Context) -> Iterator[Room]:
    """Where the steps of a block run. Raises StageFailed, Interrupted, BadInput, Infrastructure."""
    if isinstance(block, WithRegistry):
        with _opened(block.registry, room.temporary, context) as config:
            more = {} if config is None else {"DOCKER_CONFIG": str(config)}
            more["DOCKER_REGISTRY_URL"] = block.registry.url
            yield room.with_env(more)
    elif context.pipeline.on_host:
        yield room
    else:
        with _inside(block, room, context) as inner:
            yield inner


@contextmanager
def _inside(block: Inside, room: Room, context: Context) -> Iterator[Room]:
    docker = executor(DOCKER)
    if room.executor.NAME == DOCKER:
        raise StageFailed(f"there is no container of {block.image} within a container: ask for it outside")
    if problem := docker.problem():
        raise Infrastructure(f"steps cannot run in {block.image}: {problem}", "see `seatrial doctor`")
    env, declared = _of_image(room.env), _of_image(room.declared)
    own = room.env.get("DOCKER_CONFIG")
    wanted = Wanted(
        context.run,
        image=block.image,
        container=block.container,
        folder=room.temporary,
        work=room.top,
        lent=workspace.lent(context),
        env={**env, **room.assigned, **declared},
        config=Path(own) if own else None,
        is_cancelled=room.is_cancelled,
        deadline=room.deadline,
    )
    session = prepare(docker, wanted, context, room.log)
    try:
        yield room._replace(executor=docker, session=session, env=env, declared=declared)
    finally:
        docker.destroy(session)


def _of_image(env: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in env.items() if name not in _OF_MACHINE}


@contextmanager
def _opened(registry: Registry, folder: Path, context: Context) -> Iterator[Path | None]:
    """The folder with what opens a registry, for nobody else to read; None where nothing is asked."""
    if not registry.credential:
        yield None
        return
    from seatrial.clients import docker
    from seatrial.run import credentials

    try:
        user, password = credentials.login(registry.credential, context.home, context.host_env)
    except BadInput as problem:
        raise Lacking(problem) if problem.about == registry.credential else problem from None
    config = folder / f"docker-{next(_serial)}"
    try:
        docker.login(registry.url, user, password, config)
        yield config
    finally:
        files.remove(config)
