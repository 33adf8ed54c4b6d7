"""`docker` in a script: images, containers and registries, by the commands that Jenkins runs for them."""

from __future__ import annotations

import shlex
from collections.abc import Callable

from seatrial.errors import Place, StageFailed
from seatrial.pipeline.container import Container, Registry, qualified
from seatrial.pipeline.dialects.jenkins import docker_options
from seatrial.pipeline.dialects.jenkins.groovy import calls
from seatrial.pipeline.dialects.jenkins.groovy.machine import Function, Machine, Thrown, Value, Work
from seatrial.pipeline.dialects.jenkins.groovy.objects import DockerContainer, DockerImage
from seatrial.pipeline.dialects.jenkins.groovy.steps import inside
from seatrial.pipeline.dialects.jenkins.syntax import Position
from seatrial.pipeline.dialects.jenkins.values import written
from seatrial.pipeline.step import (
    JENKINS_SHELL,
    Effect,
    Inside,
    Program,
    Shell,
    ShellResult,
    Step,
    WithRegistry,
)

# What `withRegistry` leaves for those in its block.
_REGISTRY = "DOCKER_REGISTRY_URL"
# By it a container ends with the run, at the latest.
_LABEL = '--label "seatrial.run=$SEATRIAL_RUN"'

Given = list[Value]


def call(target: Value, name: str, given: Given, machine: Machine, at: Position) -> Work:
    """A method of `docker`, of an image or of a container. Raises Thrown."""
    methods = METHODS.get(type(target), OF_DOCKER)
    if name not in methods:
        message = f"No signature of method: {name}() is applicable"
        raise Thrown("groovy.lang.MissingMethodException", message, at)
    return (yield from methods[name](target, given, machine, at))


def _image(_docker: Value, given: Given, _machine: Machine, at: Position) -> Work:
    yield from ()  # it runs no step
    return DockerImage(_word(given, 0, at))


def _build(_docker: Value, given: Given, machine: Machine, at: Position) -> Work:
    name, words = _word(given, 0, at), written(given[1]) if len(given) > 1 else "."
    yield from _sh(f"docker build -t {shlex.quote(name)} {words}", machine, at)
    return DockerImage(name)


def _with_registry(_docker: Value, given: Given, machine: Machine, at: Position) -> Work:
    url = _word(given, 0, at)
    credential = written(given[1]) if len(given) > 2 and given[1] is not None else ""
    results: list[Value] = []
    yield WithRegistry(Registry(url, credential), (_program(given, machine, at, results),))
    return results[-1] if results else None


def _with_tool(_docker: Value, given: Given, machine: Machine, at: Position) -> Work:
    """Whatever the tool: the docker command on PATH is used."""
    return (yield from calls.call(given[-1] if given else None, [], machine, at))


def _program(given: Given, machine: Machine, at: Position, results: list[Value]) -> Program:
    closure = given[-1] if given else None
    if not isinstance(closure, Function):
        raise Thrown("groovy.lang.MissingMethodException", "it takes a block", at)
    return Program(inside(closure, machine, at, results), f"line {at.line}")


def _inside(image: DockerImage, given: Given, machine: Machine, at: Position) -> Work:
    results: list[Value] = []
    program = _program(given, machine, at, results)
    container = _container(_optional(given, 0), at)
    name = yield from _runnable(image, machine, at)
    yield Inside(name, container, (program,))
    return results[-1] if results else None


def _container(words: str, at: Position) -> Container:
    try:
        asked = docker_options.read(words)
    except docker_options.Unfit as unfit:
        raise Thrown("java.lang.IllegalArgumentException", f"inside: {unfit.message}", at) from None
    return Container(asked.options, asked.entrypoint)


def block(name: str, values: dict[str, Value], steps: tuple[Step, ...], at: Position) -> Effect:
    """The effect of one of BLOCKS. Raises Thrown, KeyError."""
    given = {key: written(value) for key, value in values.items() if value is not None}
    if name == "withDockerRegistry":
        return WithRegistry(Registry(given.get("url", ""), given.get("credentialsId", "")), steps)
    return Inside(given["image"], _container(given.get("args", ""), at), steps)


