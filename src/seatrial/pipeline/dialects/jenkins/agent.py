"""`agent`: whether there is one, and what is not honoured about it."""

from __future__ import annotations

from seatrial.pipeline.dialects.jenkins.declarative import Section, as_section
from seatrial.pipeline.dialects.jenkins.remarks import Remarks, did_you_mean
from seatrial.pipeline.dialects.jenkins.syntax import Name

_REFUSED = {
    "docker": "agents in containers are not supported yet; run docker in sh",
    "dockerfile": "agents in containers are not supported yet; run docker in sh",
    "kubernetes": "agents in Kubernetes are not supported yet",
    "customWorkspace": "every run has a workspace of its own; remove it",
    "reuseNode": "agents in containers are not supported yet",
}


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
        elif kind.name in _REFUSED:
            message = f"agent {{ {kind.name} }} is not supported"
            remarks.error(kind.at, message, _REFUSED[kind.name])
        else:
            hint = did_you_mean(kind.name, ("label", "node", "docker", "dockerfile", "kubernetes"))
            remarks.error(kind.at, f'Invalid agent type "{kind.name}" specified', hint)
