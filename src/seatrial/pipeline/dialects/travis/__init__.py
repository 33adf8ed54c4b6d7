"""The dialect of Travis CI: `.travis.yml` → a Pipeline.

    text → YAML with places → jobs (matrix, include, exclude, stages) → a stage a job

A job becomes one bash script, as on Travis itself: every line is evaluated in that one shell.
"""

from __future__ import annotations

from seatrial.errors import Place
from seatrial.pipeline.dialects.travis.caches import cache_of
from seatrial.pipeline.dialects.travis.decision import allowed, decision_of
from seatrial.pipeline.dialects.travis.deployments import skips_of
from seatrial.pipeline.dialects.travis.encrypted import offered_of
from seatrial.pipeline.dialects.travis.jobs import Job, read_jobs
from seatrial.pipeline.dialects.travis.remarks import remark
from seatrial.pipeline.dialects.travis.script import script_of
from seatrial.pipeline.dialects.travis.services import services_of
from seatrial.pipeline.dialects.travis.stages import in_order
from seatrial.pipeline.dialects.travis.systems import check_systems
from seatrial.pipeline.dialects.travis.texts import text as text_of
from seatrial.pipeline.dialects.travis.variables import variables
from seatrial.pipeline.dialects.travis.workspaces import handed_on, outputs_of
from seatrial.pipeline.finding import Finding, error
from seatrial.pipeline.pipeline import Finally, Pipeline, Stage
from seatrial.pipeline.step import Shell
from seatrial.pipeline.yaml_document import Mapping, compose

__all__ = ["FILENAMES", "NAME", "parse", "variables"]

NAME = "travis"
FILENAMES = (".travis.yml",)


def parse(text: str, path: str) -> tuple[Pipeline, tuple[Finding, ...]]:
    """The pipeline of a `.travis.yml` and all there is to say about it; never raises."""
    root, found = compose(text, path, strict=False)
    findings = list(found)
    if not isinstance(root, Mapping) or not root.entries:
        if root is not None or not findings:
            findings.append(
                error(Place(path, 1, 1), "a .travis.yml is a mapping, such as `language: python`")
            )
        return Pipeline(NAME, path), tuple(findings)
    remark(root, findings)
    offered = offered_of(root, findings)
    jobs = read_jobs(root, findings)
    check_systems(jobs, findings)
    ranked = handed_on(in_order(root, jobs), findings)
    stages = tuple(
        _stage(job, number, needs, offered, findings) for number, (job, needs) in enumerate(ranked, start=1)
    )
    return Pipeline(NAME, path, stages=stages), tuple(dict.fromkeys(findings))


def _stage(
    job: Job, number: int, needs: tuple[str, ...], offered: tuple[str, ...], findings: list[Finding]
) -> Stage:
    other = () if job.system == "linux" else (("TRAVIS_OS_NAME", job.system),)
    cache = cache_of(job, findings)
    text = script_of(job, number, offered, cache, findings)
    script = Shell(text, ("/bin/bash",), place=job.place, written=f"the script of {job.name}")
    return Stage(
        job.name,
        job.place,
        steps=allowed(job, (*cache.before, script, *skips_of(job)), findings),
        finally_=(Finally("always", cache.after),) if cache.after else (),
        git=True,
        needs=needs,
        outputs=outputs_of(job),
        ordered=True,
        decision=decision_of(job, findings),
        env=other,
        interpreter=_interpreter(job),
        offered=offered,
        beside=services_of(job, findings),
        when="$TRAVIS_OS_NAME == linux" if other else "",
        cache=False,
        effects=True,
        may_fail=job.may_fail,
    )


def _interpreter(job: Job) -> str:
    """The version of Python that the job wants."""
    is_python = job.language == "python" and job.system == "linux"
    return text_of(job.values.get("python")) or "nightly" if is_python else ""
