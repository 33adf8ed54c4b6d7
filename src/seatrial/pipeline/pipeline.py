"""The one pipeline model that every dialect is read into: plain, frozen data."""

from seatrial.errors import Place
from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.container import PLAIN, Container
from seatrial.pipeline.parameter import Parameter
from seatrial.pipeline.step import Program, Step

# The kinds of a stage; the table of actions has one entry for each.
COMMAND = "command"
EVALUATE = "evaluate"
PACKAGE = "package"
RELEASE = "release"
APPROVE = "approve"
PREDICT = "predict"

Variables = tuple[tuple[str, str], ...]
# Where the parts of a stage or an environment stand, for findings: "needs" is the key, "needs:test" one item.
Places = tuple[tuple[str, Place], ...]


class Gate(NamedTuple):
    """A line of the gate language, not yet read; `place` is where it stands."""

    text: str
    place: Place


class Evaluate(NamedTuple):
    """Judge predictions. Either `predict` + `data`, or `predictions`, is given."""

    evaluated: str = ""  # the output of another stage that holds the model, e.g. "model/"
    predict: str = ""
    data: str = ""
    predictions: str = ""
    task: str = ""
    gates: tuple[Gate, ...] = ()
    slices: tuple[str, ...] = ()
    columns: Variables = ()  # ("id" | "label" | "prediction" | "score", the name in the file)
    inconclusive: str = "refuse"
    confidence: str = ""  # "" = 95%; "99%"; "point"
    # Filled in by the plan: (environment, digest of the package live there or ""), and the stages that
    # predict: (environment or "" for the candidate, name).
    baselines: Variables = ()
    predicted: Variables = ()


class Predict(NamedTuple):
    """Run a model on data. An evaluation's plan adds such stages: no file has them.

    Either `model`, an output of another stage, or `package`, the digest of a package, holds the model.
    """

    command: str
    data: str
    model: str = ""
    package: str = ""
    environment: str = ""  # where that package is live


class Package(NamedTuple):
    """Put a model, its code, its environment and how to serve it under one digest.

    It is served by the command `serve`, or by a server of ours: the `runtime` of that name.
    """

    model: str
    include: tuple[str, ...] = ()
    serve: str = ""
    predict: str = ""
    health: str = "/"
    runtime: str = ""
    runtime_options: Variables = ()


class Release(NamedTuple):
    """`first` lets a first release go that no gate could judge: a person says so, no file does."""

    environment: str
    first: bool = False


class Approve(NamedTuple):
    """Ask a person for a yes, and for the values of parameters."""

    message: str = ""
    parameters: tuple[Parameter, ...] = ()


Options = Evaluate | Predict | Package | Release | Approve | None  # of an action; a command has none


class Matrix(NamedTuple):
    """The product of the axes, less what an entry of `exclude` matches, and `include` added."""

    axes: tuple[tuple[str, tuple[str, ...]], ...] = ()
    include: tuple[Variables, ...] = ()
    exclude: tuple[Variables, ...] = ()


class Resources(NamedTuple):
    """What a stage asks of the machine it runs on; None = no wish."""

    cpus: float | None = None
    memory_bytes: int | None = None
    gpus: int = 0


class Service(NamedTuple):
    """A container that runs beside a stage, reached by its name; where it `is_local`, also at localhost.

    `entrypoint`, `command` and `user` are in the place of the image's.
    """

    name: str
    image: str
    env: Variables = ()
    ports: tuple[int, ...] = ()
    is_local: bool = False
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    user: str = ""


class Finally(NamedTuple):
    """Steps that run after a stage's (or the pipeline's) own, whatever became of it, if a condition holds.

    `condition` is one of the words of `seatrial.pipeline.condition.OUTCOMES`; blocks run in order.
    `of_run`: it is held against the run so far, as Jenkins does, and not against the stage alone.
    """

    condition: str
    steps: tuple[Step, ...]
    of_run: bool = False


class Shared(NamedTuple):
    """A limit that stages share: it counts from the first of them to begin."""

    name: str
    seconds: float


class Again(NamedTuple):
    """Stages that are tried again, all of them, while one of them fails; `attempts` in all."""

    name: str
    attempts: int


# The end, in `accepts`, of a stage that its own condition left out; the others are the statuses of a stage.
LEFT_OUT = "left out"


