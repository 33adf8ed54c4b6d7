"""Whole runs, with real commands."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from seatrial.actions.all_actions import Actions
from seatrial.errors import BAD_INPUT, PASSED, STAGE_FAILED
from seatrial.journal import runs
from seatrial.journal.journal import open_journal
from seatrial.pipeline.condition import Facts
from seatrial.pipeline.pipeline import Finally, Stage
from seatrial.pipeline.step import JENKINS_SHELL, Dir, Echo, Fail, Program, Scope, Shell, Steps
from seatrial.run import logs
from seatrial.run.action import Context, Key
from seatrial.run.events import NotReproducible, StageFinished, StageReopened, StageRestored, StageStarted
from seatrial.run.outcome import Outcome
from seatrial.run.runner import run
from seatrial.store import trees
from seatrial.store.store import open_store
from tests.run.stages import Project, stage, statuses


def test_outputs_reach_those_who_need_them(project: Project) -> None:
    project.write("a", "hello\n")
    result = project.run(
        stage("one", "tr a-z A-Z < a > out/b", inputs=("a",), outputs=("out/b",)),
        stage("two", "cat out/b out/b > c", inputs=("out/b",), outputs=("c",), needs=("one",)),
    )
    assert (result.status, result.exit_code) == ("succeeded", PASSED)
    assert project.output(result, "two") == {"c": b"HELLO\nHELLO\n"}


def test_second_run_restores_and_runs_nothing(project: Project) -> None:
    marker = project.home / "ran"
    one = stage("one", f"echo x >> {marker}; echo done > b", inputs=(), outputs=("b",))
    first = project.run(one)
    second = project.run(one)
    assert marker.read_text() == "x\n"
    assert second.outcomes["one"] == first.outcomes["one"]
    assert [event.run for event in project.of(StageRestored)] == [first.run]
    assert second.number == first.number + 1


@pytest.mark.parametrize("change", ["input", "command", "variable"])
def test_what_a_stage_depends_on_runs_it_again(project: Project, change: str) -> None:
    project.write("a", "1")
    project.run(stage("one", "cat a; true", inputs=("a",), env=(("X", "1"),)))
    if change == "input":
        project.write("a", "2")
    command = "cat a; false || true" if change == "command" else "cat a; true"
    env = (("X", "2" if change == "variable" else "1"),)
    project.run(stage("one", command, inputs=("a",), env=env))
    assert len(project.of(StageStarted)) == 2


def test_what_it_does_not_depend_on_does_not(project: Project) -> None:
    project.write("a", "1")
    project.run(stage("one", "cat a", inputs=("a",)))
    project.write("other", "2")
    project.write("seatrial.yaml", "# changed")
    project.run(stage("renamed", "cat a", inputs=("a",), timeout_seconds=60.0))
    assert len(project.of(StageStarted)) == 1


def test_same_outputs_upstream_run_nothing_downstream(project: Project) -> None:
    project.write("a", "1 \n")
    one = stage("one", "tr -d ' ' < a > b", inputs=("a",), outputs=("b",))
    two = stage("two", "cat b", inputs=("b",), needs=("one",))
    project.run(one, two)
    project.write("a", "1\n")
    project.run(one, two)
    assert [event.stage for event in project.of(StageStarted)] == ["one", "two", "one"]


def test_workspace_is_exactly_what_is_declared(project: Project) -> None:
    project.write("a", "1")
    project.write("data/b", "2")
    project.write("data/c", "3")
    project.run(stage("narrow", "find . -type f | sort", inputs=("data/b",)))
    project.run(stage("wide", "find . -type f | sort"))
    assert project.log("narrow") == "./data/b"
    assert project.log("wide") == "./a\n./data/b\n./data/c"


def test_outputs_take_the_place_of_what_the_commit_has_there(project: Project) -> None:
    project.write("model/old", "1")
    project.run(
        stage("train", "mkdir -p model; echo 2 > model/new", inputs=(), outputs=("model/",)),
        stage("use", "ls model", needs=("train",)),
    )
    assert project.log("use") == "new"


def test_failure_skips_dependents_and_nothing_else(project: Project) -> None:
    result = project.run(
        stage("bad", "echo no >&2; exit 3"),
        stage("after", "true", needs=("bad",)),
        stage("later", "true", needs=("after",)),
        stage("apart", "true"),
    )
    assert statuses(result) == {"bad": "failed", "after": "skipped", "later": "skipped", "apart": "succeeded"}
    assert (result.status, result.exit_code) == ("failed", STAGE_FAILED)
    assert result.outcomes["bad"].message == "`echo no >&2; exit 3` ended with exit code 3"
    assert result.outcomes["after"].message == "it needs bad, which failed"
    assert result.outcomes["later"].message == "it needs after, which was skipped"
    assert project.log("bad") == "no"


def test_failures_are_never_kept(project: Project) -> None:
    flag = project.home / "flag"
    one = stage("one", f"test -e {flag}", inputs=())
    assert project.run(one).status == "failed"
    flag.touch()
    assert project.run(one).status == "succeeded"


@pytest.mark.parametrize(
    "fields", [{"cache": False}, {"effects": True}, {"secrets": ("TOKEN",)}, {"workspace": "shared"}]
)
def test_some_stages_are_never_restored(project: Project, fields: dict[str, object]) -> None:
    env = {"PATH": "/usr/bin:/bin", "TOKEN": "geheim"}
    for _ in range(2):
        project.run(stage("one", "true", inputs=(), **fields), host_env=env)
    assert len(project.of(StageStarted)) == 2


def test_fresh_keeps_the_first_result_and_says_so(project: Project) -> None:
    one = stage("one", "date +%N > b", inputs=(), outputs=("b",))
    two = stage("two", "cat b > c", inputs=("b",), outputs=("c",), needs=("one",))
    first = project.run(one, two)
    fresh = project.run(one, two, fresh=True)
    [event] = project.of(NotReproducible)
    assert (event.stage, event.first) == ("one", first.outcomes["one"].outputs)
    assert event.now not in ("", event.first)
    assert fresh.outcomes["one"].outputs == first.outcomes["one"].outputs
    assert fresh.outcomes["two"].outputs == first.outcomes["two"].outputs
    assert project.run(one, two).outcomes["one"].outputs == first.outcomes["one"].outputs


def test_fresh_and_reproducible_says_nothing(project: Project) -> None:
    one = stage("one", "echo 1 > b", inputs=(), outputs=("b",))
    project.run(one)
    project.run(one, fresh=True)
    assert project.of(NotReproducible) == []
    assert len(project.of(StageStarted)) == 2


def test_stages_run_at_the_same_time(project: Project) -> None:
    """Each waits for the file of the other: one after the other they would never end."""
    meet = [
        f"touch {project.home}/{a}; while ! test -e {project.home}/{b}; do sleep 0.01; done"
        for a, b in ("ab", "ba")
    ]
    result = project.run(
        stage("one", meet[0], timeout_seconds=120.0), stage("two", meet[1], timeout_seconds=120.0), jobs=2
    )
    assert result.status == "succeeded"


def test_jobs_is_a_limit(project: Project) -> None:
    busy = project.home / "busy"
    script = f"mkdir {busy} && sleep 0.05 && rmdir {busy}"
    result = project.run(*(stage(f"s{i}", script, env=(("N", str(i)),)) for i in range(4)), jobs=1)
    assert set(statuses(result).values()) == {"succeeded"}


def test_condition_skips(project: Project) -> None:
    stages = (
        stage("only", "true", when="branch == main"),
        stage("after", "true", needs=("only",)),
        stage("by_variable", "true", when="$GO == yes", env=(("GO", "yes"),)),
    )
    result = project.run(*stages, facts=Facts(branch="topic"))
    assert statuses(result) == {"only": "skipped", "after": "skipped", "by_variable": "succeeded"}
    assert result.exit_code == PASSED
    assert result.outcomes["only"].message == "its condition does not hold: branch == main"


def test_missing_output_is_named(project: Project) -> None:
    result = project.run(stage("one", "true", outputs=("model/weights.bin",)))
    assert result.outcomes["one"].status == "failed"
    assert "'model/weights.bin' was not made" in result.outcomes["one"].message


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("ln -s /etc/passwd out", "leads out of its folder"),
        ("mkdir out; ln -s ../../../../../../etc out/etc", "leads out of its folder"),
        ("mkfifo out", "neither a file, a folder nor a link"),
        ("rm -rf ../work", "was removed or replaced"),
    ],
)
def test_hostile_outputs_are_refused(project: Project, script: str, said: str) -> None:
    result = project.run(stage("one", script, outputs=("out",)))
    assert result.outcomes["one"].status in ("failed", "errored")
    assert said in result.outcomes["one"].message
    assert (project.files / "seatrial.yaml").exists()


@pytest.mark.parametrize("output", ["../evil", "/etc/evil", "a/../../evil"])
def test_outputs_cannot_leave_the_workspace(project: Project, output: str) -> None:
    result = project.run(stage("one", "true", outputs=(output,)))
    assert (result.outcomes["one"].status, result.exit_code) == ("errored", BAD_INPUT)
    assert "leaves its folder" in result.outcomes["one"].message


def test_missing_input_is_named(project: Project) -> None:
    project.write("train.py", "")
    result = project.run(stage("one", "true", inputs=("trian.py",)))
    assert result.outcomes["one"].status == "errored"
    assert result.exit_code == BAD_INPUT
    assert "did you mean 'train.py'" in result.outcomes["one"].message


def test_external_input_enters_by_digest_and_stays_where_it_is(project: Project, tmp_path: Path) -> None:
    data = tmp_path / "data.csv"
    data.write_text("1\n")
    one = stage("one", f"cat {data}; ls", inputs=(str(data),))
    project.run(one)
    assert project.log("one") == "1"
    project.run(one)
    assert len(project.of(StageStarted)) == 1
    data.write_text("22\n")
    project.run(one)
    assert len(project.of(StageStarted)) == 2


def test_an_external_program_is_another_one_once_it_may_not_be_run(project: Project, tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\necho ran\n")
    program.chmod(0o755)
    one = stage("one", str(program), inputs=(str(program),))
    assert project.run(one).status == "succeeded"
    program.chmod(0o644)
    assert project.run(one).status == "failed"


def test_an_empty_folder_in_an_external_input_is_part_of_the_key(project: Project, tmp_path: Path) -> None:
    data = tmp_path / "data"
    (data / "a").mkdir(parents=True)
    (data / "a" / "x").write_text("1\n")
    one = stage("one", f"cd {data}; find . -type d | sort | xargs", inputs=(str(data),))
    for made, shown in (("", ". ./a"), ("b", ". ./a ./b"), ("a/c", ". ./a ./a/c ./b")):
        (data / made).mkdir(exist_ok=True)
        project.run(one)
        assert project.log("one").splitlines()[-1] == shown
    project.run(one)
    assert len(project.of(StageStarted)) == 3


def test_home_and_temporary_folder_are_its_own_and_gone_after(project: Project) -> None:
    script = "echo $HOME; echo $TMPDIR; touch $HOME/.rc $TMPDIR/x; pwd"
    project.run(stage("one", script), stage("two", "ls -A $HOME $TMPDIR; true", needs=("one",)))
    home, temporary, work = project.log("one").split("\n")
    for folder in (home, temporary, work):
        assert folder.startswith(str(project.home / "workspaces"))
        assert not Path(folder).exists()
    assert ".rc" not in project.log("two")
    assert list((project.home / "workspaces").iterdir()) == []


def test_variables_are_the_declared_and_a_fixed_minimum(project: Project) -> None:
    env = {"PATH": "/usr/bin:/bin", "SECRET_OF_THE_HOST": "x", "LANG": "de_DE.UTF-8"}
    project.run(stage("one", "env", env=(("LR", "0.1"),), variables=(("size", "small"),)), host_env=env)
    found = dict(line.split("=", 1) for line in project.log("one").split("\n"))
    assert "SECRET_OF_THE_HOST" not in found
    assert (found["LR"], found["size"], found["LANG"], found["TZ"]) == ("0.1", "small", "C.UTF-8", "UTC")
    ours = {name for name in found if name.startswith(("SEATRIAL_", "GIT_"))}
    assert ours == {
        *("SEATRIAL_RUN", "SEATRIAL_HOME", "SEATRIAL_PROJECT", "SEATRIAL_STAGE", "SEATRIAL_TOKEN"),
        "GIT_CEILING_DIRECTORIES",
    }
    rest = found.keys() - ours - {"PWD", "OLDPWD", "_", "SHLVL"}
    assert rest == {"PATH", "HOME", "LANG", "TZ", "TMPDIR", "CI", "LR", "size"}


def test_secrets_are_masked_in_logs_and_messages(project: Project) -> None:
    env = {"PATH": "/usr/bin:/bin", "TOKEN": "very-geheim"}
    script = "echo $TOKEN; printf $TOKEN | base64; exit 1 # very-geheim"
    result = project.run(stage("one", script, secrets=("TOKEN",)), host_env=env)
    shown = repr(project.events)
    log = logs.path_of(project.home, result.run, "one").read_text()
    journal = "".join(file.read_text("latin-1") for file in project.home.glob("journal.db*"))
    assert "very-" not in journal and '"one"' in journal
    for text in (shown, log, journal):
        assert "geheim" not in text
    assert project.log("one").count("***") == 2


def test_secret_without_a_value_is_said(project: Project) -> None:
    result = project.run(stage("one", "true", secrets=("TOKEN",)))
    assert result.exit_code == BAD_INPUT
    assert "the secret TOKEN has no value" in result.outcomes["one"].message


def test_retry_begins_again_with_a_new_workspace(project: Project) -> None:
    count = project.home / "count"
    script = f"echo x >> {count}; test ! -e left; touch left; test $(wc -l < {count}) = 3"
    result = project.run(stage("one", script, retry=2))
    assert result.outcomes["one"].status == "succeeded"
    assert result.outcomes["one"].body == {"attempts": 3}
    assert count.read_text() == "x\n" * 3


def test_retry_gives_up(project: Project) -> None:
    count = project.home / "count"
    result = project.run(stage("one", f"echo x >> {count}; exit 1", retry=1))
    assert result.outcomes["one"].status == "failed"
    assert count.read_text() == "x\n" * 2


def test_timeout_ends_the_whole_group(project: Project) -> None:
    beat = project.home / "beat"
    script = f"(while true; do date +%N > {beat}; sleep 0.02; done) & while true; do sleep 0.01; done"
    for seconds in (0.5, 5.0, 50.0):  # the longer ones where this machine is too busy to begin in time
        result = project.run(stage("one", script, timeout_seconds=seconds))
        if beat.exists():
            break
    assert result.outcomes["one"].status == "failed"
    assert "did not end within" in result.outcomes["one"].message
    assert_still(beat)


def assert_still(path: Path) -> None:
    """The file does not change any more."""
    before = path.read_text()
    for _ in range(10):
        time.sleep(0.02)
        assert path.read_text() == before


def test_background_process_neither_hangs_nor_survives_the_stage(project: Project) -> None:
    beat = project.home / "beat"
    script = (
        f"(while true; do date +%N > {beat}; sleep 0.02; done) & while ! test -s {beat}; do sleep 0.01; done"
    )
    result = project.run(stage("one", script))
    assert result.outcomes["one"].status == "succeeded"
    assert_still(beat)


def test_process_that_leaves_its_group_does_not_survive_the_run(project: Project) -> None:
    beat = project.home / "beat"
    inner = f"while true; do date +%N > {beat}; sleep 0.02; done"
    script = f"setsid sh -c '{inner}' > /dev/null 2>&1 & while ! test -s {beat}; do sleep 0.01; done"
    project.run(stage("one", script))
    assert_still(beat)


@pytest.mark.parametrize("end", ["true", "exit 1", "sleep 1000"])
def test_process_without_group_and_variables_does_not_outlive_its_stage(project: Project, end: str) -> None:
    beat = project.home / "beat"
    inner = f"for i in $(seq 3000); do date +%N > {beat}; sleep 0.02; done"
    left = f"(setsid env -i PATH=$PATH sh -c '{inner}') &"
    script = f"{left} while ! test -s {beat}; do sleep 0.01; done; {end}"
    project.run(stage("one", script, timeout_seconds=3.0 if "1000" in end else None))
    assert_still(beat)


def test_shared_workspace_is_one_and_keeps_what_was_made(project: Project) -> None:
    project.write("a", "1")
    fields = {"workspace": "jenkins", "effects": True}
    result = project.run(
        stage("build", "cp a b; ls; cd /", **fields),
        stage("test", "cat b; ls seatrial.yaml", needs=("build",), **fields),
    )
    assert result.status == "succeeded"
    assert project.log("build") == "a\nb\nseatrial.yaml"
    assert project.log("test") == "1seatrial.yaml"
    assert list((project.home / "workspaces").iterdir()) == []
    assert sorted(path.name for path in project.files.iterdir()) == ["a", "seatrial.yaml"]


def test_in_a_shared_workspace_a_stage_left_out_is_passed_over(project: Project) -> None:
    fields = {"workspace": "jenkins", "effects": True}
    result = project.run(
        stage("build", "exit 0", **fields),
        stage("nightly", "exit 1", needs=("build",), when="event == schedule", **fields),
        stage("deploy", "true", needs=("nightly",), **fields),
    )
    assert statuses(result) == {"build": "succeeded", "nightly": "skipped", "deploy": "succeeded"}


def test_finally_blocks_of_a_stage(project: Project) -> None:
    """In Jenkins' order, each tested at its turn; a failing block does not keep the next from running."""
    blocks = tuple(
        Finally(name, (Echo(name), *((Fail("broken"),) if name == "always" else ())))
        for name in ("always", "changed", "success", "unsuccessful", "failure", "cleanup")
    )
    result = project.run(stage("one", "true", finally_=blocks), stage("two", "exit 1", finally_=blocks))
    assert project.log("one").split("\n")[:5] == ["always", "changed", "unsuccessful", "failure", "cleanup"]
    assert result.outcomes["one"].message == "broken"
    assert [line for line in project.log("two").split("\n") if " " not in line] == [
        *("always", "changed", "unsuccessful", "failure", "cleanup")
    ]


