from __future__ import annotations

import pytest

from seatrial.pipeline.condition import Facts
from seatrial.run import explain, requirements
from seatrial.run.explain import Forecast
from seatrial.store.trees import Entry
from tests.run.stages import Project, stage


def forecast(project: Project, *stages: object, **fields: object) -> list[Forecast]:
    request = project.request(*stages, **fields)  # type: ignore[arg-type]
    try:
        return list(explain.forecast(request))
    finally:
        request.journal.close()


def test_what_never_ran(project: Project) -> None:
    [one] = forecast(project, stage("one", "true", inputs=()))
    assert one == Forecast("one", "run", ("it has no result yet",))


def test_what_would_be_restored_and_from_where(project: Project) -> None:
    project.write("a", "1")
    stages = (stage("one", "cat a > b", inputs=("a",), outputs=("b",)), stage("two", "cat b", needs=("one",)))
    result = project.run(*stages)
    same = ("nothing that it reads has changed", "run #1 made it: the first result")
    assert forecast(project, *stages) == [
        Forecast("one", "restore", same, result.run),
        Forecast("two", "restore", same, result.run),
    ]


def test_a_fresh_run_restores_nothing(project: Project) -> None:
    project.write("a", "1")
    stages = (stage("one", "cat a > b", inputs=("a",), outputs=("b",)), stage("two", "cat b", needs=("one",)))
    project.run(*stages)
    reasons = ("`--fresh` takes no kept result",)
    assert forecast(project, *stages, fresh=True) == [
        Forecast("one", "run", reasons),
        Forecast("two", "run", reasons),
    ]


def test_which_file_changed_and_what_follows(project: Project) -> None:
    project.write("a/x", "1")
    project.write("a/y", "1")
    stages = (
        stage("one", "cat a/x > b", inputs=("a/",), outputs=("b",)),
        stage("two", "cat b", inputs=("b",), needs=("one",)),
        stage("apart", "true", inputs=()),
    )
    project.run(*stages)
    project.write("a/x", "2")
    (project.files / "a/y").unlink()
    project.write("a/z", "1")
    found = {one.stage: one for one in forecast(project, *stages)}
    assert found["one"].reasons == ("file a/x changed", "file a/y is gone", "file a/z is new")
    assert (found["two"].decision, found["two"].reasons) == ("unknown", ("it reads what one will give",))
    assert found["apart"].decision == "restore"


def test_whole_tree_variables_and_commands(project: Project) -> None:
    project.write("train.py", "1")
    project.run(stage("one", "true", env=(("LR", "0.1"), ("OLD", "x"))))
    project.write("train.py", "2")
    [one] = forecast(project, stage("one", "true # more", env=(("LR", "0.2"), ("NEW", "y"))))
    assert set(one.reasons) == {
        "file train.py changed",
        "variable LR: 0.1 → 0.2",
        "variable NEW: (not set) → y",
        "variable OLD: x → (not set)",
        "commands changed",
    }


def test_upstream_that_gave_another_result(project: Project) -> None:
    one = stage("one", "echo 1 > b", inputs=(), outputs=("b",))
    two = stage("two", "cat b", inputs=("b",), needs=("one",))
    project.run(one, two)
    changed = stage("one", "echo 2 > b", inputs=(), outputs=("b",))
    project.run(changed)
    found = forecast(project, changed, two)
    assert found[1] == Forecast("two", "run", ("upstream one gave another result",))


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"effects": True}, "it changes the world, so it is never restored"),
        ({"workspace": "w", "effects": True}, "it shares a workspace, so its result is never kept"),
        ({"secrets": ("T",)}, "it reads a secret, so its result is never kept"),
        ({"cache": False}, "it says `cache: false`"),
    ],
)
def test_what_is_never_kept(project: Project, fields: dict[str, object], reason: str) -> None:
    assert forecast(project, stage("one", "true", **fields)) == [Forecast("one", "run", (reason,))]


