from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from seatrial.errors import BadInput
from seatrial.project import api
from seatrial.project.place import pipeline_path, project_name, repository_name, shown
from seatrial.project.plan import told_apart
from seatrial.project.project import Home, Wanted, open_home, open_project
from tests.conftest import Repository

PIPELINE = """\
project: tiny
stages:
  a: {run: cp in.txt out.txt, inputs: [in.txt], outputs: [out.txt]}
  b: 'true'
"""
JENKINS = "pipeline { agent any; stages { stage('Build') { steps { sh 'true' } } } }\n"
PLACES = "project: tumours\nenvironments:\n  production: {target: process, from: [main]}\n"


@pytest.fixture
def tiny(repository: Callable[..., Repository], home: Path) -> Repository:
    made = repository("thing")
    made.write("seatrial.yaml", PIPELINE)
    made.write("in.txt", "one\n")
    made.commit("first")
    return made


def opened(made: Repository, **wanted: str | None) -> api.Project:
    return open_project(Wanted(made.folder, **wanted))  # type: ignore[arg-type]


def test_the_pipeline_is_that_of_the_commit(tiny: Repository) -> None:
    tiny.write("seatrial.yaml", PIPELINE.replace("tiny", "other"))
    tiny.commit("renamed")
    assert opened(tiny, spec="HEAD~1").name == "tiny"
    assert opened(tiny).name == "other"
    tiny.write("seatrial.yaml", PIPELINE.replace("tiny", "edited"))
    assert opened(tiny).name == "edited"
    assert opened(tiny, spec="HEAD").name == "other"


def test_without_a_name_the_repository_gives_it(tiny: Repository, home: Path) -> None:
    tiny.write("seatrial.yaml", PIPELINE.replace("project: tiny\n", ""))
    tiny.commit("nameless")
    assert opened(tiny).name == "thing"
    assert project_name(home, tiny.folder, "") == "thing"
    assert project_name(home, tiny.folder, "", "said") == "said"


@pytest.mark.parametrize(
    ("root", "url", "name"),
    [
        ("/a/reviews", "", "reviews"),
        ("/srv/reviews.git", "", "reviews"),
        ("/", "https://x/y/z.git", "z"),
        ("/", "", "project"),
    ],
)
def test_names_of_repositories(root: str, url: str, name: str) -> None:
    assert repository_name(root, url) == name


def test_a_folder_below_has_a_pipeline_of_its_own(tiny: Repository) -> None:
    tiny.write("small/seatrial.yaml", PIPELINE.replace("tiny", "small"))
    tiny.write("empty/note.txt", "")
    tiny.commit("two models")
    below = Repository(tiny.folder / "small")
    assert opened(below).name == "small"
    assert opened(below).file.path == "small/seatrial.yaml"
    assert opened(tiny, file="small/seatrial.yaml").name == "small"
    assert opened(Repository(tiny.folder / "empty")).name == "tiny"  # that of the root
    assert opened(below, file="../seatrial.yaml").name == "tiny"


def test_the_nearest_file_from_a_folder_up_is_meant_by_every_command(tiny: Repository, home: Path) -> None:
    tiny.write("team/seatrial.yaml", PIPELINE.replace("tiny", "small"))
    tiny.write("team/src/deep/x.py", "")
    tiny.write("src/x.py", "")
    tiny.commit("folders")
    for below, name, file in (
        ("team/src/deep", "small", "../../seatrial.yaml"),
        ("team", "small", "seatrial.yaml"),
        ("src", "tiny", "../seatrial.yaml"),
    ):
        folder = tiny.folder / below
        assert open_project(Wanted(folder)).name == project_name(home, folder, "") == name
        assert shown(folder, pipeline_path(folder, "")) == file


def test_a_file_may_be_named_by_its_absolute_path(tiny: Repository, tmp_path: Path) -> None:
    tiny.write("small/seatrial.yaml", PIPELINE.replace("tiny", "small"))
    tiny.commit("two models")
    (tmp_path / "link").symlink_to(tiny.folder)
    for folder in (tiny.folder, tiny.folder / "small", tmp_path / "link"):
        for named in (tiny.folder, tmp_path / "link"):
            found = opened(Repository(folder), file=str(named / "small/seatrial.yaml"))
            assert (found.name, found.file.path) == ("small", "small/seatrial.yaml")
    with pytest.raises(BadInput, match="is not in the repository"):
        opened(tiny, file=str(tmp_path / "seatrial.yaml"))


def test_no_file_above_the_working_copy_is_meant(tiny: Repository, home: Path) -> None:
    inner = tiny.folder / "inner"
    (inner / ".git").mkdir(parents=True)
    assert project_name(home, inner, "") == "inner"
    with pytest.raises(BadInput, match="no pipeline file") as caught:
        pipeline_path(inner, "")
    assert caught.value.hint == "`seatrial init` writes a seatrial.yaml"