def test_finally_blocks_of_the_pipeline_run_in_the_shared_workspace(project: Project) -> None:
    blocks = (
        Finally("success", (Echo("well"),)),
        Finally("failure", (Shell("cat made; echo stage=$STAGE_NAME."),)),
    )
    stages = (stage("one", "echo here > made; exit 1", workspace="w", effects=True),)
    result = project.run(*stages, finally_=blocks, dialect="jenkins")
    assert project.log("finally") == "here\nstage=Declarative: Post Actions."
    assert result.status == "failed"


def test_finally_runs_after_a_timeout_as_an_interruption(project: Project) -> None:
    blocks = (Finally("aborted", (Echo("aborted"),)), Finally("failure", (Echo("failure"),)))
    project.run(stage("one", "sleep 600", timeout_seconds=0.2, finally_=blocks))
    assert project.log("one") == "aborted"


def test_programs_decide_as_they_run(project: Project) -> None:
    def start(scope: Scope) -> Steps:
        yield Echo(f"for {scope.env['WHO']}")
        result = yield Shell("echo 41; exit 7", check=False, capture=True)
        assert result is not None
        yield Dir("sub/dir", (Shell(f"echo $(({result.output.strip()} + 1)) {result.exit_code}; pwd"),))

    project.run(stage("one", Program(start, "text"), env=(("WHO", "Ada"),)))
    lines = project.log("one").split("\n")
    assert lines[:2] == ["for Ada", "42 7"]
    assert lines[2].endswith("/sub/dir")


