"""`<< parameters.x >>` and the like, put in where they stand."""

from __future__ import annotations

import re
from collections.abc import Mapping as Values

from seatrial.errors import Place
from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.dialects.circleci.nodes import MARK, Findings, text
from seatrial.pipeline.finding import error, warning
from seatrial.pipeline.spelling import did_you_mean
from seatrial.pipeline.yaml_document import Mapping, Node, Scalar, Sequence, entries, items, place_at

_EXPRESSION = re.compile(
    r"\\<<|<<\s*(?P<section>[#^/]?)\s*(?P<name>(?:parameters|pipeline|matrix)\.[\w.-]+)\s*>>"
)
_LONGEST = 200_000  # characters of one text: a few calls can double it again and again
_NO = ("false", "no", "off", "False", "FALSE", "No", "NO", "Off", "OFF")
_YES = ("true", "yes", "on", "True", "TRUE", "Yes", "YES", "On", "ON")

_NOTHING = ("", "false", "0")

# Values of a pipeline that only a run knows: the variable that holds each.
_AT_RUN = {
    "pipeline.id": "CIRCLE_PIPELINE_ID",
    "pipeline.number": "CIRCLE_PIPELINE_NUMBER",
    "pipeline.project.git_url": "CIRCLE_REPOSITORY_URL",
    "pipeline.git.branch": "CIRCLE_BRANCH",
    "pipeline.git.tag": "CIRCLE_TAG",
    "pipeline.git.revision": "CIRCLE_SHA1",
    "pipeline.git.repo_name": "CIRCLE_PROJECT_REPONAME",
    "pipeline.git.repo_owner": "CIRCLE_PROJECT_USERNAME",
    "pipeline.project.slug": "CIRCLE_PROJECT_SLUG",
    "pipeline.trigger_source": "CIRCLE_TRIGGER_SOURCE",
    "pipeline.trigger.type": "CIRCLE_TRIGGER_SOURCE",
}
_FIXED = {
    "pipeline.project.type": "github",
    "pipeline.in_setup": "false",
    "pipeline.git.base_revision": "",
    "pipeline.schedule.name": "",
    "pipeline.schedule.id": "",
}
# What a forge, or CircleCI itself, would know of what started the pipeline.
_UNKNOWN = tuple(f"pipeline.{one}." for one in ("event", "trigger_parameters", "trigger", "git", "deploy"))

Scope = Values[str, Node]  # "parameters.x" → its value


class Truth(Scalar):
    """The value of a boolean parameter: `true` or `false`, and 1 or 0 where it is that of a variable."""


class Reader(NamedTuple):
    """`modern`: version 2.1, which alone has expressions.

    `orbs` are those of a registry, by their names here; `used` are those that something names that would run,
    and whether it is refused for it. `variables` are those whose names parameters hold.
    """

    modern: bool
    pipeline: Scope
    findings: Findings
    orbs: Values[str, str]
    used: dict[str, bool]
    variables: dict[str, None]


def bind(node: Node, scope: Scope, reader: Reader) -> Node:
    """The node with the values of expressions in their place."""
    if not reader.modern:
        return node
    if isinstance(node, Scalar):
        return _scalar(node, scope, reader) if "<<" in node.text else node
    if isinstance(node, Sequence):
        return Sequence(tuple(bind(item, scope, reader) for item in node.items), node.place)
    found: dict[str, tuple[Scalar, Node]] = {}
    for key, value in node.entries:
        new = bind(key, scope, reader)
        name = new if isinstance(new, Scalar) else key
        found[name.text] = (name, bind(value, scope, reader))
    return Mapping(tuple(found.values()), node.place)


class _Section(NamedTuple):
    """What is there, up to `<</name>>`, where a value is something (`<<#name>>`), or is not (`<<^name>>`)."""

    name: str
    place: Place
    stands: bool


def _scalar(node: Scalar, scope: Scope, reader: Reader) -> Node:
    whole = _EXPRESSION.fullmatch(node.text.strip())
    if whole and whole["name"] and not whole["section"]:
        value = value_of(whole["name"], node.place, scope, reader)
        return value._replace(place=node.place) if isinstance(value, Scalar) else value
    parts: list[str] = []
    sections: list[_Section] = []
    at, length = 0, 0
    for match in _EXPRESSION.finditer(node.text):
        parts += [node.text[at : match.start()]] if _stand(sections) else []
        parts.append(_said(match, place_at(node, match.start()), sections, scope, reader))
        length += sum(map(len, parts[-2:]))
        at = match.end()
        if length > _LONGEST:
            reader.findings.append(error(node.place, f"a text of more than {_LONGEST} characters"))
            return Scalar("", node.place)
    for one in sections:
        reader.findings.append(error(one.place, f"there is no `<</{one.name}>>`, which ends this"))
    return Scalar("".join(parts) + node.text[at:], node.place, plain=False)


