"""What is wrong with a pipeline as a whole, whatever dialect it was written in.

A check knows the pipeline alone: not the commit, not the machine, not the registry. What this version can
perform comes in as `Known`, from the tables of executors, targets and strategies.
"""

from collections.abc import Iterator

from seatrial.errors import some
from seatrial.named_tuple import NamedTuple
from seatrial.pipeline import commit_variables, condition, graph, needs, privileged
from seatrial.pipeline.finding import Finding, error, note, warning
from seatrial.pipeline.pipeline import (
    EVALUATE,
    RELEASE,
    Environment,
    Evaluate,
    Package,
    Pipeline,
    Release,
    Resources,
    Stage,
    place_of,
)
from seatrial.pipeline.spelling import did_you_mean

_HINTS = 20  # finding the nearest name is slow, and whoever has more such errors has another problem
JUDGED = ("canary", "shadow")  # strategies that are nothing without gates
NEVER_BESIDE = "recreate"  # the one whose candidate never stands beside the stable revision
OWN = "seatrial"  # the dialect whose files were written for this machine
DOCKER = "docker"  # the executor that has containers
VERDICT = "verdict"  # the word of `require` that asks for an evaluation


class Known(NamedTuple):
    """What this version can perform: names, where None = not asked, and parts that it has or has not."""

    executors: tuple[str, ...] | None = None
    targets: tuple[str, ...] | None = None
    strategies: tuple[str, ...] | None = None
    actions: tuple[str, ...] | None = None
    tasks: tuple[str, ...] | None = None
    requirements: tuple[str, ...] | None = None  # what an environment may require
    has_remote_inputs: bool = True  # s3:// and the like


ANYTHING = Known()


def check(pipeline: Pipeline, known: Known = ANYTHING) -> tuple[Finding, ...]:
    """All findings, in no order."""
    findings = [
        *_duplicates(pipeline.stages),
        *_unknown_needs(pipeline.stages),
        *_cycles(pipeline.stages),
        *_outputs(pipeline.stages),
        *_releases(pipeline),
    ]
    for stage in pipeline.stages:
        findings += [*_condition(stage), *_time(stage), *_evaluation(stage)]
        findings += [*_executor(stage, known), *_beyond(stage, known), *commit_variables.findings(stage)]
        findings += privileged.findings(stage) if pipeline.dialect != OWN else ()
    for environment in pipeline.environments:
        findings += [*_environment(environment, known), *_unreached(pipeline, environment)]
    return tuple(findings)


def _duplicates(stages: tuple[Stage, ...]) -> Iterator[Finding]:
    first: dict[str, Stage] = {}
    for stage in stages:
        before = first.setdefault(stage.name, stage)
        if before is not stage:
            yield error(
                stage.place, f"a second stage `{stage.name}`", f"the first is at line {before.place.line}"
            )


def _unknown_needs(stages: tuple[Stage, ...]) -> Iterator[Finding]:
    known = {stage.name for stage in stages}
    names = graph.known_names(stages)
    unknown = [(stage, need) for stage in stages for need in stage.needs if need not in known]
    for number, (stage, need) in enumerate(unknown):
        hint = did_you_mean(need, names) if number < _HINTS else ""
        yield error(place_of(stage, "needs", need), f"`{stage.name}` needs `{need}`, which is no stage", hint)


def _cycles(stages: tuple[Stage, ...]) -> Iterator[Finding]:
    by_name = {stage.name: stage for stage in stages}
    for cycle in graph.cycles(stages):
        first, second = by_name[cycle[0]], (*cycle, cycle[0])[1]
        shown = cycle if len(cycle) <= 12 else (*cycle[:6], "…", *cycle[-5:])
        yield error(
            place_of(first, "needs", second),
            f"stages wait for each other: {' → '.join((*shown, cycle[0]))}",
            "an arrow is a need; reading what another stage makes is one",
        )


def _outputs(stages: tuple[Stage, ...]) -> Iterator[Finding]:
    """Two stages that make the same path, or a path inside the other's."""
    made = sorted(
        ((needs.plain(output) + "/", output, stage) for stage in stages for output in stage.outputs),
        key=lambda entry: entry[0],
    )
    outer: tuple[str, str, Stage] | None = None
    for entry in made:
        path, output, stage = entry
        if outer is None or not path.startswith(outer[0]):
            outer = entry
            continue
        if stage is outer[2] and path != outer[0]:
            yield warning(place_of(stage, "outputs", output), f"`{output}` lies in the output `{outer[1]}`")
            continue
        relation = "is also made by" if path == outer[0] else f"lies in `{outer[1]}`, made by"
        axes = ", ".join(f"`${name}`" for name, _ in stage.variables)
        hint = f"use every axis of the matrix in the path: {axes}" if axes else "give each its own path"
        yield error(place_of(stage, "outputs", output), f"`{output}` {relation} `{outer[2].name}`", hint)


