"""`seatrial check`: everything that there is to say about a pipeline file, at once."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from seatrial.cli.options import add_file
from seatrial.cli.output import Output
from seatrial.errors import BAD_INPUT, PASSED

if TYPE_CHECKING:
    from seatrial.project.pipeline_file import PipelineFile

NAME = "check"
HELP = "read the pipeline file, and the settings beside a Jenkinsfile, and report all findings at once"
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

    from seatrial.pipeline.finding import has_errors
    from seatrial.project import examination
    from seatrial.project.known import needed, needed_live, probe_worth
    from seatrial.project.place import pipeline_path, shown

    path = pipeline_path(Path.cwd(), arguments.file)
    name = arguments.file or shown(Path.cwd(), path)
    files = examination.examine(path, name, arguments.dialect)
    for file in files:
        _say(file, output)
    findings = tuple(finding for file in files for finding in file.findings)
    pipeline = examination.together(files)
    powers = () if has_errors(findings) else needed(pipeline)
    for stage, power in powers:
        output.say(f"  {stage}: {power.gate}: {power.sentence}")
    places = () if has_errors(findings) else pipeline.environments
    live = [(place.name, demand) for place in places for demand in needed_live(place)]
    for place, demand in live:
        output.say(f"  {place}: {demand.gate}: {demand.sentence}")
    probes = [(place.name, place.probe, *told) for place in places for told in probe_worth(place)]
    for name, replayed, gate, sentence in probes:
        output.say(f"  {name}: {replayed}: {gate}: {sentence}")
    names = [stage.name for stage in pipeline.stages]
    paths = [file.path for file in files]
    output.give(
        {
            "path": paths[0],
            "paths": paths,
            "stages": names,
            "findings": findings,
            "gates": powers,
            "live": live,
            "probes": probes,
        }
    )
    return BAD_INPUT if has_errors(findings) else PASSED


def _say(file: PipelineFile, output: Output) -> None:
    from seatrial.pipeline.finding import render

    for finding in file.findings:
        word = f" {finding.severity}: "
        coloured = f" \x1b[{_COLOURS[finding.severity]}m{finding.severity}:\x1b[0m "
        output.say(render(finding, file.text).replace(word, coloured, 1))
    output.say(_sum(file.path, [finding.severity for finding in file.findings], len(file.pipeline.stages)))


def _sum(path: str, severities: list[str], stages: int) -> str:
    counts = [(word, severities.count(word)) for word in ("error", "warning", "note")]
    said = ", ".join(f"{count} {word}{'s' if count > 1 else ''}" for word, count in counts if count)
    read = f"{path}: {stages} stage{'' if stages == 1 else 's'}"
    return f"{read}, {said}" if said else f"{read}, nothing to say against it"
