"""A CircleCI file for another system: jobs of the commands that its author wrote, where these are all.

A job that does more than that, such as one that halts itself or asks what only CircleCI knows, keeps the
scripts that do it here. So do all that hand files on, where one of them does.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable, Iterator

from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.dialects.circleci import file_of, parse
from seatrial.pipeline.dialects.circleci.jobs import Call, File, book_of, bound_job, environment_of, is_empty
from seatrial.pipeline.dialects.circleci.keys import parts_of
from seatrial.pipeline.dialects.circleci.nodes import MARK, reruns_of, seconds, slug, text, texts
from seatrial.pipeline.dialects.circleci.parameters import declared, given
from seatrial.pipeline.dialects.circleci.steps import (
    BEGIN,
    SILENCE_SECONDS,
    Book,
    Writers,
    run_of,
    variables,
    when_of_step,
)
from seatrial.pipeline.dialects.circleci.workflows import Planned, plan
from seatrial.pipeline.pipeline import Finally, Pipeline, Stage, Variables
from seatrial.pipeline.step import Archive, Dir, KeepCache, Mark, Retry, Shell, Step, TakeCache, Tests
from seatrial.pipeline.yaml_document import Mapping, Node, compose, entries, items

_SHELL = ("/bin/bash", "-eo", "pipefail")
_ENDS = {"always": "always", "on_fail": "failure"}
# Its variables that every system has: of the commit as variables, of the run in the script that reads one.
_OF_THE_COMMIT = {"CIRCLE_SHA1": "$GIT_COMMIT", "CIRCLE_BRANCH": "$GIT_BRANCH", "CIRCLE_TAG": "$SEATRIAL_TAG"}
_OF_THE_RUN = {
    "CIRCLE_BUILD_NUM": "SEATRIAL_RUN_NUMBER",
    "CIRCLE_PIPELINE_NUMBER": "SEATRIAL_RUN_NUMBER",
    "CIRCLE_PROJECT_REPONAME": "SEATRIAL_PROJECT",
}
_SAID = ("CIRCLE_JOB",)
_OWN_VARIABLE = re.compile(r"\bCIRCLE_[A-Z_]+\b")
_APART = ".workspace"
_OWN_COMMAND = re.compile(r"\bcircleci(?:-agent)?\s+(?:step|tests|env|run)\b")


class _Unlike(Exception):  # noqa: N818 - it never leaves this file
    """A job that is more than its commands."""


class _Made(NamedTuple):
    """What the steps of a job come to so far, and the folders that files are handed on from and to.

    `is_apart`: these differ, or lie elsewhere, so files go through a folder of their own.
    """

    ends: dict[str, list[Step]]
    outputs: list[str]
    roots: set[str | None]
    is_apart: bool


_Written = tuple[Stage, set[str | None]]


def authored(text: str, path: str) -> Pipeline:
    """The pipeline of a file without errors."""
    pipeline, _ = parse(text, path)
    root, _ = compose(text, path, strict=False)
    assert isinstance(root, Mapping)
    parameters = declared(entries(root).get("parameters"))
    file = file_of(root, given(parameters, {}), [])
    calls = {one.call.name: one for one in plan(root, file)}
    wanted = {
        stage.name: (stage, calls[stage.name].call)
        for stage in pipeline.stages
        if stage.name in calls and _has_steps(calls[stage.name], stage, file)
    }
    made = _all(wanted, file, is_apart=False)
    if _are_apart(made):
        made = _all(wanted, file, is_apart=True)
    return pipeline._replace(stages=tuple(_chosen(pipeline.stages, made)))


def _are_apart(made: dict[str, _Written]) -> bool:
    """Whether files that are handed on would not be found where they are wanted, by their own names."""
    roots = {root for _, handed in made.values() for root in handed}
    outputs = [output for stage, _ in made.values() for output in stage.outputs]
    are_plain = all(re.fullmatch(r"[\w.-]+(/[\w.-]+)*/?", output) and output != "." for output in outputs)
    return len(roots) > 1 or None in roots or not are_plain or len(set(outputs)) < len(outputs)


def _all(wanted: dict[str, tuple[Stage, Call]], file: File, *, is_apart: bool) -> dict[str, _Written]:
    """The stages, by their names, that are no more than their commands."""
    made: dict[str, _Written] = {}
    for name, (stage, call) in wanted.items():
        try:
            made[name] = _stage(stage, call, file, is_apart)
        except _Unlike:
            continue
    return made


def _has_steps(one: Planned, stage: Stage, file: File) -> bool:
    name = one.call.job
    return (
        not one.is_approval and name in file.jobs and not is_empty(file.jobs[name]) and len(stage.steps) > 1
    )


def _chosen(stages: tuple[Stage, ...], made: dict[str, _Written]) -> Iterable[Stage]:
    """Each stage as its author wrote it, unless files that are handed on would not arrive."""
    are_all = {stage.name for stage in stages if _hands_on(stage)} <= made.keys()
    chosen = []
    for stage in stages:
        one, handed = made.get(stage.name, (_without_usual(stage), set()))
        chosen.append(one if are_all or not handed else _without_usual(stage))
    return [_with_needs(stage, chosen) for stage in chosen]


def _without_usual(stage: Stage) -> Stage:
    """The stage without the limit of silence that CircleCI has for every command, and no author said."""
    steps = (
        step._replace(silence_seconds=None)
        if isinstance(step, Shell) and step.silence_seconds == SILENCE_SECONDS
        else step
        for step in stage.steps
    )
    return stage._replace(steps=tuple(steps))


def _hands_on(stage: Stage) -> bool:
    """Whether the scripts that run here keep or bring files of a workspace."""
    scripts = (step.script for step in stage.steps if isinstance(step, Shell))
    return any("\n_circle_persist " in one or "\n_circle_attach " in one for one in scripts)


def _with_needs(stage: Stage, stages: list[Stage]) -> Stage:
    """What a stage waits for by way of others is a need only where it may bring its files."""
    keeps = {each.name for each in stages if each.outputs}
    ends = dict(stage.accepts)
    far = {name for name in stage.needs if "skipped" in ends.get(name, ()) and "failed" in ends[name]}
    by_name = {each.name: each for each in stages}
    direct = [name for name in stage.needs if name not in far]
    reached = _before(direct, by_name)
    dropped = {name for name in far if name in reached}
    needs = tuple(name for name in stage.needs if name not in dropped or name in keeps)
    accepts = tuple((name, found) for name, found in stage.accepts if name not in dropped)
    return stage._replace(needs=needs, accepts=accepts)


def _before(names: Iterable[str], stages: dict[str, Stage]) -> set[str]:
    found: set[str] = set()
    open_ = list(names)
    while open_:
        for need in stages[open_.pop()].needs:
            if need not in found:
                found.add(need)
                open_.append(need)
    return found


def _stage(stage: Stage, call: Call, file: File, is_apart: bool) -> _Written:
    """The stage, and the folders that it hands files on from or gets them in. Raises _Unlike."""
    bound, executor, _ = bound_job(call, file)
    parts = {**executor, **entries(bound)}
    made = _Made({"always": [], "failure": []}, [], set(), is_apart)
    folder = text(parts.get("working_directory")) or "~/project"
    book = book_of(call, parts, file, (), _writers(made, folder, _shell_of(parts.get("shell"))))
    _refuse(book, folder)
    late = [step for steps in made.ends.values() for step in steps]
    scripts = "\n".join(step.script for step in _shells([*book.made, *late]))
    if any(isinstance(step, Shell) for step in book.made):
        book.made.extend(_unknown(call.name, scripts, stage))
    env = (("BASH_ENV", f".bash_env-{slug(stage.name)}"),) if "BASH_ENV" in scripts else ()
    ends = tuple(Finally(name, _given(steps, env)) for name, steps in made.ends.items() if steps)
    done = stage._replace(
        steps=_given((*_placed(folder, scripts), *book.made), env),
        finally_=ends,
        env=_environment(stage, environment_of(bound, executor, book.reader), scripts),
        outputs=tuple(dict.fromkeys(made.outputs)),
        keeps_after_failure=False,  # what is kept in any case is a step of an end
        reports=(),
    )
    return done, made.roots


def _is_elsewhere(folder: str) -> bool:
    """Whether a folder is at a place of its own, which a link can be."""
    return re.fullmatch(r"~?(/[\w.-]+)+/?", folder) is not None and ".." not in folder.split("/")


def _placed(folder: str, scripts: str) -> tuple[Step, ...]:
    """A job begins where the commit is: what the file names is a link to there, where a command needs one."""
    place = folder.rstrip("/")
    if not _is_elsewhere(folder) or place.lstrip("~") not in scripts:
        return ()
    return (Shell(f'mkdir -p {place.rpartition("/")[0] or "/"} && ln -sfn "$PWD" {place}', _SHELL),)


def _unknown(job: str, scripts: str, stage: Stage) -> Iterator[Step]:
    """What is to be told of CircleCI's own variables that scripts read and nothing sets."""
    known = {*_OF_THE_COMMIT, *_OF_THE_RUN, *_SAID, *(name for name, _ in stage.env)}
    for name in sorted(set(_OWN_VARIABLE.findall(scripts)) - known):
        if not re.search(rf"(?:^|[\s;&(]){name}=", scripts):
            yield Mark(f"the variable `{name}` of CircleCI, which `{job}` reads", "succeeded", "succeeded")


