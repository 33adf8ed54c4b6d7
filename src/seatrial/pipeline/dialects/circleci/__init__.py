"""The dialect of CircleCI: `.circleci/config.yml`, version 2 and 2.1 → a Pipeline.

    text → YAML with places → calls of workflows → parameters, commands, executors → a stage a job

A job becomes one script for a POSIX shell, in which every step is a process of its own, as CircleCI has it.
"""

from __future__ import annotations

from seatrial.errors import Place
from seatrial.pipeline.dialects.circleci.expressions import Reader, scope_of
from seatrial.pipeline.dialects.circleci.jobs import File, read_job
from seatrial.pipeline.dialects.circleci.logic import TRUE
from seatrial.pipeline.dialects.circleci.nodes import entries, slug, text
from seatrial.pipeline.dialects.circleci.remarks import remark, vendored
from seatrial.pipeline.dialects.circleci.workflows import Planned, plan, tests_of, up_to
from seatrial.pipeline.finding import Finding, error, warning
from seatrial.pipeline.pipeline import APPROVE, Approve, Pipeline, Stage
from seatrial.pipeline.step import Shell
from seatrial.pipeline.yaml_document import Mapping, compose

__all__ = ["FILENAMES", "NAME", "parse"]

NAME = "circleci"
FILENAMES = (".circleci/config.yml",)


def parse(text: str, path: str) -> tuple[Pipeline, tuple[Finding, ...]]:
    """The pipeline of a CircleCI file and all there is to say about it; never raises."""
    root, found = compose(text, path, strict=False)
    findings = list(found)
    if not isinstance(root, Mapping) or not root.entries:
        if root is not None or not findings:
            findings.append(
                error(Place(path, 1, 1), "a CircleCI file is a mapping with `version` and `jobs`")
            )
        return Pipeline(NAME, path), tuple(findings)
    file = _file(root, findings)
    planned = plan(root, file)
    stages = tuple(_stage(one, planned, file) for one in planned)
    return Pipeline(NAME, path, stages=stages), tuple(dict.fromkeys(findings))


def _file(root: Mapping, findings: list[Finding]) -> File:
    remark(root, findings)
    parts = entries(root)
    modern = text(parts.get("version")) not in ("2", "2.0")
    reader = Reader(modern, {}, findings)
    declared = parts.get("parameters")
    values = scope_of(declared, None, root.place, "the pipeline", reader, "pipeline.parameters")
    orbs = vendored(parts.get("orbs"), findings)
    return File(
        {**entries(parts.get("jobs")), **orbs["jobs"]},
        {**entries(parts.get("commands")), **orbs["commands"]},
        {**entries(parts.get("executors")), **orbs["executors"]},
        reader._replace(pipeline=values),
    )


def _stage(one: Planned, planned: tuple[Planned, ...], file: File) -> Stage:
    call = one.call
    if one.is_approval:
        if one.test != TRUE:
            message = f"`{call.name}` is asked for on every branch"
            file.reader.findings.append(warning(call.place, message))
        return Stage(
            call.name,
            call.place,
            action=APPROVE,
            options=Approve(f"{call.name}: go on?"),
            needs=one.requires,
            cache=False,
            effects=True,
        )
    if call.job not in file.jobs:  # a no-op, which only joins others
        return Stage(call.name, call.place, steps=(Shell(":"),), needs=one.requires, inputs=())
    order = up_to(planned, call.name)
    before = order[:-1]
    attached = " ".join(f"workspace/{slug(name)}" for name in before)
    job = read_job(call, file, [f"set -- {attached}", *tests_of(planned, order)])
    kept = tuple(f".circleci-kept/{kind}/{slug(call.name)}/" for kind in job.kept if kind != "results")
    made = "".join(f"mkdir -p {path}\n" for path in kept)
    return Stage(
        call.name,
        call.place,
        steps=(Shell(made + job.script, ("/bin/sh",), place=call.place),),
        needs=tuple(dict.fromkeys((*one.requires, *before))),
        inputs=None if job.has_checkout else (),
        outputs=kept,
        git=job.has_checkout,
        reports=(f".circleci-kept/results/{slug(call.name)}/**/*.xml",) if "results" in job.kept else (),
        cache=False,
        effects=True,
        image=job.image,
        services=job.services,
        executor="docker" if job.image else "local",
    )
