"""What a `.travis.yml` may say, and how each of it is honoured."""

from __future__ import annotations

from seatrial.pipeline import constructs
from seatrial.pipeline.constructs import Seen
from seatrial.pipeline.dialects.travis.languages import AXES, KEYS
from seatrial.pipeline.dialects.travis.remarks import NOTED
from seatrial.pipeline.dialects.travis.texts import SECURE
from seatrial.pipeline.yaml_constructs import ANY, FILE, Key, Shapes, emulated, holds
from seatrial.pipeline.yaml_constructs import see as see_keys

_EXACT = Key()
_PASSED_OVER = Key(constructs.NOTED, "it is passed over")
_ENV = emulated("bash sets the variables in the order of the file", "env")
_TOLD = emulated("the job is told the version, and uses what is on PATH")
_PYTHON = emulated("a virtual environment of the job, with the interpreter of this name on PATH")
_SECURE = {SECURE: emulated("a secret that this machine has, by its name or by what the commands read")}
_PHASES = (
    "before_install", "install", "before_script", "script", "before_cache", "after_success", "after_failure",
    "after_script", "before_deploy", "after_deploy",
)  # fmt: skip

_JOB: dict[str, Key] = {
    **dict.fromkeys((*AXES, *KEYS), _TOLD),
    **{name: Key(constructs.NOTED, said) for name, said in NOTED.items()},
    **dict.fromkeys(_PHASES, _EXACT),
    "python": _PYTHON,
    "language": _EXACT,
    "os": _EXACT,
    "env": _ENV,
    "if": _EXACT,
    "branches": _EXACT,
    "cache": emulated("the folders are kept for the jobs of later runs that make the same choices"),
    "deploy": holds("deploy"),
    "name": _EXACT,
    "stage": _EXACT,
    "virtualenv": holds("virtualenv"),
    "workspaces": holds("workspaces"),
}
SHAPES: Shapes = {
    FILE: {
        **_JOB,
        "matrix": holds("jobs"),
        "jobs": holds("jobs"),
        "stages": holds("stages"),
        "version": _EXACT,
        "import": _EXACT,
        "conditions": _PASSED_OVER,
    },
    "jobs": {
        "include": holds("include"),
        "exclude": _EXACT,
        "allow_failures": _EXACT,
        "allowed_failures": _EXACT,
        **_JOB,  # a list of jobs
    },
    "include": _JOB,
    "env": {**dict.fromkeys(("global", "matrix", "jobs"), holds("env")), **_SECURE, ANY: holds("variable")},
    "variable": {**_SECURE},
    "stages": {"name": _EXACT, "if": _EXACT, ANY: Key()},
    "deploy": {
        "provider": _EXACT,
        "script": _EXACT,
        "on": holds("on"),
        "skip_cleanup": _EXACT,
        "cleanup": _EXACT,
        "edge": emulated("there is one way to deploy a script"),
        ANY: Key(),
    },
    "virtualenv": {"system_site_packages": _EXACT},
    "workspaces": {"create": holds("create"), "use": _EXACT},
    "create": {"name": _EXACT, "paths": _EXACT},
    "on": dict.fromkeys(("branch", "tags", "all_branches", "condition", "python", "repo"), _EXACT),
}


def see(text: str, path: str) -> tuple[Seen, ...]:
    return see_keys(text, path, SHAPES)
