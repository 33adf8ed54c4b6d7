"""What a Jenkinsfile says, and what of it is emulated: sections, steps, options, conditions and Groovy."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.errors import Place
from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.constructs import EMULATED, EXACT, Seen
from seatrial.pipeline.dialects.jenkins import syntax
from seatrial.pipeline.dialects.jenkins.declarative import Section, as_section
from seatrial.pipeline.dialects.jenkins.source import statements_of
from seatrial.pipeline.dialects.jenkins.syntax import Node, Position, Unreadable

_FILE, _STEPS, _GROOVY = "file", "steps", "groovy"

# What stands in a block of this name is of this kind; in others, sections of their own names.
_INSIDE = {
    "pipeline": "pipeline",
    "stages": "stages",
    "parallel": "stages",
    "stage": "stage",
    "steps": _STEPS,
    "script": _GROOVY,
    "post": "post",
    "options": "options",
    "environment": "environment",
    "when": "when",
    "agent": "agent",
    "parameters": "parameters",
    "triggers": "triggers",
    "tools": "tools",
    "libraries": "libraries",
    "matrix": "stage",
    "axes": "axes",
    "axis": "axis",
    "excludes": "excludes",
    "exclude": "axes",
    "input": "input",
    "expression": _GROOVY,
    "allOf": "when",
    "anyOf": "when",
    "not": "when",
    "node": "agent",
}
# What is in a block of this kind is named with the kind before it.
_PREFIXED = frozenset("post options when agent parameters triggers tools libraries input".split())  # noqa: SIM905

# Whatever is not here, and no finding speaks of, is as Jenkins does it.
NOT_EXACT = {
    "stages": "all stages share one workspace, which holds the commit from the start",
    "deleteDir": "the folder is emptied, and stays",
    "cleanWs": "the folder is emptied, and stays",
    "archiveArtifacts": "they are kept as outputs of the stage",
    "archive": "they are kept as outputs of the stage",
    "mail": "it is printed, and not sent",
    "emailext": "it is printed, and not sent",
    "slackSend": "it is printed, and not sent",
    "publishHTML": "the pages are kept as outputs of the stage",
    "tool": "the folder /usr: what is installed on this machine is used",
    "waitUntil": "it is asked again after a quarter of a second, then after longer",
    "ws": "what is in it runs in the workspace of its stage",
    "properties": "nothing is read of it: they are those of a job of Jenkins",
    "withSonarQubeEnv": "--env SONAR_HOST_URL=… says its server, the secret SONAR_AUTH_TOKEN its token",
    "waitForQualityGate": "the server is asked until it knows",
    "build": "the job is run by its file, which --env SEATRIAL_JOB_NAME=FILE says",
    "withAWS": "the secrets are seatrial's",
    "dependencyCheck": "the program on PATH is used",
    "ansiblePlaybook": "the program on PATH is used, and the secrets are seatrial's",
    "withCredentials": "the secrets are seatrial's",
    "sshagent": "the secrets are seatrial's",
    "configFileProvider": "the secrets are seatrial's",
    "credentials": "the secrets are seatrial's",
    "input": "a person is asked at the terminal",
    "when.changeset": "against the commit before",
    "when.changelog": "the message of the commit",
    "when.triggeredBy": "it knows TimerTrigger, SCMTrigger and UserIdCause",
    "agent.docker": "the image's own entrypoint is not started",
    "agent.dockerfile": "the same files and words are built once; the image's own entrypoint is not started",
    "registryCredentialsId": "the secrets are seatrial's",
    "docker.withRegistry()": "the secrets are seatrial's",
    ".inside()": "the image's own entrypoint is not started",
    "withDockerContainer": "the image's own entrypoint is not started",
    "withDockerRegistry": "the secrets are seatrial's",
}
_GROOVY_NAMES: dict[type, str] = {
    syntax.If: "if",
    syntax.For: "for",
    syntax.ForEach: "for in",
    syntax.While: "while",
    syntax.Switch: "switch",
    syntax.Try: "try",
    syntax.Assert: "assert",
    syntax.Declaration: "def",
    syntax.Method: "method",
    syntax.Class: "class",
    syntax.Import: "import",
    syntax.Assignment: "assignment",
    syntax.Closure: "closure",
    syntax.Ternary: "? :",
    syntax.Elvis: "?:",
    syntax.New: "new",
    syntax.Cast: "as",
    syntax.Spread: "*",
    syntax.Index: "[ ]",
    syntax.ListLiteral: "list",
    syntax.MapLiteral: "map",
    syntax.GString: "GString",
    syntax.Step: "++",
}


class _Waiting(NamedTuple):
    node: Node
    kind: str  # of the block that it stands in
    parent: int


def see(text: str, path: str) -> tuple[Seen, ...]:
    """All constructs, outer before inner; none where the text is not Groovy."""
    try:
        statements = statements_of(text, path)
    except Unreadable:
        return ()
    waiting = [_Waiting(one, _FILE, -1) for one in reversed(statements)]
    found: list[tuple[str, Position]] = []
    parents: list[int] = []
    lines: list[int] = []
    while waiting:
        node, kind, parent = waiting.pop()
        number = len(parents)
        name, inner = _read(node, kind)
        found.append((name, node.at))
        parents.append(parent)
        lines.append(node.at.line)
        waiting += [_Waiting(one, inside, number) for one, inside in reversed(inner)]
    for number in range(len(parents) - 1, 0, -1):
        if parents[number] >= 0:
            lines[parents[number]] = max(lines[parents[number]], lines[number])
    return tuple(
        _seen(name, Place(path, *at), line) for (name, at), line in zip(found, lines, strict=True) if name
    )


def _seen(name: str, place: Place, last_line: int) -> Seen:
    note = NOT_EXACT.get(name, "")
    return Seen(name, place, last_line, EMULATED if note else EXACT, note)


_Inner = list[tuple[Node, str]]


def _read(node: Node, kind: str) -> tuple[str, _Inner]:
    """What a node is called, "" where it is no construct, and what stands in it, each with its kind."""
    if kind != _GROOVY:
        section = as_section(node)
        if section is not None:
            return _section(section, kind)
        if kind == "environment" and isinstance(node, syntax.Assignment):
            return "variable", [(node.value, _GROOVY)]
    return _expression(node)


def _section(section: Section, kind: str) -> tuple[str, _Inner]:
    name = f"{kind}.{section.name}" if kind in _PREFIXED else section.name
    inside = _INSIDE.get(section.name, _STEPS if kind in (_STEPS, "post") else _GROOVY)
    if kind == _STEPS and section.name in ("parallel", "input"):
        inside = _STEPS
    inner: _Inner = [(argument.value, _GROOVY) for argument in section.arguments]
    if kind == "stage" and section.name == "agent" and section.body is None:
        inner = []  # `any` and `none` are no variables
    return name, inner + [(one, inside) for one in section.body or ()]


def _expression(node: Node) -> tuple[str, _Inner]:
    inner: _Inner = [(one, _GROOVY) for one in _children(node)]
    if isinstance(node, syntax.Call):
        if isinstance(node.target, syntax.Name):
            closures = [one.value for one in node.arguments if isinstance(one.value, syntax.Closure)]
            others = [one.value for one in node.arguments if not isinstance(one.value, syntax.Closure)]
            bodies = [statement for closure in closures for statement in closure.body]
            return node.target.text, [(one, _GROOVY) for one in (*others, *bodies)]
        if isinstance(node.target, syntax.Property) and isinstance(node.target.name, str):
            owner = node.target.target
            before = owner.text if isinstance(owner, syntax.Name) and owner.text in _OBJECTS else ""
            if before:
                inner = [(one.value, _GROOVY) for one in node.arguments]
            return f"{before}.{node.target.name}()", inner
    if isinstance(node, syntax.Property) and isinstance(node.target, syntax.Name):
        owned = node.target.text in _OBJECTS and isinstance(node.name, str)
        return (f"{node.target.text}.{node.name}" if owned else ""), []
    if isinstance(node, syntax.Annotated):
        return f"@{node.name}", inner
    if isinstance(node, syntax.Leave):
        return node.word, inner
    return _GROOVY_NAMES.get(type(node), ""), inner


_OBJECTS = ("env", "params", "currentBuild", "docker", "scm")


def _children(value: object) -> Iterator[Node]:
    """The nodes directly below one: what it holds, in lists and in arguments too."""
    for part in value if isinstance(value, tuple) else ():
        if isinstance(part, Position) or not isinstance(part, tuple):
            continue
        if isinstance(part, syntax.Argument | syntax.Parameter | syntax.Case | syntax.Catch) or not hasattr(
            part, "at"
        ):
            yield from _children(part)
        else:
            yield part
