"""What a CircleCI file may say, and how each of it is honoured."""

from __future__ import annotations

from seatrial.pipeline.constructs import NOTED, Seen
from seatrial.pipeline.yaml_constructs import ANY, FILE, Key, Shapes, each, emulated, holds
from seatrial.pipeline.yaml_constructs import see as see_keys

_EXACT = Key()
_PLACED = emulated("a link to the folder that holds the commit, on this machine in a folder of the job's own")
_KEPT = emulated("kept in the workspace, and in the record of the run")
_FIRST = emulated("for the images beside the first; the first waits for the steps")

_WHERE: dict[str, Key] = {
    "docker": holds("docker"),
    "machine": emulated("a process of this machine"),
    "macos": Key(NOTED, "the job is left out, and what needs it"),
    "environment": _EXACT,
    "shell": _EXACT,
    "working_directory": _PLACED,
    "resource_class": _EXACT,
    "parameters": holds("parameters"),
    "description": _EXACT,
}
SHAPES: Shapes = {
    FILE: {
        "version": _EXACT,
        "setup": emulated("the jobs run; the file that they go on with is run by itself"),
        "description": _EXACT,
        "parameters": holds("parameters"),
        "jobs": holds("jobs"),
        "commands": holds("commands"),
        "executors": holds("executors"),
        "orbs": holds("orbs"),
        "workflows": holds("workflows"),
        "job-groups": holds("job groups"),
    },
    "job groups": {ANY: each("job group", "job group")},
    "job group": {"jobs": holds("calls"), "description": _EXACT},
    "parameters": {ANY: each("parameter")},
    "jobs": {ANY: each("job", "job")},
    "commands": {ANY: each("command", "command")},
    "executors": {ANY: each("executor", "executor")},
    "orbs": {ANY: each("orb", "orb")},
    "orb": {
        "jobs": holds("jobs"),
        "commands": holds("commands"),
        "executors": holds("executors"),
        "orbs": holds("orbs"),
        "description": _EXACT,
        "version": _EXACT,
    },
    "executor": _WHERE,
    "command": {"parameters": holds("parameters"), "description": _EXACT, "steps": holds("steps")},
    "job": {
        **_WHERE,
        "steps": holds("steps"),
        "executor": _EXACT,
        "parallelism": emulated("a stage for each node; tests are split by their order, not by time"),
        "branches": _EXACT,
        "type": _EXACT,
        "circleci_ip_ranges": _EXACT,
        "retention": _EXACT,
        "plan_name": _EXACT,
    },
    "docker": {
        "image": _EXACT,
        "name": _EXACT,
        "environment": _EXACT,
        "command": _FIRST,
        "entrypoint": _FIRST,
        "user": _EXACT,
        "auth": emulated("the engine's own login is used"),
        "aws_auth": emulated("the engine's own login is used"),
    },
    "steps": {
        "run": holds("run"),
        "checkout": emulated("the commit is there already, in a folder that the job sees from here on"),
        "when": holds("condition"),
        "unless": holds("condition"),
        "steps": holds("steps"),
        "store_artifacts": _KEPT,
        "store_test_results": emulated("they are the reports of the stage"),
        "persist_to_workspace": emulated("an output of the stage"),
        "attach_workspace": emulated("the outputs of all that the job waits for"),
        "save_cache": emulated("kept on this machine, for 15 days"),
        "restore_cache": emulated("from what this machine has kept"),
        "add_ssh_keys": _EXACT,
        "setup_remote_docker": _EXACT,
        "deploy": holds("run"),
        ANY: each("command call"),
    },
    "run": {
        "command": _EXACT,
        "name": _EXACT,
        "shell": _EXACT,
        "environment": _EXACT,
        "background": emulated("it ends with the job"),
        "working_directory": _EXACT,
        "no_output_timeout": _EXACT,
        "when": _EXACT,
        "max_auto_reruns": _EXACT,
        "auto_rerun_delay": _EXACT,
        ANY: Key(),
    },
    "condition": {"condition": holds("logic"), "steps": holds("steps")},
    "logic": {
        **dict.fromkeys(("and", "or", "not"), holds("logic")),
        "equal": _EXACT,
        "matches": emulated("in a step the pattern is one of grep -E"),
        ANY: Key(),
    },
    "workflows": {"version": _EXACT, ANY: each("workflow", "workflow")},
    "workflow": {
        "jobs": holds("calls"),
        "when": holds("logic"),
        "unless": holds("logic"),
        "triggers": _EXACT,
        "version": _EXACT,
        "max_auto_reruns": emulated("a job that fails is tried again at once, so many times"),
    },
    "calls": {ANY: each("job call", "call")},
    "call": {
        "requires": _EXACT,
        "filters": holds("filters"),
        "context": emulated("the secrets of this machine that the job reads"),
        "type": emulated("an approval is asked for at the terminal"),
        "name": _EXACT,
        "matrix": holds("matrix"),
        "pre-steps": holds("steps"),
        "post-steps": holds("steps"),
        "serial-group": emulated("runs on one machine do not share a workspace"),
        "override-with": emulated("the job is the file's own"),
        "branches": Key(NOTED, "it has no effect: filters have it"),
        ANY: Key(),
    },
    "matrix": {"parameters": _EXACT, "exclude": _EXACT, "alias": _EXACT},
    "filters": {"branches": _EXACT, "tags": _EXACT},
}


def see(text: str, path: str) -> tuple[Seen, ...]:
    return see_keys(text, path, SHAPES)
