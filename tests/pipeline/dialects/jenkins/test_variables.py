"""The variables that Jenkins gives to a step."""

from __future__ import annotations

from seatrial.pipeline.dialect import RunFacts
from seatrial.pipeline.dialects.jenkins import variables


def test_all_that_is_known() -> None:
    facts = RunFacts("team/reviews", 7, "Build", "/work", "0" * 40, "main", "https://git.example/reviews.git")
    facts = facts._replace(tag="v1", before="1" * 40)
    assert dict(variables(facts)) == {
        "BUILD_NUMBER": "7",
        "BUILD_ID": "7",
        "BUILD_TAG": "jenkins-team-reviews-7",
        "BUILD_DISPLAY_NAME": "#7",
        "BUILD_URL": "seatrial:team/reviews/7/",
        "RUN_DISPLAY_URL": "seatrial:team/reviews/7/",
        "JOB_NAME": "team/reviews",
        "JOB_BASE_NAME": "reviews",
        "JOB_URL": "seatrial:team/reviews/",
        "JENKINS_URL": "seatrial:",
        "NODE_NAME": "built-in",
        "NODE_LABELS": "built-in",
        "EXECUTOR_NUMBER": "0",
        "CI": "true",
        "STAGE_NAME": "Build",
        "WORKSPACE": "/work",
        "GIT_COMMIT": "0" * 40,
        "GIT_BRANCH": "main",
        "GIT_LOCAL_BRANCH": "main",
        "GIT_URL": "https://git.example/reviews.git",
        "GIT_PREVIOUS_COMMIT": "1" * 40,
        "BRANCH_NAME": "main",
        "TAG_NAME": "v1",
    }


def test_what_is_not_known_is_left_out() -> None:
    names = {name for name, _ in variables(RunFacts("reviews", 1))}
    assert names.isdisjoint({"WORKSPACE", "GIT_COMMIT", "GIT_BRANCH", "GIT_URL", "BRANCH_NAME"})


def test_a_commit_of_subversion_has_no_variables_of_git() -> None:
    facts = RunFacts("reviews", 1, commit="12", branch="trunk", url="svn://host/trunk", source="subversion")
    known = dict(variables(facts))
    assert (known["SVN_REVISION"], known["SVN_URL"], known["BRANCH_NAME"]) == (
        "12",
        "svn://host/trunk",
        "trunk",
    )
    assert not [name for name in known if name.startswith("GIT_")]
