"""What the tests of a stage said, and why a stage failed, as a person reads it."""

from __future__ import annotations

import json
import re

import pytest

from tests.cli.terminal import seatrial
from tests.conftest import Repository

pytestmark = pytest.mark.slow

PIPELINE = """\
project: tiny
stages:
  tests:
    run: |
      echo "<testsuite><testcase name='good'/><testcase name='bad'><failure message='got $TOKEN'/></testcase>
      <testcase name='later'><skipped/></testcase></testsuite>" > r.xml
    reports: [r.xml, none.xml]
    secrets: [TOKEN]
"""
TOKEN = "a-secret-of-tests"


def test_the_tests_of_a_stage_are_counted_and_named_without_secrets(tiny: Repository) -> None:
    tiny.write("seatrial.yaml", PIPELINE)
    tiny.commit("with tests")
    ended = seatrial("run", "--json", folder=tiny.folder, env={"TOKEN": TOKEN})
    assert ended.code == 0, ended.err
    assert json.loads(ended.out)["stages"][0]["tests"] == {
        "tests": 3,
        "failures": 1,
        "errors": 0,
        "skipped": 1,
        "failed": ["bad: got ***"],
        "unreadable": ["seatrial.yaml:7:14: there is no report 'none.xml'"],
    }
    assert TOKEN not in ended.err


def test_every_report_names_the_tests_that_failed(tiny: Repository) -> None:
    tiny.write("seatrial.yaml", PIPELINE)
    tiny.commit("with tests")
    names = [tiny.folder.parent / f"out{ending}" for ending in (".md", ".html", ".xml")]
    words = [word for name in names for word in ("--report", str(name))]
    ended = seatrial("run", *words, folder=tiny.folder, env={"TOKEN": TOKEN})
    assert "3 tests, 1 failed, 1 skipped, 1 report missing or unreadable\n" in ended.out
    assert "      ✗ bad: got ***\n      ! seatrial.yaml:7:14: there is no report 'none.xml'\n" in ended.out
    comment, page, suites = (name.read_text() for name in names)
    assert "- ❌ <code>bad&#58; got &#42;&#42;&#42;</code>\n- ⚠️ seatrial.yaml" in comment
    assert "<code>bad: got ***</code>" in page
    assert "there is no report &#39;none.xml&#39;" in page
    assert 'name="bad"' in suites
    assert '<failure message="bad: got ***">' in suites


def test_no_record_of_a_run_has_the_secret(tiny: Repository) -> None:
    tiny.write("seatrial.yaml", PIPELINE)
    tiny.commit("with tests")
    seatrial("run", folder=tiny.folder, env={"TOKEN": TOKEN})
    home = tiny.folder.parent / "home"
    files = [file for file in home.rglob("*") if file.is_file()]
    assert any(file.name == "journal.db" for file in files)
    assert [file.name for file in files if TOKEN.encode() in file.read_bytes()] == []


def test_why_a_stage_failed_is_said_in_full(tiny: Repository) -> None:
    script = "true " + "and " * 30 + "; sleep 600"
    tiny.write("seatrial.yaml", f"project: tiny\nstages:\n  slow: {{run: {script!r}, timeout: 2s}}\n")
    tiny.commit("slow")
    ended = seatrial("run", folder=tiny.folder)
    assert ended.code == 1
    assert re.search(
        r"did not end within (2|[01](\.\d)?) s and was stopped\n", ended.out
    )  # what was left of it
