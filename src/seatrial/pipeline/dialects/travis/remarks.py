"""What is said of the keys of a file as a whole."""

from __future__ import annotations

from seatrial.pipeline.dialects.travis.jobs import VERSIONS, entries_or_list
from seatrial.pipeline.dialects.travis.texts import Findings
from seatrial.pipeline.finding import error, note, warning
from seatrial.pipeline.yaml_document import Mapping

# Accepted without effect, with what is said of them.
NOTED = {
    "addons": "nothing is installed: what a job needs must be on this machine",
    "arch": "the machine is what it is",
    "branches": "every branch is run",
    "cache": "nothing is kept between jobs",
    "dist": "the system is that of this machine",
    "fast_finish": "the end of a run waits for all jobs",
    "git": "a job works in a plain copy of the commit",
    "group": "the system is that of this machine",
    "notifications": "nobody is told",
    "osx_image": "jobs run on Linux",
    "services": "what is not running on this machine is not there",
    "sudo": "`sudo` is refused",
    "virt": "jobs are processes of this machine",
    "vm": "jobs are processes of this machine",
    "before_cache": "nothing is kept between jobs",
}
_PHASES = (
    "before_install", "install", "before_script", "script", "after_success", "after_failure",
    "after_script", "before_deploy", "deploy", "after_deploy",
)  # fmt: skip
_KNOWN = {
    *_PHASES, *NOTED, *(name for names in VERSIONS.values() for name in names),
    "language", "os", "env", "matrix", "jobs", "stages", "if", "version", "name", "stage", "import",
    "virtualenv", "conditions",
}  # fmt: skip


def remark(root: Mapping, findings: Findings) -> None:
    for key, _ in root.entries:
        name = key.text
        if name == "import":
            hint = "copy what it imports into this file"
            findings.append(error(key.place, "`import` is not read: a pipeline is one file", hint))
        elif name in NOTED:
            findings.append(note(key.place, f"`{name}`: {NOTED[name]}"))
        elif name not in _KNOWN and not name.startswith((".", "_", "x-")):
            findings.append(warning(key.place, f"`{name}` is not known, and has no effect"))
    for where in ("matrix", "jobs"):
        if "fast_finish" in entries_or_list(root, where):
            place = next(key.place for key, _ in root.entries if key.text == where)
            findings.append(note(place, f"`fast_finish`: {NOTED['fast_finish']}"))
