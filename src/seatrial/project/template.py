"""From what a folder holds to a `seatrial.yaml` that says what it does: pure text."""

from __future__ import annotations

import json
import re
import shlex

from seatrial.project.survey import Script, Survey

_PLAIN = re.compile(r"[A-Za-z_./$][A-Za-z0-9_./$ \-]*[A-Za-z0-9_./$]|[A-Za-z_]")
_SAID_BY_YAML = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})


def template(found: Survey) -> str:
    """The commented file. What could not be found stands in comments, ready to be filled in."""
    model = _model(found)
    blocks = [_head(found), "stages:", *_stages(found, model)]
    if model and found.serve:
        blocks.append(_environment(found))
    else:
        blocks.append(_commented_environment(found))
    return "\n".join(blocks) + "\n"


def scalar(text: str) -> str:
    """The text as a YAML scalar, quoted where it must be."""
    if _PLAIN.fullmatch(text) and text.casefold() not in _SAID_BY_YAML and ": " not in text:
        return text
    return json.dumps(text)


def _head(found: Survey) -> str:
    lines = [
        "# The pipeline of this project: `seatrial check` reads it, `seatrial run` runs it.",
        "# Every stage is kept by the content it depends on, so what has not changed is not run again.",
        f"project: {scalar(found.name)}",
    ]
    if found.requirements:
        lines.append(f"python: {scalar(found.requirements)}  # an environment, made once for each content")
    elif found.pyproject:
        lines.append(
            "# python: requirements.txt  # lock pyproject.toml into one: an environment for the stages"
        )
    if found.foreign:
        names = ", ".join(found.foreign)
        lines.append(
            f"# Beside this file there is {names}: `seatrial run -f {found.foreign[0]}` runs that one."
        )
    return "\n".join([*lines, ""])


def _model(found: Survey) -> str:
    """Where the training stage leaves the model, "" where there is no training."""
    if found.train is None:
        return ""
    if found.train.writes and not (found.train.out_option and found.train.writes in found.train.reads):
        return found.train.writes
    return "model/" if found.train.out_option else ""


def _stages(found: Survey, model: str) -> list[str]:
    stages: list[str] = []
    if found.train is not None:
        stages.append(_train(found.train, model))
    if found.tests:
        stages.append(f"  test: {scalar(found.tests)}  # the short form: one command, on the whole commit\n")
    if not stages:
        stages.append("  # Nothing to train or test was found. A stage is a command:")
        stages.append("  test: python -m compileall -q .\n")
    stages.append(_evaluate(found, model))
    stages.append(_package(found, model))
    return stages


def _train(script: Script, model: str) -> str:
    command = f"python {shlex.quote(script.path)}"
    if script.out_option and model:
        command += f" {script.out_option} {shlex.quote(model)}"
    lines = ["  train:", f"    run: {scalar(command)}"]
    inputs = ", ".join(scalar(path) for path in script.reads)
    lines.append(f"    inputs: [{inputs}]  # the workspace is exactly this; add what else it reads")
    if model:
        lines.append(f"    outputs: [{scalar(model)}]")
    else:
        lines.append(
            "    # outputs: [model/]  # where it leaves the model: then the stages below can be switched on"
        )
    return "\n".join(lines) + "\n"


def _evaluate(found: Survey, model: str) -> str:
    ready = bool(model and found.predict and found.data)
    predict = found.predict.path if found.predict else "predict.py"
    lines = [
        "  evaluate:",
        f"    evaluate: {scalar(model or 'model/')}",
        f"    predict: {scalar(f'python {shlex.quote(predict)} $MODEL $DATA $PREDICTIONS')}"
        "  # reads the first two, writes the third: columns id and prediction",
        f"    data: {scalar(found.data or 'data/test.csv')}  # columns id and label",
        f"    task: {found.task or 'classification'}",
    ]
    if found.slices:
        lines.append(f"    slices: [{', '.join(map(scalar, found.slices))}]")
    bar, comparison = _gates(found)
    lines += ["    gates:", f"      - {bar}  # set the bar where you need it"]
    if found.serve or not ready:
        lines.append(f"      - {comparison}  # not worse than what is live")
    return _switched(lines, ready, "To let a candidate pass on evidence, say how it predicts and on what:")


def _gates(found: Survey) -> tuple[str, str]:
    """A gate on the value itself, and one that compares with what is live."""
    if found.task == "regression":
        return "r2 >= 0.5", "rmse <= production * 1.02"
    return "accuracy >= 0.8", "f1 >= production - 0.02"


def _package(found: Survey, model: str) -> str:
    ready = bool(model and found.serve)
    serve = found.serve.path if found.serve else "serve.py"
    scripts = [script for script in (found.serve, found.predict) if script is not None]
    include = list(dict.fromkeys(path for script in scripts for path in script.reads)) or ["serve.py"]
    needs = [
        name for name, is_there in (("test", found.tests), ("evaluate", _evaluates(found, model))) if is_there
    ]
    lines = [
        "  package:",
        f"    package: {scalar(model or 'model/')}",
        f"    include: [{', '.join(map(scalar, include))}]",
        f"    serve: {scalar(f'python {shlex.quote(serve)}')}  # listens on $PORT of the loopback",
    ]
    if found.predict:
        lines.append(
            f"    predict: {scalar(f'python {shlex.quote(found.predict.path)} $MODEL $DATA $PREDICTIONS')}"
        )
    needed = ", ".join(needs)
    lines += ["  release:", "    release: production"] + ([f"    needs: [{needed}]"] if needs else [])
    return _switched(lines, ready, "To put the model live, say how it is served:")


def _evaluates(found: Survey, model: str) -> bool:
    return bool(model and found.predict and found.data)


def _environment(found: Survey) -> str:
    return "\n".join(
        [
            "environments:",
            "  production:",
            "    target: process  # model servers on this machine, behind Envoy",
            "    address: 127.0.0.1:8080",
            f"    from: [{scalar(found.branch)}]  # other branches end before the release",
        ]
    )


def _commented_environment(found: Survey) -> str:
    return "\n".join(f"# {line}" for line in _environment(found).splitlines())


def _switched(lines: list[str], is_on: bool, comment: str) -> str:
    if is_on:
        return "\n".join(lines) + "\n"
    return "\n".join([f"  # {comment}", *(f"  # {line[2:]}" for line in lines)]) + "\n"
