"""The Python that a stage runs in: a virtual environment by the digest of its requirements, built once.

The folder is named by what was asked for (the text of the requirements, the variables in it and the
interpreter); the *identity* is what came of it (version, platform and installed packages). The identity
enters the key of a stage, so a changed comment in the requirements runs nothing again and a changed package
does.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from seatrial.errors import BadInput
from seatrial.journal.journal import Journal
from seatrial.named_tuple import NamedTuple
from seatrial.run.ingredient import PACKAGES, Ingredients
from seatrial.store.store import Store
from seatrial.store.trees import Tree
from seatrial.system import digest

MARKER = "seatrial-environment.json"
_SEARCHED = ("python3", "python")
# Where packages lie below a prefix; the last is where Debian's pip puts them for the Python of /usr.
_SITES = ("lib/python3*/site-packages", "lib/python3*/dist-packages", "local/lib/python3*/dist-packages")
_INFO = (".dist-info", ".egg-info")

Log = Callable[[bytes], None]


class PythonEnvironment(NamedTuple):
    """`identity` is the digest of the interpreter's version, the platform and the packages.

    `packages` are (name, version), sorted; of one that came from a source repository the version holds the
    commit too. `builds` tell apart, in the same order, what has the same version. `requirements` is the whole
    text that was asked for.
    """

    identity: str
    folder: Path
    python_version: str
    packages: tuple[tuple[str, str], ...]
    requirements: str
    builds: tuple[str, ...]


def requirements_of(store: Store, tree: Tree, path: str) -> str:
    """The text of a requirements file of the commit, with all that it includes (-r and -c) in its place."""
    from seatrial.run import requirements

    return requirements.resolve(store, tree, path)


def ensure(
    home: Path,
    journal: Journal,
    requirements: str,
    log: Log,
    *,
    host_env: Mapping[str, str] = os.environ,
    token: str = "",
    is_cancelled: Callable[[], bool] = lambda: False,
) -> PythonEnvironment:
    """The environment of a text of requirements, built when it is not there yet.

    One process builds, others wait for it; what a killed one left is removed and built again. What pip says
    goes to `log`. Raises BadInput where pip cannot do it, Infrastructure where the network cannot.
    """
    found = known(home, requirements, host_env=host_env)
    if found is not None:
        return found
    from seatrial.run import python_build

    folder = folder_of(home, requirements, host_env)
    build = python_build.Build(folder, interpreter(host_env), requirements, host_env, token)
    built = python_build.build(build, log, is_cancelled)
    with journal.change():
        journal.append("environment.built", built.identity, folder=folder.name, packages=len(built.packages))
    return built


def known(
    home: Path, requirements: str, *, host_env: Mapping[str, str] = os.environ
) -> PythonEnvironment | None:
    """The environment of a text of requirements if it has been built; costs one small read."""
    return read(folder_of(home, requirements, host_env), requirements)


def folder_of(home: Path, requirements: str, host_env: Mapping[str, str]) -> Path:
    python = os.path.realpath(interpreter(host_env))  # one Python has several names
    asked = f"{requirements}\0{python}\0{_look(python)}{_filled_in(requirements, host_env)}"
    return home / "environments" / digest.of_text(asked)[7:31]


def _filled_in(text: str, host_env: Mapping[str, str]) -> str:
    """The variables of the text, with their values, which may be secrets: for a digest only."""
    if "${" not in text:
        return ""
    from seatrial.run import requirements

    return "".join(f"\0{name}={host_env.get(name)}" for name in requirements.variables(text))


def read(folder: Path, requirements: str) -> PythonEnvironment | None:
    """The environment in a folder; None where none was finished."""
    try:
        body = json.loads((folder / MARKER).read_bytes())
        packages = tuple((str(name), str(version)) for name, version in body["packages"])
        version, identity = str(body["python"]), str(body["identity"])
        builds = tuple(map(str, body.get("builds", [""] * len(packages))))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return PythonEnvironment(identity, folder, version, packages, requirements, builds)


def describe(folder: Path, version: str, platform: str, requirements: str) -> tuple[PythonEnvironment, bytes]:
    """The environment that was just built in a folder, and the text of its marker."""
    found = {_named(metadata): metadata for metadata in _metadata(folder)}
    packages = tuple(sorted(one for one in found if one[0] != "pip"))
    builds = tuple(_build(found[one]) for one in packages)
    identity = digest.of_text(json.dumps([version, platform, packages, builds]))
    body: dict[str, Any] = {"identity": identity, "python": version, "platform": platform}
    text = json.dumps({**body, "packages": packages, "builds": builds}, indent=1).encode()
    return PythonEnvironment(identity, folder, version, packages, requirements, builds), text


def installed(prefix: Path) -> tuple[tuple[str, str], ...]:
    """The packages below a prefix as (name, version), sorted, by the names of their metadata's folders."""
    return tuple(sorted({_named(metadata) for metadata in _metadata(prefix)}))


