"""A `.travis.yml` or a CircleCI config from anywhere: reading it never raises, findings have their place."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

# What `load` and `constructs` import late is imported here, where a fuzzer still instruments it.
import seatrial.pipeline.check
import seatrial.pipeline.dialects.circleci.constructs
import seatrial.pipeline.dialects.travis.constructs  # noqa: F401
from seatrial.pipeline.finding import has_errors, render
from seatrial.pipeline.load import load
from seatrial.pipeline.step import Scope
from tests.fuzz.constructs import agree

if TYPE_CHECKING:
    from seatrial.pipeline.finding import Finding
    from seatrial.pipeline.pipeline import Pipeline


_VARIABLES = {"TRAVIS_BRANCH": "main", "TRAVIS_TAG": "v1", "TRAVIS_EVENT_TYPE": "push"}


def fuzz_travis(data: bytes) -> None:
    text = data.decode("utf-8", errors="replace")
    pipeline, findings, *_ = load(text, ".travis.yml", "travis")
    _sound(text, pipeline, findings)
    agree("travis", text, findings)
    for decision in (stage.decision for stage in pipeline.stages if stage.decision):
        next(decision.start(Scope(_VARIABLES)), None)  # whatever it says


def fuzz_circleci(data: bytes) -> None:
    text = data.decode("utf-8", errors="replace")
    pipeline, findings, *_ = load(text, ".circleci/config.yml", "circleci")
    _sound(text, pipeline, findings)
    agree("circleci", text, findings)


def _sound(text: str, pipeline: Pipeline, findings: tuple[Finding, ...]) -> None:
    for finding in findings:
        assert finding.place.line >= 1
        assert finding.place.column >= 1
        assert render(finding, text)
    if not has_errors(findings):
        assert pickle.loads(pickle.dumps(pipeline)) == pipeline
        names = {stage.name for stage in pipeline.stages}
        assert all(need in names for stage in pipeline.stages for need in stage.needs)
