"""`seatrial check`: everything that there is to say about a pipeline file, at once."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from seatrial.cli.options import add_file
from seatrial.cli.output import Output
from seatrial.errors import BAD_INPUT, PASSED

if TYPE_CHECKING:
    from seatrial.pipeline.constructs import Construct
    from seatrial.pipeline.finding import Finding
    from seatrial.pipeline.pipeline import Pipeline
    from seatrial.project.pipeline_file import PipelineFile
    from seatrial.project.probes import Recording

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
    from seatrial.pipeline.finding import has_errors
    from seatrial.project import choice, examination, probes
    from seatrial.project.place import pipeline_path, root_of, shown

    named = arguments.file or arguments.named
    path = pipeline_path(Path.cwd(), named)
    files = examination.examine(path, named or shown(Path.cwd(), path), arguments.dialect)
    if not named and (said := choice.of_files(Path.cwd(), [file.path for file in files])):
        output.warn(said)
    used = [_constructs(file) for file in files]
    for file, constructs in zip(files, used, strict=True):
        _say(file, output)
        _say_constructs(file.path, constructs, output)
    pipeline = examination.together(files)
    recordings = probes.recordings(root_of(path.parent), pipeline)
    for recording in recordings:
        _say_recording(recording, output)
    read = [*(file.findings for file in files), *(recording.findings for recording in recordings)]
    findings = tuple(finding for some in read for finding in some)
    is_bad = has_errors(findings)
    output.give(
        {
            "path": files[0].path,
            "paths": [file.path for file in files],
            "stages": [stage.name for stage in pipeline.stages],
            "findings": findings,
            "constructs": [construct for constructs in used for construct in constructs],
            **({"gates": (), "live": (), "probes": ()} if is_bad else _needs(pipeline, recordings, output)),
        }
    )
    return BAD_INPUT if is_bad else PASSED


def _needs(pipeline: Pipeline, recordings: tuple[Recording, ...], output: Output) -> dict[str, object]:
    """How many examples and requests the gates need, said and given back for `--json`."""
    from seatrial.project.forecast import needed, needed_live, probe_worth

    powers = needed(pipeline)
    places = pipeline.environments
    live = [(place.name, demand) for place in places for demand in needed_live(place)]
    known = {recording.path: recording.requests for recording in recordings}
    worth = [
        (place.name, place.probe, *one)
        for place in places
        for one in probe_worth(place, requests=known.get(place.probe))
    ]
    told = [(name, one.gate, one.sentence) for name, one in powers]
    told += [(name, one.gate, one.sentence) for name, one in live]
    for name, gate, sentence in told:
        output.say(f"  {name}: {gate}: {sentence}")
    for name, replayed, gate, sentence in worth:
        output.say(f"  {name}: {replayed}: {gate}: {sentence}")
    return {"gates": powers, "live": live, "probes": worth}


def _say(file: PipelineFile, output: Output) -> None:
    _say_findings(file.findings, file.text, output)
    output.say(_sum(file.path, file.findings, len(file.pipeline.stages), "stage"))


def _say_recording(file: Recording, output: Output) -> None:
    _say_findings(file.findings, file.text, output)
    output.say(_sum(file.path, file.findings, file.requests, "recorded request"))


def _say_findings(findings: tuple[Finding, ...], text: str, output: Output) -> None:
    from seatrial.pipeline.finding import render

    for finding in findings:
        word = f" {finding.severity}: "
        coloured = f" \x1b[{_COLOURS[finding.severity]}m{finding.severity}:\x1b[0m "
        output.say(render(finding, text).replace(word, coloured, 1))


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


def _sum(path: str, findings: tuple[Finding, ...], number: int, what: str) -> str:
    severities = [finding.severity for finding in findings]
    counts = [(word, severities.count(word)) for word in ("error", "warning", "note")]
    said = ", ".join(f"{count} {word}{'s' if count > 1 else ''}" for word, count in counts if count)
    read = f"{path}: {number:,} {what}{'' if number == 1 else 's'}"
    return f"{read}, {said}" if said else f"{read}, nothing to say against it"
