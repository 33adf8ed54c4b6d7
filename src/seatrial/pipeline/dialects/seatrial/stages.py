"""The `stages` of `seatrial.yaml`."""

from collections.abc import Callable
from typing import Any

from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.dialects.seatrial.fields import fields, places
from seatrial.pipeline.dialects.seatrial.keys import (
    AXIS,
    KINDS,
    MATRIX_ROWS,
    RESOURCES,
    ROWS,
    RUNTIMES,
    SERVE,
    SERVICE,
    STAGE,
)
from seatrial.pipeline.dialects.seatrial.paths import normal
from seatrial.pipeline.dialects.seatrial.shapes import COMMANDS, NAME, VARIABLE, Findings, Written, wrong
from seatrial.pipeline.finding import error
from seatrial.pipeline.pipeline import (
    APPROVE,
    RELEASE,
    Approve,
    Evaluate,
    Matrix,
    Options,
    Package,
    Places,
    Release,
    Resources,
    Service,
    Stage,
    Variables,
)
from seatrial.pipeline.spelling import did_you_mean
from seatrial.pipeline.step import Shell
from seatrial.pipeline.yaml_document import Mapping, Node, Scalar

_PATHS = frozenset({"inputs", "outputs", "reports", "evaluate", "data", "predictions", "package", "include"})
_PLACED = _PATHS | {
    *("needs", "secrets", "python", "matrix", "when", "executor", "image", "release"),
    *("predict", "serve", "task", "timeout"),
}


class Defaults(NamedTuple):
    """What the file says for every stage."""

    python: str = ""
    image: str = ""
    executor: str = ""
    env: Variables = ()
    places: Places = ()


def read_stages(node: Mapping, defaults: Defaults, findings: Findings) -> tuple[Stage, ...]:
    read = [_stage(name, value, defaults, findings) for name, value in node.entries]
    return tuple(stage for stage in read if stage is not None)


def _stage(name: Scalar, node: Node, defaults: Defaults, findings: Findings) -> Stage | None:
    """None has no name. Who waits for a stage that cannot be read means one that is there all the same."""
    if NAME.read(name, "stages", findings) is None:
        return None
    unread = Stage(name.text, name.place)
    if isinstance(node, Scalar) and not node.is_null:
        commands = COMMANDS.read(node, name.text, findings)
        return _made(name, "run", {"run": commands}, (), defaults) if commands else unread
    if not isinstance(node, Mapping):
        wrong(node, name.text, "a command, or a mapping with one of " + ", ".join(KINDS), findings)
        return unread
    kind = _kind(name, node, findings)
    values = _values(node, kind, findings)
    if "python" in values and "image" in values:
        findings.append(error(name.place, f"`{name.text}` has `python` and `image`", "one of them is enough"))
    if kind not in values:
        return unread
    return _made(name, kind, values, _places(node), defaults)


def _kind(name: Scalar, node: Mapping, findings: Findings) -> str:
    said = [key for key, _ in node.entries if key.text in KINDS]
    if not said:
        findings.append(error(name.place, f"`{name.text}` does nothing", _missing_kind(node)))
        return ""
    for second in said[1:]:
        hint = "a stage does one thing; make it two stages"
        findings.append(error(second.place, f"`{second.text}` beside `{said[0].text}`", hint))
    return said[0].text


def _missing_kind(node: Mapping) -> str:
    """What to add to a stage that does nothing: what its other keys belong to, where that is one thing."""
    texts = [key.text for key, _ in node.entries]
    only = {key.name: key.stages[0] for key in STAGE if len(key.stages) == 1 and key.name in texts}
    if len(set(only.values())) != 1:
        return "say one of " + ", ".join(KINDS)
    kind = next(iter(only.values()))
    if "predictions" in only:
        return "`evaluate:` is missing; beside `predictions` it has no value: `{evaluate: , predictions: …}`"
    return f"`{kind}:` is missing, which `{next(iter(only))}` belongs to"


def _values(node: Mapping, kind: str, findings: Findings) -> dict[str, Any]:
    """The values of the keys that a stage of this kind may have; "" = not known, so it may have any."""
    allowed = tuple(key for key in STAGE if not kind or kind in key.stages)
    fitting = []
    for name, value in node.entries:
        if name.text in KINDS and name.text != kind:
            continue
        others = next((key.stages for key in STAGE if key.name == name.text), ())
        if others and kind and kind not in others:
            where = " or ".join(f"`{other}`" for other in others)
            findings.append(error(name.place, f"`{name.text}` belongs to a stage with {where}, not `{kind}`"))
            continue
        fitting.append((name, value))
    values = fields(Mapping(tuple(fitting), node.place), allowed, "a stage", findings)
    for key, read in _NESTED.items():
        if key in values:
            values[key] = read(values[key], findings)
    return values


def _made(name: Scalar, kind: str, values: dict[str, Any], placed: Places, defaults: Defaults) -> Stage:
    action = KINDS[kind]
    plain = Stage(name.text, name.place)
    effects = action in (RELEASE, APPROVE)
    stage = Stage(
        name=name.text,
        place=name.place,
        action=action,
        steps=_steps(values.get("run", ())),
        options=_options(kind, values),
        needs=values.get("needs", plain.needs),
        inputs=values.get("inputs", plain.inputs),
        outputs=values.get("outputs", plain.outputs),
        reports=values.get("reports", plain.reports),
        secrets=values.get("secrets", plain.secrets),
        when=values.get("when", plain.when),
        matrix=values.get("matrix", plain.matrix),
        timeout_seconds=values.get("timeout", plain.timeout_seconds),
        retry=values.get("retry", plain.retry),
        cache=values.get("cache", plain.cache),
        git=values.get("git", plain.git),
        workspace=values.get("workspace", plain.workspace),
        effects=effects or "workspace" in values,
        resources=values.get("resources", plain.resources),
        services=values.get("services", plain.services),
        places=placed,
    )
    return stage if effects else _surrounded(stage, values, defaults)


