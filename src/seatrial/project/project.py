"""The composition root: where state lives, what is to be run, and which pipeline says how."""

import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path

from seatrial.commit.change import Change
from seatrial.errors import BadInput, Place
from seatrial.journal.journal import Journal, open_journal
from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.all_dialects import ALL_DIALECTS, is_merged
from seatrial.pipeline.load import complete, folder_of, in_image, on_host, without_deployments
from seatrial.pipeline.pipeline import Pipeline
from seatrial.project import pipeline_file, place
from seatrial.project.pipeline_file import PipelineFile
from seatrial.store.store import Store, open_store
from seatrial.store.trees import LINK, Tree
from seatrial.system import ahead, beside, files, settings

OWN = "seatrial"  # the name of our own dialect


class Home(NamedTuple):
    """All state of a user. `run` is the id of the run that we were started in, "" for none."""

    folder: Path
    journal: Journal
    store: Store
    run: str


class Project(NamedTuple):
    """One change of one project. `tree` is the content of the change."""

    home: Home
    name: str
    change: Change
    tree: Tree
    file: PipelineFile

    @property
    def pipeline(self) -> Pipeline:
        return self.file.pipeline


class Wanted(NamedTuple):
    """What is asked to be run: `spec` names a commit (None: the working state), `file` a pipeline file below
    `folder` ("": the one that is found), `branch` overrides what the checkout says,
    `host` runs on this machine what the file wants in containers, `parameters` are values for those of the
    pipeline, `skip_unknown` passes over steps that nothing here knows, `skip_deploy` over deployments; what
    the file has for this machine runs in `image`; `variables` are those that another system's server sets;
    `target` is the branch that a pull request wants to go to; `skip_undeclared` passes over values for
    parameters that the pipeline does not have."""

    folder: Path
    file: str = ""
    spec: str | None = None
    dialect: str | None = None
    branch: str = ""
    host: bool = False
    parameters: tuple[tuple[str, str], ...] = ()
    skip_unknown: bool = False
    skip_deploy: bool = False
    image: str = ""
    variables: tuple[tuple[str, str], ...] = ()
    target: str = ""
    skip_undeclared: bool = False


def open_home(env: Mapping[str, str] = os.environ) -> Home:
    """The home of this user, made when it is missing. Raises Problem."""
    if sys.getfilesystemencoding() != "utf-8":  # digests are made of names: they would be other ones
        raise BadInput("this Python does not see names of files as UTF-8", "start it with -X utf8")
    found = settings.read(env)
    journal = open_journal(found.home)
    return Home(found.home, journal, open_store(found.home, journal), found.run)


def look_at_home(env: Mapping[str, str] = os.environ) -> Home:
    """The same for who only looks: where none was made yet, and none can be, nothing has happened."""
    from seatrial.journal import journal
    from seatrial.system import disk

    try:
        return open_home(env)
    except disk.Unwritable:
        folder = settings.place(env)
        if not disk.is_seen_to_be_missing(journal.file_of(folder)):
            raise
        nothing = journal.open_nothing()
        return Home(folder, nothing, Store(folder / "store", nothing), "")


# What is needed as soon as the commit is known: loaded while the home is made and Git looks for the commit.
_NEXT = ("seatrial.pipeline.encoding",)
# And where the pipeline has still to be read.
_READER = (
    "seatrial.pipeline.dialects.seatrial.reader",
    "seatrial.pipeline.load",
    "seatrial.pipeline.check",
    "seatrial.project.gate_check",
    "seatrial.project.known",
    "seatrial.project.addresses",
)


def open_project(wanted: Wanted, home: Home | None = None, then: Sequence[str] = ()) -> Project:
    """The change, its content and its pipeline, all of the same commit. Raises BadInput.

    `then` are the modules that are needed after it. All that can be done while Git works is done then.
    """
    from seatrial.commit import all_sources
    from seatrial.commit.export import merged, tree_of

    with _read_beside(wanted, home) as is_read, ahead.loading((*_NEXT, *(() if is_read else _READER), *then)):
        home = home or open_home()
        change = all_sources.resolve(home.store, wanted.folder, wanted.spec)
        if wanted.branch:
            change = change._replace(branch=wanted.branch)
        tree = tree_of(home.store, change)
    file = read_pipeline(home, tree, change.folder, wanted)
    if wanted.target and is_merged(file.pipeline.dialect):
        change = merged(home.store, change, wanted.target)
        tree = tree_of(home.store, change)
        file = read_pipeline(home, tree, change.folder, wanted)
    if wanted.host:
        file = file._replace(pipeline=on_host(file.pipeline))
    if wanted.image:
        file = file._replace(pipeline=in_image(file.pipeline, wanted.image))
    if wanted.skip_deploy:
        file = file._replace(pipeline=without_deployments(file.pipeline))
    if wanted.parameters:
        from seatrial.pipeline.parameters import undeclared, with_values

        skipped = undeclared(file.pipeline, wanted.parameters) if wanted.skip_undeclared else ()
        values = (one for one in wanted.parameters if one not in skipped)
        file = file._replace(pipeline=with_values(file.pipeline, values))
    if wanted.variables or wanted.skip_unknown:
        from seatrial.pipeline.parameters import SKIPPING, with_variables

        skips = wanted.skip_unknown and file.pipeline.dialect != "seatrial"
        more = ((SKIPPING, "true"),) if skips else ()
        file = file._replace(pipeline=with_variables(file.pipeline, (*wanted.variables, *more)))
    name = file.pipeline.project or place.repository_name(change.root, change.url)
    return Project(home, name, change, tree, file)


