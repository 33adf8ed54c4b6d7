"""`seatrial run`: a commit, or the working state, through its pipeline."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from seatrial.cli.options import add_file, add_reports, count, parameter, pull_request, reason
from seatrial.cli.output import Output
from seatrial.errors import PASSED

if TYPE_CHECKING:
    from seatrial.cli.watching import Watching
    from seatrial.pipeline.condition import Trigger
    from seatrial.project.project import Project, Wanted
    from seatrial.run.request import Request, RunResult

NAME = "run"
HELP = "run the pipeline: what changed is run, the rest is restored"
EXAMPLES = (
    ("seatrial run", "the working state; uncommitted edits end before a release"),
    ("seatrial run HEAD~2", "an earlier commit"),
    ("seatrial run evaluate", "one stage, with all that it needs"),
    ("seatrial run main test --fresh", "a stage of a branch, without kept results"),
    ("seatrial run --param TARGET=staging", "with a value for a parameter of a Jenkinsfile"),
    ("seatrial run --env NEXUS=nexus.test", "with a variable that Jenkins itself, or an agent of it, sets"),
    ("seatrial run -f Jenkinsfile --yes", "a file of another system, in CI, where nobody can be asked"),
    ("seatrial run -f .travis.yml --skip-deploy", "and pass over what only Travis can deploy to"),
    ("seatrial run -f .travis.yml --image python:{python}", "each job in the image of its Python"),
    ("seatrial run --pull-request 17:main", "as a pull request to main: its conditions and variables"),
    ("seatrial run --dry-run", "what would run, and why"),
    ("seatrial run --report out.html", "and a page that shows it all"),
)


# What every run needs: loaded while Git says whose the name of the project is.
_NEXT = (
    "seatrial.run.runner",
    "seatrial.actions.command",
    "seatrial.run.executors.local",
    "seatrial.project.api",
    "seatrial.project.gather",
    "seatrial.cli.progress",
    "seatrial.cli.watching",
)


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "words", nargs="*", metavar="COMMIT|STAGE", help="a commit, then stages (default: all)"
    )
    add_file(parser)
    parser.add_argument(
        "--commit", default=None, metavar="COMMIT", help="the commit, where a stage has its name"
    )
    _add_start(parser)
    _add_leniency(parser)
    _add_manner(parser)
    _add_consent(parser)
    add_reports(parser)


def _add_start(parser: ArgumentParser) -> None:
    """What the run counts as."""
    parser.add_argument("--branch", default="", help="the branch that the commit is to count for")
    parser.add_argument(
        "--event",
        choices=("manual", "push", "schedule", "pull_request"),
        help="what the run counts as started by (default: manual)",
    )
    parser.add_argument(
        "--pull-request",
        type=pull_request,
        metavar="NUMBER:BRANCH",
        help="run it as this pull request, which wants to go to that branch: it releases nothing",
    )
    parser.add_argument(
        "--param",
        action="append",
        default=[],
        type=parameter,
        metavar="NAME=VALUE",
        help="a value for a parameter of the pipeline; may be given again",
    )


def _add_leniency(parser: ArgumentParser) -> None:
    """What is done otherwise than the file says, or not at all."""
    parser.add_argument(
        "--host", action="store_true", help="run on this machine what the file wants in containers"
    )
    parser.add_argument(
        "--image", default="", metavar="IMAGE", help="run in this image what the file runs on this machine"
    )
    parser.add_argument(
        "--skip-unknown", action="store_true", help="pass over steps that seatrial does not know"
    )
    parser.add_argument(
        "--skip-undeclared",
        action="store_true",
        help="pass over values for parameters that the pipeline does not have",
    )
    parser.add_argument(
        "--skip-deploy", action="store_true", help="pass over deployments that seatrial does not perform"
    )
    parser.add_argument(
        "--skip-missing", action="store_true", help="pass over stages whose Python this machine does not have"
    )


def _add_manner(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--env",
        action="append",
        default=[],
        type=parameter,
        metavar="NAME=VALUE",
        help="a variable that the server or an agent of another system sets; may be given again",
    )
    parser.add_argument(
        "-j", "--jobs", type=count, default=0, help="stages at the same time (default: cores)"
    )
    parser.add_argument("--fresh", action="store_true", help="take no kept result")
    parser.add_argument("--dry-run", action="store_true", help="only say what would run, and why")
    parser.add_argument("-q", "--quiet", action="store_true", help="do not show what the stages print")


def _add_consent(parser: ArgumentParser) -> None:
    """What somebody takes upon himself."""
    parser.add_argument(
        "--first", action="store_true", help="let a first release go that no gate could judge"
    )
    parser.add_argument(
        "--accept-inconclusive",
        default="",
        type=reason,
        metavar="PERSON",
        help="who accepts what `inconclusive: ask` asks",
    )
    parser.add_argument(
        "-y", "--yes", action="store_true", help="trust a file of another system that is new to this machine"
    )


def run(arguments: Namespace, output: Output) -> int:
    from pathlib import Path

    from seatrial.project.project import Wanted

    wanted = Wanted(
        Path.cwd(),
        arguments.file,
        arguments.commit,
        arguments.dialect,
        arguments.branch,
        arguments.host,
        tuple(arguments.param),
        arguments.skip_unknown,
        arguments.skip_deploy,
        arguments.image,
        tuple(arguments.env),
        _trigger(arguments).target,
        arguments.skip_undeclared,
    )
    names = arguments.words
    if wanted.spec is None and names:
        from seatrial.project.plan import told_apart

        spec, names = told_apart(arguments.words, wanted)
        wanted = wanted._replace(spec=spec)
        if names is arguments.words:
            _warn_if_ambiguous(wanted, names[0], output)
    if arguments.dry_run:
        return _foresee(wanted, names, arguments, output)
    return _run(wanted, names, arguments, output)


def _run(wanted: Wanted, names: list[str], arguments: Namespace, output: Output) -> int:
    if arguments.report:
        from seatrial.project import reports

        reports.ask(arguments.report)
    project = _open(wanted, arguments, output)
    from seatrial.project import owner, trust

    trust.demand(project, is_given=arguments.yes, ask=output.asked if output.can_ask() else None)
    owner.claim(project)
    from pathlib import Path

    from seatrial.cli.progress import progress
    from seatrial.cli.watching import Watching
    from seatrial.project import api, idle, named_files
    from seatrial.report.terminal import title
    from seatrial.run import runner
    from seatrial.system.user import by_whom

    request = api.prepare(
        project,
        names,
        jobs=arguments.jobs,
        fresh=arguments.fresh,
        first=arguments.first,
        accepted_by=arguments.accept_inconclusive,
        person=by_whom() if output.can_ask() else "",
        skip_missing=arguments.skip_missing,
        trigger=_trigger(arguments),
    )
    named_files.require(project, request.stages)
    _warn_of_addresses(project, request, output)
    watching = Watching(project)
    output.progress(title(watching.record(), output.width))
    outside = idle.look_outside(request) if arguments.noted_as else None
    with progress(output, watching.stage_of, with_logs=not arguments.quiet) as listener:
        result = runner.run(request, watching.before(listener))
    _finish(watching, result, arguments, output)
    if outside and idle.would_do_nothing(request, result):
        idle.remember(request, outside, arguments.noted_as, Path.cwd(), watching.idle_lines(result))
    return result.exit_code


def _trigger(arguments: Namespace) -> Trigger:
    from seatrial.errors import BadInput
    from seatrial.pipeline.condition import Trigger

    event = arguments.event or ("pull_request" if arguments.pull_request else "manual")
    if (event == "pull_request") != bool(arguments.pull_request):
        if arguments.pull_request:
            problem = f"a run of a pull request is not started by `--event {event}`"
            raise BadInput(problem, "leave one of them out")
        raise BadInput("`--event pull_request` names no pull request", "say which: --pull-request 17:main")
    return Trigger(event, *(arguments.pull_request or ()))


def _open(wanted: Wanted, arguments: Namespace, output: Output) -> Project:
    """The project at the commit that is meant. A word that names none may be a stage misspelt."""
    from seatrial.errors import BadInput
    from seatrial.project.project import OWN, open_project

    try:
        project = open_project(wanted, then=_NEXT)
    except BadInput as problem:
        _say_choice(wanted, None, output)
        if arguments.commit is None and wanted.spec and problem.about == wanted.spec:
            from seatrial.project.plan import hint_of_stages

            problem.hint = hint_of_stages(wanted, problem.hint)
        raise
    if project.pipeline.dialect != OWN:
        _say_choice(wanted, project, output)
    if wanted.skip_undeclared:
        _say_undeclared(wanted, project, output)
    return project


def _say_undeclared(wanted: Wanted, project: Project, output: Output) -> None:
    from seatrial.pipeline.parameters import undeclared

    for name, _ in undeclared(project.pipeline, wanted.parameters):
        output.warn(f"the parameter {name!r} is passed over: {project.pipeline.path} does not declare it")


def _say_choice(wanted: Wanted, project: Project | None, output: Output) -> None:
    """Which file is taken where several systems have one: of the commit, or as they lie here."""
    from seatrial.project import choice

    if said := choice.of_run(wanted, project):
        output.warn(said)


def _finish(watching: Watching, result: RunResult, arguments: Namespace, output: Output) -> None:
    from seatrial.report.terminal import log_lines, painted, summary

    if not (arguments.report or output.is_json or result.exit_code):
        output.say(summary(watching.record(result)))
        return
    from pathlib import Path

    from seatrial.project import api, reports
    from seatrial.report.document import document

    record = api.report(api.Ran(watching.project, result))
    logs_were_shown = not (output.is_live or arguments.quiet or output.is_json)
    for stage in record.stages:
        if stage.log and not logs_were_shown:
            output.say("\n".join(log_lines(stage)))
    for name in arguments.report:
        reports.write(record, Path(name))
    output.give(document(record))
    output.say(summary(record))
    for name in arguments.report:
        output.say(painted(f"report: {name}", "dim"))


def _warn_if_ambiguous(wanted: Wanted, word: str, output: Output) -> None:
    from seatrial.project.plan import is_commit

    if is_commit(wanted.folder, word):
        output.warn(
            f"`{word}` names a stage and a commit; the stage is meant. For the commit: --commit {word}"
        )


def _warn_of_addresses(project: Project, request: Request, output: Output) -> None:
    """What a release will be refused for, said before hours of training."""
    if any(one.address for one in project.pipeline.environments):
        from seatrial.project import addresses

        for said in addresses.taken(project, request.stages):
            output.warn(said)


def _foresee(wanted: Wanted, names: list[str], arguments: Namespace, output: Output) -> int:
    from seatrial.cli.forecasts import tell
    from seatrial.project import api, named_files

    project = _open(wanted, arguments, output)
    request = api.prepare(
        project,
        names,
        fresh=arguments.fresh,
        skip_missing=arguments.skip_missing,
        trigger=_trigger(arguments),
    )
    named_files.require(project, request.stages)
    _warn_of_addresses(project, request, output)
    tell(project, request, output)
    return PASSED