def _surrounded(stage: Stage, values: dict[str, Any], defaults: Defaults) -> Stage:
    """The stage with where and in what it runs; its own `python` or `image` takes the place of both above."""
    own = "python" in values or "image" in values
    in_container = values.get("executor", "docker") == "docker"
    image = values.get("image", "") if own else defaults.image if in_container else ""
    python = values.get("python", "") if own else defaults.python
    executor = "docker" if image and (own or not defaults.executor) else defaults.executor
    return stage._replace(
        python=python,
        places=stage.places if own else stage.places + defaults.places,
        image=image,
        executor=values.get("executor", executor or stage.executor),
        env=tuple({**dict(defaults.env), **dict(values.get("env", ()))}.items()),
    )


def _steps(commands: tuple[Written, ...]) -> tuple[Shell, ...]:
    return tuple(Shell(command.text, place=command.node.place) for command in commands)


def _options(kind: str, values: dict[str, Any]) -> Options:
    make: dict[str, Callable[[dict[str, Any]], Options]] = {
        "evaluate": _evaluate,
        "package": _package,
        "release": lambda values: Release(values["release"]),
        "approve": lambda values: Approve(values["approve"]),
    }
    return make[kind](values) if kind in make else None


def _evaluate(values: dict[str, Any]) -> Evaluate:
    plain = Evaluate()
    return Evaluate(
        evaluated=values["evaluate"],
        predict=_command(values, "predict"),
        data=values.get("data", ""),
        predictions=values.get("predictions", ""),
        task=values.get("task", ""),
        gates=values.get("gates", ()),
        slices=values.get("slices", ()),
        columns=values.get("columns", ()),
        inconclusive=values.get("inconclusive", plain.inconclusive),
        confidence=values.get("confidence", ""),
    )


def _package(values: dict[str, Any]) -> Package:
    return Package(
        model=values["package"],
        include=values.get("include", ()),
        predict=_command(values, "predict"),
        health=values.get("health", Package("").health),
        **values.get("serve", {}),
    )


def _command(values: dict[str, Any], key: str) -> str:
    return values[key].text if key in values else ""


def _serve(said: Written | Mapping, findings: Findings) -> dict[str, Any]:
    """What a package knows of how it is served."""
    if not isinstance(said, Mapping):
        return {"serve": said.text}
    values = fields(said, SERVE, "`serve`", findings)
    names = {key.text for key, _ in said.entries}
    if names.isdisjoint(RUNTIMES) and names <= {key.name for key in SERVE}:
        hint = "for example `serve: {function: predict.py:answer}`"
        findings.append(error(said.place, "`serve` does not say what answers", hint))
    name = next((key for key in values if key in RUNTIMES), "")
    return {"runtime": name, "runtime_options": tuple(values.items())} if name else {}


def _matrix(node: Mapping, findings: Findings) -> Matrix:
    axes: list[tuple[str, tuple[str, ...]]] = []
    rows: dict[str, tuple[Variables, ...]] = {}
    for name, value in node.entries:
        if name.text in MATRIX_ROWS:
            rows[name.text] = ROWS.read(value, f"matrix.{name.text}", findings) or ()
        elif VARIABLE.read(name, "matrix", findings) is not None:
            values = AXIS.read(value, f"matrix.{name.text}", findings) or ()
            axes.append((name.text, values))
    matrix = Matrix(tuple(axes), rows.get("include", ()), rows.get("exclude", ()))
    for axis in dict.fromkeys(axis for row in matrix.exclude for axis, _ in row):
        if axis not in dict(axes):
            hint = did_you_mean(axis, dict(axes))
            findings.append(error(node.place, f"`matrix.exclude` names `{axis}`, which is no axis", hint))
    return matrix


def _resources(node: Mapping, findings: Findings) -> Resources:
    values = fields(node, RESOURCES, "`resources`", findings)
    return Resources(values.get("cpus"), values.get("memory"), values.get("gpus", 0))


def _services(node: Mapping, findings: Findings) -> tuple[Service, ...]:
    read = [_service(name, value, findings) for name, value in node.entries]
    return tuple(service for service in read if service is not None)


def _service(name: Scalar, node: Node, findings: Findings) -> Service | None:
    if NAME.read(name, "services", findings) is None:
        return None
    if isinstance(node, Scalar) and not node.is_null:
        return Service(name.text, node.text)
    if not isinstance(node, Mapping):
        wrong(node, f"services.{name.text}", "an image, or a mapping with `image`", findings)
        return None
    values = fields(node, SERVICE, "a service", findings)
    if "image" not in values:
        findings.append(error(name.place, f"the service `{name.text}` has no image"))
        return None
    return Service(name.text, values["image"], values.get("env", ()), tuple(values.get("ports", ())))


_NESTED: dict[str, Callable[[Any, Findings], object]] = {
    "matrix": _matrix,
    "resources": _resources,
    "serve": _serve,
    "services": _services,
}


def _places(node: Mapping) -> Places:
    """Paths are known as they are kept, not as they were written."""
    inside = [
        (f"{key.text}:{name.text}", within.place)
        for key, value in node.entries
        if key.text in ("serve", "env") and isinstance(value, Mapping)
        for name, within in value.entries
    ]
    return (*((_as_kept(key), place) for key, place in places(node, _PLACED)), *inside)


def _as_kept(key: str) -> str:
    name, colon, item = key.partition(":")
    return f"{name}:{normal(item)}" if colon and (name in _PATHS or name == "python") else key
