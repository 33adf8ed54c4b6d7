"""The keys of `seatrial.yaml`: one table drives the reader, the JSON schema and the reference page."""

from typing import Any

from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.dialects.seatrial import quantities, strategies
from seatrial.pipeline.dialects.seatrial.paths import (
    FUNCTION,
    INPUT,
    INPUT_OR_NOTHING,
    INPUTS,
    INSIDE,
    INSIDES,
    OUTPUTS,
)
from seatrial.pipeline.dialects.seatrial.shapes import (
    COMMAND,
    COMMANDS,
    ENV,
    FLAG,
    GATES,
    LINE,
    LINES,
    NAME,
    STAGE_ENV,
    VARIABLE,
    VARIABLES,
    Findings,
    Shape,
    choice,
    many,
    pairs,
    wrong,
)
from seatrial.pipeline.dialects.seatrial.whens import WHEN
from seatrial.pipeline.pipeline import APPROVE, EVALUATE, PACKAGE, RELEASE
from seatrial.pipeline.pipeline import COMMAND as RUNS
from seatrial.pipeline.yaml_document import Mapping, Node

# The key that says what a stage does → the kind of the stage.
KINDS = {"run": RUNS, "evaluate": EVALUATE, "package": PACKAGE, "release": RELEASE, "approve": APPROVE}


class Key(NamedTuple):
    """`stages` are the keys of KINDS whose stages may have it; () = not a key of stages."""

    name: str
    shape: Shape
    description: str
    default: str = ""
    stages: tuple[str, ...] = ()


def _node(node: Node, key: str, findings: Findings) -> Mapping | None:
    if isinstance(node, Mapping):
        return node
    wrong(node, key, "a mapping", findings)
    return None


def _command_or_node(node: Node, key: str, findings: Findings) -> Any:
    return node if isinstance(node, Mapping) else COMMAND.read(node, key, findings)


_ALL = tuple(KINDS)
_WORKING = ("run", "evaluate", "package")

PIPELINE = (
    Key(
        "project",
        NAME,
        "The name under which everything is remembered: runs, revisions, the cache.",
        "the name of the repository's folder, whatever folder of it this file lies in",
    ),
    Key("model", NAME, "The name of the trained model.", "the project's name"),
    Key("python", INSIDE, "A requirements file; the stages run in a virtual environment made of it, once."),
    Key("image", LINE, "A container image for the stages, best by digest: NAME@sha256:…"),
    Key("executor", NAME, "Where stages run.", "`local`; with an image `docker`"),
    Key("env", STAGE_ENV, "Variables of every stage."),
    Key("ignore", INSIDES, "Files of the commit that no stage sees, as patterns."),
    Key(
        "stages", Shape("a mapping from names to stages", {"$ref": "#/$defs/stages"}, _node), "What is done."
    ),
    Key(
        "environments",
        Shape("a mapping from names to environments", {"$ref": "#/$defs/environments"}, _node),
        "The places that serve.",
    ),
)