def _given(steps: Iterable[Step], env: Variables) -> tuple[Step, ...]:
    """The steps with more variables for each command."""
    return tuple(step._replace(env=(*env, *step.env)) if isinstance(step, Shell) else step for step in steps)


def _refuse(book: Book, folder: str) -> None:
    """Raises _Unlike where the commands are not all that the job is."""
    scripts = [step.script for step in _shells(book.made)]
    names_place = any(folder.lstrip("~") in script for script in scripts)
    if any(book.checkouts[:1]) or len(book.checkouts) > 1 or book.tests:
        raise _Unlike
    if names_place and not _is_elsewhere(folder):
        raise _Unlike
    if any(BEGIN in script or MARK in script or _OWN_COMMAND.search(script) for script in scripts):
        raise _Unlike


def _shells(steps: Iterable[Step]) -> Iterable[Shell]:
    for step in steps:
        if isinstance(step, Shell):
            yield step
        elif isinstance(step, Dir | Retry):
            yield from _shells(step.steps)


def _environment(stage: Stage, pairs: Variables, scripts: str) -> Variables:
    """The variables of a job, with those of CircleCI that its commands read."""
    said = dict(pairs)
    if any(MARK in value or not name.isidentifier() for name, value in said.items()):
        raise _Unlike
    of_circle = {name: value for name, value in _OF_THE_COMMIT.items() if name in scripts}
    own = {"CIRCLE_JOB": stage.name} if "CIRCLE_JOB" in scripts else {}
    return tuple({**dict(stage.env), **of_circle, **own, **said}.items())


