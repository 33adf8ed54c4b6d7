"""What a check says of pipelines that no reader made."""

from __future__ import annotations

from typing import Any

from seatrial.errors import Place
from seatrial.pipeline.check import ANYTHING, Known, check
from seatrial.pipeline.pipeline import (
    EVALUATE,
    PACKAGE,
    RELEASE,
    Environment,
    Evaluate,
    Gate,
    Package,
    Pipeline,
    Release,
    Resources,
    Service,
    Stage,
)
from tests.pipeline.stages import stage

EVALUATION = Evaluate("model/", predict="p", data="d", task="classification", gates=())


def said(*stages: Stage, environments: tuple[Environment, ...] = (), known: Known = ANYTHING) -> list[str]:
    pipeline = Pipeline("seatrial", "seatrial.yaml", stages=stages, environments=environments)
    return [finding.message for finding in check(pipeline, known)]


def production(**more: Any) -> Environment:
    plain = Environment("production", Place("seatrial.yaml", 9, 3), from_=("main",))
    return plain._replace(**more)


def released(*needs: str) -> tuple[Stage, Stage]:
    package = stage("package", action=PACKAGE, options=Package("model/", serve="s"))
    return package, stage("release", "package", *needs, action=RELEASE, options=Release("production"))


def test_a_good_pipeline_has_no_findings() -> None:
    gates = (Gate("accuracy >= 0.9", Place("x")),)
    evaluate = stage("evaluate", action=EVALUATE, options=EVALUATION._replace(gates=gates))
    assert said(evaluate, *released("evaluate"), environments=(production(),)) == []


def test_two_stages_of_one_name() -> None:
    assert said(stage("a"), stage("a", line=2)) == ["a second stage `a`"]


def test_a_condition_of_any_dialect() -> None:
    assert said(stage("a", when="branch = x")) == ["`when`: `=` compares nothing"]
    assert said(stage("a", when="branch == x")) == []


def test_long_cycles_are_shortened() -> None:
    around = tuple(stage(f"s{i}", f"s{(i + 1) % 30}") for i in range(30))
    assert said(*around) == [
        "stages wait for each other: s0 → s1 → s2 → s3 → s4 → s5 → … → s25 → s26 → s27 → s28 → s29 → s0"
    ]


def test_outputs_that_overlap() -> None:
    a = stage("a", outputs=("out/", "out/x", "other"))
    b = stage("b", outputs=("out/y/z",))
    c = stage("c", outputs=("other/", "outer"))
    assert said(a, b, c) == [
        "`other/` is also made by `a`",
        "`out/x` lies in the output `out/`",
        "`out/y/z` lies in `out/`, made by `a`",
    ]


def test_evaluations() -> None:
    def evaluation(**more: Any) -> list[str]:
        return said(stage("e", action=EVALUATE, options=EVALUATION._replace(**more)))

    unguarded = "`e` has no gates: it measures, but refuses nothing"
    assert evaluation() == [unguarded]
    assert evaluation(predict="", data="") == [
        "`e` evaluates without `predict`",
        "`e` evaluates without `data`",
        unguarded,
    ]
    assert evaluation(predictions="p.csv") == [
        "`e` has `predictions`, so it takes no `predict`",
        "`e` has `predictions`, so it takes no `data`",
        unguarded,
    ]
    assert evaluation(predictions="p.csv", predict="", data="", task="") == [
        "`e` does not say its task",
        unguarded,
    ]


def test_a_release_has_a_place_and_one_package() -> None:
    package, release = released()
    assert said(release._replace(needs=()), environments=(production(),)) == [
        "`release` has nothing to release: no stage packages",
        "no stage evaluates: `release` releases the model as unevaluated",
    ]
    assert said(package, release) == ["`release` releases to `production`, which is unknown"]
    second = package._replace(name="second", options=Package("other/"))
    ambiguous = said(
        package, second, release._replace(needs=("package", "second")), environments=(production(),)
    )
    assert ambiguous[0] == "`release` could release any of `package`, `second`"


def test_a_release_waits_for_evidence() -> None:
    evaluate = stage("evaluate", action=EVALUATE, options=EVALUATION)
    pipeline = (evaluate, *released())
    assert "`release` does not wait for `evaluate`" in said(*pipeline, environments=(production(),))
    assert "`production` requires a verdict, and `release` waits for none" in said(
        *pipeline, environments=(production(require=("verdict",)),)
    )


def test_environments() -> None:
    assert said(*released(), environments=(production(), production(name="staging", from_=()))) == [
        "no stage evaluates: `release` releases the model as unevaluated",
        "`staging` has no `from`: any branch may be released to it",
        "no stage releases to `staging`; only a release by hand does",
    ]
    assert said(stage("a"), environments=(production(),)) == []


