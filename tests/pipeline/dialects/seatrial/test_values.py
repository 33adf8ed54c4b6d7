"""What the reader makes of a file, value by value."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.errors import Place
from seatrial.pipeline.dialects.seatrial import parse
from seatrial.pipeline.dialects.seatrial.paths import normal
from seatrial.pipeline.pipeline import (
    APPROVE,
    RELEASE,
    Approve,
    Environment,
    Evaluate,
    Gate,
    Matrix,
    Metric,
    Package,
    Predictions,
    Release,
    Resources,
    Service,
    Stage,
    place_of,
)
from seatrial.pipeline.step import Shell

GOOD = Path(__file__).parents[3] / "goldens" / "pipeline" / "good.yaml"
PIPELINE, FINDINGS = parse(GOOD.read_text(), "seatrial.yaml")
STAGES = {stage.name: stage for stage in PIPELINE.stages}


def stages(text: str) -> dict[str, Stage]:
    pipeline, findings = parse(text, "seatrial.yaml")
    assert not findings
    return {stage.name: stage for stage in pipeline.stages}


def environment(text: str) -> Environment:
    pipeline, findings = parse(f"environments: {{p: {{from: main, {text}}}}}", "seatrial.yaml")
    assert not findings
    return pipeline.environments[0]


def test_the_file_itself() -> None:
    assert not FINDINGS
    assert (PIPELINE.dialect, PIPELINE.path) == ("seatrial", "seatrial.yaml")
    assert (PIPELINE.project, PIPELINE.model) == ("reviews", "sentiment")
    assert PIPELINE.ignore == ("docs/**", "*.md")
    assert list(STAGES) == ["prepare", "train", "test", "evaluate", "package", "ask", "release"]


def test_a_command_stage() -> None:
    prepare = STAGES["prepare"]
    assert prepare.steps == (
        Shell("python clean.py", place=Place("seatrial.yaml", 15, 9)),
        Shell("cd data\npython split.py\n", place=Place("seatrial.yaml", 16, 9)),
    )
    assert prepare.inputs == ("clean.py", "/data/raw.csv", "s3://bucket/labels.csv")
    assert prepare.outputs == ("data/clean/",)
    assert prepare.env == (("SEED", "007"), ("LEVEL", "3.10"), ("on", "on"))
    assert (prepare.python, prepare.image, prepare.executor) == ("requirements.txt", "", "local")
    assert (prepare.cache, prepare.effects, prepare.timeout_seconds, prepare.retry) == (True, False, None, 0)


def test_merged_keys_matrix_resources_and_services() -> None:
    train = STAGES["train"]
    assert (train.timeout_seconds, train.retry) == (5400.0, 2)
    assert train.matrix == Matrix(
        axes=(("size", ("small", "large")), ("seed", ("1", "2"))),
        include=((("size", "large"), ("gpu", "yes")),),
        exclude=((("size", "small"), ("seed", "1")),),
    )
    assert train.resources == Resources(1.5, 8 * 2**30, 1)
    assert train.services == (
        Service("db", "postgres:17"),
        Service("redis", "redis:8", (("A", ""),), (6379, 6380)),
    )
    assert train.secrets == ("TOKEN",)
    assert dict(train.env)["SEED"] == "8"


def test_a_stage_that_shares_a_workspace_has_effects() -> None:
    test = STAGES["test"]
    assert (test.workspace, test.effects, test.git, test.reports) == ("scratch", True, True, ("tests.xml",))
    assert test.when == 'not tag and changes ["src/**", tests/**]'
    assert (test.image, test.python, test.executor) == ("python@sha256:abc", "", "docker")


def test_evaluation_package_question_and_release() -> None:
    assert STAGES["evaluate"].options == Evaluate(
        evaluated="model-large-2/",
        predict="python predict.py $MODEL $DATA $PREDICTIONS",
        data="data/clean/test.csv",
        task="classification",
        gates=(
            Gate("accuracy >= 0.78", Place("seatrial.yaml", 53, 9)),
            Gate("f1 >= production - 0.02", Place("seatrial.yaml", 54, 9)),
        ),
        slices=("domain",),
        columns=(("label", "truth"),),
        inconclusive="ask",
        confidence="99%",
    )
    assert STAGES["package"].options == Package(
        "model-large-2/", include=("serve.py",), serve="python serve.py", health="/ready"
    )
    ask, release = STAGES["ask"], STAGES["release"]
    assert (ask.action, ask.options, ask.effects, ask.needs) == (
        APPROVE,
        Approve("Release the new model?"),
        True,
        ("evaluate",),
    )
    assert (release.action, release.options, release.effects) == (RELEASE, Release("production"), True)
    assert (release.needs, release.timeout_seconds) == (("test", "evaluate", "ask"), 10800.0)
    assert (release.python, release.env, release.executor) == ("", (), "local")


def test_an_environment() -> None:
    production = PIPELINE.environments[0]
    assert production._replace(places=()) == Environment(
        name="production",
        place=Place("seatrial.yaml", 60, 3),
        target="process",
        address="127.0.0.1:8080",
        from_=("main", "release/*"),
        strategy="canary",
        strategy_options=(("steps", "5%,wait 10m,25%,ask,50%"),),
        gates=(Gate("error_rate <= stable + 0.5pp", Place("seatrial.yaml", 65, 13)),),
        within_seconds=7200.0,
        on_deadline="hold",
        confidence="99%",
        warm_up_seconds=20.0,
        sticky="header x-user",
        probe="data/requests.jsonl",
        mature_after_seconds=86400.0,
        predictions=Predictions("header", 0.1, 7 * 86400.0, ("[0-9]{16}",)),
        metrics=(
            Metric("queue", Place("seatrial.yaml", 73, 7), command="python queue.py", every_seconds=60.0),
            Metric(
                "memory",
                Place("seatrial.yaml", 74, 7),
                prometheus="http://127.0.0.1:9090",
                query="max(memory)",
            ),
        ),
        dirty="allow",
        require=("verdict", "signature"),
        drain_seconds=90.0,
        env=(("WORKERS", "2"),),
        secrets=("DATABASE",),
    )


@pytest.mark.parametrize(
    ("text", "strategy", "options"),
    [
        ("target: process", "blue-green", ()),
        ("strategy: canary", "canary", ()),
        ("recreate: true", "recreate", ()),
        ("blue-green: ", "blue-green", ()),
        ("rolling: 25%", "rolling", (("share", "25%"),)),
        ("shadow: ", "shadow", ()),
        ("canary: 10%", "canary", (("steps", "10%"),)),
        ("canary: auto", "canary", (("steps", "auto"),)),
        (
            "canary: [1 %, wait 1h30m, hold, probe, 99%]",
            "canary",
            (("steps", "1%,wait 1h30m,hold,probe,99%"),),
        ),
        (
            "blue-green: {bake: 10m, preview: '127.0.0.1:81'}",
            "blue-green",
            (("bake", "10m"), ("preview", "127.0.0.1:81")),
        ),
    ],
)
def test_strategies(text: str, strategy: str, options: tuple[tuple[str, str], ...]) -> None:
    found = environment(text)
    assert (found.strategy, found.strategy_options) == (strategy, options)


def test_a_strategy_that_cannot_be_read_is_not_taken_for_another() -> None:
    pipeline, findings = parse("environments: {p: {canary: [5%, banana]}}", "seatrial.yaml")
    assert pipeline.environments[0].strategy == "canary"
    assert len(findings) == 1


@pytest.mark.parametrize(
    "address", ["127.0.0.1:8080", "localhost:1", "'[::1]:80'", "models.example.com", "'*:80'"]
)
def test_addresses(address: str) -> None:
    assert environment(f"address: {address}").address == address.strip("'")


@pytest.mark.parametrize(
    "address", ["8080", "a:", ":80", "a:0", "a:65536", "a b:80", "a:８０", "http://a:80"]
)
def test_what_is_no_address(address: str) -> None:
    _, findings = parse(f"environments: {{p: {{address: '{address}'}}}}", "seatrial.yaml")
    assert [finding.message.split(",")[0] for finding in findings] == ["`address` takes an address"]


@pytest.mark.parametrize(
    ("top", "stage", "expected"),
    [
        ("", "", ("", "", "local")),
        ("python: r.txt", "", ("r.txt", "", "local")),
        ("python: r.txt", "image: i", ("", "i", "docker")),
        ("image: i", "", ("", "i", "docker")),
        ("image: i", "python: r.txt", ("r.txt", "", "local")),
        ("image: i, executor: podman", "", ("", "i", "podman")),
        ("executor: podman", "image: i", ("", "i", "docker")),
        ("executor: podman", "image: i, executor: k", ("", "i", "k")),
        ("executor: podman", "", ("", "", "podman")),
    ],
)
def test_where_and_in_what_a_stage_runs(top: str, stage: str, expected: tuple[str, str, str]) -> None:
    found = stages(f"{{{top}{',' if top else ''} stages: {{a: {{run: x, {stage}}}}}}}")["a"]
    assert (found.python, found.image, found.executor) == expected


def test_short_forms() -> None:
    found = stages("stages: {a: pytest -q, b: {run: x, needs: a, when: {changes: [src/**, a b]}}, c: true}")
    assert found["a"].steps == (Shell("pytest -q", place=Place("seatrial.yaml", 1, 13)),)
    assert found["b"].needs == ("a",)
    assert found["b"].when == 'changes ["src/**", "a b"]'
    assert found["c"].steps == (Shell("true", place=Place("seatrial.yaml", 1, 82)),)


def test_predictions_need_no_model() -> None:
    options = stages("stages: {e: {evaluate: , predictions: p.csv, task: regression}}")["e"].options
    assert options == Evaluate(predictions="p.csv", task="regression")


def test_keys_and_items_know_their_places() -> None:
    train = stages("stages:\n  a: {run: x, needs: [b, c], outputs: [./o//x/]}")["a"]
    assert place_of(train, "needs", "c") == Place("seatrial.yaml", 2, 26)
    assert place_of(train, "needs", "implied") == Place("seatrial.yaml", 2, 22)
    assert place_of(train, "outputs", "o/x/") == Place("seatrial.yaml", 2, 40)
    assert place_of(train, "image") == Place("seatrial.yaml", 2, 3)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("model", "model"),
        ("model/", "model/"),
        ("./model//x/./y/", "model/x/y/"),
        ("model/.", "model/"),
        (".", ""),
        ("/", "/"),
        ("/data//x", "/data/x"),
    ],
)
def test_paths_are_kept_in_one_form(written: str, kept: str) -> None:
    assert normal(written) == kept


@pytest.mark.parametrize(
    ("stage", "key", "column"),
    [
        (r'"echo \0"', "s", 13),
        (r'{run: "echo \0"}', "run", 19),
        (r'{run: [ls, "echo \0"]}', "run", 24),
        (r'{run: ls, env: {X: "a\0b"}}', "env.X", 32),
        (r'{run: ls, services: {db: {image: i, env: {X: "a\0b"}}}}', "env.X", 58),
        (r'{package: m, serve: "echo \0"}', "serve", 33),
        (r'{package: m, predict: "echo \0"}', "predict", 35),
    ],
)
def test_no_command_and_no_variable_has_a_nul(stage: str, key: str, column: int) -> None:
    _, findings = parse(f"stages: {{s: {stage}}}", "seatrial.yaml")
    assert [(one.message, one.place.column) for one in findings] == [(f"`{key}` has a NUL character", column)]