def _condition(stage: Stage) -> Iterator[Finding]:
    """A dialect that reads `when` itself points at the very character; this is for all the others."""
    try:
        if stage.when:
            condition.parse(stage.when)
    except condition.ConditionError as problem:
        yield error(place_of(stage, "when"), f"`when`: {problem.message}", problem.hint)


def _time(stage: Stage) -> Iterator[Finding]:
    if stage.timeout_seconds == 0:
        hint = "leave it out for no limit"
        yield error(place_of(stage, "timeout"), f"`{stage.name}` has no time at all: it always fails", hint)


def _evaluation(stage: Stage) -> Iterator[Finding]:
    evaluation = stage.options
    if not isinstance(evaluation, Evaluate):
        return
    if evaluation.predictions:
        for key in ("predict", "data"):
            if getattr(evaluation, key):
                yield error(place_of(stage, key), f"`{stage.name}` has `predictions`, so it takes no `{key}`")
    else:
        for key in ("predict", "data"):
            if not getattr(evaluation, key) and not _is_said(stage, key):
                hint = "`predict` and `data`, or `predictions`: a file with the answers"
                yield error(stage.place, f"`{stage.name}` evaluates without `{key}`", hint)
    if not evaluation.task and not _is_said(stage, "task"):
        hint = "`task: classification`, regression, ranking or generation"
        yield error(stage.place, f"`{stage.name}` does not say its task", hint)
    if not evaluation.gates:
        yield warning(stage.place, f"`{stage.name}` has no gates: it measures, but refuses nothing")


def _is_said(stage: Stage, key: str) -> bool:
    """Whether the file has the key; where it has no value, the reader has said why."""
    return key in dict(stage.places)


def _executor(stage: Stage, known: Known) -> Iterator[Finding]:
    if known.executors is not None and stage.executor not in known.executors:
        place = (
            place_of(stage, "executor") if dict(stage.places).get("executor") else place_of(stage, "image")
        )
        yield error(
            place,
            f"this version cannot run `{stage.name}` with the executor `{stage.executor}`",
            did_you_mean(stage.executor, known.executors),
        )


def _beyond(stage: Stage, known: Known) -> Iterator[Finding]:
    """What can be read and cannot be performed, apart from the executor."""
    if known.actions is not None and stage.action not in known.actions:
        yield error(place_of(stage, stage.action), f"this version cannot perform `{stage.action}`")
    task = stage.options.task if isinstance(stage.options, Evaluate) else ""
    if task and known.tasks is not None and task not in known.tasks:
        hint = f"known here: {', '.join(known.tasks)}"
        yield error(place_of(stage, "task"), f"this version cannot judge the task `{task}`", hint)
    yield from _containers(stage)
    for path in stage.inputs or ():
        if "://" in path and not known.has_remote_inputs:
            hint = "give a file of the commit, or an absolute path"
            yield error(place_of(stage, "inputs", path), f"this version cannot read the input {path}", hint)


def _containers(stage: Stage) -> Iterator[Finding]:
    """An image, services and resources are a container's; and a container needs an image."""
    if stage.executor == DOCKER and not stage.image:
        yield error(place_of(stage, "executor"), f"`{stage.name}` runs in a container, but has no `image`")
    if stage.executor == DOCKER:
        return
    for key in ("image", "services", "resources"):
        if getattr(stage, key) not in ("", (), Resources()):
            hint = "the executor `docker` has them; it is the one of a stage with an `image`"
            message = f"`{key}` is for containers, but `{stage.name}` runs by the executor `{stage.executor}`"
            yield error(place_of(stage, key), message, hint)


def _releases(pipeline: Pipeline) -> Iterator[Finding]:
    environments = {environment.name: environment for environment in pipeline.environments}
    for stage in pipeline.stages:
        if not isinstance(stage.options, Release):
            continue
        name = stage.options.environment
        yield from _packages(pipeline, stage)
        if name in environments:
            yield from _evidence(pipeline, stage, environments[name])
        else:
            hint = did_you_mean(name, environments) or "describe it below `environments:`"
            yield error(
                place_of(stage, "release"), f"`{stage.name}` releases to `{name}`, which is unknown", hint
            )