STAGE = (
    Key(
        "run",
        COMMANDS,
        "The commands; each runs in a shell of its own, and the first failure ends the stage.",
        stages=("run",),
    ),
    Key(
        "evaluate",
        INPUT_OR_NOTHING,
        "Judge a model: the path of what another stage made; `predict` finds it in `$MODEL`. Nothing where "
        "`predictions` are given.",
        stages=("evaluate",),
    ),
    Key(
        "package",
        INPUT,
        "Put this model, its code and its environment under one digest.",
        stages=("package",),
    ),
    Key("release", NAME, "Bring the package to this environment.", stages=("release",)),
    Key("approve", LINE, "Ask a person; the text is the question.", stages=("approve",)),
    Key(
        "needs",
        LINES,
        "The stages that must have succeeded. Who reads what another stage makes, needs it without saying "
        "so; a release needs the stage that packages.",
        stages=_ALL,
    ),
    Key(
        "when",
        WHEN,
        "A condition: `branch == main`, `branch =~ release/*`, `branch like main` (whatever the case), "
        "`branch matches '^v[0-9]'` (an expression), "
        "`tag`, `event == push`, `$NAME == text`, `changes [src/**]`, with `and`, `or`, `not` and brackets. "
        "Where it does not hold, the stage is skipped.",
        stages=_ALL,
    ),
    Key(
        "inputs",
        INPUTS,
        "All that the workspace holds: paths and patterns, outputs of other stages, absolute paths.",
        "the whole tree of the commit, but for the pipeline file itself, so that a changed gate runs nothing "
        "again: a stage that reads it names it here, or says `git: true`",
        ("run", "evaluate", "package"),
    ),
    Key(
        "outputs",
        OUTPUTS,
        "What the stage makes: files and folders of the workspace. An empty folder is not kept. A link, also "
        "deep in a folder, becomes what it leads to, unless that is an output too; one that leads out of the "
        "workspace is refused, and one in a folder that leads nowhere stays as it is.",
        stages=("run",),
    ),
    Key("reports", INSIDES, "JUnit XML files, as patterns, whose tests are shown.", stages=("run",)),
    Key(
        "env",
        STAGE_ENV,
        "Variables of the stage. A stage that can be restored does not see which commit is run, unless it "
        "asks: a value that is `$GIT_COMMIT`, `$GIT_BRANCH` or `$SEATRIAL_TAG` stands for that of the "
        "commit. The result then depends on it.",
        stages=_WORKING,
    ),
    Key(
        "secrets",
        VARIABLES,
        "Names of secrets that the stage gets as variables. A stage that reads a secret is never restored.",
        stages=_WORKING,
    ),
    Key("python", INSIDE, "As above, for this stage.", stages=_WORKING),
    Key("image", LINE, "As above, for this stage.", stages=_WORKING),
    Key("executor", NAME, "As above, for this stage.", stages=_WORKING),
    Key(
        "matrix",
        Shape("a mapping from axes to lists", {"$ref": "#/$defs/matrix"}, _node),
        "One stage for each combination of the axes. A choice reaches the stage as a variable of the axis's "
        "name, and as `$NAME` in its paths; `include` and `exclude` mean what they mean on GitHub.",
        stages=("run", "evaluate"),
    ),
    Key(
        "timeout",
        quantities.DURATION,
        "After so long the stage is ended, with what it started: failed.",
        stages=_ALL,
    ),
    Key("retry", quantities.RETRIES, "How many further attempts follow a failure.", "0", _WORKING),
    Key("cache", FLAG, "Whether a result may be restored.", "true", _WORKING),
    Key(
        "resources",
        Shape("a mapping of cpus, memory and gpus", {"$ref": "#/$defs/resources"}, _node),
        "What the stage asks of its machine.",
        stages=_WORKING,
    ),
    Key(
        "services",
        Shape("a mapping from names to services", {"$ref": "#/$defs/services"}, _node),
        "Containers beside the stage, reached by their names.",
        stages=_WORKING,
    ),
    Key("git", FLAG, "Whether the workspace is a Git clone, and not only the files.", "false", ("run",)),
    Key(
        "workspace",
        NAME,
        "The name of a workspace that stages share and change, one after the other. Such stages are never "
        "restored.",
        "its own",
        ("run",),
    ),
    Key(
        "predict",
        COMMAND,
        "The command that answers: it reads `$DATA` with the model in `$MODEL` and writes `$PREDICTIONS`. In "
        "a package: the same, kept for later comparisons.",
        stages=("evaluate", "package"),
    ),
    Key("data", INPUT, "The examples to predict, with their labels.", stages=("evaluate",)),
    Key(
        "predictions",
        INPUT,
        "A file with answers and labels (csv, parquet, jsonl), in the place of `predict` and `data`.",
        stages=("evaluate",),
    ),
    Key(
        "task",
        choice("classification", "regression", "ranking", "generation"),
        "What kind of answers they are.",
        stages=("evaluate",),
    ),
    Key("slices", LINES, "Columns by which the examples are also judged in groups.", stages=("evaluate",)),
    Key(
        "gates",
        GATES,
        "What must hold, such as `accuracy >= 0.9` or `f1 >= production - 0.02`.",
        stages=("evaluate",),
    ),
    Key(
        "inconclusive",
        choice("refuse", "ask", "accept"),
        "What happens where the evidence does not decide.",
        "refuse",
        ("evaluate",),
    ),
    Key(
        "confidence",
        quantities.CONFIDENCE,
        "The level of the intervals, or `point`: compare the value itself.",
        "95%",
        ("evaluate",),
    ),
    Key(
        "columns",
        pairs(
            choice("id", "label", "prediction", "score"),
            LINE,
            "a mapping from id, label, prediction, score to columns",
        ),
        "The names of the columns, where they have others.",
        stages=("evaluate",),
    ),
    Key(
        "include", INSIDES, "Further files of the package, such as the code that serves.", stages=("package",)
    ),
    Key(
        "serve",
        Shape(
            "a command, or a mapping with `function`",
            {"anyOf": [COMMAND.schema, {"$ref": "#/$defs/serve"}]},
            _command_or_node,
        ),
        "The command that answers requests; it listens on 127.0.0.1:$PORT. Or a server of seatrial's own.",
        stages=("package",),
    ),
    Key(
        "health", quantities.URL_PATH, "The path that answers 200 once the model is ready.", "/", ("package",)
    ),
)

# The servers of ours, each a key of `serve` beside its options.
RUNTIMES = ("function",)
SERVE = (
    Key(
        "function",
        FUNCTION,
        "A function of a file of the package: it is called with the JSON of each POST, by several threads at"
        " once, and what it returns is the answer. The file finds the model in `$MODEL`.",
    ),
    Key(
        "prediction",
        LINE,
        "The key of an answer that says what was predicted, for labels. An answer that is a text or a number"
        " says so itself.",
        "prediction",
    ),
)

