"""From a pipeline to the stages of one run: those chosen, all that they need, and what evaluations add."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from seatrial.errors import BadInput
from seatrial.pipeline import commit_variables, graph
from seatrial.pipeline.pipeline import EVALUATE, Pipeline, Release, Stage
from seatrial.project.project import OWN, Project, Wanted, open_home

_FEW = 12  # stages that a hint can name


def stages_of(project: Project, names: Iterable[str] = (), *, first: bool = False) -> tuple[Stage, ...]:
    """The concrete stages of a run. Baselines are resolved here, once. Raises BadInput on an unknown name.

    `first` lets a first release go that no gate could judge.
    """
    stages = project.pipeline.stages
    if any(stage.action == EVALUATE for stage in stages):
        from seatrial.actions.expand import expand

        stages = expand(project.home.journal, project.home.store, project.name, stages)
    if first:
        stages = tuple(map(_let_first, stages))
    if project.pipeline.dialect == OWN:
        stages = tuple(commit_variables.resolved(stage, project.change) for stage in stages)
    return graph.select(stages, names)


def _let_first(stage: Stage) -> Stage:
    options = stage.options
    return stage._replace(options=options._replace(first=True)) if isinstance(options, Release) else stage


def told_apart(words: list[str], wanted: Wanted) -> tuple[str | None, list[str]]:
    """Which commit and which stages the words name: a word that is a stage's name is a stage.

    Only the first word can be a commit. The stages are looked up in the file as it is on disk now.
    """
    if not words:
        return None, []
    names = graph.known_names(_pipeline_here(wanted).stages)
    if words[0] in names:
        return None, words
    return words[0], words[1:]


def hint_of_stages(wanted: Wanted, hint: str) -> str:
    """What to say of a word that names no commit, and may be a stage misspelt."""
    from seatrial.pipeline.spelling import closest

    names = graph.known_names(_pipeline_here(wanted).stages)
    if not names:
        return f"{hint}; no stage can be read here: `seatrial check` says why"
    nearest = closest(wanted.spec or "", names)
    if nearest:
        return f"did you mean the stage `{nearest}`?"
    return f"{hint}; the stages are {', '.join(names)}" if len(names) <= _FEW else hint


def is_commit(folder: Path, word: str) -> bool:
    """Whether a word, taken as a stage, could have been meant as a commit."""
    from seatrial.commit import all_sources

    try:
        all_sources.resolve(open_home().store, folder, word)
    except BadInput:
        return False
    return True


def _pipeline_here(wanted: Wanted) -> Pipeline:
    from seatrial.project.pipeline_file import load, read
    from seatrial.project.place import pipeline_path, shown
    from seatrial.system import settings

    try:
        path = pipeline_path(wanted.folder, wanted.file)
        name = wanted.file or shown(wanted.folder, path)
        return load(settings.read().home, read(path), name, wanted.dialect).pipeline
    except BadInput:
        return Pipeline("", "")
