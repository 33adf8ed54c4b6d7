from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest
from defusedxml.ElementTree import parse

from seatrial.journal import releases
from seatrial.journal.journal import Journal
from seatrial.project import idle
from tests.cli.conftest import PIPELINE
from tests.cli.terminal import PROGRAM, seatrial, under_terminal, within
from tests.conftest import Repository

pytestmark = pytest.mark.slow


def test_a_run_tells_each_stage_and_the_sum(tiny: Repository) -> None:
    ended = seatrial("run", folder=tiny.folder)
    assert ended.code == 0
    assert ended.err == ""
    assert "prepare │ preparing" in ended.out
    for name in ("prepare", "count", "look"):
        assert f"✓ {name} " in ended.out
    assert "passed: 3 ran in" in ended.out
    assert "\x1b" not in ended.out


def test_the_second_run_restores_everything(tiny: Repository) -> None:
    seatrial("run", folder=tiny.folder)
    ended = seatrial("run", folder=tiny.folder)
    assert ended.code == 0
    assert "3 restored" in ended.out
    assert "preparing" not in ended.out


def test_json_is_one_document_on_standard_output(tiny: Repository) -> None:
    ended = seatrial("run", "--json", folder=tiny.folder)
    document = json.loads(ended.out)
    assert document["headline"] == "passed"
    assert document["project"] == "tiny"
    assert document["title"] == "the first"
    assert document["commit"] == tiny.git("rev-parse", "HEAD")
    assert [stage["status"] for stage in document["stages"]] == ["succeeded"] * 3
    assert "preparing" in ended.err  # progress is beside it


def test_a_failing_stage_is_exit_code_1_and_shows_the_end_of_its_log(tiny: Repository) -> None:
    tiny.write("seatrial.yaml", "project: tiny\nstages:\n  bad: echo all is lost; exit 7\n")
    tiny.commit("worse")
    ended = seatrial("run", "--quiet", folder=tiny.folder)
    assert ended.code == 1
    assert "✗ bad" in ended.out
    assert "│ all is lost" in ended.out
    assert "Traceback" not in ended.out + ended.err


def test_one_stage_with_what_it_needs(tiny: Repository) -> None:
    ended = seatrial("run", "count", "--json", folder=tiny.folder)
    assert [stage["name"] for stage in json.loads(ended.out)["stages"]] == ["prepare", "count"]


def test_an_earlier_commit_is_named_first(tiny: Repository) -> None:
    first = tiny.git("rev-parse", "HEAD")
    tiny.commit("the second", in_txt="two, longer\n")
    ended = seatrial("run", "HEAD~1", "count", "--json", folder=tiny.folder)
    document = json.loads(ended.out)
    assert document["commit"] == first
    assert [stage["name"] for stage in document["stages"]] == ["prepare", "count"]


def test_a_word_that_is_neither_is_said(tiny: Repository) -> None:
    ended = seatrial("run", "cuont", folder=tiny.folder)
    assert ended.code == 2
    assert "`cuont`" in ended.err or "'cuont'" in ended.err
    ended = seatrial("run", "count", "lok", folder=tiny.folder)
    assert ended.code == 2
    assert "did you mean `look`?" in ended.err


def test_a_stage_misspelt_is_not_only_a_commit_that_there_is_not(tiny: Repository) -> None:
    for words in (["prepaer"], ["prepaer", "--dry-run"]):
        ended = seatrial("run", *words, folder=tiny.folder)
        assert (ended.code, "did you mean the stage `prepare`?" in ended.err) == (2, True)
    assert "the stages are prepare, count, look" in seatrial("run", "zzz", folder=tiny.folder).err
    by_option = seatrial("run", "--commit", "prepaer", folder=tiny.folder)
    assert (by_option.code, "the stage" in by_option.err) == (2, False)


def test_a_word_may_be_a_stage_of_a_file_that_cannot_be_read(tiny: Repository) -> None:
    tiny.write("seatrial.yaml", "[" * 1000)
    ended = seatrial("run", "prepare", folder=tiny.folder)
    assert (ended.code, "no stage can be read here: `seatrial check` says why" in ended.err) == (2, True)


MATRIX = """\
project: tiny
stages:
  m:
    run: echo digit $digit
    matrix: {digit: [1, 2]}
  n: echo other
"""


