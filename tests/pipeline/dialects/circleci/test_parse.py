"""Jobs and findings of a `.circleci/config.yml`."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.pipeline.dialects.circleci import parse
from seatrial.pipeline.load import folder_of, load, on_host
from seatrial.pipeline.pipeline import APPROVE
from seatrial.project.conversion import convert
from tests.properties import examples

BUILD = "version: 2.1\njobs:\n  build:\n    machine: true\n    steps:\n    - run: x\n"  # 6 lines
FLOW = BUILD + "workflows:\n  w:\n    jobs:\n"  # 9 lines


def said(text: str) -> list[str]:
    findings = load(text, ".circleci/config.yml").findings
    return [f"{one.place.line}:{one.place.column} {one.severity}" for one in findings]


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        (BUILD + "    - rnu: x\n", "7:7 error"),
        (BUILD + "    - slack/notify\n", "7:7 error"),
        (BUILD + "    - save_cache: {key: '{{ .Nothing }}', paths: [b]}\n", "7:26 error"),
        (BUILD + "    - save_cache: {key: a}\n", "7:7 error"),
        (BUILD + "    - run: {command: x, no_output_timeout: soon}\n", "7:44 error"),
        (BUILD + "    parallelism: 0\n", "7:18 error"),
        (
            FLOW + f"    - build\n    when: {{matches: {{pattern: ^(a+)+$, value: {'a' * 40}b}}}}\n",
            "11:21 error",
        ),
        (BUILD + "    - run: {command: x, nmae: y}\n", "7:25 warning"),
        (BUILD + "    - run: {command: x, when: never}\n", "7:31 error"),
        (BUILD + "    resource_class: large\n", "7:5 note"),
        (BUILD + "    macos: {xcode: '15'}\n", "7:12 warning"),
        (BUILD + "orbs:\n  node: circleci/node@5\n", "8:3 warning"),
        (BUILD + "setup: true\n", "7:8 warning"),
        (BUILD + "    - run: {command: x, max_auto_reruns: 9}\n", "7:42 error"),
        (BUILD + "job-groups:\n  build: {jobs: [build]}\n", "8:10 error"),
        (BUILD + "job-groups:\n  g: {jobs: [build], parameters: {}}\n", "8:22 warning"),
        (BUILD + "    - run: echo << parameters.x >>\n", "7:17 error"),
        (BUILD + "    - run: echo <<#pipeline.project.type>>x\n", "7:17 error"),
        (BUILD + "    - run: echo <</pipeline.project.type>>x\n", "7:17 error"),
        (BUILD + "    - run: echo <<#pipeline.git.tag>>x<</pipeline.git.tag>>\n", "7:17 error"),
        (FLOW + "    - built\n", "10:7 error"),
        (FLOW + "    - g: {matrix: {}}\njob-groups: {g: {jobs: [build]}}\n", "10:11 error"),
        (FLOW + "    - g\njob-groups: {g: {jobs: [h]}, h: {jobs: [build]}}\n", "11:25 error"),
        (FLOW + "    - g\njob-groups: {g: {}}\n", "11:17 error"),
        (FLOW + "    - build\n    triggers: [{schedule: {cron: 0 0 * * *}}]\n", "11:5 note"),
        (FLOW + "    - build: {requires: [other]}\n", "10:7 error"),
        (FLOW + "    - build: {unknown: 1}\n", "10:15 error"),
        (FLOW + "    - build: {context: keys}\n", "10:24 note"),
        (FLOW + "    - build: {filters: {branches: {only: '/(x/'}}}\n", "10:42 error"),
        (FLOW + "    - a: {type: approval, requires: [build]}\n    - build: {requires: [a]}\n", "10:7 error"),
        ("version: 2.1\njobs:\n  a: {machine: true, steps: [run: x]}\n", "1:1 error"),
        ("version: 1\n", "1:10 error"),
        ("- x\n", "1:1 error"),
    ],
)
def test_what_is_said_and_where(text: str, finding: str) -> None:
    assert finding in said(text)


def test_a_file_without_fault_has_no_findings() -> None:
    assert said(BUILD) == [] and said(FLOW + "    - build\n") == []


def test_an_approval_asks_between_jobs() -> None:
    text = FLOW + "    - hold: {type: approval}\n    - build: {requires: [hold]}\n"
    pipeline, _ = parse(text, "c")
    assert [(stage.name, stage.action == APPROVE, stage.needs) for stage in pipeline.stages] == [
        ("hold", True, ()),
        ("build", False, ("hold",)),
    ]


def test_images_are_for_the_executor_docker() -> None:
    text = (
        "version: 2\njobs:\n  build:\n    docker:\n    - image: cimg/python:3.11\n"
        "    - {image: 'cimg/postgres:14', name: db, environment: {A: 1}}\n    steps: [checkout, run: x]\n"
    )
    (stage,) = parse(text, "c")[0].stages
    assert (stage.executor, stage.image) == ("docker", "cimg/python:3.11")
    assert [(one.name, one.image, one.env) for one in stage.services] == [
        ("db", "cimg/postgres:14", (("A", "1"),))
    ]


def test_the_executor_of_an_orb_of_circleci_is_known_without_the_orb() -> None:
    text = (
        "version: 2.1\norbs:\n  node: circleci/node@5\njobs:\n"
        "  j: {executor: {name: node/default, tag: '20.1'}, steps: [run: x]}\n"
        "  k:\n    executor: node/default\n    steps: [run: x]\n"
        "workflows: {w: {jobs: [j, k]}}\n"
    )
    pipeline, findings = parse(text, "c")
    assert [one.image for one in pipeline.stages] == ["cimg/node:20.1", "cimg/node:lts"]
    assert [(one.place.line, one.severity) for one in findings if one.severity != "note"] == [(7, "warning")]
    refused = said(text.replace("run: x", "node/install: {}"))
    assert "5:60 error" in refused and "8:13 error" in refused


def test_the_job_that_a_pipeline_goes_on_by_is_known_too() -> None:
    text = (
        "version: 2.1\nsetup: true\norbs: {go: circleci/continuation@1}\n"
        "workflows: {w: {jobs: [go/continue: {configuration_path: a.yml}]}}\n"
    )
    assert [one for one in said(text) if "error" in one] == []


def test_a_job_needs_what_it_requires_and_what_hands_files_to_it() -> None:
    job = "machine: true, steps: [run: x"
    text = (
        f"version: 2.1\njobs:\n  a: {{{job}, persist_to_workspace: {{root: ., paths: [x]}}]}}\n"
        f"  b: {{{job}]}}\n  c: {{{job}, attach_workspace: {{at: .}}]}}\n"
        "workflows: {w: {jobs: [a, b: {requires: [a]}, c: {requires: [b]}, b: {name: d, requires: [c]}]}}\n"
    )
    found = {one.name: one.needs for one in parse(text, "c")[0].stages}
    assert found == {"a": (), "b": ("a",), "c": ("b", "a"), "d": ("c",)}


def test_a_job_in_an_image_loses_the_user_of_that_image_as_a_stage_of_our_own(tmp_path: Path) -> None:
    (tmp_path / "config.yml").write_text(BUILD.replace("machine: true", "docker: [{image: a}]"))
    written = convert(tmp_path / "config.yml", "config.yml", "circleci", "seatrial")
    text = "commands of `build` run as who runs seatrial, not as the user of its image"
    assert text in [loss.message for loss in written.losses]


def test_a_job_of_two_workflows_has_the_name_of_each_before_it() -> None:
    text = FLOW + "    - build\n  v:\n    jobs: [build]\n"
    assert [stage.name for stage in parse(text, "c")[0].stages] == ["w/build", "v/build"]


def test_commands_that_call_themselves_end() -> None:
    assert any("error" in one for one in said(BUILD + "    - a\ncommands:\n  a: {steps: [a, a]}\n"))


FILE = (
    FLOW
    + r"""    - build: {filters: {branches: {only: [main, '/v\d+/'], ignore: x}, tags: {only: /.*/}}}
    - hold: {type: approval, requires: [build]}
    - all: {name: a-<< matrix.v >>, matrix: {parameters: {v: [1, 2]}, exclude: [{v: 1}]}, requires: [hold]}
    when: {and: [{equal: [main, << pipeline.git.branch >>]}, {not: {matches: {pattern: ^x, value: a}}}]}