def test_what_is_skipped(project: Project) -> None:
    stages = (stage("one", "true", when="branch == main"), stage("two", "true", needs=("one",)))
    assert [one.decision for one in forecast(project, *stages, facts=Facts(branch="x"))] == ["skip", "skip"]


def test_bad_input_is_a_reason(project: Project) -> None:
    [one] = forecast(project, stage("one", "true", inputs=("none",)))
    assert one.reasons == (
        "seatrial.yaml:1:1: no file matches 'none'",
        "hint: is it committed, or ignored by Git?",
    )


def test_nothing_is_recorded_or_built(project: Project) -> None:
    project.write("requirements.txt", "")
    [one] = forecast(project, stage("one", "true", python="requirements.txt"))
    assert one.reasons == ("the Python environment of requirements.txt is not built yet",)
    made = {path.name.partition("-")[0] for path in project.home.iterdir()}
    assert made == {"journal.db", "reserve", "store"}


@pytest.mark.slow
def test_which_requirements_changed_is_said_before_they_are_there(project: Project) -> None:
    one = stage("one", "true", python="requirements.txt")
    project.write("requirements.txt", "# nothing yet\n")
    project.run(one)
    project.write("requirements.txt", "-c pins.txt\nSix[a]==1.17.0 \\\n  --hash=sha256:0\n")
    project.write("pins.txt", "other<2 # why\n")
    [found] = forecast(project, one)
    assert found.reasons == (
        "the Python environment of requirements.txt is not built yet",
        "requirements.txt: none → Six[a]==1.17.0",
    )
    before, after = (requirements.by_name(f"six=={version}\n") for version in ("1.16.0", "1.17.0"))
    assert (before, after) == ({"six": "six==1.16.0"}, {"six": "six==1.17.0"})


def differences(before: dict[str, str], now: dict[str, str]) -> tuple[str, ...]:
    return explain.differences(tuple(before.items()), tuple(now.items()), lambda _: None)


def test_which_package_changed() -> None:
    before = {"packages": "numpy 2.4.5\nold 1\nsame 1", "python": "3.11.7"}
    now = {"packages": "new 2\nnumpy 2.4.6\nsame 1", "python": "3.12.0"}
    assert differences(before, now) == (
        "package new none → 2",
        "package numpy 2.4.5 → 2.4.6",
        "package old 1 → none",
        "python: 3.11.7 → 3.12.0",
    )


def test_another_build_of_a_package_is_said() -> None:
    before = {"packages": "numpy 2.4.5 aaa\nsame 1 ccc"}
    assert differences(before, {"packages": "numpy 2.4.5 bbb\nsame 1 ccc"}) == (
        "package numpy 2.4.5 is another build",
    )
    assert differences(before, {"packages": "numpy 2.4.6 bbb\nsame 1 ccc"}) == (
        "package numpy 2.4.5 → 2.4.6",
    )


def test_external_files_secrets_and_unknown_trees() -> None:
    before = {"external /d/a": "sha256:1", "inputs": "sha256:3", "upstream t": "sha256:5"}
    now = {"external /d/a": "sha256:2", "inputs": "sha256:4", "secret T": ""}
    assert set(differences(before, now)) == {
        "file /d/a changed",
        "the files that it reads changed",
        "secret T is new",
        "upstream t gives nothing any more",
    }


def test_many_changes_are_summed_up() -> None:
    old = tuple(Entry(f"f{i:03}", "file", "sha256:1", 1) for i in range(50))
    new = tuple(entry._replace(digest="sha256:2") for entry in old)
    trees = {"a": old, "b": new}
    found = explain.differences((("inputs", "a"),), (("inputs", "b"),), trees.get)
    assert len(found) == 21
    assert found[-1] == "and 30 more"


def test_nearest_result_is_compared_with(project: Project) -> None:
    project.write("a", "1")
    one = stage("one", "cat a", inputs=("a",), env=(("A", "1"), ("B", "1")))
    project.run(one)
    project.run(one._replace(env=(("A", "2"), ("B", "2"))))
    [found] = forecast(project, one._replace(env=(("A", "1"), ("B", "3"))))
    assert found.reasons == ("variable B: 1 → 3",)
