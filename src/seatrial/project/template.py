"""From what a folder holds to a `seatrial.yaml` that says what it does: pure text."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable

from seatrial.project.scripts import Script
from seatrial.project.survey import Survey

_PLAIN = re.compile(r'[A-Za-z_./$][A-Za-z0-9_./$" =&:\-]*[A-Za-z0-9_./$"]|[A-Za-z_]')
_WHOLE = "on the whole commit, but for this file"
_WIDEST = 100  # columns of a line, where it can be helped
_SAID_BY_YAML = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})


def template(found: Survey) -> str:
    """The commented file. What could not be found stands in comments, ready to be filled in.

    Beside a pipeline of another system, where there is nothing to train or test here, it is the settings of
    that one.
    """
    if found.foreign and not (found.train or found.tests.command):
        return _settings(found)
    model = _model(found)
    blocks = [_head(found), "stages:", *_stages(found, model)]
    if _releases(found, model):
        blocks.append(_environment(found))
    else:
        blocks.append(_commented_environment(found))
    return "\n".join(blocks) + "\n"


def scalar(text: str) -> str:
    """The text as a YAML scalar, quoted where it must be."""
    if _PLAIN.fullmatch(text) and text.casefold() not in _SAID_BY_YAML and ": " not in text:
        return text
    if '"' in text and "'" not in text and text.isprintable():
        return f"'{text}'"
    return json.dumps(text, ensure_ascii=not text.isprintable())


def noted(line: str, note: str) -> list[str]:
    """A line with a comment: behind it, where there is room, else above it."""
    if len(line) + len(note) + 4 <= _WIDEST:
        return [f"{line}  # {note}"]
    return [f"{line[: len(line) - len(line.lstrip())]}# {note}", line]


def listed(key: str, items: Iterable[str], note: str = "") -> list[str]:
    """A list behind its key, or an item a line where it is long."""
    items = list(items)
    line = f"{key}: [{', '.join(items)}]"
    if len(line) > _WIDEST:
        below = " " * (len(key) - len(key.lstrip()) + 2)
        return [*(noted(f"{key}:", note) if note else [f"{key}:"]), *(f"{below}- {item}" for item in items)]
    return noted(line, note) if note else [line]


def _head(found: Survey) -> str:
    lines = [
        "# The pipeline of this project: `seatrial check` reads it, `seatrial run` runs it.",
        "# Every stage is kept by the content it depends on, so what has not changed is not run again.",
        f"project: {scalar(found.name)}",
    ]
    if found.requirements:
        lines.append(
            f"python: {scalar(_at(found, found.requirements))}  # an environment, made once for each content"
        )
    elif found.packages:
        lines += [
            f"# {_at(found, found.packages)} is not read: stages have the packages of whoever runs them.",
            "# With what it names in a requirements file, pinned, they have an environment of their own:",
            f"# python: {_at(found, 'requirements.txt')}",
        ]
    if found.foreign:
        names = ", ".join(found.foreign)
        lines.append(
            f"# Beside this file there is {names}: `seatrial run -f {found.foreign[0]}` runs that one."
        )
    if found.unread:
        lines.append(
            f"# This version does not read {', '.join(found.unread)}: say here what its commands do."
        )
    return "\n".join([*lines, ""])


def _model(found: Survey) -> str:
    """Where the training stage leaves the model, "" where there is no training."""
    if found.train is None:
        return ""
    return "model/" if found.train.writes in found.train.reads else found.train.writes


def _at(found: Survey, path: str) -> str:
    """A path of the folder as the file says it: from the root of the repository."""
    return found.below + path


def _there(found: Survey, command: str) -> str:
    """A command as it is called in the folder: stages begin at the root of the repository."""
    return f"cd {shlex.quote(found.below.rstrip('/'))} && {command}" if found.below else command


def _stages(found: Survey, model: str) -> list[str]:
    stages: list[str] = []
    if found.train is not None:
        stages.append(_train(found, found.train, model))
    if found.tests.command:
        stages.append(_test(found))
    if not stages:
        stages.append("  # Nothing to train or test was found. A stage is a command:")
        if found.notebook:
            stages.append(f"  # train: jupyter execute {shlex.quote(_at(found, found.notebook))}")
        stages.append(f"  test: python -m compileall -q {shlex.quote(found.below or '.')}\n")
    stages.append(_evaluate(found, model))
    stages.append(_package(found, model))
    return stages


def _train(found: Survey, script: Script, model: str) -> str:
    command = script.start
    if script.out_option and model:
        command += f" {script.out_option} {shlex.quote(model)}"
    lines = ["  train:"]
    if script.words and not script.out_option:
        plural = "s" if script.words > 1 else ""
        lines.append(
            f"    # {script.path} takes {script.words} word{plural} from the command line: add what they are."
        )
    lines.append(f"    run: {scalar(_there(found, command))}")
    inputs = [scalar(_at(found, path)) for path in script.reads]
    lines += listed("    inputs", inputs, "the workspace is exactly this; add what else it reads")
    if model:
        lines.append(f"    outputs: [{scalar(_at(found, model))}]")
    else:
        note = "where it leaves the model: then the stages below can be switched on"
        lines += noted(f"    # outputs: [{_at(found, 'model/')}]", note)
    return "\n".join(lines) + "\n"


def _test(found: Survey) -> str:
    command = scalar(_there(found, found.tests.command))
    if found.tests.requirements:
        python = scalar(_at(found, found.tests.requirements))
        return f"  test:\n    run: {command}  # {_WHOLE}\n    python: {python}\n"
    note = f"the short form: one command, {_WHOLE}"
    if found.tests.lacks_pytest:
        note = f"add pytest to {_at(found, found.requirements)}: the stage has what that names, and no more"
    return "\n".join(noted(f"  test: {command}", note)) + "\n"


def _evaluate(found: Survey, model: str) -> str:
    ready = _evaluates(found, model)
    label = found.examples.label or "label"
    lines = [
        "  evaluate:",
        f"    evaluate: {scalar(_at(found, model or 'model/'))}",
        *noted(
            f"    predict: {scalar(_predict(found))}",
            "reads the first two, writes the third: columns id and prediction",
        ),
    ]
    if found.predict:
        lines += listed("    inputs", (scalar(_at(found, path)) for path in found.predict.reads))
    lines.append(f"    data: {scalar(_at(found, found.data or 'data/test.csv'))}  # columns id and {label}")
    if label != "label":
        lines.append(f"    columns: {{label: {scalar(label)}}}")
    lines.append(f"    task: {found.examples.task}")
    if found.examples.slices:
        lines += listed("    slices", map(scalar, found.examples.slices))
    bar, comparison = _gates(found)
    lines += ["    gates:", f"      - {bar}  # set the bar where you need it"]
    if _serve(found) or not ready:
        lines.append(f"      - {comparison}  # not worse than what is live")
    return _switched(lines, ready, "To let a candidate pass on evidence, say how it predicts and on what:")


def _predict(found: Survey) -> str:
    """The command that predicts, with the options that the script takes for the three."""
    if found.predict is None:
        return _there(found, 'python predict.py "$MODEL" "$DATA" "$PREDICTIONS"')
    values = ('"$MODEL"', '"$DATA"', '"$PREDICTIONS"')
    options = found.predict.predict_options
    words = (
        [f"{option} {value}" for option, value in zip(options, values, strict=True)] if options else values
    )
    return _there(found, f"{found.predict.start} {' '.join(words)}")


def _settings(found: Survey) -> str:
    """The file beside another system's pipeline: it only says where a release goes."""
    lines = [
        f"# The pipeline is the {found.foreign[0]}'s: `seatrial run` runs it, `seatrial check` reads both.",
        "# This file only says where a release goes.",
        f"project: {scalar(found.name)}",
        "",
        _environment(found),
    ]
    return "\n".join(lines) + "\n"


