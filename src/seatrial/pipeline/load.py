"""From the text of a pipeline file to the Pipeline that is run, with all that there is to say about it."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from seatrial.errors import BadInput, Place
from seatrial.pipeline.all_dialects import ALL_DIALECTS, parse
from seatrial.pipeline.container import PLAIN
from seatrial.pipeline.loaded import Loaded
from seatrial.pipeline.pipeline import COMMAND
from seatrial.pipeline.spelling import did_you_mean
from seatrial.pipeline.step import SKIP_DEPLOY

if TYPE_CHECKING:
    from seatrial.pipeline.check import Known
    from seatrial.pipeline.finding import Finding
    from seatrial.pipeline.pipeline import Pipeline, Stage, Variables


def load(
    text: str,
    path: str,
    dialect_name: str | None = None,
    known: Known | None = None,
    values: Variables = (),
) -> Loaded:
    """Read a file by the dialect of its name, or by the one that is said; BadInput on an unknown one.

    `values` are for the parameters of a file that is made of them.
    """
    from seatrial.pipeline.check import ANYTHING, check  # a pipeline that was kept needs none of these
    from seatrial.pipeline.finding import error, has_errors
    from seatrial.pipeline.matrix import expand
    from seatrial.pipeline.needs import imply

    name = dialect_name or dialect_of(path)
    if name not in ALL_DIALECTS:
        raise BadInput(f"there is no dialect `{name}`", did_you_mean(name, ALL_DIALECTS))
    pipeline, findings = parse(name, text, path, values)
    stages, more = expand(pipeline.stages)
    pipeline = pipeline._replace(stages=imply(stages))
    findings += more
    if not (pipeline.stages or pipeline.environments or has_errors(findings)):
        findings += (error(Place(path, 1, 1), "there is no stage"),)
    return Loaded(pipeline, _in_order((*findings, *check(pipeline, known or ANYTHING))))


def complete(foreign: Pipeline, settings: Pipeline) -> Pipeline:
    """The stages of another dialect's file with what a seatrial.yaml without stages says beside it."""
    return foreign._replace(
        project=settings.project or foreign.project,
        model=settings.model or foreign.model,
        environments=settings.environments or foreign.environments,
        ignore=settings.ignore or foreign.ignore,
    )


def on_host(pipeline: Pipeline) -> Pipeline:
    """The pipeline with the commands of its containers as processes of this machine, without services."""
    stages = tuple(
        stage._replace(executor="local", image="", container=PLAIN, services=())
        if stage.executor == "docker"
        else stage
        for stage in pipeline.stages
    )
    return pipeline._replace(stages=stages, image="", container=PLAIN, on_host=True)


def in_image(pipeline: Pipeline, image: str) -> Pipeline:
    """The pipeline with the commands that it has for this machine in containers of an image. `{python}` in
    its name is the version that a stage wants."""
    return pipeline._replace(stages=tuple(_boxed(stage, image) for stage in pipeline.stages))


def _boxed(stage: Stage, image: str) -> Stage:
    if stage.image or stage.action != COMMAND:
        return stage
    version = stage.interpreter if stage.interpreter[:1].isdigit() else "3"
    name = image.replace("{python}", version.removesuffix("-dev"))
    return stage._replace(image=name, executor="docker", services=stage.beside)


def without_deployments(pipeline: Pipeline) -> Pipeline:
    """The pipeline with its scripts told to pass over what nothing here deploys, where they would fail."""
    told = ((SKIP_DEPLOY, "1"),)
    return pipeline._replace(stages=tuple(one._replace(env=one.env + told) for one in pipeline.stages))


def _in_order(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    once = dict.fromkeys(findings)
    return tuple(sorted(once, key=lambda finding: (finding.place.line, finding.place.column)))


def read_text(data: bytes, path: str) -> str:
    """The text of a pipeline file; raises BadInput where it is not UTF-8."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        rest = problem.object  # without the mark of byte order that may stand first
        before = (rest[: problem.start].decode() + "x").splitlines()
        message = f"byte 0x{rest[problem.start]:02x} is not UTF-8"
        raise BadInput(message, "save the file as UTF-8", Place(path, len(before), len(before[-1]))) from None


def dialect_of(path: str) -> str:
    """The name of the dialect that a file's name says; raises BadInput."""
    filename = path.rsplit("/", 1)[-1]
    for name, entry in ALL_DIALECTS.items():
        if filename in entry.filenames or path.endswith(tuple(n for n in entry.filenames if "/" in n)):
            return name
    stem = filename.casefold()
    for name, entry in ALL_DIALECTS.items():  # review.Jenkinsfile, seatrial.gpu.yaml, Jenkinsfile.nightly
        if any(_resembles(stem, known.casefold()) for known in entry.filenames):
            return name
    hint = did_you_mean(filename, default_names()) + "; or say --dialect"
    raise BadInput(f"no dialect is known by the file name `{filename}`", hint.removeprefix("; "), Place(path))


def folder_of(path: str) -> str:
    """The folder that a pipeline file is for, "" at the top: its own, or where its name begins."""
    for entry in ALL_DIALECTS.values():
        for name in entry.filenames:
            if "/" in name and f"/{path}".endswith(f"/{name}"):
                return path[: -len(name)].rstrip("/")
    return path.rpartition("/")[0]


def _resembles(filename: str, known: str) -> bool:
    stem, _, suffix = known.partition(".")
    return filename.endswith("." + known) or (filename.startswith(stem + ".") and filename.endswith(suffix))


def default_names() -> tuple[str, ...]:
    """The file names that are looked for, the preferred one first."""
    return tuple(name for entry in ALL_DIALECTS.values() for name in entry.filenames)


def candidates(paths: Collection[str]) -> tuple[str, ...]:
    """The pipeline files at the root of a commit, the preferred one first.

    Where the first has no stages, it is the settings beside the second; see `complete`.
    """
    present = frozenset(paths)
    return tuple(name for name in default_names() if name in present)


def find(paths: Collection[str]) -> str:
    """The preferred pipeline file at the root of a commit; raises BadInput naming what was looked for."""
    found = candidates(paths)
    if found:
        return found[0]
    below = sorted(path for path in paths if path.rsplit("/", 1)[-1] in default_names())
    looked_for = ", ".join(default_names())
    hint = f"say which with -f: {', '.join(below[:5])}" if below else "`seatrial init` writes a seatrial.yaml"
    raise BadInput(f"there is no pipeline file: looked for {looked_for}", hint)