@pytest.mark.parametrize("path", ["..", "/tmp", "link"])
def test_dir_stays_in_the_workspace(project: Project, path: str) -> None:
    result = project.run(stage("one", "ln -s / link", Dir(path, (Echo("inside"),))))
    assert "leaves the workspace" in result.outcomes["one"].message
    assert project.log("one") == ""


def test_scripts_are_handed_over_as_their_shell_wants(project: Project) -> None:
    long = "x" * 200_000
    project.run(
        stage("jenkins", Shell("false || true\necho on", JENKINS_SHELL)),
        stage("own", Shell("#!/usr/bin/env python3\nimport sys; print(sys.argv[0])")),
        stage("long", f"printf '{long}' | wc -c"),
        stage("stops", "false\necho not reached"),
    )
    assert project.log("jenkins").split("\n") == ["+ false", "+ true", "+ echo on", "on"]
    assert Path(project.log("own")).name.startswith("script")
    assert project.log("long").strip() == "200000"
    assert project.log("stops") == ""


def test_output_of_any_bytes_is_kept(project: Project) -> None:
    script = "printf 'a\\000\\377\\n'; head -c 200000 /dev/zero | tr '\\0' x; echo; printf end"
    result = project.run(stage("one", script))
    lines = [line.text for line in logs.read(project.home, result.run, "one")]
    assert lines[0] == b"a\x00\xff"
    assert b"".join(lines[1:-1]) == b"x" * 200_000
    assert max(map(len, lines)) <= logs.PIECE
    assert lines[-1] == b"end"