def _writers(made: _Made, folder: str, shell: tuple[str, ...]) -> Writers:
    """What each built-in step becomes."""

    def run(_name: str, step: Node, value: Node | None, book: Book) -> None:
        parts = run_of(value)
        when = when_of_step(parts.get("when"), book)
        command = _command(step, parts, folder, shell, book)
        reruns = reruns_of(parts.get("max_auto_reruns"), book.reader.findings)
        _put(Retry(reruns + 1, (command,)) if reruns else command, when, made, book)

    def store(name: str, _step: Node, value: Node | None, book: Book) -> None:
        said = text(entries(value).get("path")) or text(value)
        path = (_inside(said, folder) or said).rstrip("/")
        below = "" if path == "." else f"{path}/"
        kept: Step = Archive(_kept(path, below), (), False)
        if name == "store_test_results":
            kept = Tests((path if path.endswith(".xml") else f"{below}**/*.xml",), False, False)
        _put(kept, "always", made, book)

    def persist(_name: str, step: Node, value: Node | None, book: Book) -> None:
        said = text(entries(value).get("root"))
        root, paths = _inside(said, folder), texts(entries(value).get("paths"))
        made.roots.add(root)
        if made.is_apart:
            own = f"{_APART}/{slug(book.job)}"
            files = " ".join(map(_files, paths))
            script = f"mkdir -p {own} && (cd {_folder(said)} && tar -cf - {files}) | tar -C {own} -xf -"
            _put(Shell(script, shell, place=step.place, name="hand files on"), "on_success", made, book)
            made.outputs.append(own)
        else:
            made.outputs.extend(_joined(root, path) for path in paths)

    def attach(_name: str, step: Node, value: Node | None, book: Book) -> None:
        said = text(entries(value).get("at")) or "."
        made.roots.add(_inside(said, folder))
        if made.is_apart:
            script = f"mkdir -p {_folder(said)} && cp -R {_APART}/*/. {_folder(said)}"
            _put(Shell(script, shell, place=step.place, name="take what was handed on"), "", made, book)

    return {
        **dict.fromkeys(("run", "deploy", "shell"), run),
        **dict.fromkeys(("store_artifacts", "store_test_results"), store),
        "checkout": _checkout,
        "persist_to_workspace": persist,
        "attach_workspace": attach,
        **dict.fromkeys(("save_cache", "restore_cache"), _cache(made, folder)),
    }


