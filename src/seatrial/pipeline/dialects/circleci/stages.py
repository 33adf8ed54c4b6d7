"""The stages of the jobs that are to run: one for each, and one for each node of its `parallelism`."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.pipeline.container import Container
from seatrial.pipeline.dialects.circleci.jobs import File, Job, is_empty, read_job
from seatrial.pipeline.dialects.circleci.logic import Test, when_of
from seatrial.pipeline.dialects.circleci.nodes import slug
from seatrial.pipeline.dialects.circleci.workflows import Planned, all_before, with_needed
from seatrial.pipeline.pipeline import APPROVE, LEFT_OUT, Approve, Stage
from seatrial.pipeline.step import LeaveOut, Shell, Step
from seatrial.pipeline.wishes import wished
from seatrial.pipeline.yaml_document import Scalar

_ELSEWHERE = "its filters, or its workflow, leave it out"
_RAN = ("succeeded", "unstable")
_ANY = ("succeeded", "unstable", "failed", "errored", "cancelled", "skipped", LEFT_OUT)


def stages_of(planned: tuple[Planned, ...], file: File) -> tuple[Stage, ...]:
    """The stages, in the order of the calls, which gives the jobs their numbers."""
    planned = tuple(
        one._replace(call=one.call._replace(number=number)) for number, one in enumerate(planned, 1)
    )
    tests = with_needed(planned)
    made: dict[str, tuple[Stage, ...]] = {}
    handing: dict[str, dict[str, str]] = {}
    by_name = {one.call.name: one for one in planned}
    for name, before in all_before(planned).items():
        one = by_name[name]
        needed = {need.name: made.get(need.name, ()) for need in one.needs}
        given: dict[str, str] = {}
        for each in before:
            given |= handing.get(each, {})
        made[name] = _of_call(one, needed, given, tests[name], file)
        handing[name] = {each.name: f"workspace/{slug(each.name)}" for each in made[name] if _hands_on(each)}
    return tuple(stage for one in planned for stage in made[one.call.name])


def _of_call(
    one: Planned,
    needed: dict[str, tuple[Stage, ...]],
    handing: dict[str, str],
    test: Test,
    file: File,
) -> tuple[Stage, ...]:
    """`needed` are the stages of each call that it requires; `handing` names all before it that have files
    for it, each with the place where these are."""
    call = one.call
    stage = _bare(one, needed, test, file)
    if one.is_approval:
        options = Approve(f"{call.name}: go on?")
        return (stage._replace(action=APPROVE, options=options),)
    if test is False:
        return (_left_out(stage, _ELSEWHERE),)
    if one.missing:
        return (_left_out(stage, f"it is {one.missing}, of an orb"),)
    if call.job not in file.jobs or is_empty(file.jobs[call.job]):  # it only joins others
        return (stage._replace(steps=(Shell(":"),), inputs=()),)
    attached = tuple(handing.values())
    job = read_job(call, file, attached)
    if any("\n_circle_attach " in script for script in _scripts(job)):
        stage = _with_far(stage, handing)
    if job.missing:
        return (_left_out(stage, job.missing),)
    if job.nodes == 1:
        return (_filled(stage, job, file),)
    return tuple(_node(number, job.nodes, stage, one, file, attached) for number in range(job.nodes))


def _bare(one: Planned, needed: dict[str, tuple[Stage, ...]], test: Test, file: File) -> Stage:
    """The stage without what it does."""
    needs = (each.name for need in one.needs for each in needed[need.name])
    return Stage(
        one.call.name,
        one.call.place,
        needs=tuple(dict.fromkeys(needs)),
        accepts=tuple(_accepts(one, needed)),
        when=when_of(test, Scalar("", one.call.place), file.reader),
        ordered=True,
        retry=one.reruns,
        cache=False,
        effects=True,
    )


def _accepts(one: Planned, needed: dict[str, tuple[Stage, ...]]) -> list[tuple[str, tuple[str, ...]]]:
    """The ends after which the stage runs, where they are not the usual: of what it requires as that says,
    and of what cannot run here none but success."""
    found: list[tuple[str, tuple[str, ...]]] = []
    for need in one.needs:
        for each in needed[need.name]:
            if need.ends:
                found.append((each.name, need.ends))
            elif _is_missing(each):
                found.append((each.name, _RAN))
    return found


def _hands_on(stage: Stage) -> bool:
    return any(output.startswith(".circleci-kept/workspace/") for output in stage.outputs)


def _with_far(stage: Stage, handing: dict[str, str]) -> Stage:
    """The stage, which also needs what it waits for indirectly and has files for it, however that ends."""
    far = [name for name in handing if name not in stage.needs]
    accepts = (*stage.accepts, *((name, _ANY) for name in far))
    return stage._replace(needs=(*stage.needs, *far), accepts=accepts)


def _left_out(stage: Stage, why: str) -> Stage:
    return stage._replace(steps=(LeaveOut(why),), when="", inputs=())


def _is_missing(stage: Stage) -> bool:
    """Whether a stage is left out because this machine, or this file, lacks what it is."""
    first: Step | None = stage.steps[0] if stage.steps else None
    return isinstance(first, LeaveOut) and first.message != _ELSEWHERE


def _node(
    number: int, nodes: int, stage: Stage, one: Planned, file: File, attached: tuple[str, ...]
) -> Stage:
    """One of the nodes that run the same job at once."""
    call = one.call._replace(name=f"{one.call.name}/{number}")
    env = (("CIRCLE_NODE_INDEX", str(number)), ("CIRCLE_NODE_TOTAL", str(nodes)))
    return _filled(stage._replace(name=call.name, env=env), read_job(call, file, attached), file)


def _filled(stage: Stage, job: Job, file: File) -> Stage:
    kept = tuple(f".circleci-kept/{kind}/{slug(stage.name)}/" for kind in job.kept if kind != "results")
    made: tuple[Step, ...] = (Shell(f"mkdir -p {' '.join(kept)}"),) if kept else ()
    results = f".circleci-kept/results/{slug(stage.name)}/**/*.xml"
    return stage._replace(
        steps=(*made, *job.steps),
        inputs=None if job.has_checkout else (),
        outputs=kept,
        keeps_after_failure=True,
        git=job.has_checkout,
        reports=(results,) if "results" in job.kept else (),
        image=job.images.image,
        container=Container(user=job.images.user),
        services=job.images.services,
        executor="docker" if job.images.image else "local",
        offered=tuple(dict.fromkeys(wished(_scripts(job), "CIRCLE", file.reader.variables))),
    )


def _scripts(job: Job) -> Iterator[str]:
    """What the job itself says, and not what prepares and ends it."""
    for step in job.steps[1:-1]:
        if isinstance(step, Shell):
            yield step.script
