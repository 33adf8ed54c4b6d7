"""Whole files of CircleCI: what becomes of them, and every finding with its caret."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from seatrial.pipeline.dialects.circleci import parse
from seatrial.pipeline.dialects.circleci.constructs import SHAPES, see
from seatrial.pipeline.yaml_constructs import ANY
from tests.pipeline.dialects.circleci.printed import ENDING, GOLDENS, of, printed

FILES = sorted(GOLDENS.glob(f"*{ENDING}"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name.removesuffix(ENDING))
def test_golden(path: Path) -> None:
    assert printed(path) == of(path).read_text(encoding="utf-8")


def test_every_golden_has_its_file() -> None:
    assert set(GOLDENS.glob("*.txt")) == {of(path) for path in FILES}


# What public files are made of, the most frequent first.
FREQUENT = """
steps.run run.name steps.checkout workflows job.docker orbs steps.save_cache steps.restore_cache
job.working_directory call.requires call.filters filters.branches filters.tags job.machine
steps.store_artifacts job.resource_class steps.persist_to_workspace steps.attach_workspace commands
call.context executors job.executor steps.store_test_results run.no_output_timeout parameters
workflow.triggers run.when run.environment run.working_directory call.matrix steps.setup_remote_docker
workflow.when workflow.unless steps.when steps.unless job.parallelism call.type run.background
"""
# And of how they are written, each as a pattern.
WRITTEN = {
    "a command alone": r"- run: \w",
    "a command of many lines": r"- run: \|",
    "the only job, without a workflow": r"(?s)\A(?!.*^workflows:).*^jobs:\n  build:",
    "a pattern of branches": r"branches: \{\w+: \[?.*/.*/",
    "a pattern of tags": r"tags: \{only: .*/",
    "keys of a cache, one after the other": r"keys:\n +- ",
    "an anchor": r"&\w+\n",
    "a merge key": r"<<: \*\w+",
    "a variable of CircleCI": r"\$\{?CIRCLE_(BRANCH|SHA1|TAG|NODE_INDEX)",
    "variables that are handed on": r">> \$BASH_ENV",
    "a parameter": r"<< parameters\.\w+ >>",
    "a parameter of the pipeline": r"<< pipeline\.parameters\.\w+ >>",
    "a value of the pipeline": r"<< pipeline\.git\.branch >>",
    "a value of a matrix": r"<< matrix\.\w+ >>",
    "what only looks like a parameter": r"\\<<",
    "an executor with parameters": r"executor: \{name: ",
    "a schedule": r"schedule: \{cron: ",
    "an approval": r"type: approval",
    "a container beside the first": r"- image: .*\n(.*\n)*? +- image: ",
    "the ends of a job": r"requires: \[.*\[success, failed\]",
}


def _goldens() -> list[str]:
    return [path.read_text(encoding="utf-8") for path in FILES]


def test_every_frequent_construct_and_every_other_key_is_in_a_golden() -> None:
    found = {one.name for text in _goldens() for one in see(text, ".circleci/config.yml")}
    keys = {f"{shape}.{key}".removeprefix("file.") for shape, known in SHAPES.items() for key in known}
    assert {*FREQUENT.split(), *(key for key in keys if ANY not in key)} <= found


@pytest.mark.parametrize("what", WRITTEN)
def test_every_frequent_way_to_write_is_in_a_golden(what: str) -> None:
    assert any(re.search(WRITTEN[what], text, re.MULTILINE) for text in _goldens())


def test_the_ends_of_lines_do_not_matter() -> None:
    text = (GOLDENS / f"jobs{ENDING}").read_text(encoding="utf-8")
    assert parse(text.replace("\n", "\r\n"), "c") == parse(text, "c")
