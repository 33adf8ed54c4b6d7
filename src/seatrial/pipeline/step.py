"""What a stage does, one step after the other.

A step is plain data (`Shell`, `Echo`, `Retry` …) or a `Program`: a pure generator that yields such data as
effects and is sent their results. Either way the runner performs the same few effects.
"""

from collections.abc import Callable, Generator, Mapping

from seatrial.errors import Place
from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.condition import Facts
from seatrial.pipeline.container import Container, Registry
from seatrial.pipeline.parameter import Parameter

# How a script is handed to a shell: the words before the script's file. They belong to the step, because
# every dialect has its own rule of what ends a script.
SEATRIAL_SHELL = ("/bin/sh", "-e")
JENKINS_SHELL = ("/bin/sh", "-xe")
SKIP_DEPLOY = "SEATRIAL_SKIP_DEPLOY"  # set where a run passes over deployments that nothing here performs


class Shell(NamedTuple):
    """Run a script; a non-zero exit fails the stage unless `check` is false.

    Result sent to a program: `ShellResult`. `session` names a shell process that lives as long as the
    stage and is shared by its steps of that name (Travis has one shell a job); "" is a process a step.
    A script that begins with "#!" is run as it is. `capture` keeps standard output for the result.
    `written` is what its author wrote of the script, for messages; "" is all of it. `name` is what its
    author calls it.
    `detaches`: it starts containers that outlive it; they have the label of the run, and end with it.
    """

    script: str
    shell: tuple[str, ...] = SEATRIAL_SHELL
    env: tuple[tuple[str, str], ...] = ()
    session: str = ""
    check: bool = True
    capture: bool = False
    timeout_seconds: float | None = None
    place: Place | None = None
    written: str = ""
    detaches: bool = False
    silence_seconds: float | None = None  # without a word for that long, it is ended, and has failed
    name: str = ""


class ShellResult(NamedTuple):
    exit_code: int
    output: str = ""


class Echo(NamedTuple):
    """Print a line to the log."""

    text: str


class Dir(NamedTuple):
    """Run steps in a folder of the workspace, made when it is missing; it must not leave the workspace."""

    path: str
    steps: "tuple[Step, ...]"


class Retry(NamedTuple):
    """Run steps until they succeed, `attempts` times at most; the time around it may end it before."""

    attempts: int
    steps: "tuple[Step, ...]"


class WithEnv(NamedTuple):
    """Run steps with more variables, or with others of the same names."""

    env: tuple[tuple[str, str], ...]
    steps: "tuple[Step, ...]"


class Credential(NamedTuple):
    """A variable from credentials of this machine, which are named by their id.

    `part` is "value", "username", "password", "passphrase", "subscription", "tenant", "file" (the
    variable is the path of a file with the value), or "environment": the value, and where it is a user and a
    password also NAME_USR and NAME_PSW.
    """

    id: str
    variable: str
    part: str


REQUIRED, OFFERED, AROUND = "required", "offered", "around"


class WithCredentials(NamedTuple):
    """Run steps with the variables of credentials. One that is not here is passed over where they are
    OFFERED, and fails the stage where they are REQUIRED; where they stand AROUND all steps of the stage,
    these have not begun then."""

    credentials: tuple[Credential, ...]
    need: str
    steps: "tuple[Step, ...]"


class Inside(NamedTuple):
    """Run steps in a container of an image, with the workspace at the path that it has outside."""

    image: str
    container: Container
    steps: "tuple[Step, ...]"


class WithRegistry(NamedTuple):
    """Run steps with what opens a registry of images; DOCKER_REGISTRY_URL tells them which."""

    registry: Registry
    steps: "tuple[Step, ...]"


class Limit(NamedTuple):
    """Run steps for at most that long; what is over then ends like a stage whose time is over."""

    seconds: float
    steps: "tuple[Step, ...]"


class Catch(NamedTuple):
    """Run steps; a failure in them marks the run and the stage as said, and what follows goes on.

    `run` and `stage` are "succeeded", "unstable", "failed" or "cancelled"; for a time that is over they are
    "cancelled". `interruptions`: also where the time is that of what stands around the block.
    """

    message: str
    run: str
    stage: str
    interruptions: bool
    steps: "tuple[Step, ...]"


class Mark(NamedTuple):
    """Mark the run and the stage without ending it; statuses as in `Catch`."""

    message: str
    run: str
    stage: str


class SetVariable(NamedTuple):
    """Set a variable for all that the run does after this, in this stage and in others."""

    name: str
    value: str


class Write(NamedTuple):
    """Write a text file; its path is that of a file in the workspace."""

    path: str
    text: str


class Locate(NamedTuple):
    """Ask where a command may write what a path of the workspace means: a folder where it ends with "/", else
    a file, which has the `name` where the path is that of a folder. It must not leave the workspace; a link
    in the place of the file goes. Result sent to a program: `Located`."""

    path: str
    name: str = ""


class Located(NamedTuple):
    path: str


class Clear(NamedTuple):
    """Remove the files that patterns mean from the folder, with `folders` also the folders that they mean;
    nothing where the run has come to one of the statuses `unless`. What cannot be removed fails the stage,
    where `required`."""

    patterns: tuple[str, ...]
    excludes: tuple[str, ...]
    folders: bool
    unless: tuple[str, ...]
    required: bool


class Checkout(NamedTuple):
    """Bring the files of the commit back as they were; what else is there stays."""


