"""`agent`: whether there is one, and what steps run in: this machine, or containers of an image."""

from __future__ import annotations

from collections.abc import Mapping

from seatrial.errors import Place, StageFailed
from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.container import PLAIN, Build, Container, Registry, qualified
from seatrial.pipeline.dialects.jenkins import docker_options
from seatrial.pipeline.dialects.jenkins.declarative import Section, as_section
from seatrial.pipeline.dialects.jenkins.docker_options import Unfit
from seatrial.pipeline.dialects.jenkins.groovy import early, expressions
from seatrial.pipeline.dialects.jenkins.groovy.file import File
from seatrial.pipeline.dialects.jenkins.groovy.machine import Variables, Work
from seatrial.pipeline.dialects.jenkins.groovy.script import begin, check
from seatrial.pipeline.dialects.jenkins.remarks import Remarks, did_you_mean
from seatrial.pipeline.dialects.jenkins.spelling import spell
from seatrial.pipeline.dialects.jenkins.syntax import (
    Constant,
    Expression,
    Name,
    Text,
)
from seatrial.pipeline.dialects.jenkins.values import written
from seatrial.pipeline.step import Pause, Scope

_REFUSED = {"kubernetes": "agents in Kubernetes are not supported yet"}
_OF_BOTH = ("args", "label", "registryUrl", "registryCredentialsId", "reuseNode", "customWorkspace")
_LINES = {
    "docker": ("image", "alwaysPull", *_OF_BOTH),
    "dockerfile": ("filename", "dir", "additionalBuildArgs", *_OF_BOTH),
}
_NOTED = {
    "label": "the label has no effect: stages run on this machine",
    "customWorkspace": "customWorkspace has no effect: every run has a workspace of its own",
}

Lines = dict[str, Expression]
Known = Mapping[str, str]


class Agent(NamedTuple):
    """What steps run in; no image is this machine. `reuses`: in the workspace of those around it."""

    image: str = ""
    container: Container = PLAIN
    reuses: bool = False


HOST = Agent()


class Chosen(NamedTuple):
    """The container of an agent of which something is known only by the run."""

    path: str
    kind: str
    lines: tuple[tuple[str, Expression], ...]
    shared: str
    file: File
    booleans: frozenset[str]

    def __call__(self, env: Known) -> tuple[str, Container]:
        values = {name: self._value(value, env) for name, value in self.lines}
        try:
            return _made(self.kind, values, self.shared)
        except Unfit as unfit:
            place = Place(self.path, *self.lines[0][1].at)
            raise StageFailed(f"{unfit.message} ({place})", unfit.hint) from None

    def _value(self, expression: Expression, env: Known) -> str:
        """With the variables of the file as the run's scripts have left them."""
        work = self._work(expression, env)
        try:
            while isinstance(next(work), Pause):
                continue
        except StopIteration as done:
            return written(done.value)
        place = Place(self.path, *expression.at)
        raise StageFailed(f"an agent cannot run a step ({place})", "set a variable in a stage before")

    def _work(self, expression: Expression, env: Known) -> Work:
        running = yield from begin(self.path, self.file, self.booleans, Scope(env))
        return (yield from expressions.evaluate(expression, Variables({}), running))


def agent_of(agent: Section | None, outer: Agent, shared: str, known: Known, remarks: Remarks) -> Agent:
    """What steps run in. `shared` is the name of the container for all that is in the section, if it is one
    for all; `known` are the variables that the file determines."""
    if agent is None:
        return outer
    kinds = (as_section(statement) for statement in agent.body or ())
    kind = next((one for one in kinds if one is not None and one.name in _LINES), None)
    if kind is None:
        return HOST
    lines = _read(kind, remarks)
    errors = remarks.errors
    settled = {name: _settled(value, known, remarks) for name, value in lines.items()}
    if remarks.errors > errors:
        return HOST
    return _agent(kind, lines, settled, shared, remarks)


def _read(kind: Section, remarks: Remarks) -> Lines:
    """What is said of the container, less what has no effect."""
    if kind.body is None:
        return _only(kind, remarks)
    lines: Lines = {}
    for statement in kind.body:
        line = as_section(statement)
        if line is None or line.name not in _LINES[kind.name]:
            hint = did_you_mean(line.name if line else "", _LINES[kind.name])
            remarks.error(statement.at, f"Invalid config option of a {kind.name} agent", hint)
        elif len(line.arguments) != 1 or line.arguments[0].name is not None or line.body is not None:
            remarks.error(line.at, f"'{line.name}' takes one value", f"write {line.name} '…'")
        elif line.name in lines:
            remarks.error(line.at, f"Multiple occurrences of {line.name}", "keep one of them")
        elif line.name in _NOTED:
            remarks.note(line.at, _NOTED[line.name])
        else:
            lines[line.name] = line.arguments[0].value
    if kind.name == "docker" and "image" not in lines:
        remarks.error(kind.at, "a docker agent needs an image", "write docker { image 'python:3.12' }")
    return lines


