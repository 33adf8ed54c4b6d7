"""A package made by hand from files here, or by a script of another system's pipeline inside a run."""

from __future__ import annotations

import os
from pathlib import Path

from seatrial.errors import BadInput, Place
from seatrial.journal import packages, runs
from seatrial.journal.runs import Run
from seatrial.named_tuple import NamedTuple
from seatrial.package import build, provenance
from seatrial.package.contents import PackageContents, PackagedPython
from seatrial.package.runtime import Options
from seatrial.package.served import ByRuntime, by_runtime
from seatrial.pipeline.finding import Finding
from seatrial.project import evidence
from seatrial.project.project import Home
from seatrial.store import trees
from seatrial.store.store import using


class Wanted(NamedTuple):
    """Paths are relative to `folder`. `python` is a requirements file, "" = whatever python is on PATH.

    It is served by the command `serve`, or by `function`: FILE.py:NAME, whose answers say what was predicted
    under the key `prediction`.
    """

    folder: Path
    model: str
    include: tuple[str, ...] = ()
    serve: str = ""
    function: str = ""
    prediction: str = ""
    predict: str = ""
    health: str = "/"
    python: str = ""
    name: str = ""


def package(home: Home, project: str, wanted: Wanted) -> str:
    """Make the package and return its digest; inside a run it becomes the run's. Raises BadInput."""
    with using(home.store):
        contents = _contents(home, wanted)
        digest = build.build(home.store, contents, name=wanted.name or project)
        run = runs.get(home.journal, home.run) if home.run else None
        commit = run.commit if run else ""
        body = {
            "name": wanted.name or project,
            "stage": os.environ.get("SEATRIAL_STAGE", "") if run else "",
            "size": sum(file.size for file in contents.files),
        }
        packages.record(home.journal, digest, project, run=home.run, commit=commit, body=body)
        if run is not None:
            _say_where_from(home, project, run, digest)
    return digest


def _contents(home: Home, wanted: Wanted) -> PackageContents:
    model = wanted.model.rstrip("/").removeprefix("./")
    if not (wanted.folder / model).exists():
        raise BadInput(f"there is no model {wanted.model}", hint="name the file or the folder that holds it")
    tree = trees.ingest(home.store, wanted.folder, [model, *wanted.include])
    files = {file.path: file for file in build.code_files(tree, wanted.include)} if wanted.include else {}
    files |= {file.path: file for file in build.model_files(tree, model)}
    serve, packed = wanted.serve, tuple(files.values())
    options = _function(wanted)
    if options:
        said = ByRuntime("function", options, wanted.health)
        serve, packed = by_runtime(home.store, packed, said)
    return PackageContents(model, packed, _python(home, wanted), serve, wanted.predict, wanted.health)


def _function(wanted: Wanted) -> Options:
    """The options of the server that calls a function; none where there is no such server."""
    from seatrial.pipeline.dialects.seatrial.paths import FUNCTION
    from seatrial.pipeline.yaml_document import Scalar

    if not wanted.function:
        if wanted.prediction:
            raise BadInput("a key of the prediction needs the function that answers", "name it: --function")
        return ()
    findings: list[Finding] = []
    function = FUNCTION.read(Scalar(wanted.function, Place("", 0, 0)), "--function", findings)
    if function is None:
        raise BadInput(findings[0].message, findings[0].hint)
    return (("function", function), *((("prediction", wanted.prediction),) if wanted.prediction else ()))


def _python(home: Home, wanted: Wanted) -> PackagedPython | None:
    if not wanted.python:
        return None
    from seatrial.run import python_environment

    tree = trees.ingest(home.store, wanted.folder, [wanted.python])
    text = python_environment.requirements_of(home.store, tree, wanted.python)
    built = python_environment.ensure(home.folder, home.journal, text, lambda _output: None)
    named = tuple(f"{name}=={version}" for name, version in built.packages)
    return PackagedPython(built.python_version, text, named)


def _say_where_from(home: Home, project: str, run: Run, digest: str) -> None:
    """Attach where the package comes from, and the verdict of the run where there is one."""
    origin = provenance.Origin(
        project,
        run.pipeline,
        "",
        run.commit,
        run.tree,
        run.dirty,
        run.id,
        os.environ.get("SEATRIAL_STAGE", ""),
        started=run.started,
        finished=run.started,
    )
    provenance.attach(home.store, provenance.provenance(digest, origin))
    verdict = evidence.verdict_of_run(home, run.id)
    if verdict is not None:
        provenance.attach(home.store, provenance.test_result(digest, project, verdict, ()))
    with home.journal.change(durable=True):
        home.journal.append(packages.TOLD, run.id, package=digest, stage=os.environ.get("SEATRIAL_STAGE", ""))