def _read_beside(wanted: Wanted, home: Home | None) -> AbstractContextManager[bool]:
    """Let the file of the checkout be read and kept meanwhile: of the working state, it is what is asked for.

    What is wrong with it is found out again, and said, by whoever needs it.
    """
    if home is not None or wanted.spec is not None:
        return nullcontext(enter_result=False)
    return beside.doing(partial(_read_here, wanted))


def _read_here(wanted: Wanted) -> None:
    path = place.pipeline_path(wanted.folder, wanted.file)
    name = place.in_working_copy(wanted.folder, wanted.file, path)
    data = pipeline_file.read(path)
    pipeline_file.load(settings.read().home, data, name, wanted.dialect, wanted.parameters)


def read_pipeline(home: Home, tree: Tree, folder: str, wanted: Wanted) -> PipelineFile:
    """The pipeline as the commit has it: never as the checkout does. Raises BadInput.

    A seatrial.yaml without stages describes where another system's pipeline beside it releases to.
    """
    path = _pipeline_path(tree, folder, wanted)
    file = _read_one(home, tree, path, wanted)
    within = folder_of(path)
    if file.pipeline.dialect != OWN:
        own = _first(home, tree, within, wanted, is_own=True)
        if own is None or own.pipeline.stages:
            return file
        return file._replace(pipeline=complete(file.pipeline, own.pipeline))
    if file.pipeline.stages:
        return file
    foreign = _first(home, tree, within, wanted, is_own=False)
    if foreign is None:
        raise BadInput(f"{path} has no stage", hint="`seatrial init --print` shows some", place=Place(path))
    return foreign._replace(pipeline=complete(foreign.pipeline, file.pipeline))


def _first(home: Home, tree: Tree, folder: str, wanted: Wanted, *, is_own: bool) -> PipelineFile | None:
    """The first pipeline file of a folder, of our own dialect or of another."""
    prefix = f"{folder}/" if folder else ""
    known = {prefix + name for entry in ALL_DIALECTS.values() for name in entry.filenames}
    present = {entry.path for entry in tree if entry.path in known}
    for name, entry in ALL_DIALECTS.items():
        for filename in entry.filenames:
            if (name == OWN) == is_own and prefix + filename in present:
                return _read_one(home, tree, prefix + filename, wanted._replace(dialect=None))
    return None


def _read_one(home: Home, tree: Tree, path: str, wanted: Wanted) -> PipelineFile:
    from seatrial.store import blobs

    entry = next((entry for entry in tree if entry.path == path), None)
    if entry is None:
        hint = "is it committed? an ignored file is in no commit"
        raise BadInput(f"there is no file {path} in this commit", hint)
    if entry.kind == LINK:
        raise BadInput(f"{path} is a link", hint="name the file that it leads to", place=Place(path))
    if entry.size > pipeline_file.LARGEST:
        raise BadInput(f"{path} is larger than a pipeline file can be", place=Place(path))
    data, skip = blobs.read(home.store, entry.digest), wanted.skip_unknown
    values = wanted.parameters
    return pipeline_file.good(home.folder, data, path, wanted.dialect, values, skip_unknown=skip)


def _pipeline_path(tree: Tree, folder: str, wanted: Wanted) -> str:
    """The path in the commit of the file that is meant: the nearest, from the folder that we stand in up."""
    if wanted.file:
        return _joined(folder, _from_folder(wanted))
    from seatrial.pipeline.load import default_names, find

    for prefix in _prefixes(folder):
        names = [entry.path.removeprefix(prefix) for entry in tree if entry.path.startswith(prefix)]
        try:
            return prefix + find(names)
        except BadInput:
            if prefix:
                continue
            for name in default_names() if wanted.spec is None else ():
                files.ask_regular(wanted.folder / name)
            raise
    raise AssertionError("the root is always looked at")


def _prefixes(folder: str) -> list[str]:
    """What the paths in a folder begin with, then those in the folders above it, "" for the root."""
    parts = folder.split("/") if folder else []
    return [*("/".join(parts[:length]) + "/" for length in range(len(parts), 0, -1)), ""]


def _from_folder(wanted: Wanted) -> str:
    """The file by its path from the folder that we stand in, also where it was named by its absolute path."""
    if not wanted.file.startswith("/"):
        return wanted.file
    file = Path(os.path.normpath(wanted.file))
    return os.path.relpath(file.parent.resolve() / file.name, wanted.folder.resolve())


def _joined(folder: str, file: str) -> str:
    path = os.path.normpath(f"{folder}/{file}" if folder else file)
    if path == ".." or path.startswith("../"):
        raise BadInput(f"{file} is not in the repository", hint="name it by its path from this folder")
    return path
