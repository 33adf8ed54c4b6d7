"""Credentials by their id, as other systems name them: made of one or more secrets of this machine.

The id `docker-hub` is the secret DOCKER_HUB, or DOCKER_HUB_USR and DOCKER_HUB_PSW where it is a user and a
password; a private key may have DOCKER_HUB_PASSPHRASE, a user of a cloud DOCKER_HUB_SUBSCRIPTION and
DOCKER_HUB_TENANT.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from seatrial.errors import BadInput
from seatrial.journal import secrets
from seatrial.pipeline.step import Credential
from seatrial.system import files

_USER, _PASSWORD = "_USR", "_PSW"
# What some credentials have besides, by the end of the secret's name; "" where it is not here.
_MORE = {"_PASSPHRASE": "passphrase", "_SUBSCRIPTION": "subscription", "_TENANT": "tenant"}


def secret_name(credential: str) -> str:
    """The name of the secret that an id stands for: upper case, and "_" for what no name may hold."""
    return re.sub(r"\W", "_", credential, flags=re.ASCII).upper()


def variables(
    wanted: Iterable[Credential], folder: Path, home: Path, host_env: Mapping[str, str]
) -> dict[str, str]:
    """The variables that credentials give; the files among them are made in `folder`, for the owner alone.

    Raises BadInput for one that this machine does not have.
    """
    found: dict[str, str] = {}
    for one in wanted:
        found |= _variables(one, _parts(one.id, home, host_env), folder)
    return found


def login(credential: str, home: Path, host_env: Mapping[str, str]) -> tuple[str, str]:
    """A user and a password. Raises BadInput where the credentials are not here, or are something else."""
    wanted = (Credential(credential, "user", "username"), Credential(credential, "password", "password"))
    found = variables(wanted, home, home, host_env)
    return found["user"], found["password"]


def hidden(ids: Iterable[str], home: Path, host_env: Mapping[str, str]) -> list[str]:
    """Every value of the credentials that no log may show; nothing for one that is not here."""
    values = []
    for one in ids:
        name = secret_name(one)
        for suffix in ("", _PASSWORD, *_MORE):
            try:
                values += [value for _, value in secrets.resolve((name + suffix,), home, host_env)]
            except BadInput:
                continue
    passwords = [value.partition(":")[2] for value in values]  # of what may be user:password
    return values + [one for one in passwords if len(one) >= secrets.SHORTEST]


def _parts(credential: str, home: Path, host_env: Mapping[str, str]) -> dict[str, str]:
    """The parts that are there: "value", or "username" and "password"; and those of `_MORE`."""
    name = secret_name(credential)
    known = secrets.known([name + end for end in ("", _USER, _PASSWORD, *_MORE)], home, host_env)
    parts = {part: known.get(name + end, "") for end, part in _MORE.items()}
    parts["username"] = known.get(name + _USER, "")
    if name + _PASSWORD in known:
        ((_, password),) = secrets.resolve((name + _PASSWORD,), home, host_env)
        return parts | {"password": password, "value": f"{parts['username']}:{password}"}
    if name not in known:
        hint = f"give {name}=…, or {name}_USR=… and {name}_PSW=…, as a variable or in {home / 'secrets.env'}"
        raise BadInput(f"the credentials {credential!r} are not here", hint, about=credential)
    ((_, value),) = secrets.resolve((name,), home, host_env)
    user, colon, password = value.partition(":")
    return parts | {"value": value} | ({"username": user, "password": password} if colon else {})


def _is_key(parts: Mapping[str, str]) -> bool:
    """Whether it is a private key, which programs read from a file."""
    return parts["value"].startswith("-----BEGIN ") and "PRIVATE KEY-----" in parts["value"]


def _variables(wanted: Credential, parts: Mapping[str, str], folder: Path) -> dict[str, str]:
    name = wanted.variable
    if wanted.part == "environment" and _is_key(parts):
        pair = {f"{name}{_USER}": parts["username"], f"{name}{_PASSWORD}": parts["passphrase"]}
        return _variables(wanted._replace(part="file"), parts, folder) | pair
    if wanted.part == "environment":
        pair = {f"{name}{_USER}": "username", f"{name}{_PASSWORD}": "password"} if "password" in parts else {}
        return {name: parts["value"]} | {variable: parts[part] for variable, part in pair.items()}
    if wanted.part == "file":
        file = folder / f"credential-{secret_name(wanted.id)}"
        text = parts["value"]
        files.write(file, (text if text.endswith("\n") else text + "\n").encode(), mode=0o600)
        return {name: str(file)}
    if wanted.part not in parts:
        raise BadInput(
            f"the credentials {wanted.id!r} have no {wanted.part}",
            f"give {secret_name(wanted.id)}_USR=… and {secret_name(wanted.id)}_PSW=…",
            about=wanted.id,
        )
    return {name: parts[wanted.part]}
