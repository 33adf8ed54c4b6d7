"""What starts a run, as the files of other systems see it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from seatrial.errors import BAD_INPUT
from seatrial.pipeline.condition import Trigger
from tests.cli.terminal import seatrial
from tests.conftest import Repository
from tests.scenarios.travis import ran

pytestmark = pytest.mark.slow

REQUEST = Trigger("pull_request", "17", "main")
ASKED = "run -f {file} --dialect {dialect} --yes --branch feature/x --pull-request 17:main"


@pytest.fixture
def made(home: object, repository: Callable[..., Repository], monkeypatch: pytest.MonkeyPatch) -> Repository:
    made = repository()
    made.git("remote", "add", "origin", "https://forge.example/ada/reviews.git")
    return made


def command(made: Repository, words: str) -> str:
    """What a run that succeeds says."""
    done = seatrial(*words.split(), folder=made.folder)
    assert done.code == 0, done.err
    return done.out + done.err


TRAVIS = """\
before_script: Y=$TRAVIS_EVENT_TYPE X=$TRAVIS_PULL_REQUEST_BRANCH
script: echo "$Y $TRAVIS_PULL_REQUEST $TRAVIS_BRANCH $X $TRAVIS_PULL_REQUEST_SLUG"
jobs:
  include:
  - {name: request, if: type = pull_request AND branch = main AND head_branch =~ ^feature/ AND NOT fork}
  - {name: push, if: type = push}
  - {name: nightly, if: type = cron}
