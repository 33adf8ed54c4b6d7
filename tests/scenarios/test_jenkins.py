"""The rules of Jenkins, each on real commands: order, exit codes, environment, and what runs after.

The numbers are those of the rules; what a step or a directive does besides is in `tests/run/test_jenkins_*`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from seatrial.errors import BadInput
from seatrial.pipeline.condition import Trigger
from tests.conftest import Repository
from tests.scenarios.travis import Ran, run_of

pytestmark = pytest.mark.slow

ALL = "always changed fixed regression aborted success unsuccessful unstable failure notBuilt cleanup"
EVERY_POST = "\n".join(f"{name} {{ echo 'post {name}' }}" for name in reversed(ALL.split()))

ECHO = "echo 'a'"
REQUEST = Trigger("pull_request", "17", "main")


@pytest.fixture
def made(home: object, repository: Callable[..., Repository]) -> Repository:
    made = repository()
    made.write("kept.txt", "of the commit\n")
    return made


def ran(made: Repository, body: str, env: dict[str, str] | None = None, **wanted: Any) -> Ran:
    """Run a pipeline of these sections; the lines that `-x` writes are left out of its logs."""
    made.write("Jenkinsfile", f"pipeline {{\nagent any\n{body}\n}}\n")
    return run_of(made, env, repeated="+ ", **wanted)


def one(steps: str, more: str = "") -> str:
    """The only stage of a pipeline."""
    return f"stages {{ stage('One') {{\nsteps {{\n{steps}\n}}\n{more}\n}} }}"


def said(found: Ran, stage: str = "One") -> list[str]:
    return found.logs.get(stage, "").splitlines()


def posts(found: Ran, stage: str = "One") -> list[str]:
    """The conditions of `post` that held, in their order."""
    return [line.removeprefix("post ") for line in said(found, stage) if line.startswith("post ")]


# 1. A shell a step, with -xe; an exit code that is not 0 fails it.


def test_each_sh_is_a_process_of_its_own(made: Repository) -> None:
    steps = "sh 'cd /; export X=1; echo first'\nsh 'test -e kept.txt; echo \"second [$X]\"'"
    found = ran(made, one(steps))
    assert (found.status, said(found)) == ("succeeded", ["first", "second []"])


def test_sh_ends_at_its_first_failure_and_tells_its_commands_on_stderr(made: Repository) -> None:
    steps = """script {
        def out = sh(returnStdout: true, script: 'echo one; echo two >&2')
        echo "[${out}]"
        try { sh 'false; echo never' } catch (e) { echo e.message }
        echo "status ${sh(returnStatus: true, script: 'exit 7; exit 3')}"
    }
    sh 'exit 9'
    echo 'never'"""
    found = ran(made, one(steps))
    assert found.status == "failed"
    assert found.messages["One"] == "`exit 9` ended with exit code 9"
    assert said(found) == ["two", "[one", "]", "script returned exit code 1", "status 7"]


def test_a_script_of_another_interpreter_runs_as_it_is(made: Repository) -> None:
    steps = "sh '''#!/bin/bash\n[[ a == a ]] && false\necho \"goes on in ${BASH##*/} with $-\"'''"
    found = ran(made, one(steps))
    assert (found.status, said(found)) == ("succeeded", ["goes on in bash with hB"])


# 2. The order at the start of a pipeline, and that what comes after runs also when it fails.


def test_credentials_come_before_the_environment_and_the_checkout_before_both(made: Repository) -> None:
    body = """environment {
        URL = "http://${HUB_USR}@hub/"
        FILE = sh(returnStdout: true, script: 'cat kept.txt').trim()
        HUB = credentials('hub')
    }
    options { timeout(time: 1, unit: 'HOURS') }
    stages { stage('One') { steps { sh 'echo "$URL $FILE ${#HUB_PSW}"' } } }"""
    found = ran(made, body, {"HUB_USR": "ada", "HUB_PSW": "open sesame"})
    assert (found.status, said(found)) == ("succeeded", ["http://ada@hub/ of the commit 11"])


@pytest.mark.parametrize(
    ("environment", "status"),
    [
        ("A = sh(returnStdout: true, script: 'exit 3')", "failed"),
        ("A = \"${readJSON(text: '[').size()}\"", "failed"),
        ("A = credentials('nowhere')", "errored"),
    ],
)
def test_what_comes_after_the_pipeline_runs_where_the_start_fails(
    made: Repository, environment: str, status: str
) -> None:
    shown = EVERY_POST.replace("echo 'post always'", "sh 'echo \"post ${A-unset} $B\"'")
    stage = one(ECHO, f"post {{ {EVERY_POST} }}")
    found = ran(made, f"environment {{ {environment}\nB = 'known' }}\n{stage}\npost {{ {shown} }}")
    assert found.status == status
    assert posts(found) == []  # its stage has not begun
    assert posts(found, "finally") == ["unset known", "changed", "unsuccessful", "failure", "cleanup"]
    assert "a" not in said(found)


@pytest.mark.usefixtures("docker")
def test_what_needs_no_agent_runs_after_a_pipeline_whose_agent_cannot_be_had(made: Repository) -> None:
    body = f"""pipeline {{ agent {{ docker {{ image 'nowhere.invalid/none:1' }} }}
    {one("sh 'echo never'")}
    post {{ {EVERY_POST.replace("echo 'post changed'", "sh 'echo never'")} }} }}"""
    made.write("Jenkinsfile", body)
    found = run_of(made, repeated="+ ")
    assert (found.status, posts(found, "finally")) == (
        "errored",
        ["always", "unsuccessful", "failure", "cleanup"],
    )
    assert "never" not in found.log
    assert "there is nowhere to run a command: the image nowhere.invalid/none:1 cannot be had" in found.log


def test_without_the_checkout_the_workspace_is_empty(made: Repository) -> None:
    shown = "sh 'ls -A; git rev-parse 2> /dev/null || echo no repository'"
    body = f"""options {{ skipDefaultCheckout() }}
    stages {{ stage('One') {{ steps {{ {shown}\ncheckout scm\nsh 'cat kept.txt' }} }} }}"""
    found = ran(made, body)
    assert (found.status, said(found)) == ("succeeded", ["no repository", "of the commit"])


def test_options_stand_around_the_stages_and_within_the_environment(made: Repository) -> None:
    count = "sh(returnStdout: true, script: 'echo made >> ../made; wc -l < ../made').trim()"
    body = f"""environment {{ MADE = {count} }}
    options {{ retry(3) }}
    stages {{ stage('One') {{ steps {{ echo "try with $MADE"\nsh 'exit 1' }} }} }}
    post {{ always {{ echo "post with $MADE" }} }}"""
    found = ran(made, body)
    assert found.status == "failed"
    assert [line for line in said(found) if "with" in line] == ["try with 1"] * 3
    assert said(found, "finally") == ["post with 1"] * 3


# 3. The order within a stage.


def test_a_condition_comes_before_the_environment_of_its_stage(made: Repository) -> None:
    body = """environment { WHO = 'outer' }
    stages { stage('One') {
        environment { WHO = sh(returnStdout: true, script: 'echo evaluated >&2; echo inner').trim() }
        when { expression { echo "asked of $WHO"; return WHO == 'outer' } }
        steps { echo "runs as $WHO" }
        post { always { echo "after as $WHO" } }
    } }"""
    found = ran(made, body)
    assert found.status == "succeeded"
    assert found.log.splitlines() == ["asked of outer", "evaluated", "runs as inner", "after as inner"]


@pytest.mark.parametrize("before", ["", "beforeAgent true;", "beforeOptions true;"])
def test_a_stage_left_out_has_no_post_and_evaluates_nothing(made: Repository, before: str) -> None:
    body = f"""stages {{ stage('One') {{
        environment {{ A = sh(returnStdout: true, script: 'echo never >&2') }}
        when {{ {before} expression {{ false }} }}
        steps {{ echo 'never' }}
        post {{ always {{ echo 'never' }} }}
    }}
    stage('Two') {{ steps {{ echo 'two' }} }} }}"""
    found = ran(made, body)
    assert (found.status, found.statuses["One"], found.log) == ("succeeded", "skipped", "two")


def test_the_values_of_a_cell_are_there_for_its_condition(made: Repository) -> None:
    body = """stages { stage('M') { matrix {
        axes { axis { name 'OS'; values 'linux', 'mac' } }
        when { expression { OS == 'linux' } }
        environment { WHERE = "on ${OS}" }
        stages { stage('Cell') { steps { sh 'echo "$OS $WHERE"' } } }
    } } }"""
    found = ran(made, body)
    assert (found.status, found.log) == ("succeeded", "linux on linux")
    assert sorted(found.statuses.values()) == ["skipped", "succeeded"]


def test_a_parallel_stage_asks_its_condition_once_before_its_branches(made: Repository) -> None:
    branches = "stage('A') { steps { echo 'never' } }\nstage('B') { steps { echo 'never' } }"
    body = f"stages {{ stage('P') {{ when {{ branch 'other' }}\nparallel {{ {branches} }} }} }}"
    found = ran(made, body)
    assert (found.status, set(found.statuses.values()), found.log) == ("succeeded", {"skipped"}, "")


def test_a_parallel_stage_has_no_agent(made: Repository) -> None:
    branches = "stage('A') { steps { echo 'a' } }"
    with pytest.raises(BadInput):
        ran(made, f"stages {{ stage('P') {{ agent any\nparallel {{ {branches} }} }} }}")


@pytest.mark.parametrize(("before", "is_asked"), [("beforeInput true\n", False), ("", True)])
def test_a_person_is_asked_before_the_condition_unless_that_comes_before(
    made: Repository, before: str, is_asked: bool
) -> None:
    stage = f"""stages {{ stage('One') {{
        input {{ message 'Sure?' }}
        when {{ {before} expression {{ false }} }}
        steps {{ echo 'never' }}
    }} }}"""
    found = ran(made, stage)
    assert "never" not in found.log
    assert any("Sure?" in message for message in found.messages.values()) == is_asked
    assert (found.status == "succeeded") != is_asked  # nobody is there to answer


@pytest.mark.parametrize("before", [False, True])
def test_a_condition_is_asked_where_its_stage_runs_unless_it_comes_before_the_agent(
    made: Repository, before: bool
) -> None:
    asked = "sh 'echo asked in $PWD'\nreturn true"
    body = f"""stages {{ stage('Out') {{ steps {{ sh 'echo out in $PWD' }} }}
    stage('One') {{
        agent any
        when {{ {"beforeAgent true;" if before else ""} expression {{ {asked} }} }}
        steps {{ sh 'echo runs in $PWD' }}
    }} }}"""
    lines = [line.split(" in ") for line in ran(made, body).log.splitlines() if " in " in line]
    where = dict(lines)
    assert where["runs"] != where["out"]
    assert where["asked"] == where["out" if before else "runs"]


def test_what_is_in_a_stage_comes_between_its_environment_and_its_end(made: Repository) -> None:
    body = """stages { stage('Outer') {
        environment { WHO = credentials('token'); SIZE = "${WHO.size()}" }
        stages {
            stage('A') { steps { echo "a $SIZE" }
                post { always { echo "after a" } } }
            stage('B') { environment { SIZE = 'own' }
                steps { echo "b $SIZE" } }
        }
        post { always { echo "after all $SIZE" } }
    } }"""
    found = ran(made, body, {"TOKEN": "t-o-k-e-n"})
    assert (found.status, found.log.splitlines()) == (
        "succeeded",
        ["a 9", "after a", "b own", "after all 9"],
    )


# 4. After a failure, and after what is unstable.


def test_after_a_failure_the_rest_is_left_out_with_its_post(made: Repository) -> None:
    body = """stages {
        stage('One') { steps { sh 'exit 2' } }
        stage('Two') {
            steps { echo 'never' }
            post { always { echo 'never' } }
        }
        stage('Three') {
            stages { stage('Inner') { steps { echo 'never' } } }
            post { cleanup { echo 'never' } }
        }
    }
    post { failure { echo 'post failure' } }"""
    found = ran(made, body)
    assert found.status == "failed"
    assert found.log.split() == ["post", "failure"]
    assert [found.statuses[name] for name in ("One", "Two", "Inner")] == ["failed", "skipped", "skipped"]


@pytest.mark.parametrize(
    ("options", "goes_on"), [("", True), ("options { skipStagesAfterUnstable() }", False)]
)
def test_what_is_unstable_goes_on_unless_the_file_says_otherwise(
    made: Repository, options: str, goes_on: bool
) -> None:
    body = f"""{options}
    stages {{ stage('One') {{ steps {{ unstable 'shaky'\necho 'same stage' }} }}
    stage('Two') {{ steps {{ echo 'next stage' }} }} }}"""
    found = ran(made, body)
    assert (found.status, said(found)) == ("unstable", ["shaky", "same stage"])
    assert (said(found, "Two") == ["next stage"]) == goes_on


# 5. What comes after: its order, and what each condition is held against.

HOW = {
    "succeeded": "echo 'fine'",
    "unstable": "unstable 'shaky'",
    "failed": "sh 'exit 1'",
    "cancelled": "timeout(time: 100, unit: 'MILLISECONDS') { sh 'sleep 600' }",
}
HELD = {
    ("", "succeeded"): "always changed success cleanup",
    ("", "unstable"): "always changed unsuccessful unstable cleanup",
    ("", "failed"): "always changed unsuccessful failure cleanup",
    ("", "cancelled"): "always changed aborted unsuccessful cleanup",
    ("succeeded", "succeeded"): "always success cleanup",
    ("failed", "succeeded"): "always changed fixed success cleanup",
    ("unstable", "succeeded"): "always changed fixed success cleanup",
    ("cancelled", "succeeded"): "always changed success cleanup",
    ("succeeded", "unstable"): "always changed regression unsuccessful unstable cleanup",
    ("unstable", "failed"): "always changed regression unsuccessful failure cleanup",
    ("failed", "failed"): "always unsuccessful failure cleanup",
    ("failed", "unstable"): "always changed unsuccessful unstable cleanup",
    ("failed", "cancelled"): "always changed regression aborted unsuccessful cleanup",
}


@pytest.mark.parametrize(("before", "now"), list(HELD))
def test_the_conditions_of_post_in_their_order(made: Repository, before: str, now: str) -> None:
    post = f"post {{ {EVERY_POST} }}"
    if before:
        assert ran(made, f"{one(HOW[before])}").status == before
    found = ran(made, f"{one(HOW[now], post)}\n{post}")
    assert found.status == now
    assert posts(found) == HELD[before, now].split()
    assert posts(found, "finally") == HELD[before, now].split()


def test_the_run_before_is_that_of_the_branch(made: Repository) -> None:
    last = 'echo "${currentBuild.previousBuild?.result}"'
    body = one(f"script {{ {last} }}\nsh 'test ! -e broken'", f"post {{ {EVERY_POST} }}")
    ran(made, body)
    made.git("checkout", "--quiet", "-b", "topic")
    made.write("broken", "")
    found = ran(made, body)
    assert (said(found)[0], posts(found)) == (
        "null",
        ["always", "changed", "unsuccessful", "failure", "cleanup"],
    )
    made.git("checkout", "--quiet", "main")
    found = ran(made, body)
    assert (said(found)[0], posts(found)) == ("SUCCESS", ["always", "success", "cleanup"])
    made.git("checkout", "--quiet", "topic")
    made.git("rm", "--quiet", "broken")
    found = ran(made, body)
    assert (said(found)[0], posts(found)) == ("FAILURE", ["always", "changed", "fixed", "success", "cleanup"])


def test_what_fails_in_post_counts_for_the_conditions_after_it_and_stops_none(made: Repository) -> None:
    post = "post { always { sh 'exit 4' }\nsuccess { echo 'post success' }\n"
    post += "failure { error 'again' }\ncleanup { echo 'post cleanup' } }"
    found = ran(made, f"{one(ECHO, post)}\n{post.replace('4', '5')}")
    assert found.status == "failed"
    assert posts(found) == ["cleanup"]
    found = ran(made, f"{one(ECHO)}\n{post}")
    assert (found.status, posts(found, "finally")) == ("failed", ["cleanup"])


# 6. Interruptions, attempts, and what is caught.

SHORT = "timeout(time: 200, unit: 'MILLISECONDS')"


@pytest.mark.parametrize(
    ("steps", "lines", "status"),
    [
        ("retry(3) { sh 'echo try; exit 1' }", ["try", "try", "try"], "failed"),
        (f"retry(2) {{ {SHORT} {{ echo 'try'; sh 'sleep 600' }} }}", ["try", "try"], "cancelled"),
        (f"{SHORT} {{ retry(2) {{ echo 'try'; sh 'sleep 600' }} }}", ["try"], "cancelled"),
        ("catchError { sh 'exit 1' }\necho 'on'", ["on"], "failed"),
        (f"catchError {{ {SHORT} {{ sh 'sleep 600' }} }}\necho 'on'", ["on"], "cancelled"),
        ("warnError('hm') { sh 'exit 1' }\necho 'on'", ["on"], "unstable"),
        ("unstable 'hm'\necho 'on'", ["hm", "on"], "unstable"),
        ("writeFile file: 'r.xml', text: REPORT\njunit 'r.xml'\necho 'on'", ["on"], "unstable"),
    ],
)  # fmt: skip
def test_how_often_a_block_is_tried_and_what_it_leaves(
    made: Repository, steps: str, lines: list[str], status: str
) -> None:
    report = '<testsuite tests="1" failures="1"><testcase name="a"><failure/></testcase></testsuite>'
    after = "post { aborted { echo 'post aborted' }\nfailure { echo 'post failure' } }"
    found = ran(made, one(steps.replace("REPORT", f"'{report}'"), after))
    assert found.status == status
    assert [line for line in said(found) if line in ("try", "on", "hm")] == lines
    assert posts(found) == {"cancelled": ["aborted"], "failed": ["failure"]}.get(status, [])


TIMES_OUT = f"{SHORT} {{ sh 'sleep 600' }}"


@pytest.mark.parametrize(
    ("script", "lines", "status"),
    [
        (
            f"try {{ {TIMES_OUT} }} catch (e) {{ echo e.class.simpleName }}\necho 'on'",
            ["FlowInterruptedException", "on"],
            "succeeded",
        ),
        (
            f"try {{ {TIMES_OUT} }} catch (InterruptedException e) {{ echo 'caught'; throw e }}\necho 'on'",
            ["caught"],
            "cancelled",
        ),
        (
            f"{SHORT} {{ try {{ sh 'sleep 600' }} finally {{ sh 'echo cleared' }} }}\necho 'on'",
            ["cleared"],
            "cancelled",
        ),
    ],
)
def test_a_script_is_interrupted_by_an_exception(
    made: Repository, script: str, lines: list[str], status: str
) -> None:
    found = ran(made, one(f"script {{ {script} }}"))
    assert (found.status, said(found)) == (status, lines)


# 7. Branches.


@pytest.mark.parametrize(
    ("options", "fail_fast", "ends"),
    [("", "", True), ("", "failFast true", False), ("options { parallelsAlwaysFailFast() }", "", False)],
)
def test_branches_are_waited_for_unless_the_first_failure_ends_them(
    made: Repository, options: str, fail_fast: str, ends: bool
) -> None:
    body = f"""{options}
    stages {{ stage('P') {{
        {fail_fast}
        parallel {{
            stage('A') {{ steps {{ sh 'until test -e begun; do sleep 0.05; done; exit 1' }} }}
            stage('B') {{ steps {{ sh 'touch begun; sleep {1 if ends else 600}; echo ended' }} }}
        }}
    }}
    stage('After') {{ steps {{ echo 'never' }} }} }}"""
    found = ran(made, body, jobs=2)
    assert (found.status, found.statuses["After"]) == ("failed", "skipped")
    assert (said(found, "B") == ["ended"]) == ends
    assert found.statuses["B"] == ("succeeded" if ends else "cancelled")


# 8. The conditions of `when`: see also tests/run/test_jenkins_when.


@pytest.mark.parametrize(
    ("when", "branch", "runs"),
    [
        ("branch 'release/*'", "release/1", True),
        ("branch 'release/*'", "release/1/x", False),
        ("branch 'release/**'", "release/1/x", True),
        ("branch pattern: 'rel.*\\\\d', comparator: 'REGEXP'", "release/1", True),
        ("branch pattern: 'release', comparator: 'EQUALS'", "release/1", False),
        ("not { branch 'main' }", "dev", True),
        ("branch 'dev'\nenvironment name: 'A', value: '1'", "dev", True),
        ("branch 'dev'\nenvironment name: 'A', value: '2'", "dev", False),
        ("changeset 'KEPT.*'", "dev", True),
        ("changeset '*.py'", "dev", False),
        ("tag 'v*'", "dev", False),
        ("buildingTag()", "dev", False),
    ],
)
def test_a_stage_runs_where_all_its_conditions_hold(
    made: Repository, when: str, branch: str, runs: bool
) -> None:
    made.commit("the first")
    made.git("checkout", "--quiet", "-B", branch)
    made.write("kept.txt", "changed\n")
    stage = f"stage('One') {{ when {{ {when} }}\nsteps {{ echo 'runs' }} }}"
    found = ran(made, f"environment {{ A = '1' }}\nstages {{ {stage} }}")
    assert (found.status, said(found) == ["runs"]) == ("succeeded", runs)


def test_without_a_branch_no_condition_of_one_holds(made: Repository) -> None:
    made.write("Jenkinsfile", f"pipeline {{ agent any\n{one(ECHO)} }}")
    made.commit("the first")
    made.git("checkout", "--quiet", "--detach")
    found = ran(made, one('echo "${env.BRANCH_NAME}"', "when { branch '**' }"))
    assert found.statuses["One"] == "skipped"


def test_a_tag_is_a_tag(made: Repository) -> None:
    body = one('echo "at $TAG_NAME"', "when { tag 'v*'; buildingTag() }")
    made.write("Jenkinsfile", f"pipeline {{\nagent any\n{body}\n}}\n")
    made.commit("the first")
    made.git("tag", "v1")
    found = ran(made, body, spec="v1")
    assert (found.status, said(found)) == ("succeeded", ["at v1"])


# 9. What a variable may be: see also tests/run/test_jenkins_environment and test_jenkins_credentials.


def test_values_of_the_environment(made: Repository) -> None:
    body = """environment {
        PLAIN = 'a $HOME'
        FILLED = "b ${PLAIN.size()}"
        JOINED = 'c' + " ${FILLED}"
        TOKEN = credentials('token')
        HUB = credentials('hub')
        KEY = credentials('key')
    }
    stages { stage('One') { steps {
        sh 'echo "$PLAIN, $FILLED, $JOINED"'
        sh 'test "$TOKEN" = t-o-k-e-n; test "$HUB" = "$HUB_USR:$HUB_PSW"; test "$HUB_PSW" = open-sesame'
        sh 'grep -q abcdefgh "$KEY"; test "$KEY_USR" = git; test "$KEY_PSW" = pass-phrase; stat -c %a "$KEY"'
    } } }"""
    key = "-----BEGIN RSA PRIVATE KEY-----\nabcdefgh\n-----END RSA PRIVATE KEY-----"
    secrets = {"TOKEN": "t-o-k-e-n", "HUB_USR": "ada", "HUB_PSW": "open-sesame"}
    secrets |= {"KEY": key, "KEY_USR": "git", "KEY_PASSPHRASE": "pass-phrase"}
    found = ran(made, body, secrets)
    assert (found.status, said(found)) == ("succeeded", ["a $HOME, b 7, c b 7", "600"])


# 10. What Jenkins refuses.

MATRIX = "matrix { axes { axis { name 'X'; values '1' } }\nstages { stage('M') { steps { echo 1 } } } }"


@pytest.mark.parametrize(
    "body",
    [
        one("stage('Inner') { echo 'a' }"),
        one("parallel(a: { echo 'a' }, b: { echo 'b' })\necho 'c'"),
        one("foo.bar('x')"),
        one("echo 'a'") + "\n" + one("echo 'b'"),
        "stages { stage('A') { steps { echo 'a' } }\nstage('A') { steps { echo 'b' } } }",
        "environment { A = '1'\nA = '2' }\n" + one("echo 'a'"),
        "environment { A = '1' }\nenvironment { B = '1' }\n" + one("echo 'a'"),
        f"stages {{ stage('P') {{ parallel {{ stage('A') {{ parallel {{ "
        f"stage('B') {{ steps {{ {ECHO} }} }} }} }} }} }} }}",
        f"stages {{ stage('P') {{ parallel {{ stage('A') {{ {MATRIX} }} }} }} }}",
        f"stages {{ stage('P') {{ {MATRIX.replace('steps { echo 1 }', MATRIX)} }} }}",
    ],
)
def test_what_jenkins_refuses_is_refused_before_anything_runs(made: Repository, body: str) -> None:
    with pytest.raises(BadInput, match=r"Jenkinsfile has \d+ error"):
        ran(made, body)


def test_parallel_may_stand_alone(made: Repository) -> None:
    found = ran(made, one("parallel(a: { echo 'one' }, b: { echo 'two' })"))
    assert found.status == "succeeded"
    assert sorted(said(found)) == ["[a] one", "[b] two"]


# 11. The variables of every step.


def test_the_variables(made: Repository) -> None:
    made.git("remote", "add", "origin", "https://forge.example/ada/reviews.git")
    names = "BUILD_NUMBER BUILD_ID BUILD_TAG BUILD_DISPLAY_NAME JOB_NAME JOB_BASE_NAME NODE_NAME NODE_LABELS "
    names += "EXECUTOR_NUMBER STAGE_NAME CI GIT_BRANCH GIT_LOCAL_BRANCH GIT_URL BRANCH_NAME BUILD_URL"
    shown = "; ".join(f'echo "{name}=${name}"' for name in names.split())
    steps = f"sh '''{shown}; test \"$WORKSPACE\" = \"$PWD\"; test $GIT_COMMIT = $(git rev-parse HEAD)'''"
    steps += '\necho "${env.STAGE_NAME} ${BUILD_NUMBER} ${env.TAG_NAME} ${env.CHANGE_ID}"'
    found = ran(made, one(steps))
    assert found.status == "succeeded"
    assert said(found) == [
        "BUILD_NUMBER=1",
        "BUILD_ID=1",
        "BUILD_TAG=jenkins-checkout-1",
        "BUILD_DISPLAY_NAME=#1",
        "JOB_NAME=checkout",
        "JOB_BASE_NAME=checkout",
        "NODE_NAME=built-in",
        "NODE_LABELS=built-in",
        "EXECUTOR_NUMBER=0",
        "STAGE_NAME=One",
        "CI=true",
        "GIT_BRANCH=main",
        "GIT_LOCAL_BRANCH=main",
        "GIT_URL=https://forge.example/ada/reviews.git",
        "BRANCH_NAME=main",
        "BUILD_URL=seatrial:checkout/1/",
        "One 1 null null",
    ]
    assert said(ran(made, one("echo BUILD_TAG"))) == ["jenkins-checkout-2"]


def test_the_variables_of_a_change_request(made: Repository) -> None:
    made.write("Jenkinsfile", f"pipeline {{ agent any\n{one(ECHO)} }}")
    made.commit("the first")
    made.git("checkout", "--quiet", "-b", "topic")
    names = "BRANCH_NAME CHANGE_ID CHANGE_TARGET CHANGE_BRANCH"
    shown = "; ".join(f'echo "{name}=${name}"' for name in names.split())
    found = ran(made, one(f"sh '{shown}'\necho \"${{env.CHANGE_AUTHOR}}\""), trigger=REQUEST)
    assert (found.status, said(found)) == (
        "succeeded",
        ["BRANCH_NAME=PR-17", "CHANGE_ID=17", "CHANGE_TARGET=main", "CHANGE_BRANCH=topic", "null"],
    )


# 12. Quotes.


def test_who_fills_in_a_variable(made: Repository) -> None:
    steps = """script { def WHO = 'groovy'; withEnv(['WHO=shell']) {
        sh 'echo "single $WHO ${WHO}"'
        sh "echo \\"double $WHO ${WHO}\\""
        sh "echo deferred \\$WHO"
        sh '''echo "three single $WHO"'''
        sh \"\"\"echo three double ${WHO} \\${WHO}\"\"\"
    } }"""
    found = ran(made, one(steps))
    assert (found.status, said(found)) == (
        "succeeded",
        [
            "single shell shell",
            "double groovy groovy",
            "deferred shell",
            "three single shell",
            "three double groovy shell",
        ],
    )


def test_a_name_that_there_is_not_is_an_error_and_never_empty(made: Repository) -> None:
    found = ran(made, one('sh "rm -rf /tmp/never/${NOWHERE}"'))
    assert found.status == "failed"
    assert "MissingPropertyException" in found.messages["One"] and "NOWHERE" in found.messages["One"]
    assert ran(made, one('echo "[${env.NOWHERE}]"')).log == "[null]"
