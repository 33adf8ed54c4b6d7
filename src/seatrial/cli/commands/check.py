"""`seatrial check`: everything that there is to say about a pipeline file, at once."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from seatrial.cli.options import add_file
from seatrial.cli.output import Output
from seatrial.errors import BAD_INPUT, PASSED

if TYPE_CHECKING:
    from seatrial.pipeline.constructs import Construct
    from seatrial.project.pipeline_file import PipelineFile

NAME = "check"
HELP = "read the pipeline file, and the settings beside a Jenkinsfile, and report all findings at once"
EXAMPLES = (
    ("seatrial check", "the pipeline file of this folder"),
    ("seatrial check Jenkinsfile", "another file, with how each of its constructs is honoured"),
    ("seatrial check --json", "findings with line and column, for an editor"),
)

_WIDEST_NAME = 28
_HOWS = {"exact": "32", "emulated": "36", "noted": "33", "refused": "31"}
_COLOURS = {"error": "31", "warning": "33", "note": "36"}


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("named", nargs="?", default="", metavar="FILE", help="the pipeline file, as with -f")
    add_file(parser)


def run(arguments: Namespace, output: Output) -> int:
    from pathlib import Path

    from seatrial.pipeline.finding import has_errors
    from seatrial.project import examination
    from seatrial.project.known import needed, needed_live, probe_worth
    from seatrial.project.place import pipeline_path, shown

    named = arguments.file or arguments.named
    path = pipeline_path(Path.cwd(), named)
    name = named or shown(Path.cwd(), path)
    files = examination.examine(path, name, arguments.dialect)
    used = [_constructs(file) for file in files]
    for file, constructs in zip(files, used, strict=True):
        _say(file, output)
        _say_constructs(file.path, constructs, output)
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
            "constructs": [construct for constructs in used for construct in constructs],
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


def _constructs(file: PipelineFile) -> tuple[Construct, ...]:
    from seatrial.pipeline.constructs import constructs

    return constructs(file.pipeline.dialect, file.text, file.path, file.findings)


def _say_constructs(path: str, constructs: tuple[Construct, ...], output: Output) -> None:
    """A table of what the file uses: how it is honoured, where it stands, what it is, and why not exactly."""
    from seatrial.pipeline.constructs import counts

    if not constructs:
        return
    output.say()
    places = max(len(str(one.place)) for one in constructs)
    names = min(max(len(one.name) for one in constructs), _WIDEST_NAME)
    for one in constructs:
        how = f"\x1b[{_HOWS[one.how]}m{one.how:8}\x1b[0m"
        line = f"  {how}  {one.place!s:{places}}  {one.name:{names}}  {one.note.partition(chr(10))[0]}"
        output.say(line.rstrip())
    said = ", ".join(f"{count} {how}" for how, count in counts(constructs).items() if count)
    output.say(f"{path}: {len(constructs)} constructs: {said}")


def _sum(path: str, severities: list[str], stages: int) -> str:
    counts = [(word, severities.count(word)) for word in ("error", "warning", "note")]
    said = ", ".join(f"{count} {word}{'s' if count > 1 else ''}" for word, count in counts if count)
    read = f"{path}: {stages} stage{'' if stages == 1 else 's'}"
    return f"{read}, {said}" if said else f"{read}, nothing to say against it"
