"""Jobs of CircleCI run by their own rules, with real commands: steps, variables, parameters."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from seatrial.errors import BadInput
from seatrial.pipeline.condition import Facts
from seatrial.pipeline.dialects.circleci.questions import posix
from seatrial.pipeline.load import load
from seatrial.pipeline.parameters import with_values
from tests.engine import IMAGE
from tests.run.circleci import commands, project_of, ran, result, steps
from tests.run.images import image, image_of_its_own_user
from tests.run.stages import Project, statuses

pytestmark = pytest.mark.slow


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return project_of(tmp_path)


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


def test_a_step_is_no_login_shell_and_one_with_another_shell_knows_no_pipes(project: Project) -> None:
    text = steps(
        "run: echo 'export MARK=login' > ~/.bash_profile",
        'run: echo "[${MARK-none}]"; shopt -q login_shell || echo no login shell',
        "run: {command: 'false | true; echo on', shell: /bin/sh}",
    )
    status, log = ran(project, text)
    assert (status, "[none]\nno login shell\n" in log, "\non\n" in log) == ("succeeded", True, True)


def test_where_an_image_has_no_bash_a_step_ends_at_its_first_failure_too(
    project: Project, docker: str
) -> None:
    text = (
        f"jobs:\n  build:\n    docker: [{{image: '{IMAGE}'}}]\n    steps:\n"
        "    - run: {command: 'echo $0; false | true; echo never', name: pipe}\n"
        "    - run: {command: echo at last, when: always}\n"
    )
    status, log = ran(project, text)
    assert (status, "/bin/sh\n" in log, "\nnever\n" in log) == ("failed", True, False)
    assert "\nat last\n" in log


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


def test_variables_that_no_shell_can_set_reach_what_it_starts(project: Project) -> None:
    text = (
        "jobs:\n  build:\n    machine: true\n"
        "    environment: {a-b: job, c.d: 'two words', e-f: << pipeline.git.branch >>, OK: x}\n    steps:\n"
        "    - run: {environment: {a-b: step, g.h: $HOME}, command: env | sort}\n"
        "    - run: {background: true, command: env > ../behind}\n"
        "    - run: 'sleep 1; grep ^a-b ../behind'\n"
    )
    status, log = ran(project, text)
    assert status == "succeeded"
    for one in ("a-b=step\n", "c.d=two words\n", "e-f=main\n", "g.h=$HOME\n", "OK=x\n", "a-b=job\n"):
        assert one in log


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


def test_what_a_job_installs_for_its_user_is_found_and_no_other_job_has_it(project: Project) -> None:
    put = "printf '#!/bin/sh\\necho mine\\n' > ~/.local/bin/tool; chmod +x ~/.local/bin/tool"
    text = (
        "jobs:\n  one: &one\n    machine: true\n    steps:\n"
        "    - run: '[ ! -e $VIRTUAL_ENV/mark ]; touch $VIRTUAL_ENV/mark'\n"
        f'    - run: "mkdir -p ~/.local/bin; {put}"\n    - run: tool\n'
        "  two: *one\nworkflows: {w: {jobs: [one, two]}}\n"
    )
    status, log = ran(project, text)
    assert status == "succeeded", log
    assert log.count("\nmine\n") == 2


def test_the_variables_of_a_job(project: Project) -> None:
    names = [
        "CI",
        "CIRCLECI",
        "CIRCLE_BRANCH",
        "CIRCLE_TAG",
        "CIRCLE_JOB",
        "CIRCLE_BUILD_NUM",
        "CIRCLE_NODE_INDEX",
        "CIRCLE_NODE_TOTAL",
        "CIRCLE_PROJECT_USERNAME",
        "CIRCLE_PROJECT_REPONAME",
        "CIRCLE_WORKING_DIRECTORY",
        "CIRCLE_PULL_REQUEST",
    ]
    show = "; ".join(f'echo "{name}=[${{{name}-unset}}]"' for name in names)
    ids = " ".join(f"${{#CIRCLE_{name}}}" for name in ("SHA1", "WORKFLOW_ID", "PIPELINE_ID"))
    _, log = ran(project, steps(f"run: '{show}; echo ids {ids}'"))
    said = dict(line.split("=", 1) for line in log.splitlines() if line.startswith("CI"))
    assert said == {
        "CI": "[true]",
        "CIRCLECI": "[true]",
        "CIRCLE_BRANCH": "[main]",
        "CIRCLE_TAG": "[]",
        "CIRCLE_JOB": "[build]",
        "CIRCLE_BUILD_NUM": "[1001]",
        "CIRCLE_NODE_INDEX": "[0]",
        "CIRCLE_NODE_TOTAL": "[1]",
        "CIRCLE_PROJECT_USERNAME": "[local]",
        "CIRCLE_PROJECT_REPONAME": "[shop]",
        "CIRCLE_WORKING_DIRECTORY": "[~/project]",
        "CIRCLE_PULL_REQUEST": "[]",
    }
    assert re.search(r"^ids 40 \d\d \d\d$", log, re.MULTILINE)


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        *((one, False) for one in ("false", "null", "0", "''", "{or: []}", "{not: x}", "{equal: [a, b]}")),
        *((one, True) for one in ("true", "1", "x", "{and: []}", "{not: ''}", "{equal: [a, a, a]}")),
        ("{and: [x, {or: ['', {matches: {pattern: '^a.c$', value: abc}}]}]}", True),
        ("{matches: {pattern: b, value: abc}}", True),
        ("{equal: [main, << pipeline.git.branch >>]}", True),
        ("{equal: [dev, << pipeline.git.branch >>]}", False),
    ],
)
def test_what_holds(project: Project, condition: str, holds: bool) -> None:
    text = steps(f"when: {{condition: {condition}, steps: [run: echo held]}}", "run: echo always")
    _, log = ran(project, text)
    assert ("\nheld\n" in log) == holds and "\nalways\n" in log


def test_parameters_of_every_type(project: Project) -> None:
    text = (
        "executors:\n  one: {machine: true, environment: {FROM: one}}\n"
        "  two: {machine: true, parameters: {v: {type: string}}, environment: {FROM: << parameters.v >>}}\n"
        "jobs:\n  j:\n    parameters:\n      e: {type: executor, default: one}\n"
        "      s: {type: string, default: 3.10}\n      i: {type: integer, default: 7}\n"
        "      b: {type: boolean, default: on}\n      c: {type: enum, enum: [x, y], default: y}\n"
        "      n: {type: env_var_name, default: HIDDEN}\n      more: {type: steps, default: []}\n"
        "    executor: << parameters.e >>\n    environment: {HIDDEN: behind}\n    steps:\n"
        "    - run: echo $FROM << parameters.s >> << parameters.i >> << parameters.b >>"
        " << parameters.c >> ${<< parameters.n >>}\n    - steps: << parameters.more >>\n"
        "workflows:\n  w:\n    jobs:\n    - j\n"
        "    - j: {name: k, e: {name: two, v: given}, i: 8, b: false, c: x, more: [run: echo more]}\n"
    )
    log = ran(project, text)[1]
    assert "one 3.10 7 true y behind\n" in log
    assert "given 3.10 8 false x behind\n" in log and log.count("\nmore\n") == 1


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


def test_a_step_that_is_silent_for_too_long_is_ended_and_the_job_has_failed(project: Project) -> None:
    words = "echo a; sleep 0.3; echo b; sleep 600; echo c"
    for seconds in (1, 10, 100):  # the longer ones where this machine is too busy to say so much in time
        status, log = commands(
            project,
            f"run: {{command: '{words}', no_output_timeout: {seconds}s}}",
            "run: echo never",
            "run: {command: echo after, when: always}",
        )
        if "a\nb\n" in log:
            break
    assert status == "failed"
    assert "a\nb\n" in log and "Too long with no output" in log and "\nafter\n" in log
    assert "\nc\n" not in log and "\nnever" not in log


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


def test_an_orb_of_the_file_may_have_parts_that_are_named_as_steps_and_values_are(project: Project) -> None:
    text = (
        "orbs:\n  my:\n    executors: {plain: {machine: true, environment: {FROM: plain}}}\n"
        "    commands:\n"
        "      test: {steps: [run: echo tested]}\n"
        "      say:\n        parameters: {w: {type: enum, enum: [test, plain], default: test}}\n"
        "        steps: [run: 'echo << parameters.w >> $FROM', test]\n"
        "    jobs:\n      run:\n        parameters: {on: {type: executor, default: plain}}\n"
        "        executor: << parameters.on >>\n        steps: [checkout, run: cat a/b.txt, say]\n"
        "workflows: {w: {jobs: [my/run]}}\n"
    )
    status, log = ran(project, text)
    assert status == "succeeded"
    assert [one for one in ("here\n", "\ntest plain\n", "\ntested\n") if one not in log] == []


def test_an_orb_of_a_registry_within_one_of_the_file_is_known_or_can_be_passed_over(project: Project) -> None:
    text = (
        "version: 2.1\norbs:\n  my:\n"
        "    orbs: {jq: circleci/jq@2, py: circleci/python@2, un: used/by-nobody@1}\n"
        "    commands: {a: {steps: [jq/install, run: echo after]}}\n"
        "    jobs: {j: {machine: true, steps: [a]}, k: {machine: true, steps: [run: echo k]}}\n"
        "workflows: {w: {jobs: [my/j, my/k]}}\n"
    )
    loaded = load(text, ".circleci/config.yml")
    assert [(one.place.line, one.severity, one.skippable) for one in loaded.findings] == [
        (4, "error", True),
        (5, "error", True),
    ]
    assert "`my/jq/install` comes from the orb circleci/jq@2," in loaded.findings[1].message
    found = project.run(*loaded.pipeline.stages, dialect="circleci", facts=Facts("main"))
    assert statuses(found) == {"my/j": "succeeded", "my/k": "succeeded"}
    assert "skipped: my/jq/install comes from an orb" in project.log("my/j")
    assert project.log("my/j").endswith("\nafter")


SECTIONS = (
    "commands:\n  say:\n    parameters:\n"
    "      file: {type: string, default: ''}\n      loud: {type: boolean, default: false}\n"
    "      more: {type: steps, default: []}\n"
    "    steps:\n    - run: >-\n        echo '"
    "<<#parameters.file>>-r << parameters.file >><</parameters.file>>"
    "<<^ parameters.file >>none<<#parameters.loud>> at all<</parameters.loud>><</ parameters.file >>"
    "<<#parameters.loud>>!<</parameters.loud>><<^parameters.more>>.<</parameters.more>> \\<<#it>>'\n"
)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("say", "none. <<#it>>"),
        ("say: {loud: true}", "none at all!. <<#it>>"),
        ("say: {file: r.txt}", "-r r.txt. <<#it>>"),
        ("say: {file: r.txt, loud: true, more: [checkout]}", "-r r.txt! <<#it>>"),
    ],
)
def test_a_part_of_a_text_is_there_where_a_parameter_is_something(
    project: Project, given: str, said: str
) -> None:
    status, log = ran(project, SECTIONS + steps(given))
    assert (status, f"\n{said}\n" in log) == ("succeeded", True), log


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
        '    - run: \'until said=$(nc localhost 7001 | head -1); [ "$said" ]; do sleep 0.1; done;'
        ' echo "$FIRST $said"; cat a/b.txt; pwd\'\n'
        "    - run: 'ping -c 1 db >/dev/null && echo by its name'\n"
        "workflows: {w: {jobs: [j]}}\n"
    )
    status, log = ran(project, text)
    assert status == "succeeded", log
    assert "two pong\nhere\n/tmp/code\n" in log


def test_a_container_beside_the_first_that_does_not_start_is_named(project: Project, docker: str) -> None:
    images = f"[{{image: '{IMAGE}'}}, {{image: '{IMAGE}', name: db}}]"  # the image says no command
    text = f"jobs:\n  build:\n    docker: {images}\n    steps: [run: echo never]\n"
    found = result(project, text)
    assert found.status == "failed" and "never" not in project.log("build")
    said = f"the service db ({IMAGE}) does not start: docker run: "
    assert found.outcomes["build"].message.startswith(said), found.outcomes["build"].message


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


def test_a_job_has_the_secrets_whose_names_its_parameters_hold(project: Project) -> None:
    (project.home / "secrets.env").write_text(
        "HUB_LOGIN=somebody\nHUB_PASSWORD=abc-12345\nOTHER_LOGIN=other\n"
    )
    (project.home / "secrets.env").chmod(0o600)
    text = (
        "commands:\n  login:\n    parameters:\n      user: {type: env_var_name, default: HUB_LOGIN}\n"
        "      password: {type: env_var_name, default: HUB_PASSWORD}\n"
        "      plain: {type: string, default: OTHER_LOGIN}\n"
        "    steps:\n    - run:\n        environment: {U: << parameters.user >>, O: << parameters.plain >>}\n"
        "        command: echo ${#U} ${!U:+there} ${#<< parameters.password >>} ${!O:-none}\n"
        "jobs:\n  a: {machine: true, steps: [login]}\n"
        "  b: {machine: true, steps: [run: 'env | grep HUB || echo no']}\n"
        "workflows: {w: {jobs: [a, b]}}\n"
    )
    log = ran(project, text)[1]
    assert "\n9 there 9 none\n" in log and "\nno\n" in log


def test_what_a_job_sets_is_before_what_a_context_holds_and_a_step_has_the_last_word(
    project: Project,
) -> None:
    (project.home / "secrets.env").write_text("A_TOKEN=of-the-context\nB_TOKEN=of-the-context\n")
    (project.home / "secrets.env").chmod(0o600)
    text = (
        "jobs:\n  build:\n    machine: true\n    environment: {A_TOKEN: job, C: job}\n    steps:\n"
        "    - run: {environment: {C: step}, command: 'C=shell; echo $A_TOKEN ${#B_TOKEN} $C'}\n"
        "    - run: echo $C\n"
        "workflows: {w: {jobs: [build: {context: org}]}}\n"
    )
    log = ran(project, text)[1]
    assert "\njob 14 shell\n" in log and "\njob\n" in log


def test_a_build_of_a_tag_knows_it_and_has_no_branch(project: Project) -> None:
    loaded = load(
        "version: 2.1\n" + steps("run: 'echo \"[$CIRCLE_BRANCH|$CIRCLE_TAG]\"'"), ".circleci/config.yml"
    )
    change = project.request().change._replace(branch="", tag="v1")
    project.run(*loaded.pipeline.stages, dialect="circleci", change=change, facts=Facts("", tag="v1"))
    assert project.log("build").endswith("[|v1]")


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
        "version: 2.1\norbs: {node: circleci/node@5, box: a/box@5, unused: a/b@1}\njobs:\n"
        "  j: {machine: true, steps: [node/install: {v: 1}, run: echo ran]}\n"
        "  k: {executor: box/default, steps: [run: echo never]}\n"
        "workflows: {w: {jobs: [j, k, node/test, j: {name: after, requires: [k]}]}}\n"
    )
    loaded = load(text, ".circleci/config.yml")
    wrong = [one for one in loaded.findings if one.severity == "error"]
    assert wrong and all(one.skippable for one in wrong)
    result = project.run(*loaded.pipeline.stages, dialect="circleci", facts=Facts("main"))
    assert statuses(result) == {"j": "succeeded", "k": "skipped", "node/test": "skipped", "after": "skipped"}
    assert "skipped: node/install comes from an orb" in project.log("j")
    assert "ran" in project.log("j").splitlines()


def test_each_job_has_a_number_of_its_own_which_a_rerun_keeps(project: Project) -> None:
    echo = 'echo "$CIRCLE_BUILD_NUM $CIRCLE_WORKFLOW_JOB_ID"'
    say = f"steps: [run: '{echo}']"
    fail = f"'{echo}; test -e {project.home}/x || ! touch {project.home}/x'"
    text = (
        f"jobs:\n  a: {{machine: true, {say}}}\n  b: {{machine: true, parallelism: 2, {say}}}\n"
        f"  c: {{machine: true, steps: [run: {{command: {fail}, max_auto_reruns: 1}}]}}\n"
        "workflows: {w: {jobs: [a, b, c]}}\n"
    )
    assert result(project, text).status == "succeeded"
    said = {
        name: set(re.findall(r"^\d{4} \S+$", project.log(name), re.MULTILINE))
        for name in ("a", "b/0", "b/1", "c")
    }
    assert [len(numbers) for numbers in said.values()] == [1, 1, 1, 1]
    assert said["b/0"] == said["b/1"]
    assert [min(said[name]).partition(" ")[0] for name in ("a", "b/0", "c")] == ["1001", "1002", "1003"]
    assert len({min(numbers).partition(" ")[2] for numbers in said.values()}) == 3


def test_a_job_in_a_container_finds_the_history_of_its_checkout(project: Project, docker: str) -> None:
    """The image has no Git: what a clone borrows its objects from is there, and nobody can write to it."""
    text = (
        f"jobs:\n  j:\n    docker: [{{image: '{IMAGE}'}}]\n    steps:\n    - checkout\n"
        "    - run: cd $(cat .git/objects/info/alternates); pwd; ls -d ??/* | wc -l; touch x || echo no\n"
        "workflows: {w: {jobs: [j]}}\n"
    )
    assert result(project, text).status == "succeeded", project.log("j")
    objects = project.home / "repository" / ".git" / "objects"
    count = len(list(objects.glob("??/*")))
    assert f"\n{objects}\n{count}\n" in project.log("j") and "\nno" in project.log("j")


@pytest.mark.parametrize("where", ["machine: true", f"docker: [{{image: '{IMAGE}'}}]"])
def test_links_of_the_commit_that_lead_out_are_checked_out_as_git_does(
    project: Project, docker: str, where: str
) -> None:
    for name, target in (("out", "/etc/passwd"), ("up", "../../x"), ("a/root", "/"), ("gone", "nowhere")):
        (project.files / name).symlink_to(target)
    text = (
        f"jobs:\n  one:\n    {where}\n    steps:\n    - run: echo x > y\n"
        "    - persist_to_workspace: {root: ., paths: [y]}\n"
        f"  two:\n    {where}\n    steps:\n    - checkout\n    - attach_workspace: {{at: .}}\n"
        "    - run: ls -l out up a/root gone; cat a/b.txt y\n"
        "workflows: {w: {jobs: [one, two: {requires: [one]}]}}\n"
    )
    found = result(project, text)
    assert statuses(found) == {"one": "succeeded", "two": "succeeded"}, project.log("two")
    said = re.findall(r"\S+ -> \S+|^here|^x", project.log("two"), re.MULTILINE)
    assert said == ["a/root -> /", "gone -> nowhere", "out -> /etc/passwd", "up -> ../../x", "here", "x"]


@pytest.fixture(params=[0o022, 0o077])
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    """Each of what people have."""
    before = os.umask(request.param)
    yield
    os.umask(before)


@pytest.mark.usefixtures("umask")
def test_a_job_runs_as_the_user_of_its_image_and_leaves_nothing_that_is_not_ours(
    project: Project, docker: str
) -> None:
    text = (
        f"jobs:\n  j:\n    docker: [{{image: '{image_of_its_own_user()}'}}]\n    steps:\n    - checkout\n"
        "    - run: cd $(cat .git/objects/info/alternates); pwd; cat ??/* | wc -c\n"
        "    - restore_cache: {key: k}\n"
        "    - run: 'id -u; pwd; ls ~; mkdir -p a/made; touch a/made/x; cat ~/.kept/n || true'\n"
        "    - run: mkdir -p ~/.kept; echo kept > ~/.kept/n\n"
        "    - save_cache: {key: k, paths: [~/.kept]}\n    - store_artifacts: {path: a}\n"
        "workflows: {w: {jobs: [j]}}\n"
    )
    found = result(project, text)
    assert found.status == "succeeded", project.log("j")
    assert "\n4321\n/home/joe/project\nproject\ntool\n" in project.log("j")
    objects = project.home / "repository" / ".git" / "objects"
    size = sum(one.stat().st_size for one in objects.glob("??/*"))
    assert f"\n{objects}\n{size}\n" in project.log("j"), "he reads the history, whoever may read it here"
    assert ".circleci-kept/artifacts/j/a/made/x" in project.output(found, "j")
    project.events.clear()
    assert result(project, text).status == "succeeded" and "\nkept" in project.log("j")
    assert [path for path in project.home.rglob("*") if path.lstat().st_uid != os.getuid()] == []


@pytest.mark.parametrize("closed", ["{home}", "/{top}"])
def test_a_user_who_may_not_enter_what_lies_above_the_workspace_in_the_image_works_there(
    project: Project, docker: str, closed: str
) -> None:
    """Such as `/root`, where the home of who runs seatrial lies."""
    folder = closed.format(home=project.home, top=project.home.parts[1])
    close = f"mkdir -p {project.home} && chmod 700 {folder}"
    name = image("seatrial/closed:1", f"FROM {image_of_its_own_user()}\nUSER 0\nRUN {close}\nUSER joe\n")
    mode = Path(folder).stat().st_mode
    text = (
        f"jobs:\n  j:\n    docker: [{{image: '{name}'}}]\n    steps:\n    - checkout\n"
        "    - run: id -u; pwd; cat a/b.txt; cat .git/HEAD; echo x > new\n"
        "    - run: cat $(cat .git/objects/info/alternates)/??/* | wc -c\n"
        "    - store_artifacts: {path: new}\nworkflows: {w: {jobs: [j]}}\n"
    )
    found = result(project, text)
    assert found.status == "succeeded", (project.log("j"), found.outcomes["j"].message)
    assert "\n4321\n/home/joe/project\nhere\nref: refs/heads/main\n" in project.log("j")
    assert not project.log("j").endswith("\n0")
    assert project.output(found, "j") == {".circleci-kept/artifacts/j/new/new": b"x\n"}
    assert Path(folder).stat().st_mode == mode, "a folder of this machine was opened"
