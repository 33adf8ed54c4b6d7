"""Nothing is lost silently: whatever changes in a pipeline, the written file or the told losses change.

Each field of each value of the model has an example here, in a pipeline that is the same but for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, get_args

import pytest

from seatrial.errors import Place
from seatrial.pipeline.container import Build, Container, Registry
from seatrial.pipeline.parameter import CHOICE, Parameter
from seatrial.pipeline.pipeline import (
    APPROVE,
    Again,
    Approve,
    Finally,
    Matrix,
    Pipeline,
    Resources,
    Service,
    Shared,
    Stage,
    Trigger,
)
from seatrial.pipeline.step import (
    REQUIRED,
    Archive,
    Ask,
    Branches,
    Catch,
    Checkout,
    Clear,
    Credential,
    Dir,
    Echo,
    Fail,
    Find,
    Inside,
    KeepCache,
    LeaveOut,
    Limit,
    Locate,
    Mark,
    Pause,
    Program,
    Question,
    Recall,
    Retry,
    SetVariable,
    Shell,
    Stash,
    Step,
    TakeCache,
    Try,
    Unstash,
    Unzip,
    WithCredentials,
    WithEnv,
    WithRegistry,
    Write,
    Zip,
)
from seatrial.pipeline.step import Tests as Results
from seatrial.pipeline.writers.all_writers import ALL_WRITERS, writer
from seatrial.pipeline.writers.plain import plain
from seatrial.pipeline.writers.writer import Written

HERE = Place("file", 3, 5)
PROGRAM = Program(lambda _scope: iter(()), "a program")  # type: ignore[arg-type, return-value]
MAKE = Shell("make all\ncd /")
FIRST = Stage("first", HERE, steps=(MAKE,), outputs=("made",))
BESIDE = Stage("beside", HERE, steps=(MAKE,))
STAGE = Stage("stage", HERE, steps=(MAKE,), needs=("first",), image="image:1")
SERVICE = Service("db", "postgres:16")
KEPT = KeepCache("", (("text", "deps-"), ("checksum", "requirements.txt")), ("venv",))
TAKEN = TakeCache("", ((("text", "deps-"), ("checksum", "requirements.txt")),))

NIGHTLY = Trigger("cron", "cron('@daily')", HERE, ("7 4 * * *",), "UTC", is_known=True)

# Of a stage: the field, and what it is in place of its default.
STAGE_FIELDS: dict[str, Any] = {
    "name": "other",
    "action": APPROVE,
    "steps": (Shell("make other"),),
    "needs": (),
    "outputs": ("out",),
    "keeps_after_failure": True,
    "reports": ("r.xml",),
    "env": (("A", "b"),),
    "secrets": ("TOKEN",),
    "offered": ("TOKEN",),
    "python": "requirements.txt",
    "interpreter": "3.11",  # where there is no image
    "image": "image:2",
    "container": Container(options=("--user=0",)),
    "when": "branch == main",
    "decision": PROGRAM,
    "left_out_with": ("beside",),
    "matrix": Matrix((("size", ("s", "m")),)),
    "variables": (("size", "s"),),
    "timeout_seconds": 60.0,
    "retry": 1,
    "limits": (Shared("both", 60.0),),
    "again": (Again("both", 2),),
    "stopped_with": ("both",),
    "git": True,
    "workspace": "shared",
    "checkout": None,
    "finally_": (Finally("always", (Shell("clean"),)),),
    "regardless": True,
    "accepts": (("first", ("failed",)),),
    "may_fail": True,
    "resources": Resources(cpus=2.0),
    "services": (SERVICE,),
    "beside": (SERVICE,),
}
# Fields that say nothing of what a stage does elsewhere.
NOT_OF_A_STAGE = {
    "place": "of the file that was read",
    "places": "of the file that was read",
    "options": "has its examples in test_systems",
    "inputs": "the commit is whole everywhere",
    "cache": "no other system keeps results, which is said once for the file",
    "effects": "no other system keeps results, which is said once for the file",
    "reads_changes": "goes with steps that ask",
    "ordered": "says something only of a need that may be left out: test_systems",
    "needs_stable": "no other system knows what is unstable: what makes a stage so is told",
    "executor": "goes with the image",
    "expanded_from": "no file has it: a matrix is written before it is expanded",
}
PIPELINE_FIELDS: dict[str, Any] = {
    "path": "other",
    "project": "shop",
    "stages": (FIRST, BESIDE),
    "finally_": (Finally("always", (Shell("clean"),)),),
    "ignore": ("*.md",),
    "parameters": (Parameter("FLAVOUR", "plain"),),
    "attempts": 2,
    "credentials": ("deploy-key",),
    "triggers": (NIGHTLY,),
}
NOT_OF_A_PIPELINE = {
    "dialect": "of the file that was read",
    "model": "a name in the ledger of seatrial",
    "environments": "stay in seatrial.yaml, which is called",
    "image": "of `finally_`, which has its examples below",
    "container": "of `finally_`, which has its examples below",
    "begins_after": "stages that are left to seatrial, and this with them",
    "on_host": "of a run: no file says it",
    "is_interrupted": "Jenkins' word for a limit, which has its own examples",
}
STEPS: dict[str, Any] = {
    "Shell": Shell("make other"),
    "Echo": Echo("hello"),
    "Dir": Dir("sub", (MAKE,)),
    "Retry": Retry(2, (MAKE,)),
    "WithEnv": WithEnv((("A", "b"),), (MAKE,)),
    "WithCredentials": WithCredentials((Credential("id", "TOKEN", "value"),), REQUIRED, (MAKE,)),
    "Inside": Inside("image:3", Container(), (MAKE,)),
    "WithRegistry": WithRegistry(Registry("https://registry.test", "id"), (MAKE,)),
    "Limit": Limit(60.0, (MAKE,)),
    "Catch": Catch("it failed", "unstable", "failed", False, (MAKE,)),
    "Mark": Mark("odd", "unstable", "unstable"),
    "SetVariable": SetVariable("A", "b"),
    "Write": Write("note", "text"),
    "Clear": Clear(("*.o",), (), True, (), True),
    "Checkout": Checkout(),
    "Tests": Results(("r.xml",), True, True),
    "Archive": Archive(("dist/**",), (), True),
    "Stash": Stash("a", ("dist/**",), (), True),
    "Unstash": Unstash("a"),
    "TakeCache": TAKEN,
    "KeepCache": KEPT,
    "Ask": Ask(),
    "Branches": Branches(False, (("one", (MAKE,)),)),
    "Question": Question("Really?"),
    "Recall": Recall(2),
    "Locate": Locate("a/b"),
    "Find": Find(("**",), ()),
    "Zip": Zip("a.zip", "", ("**",), ()),
    "Unzip": Unzip("a.zip", "", ("**",)),
    "Try": Try("a+", "aaa"),
    "LeaveOut": LeaveOut("not here"),
    "Fail": Fail("no"),
    "Pause": Pause(),
    "Program": PROGRAM,
}
# Of each step and value with fields of its own: one of them, and another that differs in one field.
FIELDS: dict[str, tuple[Any, dict[str, Any]]] = {
    "Shell": (
        MAKE,
        {
            "shell": ("/bin/sh",),
            "env": (("A", "b"),),
            "check": False,
            "timeout_seconds": 60.0,
            "silence_seconds": 1200.0,
            "name": "make it",
        },
    ),
    "Archive": (
        Archive(("dist/**",), (), True),
        {"patterns": ("other/**",), "excludes": ("*.o",), "required": False},
    ),
    "Tests": (Results(("r.xml",), True, True), {"patterns": ("s.xml",), "marks": False, "required": False}),
    "Mark": (
        Mark("odd", "succeeded", "succeeded"),
        {"message": "even", "run": "failed", "stage": "failed"},
    ),
    "KeepCache": (KEPT, {"key": (("text", "other-"),), "paths": ("~/.cache/pip",)}),
    "TakeCache": (TAKEN, {"keys": (*TAKEN.keys, (("text", "deps-"),))}),
    "Service": (
        SERVICE,
        {
            "name": "base",
            "image": "postgres:17",
            "env": (("A", "b"),),
            "ports": (5432,),
            "is_local": True,
            "entrypoint": ("run",),
            "command": ("-v",),
            "user": "me",
        },
    ),
    "Matrix": (
        Matrix((("size", ("s", "m")),)),
        {
            "axes": (("size", ("s", "l")),),
            "include": ((("size", "s"), ("fast", "yes")),),
            "exclude": ((("size", "s"),),),
        },
    ),
    "Resources": (Resources(), {"cpus": 2.0, "memory_bytes": 1 << 30, "gpus": 1}),
    "Container": (
        Container(),
        {
            "options": ("--user=0",),
            "entrypoint": "sh",
            "build": Build(),
            "registry": Registry("https://registry.test"),
            "always_pull": True,
            "shared": "all",
            "user": "me",
            "decide": lambda _known: ("image:1", Container()),
        },
    ),
    "Finally": (
        Finally("failure", (Shell("clean"),)),
        {"condition": "success", "steps": (Shell("wash"),), "of_run": True},
    ),
    "Parameter": (
        Parameter("FLAVOUR", "plain", CHOICE, ("plain", "sweet")),
        {"name": "TASTE", "value": "sweet", "kind": "string", "choices": ("plain", "hot")},
    ),
    "Trigger": (
        NIGHTLY,
        {
            "crons": ("7 5 * * *",),
            "zone": "Europe/Berlin",
            "condition": "env.BRANCH_NAME == 'main'",
        },
    ),
    "Approve": (Approve("Really?"), {"message": "Surely?", "parameters": (Parameter("A", "b"),)}),
}
NOT_OF_A_STEP = {
    ("Shell", "script"): "is the first example of all",
    ("Shell", "session"): "Travis' shell, whose stages are written from the lines of their author",
    ("Shell", "capture"): "goes with a program that reads it",
    ("Shell", "place"): "of the file that was read",
    ("Shell", "written"): "for messages",
    ("Shell", "detaches"): "whoever runs it ends what it leaves",
    ("Archive", "all_names"): "of what version control and editors keep, which no stage makes",
    ("Archive", "any_case"): "a Jenkinsfile's, which says it in its own words",
    ("KeepCache", "folder"): "of a run here",
    ("Parameter", "asked"): "who asks for it in between is left to seatrial",
    ("Parameter", "given"): "of a run here",
    ("Parameter", "late"): "goes with the program that works it out",
    ("Trigger", "name"): "goes with what was said: test_triggers",
    ("Trigger", "said"): "for people",
    ("Trigger", "place"): "of the file that was read",
    ("Trigger", "is_known"): "goes with what was said: test_triggers",
    ("TakeCache", "folder"): "of a run here",
}
# What is the same in the written file and is no loss: (system, field) → why.
SAME = {
    **{(to, "Shell.name"): "a name for people" for to in ("seatrial", "travis", "gitlab")},
    **{
        (to, "Pipeline.project"): "a name for people, which the system takes from the repository"
        for to in ("jenkins", "travis", "circleci", "gitlab")
    },
    **{(to, "Stage.git"): "each checkout has its history" for to in ("jenkins", "travis", "circleci")},
    ("github-actions", "Container.always_pull"): "no machine there has an image yet",
    ("circleci", "Container.always_pull"): "no machine there has an image yet",
    ("jenkins", "Stage.outputs"): "stages share a workspace",
    ("jenkins", "Stage.workspace"): "stages share a workspace",
    ("jenkins", "Finally.of_run"): "so it is there",
    ("gitlab", "Parameter.kind"): "choices are all that a form has",
    ("gitlab", "Service.ports"): "a service answers at all of its ports",
    **{(to, "Stage.variables"): "go with the matrix" for to in ("seatrial", "github-actions", "gitlab")},
}
# What is told as a whole: (system, start of a field) → the words of the loss.
WHOLE = {
    ("seatrial", "KeepCache."): "is not kept from run to run",
    ("jenkins", "KeepCache."): "is not kept from run to run",
    ("seatrial", "TakeCache."): "is not kept from run to run",
    ("jenkins", "TakeCache."): "is not kept from run to run",
    ("travis", "TakeCache."): "whatever its key says",
    ("seatrial", "Parameter."): "cannot be given",
    ("travis", "Parameter."): "is given by the `env`",
    ("jenkins", "Service."): "the containers beside",
    ("travis", "Service."): "`services` of",
    ("travis", "Stage.image"): "`image` of",
    ("travis", "Tests."): "`reports` of",
}


ENDED: tuple[tuple[str, tuple[Stage, ...]], ...] = (("always", (FIRST, BESIDE)), ("failure", (FIRST,)))


def of(stage: Stage, dialect: str = "jenkins", **more: Any) -> Pipeline:
    stages = tuple(map(plain, (FIRST, BESIDE, stage)))
    return Pipeline(dialect, "file", **{"stages": stages, **more})


def with_value(kind: str, value: Any) -> Pipeline:
    """A pipeline that holds a value of this kind where such values stand."""
    if kind == "Service":
        return of(STAGE._replace(services=(value,)))
    if kind == "Matrix":
        return of(STAGE._replace(matrix=value))
    if kind == "Resources":
        return of(STAGE._replace(resources=value))
    if kind == "Container":
        return of(STAGE._replace(container=value))
    if kind == "Finally":
        return of(STAGE._replace(finally_=(value,)))
    if kind == "Parameter":
        return of(STAGE, parameters=(value,))
    if kind == "Trigger":
        return of(STAGE, triggers=(value,))
    if kind == "Approve":
        return of(STAGE._replace(action=APPROVE, steps=(), options=value))
    if kind == "TakeCache":
        return of(STAGE._replace(steps=(value, MAKE, KEPT)))
    return of(STAGE._replace(steps=(MAKE, value)))


def in_the_end(steps: tuple[Any, ...], condition: str, stages: tuple[Stage, ...]) -> Pipeline:
    return of(STAGE, stages=stages, finally_=(Finally(condition, steps),))


def examples() -> Iterator[tuple[str, Pipeline, Pipeline]]:
    """What changes, the pipeline without and the one with it."""
    for dialect in ("jenkins", "seatrial"):
        for field, value in STAGE_FIELDS.items():
            base = STAGE._replace(image="") if field == "interpreter" else STAGE
            base = base._replace(outputs=("out",)) if field == "keeps_after_failure" else base
            stage = base._replace(**{field: value})
            yield f"{dialect} Stage.{field}", of(base, dialect), of(stage, dialect)
    for field, value in PIPELINE_FIELDS.items():
        yield f"Pipeline.{field}", of(STAGE), of(STAGE)._replace(**{field: value})
    for kind, step in STEPS.items():
        yield f"step {kind}", of(STAGE), of(STAGE._replace(steps=(MAKE, step)))
        ends = (Finally("always", (MAKE, step)),)
        base = of(STAGE._replace(finally_=(Finally("always", (MAKE,)),)))
        yield f"step {kind} in an end", base, of(STAGE._replace(finally_=ends))
        for condition, stages in ENDED:
            without, added = (in_the_end(done, condition, stages) for done in ((MAKE,), (MAKE, step)))
            yield f"step {kind} in the last end {condition}", without, added
    for kind, (value, fields) in FIELDS.items():
        for field, other in fields.items():
            yield (
                f"{kind}.{field}",
                with_value(kind, value),
                with_value(kind, value._replace(**{field: other})),
            )


EXAMPLES = {name: (without, changed) for name, without, changed in examples()}


@pytest.mark.parametrize("to", ALL_WRITERS)
def test_all_that_changes_is_written_or_told(to: str) -> None:
    write = cache(writer(to).write)
    silent = [
        name for name, (without, changed) in EXAMPLES.items()
        if write(without) == write(changed) and not is_known(to, name, write(changed))
    ]  # fmt: skip
    assert silent == []


def is_known(to: str, name: str, written: Written) -> bool:
    """Whether there is nothing to say of it there, or all of it is told as lost."""
    field = name.removeprefix("jenkins ").removeprefix("seatrial ")
    told = [words for (system, start), words in WHOLE.items() if system == to and field.startswith(start)]
    told += ["the whole pipeline does"] if "in the last end" in name else []
    return (to, field) in SAME or any(words in loss.message for words in told for loss in written.losses)


def test_every_field_has_its_example() -> None:
    assert {*STAGE_FIELDS, *NOT_OF_A_STAGE} == set(Stage._fields)
    assert {*PIPELINE_FIELDS, *NOT_OF_A_PIPELINE} == set(Pipeline._fields)
    assert set(STEPS) == {one.__name__ for one in get_args(Step)}
    for kind, (value, fields) in FIELDS.items():
        said = {*fields, *(field for one, field in NOT_OF_A_STEP if one == kind)}
        assert (kind, said) == (kind, set(type(value)._fields))