def _packages(pipeline: Pipeline, stage: Stage) -> Iterator[Finding]:
    packages = {other.name: other for other in pipeline.stages if isinstance(other.options, Package)}
    needs_of_it = frozenset(stage.needs)
    needed = [name for name in packages if name in needs_of_it]
    if not packages:
        hint = "add a stage with `package: PATH OF THE MODEL`"
        yield error(
            place_of(stage, "release"), f"`{stage.name}` has nothing to release: no stage packages", hint
        )
    elif len(needed) > 1:
        which = some(needed, "`{}`".format)
        hint = "name one of them in `needs`"
        yield error(place_of(stage, "release"), f"`{stage.name}` could release any of {which}", hint)
    elif needed and not _is_served(packages[needed[0]]):
        text = f"`{stage.name}` releases `{needed[0]}`, which has no command that serves"
        yield error(place_of(stage, "release"), text, f"add `serve: python serve.py` to `{needed[0]}`")


def _is_served(stage: Stage) -> bool:
    """Whether a package says how it is served, or tries to."""
    options = stage.options
    return isinstance(options, Package) and bool(options.serve or options.runtime or _is_said(stage, "serve"))


def _evidence(pipeline: Pipeline, stage: Stage, environment: Environment) -> Iterator[Finding]:
    evaluations = {other.name for other in pipeline.stages if other.action == EVALUATE}
    if evaluations & graph.closure(pipeline.stages, [stage.name]):
        return
    place = place_of(stage, "release")
    if VERDICT in environment.require:
        hint = "put a stage that evaluates into its `needs`"
        yield error(
            place, f"`{environment.name}` requires a verdict, and `{stage.name}` waits for none", hint
        )
    elif evaluations:
        names = ", ".join(f"`{name}`" for name in sorted(evaluations))
        yield warning(place, f"`{stage.name}` does not wait for {names}", "put it into `needs`")
    else:
        yield note(place, f"no stage evaluates: `{stage.name}` releases the model as unevaluated")


def _environment(environment: Environment, known: Known) -> Iterator[Finding]:
    if not environment.from_:
        hint = "for example `from: [main]`"
        yield warning(
            environment.place, f"`{environment.name}` has no `from`: any branch may be released to it", hint
        )
    for key, names in (("target", known.targets), ("strategy", known.strategies)):
        value = getattr(environment, key)
        if names is not None and value not in names:
            place = place_of(environment, key)
            yield error(place, f"this version has no {key} `{value}`", did_you_mean(value, names))
    for one in environment.require:
        if known.requirements is not None and one not in known.requirements:
            place = place_of(environment, "require", one)
            yield error(place, f"this version cannot check `{one}`", did_you_mean(one, known.requirements))
    yield from _strategy(environment)
    for metric in environment.metrics:
        if metric.every_seconds < 1:
            text = f"`{metric.name}` is measured at most once a second"
            yield error(metric.place, text, "say `every: 10s`")


def _steps(environment: Environment) -> list[str]:
    """The steps of a canary."""
    return dict(environment.strategy_options).get("steps", "auto").split(",")


def _strategy(environment: Environment) -> Iterator[Finding]:
    """A strategy that waits for evidence wants gates, and a step that replays requests wants them."""
    place = place_of(environment, "strategy")
    steps = _steps(environment)
    pauses = [step for step in steps if not step.endswith("%") and step != "auto"]
    if environment.strategy in JUDGED and not environment.gates and not pauses:
        hint = "for example `gates: [error_rate <= stable + 0.5pp]`"
        yield error(
            place, f"`{environment.name}` has no gate that could judge the {environment.strategy}", hint
        )
    if "probe" in steps and not environment.probe:
        yield error(place, "the step `probe` has nothing to replay", "name the file: `probe: requests.jsonl`")
    if steps.count("probe") > 1:
        yield error(place, "the same requests replayed again are no new evidence", "let there be one `probe`")
    if environment.probe and environment.strategy == NEVER_BESIDE:
        hint = "release by blue-green, canary, rolling or shadow"
        text = f"with `{NEVER_BESIDE}` no two revisions are there to answer the requests of `probe`"
        yield error(place_of(environment, "probe"), text, hint)
    elif environment.probe and not environment.gates:
        yield error(place_of(environment, "probe"), "no gate judges the answers to `probe`", "add `gates`")
    if environment.on_deadline != "abort" and environment.within_seconds is None:
        yield warning(environment.place, "`on_deadline` without `within` never comes", "say `within: 2h`")


def _unreached(pipeline: Pipeline, environment: Environment) -> Iterator[Finding]:
    releases = [stage for stage in pipeline.stages if stage.action == RELEASE]
    if releases and not any(
        isinstance(stage.options, Release) and stage.options.environment == environment.name
        for stage in releases
    ):
        yield note(
            environment.place, f"no stage releases to `{environment.name}`; only a release by hand does"
        )