def test_unknown_program_and_shell(project: Project) -> None:
    result = project.run(stage("one", Shell("true", ("/no/such/shell",))))
    assert result.outcomes["one"].message.startswith("cannot start '/no/such/shell'")


@pytest.mark.parametrize(
    ("env", "message"),
    [
        ((("OK", "1"), ("LONG", "x" * 200_000)), "the variable LONG has 200,005 bytes"),
        (
            tuple((f"V{n}", "x" * 100_000) for n in range(100)),
            "the words and variables of a command have 10,",
        ),
    ],
)
def test_more_than_a_process_can_be_handed_is_bad_input(
    project: Project, env: tuple[tuple[str, str], ...], message: str
) -> None:
    outcome = project.run(stage("one", "true", env=env)).outcomes["one"]
    assert (outcome.status, outcome.exit_code) == ("errored", BAD_INPUT)
    assert message in outcome.message
    assert "write it to a file" in outcome.message


def test_lost_outputs_are_made_again(project: Project) -> None:
    one = stage("one", "echo 1 > b", inputs=(), outputs=("b",))
    two = stage("two", "cat b > c", inputs=("b",), outputs=("c",), needs=("one",))
    first = project.run(one, two)
    journal = open_journal(project.home)
    store = open_store(project.home, journal)
    entry = trees.load(store, first.outcomes["one"].outputs)[0]
    (store.root / "blobs" / "sha256" / entry.digest[7:]).chmod(0o600)
    (store.root / "blobs" / "sha256" / entry.digest[7:]).write_bytes(b"2\n")
    journal.close()
    result = project.run(one, two._replace(env=(("NEW", "1"),)))
    assert [event.stage for event in project.of(StageReopened)] == ["one"]
    assert statuses(result) == {"one": "succeeded", "two": "succeeded"}
    assert project.output(result, "two") == {"c": b"1\n"}


