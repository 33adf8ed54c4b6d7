"""`parameters { }`: what a run may be given, and what it has without."""

from __future__ import annotations

from seatrial.pipeline.dialects.jenkins.declarative import Section, as_section
from seatrial.pipeline.dialects.jenkins.evaluator import Undetermined
from seatrial.pipeline.dialects.jenkins.groovy import early, script
from seatrial.pipeline.dialects.jenkins.groovy.file import Late
from seatrial.pipeline.dialects.jenkins.remarks import Remarks, did_you_mean
from seatrial.pipeline.dialects.jenkins.syntax import Constant, Expression, Number
from seatrial.pipeline.dialects.jenkins.values import written
from seatrial.pipeline.parameter import BOOLEAN, CHOICE, STRING, Parameter

_KINDS = {
    "string": STRING,
    "text": STRING,
    "password": STRING,
    "booleanParam": BOOLEAN,
    "choice": CHOICE,
    "credentials": STRING,
    "gitParameter": STRING,
}
# Of those that let a person choose among what Jenkins finds.
_NOTED = {"gitParameter": "the branches are not listed: give one by --param"}


def read_parameters(section: Section, remarks: Remarks, late: Late | None = None) -> tuple[Parameter, ...]:
    """`late` takes the defaults that only the run can tell, where it may."""
    found: dict[str, Parameter] = {}
    for statement in section.body or ():
        one = as_section(statement)
        if one is None or one.body is not None:
            remarks.error(statement.at, "Expected a parameter", "write string(name: 'X', defaultValue: 'y')")
            continue
        parameter = _parameter(one, remarks, late)
        if parameter is None:
            continue
        if parameter.name in found:
            remarks.error(one.at, f'Duplicate build parameter name: "{parameter.name}"', "keep one")
        found.setdefault(parameter.name, parameter)
    if not section.body:
        remarks.error(section.at, "parameters can not be empty", "remove it")
    return tuple(found.values())


def _parameter(section: Section, remarks: Remarks, late: Late | None) -> Parameter | None:
    kind = _KINDS.get(section.name)
    if kind is None:
        message = f"the parameter type '{section.name}' is not supported"
        remarks.error(section.at, message, did_you_mean(section.name, _KINDS))
        return None
    if section.name in _NOTED:
        remarks.note(section.at, f"{section.name}: {_NOTED[section.name]}")
    given = {one.name: one.value for one in section.arguments if isinstance(one.name, str)}
    name = _name(given.get("name"), section, remarks)
    if not name:
        return None
    if section.name == "choice":
        return _choice(name, section, given.get("choices"), remarks)
    written = given.get("defaultValue")
    default = _default(written, kind, remarks)
    if default is None and written is not None and late is not None and _is_late(written, remarks):
        late[name] = written
        remarks.declared.add(name)
        return Parameter(name, "", kind, late=True)
    if default is None:
        wanted = "true or false" if kind == BOOLEAN else "known before the run"
        remarks.error((written or section).at, f"{section.name}: 'defaultValue' must be {wanted}")
    return Parameter(name, default or "", kind)


def _name(value: Expression | None, section: Section, remarks: Remarks) -> str:
    """Jenkins takes any name; only one that a variable may have is of use to a shell."""
    name = "" if value is None else early.text(value, remarks.file)
    if name is None:
        hint = "nobody can give it by --param, so it is left out: write its name without ${…}"
        remarks.warning(section.at, "only Jenkins knows the name of this parameter", hint)
    elif not name or "=" in name or "\0" in name or isinstance(value, Number | Constant):
        remarks.error(section.at, "a parameter needs a name, without '='", "name: 'TARGET'")
        return ""
    return name or ""


def _default(value: Expression | None, kind: str, remarks: Remarks) -> str | None:
    """None where the file alone does not say it, or says what it cannot be."""
    if value is None:
        return "false" if kind == BOOLEAN else ""
    if kind == BOOLEAN and isinstance(value, Constant) and isinstance(value.value, bool):
        return "true" if value.value else "false"
    text = early.text(value, remarks.file)
    return text if kind != BOOLEAN or text in ("true", "false") else None


def _is_late(value: Expression, remarks: Remarks) -> bool:
    """Whether the run can tell what the file does not; what it cannot either is a finding."""
    if early.text(value, remarks.file) is not None:
        return False
    script.check((value,), remarks.file, remarks)
    return True


def _choice(name: str, section: Section, value: Expression | None, remarks: Remarks) -> Parameter | None:
    texts = _choices(value, remarks)
    if not any(texts):
        hint = "write choices: ['one', 'two']"
        remarks.error(section.at, "choice: 'choices' must be known before the run", hint)
        return None
    return Parameter(name, texts[0], CHOICE, tuple(texts))


def _choices(value: Expression | None, remarks: Remarks) -> list[str]:
    """The items of a list, or the lines of a text; none where only the run can tell."""
    try:
        found = [] if value is None else early.value(value, remarks.file)
    except Undetermined:
        return []
    return [written(one) for one in found] if isinstance(found, list) else written(found).split("\n")
