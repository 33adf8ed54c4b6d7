"""The parameters of a pipeline, and the values that a run gives them. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from seatrial.errors import BadInput
from seatrial.pipeline.parameter import BOOLEAN, Parameter
from seatrial.pipeline.pipeline import Pipeline
from seatrial.pipeline.spelling import did_you_mean


def with_values(pipeline: Pipeline, given: Iterable[tuple[str, str]]) -> Pipeline:
    """The pipeline with these values in the place of its defaults; the last of one name counts.

    Raises BadInput for a parameter that the pipeline does not have, and for a value that it does not take.
    """
    values = dict(given)
    known = {one.name for one in pipeline.parameters}
    for name in values:
        if name not in known:
            some = ", ".join(sorted(known)) or "it has none"
            hint = did_you_mean(name, known) or f"the parameters of {pipeline.path}: {some}"
            raise BadInput(f"there is no parameter {name!r}", hint, about=name)
    chosen = tuple(
        valued(one, values[one.name]) if one.name in values else one for one in pipeline.parameters
    )
    return pipeline._replace(parameters=chosen)


def undeclared(pipeline: Pipeline, given: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Of the values those for parameters that the pipeline does not have."""
    known = {one.name for one in pipeline.parameters if not one.given}
    return tuple(one for one in given if one[0] not in known)


# The variable that tells programs to pass over what they do not know.
SKIPPING = "SEATRIAL_SKIP_UNKNOWN"


def with_variables(pipeline: Pipeline, given: Collection[tuple[str, str]]) -> Pipeline:
    """The pipeline of another system with variables that its server, or an agent there, gives to all stages.

    Raises BadInput for one of our own, which says its variables itself, and for a parameter.
    """
    known = {one.name for one in pipeline.parameters}
    for name, _ in given:
        if pipeline.dialect == "seatrial":
            hint = f"write it in `env` of the stages of {pipeline.path}: what they give depends on it"
            raise BadInput(f"no server sets {name!r} for a pipeline of seatrial", hint, about=name)
        if name in known:
            hint = f"write --param {name}=…"
            raise BadInput(f"{name!r} is a parameter of {pipeline.path}", hint, about=name)
    more = tuple(Parameter(name, value, given=True) for name, value in dict(given).items())
    return pipeline._replace(parameters=(*pipeline.parameters, *more))


def valued(parameter: Parameter, value: str) -> Parameter:
    """The parameter with a value. Raises BadInput for one that it does not take."""
    if parameter.kind == BOOLEAN and value not in ("true", "false"):
        raise BadInput(
            f"the parameter {parameter.name!r} is true or false, not {value!r}", about=parameter.name
        )
    if parameter.choices and value not in parameter.choices:
        hint = f"it is one of {', '.join(parameter.choices)}"
        raise BadInput(f"the parameter {parameter.name!r} cannot be {value!r}", hint, about=parameter.name)
    return parameter._replace(value=value, given=True)
