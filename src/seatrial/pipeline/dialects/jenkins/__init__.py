"""The dialect of Jenkins: a declarative `Jenkinsfile` → a Pipeline.

    text → lexer → reader (Groovy's syntax tree) → declarative (Jenkins' model and rules) → translate

Expressions in arguments go to the evaluator: at once where the file determines them, else when the step runs,
as a Program. `variables(facts)` is pure and gives the (name, value) pairs that a stage's processes see
beneath the stage's own `env`. Call it once a stage run; the pipeline's own `post` has stage "".
"""

from __future__ import annotations

from seatrial.pipeline.dialects.jenkins import beside
from seatrial.pipeline.dialects.jenkins.declarative import PipelineBlock, Section, as_section, read_pipeline
from seatrial.pipeline.dialects.jenkins.groovy.library import library_of
from seatrial.pipeline.dialects.jenkins.groovy.script import check, loaded_in, nodes_of
from seatrial.pipeline.dialects.jenkins.remarks import Remarks
from seatrial.pipeline.dialects.jenkins.source import statements_of
from seatrial.pipeline.dialects.jenkins.syntax import START, Annotated, Call, Statement, Unreadable
from seatrial.pipeline.dialects.jenkins.translate import translate
from seatrial.pipeline.dialects.jenkins.variables import variables
from seatrial.pipeline.finding import Finding
from seatrial.pipeline.pipeline import Pipeline

__all__ = ["FILENAMES", "NAME", "parse", "variables"]

NAME = "jenkins"
FILENAMES = ("Jenkinsfile",)


def parse(text: str, path: str) -> tuple[Pipeline, tuple[Finding, ...]]:
    """The pipeline that a Jenkinsfile declares and all there is to say about it; never raises.

    Where a finding is an error the pipeline is incomplete and must not run.
    """
    remarks = Remarks(path)
    pipeline = Pipeline(NAME, path)
    try:
        statements = statements_of(text, path, remarks)
    except Unreadable as error:
        remarks.error(error.at, error.message, error.hint)
    else:
        block = _find_pipeline(statements, remarks)
        if block is not None:
            pipeline = translate(block, remarks)
    return pipeline, remarks.in_order()


def _find_pipeline(statements: tuple[Statement, ...], remarks: Remarks) -> PipelineBlock | None:
    found: Section | None = None
    others: list[Statement] = []
    for statement in statements:
        section = as_section(statement)
        if section is None or section.name != "pipeline":
            others.append(statement)
        elif found is not None:
            remarks.error(section.at, "a second pipeline block", f"the first is at line {found.at.line}")
        else:
            found = section
    if found is None:
        _refuse_scripted(others, remarks)
        return None
    remarks.file.loaded.update(loaded_in(statements))
    remarks.library = library_of(nodes_of(statements))
    for statement in others:
        beside.take(statement, remarks, is_after=statement.at > found.at)
    for body in (tuple(remarks.file.variables), *remarks.file.methods.values()):
        check(body, remarks.file, remarks)
    return _read_found(found, remarks)


def _read_found(section: Section, remarks: Remarks) -> PipelineBlock | None:
    if section.body is None or section.arguments:
        remarks.error(section.at, "Expected a block for pipeline", "write pipeline { … }")
        return None
    return read_pipeline(section, remarks)


def _refuse_scripted(statements: list[Statement], remarks: Remarks) -> None:
    hint = "write pipeline { agent any; stages { stage('Build') { steps { sh 'make' } } } }"
    if not statements:
        remarks.error(START, "there is no pipeline block", hint)
        return
    calls = [statement for statement in statements if isinstance(statement, Call)]
    at = (calls or statements)[0].at
    remarks.error(at, "a scripted pipeline is not supported: there is no pipeline block", hint)
    for statement in statements:
        if isinstance(statement, Annotated) and statement.name == "Library":
            beside.refuse_library(statement.at, remarks)