def test_what_else_needs_lost_outputs_waits_until_they_are_made_again(project: Project) -> None:
    one = stage("one", "echo 1 > b", inputs=(), outputs=("b",))
    names = ("two", "three", "four")
    others = [stage(name, f"cat b  # {name}", inputs=("b",), needs=("one",)) for name in names]
    outputs = project.run(one).outcomes["one"].outputs
    journal = open_journal(project.home)
    store = open_store(project.home, journal)
    blob = store.root / "blobs" / "sha256" / trees.load(store, outputs)[0].digest[7:]
    journal.close()
    blob.chmod(0o600)
    blob.write_bytes(b"2\n")
    result = project.run(one, *others, jobs=1)
    assert [event.stage for event in project.of(StageReopened)] == ["one"]
    assert set(statuses(result).values()) == {"succeeded"}
    assert [project.log(one.name) for one in others] == ["1"] * 3


@pytest.mark.parametrize("script", ["echo 1 > b", "cat /proc/sys/kernel/random/uuid > b"])
def test_those_that_are_at_work_on_lost_outputs_begin_again(project: Project, script: str) -> None:
    """Also where the commit, which cannot be read again, has a file of the same content."""
    one = stage("one", script, inputs=(), outputs=("b",))
    others = [stage(name, f"cat b  # {name}", inputs=("b",), needs=("one",)) for name in ("two", "three")]
    made = project.run(one)
    project.write("same", project.output(made, "one")["b"])
    request = project.request(one, *others, jobs=2)
    entry = trees.load(request.store, made.outcomes["one"].outputs)[0]
    (project.home / "store" / "blobs" / "sha256" / entry.digest[7:]).unlink()
    result = run(request, project.events.append)
    request.journal.close()
    assert [event.stage for event in project.of(StageReopened)] == ["one"]
    assert set(statuses(result).values()) == {"succeeded"}, result.outcomes
    assert project.log("two") == project.log("three") == project.output(result, "one")["b"].decode().strip()


