"""`agent`: whether there is one, and what is not honoured about it."""

from __future__ import annotations

from seatrial.pipeline.dialects.jenkins.declarative import Section, as_section
from seatrial.pipeline.dialects.jenkins.remarks import Remarks, did_you_mean
from seatrial.pipeline.dialects.jenkins.syntax import Name, Text

_REFUSED = {
    "dockerfile": "build the image in a stage, and name it in agent { docker { image '…' } }",
    "kubernetes": "agents in Kubernetes are not supported yet",
}
# Of `docker { }`: why each has no effect.
_NOTED = {
    "args": "the container has the workspace and the stage's variables, and runs as you",
    "label": "stages run on this machine",
    "registryUrl": "name the registry in the image; Docker's own login is used",
    "registryCredentialsId": "Docker's own login is used",
    "reuseNode": "stages share one workspace",
    "alwaysPull": "an image that is here is not pulled again",
}


def image_of(agent: Section | None, outer: str, remarks: Remarks) -> str:
    """The image of the containers that steps run in, "" for this machine; `outer`: that outside."""
    if agent is None:
        return outer
    kinds = (as_section(statement) for statement in agent.body or ())
    docker = next((kind for kind in kinds if kind is not None and kind.name == "docker"), None)
    if docker is None:
        return ""
    if docker.body is None:
        return _image(docker, remarks)
    found = ""
    for statement in docker.body:
        line = as_section(statement)
        if line is None or (line.name != "image" and line.name not in _NOTED):
            hint = did_you_mean(line.name if line else "", ("image", *_NOTED))
            remarks.error(statement.at, "Expected image '…'", hint)
        elif line.name == "image":
            found = _image(line, remarks)
        else:
            remarks.note(line.at, f"docker: '{line.name}' has no effect here: {_NOTED[line.name]}")
    if not found:
        remarks.error(docker.at, "a docker agent needs an image", "write docker { image 'python:3.12' }")
    return found


def _image(section: Section, remarks: Remarks) -> str:
    given = section.arguments
    if len(given) == 1 and isinstance(given[0].value, Text) and given[0].value.value.strip():
        return given[0].value.value.strip()
    remarks.error(section.at, "the image must be a string without ${…}", "write image 'python:3.12'")
    return ""


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
        elif kind.name == "label":
            remarks.note(kind.at, "the label has no effect: stages run on this machine")
        elif kind.name == "customWorkspace":
            remarks.note(kind.at, "customWorkspace has no effect: every run has a workspace of its own")
        elif kind.name == "docker":
            continue
        elif kind.name in _REFUSED:
            message = f"agent {{ {kind.name} }} is not supported"
            remarks.error(kind.at, message, _REFUSED[kind.name])
        else:
            hint = did_you_mean(kind.name, ("label", "node", "docker", "dockerfile", "kubernetes"))
            remarks.error(kind.at, f'Invalid agent type "{kind.name}" specified', hint)