def test_what_this_version_can_perform() -> None:
    known = Known(executors=("local",), targets=("process",), strategies=("recreate", "blue-green"))
    gates = (Gate("error_rate <= 1%", Place("seatrial.yaml", 9, 1)),)
    there = production(target="kubernetes", strategy="canary", gates=gates)
    assert said(stage("a", image="i", executor="docker"), stage("b"), environments=(there,), known=known) == [
        "this version cannot run `a` with the executor `docker`",
        "this version has no target `kubernetes`",
        "this version has no strategy `canary`",
    ]
    assert said(stage("a", image="i", executor="docker"), environments=(there,)) == []


def test_a_strategy_that_waits_for_evidence_wants_gates() -> None:
    for strategy in ("canary", "shadow"):
        place = production(strategy=strategy)
        assert said(stage("a"), environments=(place,)) == [
            f"`production` has no gate that could judge the {strategy}"
        ]
    asked = production(strategy="canary", strategy_options=(("steps", "5%,ask"),))
    assert said(stage("a"), environments=(asked,)) == []


def test_a_probe_wants_requests_and_a_deadline_a_time() -> None:
    probing = production(strategy="canary", strategy_options=(("steps", "5%,probe"),), on_deadline="hold")
    assert said(stage("a"), environments=(probing,)) == [
        "the step `probe` has nothing to replay",
        "`on_deadline` without `within` never comes",
    ]


def test_a_probe_is_replayed_once_by_what_waits_for_evidence() -> None:
    steps = (("steps", "probe,5%,probe"),)
    twice = production(strategy="canary", strategy_options=steps, probe="r.jsonl")
    assert said(stage("a"), environments=(twice,)) == [
        "the same requests replayed again are no new evidence",
        "no gate judges the answers to `probe`",
    ]
    alone = production(strategy="recreate", probe="r.jsonl")
    assert said(stage("a"), environments=(alone,)) == [
        "with `recreate` no two revisions are there to answer the requests of `probe`"
    ]


def test_what_this_version_has_not() -> None:
    known = Known(
        actions=("command",), tasks=("regression",), requirements=("verdict",), has_remote_inputs=False
    )
    judged = stage("e", action="evaluate", options=Evaluate(task="ranking", predictions="p.csv"))
    served = stage("s", inputs=("s3://bucket/x",))
    there = production(require=("signature",))
    assert [
        text for text in said(judged, served, environments=(there,), known=known) if "version" in text
    ] == [
        "this version cannot perform `evaluate`",
        "this version cannot judge the task `ranking`",
        "this version cannot read the input s3://bucket/x",
        "this version cannot check `signature`",
    ]


def test_images_services_and_limits_are_for_containers() -> None:
    database = (Service("db", "postgres"),)
    beside = stage("s", services=database, resources=Resources(cpus=2.0))
    assert said(beside, stage("i", image="python:3.11")) == [
        "`services` is for containers, but `s` runs by the executor `local`",
        "`resources` is for containers, but `s` runs by the executor `local`",
        "`image` is for containers, but `i` runs by the executor `local`",
    ]
    assert said(stage("d", executor="docker")) == ["`d` runs in a container, but has no `image`"]
    assert said(stage("d", executor="docker", image="python:3.11", services=database)) == []


def test_a_hint_names_what_there_is() -> None:
    pipeline = Pipeline("seatrial", "x", stages=(stage("a", executor="dokcer"),))
    assert check(pipeline, Known(executors=("local", "docker")))[0].hint == "did you mean `docker`?"
    assert check(pipeline, Known(executors=("local",)))[0].hint == "known here: local"


def test_many_unknown_needs_are_all_said_but_not_all_guessed_at() -> None:
    pipeline = Pipeline("seatrial", "x", stages=tuple(stage(f"s{i}", f"x{i}") for i in range(30)))
    findings = check(pipeline)
    assert len(findings) == 30
    assert [bool(finding.hint) for finding in findings[20:]] == [False] * 10


def test_very_many_packages_are_not_all_named() -> None:
    packages = tuple(stage(f"p{i}", action=PACKAGE, options=Package("m")) for i in range(9))
    release = stage("r", *(f"p{i}" for i in range(9)), action=RELEASE, options=Release("production"))
    assert said(*packages, release)[0] == "`r` could release any of `p0`, `p1`, `p2`, `p3`, `p4`, …"


def test_a_stage_without_any_time() -> None:
    assert said(stage("a", timeout_seconds=0.0)) == ["`a` has no time at all: it always fails"]
    assert said(stage("a", timeout_seconds=0.5)) == []


def test_a_package_that_nothing_serves_is_not_released() -> None:
    package, release = released()
    silent = package._replace(options=Package("model/"))
    found = said(silent, release, environments=(production(),))
    assert "`release` releases `package`, which has no command that serves" in found
    assert said(silent) == []


def test_what_the_reader_refused_is_not_missed_again() -> None:
    place = Place("seatrial.yaml", 3, 5)
    bad = stage("e", action=EVALUATE, options=Evaluate("model/"))
    missing = ["`e` evaluates without `predict`", "`e` evaluates without `data`", "`e` does not say its task"]
    assert said(bad)[:3] == missing
    places = tuple((key, place) for key in ("predict", "data", "task"))
    assert said(bad._replace(places=places)) == said(bad)[3:]