class Listing:
    """An action whose key is made of the list of what another stage gave."""

    @staticmethod
    def key(of: Stage, context: Context) -> Key:
        listed = trees.load(context.store, context.outcomes["one"].outputs)
        return Key(trees.digest(listed), ((of.name, listed[0].path),))

    @staticmethod
    def perform(of: Stage, context: Context) -> Outcome:
        return Outcome("succeeded")


def test_a_list_of_outputs_that_is_damaged_before_the_key_is_known_is_made_again(project: Project) -> None:
    one = stage("one", "echo 1 > b", inputs=(), outputs=("b",))
    outputs = project.run(one).outcomes["one"].outputs
    blob = project.home / "store" / "blobs" / "sha256" / outputs[7:]
    blob.chmod(0o600)
    blob.write_bytes(b"{}")
    two = stage("two", action="listing", needs=("one",))
    result = project.run(one, two, actions={"command": Actions()["command"], "listing": Listing})
    assert [event.stage for event in project.of(StageReopened)] == ["one"]
    assert set(statuses(result).values()) == {"succeeded"}, result.outcomes


def test_lost_list_of_outputs_is_a_miss(project: Project) -> None:
    one = stage("one", "echo 1 > b", inputs=(), outputs=("b",))
    outputs = project.run(one).outcomes["one"].outputs
    (project.home / "store" / "blobs" / "sha256" / outputs[7:]).unlink()
    project.run(one)
    assert len(project.of(StageStarted)) == 2