MATRIX_ROWS = ("include", "exclude")
AXIS = many(LINE, "a list of values")
ROW = pairs(VARIABLE, LINE, "a mapping from axes to values")
ROWS = many(ROW, "a list of mappings from axes to values")

RESOURCES = (
    Key("cpus", quantities.CPUS, "Processors; a fraction is a share of one."),
    Key("memory", quantities.BYTES, "Memory, such as 8GiB."),
    Key("gpus", quantities.GPUS, "Graphics processors.", "0"),
)

SERVICE = (
    Key("image", LINE, "The container image."),
    Key("env", ENV, "Variables of the service."),
    Key("ports", quantities.PORTS, "The ports that it listens on."),
)

STRATEGIES = (
    Key("recreate", strategies.RECREATE, "Stop the old revision, then start the new one."),
    Key(
        "blue-green",
        strategies.BLUE_GREEN,
        "Start the new revision beside the old one, then switch. `preview`: an address where it answers"
        " before that, until somebody says `seatrial promote`; `bake`: how long the old one stays ready to"
        " take the requests back.",
    ),
    Key("rolling", strategies.SHARE, "Give the new revision this much more of the traffic at a time."),
    Key(
        "canary",
        strategies.CANARY,
        "Give the new revision these shares of the traffic, one after the other, each as soon as its gates"
        " allow it. `auto`: as much as the evidence so far allows. Between shares: `wait 10m`; `hold` and"
        " `ask` until somebody says `seatrial promote`; `probe` replays the recorded requests of `probe:`.",
    ),
    Key(
        "shadow",
        strategies.SHARE,
        "Send a copy of this share of the requests to the new revision; nobody sees its answers.",
    ),
)

PREDICTIONS = (
    Key(
        "from",
        strategies.PREDICTIONS_FROM,
        "Who says what was predicted: the answer's header `x-seatrial-prediction`, which `serve: {function:"
        " …}` sends, or the file of labels.",
        "header",
    ),
    Key("sample", quantities.PERCENT, "The share of predictions that is kept.", "100%"),
    Key("keep", quantities.DURATION, "How long predictions and labels are kept.", "30d"),
    Key("mask", strategies.REGEXES, "What is replaced by `***` in what is kept."),
)

METRIC = (
    Key("command", COMMAND, "A command, run in the candidate's package, whose last line is the number."),
    Key("prometheus", LINE, "The URL of a Prometheus server, for `query`."),
    Key(
        "query",
        LINE,
        "The query, whose answer is one number; $SEATRIAL_CANDIDATE and its like are filled in.",
    ),
    Key("every", quantities.DURATION, "How often it is measured: as far apart as its own window.", "10s"),
)

ENVIRONMENT = (
    Key("target", NAME, "What serves: process, docker, kubernetes, helm.", "process"),
    Key("address", quantities.ADDRESS, "Where requests are answered.", "a free port of the loopback"),
    Key("from", LINES, "The branches, as patterns, that may be released here.", "any"),
    Key(
        "strategy",
        choice(*(key.name for key in STRATEGIES)),
        "How a new revision takes the place of the old one; or one of the five keys below.",
        "blue-green",
    ),
    *STRATEGIES,
    Key("gates", GATES, "What must hold of live traffic, such as `error_rate <= stable + 0.5pp`."),
    Key(
        "within",
        quantities.DURATION,
        "The longest that judging live traffic may take, from the candidate's first request on.",
    ),
    Key("on_deadline", choice("abort", "hold", "ask"), "What happens when that time is over.", "abort"),
    Key(
        "confidence",
        quantities.LEVEL,
        "A wrong promotion, and a wrong taking back, are at most as likely as what is missing to 100%.",
        "95%",
    ),
    Key("warm_up", quantities.DURATION, "How long after its start a revision is not judged.", "5s"),
    Key("sticky", strategies.STICKY, "Keep who sends the same header or cookie with one revision."),
    Key("probe", INSIDE, "Recorded requests, as JSON lines, that are replayed to both revisions and judged."),
    Key(
        "mature_after",
        quantities.DURATION,
        "Promote without waiting for labels, and take back if those of this time say so.",
    ),
    Key(
        "predictions",
        Shape("a mapping", {"$ref": "#/$defs/predictions"}, _node),
        "What is kept of predictions, so that labels can be joined.",
        "nothing; as below where a gate waits for labels and the packages have `serve: {function: …}`",
    ),
    Key(
        "metrics",
        Shape("a mapping of metrics", {"$ref": "#/$defs/metrics"}, _node),
        "Numbers of your own that gates may name.",
    ),
    Key("dirty", choice("refuse", "allow"), "Whether a run of uncommitted files may be released.", "refuse"),
    Key(
        "require",
        many(choice("signature", "verdict", "provenance"), "a list of signature, verdict, provenance"),
        "What a package must have to be released here.",
    ),
    Key("drain", quantities.DURATION, "How long an old revision may finish its requests.", "60s"),
    Key("env", ENV, "Variables of what serves."),
    Key("secrets", VARIABLES, "Names of secrets that it gets as variables."),
)
