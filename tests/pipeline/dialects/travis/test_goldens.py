"""Whole files of Travis: what becomes of them, and every finding with its caret."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from seatrial.pipeline.dialects.travis import parse
from seatrial.pipeline.dialects.travis.constructs import see
from tests.pipeline.dialects.travis.printed import ENDING, GOLDENS, of, printed

FILES = sorted(GOLDENS.glob(f"*{ENDING}"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name.removesuffix(ENDING))
def test_golden(path: Path) -> None:
    assert printed(path) == of(path).read_text(encoding="utf-8")


def test_every_golden_has_its_file() -> None:
    assert set(GOLDENS.glob("*.txt")) == {of(path) for path in FILES}


# What public files are made of, the most frequent first.
FREQUENT = """
language python script env sudo install before_install cache jobs matrix notifications before_script
jobs.include env.global env.jobs env.matrix after_success dist addons services deploy deploy.provider
branches env.secure jobs.allow_failures stages stages.name stages.if if include.if jobs.exclude
"""
# And of how they are written, each as a pattern.
WRITTEN = {
    "a list of versions": r"^python: \[.+,.+]|^python:\n  - .*\n  - ",
    "a variable of Travis": r"\$TRAVIS_(BRANCH|TAG|BUILD_DIR|PULL_REQUEST|OS_NAME|PYTHON_VERSION)",
    "cd": r"- cd ",
    "export": r"- .*export ",
    "source": r"- (source|\.) ",
    "travis_retry": "travis_retry ",
    "travis_wait": r"travis_wait \d+ ",
    "an encrypted value": "secure: ",
    "an anchor": r"&\w+\n",
    "a merge key": r"<<: \*\w+",
    "a program in the background": r"- .* &$",
    "a text of many lines": r"- [|>]\n",
}
# What has a meaning here without being frequent.
ALSO = """
name stage os after_failure after_script before_cache before_deploy after_deploy workspaces virtualenv version
import jobs.allowed_failures deploy.script deploy.on deploy.skip_cleanup deploy.cleanup deploy.edge on.branch
on.tags on.all_branches on.condition on.python on.repo workspaces.create workspaces.use create.name
create.paths virtualenv.system_site_packages
"""


def _goldens() -> list[str]:
    return [path.read_text(encoding="utf-8") for path in FILES]


def test_every_frequent_construct_is_in_a_golden() -> None:
    found = {one.name for text in _goldens() for one in see(text, ".travis.yml")}
    inside = {name.partition(".")[2] for name in found if name.startswith("include.")}
    assert {*FREQUENT.split(), *ALSO.split()} <= found | inside


@pytest.mark.parametrize("what", WRITTEN)
def test_every_frequent_way_to_write_is_in_a_golden(what: str) -> None:
    assert any(re.search(WRITTEN[what], text, re.MULTILINE) for text in _goldens())


@pytest.mark.parametrize("ending", ["\r\n", "\r"])
def test_the_ends_of_lines_do_not_matter(ending: str) -> None:
    text = (GOLDENS / f"wild{ENDING}").read_text(encoding="utf-8")
    assert parse(text.replace("\n", ending), ".travis.yml") == parse(text, ".travis.yml")