def test_lost_content_of_a_working_state_is_said(project: Project) -> None:
    project.write("a", "1")
    request = project.request(stage("one", "cat a"))
    digest = next(entry.digest for entry in request.tree if entry.path == "a")
    (project.home / "store" / "blobs" / "sha256" / digest[7:]).unlink()
    result = run(request)
    request.journal.close()
    assert result.outcomes["one"].status == "errored"
    assert "the store does not hold" in result.outcomes["one"].message


def test_the_journal_tells_the_run(project: Project) -> None:
    result = project.run(stage("one", "true"), stage("two", "exit 1", needs=("one",)))
    journal = open_journal(project.home)
    run = runs.get(journal, result.run)
    assert run is not None
    assert (run.status, run.number, run.branch, run.body["exit_code"]) == ("failed", 1, "main", 1)
    found = runs.stages(journal, result.run)
    assert [(one.stage, one.status, one.attempt) for one in found] == [
        ("one", "succeeded", 1),
        ("two", "failed", 1),
    ]
    kinds = [(event.kind, event.body.get("stage")) for event in journal.events()]
    journal.close()
    assert kinds == [
        ("run.started", None),
        ("stage.started", "one"),
        ("stage.finished", "one"),
        ("stage.started", "two"),
        ("stage.finished", "two"),
        ("run.finished", None),
    ]


def test_hundreds_of_skipped_stages_need_no_recursion(project: Project) -> None:
    chain = [stage("s0", "exit 1"), *(stage(f"s{i}", "true", needs=(f"s{i - 1}",)) for i in range(1, 2000))]
    result = project.run(*chain)
    assert len(project.of(StageFinished)) == 2000
    assert result.outcomes["s1999"].status == "skipped"


@pytest.mark.parametrize(
    "left",
    [
        "echo x > .hidden; mkdir -p deep/er; echo y > deep/er/file",
        "chmod 500 .; true",
        "chmod 777 .; mkdir -m 0 locked",
        "cd ..; rm -r work; ln -s home work",
        'echo x > "$HOME/mine"; echo y > "$TMPDIR/mine"',
        "echo x > ../beside",
    ],
)
def test_the_next_stage_finds_nothing_of_the_one_before(project: Project, left: str) -> None:
    """They work in the same folder, one after the other."""
    project.write("a", "1")
    look = 'stat -c %a . > seen; ls -A . .. "$HOME" "$TMPDIR" | sed "s|^$PWD||" >> seen; pwd -P >> seen'
    first = stage("first", look, inputs=("a",), outputs=("seen",))
    after = stage("after", f"{look}; true", inputs=("a",), outputs=("seen",), needs=("between",))
    between = stage("between", left, inputs=("a",), needs=("first",))
    result = project.run(first, between, after, jobs=1)
    assert result.status == "succeeded"
    seen = [project.output(result, name)["seen"].decode().splitlines() for name in ("first", "after")]
    unlike = [[line for line in lines if "/workspaces/" not in line] for lines in seen]
    assert unlike[0] == unlike[1]
    assert Path(seen[1][-1]).name == "work"


def test_what_a_stage_left_running_cannot_write_where_the_next_one_works(project: Project) -> None:
    left = "setsid sh -c 'i=0; while [ $i -lt 100 ]; do echo x > intruder; sleep 0.01; i=$((i+1)); done' &"
    result = project.run(
        stage("one", f"{left} sleep 0.05", inputs=()),
        stage("two", "sleep 0.3; ls -A > seen", inputs=(), outputs=("seen",), needs=("one",)),
        jobs=1,
    )
    assert project.output(result, "two") == {"seen": b"seen\n"}