def test_the_files_of_several_models_are_named_where_none_is_meant(tmp_path: Path) -> None:
    for folder in ("churn", "vision/small"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "seatrial.yaml").touch()
    with pytest.raises(BadInput, match="no pipeline file") as caught:
        pipeline_path(tmp_path, "")
    assert caught.value.hint == "say which with -f: churn/seatrial.yaml, vision/small/seatrial.yaml"


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("../x.yaml", "not in the repository"),
        ("/etc/passwd", "not in the repository"),
        ("nowhere.yaml", "no file"),
    ],
)
def test_a_file_that_is_not_in_the_commit(tiny: Repository, file: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        opened(tiny, file=file)


def test_a_link_is_no_pipeline(tiny: Repository) -> None:
    (tiny.folder / "link.yaml").symlink_to("seatrial.yaml")
    tiny.commit("a link")
    with pytest.raises(BadInput, match="is a link"):
        opened(tiny, file="link.yaml", dialect="seatrial")


def test_nothing_to_run_says_what_was_looked_for(repository: Callable[..., Repository], home: Path) -> None:
    made = repository("bare-of-pipelines")
    made.commit("empty", readme_md="hello")
    with pytest.raises(BadInput, match=r"looked for seatrial.yaml.*Jenkinsfile"):
        opened(made)


def test_a_jenkinsfile_is_completed_by_a_file_that_only_names_places(
    repository: Callable[..., Repository], home: Path
) -> None:
    made = repository("jenkins")
    made.write("Jenkinsfile", JENKINS)
    made.write("seatrial.yaml", PLACES)
    made.commit("both")
    for wanted in ({}, {"file": "Jenkinsfile"}, {"file": "seatrial.yaml"}):
        project = opened(made, **wanted)
        assert project.file.path == "Jenkinsfile"
        assert [stage.name for stage in project.pipeline.stages] == ["Build"]
        assert [environment.name for environment in project.pipeline.environments] == ["production"]
        assert project.name == "tumours"


def test_places_alone_are_no_pipeline(repository: Callable[..., Repository], home: Path) -> None:
    made = repository("places")
    made.write("seatrial.yaml", PLACES)
    made.commit("places")
    with pytest.raises(BadInput, match="has no stage"):
        opened(made)


def test_a_pipeline_with_stages_is_not_mixed_with_a_jenkinsfile(tiny: Repository) -> None:
    tiny.write("Jenkinsfile", JENKINS)
    tiny.commit("both")
    assert [stage.name for stage in opened(tiny).pipeline.stages] == ["a", "b"]
    assert [stage.name for stage in opened(tiny, file="Jenkinsfile").pipeline.stages] == ["Build"]


def test_a_word_that_is_a_stage_is_a_stage(tiny: Repository) -> None:
    wanted = Wanted(tiny.folder)
    assert told_apart([], wanted) == (None, [])
    assert told_apart(["a"], wanted) == (None, ["a"])
    assert told_apart(["HEAD", "a"], wanted) == ("HEAD", ["a"])
    assert told_apart(["a", "HEAD"], wanted) == (None, ["a", "HEAD"])


def test_the_python_face_runs_and_reports(tiny: Repository) -> None:
    heard: list[str] = []
    ran = api.run(Wanted(tiny.folder), ["a"], listener=lambda event: heard.append(type(event).__name__))
    assert (ran.result.status, ran.result.exit_code) == ("succeeded", 0)
    assert heard[0] == "RunStarted"
    assert heard[-1] == "RunFinished"
    report = api.report(ran)
    assert [(stage.name, stage.status, stage.is_restored) for stage in report.stages] == [
        ("a", "succeeded", False)
    ]
    assert (report.number, report.title, report.project) == (1, "first", "tiny")
    again = api.report(api.run(Wanted(tiny.folder), ["a"]))
    assert [stage.is_restored for stage in again.stages] == [True]
    fresh = api.report(api.run(Wanted(tiny.folder), ["a"], fresh=True))
    assert [stage.is_restored for stage in fresh.stages] == [False]


def test_the_end_of_a_failed_log_is_in_the_report_as_plain_text(tiny: Repository) -> None:
    tiny.write(
        "seatrial.yaml",
        "stages:\n  bad: |\n    printf '\\033[31mred\\033[0m \\033]0;title\\007 end\\n'; exit 3\n",
    )
    tiny.commit("bad")
    (stage,) = api.report(api.run(Wanted(tiny.folder))).stages
    assert stage.status == "failed"
    assert stage.log == "red  end"


def test_what_two_homes_hold_is_apart(
    tiny: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.run(Wanted(tiny.folder), ["a"])
    monkeypatch.setenv("SEATRIAL_HOME", str(tmp_path / "second"))
    other: Home = open_home()
    assert other.journal.events() == []


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="there is one core")
@pytest.mark.parametrize("file", ["seatrial.yaml", "a model/seatrial.yaml", "Jenkinsfile"])
def test_the_file_of_a_new_state_is_read_by_another_process_than_ours(
    repository: Callable[..., Repository], home: Path, file: str
) -> None:
    made = repository("thing")
    path = made.write(file, JENKINS if file == "Jenkinsfile" else "stages: {Build: 'true'}\n")
    made.commit("first")
    program = (
        "import sys; from pathlib import Path; from seatrial.project.project import Wanted, open_project\n"
        "project = open_project(Wanted(Path.cwd()))\n"
        "print([one.name for one in project.pipeline.stages], 'seatrial.pipeline.check' in sys.modules)"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=path.parent, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout == "['Build'] False\n", done.stderr
