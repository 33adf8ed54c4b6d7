"""What is wrong with packages that a server of ours serves, and what follows from it for live gates."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from seatrial import patterns
from seatrial.pipeline.finding import Finding, error
from seatrial.pipeline.needs import plain
from seatrial.pipeline.pipeline import Package, Pipeline, Predictions, Release, Stage, place_of


def findings(pipeline: Pipeline) -> Iterator[Finding]:
    """A finding for every package that lacks the file which its server loads."""
    for stage, options, path in _served(pipeline):
        if not any(_holds(plain(one), path) for one in (options.model, *options.include)):
            text = f"the package lacks {path}, which `serve` names"
            yield error(place_of(stage, "serve", options.runtime), text, f"add {path} to `include`")


def missing(root: Path, pipeline: Pipeline) -> Iterator[Finding]:
    """A finding for every package whose file, as it lies here, has not what the server calls.

    A file that is not here may be what a stage makes.
    """
    from seatrial.package import all_runtimes

    for stage, options, path in _served(pipeline):
        if not (root / path).is_file():
            continue
        source = (root / path).read_bytes()
        problem = all_runtimes.runtime(options.runtime).problem(options.runtime_options, source)
        if problem:
            yield error(place_of(stage, "serve", options.runtime), problem)


def keeping_predictions(pipeline: Pipeline) -> Pipeline:
    """The pipeline that keeps predictions where a gate needs them and a server of ours says them."""
    if not list(_served(pipeline)):
        return pipeline
    from seatrial.project.gate_check import without_predictions

    environments = tuple(
        one._replace(predictions=Predictions())
        if one.predictions is None and _says_all(pipeline, one.name) and without_predictions(one)
        else one
        for one in pipeline.environments
    )
    return pipeline._replace(environments=environments)


def _served(pipeline: Pipeline) -> Iterator[tuple[Stage, Package, str]]:
    """The packages with a server of ours, and the path of the file that it loads."""
    from seatrial.package import all_runtimes

    for stage in pipeline.stages:
        options = stage.options
        if isinstance(options, Package) and options.runtime:
            yield stage, options, all_runtimes.runtime(options.runtime).needed(options.runtime_options)


def _holds(pattern: str, path: str) -> bool:
    """Whether a path or pattern of a package means a file, as it will when the package is made."""
    is_below = not pattern or f"{path}/".startswith(f"{pattern}/")
    return is_below or patterns.compiled(pattern).match(path) is not None


def _says_all(pipeline: Pipeline, environment: str) -> bool:
    """Whether a server of ours serves whatever the pipeline releases there."""
    packages = {stage.name: stage.options for stage in pipeline.stages if isinstance(stage.options, Package)}
    released = [
        packages[need]
        for stage in pipeline.stages
        if isinstance(stage.options, Release) and stage.options.environment == environment
        for need in stage.needs
        if need in packages
    ]
    return bool(released) and all(options.runtime for options in released)
