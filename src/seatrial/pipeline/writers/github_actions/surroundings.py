"""All of a job but its steps: variables, a matrix, an image, services, limits."""

from __future__ import annotations

import math
import re
import shlex
from collections.abc import Iterator
from typing import Any

from seatrial.pipeline.pipeline import Release, Service, Stage, place_of
from seatrial.pipeline.writers.commands import EVENT, REQUEST, TARGET
from seatrial.pipeline.writers.github_actions.conditions import literal
from seatrial.pipeline.writers.losses import again_there
from seatrial.pipeline.writers.ports import with_ports
from seatrial.pipeline.writers.source import has_matrix
from seatrial.pipeline.writers.writer import Loss

OF_THE_COMMIT = {
    "$GIT_COMMIT": "${{ github.sha }}",
    "$GIT_BRANCH": "${{ github.ref_name }}",
    "$SEATRIAL_TAG": "${{ github.ref_type == 'tag' && github.ref_name || '' }}",
}
# Only of a branch itself: a pull request from a branch named `main` must not count as `main`.
BRANCH = "${{ startsWith(github.ref, 'refs/heads/') && github.ref_name || '' }}"
OF_THE_START = {
    EVENT: "${{ github.event_name == 'workflow_dispatch' && 'manual' || github.event_name }}",
    REQUEST: "${{ github.event.number }}",
    TARGET: "${{ github.base_ref }}",
}


def surroundings(stage: Stage, is_left: bool, losses: list[Loss]) -> dict[str, Any]:
    """All of a job but its steps."""
    job: dict[str, Any] = {}
    if isinstance(stage.options, Release):
        job["environment"] = stage.options.environment
    env = {name: OF_THE_COMMIT.get(value) or literal(value) for name, value in stage.env}
    env |= {name: f"${{{{ secrets.{name} }}}}" for name in stage.secrets}
    if is_left:
        env |= {"BRANCH": BRANCH, **OF_THE_START}
    else:
        env |= {axis: f"${{{{ matrix.{axis} }}}}" for axis in _axes(stage)}
        losses += _empty(stage)
    if env:
        job["env"] = env
    if not is_left:
        job |= _containers(stage)
    return job | _limits(stage, is_left, losses)


def _containers(stage: Stage) -> dict[str, Any]:
    """A matrix, an image and the services beside."""
    job: dict[str, Any] = {}
    if has_matrix(stage):
        job["strategy"] = {"fail-fast": False, "matrix": _matrix(stage)}
    if stage.image:
        options = " ".join(map(shlex.quote, stage.container.options))
        image = placed(stage.image, stage)
        job["container"] = {"image": image, "options": options} if options else image
    services = (*stage.services, *map(with_ports, stage.beside))
    if services:
        job["services"] = {service.name: _service(service) for service in services}
    return job


def _limits(stage: Stage, is_left: bool, losses: list[Loss]) -> dict[str, Any]:
    job: dict[str, Any] = {}
    if is_left or not is_one(stage):
        job |= _minutes(stage)
    else:
        losses += again_there(stage)
    if stage.may_fail:
        job["continue-on-error"] = True
    return job


def _minutes(stage: Stage) -> dict[str, Any]:
    return {"timeout-minutes": math.ceil(stage.timeout_seconds / 60)} if stage.timeout_seconds else {}


def is_one(stage: Stage) -> bool:
    """Whether one script does what GitHub has no word for: it knows no attempts, and counts minutes."""
    return bool(stage.retry or (stage.timeout_seconds and stage.timeout_seconds % 60))


def _service(service: Service) -> dict[str, Any]:
    made: dict[str, Any] = {"image": service.image}
    if service.env:
        made["env"] = {name: literal(value) for name, value in service.env}
    if service.ports:
        made["ports"] = [f"{port}:{port}" for port in service.ports]
    words = {"--entrypoint": " ".join(service.entrypoint), "--user": service.user}
    options = " ".join(f"{name} {shlex.quote(value)}" for name, value in words.items() if value)
    return made | ({"options": options} if options else {})


def _matrix(stage: Stage) -> dict[str, Any]:
    made: dict[str, Any] = {axis: list(values) for axis, values in stage.matrix.axes}
    for key in ("exclude", "include"):
        rows = [dict(row) for row in getattr(stage.matrix, key)]
        if rows:
            made[key] = rows
    return made


def _axes(stage: Stage) -> list[str]:
    rows = (row for row in stage.matrix.include)
    named = [axis for axis, _ in stage.matrix.axes]
    return list(dict.fromkeys([*named, *(name for row in rows for name, _ in row)]))


def _empty(stage: Stage) -> Iterator[Loss]:
    always = {axis for axis, _ in stage.matrix.axes}
    for axis in _axes(stage):
        if always and axis not in always:
            text = f"`{axis}` is empty, and not unset, where the matrix of `{stage.name}` does not choose it"
            yield Loss(place_of(stage, "matrix"), text)


def placed(text: str, stage: Stage) -> str:
    """A text in which `$NAME` of an axis stands for what the matrix chose."""
    axes = _axes(stage)

    def chosen(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        return f"${{{{ matrix.{name} }}}}" if name in axes else match[0]

    return re.sub(r"\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))", chosen, text)
