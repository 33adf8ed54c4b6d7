"""Runs a workflow of GitHub Actions as far as the written ones go: jobs by their needs, in fresh folders."""

from __future__ import annotations

import fnmatch
import re
import shutil
import subprocess
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from tests.pipeline.writers.systems.ran import BIN, FAILURE, SKIPPED, SUCCESS, checked_out, shell

_TOKENS = re.compile(r"'(?:[^']|'')*'|&&|\|\||!=|!|[\w.-]+|\S")
_SHELLS = {"sh": "sh -e {0}", "bash": "bash --noprofile --norc -eo pipefail {0}"}
_WORDS = {"&&": " and ", "||": " or ", "!": " not ", "true": "True", "false": "False"}


class _Job(NamedTuple):
    """A job in one combination of its matrix."""

    folder: Path
    temporary: Path
    artifacts: Path
    contexts: Mapping[str, Any]
    env: dict[str, str]
    log: list[str]


def run(
    text: str, repository: Path, place: Path, log: list[str], request: Mapping[str, str] | None = None
) -> dict[str, str]:
    """What became of each job; `request` is what is known of a pull request, where one is run."""
    document = yaml.safe_load(text)
    results: dict[str, str] = {}
    waiting = dict(document["jobs"])
    while waiting:
        name = next(name for name, job in waiting.items() if set(job.get("needs", ())) <= results.keys())
        job = waiting.pop(name)
        before = [results[need] for need in _ancestors(name, document["jobs"])]
        direct = [results[need] for need in job.get("needs", ())]
        status = FAILURE if FAILURE in before else SKIPPED if SKIPPED in direct else SUCCESS
        contexts = {"github": _github(repository) | dict(request or {}), "status": status}
        if _holds(job.get("if", "success()"), contexts):
            results[name] = _job(name, document.get("env", {}), job, repository, place, contexts, log)
        else:
            results[name] = SKIPPED
    return results


def _ancestors(name: str, jobs: Mapping[str, Any]) -> set[str]:
    needs = set(jobs[name].get("needs", ()))
    return needs.union(*(_ancestors(need, jobs) for need in needs))


def _github(repository: Path) -> dict[str, str]:
    sha = subprocess.run(["git", "rev-parse", "HEAD"], cwd=repository, capture_output=True, text=True)
    return {
        "sha": sha.stdout.strip(),
        "ref": "refs/heads/main",
        "ref_name": "main",
        "ref_type": "branch",
        "head_ref": "",
        "base_ref": "",
        "event_name": "push",
        "run_number": "1",
        "repository": "shop",
    }


def _job(
    name: str,
    shared: Mapping[str, str],
    job: dict[str, Any],
    repository: Path,
    place: Path,
    contexts: Mapping[str, Any],
    log: list[str],
) -> str:
    ended = []
    for index, chosen in enumerate(_combinations(job.get("strategy", {}).get("matrix", {}))):
        folder = place / f"{name}-{index}"
        (folder / "temp").mkdir(parents=True)
        (folder / "home").mkdir()
        own = {
            **contexts,
            "matrix": chosen,
            "strategy": {"job-index": index},
            "runner": {"temp": folder / "temp"},
        }
        env = {key: _filled(value, own) for key, value in {**shared, **job.get("env", {})}.items()}
        env |= {"HOME": str(folder / "home"), "RUNNER_TEMP": str(folder / "temp"), "CI": "true"}
        one = _Job(folder / "work", folder / "temp", place / "artifacts", own, env, log)
        ended.append(_steps(job["steps"], one, repository))
    failed = FAILURE in ended and not job.get("continue-on-error")
    return FAILURE if failed else SUCCESS


def _combinations(matrix: dict[str, Any]) -> list[dict[str, str]]:
    """The product less `exclude`; an entry of `include` extends what it fits, or stands alone."""
    matrix = dict(matrix)
    include, exclude = matrix.pop("include", []), matrix.pop("exclude", [])
    rows = [dict(zip(matrix, values, strict=True)) for values in product(*matrix.values())]
    rows = [row for row in rows if not any(one.items() <= row.items() for one in exclude)]
    original = [dict(row) for row in rows] if matrix else []
    rows = rows if matrix or not include else []
    for entry in include:
        fits = [n for n, row in enumerate(original) if all(row.get(k, v) == v for k, v in entry.items())]
        for number in fits:
            rows[number] |= entry
        if not fits:
            rows.append(dict(entry))
    return rows


