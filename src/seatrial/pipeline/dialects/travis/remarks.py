"""What is said of the keys of a file as a whole."""

from __future__ import annotations

import re

from seatrial.pipeline.dialects.travis.jobs import matrix_of
from seatrial.pipeline.dialects.travis.languages import AXES, KEYS, SETTINGS
from seatrial.pipeline.dialects.travis.texts import Findings, scalars
from seatrial.pipeline.finding import error, note, warning
from seatrial.pipeline.spelling import did_you_mean
from seatrial.pipeline.yaml_document import Mapping, Scalar, items, place_at

# Accepted without effect, with what is said of them.
NOTED = {
    "addons": "nothing is installed: what a job needs must be on this machine, or in the image of the run",
    "arch": "the machine is what it is",
    "dist": "the system is that of this machine",
    "fast_finish": "the end of a run waits for all jobs",
    "git": "a job works in a whole clone, with the files of its submodules",
    "group": "the system is that of this machine",
    "notifications": "nobody is told",
    "osx_image": "jobs run on Linux",
    "services": "they run beside the jobs where the run has an image (--image); else what runs here is there",
    "sudo": "`sudo` is refused",
    "virt": "jobs are processes of this machine",
    "vm": "jobs are processes of this machine",
    "filter_secrets": "secrets are never shown",
    "keys": "only Travis has them",
    "stack": "the system is that of this machine",
    "vault": "only Travis asks it",
    **dict.fromkeys(SETTINGS, "only the tools that Travis calls by itself read it"),
}
_PHASES = (
    "before_install", "install", "before_script", "script", "before_cache", "after_success", "after_failure",
    "after_script", "before_deploy", "deploy", "after_deploy",
)  # fmt: skip
_OF_JOB = {
    *_PHASES, *NOTED, *AXES, *KEYS,
    "language", "os", "env", "if", "name", "stage", "virtualenv", "branches", "cache", "workspaces",
}  # fmt: skip
_OF_FILE = {*_OF_JOB, "matrix", "jobs", "stages", "version", "import", "conditions"}
_HOME = re.compile(r"(?<![\w.-])/home/travis\b")
_WHOLE = frozenset(("notifications", "fast_finish"))  # in an entry they are not known


def remark(root: Mapping, findings: Findings) -> None:
    """What is to be said of the keys of the file, and of those of its entries."""
    _keys(root, _OF_FILE, findings)
    _homes(root, findings)
    matrix = matrix_of(root)
    for entry in items(matrix.get("include")):
        if isinstance(entry, Mapping):
            _keys(entry, _OF_JOB - _WHOLE, findings)
    for key, value in root.entries:
        if key.text in ("matrix", "jobs") and isinstance(value, Scalar) and not value.is_null:
            findings.append(error(value.place, f"`{key.text}` is a mapping, or a list of jobs"))
    for name in matrix.keys() & {"fast_finish", "fast_failure"}:
        findings.append(note(matrix[name].place, f"`{name}`: {NOTED['fast_finish']}"))


def _homes(root: Mapping, findings: Findings) -> None:
    for node in scalars(root):
        if found := _HOME.search(node.text):
            hint = "write $HOME, or $TRAVIS_BUILD_DIR for /home/travis/build/OWNER/NAME"
            findings.append(warning(place_at(node, found.start()), "`/home/travis` is on Travis only", hint))


def _keys(node: Mapping, known: set[str], findings: Findings) -> None:
    for key, _ in node.entries:
        name = key.text
        if name == "import":
            hint = "copy what it imports into this file"
            findings.append(error(key.place, "`import` is not read: a pipeline is one file", hint))
        elif name in NOTED and name in known:
            findings.append(note(key.place, f"`{name}`: {NOTED[name]}"))
        elif name not in known and not name.startswith((".", "_", "x-")):
            hint = did_you_mean(name, sorted(known))
            findings.append(warning(key.place, f"`{name}` is not known, and has no effect", hint))