def test_the_logs_of_a_matrix_by_the_name_in_the_file(tiny: Repository) -> None:
    tiny.commit("a matrix", seatrial_yaml=MATRIX)
    seatrial("run", folder=tiny.folder)
    ended = seatrial("logs", "m", "--json", folder=tiny.folder)
    assert ended.code == 0, ended.err
    assert [json.loads(line)["text"] for line in ended.out.splitlines()] == ["digit 1", "digit 2"]


HALF_RIGHT = "id,label,prediction\n" + "".join(f"{i},{i % 2},{i % 4 // 2}\n" for i in range(200))
JUDGED = """\
project: tiny
stages:
  judge:
    evaluate: in.txt
    predictions: predictions.csv
    task: classification
    gates: [accuracy >= BAR]
  after: {run: "true", needs: [judge]}
"""


def test_the_list_of_runs_tells_refused_and_inconclusive_from_failed(tiny: Repository) -> None:
    tiny.write("predictions.csv", HALF_RIGHT)
    tiny.commit("bad", seatrial_yaml="project: tiny\nstages:\n  bad: exit 1\n")
    assert seatrial("run", folder=tiny.folder).code == 1
    tiny.commit("refused", seatrial_yaml=JUDGED.replace("BAR", "0.9"))
    refused = seatrial("run", folder=tiny.folder)
    assert (refused.code, "it needs judge, which failed" in refused.out) == (3, True)
    tiny.commit("open", seatrial_yaml=JUDGED.replace("BAR", "0.5"))
    undecided = seatrial("run", folder=tiny.folder)
    assert (undecided.code, "it needs judge, which was inconclusive" in undecided.out) == (4, True)
    lines = seatrial("history", "--runs", folder=tiny.folder).out.splitlines()
    assert [(line.split()[0], line.split()[3]) for line in lines] == [
        ("?", "inconclusive"),
        ("✗", "refused"),
        ("✗", "failed"),
    ]


def test_a_word_that_is_both_is_a_stage_and_that_is_said(tiny: Repository) -> None:
    tiny.git("branch", "look")
    ended = seatrial("run", "look", folder=tiny.folder)
    assert ended.code == 0
    assert "--commit look" in ended.err


def test_why_a_release_is_left_out_is_said_in_full(tiny: Repository) -> None:
    release = "  package: {package: out.txt, serve: cat}\n  release: {release: production}\n"
    place = "environments:\n  production: {target: process, from: [main]}\n"
    tiny.write("seatrial.yaml", PIPELINE + release + place)
    ended = seatrial("run", folder=tiny.folder)
    assert ended.code == 0, ended.out + ended.err
    assert "the working state has uncommitted edits, and `production` takes commits only" in ended.out


def test_uncommitted_edits_are_run_and_marked(tiny: Repository) -> None:
    tiny.write("in.txt", "edited\n")
    ended = seatrial("run", "--json", folder=tiny.folder)
    assert json.loads(ended.out)["is_dirty"] is True
    assert "uncommitted edits" in ended.err


HELD_BACK = """\
project: tiny
stages:
  package: {package: in.txt, serve: cat}
  release: {release: production, needs: [package]}
  after: {run: echo after, needs: [release], cache: false}
environments: {production: {from: [main]}}
"""


def test_an_address_of_another_environment_is_told_before_anything_runs(
    tiny: Repository, journal: Journal
) -> None:
    tiny.write("seatrial.yaml", HELD_BACK.replace("[main]", "[main], address: '127.0.0.1:18431'"))
    tiny.commit("releases")
    assert "address" not in seatrial("run", "--dry-run", folder=tiny.folder).err
    with journal.change():
        releases.keep_environment(journal, "other", "production", "127.0.0.1:18431")
    said = "seatrial.yaml:6:52: the address of `production`, 127.0.0.1:18431, belongs to other/production"
    assert said in seatrial("run", "--dry-run", folder=tiny.folder).err
    ended = seatrial("run", folder=tiny.folder)
    assert (ended.code, said in ended.err) == (2, True)
    assert said not in seatrial("run", "package", folder=tiny.folder).err