def _only(kind: Section, remarks: Remarks) -> Lines:
    """`docker 'image'`, `dockerfile true`."""
    given = kind.arguments[0].value if len(kind.arguments) == 1 else None
    if kind.name == "dockerfile" and isinstance(given, Constant) and given.value is True:
        return {}
    if kind.name == "docker" and given is not None and not isinstance(given, Constant):
        return {"image": given}
    example = "docker 'python:3.12'" if kind.name == "docker" else "dockerfile true"
    remarks.error(kind.at, f"'{kind.name}' takes one value", f"write {example}")
    return {}


def _settled(value: Expression, known: Known, remarks: Remarks) -> str | None:
    """The value, None where only the run knows it; what no script could evaluate is a finding."""
    check((value,), remarks.file, remarks)
    return early.text(value, remarks.file, known)


def _agent(
    kind: Section, lines: Lines, settled: Mapping[str, str | None], shared: str, remarks: Remarks
) -> Agent:
    _check(kind, lines, settled, remarks)
    given = {name: value for name, value in settled.items() if value is not None}
    reuses = given.get("reuseNode") == "true"
    try:
        image, container = _made(kind.name, given, shared)
    except Unfit:  # said by `_check`, with the place
        return HOST
    if len(given) < len(settled):
        booleans = frozenset(remarks.booleans)
        chosen = Chosen(remarks.path, kind.name, tuple(lines.items()), shared, remarks.file, booleans)
        # mypy does not see the __call__ of a NamedTuple
        container = container._replace(decide=chosen)  # type: ignore[arg-type]
        image = image or spell(lines["image"])
    return Agent(image, container, reuses)


def _check(kind: Section, lines: Lines, settled: Mapping[str, str | None], remarks: Remarks) -> None:
    """Findings about what the file determines."""
    if "image" in settled and settled["image"] is not None and not settled["image"].strip():
        remarks.error(lines["image"].at, "a docker agent needs an image", "write image 'python:3.12'")
    if "registryCredentialsId" in lines and not isinstance(lines["registryCredentialsId"], Text):
        at = lines["registryCredentialsId"].at
        remarks.error(at, "the id of credentials is a string without ${…}", "write 'the-id'")
    text = settled.get("args")
    if text is None:
        return
    at = lines["args"].at
    try:
        for option, reason in docker_options.read(text).idle:
            remarks.note(at, f"{kind.name}: '{option}' has no effect here: {reason}")
    except Unfit as unfit:
        remarks.error(at, unfit.message, unfit.hint)


def _made(kind: str, values: Mapping[str, str], shared: str) -> tuple[str, Container]:
    """The image and the container of what was said. Raises Unfit."""
    asked = docker_options.read(values.get("args", ""))
    registry = Registry(values.get("registryUrl", ""), values.get("registryCredentialsId", ""))
    container = Container(
        asked.options,
        asked.entrypoint,
        registry=registry,
        always_pull=values.get("alwaysPull") == "true",
        shared=shared,
    )
    if kind == "docker":
        image = values.get("image", "").strip()
        return qualified(image, registry.url) if image else "", container
    file, folder = values.get("filename", "Dockerfile"), values.get("dir", ".").strip("/") or "."
    build = Build(file, folder, values.get("additionalBuildArgs", ""))
    return file if folder == "." else f"{folder}/{file}", container._replace(build=build)


def has_node(agent: Section | None, outer: bool, remarks: Remarks) -> bool:
    """Do steps have an agent here? `outer`: they have one outside."""
    if agent is None:
        return outer
    if agent.body is not None:
        _check_agent_block(agent, remarks)
        return True
    word = agent.arguments[0].value if len(agent.arguments) == 1 else None
    if not isinstance(word, Name) or word.text not in ("any", "none"):
        hint = "write 'agent any'"
        remarks.error(agent.at, 'Only "agent none", "agent any" or "agent {...}" are allowed', hint)
        return True
    return word.text == "any"


def _check_agent_block(agent: Section, remarks: Remarks) -> None:
    if not agent.body:
        remarks.error(agent.at, "No agent type specified", "write 'agent any'")
    for statement in agent.body or ():
        kind = as_section(statement)
        if kind is None:
            remarks.error(statement.at, 'Expected to find key "value"', "write label 'name'")
        elif kind.name == "node" and kind.body is not None:
            _check_agent_block(kind, remarks)
        elif kind.name in _NOTED:
            remarks.note(kind.at, _NOTED[kind.name])
        elif kind.name in _LINES:
            continue
        elif kind.name in _REFUSED:
            message = f"agent {{ {kind.name} }} is not supported"
            remarks.error(kind.at, message, _REFUSED[kind.name])
        else:
            hint = did_you_mean(kind.name, ("label", "node", "docker", "dockerfile", "kubernetes"))
            remarks.error(kind.at, f'Invalid agent type "{kind.name}" specified', hint)
