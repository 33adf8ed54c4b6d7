"""The Jenkinsfiles that are written, read by a real Groovy."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest

from seatrial.pipeline.load import load
from seatrial.pipeline.step import Catch, Dir, Limit, Retry, Shell, Step, WithEnv
from seatrial.pipeline.writers.all_writers import writer
from seatrial.pipeline.writers.source import source
from tests.conftest import requires
from tests.pipeline.dialects.jenkins.test_groovy import by_groovy
from tests.pipeline.writers.sources import SOURCES, Source
from tests.pipeline.writers.test_systems import WHOLE

# Every word of the file is a method that runs the blocks it is given; `sh` tells its script.
_TELLING = """
class Build {
    def getBuildCauses(String kind) { kind.endsWith('$TimerTriggerCause') ? [[_class: kind]] : [] }
}
class Words {
    def out
    def methodMissing(String name, args) {
        args.each { one ->
            if (one instanceof Closure) {
                one.delegate = this
                one.resolveStrategy = Closure.DELEGATE_FIRST
                one.call()
            } else if (name == 'sh') {
                def script = one instanceof Map ? one.script : one
                out.println(script.getBytes('UTF-8').encodeBase64().toString())
            }
        }
    }
    def propertyMissing(String name) { name == 'env' ? [:] : name == 'currentBuild' ? new Build() : name }
    def propertyMissing(String name, value) { }
}
def pipeline(Closure body) {
    body.delegate = new Words(out: out)
    body.resolveStrategy = Closure.DELEGATE_FIRST
    body.call()
}
"""
ODD = Source(
    "seatrial",
    "seatrial.yaml",
    r"""
stages:
  odd: |
    echo 'single' "double" '''three''' \\ \n $HOME ${HOME} $(pwd) `pwd` "a\tb" ü €
    cat <<'END'
    ${not.groovy} // no comment /* nor this */
    END
  slash: 'sed s/\///; echo \$x ''it'''
  here: {run: "#!/usr/bin/env python3\nprint('''x''')\n", env: {A: "it's $B \\ \"\nb"}}
""",
)
_ALL = {**SOURCES, "odd": ODD, "whole": Source("seatrial", "seatrial.yaml", WHOLE)}


def scripts(steps: tuple[Step, ...]) -> Iterator[str]:
    for step in steps:
        if isinstance(step, Shell):
            yield step.script
        elif isinstance(step, Dir | WithEnv | Retry | Limit | Catch):
            yield from scripts(step.steps)


@pytest.mark.slow
def test_groovy_reads_the_same_scripts_from_them_as_we_do(tmp_path: Path) -> None:
    requires("groovy")
    sources = {name: one for name, one in _ALL.items() if one.dialect != "jenkins"}
    texts = [
        writer("jenkins").write(source(one.text, one.path, one.dialect)).text for one in sources.values()
    ]
    printed = by_groovy([f"{_TELLING}\n{text}" for text in texts], tmp_path)
    for name, text, told in zip(sources, texts, printed, strict=True):
        real = [base64.b64decode(line).decode() for line in told.splitlines()]
        loaded = load(text, "Jenkinsfile")
        assert not [one for one in loaded.findings if one.severity == "error"], loaded.findings
        ours = [script for stage in loaded.pipeline.stages for script in scripts(stage.steps)]
        rest = iter(real)  # the scripts of stages that compute their variables are seen by Groovy alone
        assert all(script in rest for script in ours), (name, text)
        assert real
        assert name != "odd" or real == ours


BRANCHES = """\
version: 2.1
jobs:
  plain: {machine: {image: "ubuntu-2204:current"}, steps: [run: 'echo "$CIRCLE_BRANCH"']}
workflows: {main: {jobs: [plain]}}
"""
OF_A_RUN = "language: minimal\nscript: 'echo $TRAVIS_PULL_REQUEST'\n"


@pytest.mark.slow
def test_a_job_that_has_no_branch_has_an_empty_one(tmp_path: Path) -> None:
    requires("groovy")
    texts = [
        writer("jenkins").write(source(BRANCHES, ".circleci/config.yml", "circleci")).text,
        writer("jenkins").write(source(OF_A_RUN, ".travis.yml", "travis")).text,
    ]
    telling = _TELLING.replace(
        "String name, value) { }", "String name, value) { out.println(name + '=' + value) }"
    )
    first, second = by_groovy([f"{telling}\n{text}" for text in texts], tmp_path)
    assert "CIRCLE_BRANCH=\n" in first
    assert "SEATRIAL_BRANCH=\n" in second and "SEATRIAL_PULL_REQUEST=\n" in second
    assert "SEATRIAL_EVENT=schedule\n" in second


def test_what_a_person_wrote_reaches_the_shell_as_it_was() -> None:
    text = writer("jenkins").write(source(ODD.text, ODD.path, ODD.dialect)).text
    read = [list(scripts(stage.steps)) for stage in load(text, "Jenkinsfile").pipeline.stages]
    first = [list(scripts(stage.steps)) for stage in load(ODD.text, ODD.path).pipeline.stages]
    assert read == first
