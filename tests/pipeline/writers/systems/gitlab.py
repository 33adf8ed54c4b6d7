"""Runs a pipeline of GitLab CI as far as the written ones go: jobs by their needs, each on a fresh folder."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from tests.pipeline.writers.systems.ran import FAILURE, SKIPPED, SUCCESS, checked_out, shell

_SHELL = ("bash", "-eo", "pipefail", "-c")


class _Place(NamedTuple):
    repository: Path
    folder: Path
    log: list[str]


def run(
    text: str, repository: Path, place: Path, log: list[str], request: Mapping[str, Any] | None = None
) -> dict[str, str]:
    """What became of each job. A job whose rules do not hold is not there; it is told as skipped.
    `request` is what is known of a merge request, where one is run."""
    document = yaml.safe_load(text)
    shared = _predefined(repository) | dict(request or {}) | document.pop("variables", {})
    first, *_ = document.pop("stages")
    last = {name: job for name, job in document.items() if job["stage"] != first}
    waiting = {name: job for name, job in document.items() if name not in last}
    results: dict[str, str] = {}
    while waiting:
        name = next(name for name, job in waiting.items() if _names(job) <= results.keys())
        results[name] = _job(name, waiting.pop(name), shared, results, _Place(repository, place, log))
    for name, job in last.items():
        failed = FAILURE in results.values()
        if job["when"] == "always" or job["when"] == ("on_failure" if failed else "on_success"):
            results[name] = _job(name, job, shared, results, _Place(repository, place, log))
    return results


def _predefined(repository: Path) -> dict[str, Any]:
    sha = subprocess.run(["git", "rev-parse", "HEAD"], cwd=repository, capture_output=True, text=True)
    return {
        "CI": "true",
        "CI_COMMIT_SHA": sha.stdout.strip(),
        "CI_COMMIT_BRANCH": "main",
        "CI_PIPELINE_IID": "1",
        "CI_PROJECT_PATH": "shop",
        "CI_PIPELINE_SOURCE": "push",
    }


def _needs(job: dict[str, Any]) -> list[tuple[str, bool]]:
    """What a job needs, and whether it may be absent."""
    return [
        (need, False) if isinstance(need, str) else (need["job"], need.get("optional", False))
        for need in job.get("needs", ())
    ]


def _names(job: dict[str, Any]) -> set[str]:
    return {name for name, _ in _needs(job)}


def _job(
    name: str, job: dict[str, Any], shared: Mapping[str, Any], results: Mapping[str, str], place: _Place
) -> str:
    if not any(_holds(rule.get("if", ""), shared) for rule in job.get("rules", [{}])):
        return SKIPPED
    became = [results[need] for need, optional in _needs(job) if not (optional and results[need] == SKIPPED)]
    if any(result != SUCCESS for result in became):
        return SKIPPED
    ended = []
    for index, chosen in enumerate(job.get("parallel", {}).get("matrix", [{}])):
        variables = _variables({**shared, **job.get("variables", {}), **chosen})
        for attempt in range(job.get("retry", 0) + 1):
            code = _attempt(f"{name}-{index}-{attempt}", name, job, variables, place)
            if code == 0:
                break
        ended.append(code)
    return FAILURE if any(ended) and not job.get("allow_failure") else SUCCESS


def _attempt(unique: str, name: str, job: dict[str, Any], variables: dict[str, str], place: _Place) -> int:
    root = place.folder / unique
    (root / "home").mkdir(parents=True)
    checked_out(place.repository, root / "work")
    needs = _names(job) if "needs" in job else ("*",)  # without needs it gets what all before it kept
    for kept in sorted((one for need in needs for one in place.folder.glob(f"kept-{need}/*")), key=_age):
        shutil.copytree(kept, root / "work", dirs_exist_ok=True, symlinks=True)
    env = {**variables, "HOME": str(root / "home")}
    seconds = job.get("timeout", "100 seconds").removesuffix(" seconds")
    script = "\n".join(job["script"])
    code = shell(("timeout", seconds, *_SHELL, script), root / "work", env, place.log)
    status = "failed" if code else "success"
    for script in job.get("after_script", ()):
        shell((*_SHELL, script), root / "work", {**env, "CI_JOB_STATUS": status}, place.log)
    if code == 0 or job.get("artifacts", {}).get("when") == "always":
        _keep(job.get("artifacts", {}).get("paths", ()), variables, root / "work", place, name, unique)
    return code


def _age(path: Path) -> int:
    return path.stat().st_ctime_ns


def _keep(
    paths: list[str], variables: dict[str, str], work: Path, place: _Place, name: str, unique: str
) -> None:
    for pattern in paths:
        whole = _expanded(pattern, variables).rstrip("/")
        for found in [work] if whole == "." else work.glob(whole):
            target = place.folder / f"kept-{name}" / unique / found.relative_to(work)
            target.parent.mkdir(parents=True, exist_ok=True)
            if found.is_dir():
                shutil.copytree(found, target, ignore=shutil.ignore_patterns(".git"), dirs_exist_ok=True)
            else:
                shutil.copy(found, target)


def _variables(given: Mapping[str, Any]) -> dict[str, str]:
    plain = {key: value["value"] if isinstance(value, dict) else str(value) for key, value in given.items()}
    return {key: _expanded(value, plain) for key, value in plain.items()}


def _expanded(text: str, variables: Mapping[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        return "$" if found[0] == "$$" else variables.get(found[1] or found[2], "")

    return re.sub(r"\$\$|\$(?:\{(\w+)\}|(\w+))", value, text)


def _holds(text: str, variables: Mapping[str, Any]) -> bool:
    """A condition of `rules`, put into words of Python."""
    if not text:
        return True
    said = text.replace("&&", " and ").replace("||", " or ")
    said = re.sub(r"\$(\w+) =~ /(.*?)/", r"matches(\1, r'\2')", said)
    said = re.sub(r"\$(\w+) !~ /(.*?)/", r"not matches(\1, r'\2')", said)
    said = re.sub(r"\$(\w+)", r"\1", said).replace("null", "None")
    names = {name: variables.get(name) for name in re.findall(r"\b[A-Z][A-Z0-9_]*\b", said)}
    found = {"matches": lambda value, pattern: value is not None and re.search(pattern, value) is not None}
    return bool(eval(said, {"__builtins__": {}}, {**names, **found}))