def test_a_dry_run_knows_the_rules_of_the_environment_as_the_run_does(tiny: Repository, home: Path) -> None:
    tiny.write("seatrial.yaml", HELD_BACK)
    tiny.commit("releases")
    cases = (
        (("--branch", "other"), "`production` takes main only, not the branch `other`"),
        (("HEAD~1", "package", "release", "after"), "not the tip of one: `seatrial run --branch"),
    )
    tiny.commit("more")
    for words, why in cases:
        runs = seatrial("run", *words, "--json", folder=tiny.folder)
        said = {stage["name"]: stage for stage in json.loads(runs.out)["stages"]}
        ended = seatrial("run", *words, "--dry-run", "--json", folder=tiny.folder)
        expected = {stage["stage"]: stage for stage in json.loads(ended.out)["stages"]}
        assert said["release"]["status"] == said["after"]["status"] == "skipped"
        assert expected["release"]["decision"] == expected["after"]["decision"] == "skip"
        assert expected["release"]["reasons"] == [said["release"]["message"]]
        assert why in said["release"]["message"]
    tiny.write("in.txt", "edited")
    ended = seatrial("explain", "release", folder=tiny.folder)
    assert "release  is skipped   the working state has uncommitted edits" in ended.out


def test_a_dry_run_says_what_would_run_and_does_not(tiny: Repository, home: Path) -> None:
    seatrial("run", folder=tiny.folder)
    tiny.write("in.txt", "edited\n")
    ended = seatrial("run", "--dry-run", "--json", folder=tiny.folder)
    decisions = {stage["stage"]: stage["decision"] for stage in json.loads(ended.out)["stages"]}
    assert decisions == {"prepare": "run", "count": "unknown", "look": "run"}
    assert len(json.loads(seatrial("history", "--runs", "--json", folder=tiny.folder).out)["runs"]) == 1


def test_explain_names_the_file_that_changed(tiny: Repository) -> None:
    seatrial("run", folder=tiny.folder)
    tiny.write("in.txt", "edited\n")
    ended = seatrial("explain", "prepare", folder=tiny.folder)
    assert ended.code == 0
    assert "file in.txt changed" in ended.out


def test_reports_are_written_in_every_form(tiny: Repository, tmp_path: Path) -> None:
    names = [tmp_path / f"report.{ending}" for ending in ("html", "md", "xml", "json")]
    ended = seatrial("run", *(word for name in names for word in ("--report", name)), folder=tiny.folder)
    assert ended.code == 0
    page, markdown, junit, document = (name.read_text() for name in names)
    assert page.startswith("<!doctype html>")
    assert "### ✅ <code>tiny</code> run 1: passed" in markdown
    assert len(parse(names[2]).findall("testsuite/testcase")) == 3
    assert json.loads(document)["number"] == 1
    assert "prepare" in junit


def test_a_report_of_an_unknown_form_is_refused_before_anything_runs(tiny: Repository) -> None:
    ended = seatrial("run", "--report", "out.pdf", folder=tiny.folder)
    assert ended.code == 2
    assert ".html" in ended.err
    assert ended.out == ""


def test_a_broken_file_is_shown_with_carets_and_runs_nothing(tiny: Repository) -> None:
    tiny.write("seatrial.yaml", "stages:\n  train:\n    rum: python train.py\n")
    ended = seatrial("run", folder=tiny.folder)
    assert ended.code == 2
    assert ended.out == ""
    assert "seatrial.yaml:3:5: error:" in ended.err
    assert "    rum: python train.py\n      ^" in ended.err


def test_logs_have_what_the_stages_printed(tiny: Repository) -> None:
    seatrial("run", folder=tiny.folder)
    assert seatrial("logs", "prepare", folder=tiny.folder).out == "preparing\n"
    assert seatrial("logs", "1", folder=tiny.folder).out == "prepare │ preparing\n"
    seatrial("run", "--fresh", "count", folder=tiny.folder)
    seatrial("run", "prepare", "--json", folder=tiny.folder)
    assert (
        seatrial("logs", "3", "prepare", folder=tiny.folder).out == "preparing\n"
    )  # of the run that made it
    entry = json.loads(seatrial("logs", "1", "prepare", "--json", folder=tiny.folder).out)
    assert (entry["stage"], entry["text"]) == ("prepare", "preparing")
    missing = seatrial("logs", "1", "prepar", folder=tiny.folder)
    assert missing.code == 2
    assert "did you mean `prepare`?" in missing.err


def test_logs_of_a_stage_are_those_of_the_one_that_did_its_work(tiny: Repository) -> None:
    tiny.write("seatrial.yaml", "project: tiny\nstages:\n  one: echo said once\n  two: echo said once\n")
    tiny.commit("the same twice")
    assert "1 ran, 1 restored" in seatrial("run", folder=tiny.folder).out
    assert seatrial("logs", "one", folder=tiny.folder).out == "said once\n"
    assert seatrial("logs", "two", folder=tiny.folder).out == "said once\n"