class Tests(NamedTuple):
    """Read JUnit XML: a failing test makes the stage unstable, where `marks`; no file at all fails it, where
    `required`."""

    patterns: tuple[str, ...]
    marks: bool
    required: bool


class Archive(NamedTuple):
    """Keep files as outputs of the stage; none at all fails it, where `required`.

    The patterns are Ant's: `all_names` keeps also what Ant leaves out, `any_case` takes `A` for `a`.
    """

    patterns: tuple[str, ...]
    excludes: tuple[str, ...]
    required: bool
    all_names: bool = True
    any_case: bool = False


class Stash(NamedTuple):
    """Put files aside under a name, for an `Unstash` of any stage after it; as `Archive` otherwise."""

    name: str
    patterns: tuple[str, ...]
    excludes: tuple[str, ...]
    required: bool
    all_names: bool = True


class Zip(NamedTuple):
    """Put the files of a folder that patterns of Ant mean into a new zip file."""

    file: str
    folder: str
    patterns: tuple[str, ...]
    excludes: tuple[str, ...]


class Unzip(NamedTuple):
    """Take what patterns of Ant mean out of a zip file, into a folder."""

    file: str
    folder: str
    patterns: tuple[str, ...]


class Find(NamedTuple):
    """Ask which files of the folder patterns of Ant mean; without one, what lies in the folder itself.
    Result sent to a program: `Found`."""

    patterns: tuple[str, ...]
    excludes: tuple[str, ...]


class Listed(NamedTuple):
    """What stands at a path of the folder; a link is what it leads to."""

    path: str
    is_folder: bool
    size: int


class Found(NamedTuple):
    """In the order of their paths."""

    files: tuple[Listed, ...]


class Unstash(NamedTuple):
    """Bring back what was put aside."""

    name: str


class Ask(NamedTuple):
    """Ask what the run knows of the change that it is for. Result sent to a program: `Facts`."""


class Recall(NamedTuple):
    """Ask for the last run of the same pipeline and branch before a number. Result sent to a program:
    `Recorded`, None where there is none."""

    before: int


class Recorded(NamedTuple):
    """A run as it is recorded; `finished` is None while it is under way. Times are seconds since 1970."""

    number: int
    status: str
    started: float
    finished: float | None


class LeaveOut(NamedTuple):
    """End the stage as one that its condition leaves out: what it would do at its end does not run either."""

    message: str


# What the key of a cache is made of: (one of "text", "checksum", "variable", "branch", "commit", "number",
# "time", "arch"; the text, the path of the file, or the name of the variable).
CacheKey = tuple[tuple[str, str], ...]


class TakeCache(NamedTuple):
    """Bring what an earlier run kept into a folder below TMPDIR.

    Its file `wanted` holds keys, the preferred one first: it is the newest cache whose key begins with one of
    them. The file `key` holds the whole key then. `keys` are these as the author of a file wrote them, for
    who writes another file of it; a run does not read them.
    """

    folder: str
    keys: tuple[CacheKey, ...] = ()


class KeepCache(NamedTuple):
    """Keep the files of a folder below TMPDIR for the runs of the project to come, under the key in its file
    `key`, unless there is a cache of that key. The older ones whose keys begin with a line of its file
    `replaced` go then. `key` and `paths` are as the author of a file wrote them; a run does not read them."""

    folder: str
    key: CacheKey = ()
    paths: tuple[str, ...] = ()


class Branches(NamedTuple):
    """Run lists of steps at once, each under its name; the first that failed fails all when all have ended.

    `fails_fast`: the others are stopped then.
    """

    fails_fast: bool
    branches: "tuple[tuple[str, tuple[Step, ...]], ...]"


class Try(NamedTuple):
    """Find out whether a regular expression comes to an end on a text; where it does not, the step fails."""

    pattern: str
    text: str


class Pause(NamedTuple):
    """A program computes for long: the stage may end here, where its time is over or somebody stops it."""


class Question(NamedTuple):
    """Ask a person, who says yes, or the step fails; and for the values of parameters.

    Result sent to a program: `Given`.
    """

    message: str
    parameters: tuple[Parameter, ...] = ()


class Given(NamedTuple):
    """What parameters were given, by their names."""

    values: Mapping[str, str]


class Fail(NamedTuple):
    """End the stage as failed, with a message; `begun`: its steps had begun, so what follows them runs."""

    message: str
    begun: bool = True


class Scope(NamedTuple):
    """What a program may read when it starts: the stage's variables as they are at that moment."""

    env: Mapping[str, str]


# Their steps are their last field.
Block = Dir | Retry | WithEnv | WithCredentials | WithRegistry | Inside | Limit | Catch
Caching = TakeCache | KeepCache
# They need the commit, or a place to keep things.
Keeping = Checkout | Tests | Archive | Stash | Unstash | Caching


Asking = Ask | Recall | Locate | Find | Question | Try | Pause
Ending = LeaveOut | Fail
Placing = Write | Clear | Zip | Unzip
Effect = Shell | Echo | Block | SetVariable | Placing | Keeping | Mark | Branches | Asking | Ending
Answer = ShellResult | Facts | Recorded | Located | Found | Given | None
Steps = Generator[Effect, Answer, None]


class Program(NamedTuple):
    """A step that decides as it runs. `start` is pure: from the scope it makes the generator of effects."""

    start: Callable[[Scope], Steps]
    source: str  # what it does, as text: part of the stage's key and of the record
    place: Place | None = None


Step = Effect | Program
