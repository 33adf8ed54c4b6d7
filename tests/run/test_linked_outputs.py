"""Outputs that are links, or lie behind one: what they lead to is kept, or it is told why not."""

from __future__ import annotations

import pytest

from tests.run.stages import Project, stage, statuses

LEFT = "mkdir -p runs/7/in; echo 1 > runs/7/a; echo 2 > runs/7/in/b; ln -s ../a runs/7/in/c; "


@pytest.mark.parametrize(
    ("script", "outputs", "kept"),
    [
        (LEFT + "ln -s runs/7 best", ("best/",), {"best/a": b"1\n", "best/in/b": b"2\n"}),
        (
            LEFT + "ln -s $PWD/runs/7 best; ln -s best last",
            ("last",),
            {"last/a": b"1\n", "last/in/b": b"2\n"},
        ),
        (LEFT + "ln -s runs/7/a best", ("best",), {"best": b"1\n"}),
        (LEFT + "ln -s runs/7/a best", ("best", "runs/"), {"runs/7/a": b"1\n", "runs/7/in/b": b"2\n"}),
        (LEFT + "rmdir best; ln -s runs/7 best", ("best/in/b",), {"best/in/b": b"2\n"}),
        (LEFT + "rmdir way; ln -s runs/7 way", ("way/a", "runs/7/a"), {"way/a": b"1\n", "runs/7/a": b"1\n"}),
    ],
)
def test_what_a_link_leads_to_is_kept(
    project: Project, script: str, outputs: tuple[str, ...], kept: dict[str, bytes]
) -> None:
    script = script.replace("rmdir best;", "rm -r best;")
    result = project.run(
        stage("one", script, outputs=outputs),
        stage("two", f"cat {next(iter(kept))}", inputs=outputs, needs=("one",)),
    )
    assert statuses(result) == {"one": "succeeded", "two": "succeeded"}, result.outcomes
    assert project.output(result, "one") == kept
    assert project.log("two").endswith(next(iter(kept.values())).decode().strip())


def test_a_link_of_the_commit_may_lead_to_what_is_made_only_then(project: Project) -> None:
    (project.files / "out").symlink_to("build/out")
    result = project.run(stage("one", "echo 1 > out/b", outputs=("out/b",)))
    assert project.output(result, "one") == {"out/b": b"1\n"}


@pytest.mark.parametrize(
    ("script", "output", "message"),
    [
        ("ln -s nowhere out", "out", "the output 'out' is a link to 'nowhere', which was not made"),
        ("ln -s . out", "out/", "the output 'out' is a link to the whole workspace"),
        ("ln -s out out", "out", "the output 'out' is a link to 'out', which was not made"),
        (
            "mkdir real; ln -s real out; echo 1 > real/b",
            "out/b",
            "the output 'out/b' was not made ('out' is a folder from the start, and 'real' was put into it",
        ),
    ],
)
def test_what_a_link_does_not_lead_to_is_told(
    project: Project, script: str, output: str, message: str
) -> None:
    outcome = project.run(stage("one", script, outputs=(output,))).outcomes["one"]
    assert outcome.status == "failed"
    assert message in outcome.message


DEEP = "mkdir -p model/deep cache/1; echo 1 > model/a; echo 2 > cache/1/b; "


@pytest.mark.parametrize(
    ("script", "kept", "links"),
    [
        ("ln -s ../a model/deep/l", {}, {"model/deep/l": "../a"}),
        ("ln -s $PWD/model/a model/deep/l", {}, {"model/deep/l": "../a"}),
        ("ln -s .. model/deep/l", {}, {"model/deep/l": ".."}),
        ("ln -s ../../cache/1/b model/deep/l", {"model/deep/l": b"2\n"}, {}),
        ("ln -s $PWD/cache model/deep/l", {"model/deep/l/1/b": b"2\n"}, {}),
        ("ln -s ../nowhere model/deep/l", {}, {"model/deep/l": "../nowhere"}),
        ("ln -s l model/deep/l", {}, {"model/deep/l": "l"}),
    ],
)
def test_a_link_deep_in_an_output_leads_to_the_same_where_it_is_restored(
    project: Project, script: str, kept: dict[str, bytes], links: dict[str, str]
) -> None:
    result = project.run(
        stage("one", DEEP + script, outputs=("model/",)),
        stage("two", "test -e model/a", inputs=("model/",), needs=("one",)),
    )
    assert statuses(result) == {"one": "succeeded", "two": "succeeded"}, result.outcomes
    assert project.output(result, "one") == {"model/a": b"1\n", **kept}
    assert project.links(result, "one") == links


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("ln -s /etc model/deep/l", "a link leads out of its folder: 'model/deep/l'"),
        ("ln -s ../../../x model/deep/l", "a link leads out of its folder: 'model/deep/l'"),
        ("ln -s ../.. model/deep/l", "the output 'model/deep/l' is a link to the whole workspace"),
        (
            "echo 3 > c; ln -s ../c cache/m; ln -s ../../cache model/deep/l",
            "the output 'model/deep/l' leads to links that lead on: 'm'",
        ),
    ],
)
def test_a_link_deep_in_an_output_that_would_lead_elsewhere_is_refused(
    project: Project, script: str, message: str
) -> None:
    outcome = project.run(stage("one", DEEP + script, outputs=("model/",))).outcomes["one"]
    assert outcome.status in ("failed", "errored")
    assert message in outcome.message