def _gates(found: Survey) -> tuple[str, str]:
    """A gate on the value itself, and one that compares with what is live."""
    if found.examples.task == "regression":
        return "r2 >= 0.5", "rmse <= production * 1.02"
    return "accuracy >= 0.8", "f1 >= production - 0.02"


def _package(found: Survey, model: str) -> str:
    ready = bool(model and _serve(found))
    scripts = [script for script in (found.serve, found.predict) if script is not None]
    include = list(dict.fromkeys(path for script in scripts for path in script.reads)) or ["serve.py"]
    # Also where evaluate is still in comments: whoever switches both on means a release on evidence.
    needed = "test, evaluate" if found.tests.command else "evaluate"
    lines = [
        "  package:",
        f"    package: {scalar(_at(found, model or 'model/'))}",
        *listed("    include", (scalar(_at(found, path)) for path in include)),
        f"    serve: {_serve(found) or 'python serve.py  # listens on $PORT of the loopback'}",
    ]
    if found.predict:
        lines.append(f"    predict: {scalar(_predict(found))}")
    release = ["  release:", "    release: production", f"    needs: [{needed}]"]
    comment = "To put the model live, say how it is served:"
    if not ready or _releases(found, model):
        return _switched([*lines, *release], ready, comment)
    without = "To put the model live, let an evaluation judge it first:"
    return _switched(lines, True, comment) + "\n" + _switched(release, False, without)


def _serve(found: Survey) -> str:
    """What serves: a command, or a function of what predicts; "" where there is neither."""
    if found.serve:
        command = scalar(_there(found, found.serve.app or found.serve.start))
        return f"{command}  # listens on $PORT of the loopback"
    if found.predict and found.predict.function:
        function = scalar(_at(found, f"{found.predict.path}:{found.predict.function}"))
        return f"{{function: {function}}}  # called with the JSON of each request"
    return ""


def _evaluates(found: Survey, model: str) -> bool:
    return bool(model and found.predict and found.data)


def _releases(found: Survey, model: str) -> bool:
    """Whether there is all that a release on evidence needs."""
    return bool(_serve(found) and _evaluates(found, model))


def _environment(found: Survey) -> str:
    return "\n".join(
        [
            "environments:",
            "  production:",
            "    target: process  # model servers on this machine, behind Envoy",
            f"    address: 127.0.0.1:{found.port}",
            f"    from: [{scalar(found.branch)}]  # other branches end before the release",
        ]
    )


def _commented_environment(found: Survey) -> str:
    return "\n".join(f"# {line}" for line in _environment(found).splitlines())


def _switched(lines: list[str], is_on: bool, comment: str) -> str:
    if is_on:
        return "\n".join(lines) + "\n"
    return "\n".join([f"  # {comment}", *(f"  # {line[2:]}" for line in lines)]) + "\n"