def _kept(path: str, below: str) -> tuple[str, ...]:
    """The patterns of a file or a folder: which of them it is, only the run can tell."""
    is_elsewhere = path[:1] in ("/", "~")  # it is told by its own name
    return (path,) if is_elsewhere else (*([path] if below else []), f"{below}**")


def _folder(path: str) -> str:
    """The word of a shell for a folder: of what it would do with that, it fills in `~` only."""
    home = re.match("~(?:/|$)", path)
    start = home[0] if home else "./" if path.startswith("-") else ""
    rest = path.removeprefix(start)
    return f"{start}{shlex.quote(rest)}" if rest else start


def _files(pattern: str) -> str:
    """The word of a shell for files, which also finds what fits `*`, `?` and `[abc]`."""
    parts = re.split(r"(\[[\w.^-]+\]|[*?]+)", pattern)
    words = (part if number % 2 else shlex.quote(part) for number, part in enumerate(parts) if part)
    return ("./" if pattern.startswith("-") else "") + "".join(words)


def _cache(made: _Made, folder: str) -> Callable[[str, Node, Node | None, Book], None]:
    def cache(name: str, _step: Node, value: Node | None, book: Book) -> None:
        parts = entries(value)
        nodes = (one for key in ("key", "keys") for one in items(parts.get(key)))
        keys = tuple(parts_of(text(one)) for one in nodes if text(one))
        if book.tests:
            raise _Unlike
        if name == "restore_cache":
            book.made.append(TakeCache("", keys))
            return
        paths = tuple((_inside(path, folder) or path).rstrip("/") for path in texts(parts.get("paths")))
        when = _ENDS.get(when_of_step(parts.get("when"), book))
        (made.ends[when] if when else book.made).append(KeepCache("", keys[0], paths))

    return cache


def _checkout(_name: str, _step: Node, value: Node | None, book: Book) -> None:
    book.checkouts.append(text(entries(value).get("path")))


def _put(step: Step, when: str, made: _Made, book: Book) -> None:
    """A step in its place. One that runs at the end in any case stands after all others, or not at all."""
    if book.tests:
        raise _Unlike
    if when in _ENDS:
        made.ends[_ENDS[when]].append(step)
    elif any(_commands(steps) for steps in made.ends.values()):
        raise _Unlike
    else:
        book.made.append(step)


def _commands(steps: Iterable[Step]) -> bool:
    return any(True for _ in _shells(steps))


def _shell_of(node: Node | None) -> tuple[str, ...]:
    said = tuple(text(node).split())
    return _SHELL if said in ((), ("bash", "-eo", "pipefail")) else said


def _command(step: Node, parts: dict[str, Node], folder: str, shell: tuple[str, ...], book: Book) -> Step:
    script = text(parts.get("command")).rstrip("\n")
    if text(parts.get("background")).lower() in ("true", "yes", "on"):
        raise _Unlike
    read = (f'export {name}="${value}"\n' for name, value in _OF_THE_RUN.items() if name in script)
    where = text(parts.get("working_directory"))
    outside = where if where[:1] in ("/", "~") and _inside(where, folder) is None else ""
    begin = f"mkdir -p {outside} && cd {outside}\n" if outside else ""
    command = Shell(
        f"{''.join(read)}{begin}{script}",
        _shell_of(parts["shell"]) if "shell" in parts else shell,
        variables(parts.get("environment"), book.reader),
        place=step.place,
        silence_seconds=_silence(parts.get("no_output_timeout")),
        name=text(parts.get("name")),
    )
    below = "" if outside or not where else _below(where, folder)
    if below in ("", "."):
        return command
    if "BASH_ENV" in script:
        raise _Unlike
    return Dir(below, (command,))


def _silence(node: Node | None) -> float | None:
    """What the author says; the limit that CircleCI has for all is its own."""
    return None if node is None else seconds(node, [])


def _inside(path: str, folder: str) -> str | None:
    """A path below the folder of a job, from there; None for one elsewhere."""
    path = path.rstrip("/") or path
    if path == folder.rstrip("/"):
        return "."
    if path.startswith(f"{folder.rstrip('/')}/"):
        return path[len(folder.rstrip("/")) + 1 :]
    return None if path[:1] in ("/", "~") or ".." in path.split("/") else path.removeprefix("./") or "."


def _below(path: str, folder: str) -> str:
    found = _inside(path, folder)
    if found is None:
        raise _Unlike
    return found


def _joined(root: str | None, path: str) -> str:
    return path if root in (None, ".") else f"{root}/{path}"