def _steps(steps: list[dict[str, Any]], job: _Job, repository: Path) -> str:
    status = SUCCESS
    for step in steps:
        if not _holds(step.get("if", "success()"), {**job.contexts, "status": status}):
            continue
        if not _step(step, job, repository):
            status = FAILURE
    return status


def _step(step: dict[str, Any], job: _Job, repository: Path) -> bool:
    uses = step.get("uses", "").partition("@")[0]
    given = {key: _filled(str(value), job.contexts) for key, value in step.get("with", {}).items()}
    if uses == "actions/checkout":
        checked_out(repository, job.folder)
        return True
    if uses == "actions/setup-python":
        return True  # the Pythons of this machine are on PATH
    if uses == "actions/upload-artifact":
        return _upload(given, job)
    if uses == "actions/download-artifact":
        return _download(given, job)
    if uses.startswith("actions/cache/"):
        return True  # a first run finds no cache, and none follows
    job.folder.mkdir(exist_ok=True)
    script = job.temporary / "script.sh"
    script.write_text(_filled(step["run"], job.contexts))
    said = step.get("shell", "bash -e {0}")
    words = _SHELLS.get(said, said).replace("{0}", str(script)).split()
    own = {key: _filled(value, job.contexts) for key, value in step.get("env", {}).items()}
    return shell(words, job.folder, {**job.env, **own, **_paths(job)}, job.log) == 0


def _paths(job: _Job) -> dict[str, str]:
    """What a step has appended to the file of GITHUB_PATH stands first for those after it."""
    file = job.temporary / "path"
    added = file.read_text().split() if file.exists() else []
    return {"GITHUB_PATH": str(file)} | (
        {"PATH": ":".join([*reversed(added), BIN, "/usr/local/bin:/usr/bin:/bin"])} if added else {}
    )


def _upload(given: dict[str, str], job: _Job) -> bool:
    target = job.artifacts / given["name"]
    target.mkdir(parents=True)
    for pattern in given["path"].splitlines():
        path = Path(pattern)
        for found in path.parent.glob(path.name) if path.is_absolute() else job.folder.glob(pattern):
            if found.is_file():
                shutil.copy(found, target)
    return True


def _download(given: dict[str, str], job: _Job) -> bool:
    Path(given["path"]).mkdir(parents=True)
    for artifact in job.artifacts.iterdir():
        if fnmatch.fnmatch(artifact.name, given["pattern"]):
            shutil.copytree(artifact, given["path"], dirs_exist_ok=True)
    return True


def _holds(text: str, contexts: Mapping[str, Any]) -> bool:
    status = contexts["status"]
    if not re.search(r"\b(?:always|success|failure|cancelled)\(\)", text) and status != SUCCESS:
        return False  # `success()` is part of every condition that names none of these
    return bool(_value(text, contexts))


def _filled(text: str, contexts: Mapping[str, Any]) -> str:
    return re.sub(r"\$\{\{(.*?)\}\}(?!')", lambda found: _text(_value(found[1], contexts)), str(text))


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _value(text: str, contexts: Mapping[str, Any]) -> Any:
    """An expression of GitHub, put into words of Python."""
    status = contexts["status"]
    functions: dict[str, Any] = {
        "always": lambda: True,
        "success": lambda: status == SUCCESS,
        "failure": lambda: status == FAILURE,
        "cancelled": lambda: False,
        "startsWith": lambda whole, start: whole.startswith(start),
        "format": lambda pattern, *values: pattern.format(*(value or "" for value in values)),
        "of": lambda name, key: contexts.get(name, {}).get(key),
    }
    return eval("".join(map(_word, _TOKENS.findall(text))), {"__builtins__": {}}, functions)


def _word(token: str) -> str:
    if token.startswith("'"):
        return repr(token[1:-1].replace("''", "'"))
    context, dot, key = token.partition(".")
    return f"of({context!r}, {key!r})" if dot and context else _WORDS.get(token, token)