"""


def test_a_pull_request_of_travis(made: Repository) -> None:
    found = ran(made, TRAVIS, trigger=REQUEST, branch="feature/x")
    assert found.statuses == {"request": "succeeded", "push": "skipped", "nightly": "skipped"}
    assert "pull_request 17 main feature/x ada/reviews\n" in found.log
    found = ran(made, TRAVIS, trigger=Trigger("schedule"))
    assert found.statuses == {"request": "skipped", "push": "skipped", "nightly": "succeeded"}


DEPLOYING = """\
script: 'true'
before_deploy: echo before
deploy:
- {provider: script, script: echo deployed, on: {branch: main}}
- {provider: script, script: echo everywhere, on: {all_branches: true}}
- {provider: pages, on: {all_branches: true}}
after_script: echo last
"""


def test_a_pull_request_of_travis_deploys_nothing(made: Repository) -> None:
    found = ran(made, DEPLOYING, trigger=REQUEST, branch="feature/x")
    said = found.log.splitlines()
    assert found.status == "succeeded"
    assert "not deployed: a pull request deploys nothing" in said and "last" in said
    assert not {"before", "deployed", "everywhere"} & set(said)
    assert {"deployed", "everywhere"} <= set(ran(made, DEPLOYING, skip_deploy=True).log.splitlines())


MERGED = """\
script:
- cat of-main of-feature shared
- 'echo is $TRAVIS_COMMIT $TRAVIS_PULL_REQUEST_SHA $TRAVIS_COMMIT_RANGE'
- git log -1 --format='%H has %P %s'
- git status --porcelain
- git show $TRAVIS_PULL_REQUEST_SHA:shared
- git log --format='brings %s' $TRAVIS_COMMIT_RANGE
- cat of-lfs
"""


def two_branches(made: Repository, *, ours: str, theirs: str) -> None:
    """`main` and `feature/x`, which go apart behind a commit that both have; `feature/x` is checked out."""
    made.write("shared", "1\n2\n3\n4\n5\n")
    made.write(".travis.yml", "language: shell\n" + MERGED)
    made.commit("both")
    made.git("branch", "feature/x")
    made.write("of-main", "of main\n")
    made.write("shared", f"1\n2\n3\n4\n{theirs}\n")
    made.write(".travis.yml", f"language: shell\n{MERGED}# of main\n")
    made.commit("one of main")
    made.git("checkout", "--quiet", "feature/x")
    made.write("of-feature", "of feature\n")
    made.write("of-lfs", "version https://git-lfs.github.com/spec/v1\n")
    made.write("shared", f"{ours}\n2\n3\n4\n5\n")


def test_a_pull_request_of_travis_is_run_as_it_will_be_once_it_is_merged(made: Repository) -> None:
    two_branches(made, ours="ours", theirs="theirs")
    found = ran(made, MERGED, trigger=REQUEST, message="one of feature")
    main, feature = made.git("rev-parse", "main"), made.git("rev-parse", "feature/x")
    assert found.status == "succeeded", found.log
    assert "of main\nof feature\nours\n2\n3\n4\ntheirs\n" in found.log
    merge = found.log.partition(f" has {main} {feature} Merge {feature} into {main}")[0].split()[-1]
    assert f"is {merge} {feature} {main}...{feature}\n" in found.log
    assert "ours\n2\n3\n4\n5\n" in found.log
    assert "brings one of feature\n" in found.log and "brings one of main\n" in found.log
    assert " M " not in found.log and "?? " not in found.log
    again = ran(made, MERGED, trigger=REQUEST, message="another")
    assert merge not in again.log.split()
    assert made.git("cat-file", "--batch-check", "--batch-all-objects").find(merge) == -1


def test_a_pull_request_that_has_all_of_its_branch_is_run_as_it_is(made: Repository) -> None:
    two_branches(made, ours="ours", theirs="theirs")
    made.commit("one")
    made.git("merge", "--quiet", "-m", "of both", "main")
    found = ran(made, MERGED, trigger=REQUEST)
    main, feature = made.git("rev-parse", "main"), made.git("rev-parse", "feature/x")
    assert f"is {feature} {feature} {main}...{feature}\n" in found.log


def test_a_branch_is_that_of_the_forge_where_it_is_known(made: Repository) -> None:
    two_branches(made, ours="ours", theirs="theirs")
    made.git("update-ref", "refs/remotes/origin/main", "main")
    made.git("update-ref", "refs/heads/main", "main~1")
    assert "of main\nof feature\n" in ran(made, MERGED, trigger=REQUEST).log


@pytest.mark.parametrize(
    ("said", "target", "message"),
    [
        ("both", "main", "cannot be merged with main: conflicts in shared"),
        ("main", "none", "the branch none that the pull request wants to go to is not here"),
        ("main", "edited", "edits that are not committed cannot be merged with main"),
    ],
)
def test_what_cannot_be_merged_is_said_before_the_first_job(
    made: Repository, said: str, target: str, message: str
) -> None:
    two_branches(made, ours="1", theirs="theirs")
    if said == "both":
        made.write("shared", "1\n2\n3\n4\nours\n")
    if target != "edited":
        made.commit("one")
    asked = "main" if target == "edited" else target
    done = seatrial("run", "--yes", "--pull-request", f"17:{asked}", folder=made.folder)
    assert done.code == BAD_INPUT
    assert message in done.err and "hint" in done.err


JENKINS = """\
pipeline {
  agent any
  stages {
    stage('branch') { when { branch 'feature/*' }; steps { sh 'true' } }
    stage('to dev') { when { changeRequest target: 'dev' }; steps { sh 'true' } }
    stage('to main') {
      when { changeRequest target: 'main', branch: 'feature/x' }
      steps { sh 'echo "$BRANCH_NAME $CHANGE_ID $CHANGE_TARGET $CHANGE_BRANCH"' }
    }
  }
}
"""


def test_a_change_request_of_jenkins(made: Repository) -> None:
    made.write("Jenkinsfile", JENKINS)
    made.commit("one")
    said = command(made, ASKED.format(file="Jenkinsfile", dialect="jenkins"))
    assert "PR-17 17 main feature/x" in said
    assert "✓ to main" in said and "✓ to dev" not in said and "✓ branch" not in said


OF_REQUEST = """\
pipeline {
  agent any
  stages {
    stage('merge') { steps {
      sh 'cat of-main of-feature shared; git log -1 --format="%H has %P"'
      sh 'echo "is $GIT_COMMIT $GIT_BRANCH ${GIT_LOCAL_BRANCH:-no branch}"; git status --short --branch'
    } }
    stage('its') {
      when { changeset 'of-feature' }
      steps { echo 'it changes this' }
    }
    stage('theirs') {
      when { changeset 'of-main' }
      steps { echo 'it changes that' }
    }
  }
}
"""


def test_a_pull_request_of_jenkins_is_run_as_it_will_be_once_it_is_merged(made: Repository) -> None:
    two_branches(made, ours="ours", theirs="theirs")
    made.write("Jenkinsfile", OF_REQUEST)
    made.commit("one of feature")
    said = command(made, ASKED.format(file="Jenkinsfile", dialect="jenkins"))
    main, feature = made.git("rev-parse", "main"), made.git("rev-parse", "feature/x")
    merge = said.partition(f" has {main} {feature}")[0].split()[-1]
    assert f"is {merge} PR-17 no branch" in said and "## HEAD (no branch)" in said
    assert "of main" in said and "of feature" in said and "theirs" in said
    assert "it changes this" in said and "it changes that" not in said


CIRCLE = """\
version: 2.1
jobs:
  build:
    machine: true
    steps:
    - run: echo "$CIRCLE_BRANCH $CIRCLE_PULL_REQUEST $CIRCLE_PROJECT_SLUG $CIRCLE_REPOSITORY_URL"
    - when:
        condition: {equal: [scheduled_pipeline, << pipeline.trigger_source >>]}
        steps: [run: echo by a schedule]
