"""A Jenkinsfile from anywhere: reading it never raises, and every finding has its place in it."""

from __future__ import annotations

import pickle

# What `load` and `constructs` import late is imported here, where a fuzzer still instruments it.
import seatrial.pipeline.check
import seatrial.pipeline.dialects.jenkins.constructs  # noqa: F401
from seatrial.pipeline.finding import has_errors, render
from seatrial.pipeline.load import load
from seatrial.pipeline.pipeline import Stage
from seatrial.pipeline.step import Dir, Program, Scope, Step
from tests.fuzz.constructs import agree


def fuzz_jenkinsfile(data: bytes) -> None:
    text = data.decode("utf-8", errors="replace")
    pipeline, findings, *_ = load(text, "Jenkinsfile", "jenkins")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
    for finding in findings:
        assert 1 <= finding.place.line <= lines
        assert finding.place.column >= 1
        assert render(finding, text)
    if not has_errors(findings):
        assert pipeline.stages
        assert pickle.loads(pickle.dumps(pipeline)) == pipeline
        for stage in pipeline.stages:
            _run(stage)
    agree("jenkins", text, findings)


def _run(stage: Stage) -> None:
    """Programs end without raising, whatever the scope."""
    steps: list[Step] = list(stage.steps)
    while steps:
        step = steps.pop()
        if isinstance(step, Program):
            steps += step.start(Scope({"BUILD_NUMBER": "1"}))
        elif isinstance(step, Dir):
            steps += step.steps
