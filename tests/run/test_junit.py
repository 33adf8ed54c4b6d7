from __future__ import annotations

import os
from pathlib import Path

import pytest

from seatrial.errors import Place
from seatrial.run import junit
from tests.run.stages import Project, stage

ASKED = Place("seatrial.yaml", 7, 5)

REPORT = """<?xml version="1.0"?>
<testsuites><testsuite name="pytest" tests="4" failures="1" errors="1" skipped="1" time="1.5">
<testcase classname="tests.test_a" name="test_good" time="0.25"/>
<testcase classname="tests.test_a" name="test_bad" time="1,000.25"><failure message="assert 1 == 2
where">text</failure></testcase>
<testcase classname="tests.test_a" name="test_broken"><error>no fixture
more</error></testcase>
<testcase name="test_left_out" time="nan"><skipped/></testcase>
</testsuite></testsuites>"""


def test_counts_and_failures(tmp_path: Path) -> None:
    (tmp_path / "r.xml").write_text(REPORT)
    assert junit.read(tmp_path, ["*.xml"], ASKED) == {
        "tests": 4,
        "failures": 1,
        "errors": 1,
        "skipped": 1,
        "seconds": 1000.5,
        "failed": ["tests.test_a.test_bad: assert 1 == 2 where", "tests.test_a.test_broken: no fixture"],
        "unreadable": [],
    }


BOMB = """<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>
<testsuite><testcase name="&b;"/></testsuite>"""
OUTSIDE = (
    """<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><testsuite><testcase name="&a;"/></testsuite>"""
)


@pytest.mark.parametrize(
    "content", ["", "<a", BOMB, OUTSIDE, "\0", "<a>" * 100_000, '<?xml version="1.0" encoding="x"?><a/>']
)
def test_hostile_reports_are_said_and_do_no_harm(tmp_path: Path, content: str) -> None:
    (tmp_path / "r.xml").write_text(content)
    found = junit.read(tmp_path, ["r.xml"], ASKED)
    assert (found["tests"], len(found["unreadable"])) == (0, 1)
    assert found["unreadable"][0].startswith("r.xml:")
    assert "root:" not in str(found)


def test_reports_outside_are_not_read_and_missing_ones_are_said(tmp_path: Path) -> None:
    (tmp_path / "r.xml").symlink_to("/etc/passwd")
    (tmp_path / "etc").symlink_to("/etc")
    (tmp_path / "lost.xml").symlink_to("nowhere.xml")
    patterns = ["r.xml", "etc/*.xml", "lost.xml", "gone.xml", "g*.xml", "../x.xml"]
    found = junit.read(tmp_path, patterns, ASKED)
    assert found["unreadable"] == [
        "seatrial.yaml:7:5: 'r.xml' is not read: a link leads out of the workspace",
        "seatrial.yaml:7:5: 'etc' is not read: a link leads out of the workspace",
        "seatrial.yaml:7:5: 'lost.xml' is not read: it is a link to nothing",
        "seatrial.yaml:7:5: there is no report 'gone.xml'",
        "seatrial.yaml:7:5: there is no report 'g*.xml'",
        "seatrial.yaml:7:5: the path '../x.xml' leaves its folder",
    ]
    assert found["tests"] == 0


def test_a_pipe_or_a_link_that_leaves_hides_no_report_beside_it(tmp_path: Path) -> None:
    (tmp_path / "r").mkdir()
    (tmp_path / "r" / "a.xml").write_text(REPORT)
    (tmp_path / "r" / "out.xml").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "pipe")
    os.mkfifo(tmp_path / "r" / "pipe.xml")
    found = junit.read(tmp_path, ["r/*.xml"], ASKED)
    assert (found["tests"], found["failures"]) == (4, 1)
    assert found["unreadable"] == [
        "seatrial.yaml:7:5: 'r/out.xml' is not read: a link leads out of the workspace",
        "r/pipe.xml: it is no file",
    ]


@pytest.mark.parametrize("pattern", ["r/*.xml", "r/latest.xml", "latest/*.xml", "latest", "latest/a.xml"])
def test_a_link_counts_as_the_report_that_it_leads_to(tmp_path: Path, pattern: str) -> None:
    (tmp_path / "r").mkdir()
    (tmp_path / "r" / "a.xml").write_text(REPORT)
    (tmp_path / "r" / "latest.xml").symlink_to("a.xml")
    (tmp_path / "r" / "whole.xml").symlink_to(tmp_path / "r" / "a.xml")
    (tmp_path / "latest").symlink_to("r")
    found = junit.read(tmp_path, [pattern], ASKED)
    assert (found["tests"], found["unreadable"]) == (4, [])


def test_what_is_no_report_is_said_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text("<testsuite>\n  <testcase")
    (tmp_path / "b.xml").write_text("<html/>")
    (tmp_path / "empty").mkdir()
    (tmp_path / "c.xml").write_text("<testsuite/>")
    found = junit.read(tmp_path, ["*.xml", "empty"], ASKED)
    assert found["unreadable"] == [
        "seatrial.yaml:7:5: there is no report 'empty'",
        "a.xml:2:3: no JUnit XML: unclosed token",
        "b.xml:1: no JUnit XML: it begins with <html>",
    ]


def test_a_secret_is_masked_before_a_long_message_is_cut(tmp_path: Path) -> None:
    """Else the start of one that lies across the cut would be left."""
    secret = "a-secret-of-tests"
    said = "x" * 480 + secret + "y" * 200
    case = f"<testcase name='t'><error message='{said}'/></testcase>"
    (tmp_path / "r.xml").write_text(f"<testsuite>{case}</testsuite>")
    (line,) = junit.read(tmp_path, ["r.xml"], ASKED, [secret])["failed"]
    assert len(line) == 500
    assert "a-sec" not in line
    assert line.endswith("***" + "y" * 13 + "…")


def test_failing_tests_of_a_passing_command_are_only_shown(project: Project) -> None:
    project.write("r.txt", REPORT)
    result = project.run(stage("one", "cp r.txt r.xml", reports=("r.xml",)))
    outcome = result.outcomes["one"]
    assert outcome.status == "succeeded"
    assert outcome.body["tests"]["failures"] == 1


def test_reports_of_a_failing_command_are_read_too(project: Project) -> None:
    project.write("r.txt", REPORT)
    result = project.run(stage("one", "cp r.txt r.xml; exit 1", reports=("r.xml",)))
    assert result.outcomes["one"].status == "failed"
    assert result.outcomes["one"].body["tests"]["tests"] == 4


@pytest.mark.parametrize("entity", ['<!ENTITY a "b">', '<!ENTITY a SYSTEM "file:///etc/passwd">'])
def test_entities_are_refused_in_words(tmp_path: Path, entity: str) -> None:
    (tmp_path / "r.xml").write_text(f"<!DOCTYPE x [{entity}]><testsuite>&a;</testsuite>")
    found = junit.read(tmp_path, ["r.xml"], Place("seatrial.yaml", 3, 5))
    text = "no JUnit XML: it has entities or refers to other files, and neither is read"
    assert found["unreadable"] == [f"r.xml: {text}"]
