"""What the tests of a stage said, and why a stage failed, as a person reads it."""

from __future__ import annotations

import json

from tests.cli.terminal import seatrial
from tests.conftest import Repository

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
        "failed": ["bad: got ***", "there is no report 'none.xml'"],
    }
    assert TOKEN not in ended.err


def test_no_record_of_a_run_has_the_secret(tiny: Repository) -> None:
    tiny.write("seatrial.yaml", PIPELINE)
    tiny.commit("with tests")
    seatrial("run", folder=tiny.folder, env={"TOKEN": TOKEN})
    home = tiny.folder.parent / "home"
    files = [file for file in home.rglob("*") if file.is_file()]
    assert any(file.name == "journal.db" for file in files)
    assert [file.name for file in files if TOKEN.encode() in file.read_bytes()] == []


def test_why_a_stage_failed_is_said_in_full(tiny: Repository) -> None:
    script = "true " + "and " * 30 + "; sleep 60"
    tiny.write("seatrial.yaml", f"project: tiny\nstages:\n  slow: {{run: {script!r}, timeout: 1s}}\n")
    tiny.commit("slow")
    ended = seatrial("run", folder=tiny.folder)
    assert ended.code == 1
    assert "did not end within 1 s and was stopped\n" in ended.out