def _metadata(prefix: Path) -> Iterator[Path]:
    """The folders of the metadata of all packages below a prefix."""
    for pattern in _SITES:
        for folder in prefix.glob(pattern):
            for entry in os.listdir(folder):  # noqa: PTH208 - names are all that is wanted
                if entry.endswith(_INFO):
                    yield folder / entry


def _named(metadata: Path) -> tuple[str, str]:
    name, _, version = metadata.stem.partition("-")
    return name.lower().replace("_", "-"), version + _origin(metadata)


def _build(metadata: Path) -> str:
    """A digest of the contents that a package has by its own list, but for what is said about it and its
    scripts, which name the folder that they are in."""
    try:
        lines = (metadata / "RECORD").read_text("utf-8", "replace").splitlines()
    except OSError:
        return ""
    apart = (f"{metadata.name}/", "../")
    return digest.of_text("\n".join(sorted(one for one in lines if not one.startswith(apart))))[7:19]


def _origin(metadata: Path) -> str:
    """The commit of a package that was installed from a source repository, as "+commit"; else ""."""
    try:
        body = json.loads((metadata / "direct_url.json").read_bytes())
        return "@" + str(body["vcs_info"]["commit_id"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def interpreter(host_env: Mapping[str, str]) -> str:
    """The interpreter that PATH gives, without links, so that a virtual environment gives its base."""
    found = on_path(host_env.get("PATH", os.defpath), host_env.get("PYENV_VERSION", ""))
    if not found:
        raise BadInput("there is no python3 on PATH", hint="install Python, or name an image for the stage")
    return os.path.realpath(found)


@cache
def on_path(path: str, chosen: str = "") -> str:
    """The first python3, else python, on a PATH; "" where there is none.

    A shim of pyenv is not asked for, but what it starts: the version `chosen`, else that for all folders.
    """
    for name in _SEARCHED:
        for folder in path.split(os.pathsep):
            candidate = f"{folder}/{name}"
            if folder.startswith("/") and os.access(candidate, os.X_OK) and os.path.isfile(candidate):  # noqa: PTH113 - hot
                return _behind(folder, name, chosen) if folder.endswith("/shims") else candidate
    return ""


def _behind(folder: str, name: str, chosen: str) -> str:
    """What a shim of pyenv starts: it stays the same file when another version is chosen."""
    root = folder.removesuffix("/shims")
    for version in _chosen(root, chosen):
        exact = f"{root}/versions/{version}/bin/{name}"
        if os.access(exact, os.X_OK):
            return exact
        from seatrial.run import interpreters

        if found := interpreters.fitting(Path(root, "versions"), version):
            return found[0]
    return f"{folder}/{name}"


def _chosen(root: str, chosen: str) -> list[str]:
    if chosen:
        return chosen.split(":")
    try:
        return Path(root, "version").read_text("utf-8", "replace").split()
    except OSError:
        return []


def ingredients(environment: PythonEnvironment) -> Ingredients:
    """What a key says of a built environment: by package, so that `explain` can name the one that changed."""
    each = zip(environment.packages, environment.builds, strict=True)
    packages = "\n".join(f"{name} {version} {build}".rstrip() for (name, version), build in each)
    return (("python", environment.python_version), (PACKAGES, packages))


@cache
def host_ingredients(path: str) -> Ingredients:
    """What a key says of the Python on PATH, for stages that name none: which one, and its packages."""
    found = on_path(path)
    if not found:
        return (("python", ""),)
    packages = installed(Path(found).parent.parent)
    base = os.path.realpath(found)
    return (
        ("python", f"{base} {_look(base)}"),
        (PACKAGES, "\n".join(f"{name} {version}" for name, version in packages)),
    )


def _look(name: str) -> str:
    """An interpreter is taken for the same while its file looks the same."""
    info = os.stat(name)  # noqa: PTH116 - hot
    return f"{info.st_size} {info.st_mtime_ns}"
