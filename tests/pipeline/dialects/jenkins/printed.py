"""A pipeline and its findings as a person reads them, for the golden files.

After a wanted change: `python -m tests.pipeline.dialects.jenkins.printed` writes them anew; read the diff.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from seatrial.pipeline.container import PLAIN
from seatrial.pipeline.dialects.jenkins import parse
from seatrial.pipeline.finding import render
from seatrial.pipeline.pipeline import Finally, Stage
from seatrial.pipeline.step import JENKINS_SHELL, Block, Echo, Program, Shell, Step

GOLDENS = Path(__file__).parents[3] / "goldens" / "jenkins"


def printed(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    pipeline, findings = parse(text, "Jenkinsfile")
    lines = [line for stage in pipeline.stages for line in _stage(stage)]
    lines += _finally(pipeline.finally_, "")
    lines += [render(finding, text) for finding in findings]
    return "\n".join(lines) + "\n"


def _stage(stage: Stage) -> Iterator[str]:
    assert stage.inputs is None
    assert stage.effects
    assert not stage.cache
    yield f"stage {stage.name!r} at {stage.place} after {', '.join(stage.needs) or 'nothing'}"
    if stage.action != "command":
        yield f"  {stage.action} {stage.options!r}"
    if stage.image:
        yield f"  in containers of {stage.image}"
    yield from _container(stage)
    if stage.workspace != "jenkins":
        yield f"  in {stage.workspace}"
    if stage.regardless:
        yield "  whatever became of them"
    if stage.when:
        yield f"  when {stage.when}"
    yield from _bounds(stage)
    for name, value in stage.env:
        yield f"  env {name}={value}"
    for step in stage.steps:
        yield from _step(step, "  ")
    yield from _finally(stage.finally_, "  ")


def _bounds(stage: Stage) -> Iterator[str]:
    """What it is left out, stopped, limited and tried again with."""
    if stage.left_out_with:
        yield f"  left out with {', '.join(stage.left_out_with)}"
    if stage.stopped_with:
        yield f"  stopped with {', '.join(stage.stopped_with)}"
    for limit in stage.limits:
        yield f"  within {limit.seconds} s of {limit.name or 'the pipeline'}"
    for again in stage.again:
        yield f"  {again.attempts} attempts of {again.name or 'the pipeline'}"
    if stage.timeout_seconds is not None:
        yield f"  timeout {stage.timeout_seconds} s"
    if stage.retry:
        yield f"  {stage.retry} further attempts"


def _container(stage: Stage) -> Iterator[str]:
    named = zip(stage.container._fields, stage.container, PLAIN, strict=True)
    yield from (
        f"    {name} {value!r}" for name, value, plain in named if value != plain and name != "decide"
    )
    if stage.container.decide:
        yield "    decided when it begins"


def _finally(blocks: tuple[Finally, ...], indent: str) -> Iterator[str]:
    for block in blocks:
        yield f"{indent}finally {block.condition}"
        for step in block.steps:
            yield from _step(step, indent + "  ")


def _step(step: Step, indent: str) -> Iterator[str]:
    if isinstance(step, Echo):
        yield f"{indent}echo {step.text!r}"
    elif isinstance(step, Shell):
        name = "sh" if step.shell == JENKINS_SHELL else "command"
        marks = "" if step.check else " unchecked"
        marks += " captured" if step.capture else ""
        env = "".join(f" {name}={value}" for name, value in step.env)
        yield f"{indent}{name}{marks}{env} {step.script!r}"
    elif isinstance(step, Block):
        yield f"{indent}{type(step).__name__.lower()} {', '.join(map(repr, step[:-1]))}".rstrip()
        for inner in step.steps:
            yield from _step(inner, indent + "  ")
    elif isinstance(step, Program):
        yield f"{indent}program"
        yield from (f"{indent}  {line}" for line in step.source.splitlines())
    else:
        yield f"{indent}{type(step).__name__.lower()} {', '.join(map(repr, step))}".rstrip()


if __name__ == "__main__":
    for source in sorted(GOLDENS.glob("*.Jenkinsfile")):
        source.with_suffix(".txt").write_text(printed(source), encoding="utf-8")