workflows:
  all: {jobs: [build]}
  by-night: {when: {equal: [scheduled_pipeline, << pipeline.trigger_source >>]}, jobs: [build: {name: night}]}
  by-day: {when: pipeline.trigger.type != "schedule", jobs: [build: {name: day}]}
"""


def test_a_pull_request_and_a_schedule_of_circleci(made: Repository) -> None:
    made.write("ci.yml", CIRCLE)
    made.commit("one")
    said = command(made, ASKED.format(file="ci.yml", dialect="circleci"))
    assert "feature/x pull/17 ada/reviews https://forge.example/ada/reviews.git" in said
    assert "build │ by a schedule" not in said and "✓ day" in said and "✓ night" not in said
    said = command(made, "run -f ci.yml --dialect circleci --yes --event schedule")
    assert "build │ by a schedule" in said and "✓ night" in said and "✓ day" not in said


APPROVAL = """\
version: 2.1
jobs:
  build: {machine: true, steps: [run: echo built]}
  ship: {machine: true, steps: [run: echo shipped]}
workflows: {all: {jobs: [build, hold: {type: approval, requires: [build]}, ship: {requires: [hold]}]}}
"""


def test_an_approval_of_circleci_is_waited_for_and_without_anybody_to_ask_nothing_after_it_runs(
    made: Repository,
) -> None:
    made.write("ci.yml", APPROVAL)
    made.commit("one")
    words = ["run", "-f", "ci.yml", "--dialect", "circleci", "--yes"]
    done = seatrial(*words, folder=made.folder)
    assert done.code != 0
    assert "│ built" in done.out and "│ shipped" not in done.out
    assert "SEATRIAL_APPROVE=hold" in done.out + done.err
    done = seatrial(*words, folder=made.folder, env={"SEATRIAL_APPROVE": "hold"})
    assert (done.code, "│ shipped" in done.out) == (0, True)


def test_what_is_no_pull_request(made: Repository) -> None:
    done = seatrial("run", "--pull-request", "main", folder=made.folder)
    assert done.code == BAD_INPUT
    assert "'main' is not NUMBER:BRANCH, such as 17:main" in done.err


CAUSES = """\
pipeline {
    agent any
    environment {
        TIMED = "${currentBuild.getBuildCauses('hudson.triggers.TimerTrigger$TimerTriggerCause') ? 1 : 0}"
    }
    stages {
        stage('One') {
            steps {
                echo "timed ${TIMED}, ${currentBuild.getBuildCauses()*.shortDescription}"
                script {
                    def byHand = currentBuild.getBuildCauses('hudson.model.Cause$UserIdCause')
                    echo "by hand ${byHand.size()} ${byHand[0]?.userId ? 'with' : 'without'} a name"
                }
            }
        }
    }
}
"""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", ("timed 0, [Started by user ", "by hand 1 with a name")),
        ("--event schedule", ("timed 1, [Started by timer]", "by hand 0 without a name")),
        ("--event push", ("timed 0, [Push event to branch main]", "by hand 0 without a name")),
        ("--pull-request 17:main", ("timed 0, [Pull request #17 opened]", "by hand 0 without a name")),
        ("--pull-request 17:main --event pull_request", ("timed 0, [Pull request #17 opened]",)),
    ],
)
def test_a_jenkinsfile_asks_what_has_started_it(words: str, said: tuple[str, ...], made: Repository) -> None:
    made.write("Jenkinsfile", CAUSES)
    made.commit()
    found = command(made, f"run --yes {words}")
    assert [one for one in said if one not in found] == []


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ("--event push --pull-request 17:main", "a run of a pull request is not started by `--event push`"),
        ("--event pull_request", "`--event pull_request` names no pull request"),
    ],
)
def test_an_event_fits_the_pull_request(words: str, problem: str, made: Repository) -> None:
    made.write("Jenkinsfile", CAUSES)
    made.commit()
    done = seatrial("run", "--yes", *words.split(), folder=made.folder)
    assert (done.code, problem in done.err) == (BAD_INPUT, True)
