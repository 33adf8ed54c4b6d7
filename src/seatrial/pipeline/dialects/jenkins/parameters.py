"""`parameters { }`: what a run may be given, and what it has without."""

from __future__ import annotations

from seatrial.pipeline.dialects.jenkins.declarative import Section, as_section
from seatrial.pipeline.dialects.jenkins.remarks import Remarks, did_you_mean
from seatrial.pipeline.dialects.jenkins.syntax import Constant, Expression, ListLiteral, Text
from seatrial.pipeline.pipeline import BOOLEAN, CHOICE, STRING, Parameter

_KINDS = {
    "string": STRING,
    "text": STRING,
    "password": STRING,
    "booleanParam": BOOLEAN,
    "choice": CHOICE,
}


def read_parameters(section: Section, remarks: Remarks) -> tuple[Parameter, ...]:
    found: dict[str, Parameter] = {}
    for statement in section.body or ():
        one = as_section(statement)
        if one is None or one.body is not None:
            remarks.error(statement.at, "Expected a parameter", "write string(name: 'X', defaultValue: 'y')")
            continue
        parameter = _parameter(one, remarks)
        if parameter is None:
            continue
        if parameter.name in found:
            remarks.error(one.at, f'Duplicate build parameter name: "{parameter.name}"', "keep one")
        found.setdefault(parameter.name, parameter)
    if not section.body:
        remarks.error(section.at, "parameters can not be empty", "remove it")
    return tuple(found.values())


def _parameter(section: Section, remarks: Remarks) -> Parameter | None:
    kind = _KINDS.get(section.name)
    if kind is None:
        message = f"the parameter type '{section.name}' is not supported"
        remarks.error(section.at, message, did_you_mean(section.name, _KINDS))
        return None
    given = {one.name: one.value for one in section.arguments if isinstance(one.name, str)}
    name = given.get("name")
    if not isinstance(name, Text) or not name.value.isidentifier():
        remarks.error(section.at, "a parameter needs a name, which is that of a variable", "name: 'TARGET'")
        return None
    if section.name == "choice":
        return _choice(name.value, section, given.get("choices"), remarks)
    default = _default(given.get("defaultValue"), kind, section, remarks)
    return Parameter(name.value, default, kind)


def _default(value: Expression | None, kind: str, section: Section, remarks: Remarks) -> str:
    if value is None:
        return "false" if kind == BOOLEAN else ""
    if kind == BOOLEAN and isinstance(value, Constant) and isinstance(value.value, bool):
        return "true" if value.value else "false"
    if isinstance(value, Text) and (kind != BOOLEAN or value.value in ("true", "false")):
        return value.value
    wanted = "true or false" if kind == BOOLEAN else "a string without ${…}"
    remarks.error(value.at, f"{section.name}: 'defaultValue' must be {wanted}")
    return ""


def _choice(name: str, section: Section, value: Expression | None, remarks: Remarks) -> Parameter | None:
    texts: list[str] = []
    if isinstance(value, Text):
        texts = value.value.split("\n")
    elif isinstance(value, ListLiteral):
        texts = [item.value for item in value.items if isinstance(item, Text)]
        texts = texts if len(texts) == len(value.items) else []
    if not texts:
        hint = "write choices: ['one', 'two']"
        remarks.error(section.at, "choice: 'choices' must be strings without ${…}", hint)
        return None
    return Parameter(name, texts[0], CHOICE, tuple(texts))
