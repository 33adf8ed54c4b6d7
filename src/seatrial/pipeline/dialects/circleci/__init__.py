"""The dialect of CircleCI: `.circleci/config.yml`, version 2 and 2.1 → a Pipeline.

    text → YAML with places → calls of workflows → parameters, commands, executors → a stage a job

Every step of a job is a process of its own, as CircleCI has it.
"""

from __future__ import annotations

from collections.abc import Mapping

from seatrial.errors import Place
from seatrial.pipeline.dialects.circleci import groups
from seatrial.pipeline.dialects.circleci.expressions import Reader, scope_of
from seatrial.pipeline.dialects.circleci.jobs import File
from seatrial.pipeline.dialects.circleci.nodes import text
from seatrial.pipeline.dialects.circleci.orbs import fetched, remark_fetched, vendored
from seatrial.pipeline.dialects.circleci.parameters import declared, given
from seatrial.pipeline.dialects.circleci.remarks import remark
from seatrial.pipeline.dialects.circleci.stages import stages_of
from seatrial.pipeline.dialects.circleci.workflows import plan, triggers_of
from seatrial.pipeline.finding import Finding, error
from seatrial.pipeline.pipeline import Pipeline
from seatrial.pipeline.yaml_document import Mapping as Document
from seatrial.pipeline.yaml_document import compose, entries

__all__ = ["FILENAMES", "NAME", "parse"]

NAME = "circleci"
FILENAMES = (".circleci/config.yml",)


def parse(text: str, path: str) -> tuple[Pipeline, tuple[Finding, ...]]:
    """The pipeline of a CircleCI file and all there is to say about it; never raises."""
    return parse_with(text, path, {})


def parse_with(text: str, path: str, values: Mapping[str, str]) -> tuple[Pipeline, tuple[Finding, ...]]:
    """The same, with these values in the place of the defaults of its parameters."""
    root, found = compose(text, path, strict=False)
    findings = list(found)
    if not isinstance(root, Document) or not root.entries:
        if root is not None or not findings:
            findings.append(
                error(Place(path, 1, 1), "a CircleCI file is a mapping with `version` and `jobs`")
            )
        return Pipeline(NAME, path), tuple(findings)
    parameters = declared(entries(root).get("parameters"))
    file = file_of(root, given(parameters, values), findings)
    groups.remark(file.groups, file.jobs, findings)
    stages = stages_of(plan(root, file), file)
    remark_fetched(entries(root).get("orbs"), file.reader)
    made = Pipeline(NAME, path, stages=stages, parameters=parameters, triggers=triggers_of(root))
    return made, tuple(dict.fromkeys(findings))


def file_of(root: Document, given: Document | None, findings: list[Finding]) -> File:
    """The parts of a file, with these values of its parameters."""
    remark(root, findings)
    parts = entries(root)
    modern = text(parts.get("version")) not in ("2", "2.0")
    orbs = vendored(parts.get("orbs"))
    reader = Reader(modern, {}, findings, fetched(parts.get("orbs")), {}, {})
    said = parts.get("parameters")
    values = scope_of(said, given, root.place, "the pipeline", reader, "pipeline.parameters")
    return File(
        {**entries(parts.get("jobs")), **orbs["jobs"]},
        {**entries(parts.get("commands")), **orbs["commands"]},
        {**entries(parts.get("executors")), **orbs["executors"]},
        entries(parts.get("job-groups")),
        reader._replace(pipeline=values),
    )