def _stand(sections: list[_Section]) -> bool:
    return all(one.stands for one in sections)


def _said(match: re.Match[str], place: Place, sections: list[_Section], scope: Scope, reader: Reader) -> str:
    """What stands in the place of an expression; one that begins or ends a section is nothing itself."""
    name = match["name"]
    if name and match["section"]:
        _bound(match["section"], name, place, sections, scope, reader)
        return ""
    if not _stand(sections):
        return ""
    put = value_of(name, place, scope, reader) if name else None
    if put is not None and not isinstance(put, Scalar):
        reader.findings.append(error(place, f"`{name}` is no text that can stand inside another"))
    return text(put) if name else "<<"


def _bound(
    sign: str, name: str, place: Place, sections: list[_Section], scope: Scope, reader: Reader
) -> None:
    """The beginning of a section, or its end."""
    if sign == "/":
        if sections and sections[-1].name == name:
            sections.pop()
        else:
            reader.findings.append(error(place, f"`<</{name}>>` ends nothing here"))
        return
    value = value_of(name, place, scope, reader) if _stand(sections) else Scalar("", place)
    if isinstance(value, Scalar) and MARK in value.text:
        message = f"what `{name}` is only a run knows, so that nothing can stand or fall with it here"
        reader.findings.append(error(place, message, "ask for it by a step `when`"))
    is_something = text(value) not in _NOTHING if isinstance(value, Scalar) else bool(items(value))
    sections.append(_Section(name, place, is_something == (sign == "#")))


def value_of(name: str, place: Place, scope: Scope, reader: Reader) -> Node:
    """What an expression of this name stands for; an error where there is no such value."""
    found = scope.get(name) or reader.pipeline.get(name)
    if found is not None:
        return found
    if name in _AT_RUN:
        return Scalar(f"{MARK}{_AT_RUN[name]}{MARK}", place)
    if name in _FIXED:
        return Scalar(_FIXED[name], place)
    if name.startswith(_UNKNOWN):
        reader.findings.append(warning(place, f"`{name}` is empty: nothing but a person started the run"))
    else:
        hint = did_you_mean(name, tuple(scope) + tuple(reader.pipeline) + tuple(_AT_RUN))
        reader.findings.append(error(place, f"there is no `{name}` here", hint))
    return Scalar("", place)


def scope_of(
    declared: Node | None,
    given: Node | None,
    place: Place,
    owner: str,
    reader: Reader,
    kind: str = "parameters",
) -> Scope:
    """The values of a call: what is given, else the defaults; errors for what does not fit."""
    wanted, said = entries(declared), entries(given)
    places = {key.text: key.place for key, _ in given.entries} if isinstance(given, Mapping) else {}
    for name in (one for one in said if one not in wanted):
        hint = did_you_mean(name, wanted)
        reader.findings.append(error(places[name], f"`{owner}` has no parameter `{name}`", hint))
    found: dict[str, Node] = {}
    for name, declaration in wanted.items():
        value = said.get(name)
        if value is None and (default := entries(declaration).get("default")) is not None:
            value = bind(default, {}, reader)
        if value is None:
            hint = "it has no default"
            reader.findings.append(error(place, f"`{owner}` wants the parameter `{name}`", hint))
            value = Scalar("", place)
        found[f"{kind}.{name}"] = _typed(value, name, entries(declaration), reader)
    return found


def _typed(value: Node, name: str, declaration: Values[str, Node], reader: Reader) -> Node:
    kind = text(declaration.get("type")) or "string"
    if kind == "steps":
        return value if isinstance(value, Sequence) else Sequence(items(value), value.place)
    if kind == "executor":
        return value
    if not isinstance(value, Scalar):
        reader.findings.append(error(value.place, f"the parameter `{name}` is a {kind}"))
        return Scalar("", value.place)
    if MARK in value.text:
        return value
    if kind == "boolean":
        return _boolean(value, name, reader)
    if kind == "integer" and not re.fullmatch(r"[-+]?[0-9_]+", value.text):
        reader.findings.append(error(value.place, f"the parameter `{name}` is an integer"))
    if kind == "enum" and value.text not in (texts := [text(one) for one in items(declaration.get("enum"))]):
        hint = did_you_mean(value.text, texts)
        reader.findings.append(error(value.place, f"`{value.text}` is no value of `{name}`", hint))
    if kind == "env_var_name":
        reader.variables[value.text] = None
    elif kind not in ("string", "integer", "enum"):
        reader.findings.append(error(value.place, f"`{kind}` is no type of a parameter"))
    return Scalar("", value.place) if value.is_null else value


def _boolean(value: Scalar, name: str, reader: Reader) -> Scalar:
    if value.text not in (*_YES, *_NO):
        reader.findings.append(error(value.place, f"the parameter `{name}` is true or false"))
    return Truth("true" if value.text in _YES else "false", value.place, plain=True)