def test_a_second_run_at_the_same_time_says_whom_it_waits_for(tiny: Repository, tmp_path: Path) -> None:
    go = tmp_path / "go"
    slow = f"echo begun; while ! test -e {go}; do sleep 0.02; done"
    tiny.write("seatrial.yaml", f"project: tiny\nstages:\n  slow: {slow}\n")
    tiny.commit("slow")
    command = [*PROGRAM, "run"]
    with subprocess.Popen(command, cwd=tiny.folder, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        next(line for line in first.stdout if "begun" in line)
        with subprocess.Popen(command, cwd=tiny.folder, stdout=subprocess.PIPE, text=True) as second:
            assert second.stdout is not None
            said = next(line for line in second.stdout if "waits for" in line)
            go.touch()
            rest = second.stdout.read()
        first.stdout.read()
    run = json.loads(seatrial("history", "--runs", "--json", folder=tiny.folder).out)["runs"][-1]["id"]
    assert f"slow  waits for run {run}, which does the same" in said
    assert "1 restored" in rest


def test_ctrl_c_ends_the_stages_and_is_exit_code_130(tiny: Repository) -> None:
    tiny.write("seatrial.yaml", "project: tiny\nstages:\n  long: echo begun; exec sleep 600\n")
    tiny.commit("slow")
    with subprocess.Popen([*PROGRAM, "run"], cwd=tiny.folder, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "begun" in line:
                break
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
        assert process.wait(120) == 130
    assert "cancelled" in rest


def test_under_a_terminal_the_table_is_live_and_coloured(tiny: Repository, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    slow = f"echo at work; for i in $(seq 1200); do test -e {seen} && exit; sleep 0.1; done"
    tiny.write("seatrial.yaml", f"project: tiny\nstages:\n  slow: {slow}\n  quick: 'true'\n")
    tiny.commit("slow")
    code, shown = under_terminal(["run"], tiny.folder, hear=lambda told: "at work" in told and seen.touch())
    assert code == 0
    assert "\x1b[32m" in shown
    assert "▸" in shown
    assert "at work" in shown  # the last line of a stage that runs
    assert "passed" in shown
    assert "\x1b[2K" in shown or "\x1b[1A" in shown  # it was redrawn


def test_no_color_takes_the_colours_away(tiny: Repository) -> None:
    code, shown = under_terminal(["check"], tiny.folder, {"NO_COLOR": "1"})
    assert code == 0
    assert "\x1b[3" not in shown


def test_the_checkout_is_not_touched(tiny: Repository) -> None:
    before = {path: path.stat().st_mtime_ns for path in sorted(tiny.folder.rglob("*"))}
    tiny.write("seatrial.yaml", "project: tiny\nstages:\n  evil: rm -rf ./* .git; echo gone > in.txt\n")
    changed = tiny.folder / "seatrial.yaml"
    seatrial("run", folder=tiny.folder)
    after = {path: path.stat().st_mtime_ns for path in sorted(tiny.folder.rglob("*"))}
    moved = {path for path in before | after if before.get(path) != after.get(path)}
    assert moved <= {changed, tiny.folder}
    assert os.environ["SEATRIAL_HOME"]


def test_a_condition_on_changes_asks_what_this_commit_changed(tiny: Repository) -> None:
    tiny.write(
        "seatrial.yaml", 'project: tiny\nstages:\n  docs: {run: echo written, when: "changes [docs/**]"}\n'
    )
    tiny.commit("the pipeline")
    tiny.write("other.txt", "nothing of the docs\n")
    tiny.commit("another file")
    ended = seatrial("run", folder=tiny.folder)
    assert ended.code == 0
    assert "written" not in ended.out
    assert "– docs" in ended.out
    tiny.write("docs/page.md", "a page\n")
    tiny.commit("a page")
    assert "written" in seatrial("run", folder=tiny.folder).out


def test_what_changed_is_never_answered_by_a_note(tiny: Repository) -> None:
    seatrial("run", folder=tiny.folder)
    assert "nothing to do" in seatrial("run", folder=tiny.folder).out
    tiny.write("count.txt", "an edit\n")
    assert "nothing to do" not in seatrial("run", folder=tiny.folder).out
    tiny.commit("the edit")
    assert "nothing to do" not in seatrial("run", folder=tiny.folder).out
    assert "nothing to do" in seatrial("run", folder=tiny.folder).out


def test_a_file_outside_that_changes_during_a_run_is_still_to_be_read(
    tiny: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The result is of the file as it was: that nothing is left to do is true of that one only."""
    monkeypatch.setattr(idle, "_RACY_SECONDS", 0.0)
    outside, new = tmp_path / "numbers", tmp_path / "new"
    outside.write_text("old\n")
    new.write_text("new\n")
    run = f"cat {outside}; cp {new} {outside}"
    tiny.commit(seatrial_yaml=f"project: tiny\nstages:\n  read: {{run: '{run}', inputs: [{outside}]}}\n")
    assert "read │ old" in within("run", folder=tiny.folder).out
    assert "read │ new" in within("run", folder=tiny.folder).out
    assert "1 restored: read" in within("run", folder=tiny.folder).out
    assert "nothing to do" in within("run", folder=tiny.folder).out


def test_an_output_that_names_its_commit_is_never_restored_for_another(tiny: Repository) -> None:
    text = """\
project: tiny
stages:
  stamp:
    run: echo "commit=$GIT_COMMIT number=$SEATRIAL_RUN_NUMBER" | tee stamp.txt
    inputs: [in.txt]
    outputs: [stamp.txt]
    env: {GIT_COMMIT: $GIT_COMMIT}
  show: {run: cat stamp.txt, inputs: [stamp.txt]}
"""
    tiny.write("seatrial.yaml", text)
    for message in ("one", "two"):
        commit = tiny.commit(message)
        ended = seatrial("run", folder=tiny.folder)
        assert f"show  │ commit={commit} number=\n" in ended.out
    last = tiny.commit("three")
    explained = seatrial("explain", "stamp", folder=tiny.folder).out
    assert f"variable GIT_COMMIT: {commit} → {last}" in explained


def test_a_stage_that_does_not_ask_is_restored_and_sees_no_commit(tiny: Repository) -> None:
    text = """\
project: tiny
stages:
  stamp: {run: 'echo "commit=$GIT_COMMIT$SEATRIAL_COMMIT"', inputs: [in.txt]}
  always: {run: 'echo "commit=$GIT_COMMIT"', inputs: [in.txt], cache: false}
"""
    tiny.write("seatrial.yaml", text)
    commit = tiny.commit("one")
    ended = seatrial("run", folder=tiny.folder)
    assert "stamp  │ commit=\n" in ended.out
    assert f"always │ commit={commit}\n" in ended.out
    commit = tiny.commit("two")
    ended = seatrial("run", folder=tiny.folder)
    assert "1 restored: stamp" in ended.out
    assert f"always │ commit={commit}\n" in ended.out


def test_a_tag_that_was_asked_for_is_noticed_on_the_same_commit(tiny: Repository) -> None:
    text = "project: tiny\nstages:\n  name: {run: 'echo tag=$TAG.', env: {TAG: $SEATRIAL_TAG}}\n"
    tiny.write("seatrial.yaml", text)
    tiny.commit("one")
    assert "tag=.\n" in seatrial("run", folder=tiny.folder).out
    tiny.git("tag", "v1")
    assert "tag=v1.\n" in seatrial("run", folder=tiny.folder).out


def test_a_clone_is_of_its_commit_branch_and_tag(tiny: Repository) -> None:
    tiny.write(
        "seatrial.yaml", "project: tiny\nstages:\n  name: {run: git describe --tags --all, git: true}\n"
    )
    tiny.commit("one")
    assert "heads/main" in seatrial("run", folder=tiny.folder).out
    tiny.git("tag", "v1")
    assert "tags/v1" in seatrial("run", folder=tiny.folder).out


def test_a_commit_made_during_a_run_is_still_to_be_run(tiny: Repository) -> None:
    """The run was of the commit before: that nothing is left to do is true of that one only."""
    seatrial("run", folder=tiny.folder)
    text = (tiny.folder / "seatrial.yaml").read_text()
    move = f"git -C {tiny.folder} -c user.name=A -c user.email=a@b.c commit -q --allow-empty -m later"
    tiny.commit(seatrial_yaml=text + f"  move:\n    run: {move}\n    inputs: []\n")
    assert seatrial("run", folder=tiny.folder).code == 0
    assert tiny.git("log", "-1", "--format=%s") == "later"
    assert "nothing to do" not in seatrial("run", folder=tiny.folder).out
    assert "nothing to do" in seatrial("run", folder=tiny.folder).out
