"""`seatrial check`: everything that there is to say about a pipeline file, at once."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from seatrial.cli.options import add_file
from seatrial.cli.output import Output
from seatrial.errors import BAD_INPUT, PASSED

NAME = "check"
HELP = "read the pipeline file and report all findings at once"
EXAMPLES = (
    ("seatrial check", "the pipeline file of this folder"),
    ("seatrial check -f Jenkinsfile", "another file"),
    ("seatrial check --json", "findings with line and column, for an editor"),
)

_COLOURS = {"error": "31", "warning": "33", "note": "36"}


def add_arguments(parser: ArgumentParser) -> None:
    add_file(parser)


def run(arguments: Namespace, output: Output) -> int:
    from pathlib import Path

    from seatrial.pipeline.finding import has_errors, render
    from seatrial.project.known import needed
    from seatrial.project.pipeline_file import examine, read
    from seatrial.project.place import pipeline_path

    path = pipeline_path(Path.cwd(), arguments.file)
    file = examine(read(path), path.name if not arguments.file else arguments.file, arguments.dialect)
    for finding in file.findings:
        word = f" {finding.severity}: "
        coloured = f" \x1b[{_COLOURS[finding.severity]}m{finding.severity}:\x1b[0m "
        output.say(render(finding, file.text).replace(word, coloured, 1))
    output.say(_sum(file.path, [finding.severity for finding in file.findings], len(file.pipeline.stages)))
    powers = needed(file.pipeline) if not has_errors(file.findings) else ()
    for stage, power in powers:
        output.say(f"  {stage}: {power.gate}: {power.sentence}")
    names = [stage.name for stage in file.pipeline.stages]
    output.give({"path": file.path, "stages": names, "findings": file.findings, "gates": powers})
    return BAD_INPUT if has_errors(file.findings) else PASSED


def _sum(path: str, severities: list[str], stages: int) -> str:
    counts = [(word, severities.count(word)) for word in ("error", "warning", "note")]
    said = ", ".join(f"{count} {word}{'s' if count > 1 else ''}" for word, count in counts if count)
    read = f"{path}: {stages} stage{'' if stages == 1 else 's'}"
    return f"{read}, {said}" if said else f"{read}, nothing to say against it"
