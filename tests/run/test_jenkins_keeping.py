"""Steps of a Jenkinsfile that keep things: tests, artifacts, stashes, the commit again; and mail, printed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from seatrial.pipeline.dialects.jenkins import parse
from tests.run.stages import Project, RunResult

pytestmark = pytest.mark.slow


def run(tmp_path: Path, *stages: str, post: str = "") -> tuple[Project, RunResult]:
    for name in ("files", "home"):
        (tmp_path / name).mkdir(exist_ok=True)
    project = Project(tmp_path / "home", tmp_path / "files", [])
    project.write("data/a.txt", "from the commit\n")
    project.write("tool.sh", "#!/bin/sh\necho tool\n")
    (tmp_path / "files/tool.sh").chmod(0o755)
    written = "\n".join(f"stage('s{number}') {{ {stage} }}" for number, stage in enumerate(stages))
    text = f"pipeline {{ agent any\n stages {{ {written} }}\n {post} }}"
    pipeline, findings = parse(text, "Jenkinsfile")
    assert not [one for one in findings if one.severity == "error"], findings
    return project, project.run(*pipeline.stages, finally_=pipeline.finally_, dialect="jenkins")


def said(project: Project, stage: str) -> list[str]:
    return [line for line in project.log(stage).splitlines() if not line.startswith("+ ")]


def suite(failing: int, passing: int = 2) -> str:
    bad = "".join(f'<testcase name="bad{i}"><failure message="no"/></testcase>' for i in range(failing))
    good = "".join(f'<testcase name="good{i}"/>' for i in range(passing))
    return f"<testsuite>{bad}{good}</testsuite>"


@pytest.mark.parametrize(
    ("failing", "arguments", "status"),
    [
        (0, "'out/*.xml'", "succeeded"),
        (1, "'out/*.xml'", "unstable"),
        (1, "testResults: 'none.xml, **/r.xml'", "unstable"),
        (1, "testResults: '**/*.xml', skipMarkingBuildUnstable: true", "succeeded"),
        (1, "'none.xml'", "failed"),
        (1, "testResults: 'none.xml', allowEmptyResults: true", "succeeded"),
        (1, 'testResults: "${WORKSPACE}/**/none.xml", allowEmptyResults: true', "succeeded"),
        (1, "'/out/none.xml'", "failed"),
    ],
)
def test_a_failing_test_makes_the_stage_unstable(
    tmp_path: Path, failing: int, arguments: str, status: str
) -> None:
    steps = f"writeFile file: 'out/r.xml', text: '''{suite(failing)}'''; junit {arguments}"
    project, result = run(tmp_path, f"steps {{ {steps}; echo 'goes on' }}")
    assert result.status == status
    assert ("goes on" in said(project, "s0")) == (status != "failed")
    if "none.xml" not in arguments or "/r.xml" in arguments:
        tests = result.outcomes["s0"].body["tests"]
        assert (tests["tests"], tests["failures"]) == (failing + 2, failing)
        assert tests["failed"] == ["bad0: no"] * failing


def test_tests_read_in_post_count_for_the_stage(tmp_path: Path) -> None:
    write = f"writeFile(file: 'r.xml', text: '''{suite(1)}''')"
    post = "post { always { junit 'r.xml' }\n unstable { echo 'unstable' }\n success { echo 'success' } }"
    project, result = run(tmp_path, f"steps {{ {write} }}\n {post}", "steps { echo 'two' }")
    assert (result.status, result.outcomes["s1"].status) == ("unstable", "succeeded")
    assert said(project, "s0") == ["1 of 3 tests failed", "unstable"]
    assert result.outcomes["s0"].body["tests"]["tests"] == 3


def test_reports_of_several_steps_are_added_up(tmp_path: Path) -> None:
    writes = "; ".join(f"writeFile(file: '{n}.xml', text: '''{suite(n)}'''); junit '{n}.xml'" for n in (1, 2))
    _, result = run(tmp_path, f"steps {{ {writes} }}")
    tests = result.outcomes["s0"].body["tests"]
    assert (tests["tests"], tests["failures"]) == (7, 3)


def test_a_report_that_is_no_xml_fails_the_stage(tmp_path: Path) -> None:
    _, result = run(tmp_path, "steps { writeFile(file: 'r.xml', text: 'hello'); junit 'r.xml' }")
    assert result.status == "failed"
    assert result.outcomes["s0"].message.startswith("r.xml:1:1: no JUnit XML")


def test_what_is_archived_is_an_output_of_the_stage_also_of_one_that_fails(tmp_path: Path) -> None:
    make = "sh 'mkdir -p dist/sub; echo 1 > dist/a.whl; echo 2 > dist/sub/b.whl; echo 3 > dist/sub/c.log'"
    post = "post { always { archiveArtifacts artifacts: 'dist/, *.sh', excludes: '**/*.log' } }"
    project, result = run(tmp_path, f"steps {{ {make}; sh 'exit 1' }}\n {post}")
    assert result.status == "failed"
    assert project.output(result, "s0") == {
        "dist/a.whl": b"1\n",
        "dist/sub/b.whl": b"2\n",
        "tool.sh": b"#!/bin/sh\necho tool\n",
    }


@pytest.mark.parametrize(("more", "status"), [("", "failed"), (", allowEmptyArchive: true", "succeeded")])
@pytest.mark.parametrize("pattern", ["'*.none'", "'/data/*'", '"${WORKSPACE}/data/**"', "'data/../data/*'"])
def test_nothing_to_archive_fails_unless_that_is_allowed(
    tmp_path: Path, more: str, status: str, pattern: str
) -> None:
    step = f"archiveArtifacts(artifacts: {pattern}{more})"
    _, result = run(tmp_path, f"steps {{ {step} }}")
    assert result.status == status
    _, result = run(tmp_path, f"steps {{ echo 'x' }}\n post {{ always {{ {step} }} }}")
    assert result.status == status


def test_a_stash_comes_back_in_a_later_stage(tmp_path: Path) -> None:
    stash = "stash name: 'b', includes: 'b/**', excludes: '**/*.log'"
    first = f"sh 'mkdir b; echo built > b/x; echo log > b/y.log'; {stash}"
    second = "sh 'rm -r b'; unstash 'b'; dir('elsewhere') { unstash 'b' }; sh 'cat b/x elsewhere/b/x; ls b'"
    project, result = run(tmp_path, f"steps {{ {first} }}", f"steps {{ {second} }}")
    assert result.status == "succeeded"
    assert said(project, "s1") == ["built", "built", "x"]


def test_a_stash_that_is_not_there_fails_the_stage(tmp_path: Path) -> None:
    _, result = run(tmp_path, "steps { unstash 'b' }")
    assert (result.status, result.outcomes["s0"].message) == ("failed", "nothing is stashed as 'b'")


def test_the_commit_comes_back_and_what_else_is_there_stays(tmp_path: Path) -> None:
    spoil = "sh 'echo spoilt > data/a.txt; echo mine > data/b.txt; rm tool.sh; ln -s /etc/passwd tool.sh'"
    show = "sh 'cat data/a.txt data/b.txt; ./tool.sh'"
    project, result = run(tmp_path, f"steps {{ {spoil}; checkout scm; {show} }}")
    assert result.status == "succeeded"
    assert said(project, "s0") == ["from the commit", "mine", "tool"]


def test_the_commit_comes_back_after_the_workspace_was_emptied_and_in_a_folder(tmp_path: Path) -> None:
    steps = "cleanWs(deleteDirs: true); sh 'ls'; checkout(scm); dir('again') { checkout scm }"
    project, result = run(tmp_path, f"steps {{ {steps}; sh 'ls; cat again/data/a.txt' }}")
    assert result.status == "succeeded"
    assert said(project, "s0") == ["again", "data", "tool.sh", "from the commit"]


def test_nothing_is_written_outside_of_the_workspace(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("mine\n")
    steps = f"sh 'ln -s {outside} link'; writeFile file: 'link', text: 'changed'; sh 'cat link'"
    project, result = run(tmp_path, f"steps {{ {steps} }}", "steps { writeFile file: '../../x', text: 'y' }")
    assert outside.read_text() == "mine\n"
    assert said(project, "s0") == ["changed"]
    assert result.outcomes["s1"].status == "errored"
    assert "leaves the workspace" in result.outcomes["s1"].message


def test_a_mail_is_printed(tmp_path: Path) -> None:
    mail = """mail to: 'team@example.com', subject: "Run ${env.BUILD_NUMBER}", body: 'It is over.'"""
    noted = "attachLog: true, recipientProviders: [developers()]"
    more = f"emailext subject: 'Hi', to: 'b@example.com', body: 'x', {noted}"
    project, result = run(tmp_path, "steps { echo 'one' }", post=f"post {{ always {{ {mail}; {more} }} }}")
    assert result.status == "succeeded"
    log = said(project, "finally")
    assert log == ["mail to team@example.com: Run 1", "It is over.", "mail to b@example.com: Hi", "x"]


def test_another_source_is_refused() -> None:
    text = "pipeline { agent any\n stages { stage('a') { steps { checkout([$class: 'SubversionSCM']) } } } }"
    _, findings = parse(text, "Jenkinsfile")
    assert "checkout of another source is not supported" in [one.message for one in findings]


@pytest.fixture
def other(tmp_path: Path) -> str:
    """The address of another repository, whose branch `side` has one file more."""
    folder = tmp_path / "other"
    folder.mkdir()
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
    for command in (
        ("init", "-q", "-b", "master"),
        (*who, "commit", "-q", "--allow-empty", "-m", "one"),
        ("checkout", "-q", "-b", "side"),
    ):
        subprocess.run(["git", *command], cwd=folder, check=True)
    (folder / "data").mkdir()
    (folder / "data/a.txt").write_text("from the other\n")
    subprocess.run(["git", "add", "."], cwd=folder, check=True)
    subprocess.run(["git", *who, "commit", "-q", "-m", "two"], cwd=folder, check=True)
    return folder.as_uri()


@pytest.mark.parametrize(
    "step",
    [
        "git url: 'URL', branch: 'side'",
        "checkout([$class: 'GitSCM', branches: [[name: '*/side']], userRemoteConfigs: [[url: 'URL']]])",
        "script { git branch: 'side', url: 'URL' }",
        "script { checkout([$class: 'GitSCM', branches: [[name: 'side']],"
        " userRemoteConfigs: [[url: 'URL']]]) }",
    ],
)
def test_another_repository_takes_the_place_of_the_commit(tmp_path: Path, other: str, step: str) -> None:
    project, result = run(tmp_path, f"steps {{ {step.replace('URL', other)}\n sh 'cat data/a.txt; ls' }}")
    assert result.status == "succeeded", project.log("s0")
    assert said(project, "s0") == ["from the other", "data"]


def test_the_repository_of_this_commit_is_not_fetched(tmp_path: Path) -> None:
    steps = "withEnv(['GIT_URL=https://example.com/a.git']) { git 'https://example.com/a.git' }"
    project, result = run(tmp_path, f"steps {{ {steps}; sh 'cat data/a.txt' }}")
    assert result.status == "succeeded"
    assert said(project, "s0") == ["this is the commit of https://example.com/a.git", "from the commit"]


def test_a_repository_that_cannot_be_fetched_fails_the_stage(tmp_path: Path, other: str) -> None:
    _, result = run(tmp_path, f"steps {{ git url: '{other}', branch: 'none' }}")
    assert result.status == "failed"


def test_a_link_that_leads_out_is_stashed_as_a_link_and_not_archived(tmp_path: Path) -> None:
    out = "sh 'mkdir b; echo x > b/x; ln -s /etc/passwd b/out'"
    first = f"steps {{ {out}; stash 'b' }}"
    second = "steps { sh 'rm -r b'; unstash 'b'; sh 'readlink b/out; cat b/x' }"
    project, result = run(tmp_path, first, second)
    assert result.status == "succeeded", project.log("s1")
    assert said(project, "s1") == ["/etc/passwd", "x"]
    (tmp_path / "again").mkdir()
    project, result = run(tmp_path / "again", f"steps {{ {out}; archiveArtifacts 'b/**' }}")
    assert result.status == "succeeded"
    assert project.output(result, "s0") == {"b/x": b"x\n"}
    assert "archiveArtifacts: 'b/out' left out: a link out of the workspace, or to nothing" in project.log(
        "s0"
    )


def test_what_is_archived_is_what_links_in_the_workspace_lead_to(tmp_path: Path) -> None:
    make = (
        "mkdir -p b/d r; echo x > r/x; ln -s ../r b/r; ln -s $PWD/r/x b/d/y; ln -s .. b/d/up; ln -s none b/n"
    )
    steps = f"steps {{ sh '{make}'; archiveArtifacts 'b/**'; dir('b') {{ archiveArtifacts 'r/*' }} }}"
    project, result = run(tmp_path, steps)
    assert result.status == "succeeded", project.log("s0")
    assert project.output(result, "s0") == {"b/r/x": b"x\n", "b/d/y": b"x\n", "r/x": b"x\n"}
    assert "'b/n' left out" in project.log("s0")


@pytest.mark.parametrize("link", ["$PWD/r/t.xml", "r/t.xml"])
def test_a_report_is_read_behind_a_link_into_the_workspace(tmp_path: Path, link: str) -> None:
    xml = "<testsuite><testcase/></testsuite>"
    made = f'mkdir r; echo "{xml}" > r/t.xml; ln -s {link} linked.xml'
    _, result = run(tmp_path, f"steps {{ sh '{made}'; junit 'linked.xml' }}")
    assert result.status == "succeeded", result.outcomes["s0"].message
    assert result.outcomes["s0"].body["tests"]["tests"] == 1


_MADE = """mkdir -p .git CVS d/e libs; touch .git/x .gitignore CVS/Root a.jar A.JAR 'a[1].txt' 'a b.txt' \\
d/a.jar d/e/b.jar d/x~ libs/c.txt; ln -s libs linked; ln -s a.jar file; ln -s /etc out"""


@pytest.mark.parametrize(
    ("arguments", "kept"),
    [
        ("'**/*.jar'", "a.jar d/a.jar d/e/b.jar"),
        ("'d/**.jar'", "d/a.jar"),
        ("'**.jar'", "a.jar"),
        ("artifacts: 'A.*', caseSensitive: false", "A.JAR a.jar"),
        ("'a[1].txt, a b.txt'", "a b.txt|a[1].txt"),
        ("'d/'", "d/a.jar d/e/b.jar"),
        ("artifacts: 'd/', defaultExcludes: false", "d/a.jar d/e/b.jar d/x~"),
        ("artifacts: '.git*,CVS/**', allowEmptyArchive: true", ""),
        ("artifacts: '.gitignore,CVS/*', defaultExcludes: false", ".gitignore CVS/Root"),
        ("'linked/**, file'", "file linked/c.txt"),
        ("artifacts: '**', excludes: '**/*.jar, linked/, a*, data/'", "A.JAR file libs/c.txt tool.sh"),
    ],
)
def test_patterns_are_those_of_ant(tmp_path: Path, arguments: str, kept: str) -> None:
    project, result = run(tmp_path, f'steps {{ sh """{_MADE}"""; archiveArtifacts {arguments} }}')
    assert result.status == "succeeded", said(project, "s0")
    found = sorted(
        set(project.output(result, "s0")) - {"data/train.csv", "data/in.txt", "in.txt", "commit.txt"}
    )
    assert found == (kept.split("|") if "|" in kept else kept.split())


def test_a_stash_leaves_out_what_ant_does_and_has_the_files_of_linked_folders(tmp_path: Path) -> None:
    of_git = "stash name: 'git', includes: '.git/,.gitignore', useDefaultExcludes: false"
    stash = f'sh """{_MADE}"""; stash \'all\'; {of_git}'
    found = "find . -type f | sort; readlink file; test ! -L linked"
    back = f"deleteDir(); unstash 'all'; sh '{found}'; unstash 'git'; sh 'ls -A .git'"
    project, result = run(tmp_path, f"steps {{ {stash} }}", f"steps {{ {back} }}")
    assert result.status == "succeeded", said(project, "s1")
    lines = said(project, "s1")
    assert {"a.jar", "x", "./a.jar", "./d/e/b.jar", "./linked/c.txt", "./libs/c.txt"} < set(lines)
    assert not {"./.gitignore", "./CVS/Root", "./d/x~", "./.git/x"} & set(lines)