commands: {greet: {parameters: {s: {type: steps, default: []}}, steps: [run: hi, steps: << parameters.s >>]}}
executors: {e: {docker: [{image: a}, {image: b}], environment: [A: 1]}}
parameters: {p: {type: boolean, default: false}}
"""
)
DAMAGE = ["", ": ", "- ", "\n", "{", "&a ", "*a", "x", "[", "'", "(", ")", "<<", " >>", "\n  ", "[]", "null"]


@examples(300)
@given(st.integers(0, 2**32))
def test_no_damage_raises(seed: int) -> None:
    chance = random.Random(seed)
    extra = (
        "  all: {executor: e, parameters: {v: {type: integer}}, steps: [greet: {s: [run: a, checkout]}]}\n"
    )
    text = list(FILE.replace("workflows:", f"{extra}workflows:"))
    for _ in range(chance.randint(0, 8)):
        at = chance.randrange(len(text) + 1)
        text[at : at + chance.randint(0, 4)] = chance.choice(DAMAGE)
    load("".join(text), ".circleci/config.yml")


@examples(200)
@given(st.text(alphabet="ab:-[]{}&*!|>'\"#?, \n~=()$<") | st.text())
def test_no_text_raises(text: str) -> None:
    load(text, ".circleci/config.yml")
    load(BUILD + "    - " + text + "\nworkflows: " + text, ".circleci/config.yml")


def test_on_the_host_there_are_no_containers() -> None:
    text = BUILD.replace("machine: true", "docker: [{image: a}, {image: b}]")
    (stage,) = on_host(parse(text, "c")[0]).stages
    assert (stage.executor, stage.image, stage.services) == ("local", "", ())


@pytest.mark.parametrize(
    ("path", "folder"),
    [(".circleci/config.yml", ""), ("a/.circleci/config.yml", "a"), ("b/Jenkinsfile", "b"), ("x.yml", "")],
)
def test_the_folder_that_a_file_is_for(path: str, folder: str) -> None:
    assert folder_of(path) == folder


def test_what_a_parameter_is_made_of_is_lost_by_name_where_the_file_is_written_for_another_system(
    tmp_path: Path,
) -> None:
    text = (
        "version: 2.1\nparameters: {run-it: {type: string, default: echo}}\n"
        "jobs: {build: {machine: true, steps: [run: << pipeline.parameters.run-it >> so]}}\n"
    )
    (tmp_path / "config.yml").write_text(text)
    written = convert(tmp_path / "config.yml", "config.yml", "circleci", "gitlab")
    assert "the parameter `run-it` keeps its default" in [loss.message for loss in written.losses]
    assert "echo so" in written.text