class Stage(NamedTuple):
    """A node of the graph."""

    name: str
    place: Place
    action: str = COMMAND
    steps: tuple[Step, ...] = ()
    options: Options = None
    needs: tuple[str, ...] = ()
    inputs: tuple[str, ...] | None = None  # None: the whole tree of the commit
    outputs: tuple[str, ...] = ()
    keeps_after_failure: bool = False  # its outputs, as far as they were made
    reports: tuple[str, ...] = ()  # JUnit XML files, as globs
    env: Variables = ()
    secrets: tuple[str, ...] = ()
    offered: tuple[str, ...] = ()  # secrets that it has where they are known, and goes without where not
    python: str = ""  # a requirements file; "" = the interpreter found on PATH
    interpreter: str = ""  # the version of Python that must be on this machine, where no image has it
    image: str = ""
    container: Container = PLAIN
    when: str = ""  # a condition of `seatrial.pipeline.condition`; "" = always
    decision: Program | None = (
        None  # what decides it besides, from the variables alone: it may yield LeaveOut
    )
    left_out_with: tuple[
        str, ...
    ] = ()  # stages whose condition, decided by their own steps, holds for this one
    reads_changes: bool = False  # its steps ask which files were changed
    matrix: Matrix = Matrix()
    variables: Variables = ()  # what the matrix chose for this stage
    timeout_seconds: float | None = None
    retry: int = 0  # further attempts after the first
    limits: tuple[Shared, ...] = ()
    again: tuple[Again, ...] = ()  # the outer before the inner
    stopped_with: tuple[str, ...] = ()  # the groups of branches that end with the first failure among them
    cache: bool = True
    executor: str = "local"
    git: bool = False
    workspace: str = ""  # "" = its own; else the name of one shared, mutable workspace
    checkout: str | None = ""  # the folder of a shared workspace that holds the commit at first; None: none
    finally_: tuple[Finally, ...] = ()
    effects: bool = False  # it changes the world, so it is never restored
    regardless: bool = False  # it runs whatever became of what it needs, unless none of that was begun
    needs_stable: bool = False  # it does not run after a stage that is unstable
    ordered: bool = False  # its needs say the order only: one that its condition left out is passed over
    accepts: tuple[tuple[str, tuple[str, ...]], ...] = ()  # (need, the ends of it after which this runs)
    may_fail: bool = False  # its failure is shown, and neither fails the run nor keeps others from it
    resources: Resources = Resources()
    services: tuple[Service, ...] = ()
    beside: tuple[Service, ...] = ()  # services that it has where the run gives it an image
    expanded_from: str = ""  # the stage whose matrix this one comes from
    places: Places = ()  # never a part of a key


def is_kept(stage: Stage) -> bool:
    """Whether a stage's results are kept at all: not those of effects, nor those that depend on a secret."""
    return stage.cache and not stage.effects and not stage.secrets and not stage.workspace


class Predictions(NamedTuple):
    """What is kept of predictions. `source`: "header" of the answer, or "labels": the file says it itself."""

    source: str = "header"
    sample: float = 1.0
    keep_seconds: float = 30 * 86400.0
    mask: tuple[str, ...] = ()


class Metric(NamedTuple):
    """A number that a gate of an environment may name: from a command, or from a query to Prometheus."""

    name: str
    place: Place
    command: str = ""
    prometheus: str = ""
    query: str = ""
    every_seconds: float = 10.0


class Environment(NamedTuple):
    """A place that serves."""

    name: str
    place: Place
    target: str = "process"
    address: str = ""  # "" = a free port of the loopback, kept for this environment
    from_: tuple[str, ...] = ()  # branches that may be released here; () = any
    strategy: str = "blue-green"
    strategy_options: Variables = ()
    gates: tuple[Gate, ...] = ()
    within_seconds: float | None = None
    on_deadline: str = "abort"
    confidence: str = "95%"
    warm_up_seconds: float = 5.0
    sticky: str = ""  # "header NAME" or "cookie NAME"
    probe: str = ""  # a file of recorded requests
    mature_after_seconds: float | None = None
    predictions: Predictions | None = None
    metrics: tuple[Metric, ...] = ()
    dirty: str = "refuse"
    require: tuple[str, ...] = ()
    drain_seconds: float = 60.0
    env: Variables = ()
    secrets: tuple[str, ...] = ()
    places: Places = ()


def place_of(part: Stage | Environment, key: str, item: str = "") -> Place:
    """Where a key, or one item of its list, stands; where it is not known, where the whole stands."""
    places = dict(part.places)
    return places.get(f"{key}:{item}") or places.get(key) or part.place


def place_of_word(part: Stage | Environment, word: str) -> Place:
    """Where a path, or a name, that some key of the part says stands; else where the whole stands."""
    places = (place for key, place in part.places if word and key.partition(":")[2] == word)
    return next(places, part.place)


SCHEDULE = "cron"  # the name of a trigger


class Trigger(NamedTuple):
    """What starts a pipeline in the system that its file is of: here a person does, or the server.

    `name` is the system's word, `said` what the author wrote. A schedule has `crons`, plain lines of five
    fields, in a time `zone`, "" for that of its server; `condition`: it is one only where that holds, which
    the system works out. `is_known`: what was said holds nothing but texts and numbers, or came to that.
    """

    name: str
    said: str
    place: Place
    crons: tuple[str, ...] = ()
    zone: str = ""
    condition: str = ""
    is_known: bool = False


class Pipeline(NamedTuple):
    """What one file says. `path` is relative to the root of the commit, with "/"."""

    dialect: str
    path: str
    project: str = ""  # "" = the name of the repository's folder
    model: str = ""
    stages: tuple[Stage, ...] = ()
    environments: tuple[Environment, ...] = ()
    finally_: tuple[Finally, ...] = ()
    ignore: tuple[str, ...] = ()
    image: str = ""  # what `finally_` runs in; "" = this machine
    container: Container = PLAIN
    on_host: bool = False  # what asks for a container runs on this machine
    parameters: tuple[Parameter, ...] = ()
    attempts: int = 1  # in all, of its stages and of what runs at its end
    credentials: tuple[str, ...] = ()  # the ids of all that its steps ask for, so that no log shows them
    begins_after: tuple[str, ...] = ()  # stages before it: `finally_` does not run where one did not succeed
    is_interrupted: bool = False  # by a time that is over, which elsewhere is a failure
    triggers: tuple[Trigger, ...] = ()