def _runnable(image: DockerImage, machine: Machine, at: Position) -> Work:
    """The name of the image in its registry, unless this machine has one without."""
    name = _full_name(image, machine)
    if name == image.id:
        return name
    found = yield from _sh(f"docker inspect -f . {shlex.quote(image.id)}", machine, at, check=False)
    return image.id if found.exit_code == 0 else name


def _run(image: DockerImage, given: Given, machine: Machine, at: Position) -> Work:
    words = (_optional(given, 0), shlex.quote(image.id), _optional(given, 1))
    script = " ".join(("docker run -d", _LABEL, *(word for word in words if word)))
    started = yield from _sh(script, machine, at, capture=True)
    return DockerContainer(started.output.strip())


def _with_run(image: DockerImage, given: Given, machine: Machine, at: Position) -> Work:
    """What ends the whole stage ends the run as well, and the container with it."""
    closure = given[-1] if given else None
    container = yield from _run(image, given[:-1], machine, at)
    try:
        result = yield from calls.call(closure, [container], machine, at)
    except StageFailed:
        yield from _stop(container, [], machine, at)
        raise
    yield from _stop(container, [], machine, at)
    return result


def _pull(image: DockerImage, _given: Given, machine: Machine, at: Position) -> Work:
    yield from _sh(f"docker pull {shlex.quote(_full_name(image, machine))}", machine, at)


def _tag(image: DockerImage, given: Given, machine: Machine, at: Position) -> Work:
    repository, tag = _parts(image.id)
    tag = written(given[0]) if given else tag
    name = _full_name(DockerImage(f"{repository}:{tag}"), machine)
    yield from _sh(f"docker tag {shlex.quote(image.id)} {shlex.quote(name)}", machine, at)
    return name


def _push(image: DockerImage, given: Given, machine: Machine, at: Position) -> Work:
    name = yield from _tag(image, given, machine, at)
    yield from _sh(f"docker push {shlex.quote(name)}", machine, at)


def _image_name(image: DockerImage, _given: Given, machine: Machine, _at: Position) -> Work:
    yield from ()  # it runs no step
    return _full_name(image, machine)


def _stop(container: DockerContainer, _given: Given, machine: Machine, at: Position) -> Work:
    name = shlex.quote(container.id)
    yield from _sh(f"docker stop {name} && docker rm -f {name}", machine, at)


def _port(container: DockerContainer, given: Given, machine: Machine, at: Position) -> Work:
    script = f"docker port {shlex.quote(container.id)} {shlex.quote(_word(given, 0, at))}"
    found = yield from _sh(script, machine, at, capture=True)
    return found.output.strip()


def _full_name(image: DockerImage, machine: Machine) -> str:
    return qualified(image.id, machine.variable(_REGISTRY) or "")


def _parts(name: str) -> tuple[str, str]:
    """The repository of an image's name, and its tag."""
    repository, colon, tag = name.rpartition(":")
    return (repository, tag) if colon and "/" not in tag else (name, "latest")


def _word(given: Given, index: int, at: Position) -> str:
    if len(given) <= index or given[index] is None or isinstance(given[index], Function):
        raise Thrown("java.lang.IllegalArgumentException", "an argument is missing", at)
    return written(given[index])


def _optional(given: Given, index: int) -> str:
    value = given[index] if len(given) > index else None
    return "" if value is None or isinstance(value, Function) else written(value)


def _sh(script: str, machine: Machine, at: Position, *, check: bool = True, capture: bool = False) -> Work:
    place = Place(machine.path, at.line, at.column)
    result = yield Shell(script, JENKINS_SHELL, check=check, capture=capture, place=place, detaches=True)
    assert isinstance(result, ShellResult)
    return result


Methods = dict[str, Callable[..., Work]]

OF_DOCKER: Methods = {
    "image": _image,
    "build": _build,
    "withRegistry": _with_registry,
    "withTool": _with_tool,
}
METHODS: dict[type, Methods] = {
    DockerImage: {
        "inside": _inside,
        "run": _run,
        "withRun": _with_run,
        "pull": _pull,
        "tag": _tag,
        "push": _push,
        "imageName": _image_name,
    },
    DockerContainer: {"stop": _stop, "port": _port},
}
# Of `docker` in Jenkins, and not here.
REFUSED = {
    "withServer": "the engine is that of this machine, or that which DOCKER_HOST names",
}
KNOWN = frozenset(name for methods in METHODS.values() for name in methods)
