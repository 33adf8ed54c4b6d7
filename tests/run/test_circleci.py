"""Jobs of CircleCI run by their own rules, with real commands."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from seatrial.errors import BadInput
from seatrial.pipeline.condition import Facts
from seatrial.pipeline.dialects.circleci.questions import posix
from seatrial.pipeline.load import load
from seatrial.pipeline.parameters import with_values
from tests.engine import IMAGE
from tests.run.stages import Project, statuses


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "files").mkdir()
    (tmp_path / "home").mkdir()
    project = Project(tmp_path / "home", tmp_path / "files", [])
    project.write("a/b.txt", "here\n")
    return project


def ran(project: Project, text: str) -> tuple[str, str]:
    """The status of the run, and what its jobs wrote."""
    loaded = load("version: 2.1\n" + text, ".circleci/config.yml")
    assert not [one for one in loaded.findings if one.severity == "error"]
    result = project.run(*loaded.pipeline.stages, jobs=1, dialect="circleci", facts=Facts("main"))
    return result.status, "".join(f"{project.log(stage.name)}\n" for stage in loaded.pipeline.stages)


def outcomes(project: Project, text: str) -> dict[str, str]:
    """The status of each job."""
    loaded = load("version: 2.1\n" + text, ".circleci/config.yml")
    assert not [one for one in loaded.findings if one.severity == "error"], loaded.findings
    result = project.run(*loaded.pipeline.stages, jobs=1, dialect="circleci", facts=Facts("main"))
    return statuses(result)


def steps(*lines: str) -> str:
    return "jobs:\n  build:\n    machine: true\n    steps:\n" + "".join(f"    - {line}\n" for line in lines)


def test_each_step_is_a_process_of_its_own_that_reads_bash_env(project: Project) -> None:
    text = steps(
        "run: cd /; X=lost; echo 'export KEPT=kept' >> $BASH_ENV",
        'run: echo "$X|$KEPT|$(basename $PWD)|$0"',
    )
    assert "|kept|project|/bin/bash\n" in ran(project, text)[1]


def test_a_step_ends_at_its_first_failure_also_within_a_pipe(project: Project) -> None:
    status, log = ran(project, steps("run: {command: 'false | true; echo never', name: pipe}"))
    assert status == "failed"
    assert "never" not in log


def test_after_a_failure_only_what_asks_for_it_runs(project: Project) -> None:
    text = steps(
        "run: {command: echo early, when: on_fail}",
        "run: exit 3",
        "run: echo never",
        "run: {command: echo failed, when: on_fail}",
        "run: {command: echo always, when: always}",
    )
    status, log = ran(project, text)
    assert status == "failed"
    assert "failed\n" in log and "\nalways\n" in log and "\nnever" not in log and "\nearly" not in log
    assert "exit status 3" in log


def test_halt_ends_the_job_green(project: Project) -> None:
    status, log = ran(project, steps("run: circleci-agent step halt", "run: echo never", "run: exit 1"))
    assert (status, "\nnever" in log) == ("succeeded", False)


def test_variables_are_literal_and_the_step_is_before_the_job(project: Project) -> None:
    text = (
        "jobs:\n  build:\n    machine: true\n"
        "    environment: {A: $HOME, B: job, CIRCLE_JOB: mine, D: 3.10, E: on}\n    steps:\n"
        "    - run: {environment: {B: step}, command: 'echo \"$A|$B|$CIRCLE_JOB|$CIRCLECI|$D|$E\"'}\n"
    )
    assert "$HOME|step|mine|true|3.10|on\n" in ran(project, text)[1]


def test_there_is_nothing_of_the_commit_without_a_checkout(project: Project) -> None:
    assert ran(project, steps("run: '[ ! -e a ]'"))[0] == "succeeded"
    assert "here\n" in ran(project, steps("checkout", "run: {command: cat b.txt, working_directory: a}"))[1]


def test_the_working_directory_and_the_path_of_a_checkout(project: Project) -> None:
    text = (
        "jobs:\n  build:\n    machine: true\n    working_directory: ~/repo/sub\n    steps:\n"
        "    - checkout: {path: ~/repo/code}\n    - run: 'cat ../code/a/b.txt ~/repo/code/a/b.txt; pwd'\n"
    )
    status, log = ran(project, text)
    assert status == "succeeded"
    assert "here\nhere\n" in log and "/repo/sub\n" in log


def test_another_shell_a_background_step_and_sudo(project: Project) -> None:
    text = steps(
        "run: {command: echo up > up; sleep 100, background: true}",
        "run: {command: 'while [ ! -e up ]; do sleep 0.05; done; false; echo \"on $0\"', shell: /bin/sh}",
        "run: sudo ls",
    )
    status, log = ran(project, text)
    assert status == "failed"
    assert "on /bin/sh" in log and "sudo is refused" in log


def test_parameters_commands_and_conditions(project: Project) -> None:
    text = (
        "commands:\n  greet:\n    parameters: {who: {type: string}, loud: {type: boolean, default: false},"
        " then: {type: steps, default: []}}\n    steps:\n"
        "    - run: echo 'hello << parameters.who >> \\<< x >>'\n"
        "    - when: {condition: << parameters.loud >>, steps: [run: echo loud]}\n"
        "    - unless: {condition: << parameters.loud >>, steps: [run: echo quiet]}\n"
        "    - steps: << parameters.then >>\n"
        + steps("greet: {who: you, then: [run: echo then]}", "greet: {who: all, loud: true}")
    )
    log = ran(project, text)[1]
    shown = [line for line in log.splitlines() if line and not line.startswith("==>")]
    assert shown == ["hello you << x >>", "quiet", "then", "hello all << x >>", "loud"]


def test_a_matrix_an_executor_and_the_order_of_a_workflow(project: Project) -> None:
    text = (
        "executors:\n  own: {machine: true, environment: {FROM: executor}}\n"
        "jobs:\n  one:\n    parameters: {v: {type: string}}\n    executor: own\n"
        "    steps: [run: echo $FROM << parameters.v >>]\n"
        "  last:\n    machine: true\n    steps: [run: echo last]\n"
        "workflows:\n  all:\n    jobs:\n    - last: {requires: [one]}\n"
        "    - one: {matrix: {parameters: {v: ['3.9', 3.10, x]}, exclude: [{v: x}]}}\n"
    )
    loaded = load("version: 2.1\n" + text, ".circleci/config.yml")
    assert {stage.name: stage.needs for stage in loaded.pipeline.stages} == {
        "last": ("one-3.9", "one-3.10"),
        "one-3.9": (),
        "one-3.10": (),
    }
    status, log = ran(project, text)
    assert status == "succeeded"
    assert "executor 3.9\n" in log and "executor 3.10\n" in log


def test_a_workspace_reaches_all_that_come_after(project: Project) -> None:
    text = (
        "jobs:\n"
        "  make:\n    machine: true\n    steps:\n    - run: mkdir -p out/in; echo made > out/in/file\n"
        "    - persist_to_workspace: {root: out, paths: [in/*]}\n"
        "  between:\n    machine: true\n    steps: [run: 'true']\n"
        "  use:\n    machine: true\n    steps:\n    - attach_workspace: {at: ~/there}\n"
        "    - run: cat ~/there/in/file\n"
        "workflows:\n  all:\n    jobs:\n    - make\n    - between: {requires: [make]}\n"
        "    - use: {requires: [between]}\n"
    )
    status, log = ran(project, text)
    assert status == "succeeded"
    assert "made\n" in log


def test_a_job_left_out_by_its_filter_leaves_out_what_only_requires_it(project: Project) -> None:
    job = "    machine: true\n    steps: [run: echo ran $CIRCLE_JOB]\n"
    text = (
        f"jobs:\n  a:\n{job}  b:\n{job}  c:\n{job}  d:\n{job}workflows:\n  all:\n    jobs:\n"
        "    - a: {filters: {branches: {only: [/never-.*/]}}}\n"
        "    - b: {filters: {branches: {ignore: other}}}\n"
        "    - c: {requires: [a]}\n    - d: {requires: [a, b]}\n"
    )
    assert outcomes(project, text) == {"a": "skipped", "b": "succeeded", "c": "skipped", "d": "succeeded"}


def test_tests_and_artifacts_are_kept_after_a_failure_too(project: Project) -> None:
    xml = '<testsuite tests="1"><testcase name="t"/></testsuite>'
    text = steps(
        f"run: mkdir r; echo '{xml}' > r/a.xml; echo x > art; exit 1",
        "store_test_results: {path: r}",
        "store_artifacts: {path: art}",
    )
    status, log = ran(project, text)
    assert status == "failed"
    assert "==> results r" in log and "==> artifacts art" in log


def test_files_of_tests_are_found_and_not_split(project: Project) -> None:
    project.write("t/x/test_1.py", "")
    text = steps("checkout", "run: circleci tests glob 't/**/test_*.py' | circleci tests split")
    assert "t/x/test_1.py\n" in ran(project, text)[1]


def test_parameters_of_the_pipeline_and_what_only_the_run_knows(project: Project) -> None:
    text = (
        "parameters: {p: {type: string, default: it's}}\njobs:\n  build:\n    machine: true\n"
        "    parameters: {v: {type: string, default: << pipeline.parameters.p >>}}\n    steps:\n"
        '    - run: echo "<< parameters.v >> [<< pipeline.number >>]"\n'
        "    - when: {condition: {equal: ['<< pipeline.number >>', 7]}, steps: [run: echo never]}\n"
        "    - unless: {condition: {matches: {pattern: ^x$, value: << pipeline.number >>}},"
        " steps: [run: echo so]}\n"
    )
    status, log = ran(project, text)
    assert status == "succeeded"
    assert "it's [1]\n" in log and "\nso\n" in log and "\nnever\n" not in log


def test_a_workflow_whose_condition_does_not_hold_runs_nothing(project: Project) -> None:
    text = (
        "jobs:\n  a:\n    machine: true\n    steps: [run: echo ran]\n"
        "workflows:\n  w:\n    when: {and: [true, {not: {or: [1, 0]}}]}\n    jobs: [a]\n"
    )
    assert outcomes(project, text) == {"a": "skipped"}


def test_a_step_that_persists_nothing_fails(project: Project) -> None:
    status, log = ran(project, steps("persist_to_workspace: {root: ., paths: [none]}"))
    assert status == "failed"
    assert "there is no none" in log


def test_an_orb_of_the_file_itself_and_a_job_of_two_workflows(project: Project) -> None:
    text = (
        "orbs:\n  my:\n    commands: {a: {steps: [run: echo from the orb]}}\n"
        "    jobs: {j: {machine: true, steps: [my/a]}}\n"
        "workflows:\n  w: {jobs: [my/j]}\n  v: {jobs: [my/j]}\n"
    )
    status, log = ran(project, text)
    assert status == "succeeded"
    assert log.count("\nfrom the orb\n") == 2


@pytest.mark.parametrize(
    ("pattern", "value", "fits"),
    [
        (r"^(v[\d.]+(?:-rc\d+)?)$", "v1.2-rc10", True),
        (r"^(v[\d.]+(?:-rc\d+)?)$", "v1.2-rcx", False),
        (r"^(release\/.*)$", "release/1", True),
        (r"^([\w-]+)$", "a_b-c", True),
        (r"^([\w-]+)$", "a b", False),
        (r"^(\S+\.x)$", "1.x", True),
        (r"^(\S+\.x)$", "1-x", False),
    ],
)
def test_a_pattern_means_the_same_to_grep(pattern: str, value: str, fits: bool) -> None:
    said = posix(pattern)
    assert said is not None
    done = subprocess.run(["/bin/grep", "-Eq", "-e", said], input=f"{value}\n".encode(), check=False)
    assert (done.returncode == 0) == fits


def commands(project: Project, *lines: str) -> tuple[str, str]:
    """A run of its own, and what only it wrote."""
    project.events.clear()
    return ran(project, steps(*lines))


def test_a_cache_is_kept_under_the_checksum_of_a_file_and_never_changes(project: Project) -> None:
    key = "'deps-{{ checksum \"lock\" }}-{{ .Environment.CIRCLECI }}'"
    save = f"save_cache: {{key: {key}, paths: [deps, ~/.tool]}}"
    make = 'run: mkdir -p deps ~/.tool; cp lock deps/from; echo "$CIRCLE_BUILD_NUM" > ~/.tool/number'
    restore = f"restore_cache: {{keys: [{key}, deps-]}}"
    show = "run: cat deps/from ~/.tool/number || echo nothing"
    lines = ("checkout", restore, show, make, save)
    project.write("lock", "one\n")
    assert "nothing\n" in commands(project, *lines)[1]
    digest = subprocess.run(
        "sha256sum lock | cut -d' ' -f1 | xxd -r -p | base64",
        shell=True,
        cwd=project.files,
        capture_output=True,
        check=True,
        text=True,
    ).stdout.strip()
    log = commands(project, *lines)[1]
    assert "one\n1\n" in log
    assert f"the cache deps-{digest}-true is found" in log
    assert f"there is a cache deps-{digest}-true already" in log
    assert "one\n1\n" in commands(project, *lines)[1]  # the first of a key stands
    project.write("lock", "two\n")
    assert "one\n1\n" in commands(project, *lines)[1]  # by its beginning
    project.write("lock", "one\n")
    assert "two\n4\n" in commands(project, "checkout", "restore_cache: {key: deps-}", show)[1]  # the newest


def test_a_cache_whose_key_has_no_file_fails_the_job(project: Project) -> None:
    status, log = commands(project, "restore_cache: {key: 'a-{{ checksum \"none\" }}'}", "run: echo never")
    assert (status, "\nnever" in log) == ("failed", False)
    assert "there is no file none" in log


def test_a_cache_is_saved_after_a_failure_only_where_it_says_so(project: Project) -> None:
    one = "save_cache: {key: a, paths: [x]}"
    two = "save_cache: {key: b, paths: [x], when: always}"
    log = commands(project, "run: touch x; exit 1", one, two)[1]
    assert "kept as the cache b" in log and "kept as the cache a" not in log


def test_what_requires_says_after_which_end_a_job_runs(project: Project) -> None:
    good, bad = "machine: true, steps: [run: 'true']", "machine: true, steps: [run: exit 1]"
    text = (
        f"jobs: {{good: {{{good}}}, bad: {{{bad}}}, job: {{{good}}}}}\nworkflows:\n  w:\n    jobs:\n"
        "    - good\n    - bad\n"
        "    - job: {name: plain, requires: [bad]}\n"
        "    - job: {name: failed, requires: [bad: failed]}\n"
        "    - job: {name: not-failed, requires: [good: [failed, canceled]]}\n"
        "    - job: {name: either, requires: [good, bad: [success, failed]]}\n"
        "    - job: {name: at-last, requires: [plain: terminal]}\n"
        "    - job: {name: unrun, requires: [plain: not_run]}\n"
    )
    assert outcomes(project, text) == {
        "good": "succeeded",
        "bad": "failed",
        "plain": "skipped",
        "failed": "succeeded",
        "not-failed": "skipped",
        "either": "succeeded",
        "at-last": "succeeded",
        "unrun": "succeeded",
    }


def test_nodes_of_a_job_share_its_tests_and_what_they_keep(project: Project) -> None:
    for number in range(5):
        project.write(f"t/{number}.py", "x" * (number + 1))
    text = (
        "jobs:\n  t:\n    machine: true\n    parallelism: 2\n    steps:\n    - checkout\n"
        "    - run: |\n        mkdir out\n"
        "        circleci tests glob 't/*.py' | circleci tests split > mine\n"
        "        circleci tests glob 't/*.py' | circleci tests run --command='xargs cat' --split-by=timings\n"
        "        cp mine out/$CIRCLE_NODE_INDEX-of-$CIRCLE_NODE_TOTAL\n"
        "    - persist_to_workspace: {root: out, paths: ['*']}\n"
        "  all:\n    machine: true\n    steps: [attach_workspace: {at: .}, run: 'grep . *']\n"
        "workflows: {w: {jobs: [t, all: {requires: [t]}]}}\n"
    )
    status, log = ran(project, text)
    assert status == "succeeded"
    assert [line for line in log.splitlines() if "-of-2:" in line] == [
        "0-of-2:t/0.py",
        "0-of-2:t/2.py",
        "0-of-2:t/4.py",
        "1-of-2:t/1.py",
        "1-of-2:t/3.py",
    ]
    assert "xxxx" in project.log("t/1") and "xxxxx" in project.log("t/0")


def test_a_step_that_is_silent_for_too_long_is_ended_and_the_job_has_failed(project: Project) -> None:
    status, log = commands(
        project,
        "run: {command: 'echo a; sleep 0.3; echo b; sleep 60; echo c', no_output_timeout: 1s}",
        "run: echo never",
        "run: {command: echo after, when: always}",
    )
    assert status == "failed"
    assert "a\nb\n" in log and "Too long with no output" in log and "\nafter\n" in log
    assert "\nc\n" not in log and "\nnever" not in log


def test_jobs_of_other_systems_are_left_out_and_what_needs_them(project: Project) -> None:
    text = (
        "orbs: {win: circleci/windows@5}\njobs:\n"
        "  mac: {macos: {xcode: '15'}, steps: [run: x]}\n"
        "  win: {executor: win/default, steps: [run: x]}\n"
        "  here: {machine: true, steps: [run: echo here]}\n"
        "workflows: {w: {jobs: [mac, win, here, here: {name: after, requires: [mac, here]}]}}\n"
    )
    found = {"mac": "skipped", "win": "skipped", "here": "succeeded", "after": "skipped"}
    assert outcomes(project, text) == found


def test_conditions_of_a_branch_are_decided_before_the_job_begins(project: Project) -> None:
    job = "machine: true, steps: [run: 'true']"
    text = (
        f"jobs: {{j: {{{job}}}}}\nworkflows:\n"
        "  a: {when: {equal: [main, << pipeline.git.branch >>]}, jobs: [j: {name: a}]}\n"
        "  b: {unless: {matches: {pattern: ^ma, value: << pipeline.git.branch >>}}, jobs: [j: {name: b}]}\n"
        '  c: {when: pipeline.git.branch starts-with "ma" and not (1 == 2), jobs: [j: {name: c}]}\n'
        "  d: {when: {or: [<< pipeline.git.tag >>, {not: true}]}, jobs: [j: {name: d}]}\n"
        "  e: {jobs: [j: {name: e, filters: {branches: {only: /m.*(?<!x)/}}}]}\n"
        "  f: {jobs: [j: {name: f, filters: {branches: {only: /ma/}}}]}\n"
        "  g: {jobs: [j: {name: g, filters: {tags: {only: /.*/}, branches: {ignore: /.*/}}}]}\n"
    )
    found = outcomes(project, text)
    assert [name for name, status in found.items() if status == "succeeded"] == ["a", "c", "e"]


def test_an_orb_of_the_file_names_its_own_parts(project: Project) -> None:
    text = (
        "orbs:\n  my:\n    executors: {box: {machine: true, environment: {FROM: box}}}\n"
        "    commands:\n"
        "      say: {parameters: {w: {type: string}}, steps: [run: echo << parameters.w >> $FROM]}\n"
        "      twice: {steps: [say: {w: a}, when: {condition: true, steps: [say: {w: b}]}]}\n"
        "    jobs: {j: {executor: box, steps: [twice]}}\n"
        "workflows: {w: {jobs: [my/j]}}\n"
    )
    status, log = ran(project, text)
    assert status == "succeeded"
    assert "a box\n" in log and "b box\n" in log


def test_images_beside_the_first_are_at_localhost_and_start_as_the_file_says(
    project: Project, docker: str
) -> None:
    listen = "while echo $WORD; do sleep 0.1; done | nc -l -p 7001"
    text = (
        "jobs:\n  j:\n    docker:\n"
        f"    - {{image: '{IMAGE}', environment: {{FIRST: one}}}}\n"
        f"    - {{image: '{IMAGE}', name: db, entrypoint: [sh, -c], command: ['{listen}'],"
        " environment: {WORD: pong, a.b: c}}\n"
        "    environment: {FIRST: two}\n    working_directory: /tmp/code\n    steps:\n    - checkout\n"
        "    - run: 'echo \"$FIRST $(nc localhost 7001 | head -1)\"; cat a/b.txt; pwd'\n"
        "    - run: 'ping -c 1 db >/dev/null && echo by its name'\n"
        "workflows: {w: {jobs: [j]}}\n"
    )
    status, log = ran(project, text)
    assert status == "succeeded", log
    assert "two pong\nhere\n/tmp/code\n" in log


def test_a_cache_leaves_and_enters_a_container(project: Project, docker: str) -> None:
    text = (
        f"jobs:\n  build:\n    docker: [{{image: '{IMAGE}'}}]\n    steps:\n"
        "    - restore_cache: {key: 'v1-{{ arch }}-{{ .Branch }}'}\n"
        "    - run: cat ~/.x/number || true; mkdir -p ~/.x; echo $CIRCLE_BUILD_NUM > ~/.x/number\n"
        "    - save_cache: {key: 'v1-{{ arch }}-{{ .Branch }}', paths: [~/.x]}\n"
    )
    assert ran(project, text)[0] == "succeeded"
    project.events.clear()
    assert "\n1\n" in ran(project, text)[1]


def test_a_job_has_the_secrets_that_it_reads_and_no_log_shows_them(project: Project) -> None:
    (project.home / "secrets.env").write_text("DEPLOY_TOKEN=abc-12345\nOTHER_TOKEN=xyz-12345\n")
    (project.home / "secrets.env").chmod(0o600)
    text = (
        "jobs:\n  build:\n    machine: true\n    steps:\n"
        "    - run: echo ${#DEPLOY_TOKEN} $DEPLOY_TOKEN ${API_KEY:-none}\n"
        "    - run: env | grep OTHER_ || echo no other\n"
        "workflows: {w: {jobs: [build: {context: [org]}]}}\n"
    )
    log = ran(project, text)[1]
    assert "\n9 *** none\n" in log and "\nno other\n" in log


def test_a_run_gives_the_pipeline_its_parameters(project: Project) -> None:
    text = (
        "version: 2.1\nparameters:\n  deploy: {type: boolean, default: false}\n"
        "  image: {type: enum, enum: [a, b], default: a}\n"
        "jobs:\n  j:\n    machine: true\n    steps: [run: echo image << pipeline.parameters.image >>]\n"
        "workflows:\n  w: {when: << pipeline.parameters.deploy >>, jobs: [j]}\n"
    )
    given = (("deploy", "true"), ("image", "b"))
    for values, status in (((), "skipped"), (given, "succeeded")):
        loaded = load(text, ".circleci/config.yml", values=values)
        result = project.run(*loaded.pipeline.stages, dialect="circleci", facts=Facts("main"))
        assert statuses(result) == {"j": status}
    assert "image b\n" in project.log("j") + "\n"
    assert [(one.name, one.kind, one.choices) for one in loaded.pipeline.parameters] == [
        ("deploy", "boolean", ()),
        ("image", "choice", ("a", "b")),
    ]
    with pytest.raises(BadInput, match="cannot be 'c'"):
        with_values(load(text, ".circleci/config.yml", values=(("image", "c"),)).pipeline, (("image", "c"),))


def test_what_comes_from_an_orb_can_be_passed_over(project: Project) -> None:
    text = (
        "version: 2.1\norbs: {node: circleci/node@5, unused: a/b@1}\njobs:\n"
        "  j: {machine: true, steps: [node/install: {v: 1}, run: echo ran]}\n"
        "  k: {executor: node/default, steps: [run: echo never]}\n"
        "workflows: {w: {jobs: [j, k, node/test, j: {name: after, requires: [k]}]}}\n"
    )
    loaded = load(text, ".circleci/config.yml")
    wrong = [one for one in loaded.findings if one.severity == "error"]
    assert wrong and all(one.skippable for one in wrong)
    result = project.run(*loaded.pipeline.stages, dialect="circleci", facts=Facts("main"))
    assert statuses(result) == {"j": "succeeded", "k": "skipped", "node/test": "skipped", "after": "skipped"}
    assert "skipped: node/install comes from an orb" in project.log("j")
    assert "ran" in project.log("j").splitlines()


def test_what_the_run_keeps_does_not_show_in_git(project: Project) -> None:
    text = steps(
        "checkout",
        "run: git init -q . 2>/dev/null; echo x > a/new",
        "store_artifacts: {path: a}",
        'run: echo "[$(git status --short --untracked-files=all | grep kept)]"',
    )
    project.run(*load("version: 2.1\n" + text, ".circleci/config.yml").pipeline.stages, dialect="circleci")
    assert "\n[]\n" in f"{project.log('build')}\n"


def test_a_home_that_is_cached_whole_comes_back(project: Project) -> None:
    save = "save_cache: {key: home, paths: ['~']}"
    commands(project, "run: echo kept > ~/file", save)
    assert "\nkept\n" in commands(project, "restore_cache: {key: home}", "run: cat ~/file")[1] + "\n"
