"""Jobs of CircleCI on this machine that name places outside of their own room: nothing there is ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.pipeline.load import load
from tests.engine import IMAGE
from tests.run.circleci import commands, project_of, ran, result, steps
from tests.run.images import image_of_its_own_user
from tests.run.stages import Project, statuses

pytestmark = pytest.mark.slow


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return project_of(tmp_path)


def job_in(folder: object, *lines: str) -> str:
    return steps(*lines).replace("machine: true\n", f"machine: true\n    working_directory: {folder}\n")


@pytest.mark.parametrize("is_link", [True, False])
def test_a_working_directory_replaces_nothing_of_the_users(
    project: Project, tmp_path: Path, is_link: bool
) -> None:
    place, real = tmp_path / "current", tmp_path / "real"
    real.mkdir()
    if is_link:
        place.symlink_to(real)
    else:
        place.mkdir()
    status, log = ran(
        project, job_in(place, "checkout", "run: cat a/b.txt; cd $CIRCLE_WORKING_DIRECTORY; ls")
    )
    assert status == "succeeded", log
    assert "\nhere\na\n" in log and f"{place} is not touched on this machine" in log
    assert place.is_symlink() == is_link and place.is_dir() and not list(real.iterdir())


def test_what_is_not_there_is_not_made(project: Project, tmp_path: Path) -> None:
    outside = tmp_path / "go"
    assert ran(project, job_in(outside / "app", "checkout", "run: cat a/b.txt"))[0] == "succeeded"
    assert not outside.exists()


def test_jobs_in_the_same_place_at_once_have_a_folder_each(project: Project, tmp_path: Path) -> None:
    place = tmp_path / "app"
    met = tmp_path / "met"
    both = f"[ -e {met}/one ] && [ -e {met}/two ]"
    meet = f"mkdir -p {met}; touch {met}/$CIRCLE_JOB; until {both}; do sleep 0.05; done"
    own = f'run: {{working_directory: {place}, command: \'[ "$(cat own)" = "$CIRCLE_JOB" ]\'}}'
    text = job_in(place, "run: echo $CIRCLE_JOB > own", f"run: '{meet}'", own)
    text = text.replace("  build:", "  one: &one") + "  two: *one\nworkflows: {w: {jobs: [one, two]}}\n"
    stages = load("version: 2.1\n" + text, ".circleci/config.yml").pipeline.stages
    found = project.run(*stages, jobs=2, dialect="circleci")
    assert statuses(found) == {"one": "succeeded", "two": "succeeded"}, project.log("one")
    assert not place.exists()


def test_a_workspace_is_attached_in_the_room_of_each_job(project: Project, tmp_path: Path) -> None:
    place = tmp_path / "workspace"
    place.mkdir()
    (place / "file").write_text("newer\n")
    text = (
        "jobs:\n  make:\n    machine: true\n    steps:\n    - run: mkdir out; echo made > out/file\n"
        "    - persist_to_workspace: {root: out, paths: [file]}\n"
        f"  use:\n    machine: true\n    steps:\n    - attach_workspace: {{at: {place}}}\n"
        f"    - run: {{working_directory: {place}, command: cat file}}\n"
        f"    - store_artifacts: {{path: {place}/file}}\n"
        "workflows: {all: {jobs: [make, use: {requires: [make]}]}}\n"
    )
    found = result(project, text)
    assert found.status == "succeeded", project.log("use")
    assert "\nmade\n" in project.log("use") and f"{place} is not touched" in project.log("use")
    assert b"made\n" in project.output(found, "use").values()
    assert [one.read_text() for one in place.iterdir()] == ["newer\n"]


def test_what_commands_make_outside_is_kept_and_handed_on(project: Project, tmp_path: Path) -> None:
    out = tmp_path / "out"
    lines = (
        f"run: mkdir {out}; echo made > {out}/file",
        f"store_artifacts: {{path: {out}}}",
        f"persist_to_workspace: {{root: {out}, paths: [file]}}",
    )
    found = result(project, steps(*lines))
    assert list(project.output(found, "build").values()) == [b"made\n"] * 2, project.log("build")


def test_the_folder_of_the_job_is_known_by_its_name_to_all_steps(project: Project, tmp_path: Path) -> None:
    place = tmp_path / "src/app"
    lines = (
        "checkout",
        f"persist_to_workspace: {{root: {place.parent}, paths: [app]}}",
        f"save_cache: {{key: k, paths: [{place}/a, {place}/../none]}}",
        f"run: {{working_directory: {place}/a, command: cat b.txt}}",
        "run: rm -r a",
        "restore_cache: {key: k}",
        "run: cat a/b.txt",
    )
    found = result(project, job_in(place, *lines))
    log = project.log("build")
    assert found.status == "succeeded", log
    assert log.count("\nhere") == 2
    assert "none is not kept: it is neither in HOME nor in the folder of the job" in log
    assert any(name.endswith("/app/a/b.txt") for name in project.output(found, "build"))
    assert not place.parent.exists()


def test_a_cache_of_a_place_outside_is_neither_kept_nor_written_back(
    project: Project, tmp_path: Path
) -> None:
    place = tmp_path / "cache"
    save = f"save_cache: {{key: k, paths: [{place}]}}"
    log = commands(project, f"run: mkdir -p {place}; echo old > {place}/file", save)[1]
    assert f"the cache of {place} is not kept: it is neither in HOME nor in the folder of the job" in log
    (place / "file").write_text("newer\n")
    commands(project, "restore_cache: {key: k}")
    assert (place / "file").read_text() == "newer\n"


@pytest.mark.parametrize("home", ["/root", "/home/circleci", "/home/somebody-else"])
def test_the_homes_that_a_file_counts_on_are_that_of_the_job(project: Project, home: str) -> None:
    save = f"save_cache: {{key: k, paths: [{home}/.seatrial-test/repository]}}"
    commands(
        project,
        "run: mkdir -p ~/.seatrial-test/repository; echo of the job > ~/.seatrial-test/repository/x",
        save,
    )
    log = commands(project, "restore_cache: {key: k}", "run: cat ~/.seatrial-test/repository/x")[1]
    assert "\nof the job\n" in f"{log}\n"
    assert not Path(home, ".seatrial-test").exists()


def test_a_cache_of_nothing_is_told_from_one_that_is_not_ours(project: Project, tmp_path: Path) -> None:
    place = tmp_path / "app"
    paths = ("/root/.none", "~/.none", "none", f"{place}/none", tmp_path / "other")
    save = f"save_cache: {{key: k, paths: [{', '.join(map(str, paths))}]}}"
    log = ran(project, job_in(place, save))[1]
    assert [one for one in paths if f"\nthere is no {one}\n" in log] == list(paths[:-1])
    assert f"\nthe cache of {tmp_path}/other is not kept" in log


@pytest.mark.parametrize("path", ["~/../../../../../../../../tmp/x/..", "../../../../../../.."])
def test_no_way_up_leads_out_of_the_room(project: Project, tmp_path: Path, path: str) -> None:
    before = sorted(tmp_path.parent.rglob("own"))
    place = f"{path}{tmp_path}/up"
    text = (
        "jobs:\n  make:\n    machine: true\n    steps:\n    - run: echo own > own\n"
        "    - persist_to_workspace: {root: ., paths: [own]}\n"
        f"  use:\n    machine: true\n    steps:\n    - attach_workspace: {{at: '{place}'}}\n"
        f"    - run: {{working_directory: '{place}', command: cat own}}\n"
        "workflows: {all: {jobs: [make, use: {requires: [make]}]}}\n"
    )
    assert result(project, text).status == "succeeded", project.log("use")
    assert sorted(tmp_path.parent.rglob("own")) == before


def test_a_checkout_has_its_place_in_the_room(project: Project, tmp_path: Path) -> None:
    place = tmp_path / "full"
    place.mkdir()
    (place / "mine").write_text("")
    text = steps(
        f"checkout: {{path: {place}}}", f"run: {{working_directory: {place}, command: cat a/b.txt; ls}}"
    )
    status, log = ran(project, text)
    assert status == "succeeded", log
    assert "\nhere\na\n" in f"{log}\n" and f"{place} is not touched" in log
    assert [one.name for one in place.iterdir()] == ["mine"]


def test_a_checkout_to_where_something_else_is_fails_the_job(project: Project, docker: str) -> None:
    text = (
        f"jobs:\n  build:\n    docker: [{{image: '{IMAGE}'}}]\n    steps:\n"
        "    - checkout: {path: /etc}\n    - run: echo never\n"
    )
    status, log = ran(project, text)
    assert (status, "\nnever" in log) == ("failed", False)
    assert "the commit cannot be put at /etc, where something else is" in log


@pytest.mark.parametrize("image", ["", IMAGE, "joe"])
@pytest.mark.parametrize("folder", ["~/project", "~/repo", "/tmp/code"])
def test_what_lies_beside_the_folder_of_the_job_is_its_own_too(
    project: Project, docker: str, image: str, folder: str
) -> None:
    name = image_of_its_own_user() if image == "joe" else image
    where = f"docker: [{{image: '{name}'}}]" if name else "machine: true"
    text = (
        f"jobs:\n  one: &one\n    {where}\n    working_directory: {folder}\n    steps:\n    - checkout\n"
        "    - run: '[ ! -e ../x ]; mkdir ../made; echo $CIRCLE_JOB > ../x; echo y > ../made/y'\n"
        f"    - run: cat ../x ../made/y ../{folder.rpartition('/')[2]}/a/b.txt\n"
        "    - store_artifacts: {path: ../made}\n"
        "  two: *one\nworkflows: {w: {jobs: [one, two]}}\n"
    )
    found = result(project, text)
    assert statuses(found) == {"one": "succeeded", "two": "succeeded"}, project.log("one")
    assert [project.log(job).count(f"\n{job}\ny\nhere") for job in statuses(found)] == [1, 1]
    assert not (project.home / "workspaces").exists() or not list((project.home / "workspaces").iterdir())
