"""Statements of `steps { }` → commands, with Jenkins' rules for the arguments of a step."""

from __future__ import annotations

from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.dialects.jenkins import credentials, keeping, showing
from seatrial.pipeline.dialects.jenkins.declarative import Section, as_section
from seatrial.pipeline.dialects.jenkins.evaluator import unsupported
from seatrial.pipeline.dialects.jenkins.groovy import script
from seatrial.pipeline.dialects.jenkins.groovy.script import Script
from seatrial.pipeline.dialects.jenkins.groovy.steps import OF_WINDOWS, OWN
from seatrial.pipeline.dialects.jenkins.program import Command
from seatrial.pipeline.dialects.jenkins.remarks import Remarks, did_you_mean
from seatrial.pipeline.dialects.jenkins.syntax import (
    Argument,
    Call,
    Closure,
    Constant,
    Expression,
    Labelled,
    MapLiteral,
    Name,
    Number,
    Position,
    Property,
    Statement,
    Text,
)


class Signature(NamedTuple):
    """A step's parameters; `main` is the one that may go without a name, and must be given unless it is
    `optional`; "": none."""

    main: str
    others: tuple[str, ...] = ()
    block: bool = False
    node: bool = True  # it needs an agent
    kind: str = "string"  # what its main parameter is
    optional: bool = False


CLEANING = tuple(
    "cleanWhenAborted cleanWhenFailure cleanWhenNotBuilt cleanWhenSuccess cleanWhenUnstable deleteDirs "  # noqa: SIM905
    "disableDeferredWipeout notFailBuild patterns skipWhenFailed".split()
)
TESTING = tuple(
    "skipPublishingChecks checksName testDataPublishers healthScaleFactor keepLongStdio keepProperties "  # noqa: SIM905
    "keepTestNames skipOldReports".split()
)
ARCHIVING = ("fingerprint", "onlyIfSuccessful", "followSymlinks", "defaultExcludes", "caseSensitive")
MAIL = tuple(
    "body to from cc bcc replyTo charset mimeType attachLog attachmentsPattern compressLog "  # noqa: SIM905
    "recipientProviders postsendScript presendScript preSendScript saveOutput".split()
)
SLACK = tuple(
    "color channel botUser teamDomain token tokenCredentialId baseUrl iconEmoji username attachments blocks "  # noqa: SIM905
    "failOnError notifyCommitters replyBroadcast sendAsText timestamp".split()
)
FORGE = ("account", "context", "credentialsId", "description", "repo", "sha", "status", "targetUrl")
MAVEN = tuple(
    "maven jdk mavenSettingsConfig mavenSettingsFilePath globalMavenSettingsConfig mavenLocalRepo mavenOpts "  # noqa: SIM905
    "globalMavenSettingsFilePath options publisherStrategy traceability tempBinDir".split()
)
SIGNATURES = {
    "sh": Signature("script", ("returnStdout", "returnStatus", "label", "encoding")),
    "echo": Signature("message", node=False),
    "dir": Signature("path", block=True),
    "deleteDir": Signature(""),
    "cleanWs": Signature("", CLEANING),
    "git": Signature("url", ("branch", "credentialsId", "poll", "changelog")),
    "checkout": Signature("scm", ("poll", "changelog"), kind="scm"),
    "junit": Signature("testResults", ("allowEmptyResults", "skipMarkingBuildUnstable", *TESTING)),
    "archiveArtifacts": Signature("artifacts", ("allowEmptyArchive", "excludes", *ARCHIVING)),
    "stash": Signature("name", ("includes", "excludes", "allowEmpty", "useDefaultExcludes")),
    "unstash": Signature("name"),
    "archive": Signature("includes", ("excludes",)),
    "writeFile": Signature("file", ("text", "encoding")),
    "mail": Signature("subject", MAIL, node=False),
    "emailext": Signature("subject", MAIL, node=False),
    "slackSend": Signature("message", SLACK, node=False),
    "updateGitlabCommitStatus": Signature("", ("name", "state"), node=False),
    "githubNotify": Signature("", FORGE, node=False),
    "gitlabCommitStatus": Signature("name", ("builds", "connection"), block=True, node=False),
    "fingerprint": Signature("targets"),
    "buildName": Signature("nameTemplate", node=False),
    "buildDescription": Signature("descriptionTemplate", node=False),
    "withMaven": Signature("", MAVEN, block=True),
    "nodejs": Signature("nodeJSInstallationName", ("configId", "cacheLocationStrategy"), block=True),
    "withSonarQubeEnv": Signature(
        "installationName", ("credentialsId", "envOnly"), block=True, node=False, optional=True
    ),
    "error": Signature("message", node=False),
    "retry": Signature("count", block=True, node=False, kind="number"),
    "withEnv": Signature("overrides", block=True, node=False, kind="list"),
    "timeout": Signature("time", ("unit", "activity"), block=True, node=False, kind="number"),
    "sleep": Signature("time", ("unit",), node=False, kind="number"),
    "unstable": Signature("message", node=False),
    "warnError": Signature("message", ("catchInterruptions",), block=True, node=False),
    "catchError": Signature(
        "", ("message", "buildResult", "stageResult", "catchInterruptions"), block=True, node=False
    ),
    "timestamps": Signature("", block=True, node=False),
    "ansiColor": Signature("colorMapName", block=True, node=False),
    "lock": Signature(
        "resource",
        ("label", "quantity", "variable", "inversePrecedence", "skipIfLocked"),
        block=True,
        node=False,
    ),
    "milestone": Signature("ordinal", ("label",), node=False, kind="number"),
}
# What only Groovy can perform here, though it stands in steps { } too.
OF_SCRIPTS = (OWN.keys() - {"script", "stage"}) | OF_WINDOWS
# Steps that Jenkins' own and the commonest plugins have: valid, but not run.
KNOWN_STEPS = frozenset(
    "container library libraryResource "  # noqa: SIM905
    "recordIssues step svn wrap".split()
)
# What brings, or says where to do, the work that the file is about: never passed over.
ESSENTIAL = frozenset("container libraryResource".split())  # noqa: SIM905


def read_steps(statements: tuple[Statement, ...], node: bool, remarks: Remarks) -> tuple[Command, ...]:
    """The commands of a block. `node`: an agent is there to run them."""
    found = (_read_step(statement, node, remarks) for statement in statements)
    return tuple(command for command in found if command is not None)


def _read_step(statement: Statement, node: bool, remarks: Remarks) -> Command | None:
    section = as_section(statement)
    if section is None:
        _refuse_statement(statement, remarks)
        return None
    section = _OTHER_WORDS[section.name](section) if section.name in _OTHER_WORDS else section
    if reason := showing.why(section.name, section.arguments):
        return _read_showing(section, reason, node, remarks)
    if section.name == "script":
        return _read_script(section, remarks)
    if section.name in credentials.BLOCKS:
        return _read_with_credentials(section, node, remarks)
    signature = SIGNATURES.get(section.name)
    if section.name == "parallel":
        _check_parallel(section, remarks)
    if _needs_script(section, signature, remarks):
        return _script((statement,), section, remarks)
    if signature is None:
        inner = read_steps(section.body, node, remarks) if section.body is not None else ()
        return _refuse_step(section, inner, remarks)
    if signature.node and not node:
        remarks.error(section.at, _NO_NODE, "write 'agent any' in the stage or in the pipeline")
    return _read_known(section, signature, node, remarks)


def _read_showing(section: Section, reason: str, node: bool, remarks: Remarks) -> Command | None:
    """A step that has no effect here, or one around others, which are read."""
    remarks.note(section.at, f"'{section.name}' has no effect here: {reason}")
    if section.name in showing.BLOCKS and section.body is None:
        remarks.error(section.at, f'Expected a block with the "{section.name}" step')
        return None
    return Command(section.name, (), read_steps(section.body or (), node, remarks), section.at)


def _of_source(section: Section) -> Section:
    """`scmGit(…)` in the words of its class."""
    given = tuple(one._replace(value=_git_source(one.value)) for one in section.arguments)
    return section._replace(arguments=given)


def _git_source(value: Expression) -> Expression:
    if not (isinstance(value, Call) and value.target == Name("scmGit", value.target.at)):
        return value
    kind = Argument("$class", Text("GitSCM", value.at), value.at)
    return MapLiteral((kind, *value.arguments), value.at)


def _of_class(section: Section) -> Section:
    """A step that is named by its class, as the step that it is."""
    given = section.arguments[0].value if len(section.arguments) == 1 else None
    if not isinstance(given, MapLiteral):
        return section
    named = {one.name: one.value for one in given.entries}
    kind = named.get("$class")
    if not isinstance(kind, Text) or not keeping.is_class(kind.value):
        return section
    name = keeping.step_of(kind.value)
    return Section(
        name, tuple(one for one in given.entries if one.name != "$class"), section.body, section.at
    )


# Steps that may be written in other words.
_OTHER_WORDS = {"step": _of_class, "checkout": _of_source}


def _check_parallel(section: Section, remarks: Remarks) -> None:
    """Blocks by the names of their branches, and `failFast`."""
    named = {one.name: one.value for one in section.arguments if isinstance(one.name, str)}
    fails_fast = named.pop("failFast", None)
    if fails_fast is not None and not isinstance(fails_fast, Constant):
        remarks.error(fails_fast.at, "parallel: 'failFast' must be true or false")
    for name, value in named.items():
        if not isinstance(value, Closure):
            remarks.error(value.at, f"Expected a block for the branch '{name}'", f"write {name}: {{ … }}")
    if not section.arguments:
        remarks.error(section.at, "parallel has no branches", "write parallel(one: { … }, two: { … })")


def _read_script(section: Section, remarks: Remarks) -> Command | None:
    if section.body is None:
        remarks.error(section.at, 'Expected a block with the "script" step')
        return None
    return _script(section.body, section, remarks)


def _needs_script(section: Section, signature: Signature | None, remarks: Remarks) -> bool:
    """Whether only a script can call it: a method of the file, or a step with Groovy in its arguments."""
    if signature is None:
        return any(section.name in known for known in (remarks.file.methods, remarks.file.loaded, OF_SCRIPTS))
    if signature.kind == "scm" or section.body is not None:
        return False
    given = (one for one in section.arguments if not _without_effect(section.name, str(one.name)))
    return any(script.is_needed(one.value, remarks.file) for one in given)


def _script(body: tuple[Statement, ...], section: Section, remarks: Remarks) -> Command:
    wanted = script.check(body, remarks.file, remarks)
    program = Script(remarks.path, body, remarks.file, frozenset(remarks.booleans), wanted)
    return Command(section.name, (), (), section.at, wanted, program)


def _read_with_credentials(section: Section, node: bool, remarks: Remarks) -> Command | None:
    wanted = credentials.of_block(section, remarks)
    if section.body is None:
        remarks.error(section.at, f'Expected a block with the "{section.name}" step')
        return None
    given = credentials.beside(section)
    for _, value in given:
        check_expression(value, remarks)
    return Command(section.name, given, read_steps(section.body, node, remarks), section.at, wanted)


_NO_NODE = "Attempted to execute a step that requires a node context while 'agent none' was specified"


def _refuse_statement(statement: Statement, remarks: Remarks) -> None:
    if isinstance(statement, Call) and isinstance(statement.target, Property):
        message = 'Method calls on objects not allowed outside "script" blocks'
        remarks.error(statement.at, message, "put it in script { … }")
    elif isinstance(statement, Labelled):
        hint = f"remove the colon: {statement.label} '…'"
        remarks.error(statement.at, f"Expected a step, found the label '{statement.label}:'", hint)
    elif isinstance(statement, Name):
        remarks.error(statement.at, "Expected a step", f"write {statement.text}() to call a step")
    else:
        remarks.error(statement.at, "Expected a step", "only steps may stand here, e.g. sh 'make'")


def _refuse_step(section: Section, inner: tuple[Command, ...], remarks: Remarks) -> Command | None:
    """A finding; and what is left of the step in a run that passes over it: a line, and what it holds."""
    name = section.name
    if name == "stage":
        remarks.error(section.at, "a stage cannot stand in steps", "write it beside this one, in stages { }")
        return None
    if name in ESSENTIAL:
        remarks.error(section.at, f"the step '{name}' is not supported yet", "do it by sh")
        return None
    if name in KNOWN_STEPS:
        hint = "do it in a shell script, or pass over it: seatrial run --skip-unknown"
        remarks.unknown(section.at, f"the step '{name}' is not supported yet", hint)
    else:
        remarks.unknown(section.at, f"the step '{name}' is not known", did_you_mean(name, SIGNATURES))
    told = Command("skipped", (("step", Text(name, section.at)),), (), section.at)
    return Command("timestamps", (), (told, *inner), section.at)


def _read_known(section: Section, signature: Signature, node: bool, remarks: Remarks) -> Command | None:
    """The command, unless something about it is an error."""
    errors = remarks.errors
    arguments = _read_arguments(section, signature, remarks)
    for name, value in arguments.items():
        _check_value(section.name, signature, name, value, remarks)
    steps: tuple[Command, ...] = ()
    if signature.block and section.body is None:
        message = f'Expected a block with the "{section.name}" step'
        remarks.error(section.at, message, f"write {section.name}('…') {{ … }}")
    if section.body is not None and not signature.block:
        remarks.error(section.at, f"the step '{section.name}' takes no block")
    elif section.body is not None:
        steps = read_steps(section.body, node, remarks)
    given = tuple((name, value) for name, value in arguments.items() if _has_effect(section, name, value))
    return Command(section.name, given, steps, section.at) if remarks.errors == errors else None


def _has_effect(section: Section, name: str, value: Expression) -> bool:
    return not _without_effect(section.name, name) and not (isinstance(value, Name) and value.text == "scm")


_WITHOUT_EFFECT = {
    "label": "the label is not shown; the script is",
    "encoding": "output is read as UTF-8",
    "disableDeferredWipeout": "what is removed is gone when the step ends",
    **dict.fromkeys(MAIL[2:], "a mail is only printed"),
    "credentialsId": "Git's own credentials are used",
    "poll": "there is no polling",
    "changelog": "there is no list of changes",
    "skipPublishingChecks": "no forge is told",
    "checksName": "no forge is told",
    "testDataPublishers": "the results are counted, and nothing else",
    "healthScaleFactor": "there is no health of a job",
    "keepLongStdio": "what tests print is not kept",
    "keepProperties": "what tests print is not kept",
    "keepTestNames": "tests have the names that their reports give",
    "skipOldReports": "the workspace begins with the commit, so there are no old reports",
    "fingerprint": "whatever is kept has its digest",
    "onlyIfSuccessful": "what is archived is kept whatever the run comes to",
    "followSymlinks": "links are kept as links",
    "envOnly": "the report of the scanner is looked for when the gate is asked for",
    "activity": "the time counts from the beginning, whether something is printed or not",
    "resource": "runs of one machine share no workspace, and nothing is locked",
    "ordinal": "an older run is not stopped by a newer one",
    "colorMapName": "colours are kept as the command writes them",
}


_WITH_EFFECT = frozenset((("withSonarQubeEnv", "credentialsId"),))
# Steps of which no argument has an effect, but for a message.
_NO_EFFECT = {
    "slackSend": "the message is only printed",
    **dict.fromkeys(("updateGitlabCommitStatus", "githubNotify", "gitlabCommitStatus"), "no forge is told"),
    **dict.fromkeys(("fingerprint", "buildName", "buildDescription"), "there is no page of Jenkins"),
    **dict.fromkeys(("withMaven", "nodejs"), "what is on PATH is used"),
}


def _without_effect(step: str, name: str) -> str:
    """Why an argument of a step has no effect; "" where it has one."""
    if step in _NO_EFFECT and name != "message":
        return _NO_EFFECT[step]
    return "" if (step, name) in _WITH_EFFECT else _WITHOUT_EFFECT.get(name, "")


def _read_arguments(section: Section, signature: Signature, remarks: Remarks) -> dict[str, Expression]:
    given = section.arguments
    if not (signature.main or signature.others):
        if given:
            remarks.error(section.at, f"{section.name} takes no arguments here", f"write {section.name}()")
        return {}
    only = given[0].value if len(given) == 1 and given[0].name is None else None
    if isinstance(only, MapLiteral) and signature.kind != "scm":
        given = only.entries
    unnamed = [argument for argument in given if argument.name is None]
    if unnamed and len(given) > 1:
        _refuse_mixture(section, unnamed, given, remarks)
    elif unnamed and signature.main:
        return {signature.main: unnamed[0].value}
    elif unnamed:
        remarks.error(section.at, f"{section.name} takes only arguments with a name")
    named = _named(section, signature, given, remarks)
    if signature.main and signature.main not in named and not (unnamed or signature.optional):
        message = f'Missing required parameter: "{signature.main}"'
        remarks.error(section.at, message, f"write {section.name} '…'")
    return named


def _refuse_mixture(
    section: Section, unnamed: list[Argument], given: tuple[Argument, ...], remarks: Remarks
) -> None:
    if len(unnamed) < len(given):
        remarks.error(section.at, "Cannot mix named and unnamed arguments", "name them all")
    else:
        message = f'"{section.name}" should have 1 arguments but has {len(given)} arguments instead'
        remarks.error(section.at, message)


def _named(
    section: Section, signature: Signature, given: tuple[Argument, ...], remarks: Remarks
) -> dict[str, Expression]:
    known = tuple(name for name in (signature.main, *signature.others) if name)
    named: dict[str, Expression] = {}
    for argument in given:
        if argument.name is None:
            continue
        if not isinstance(argument.name, str) or argument.name not in known:
            written = argument.name if isinstance(argument.name, str) else "…"
            hint = did_you_mean(written, known)
            remarks.error(argument.at, f'Invalid parameter "{written}" of {section.name}', hint)
        elif argument.name in named:
            remarks.error(argument.at, f'Duplicate parameter "{argument.name}" of {section.name}')
        else:
            named[argument.name] = argument.value
    return named


def _check_value(step: str, signature: Signature, name: str, value: Expression, remarks: Remarks) -> None:
    if signature.kind == "scm" and name == signature.main:
        _check_scm(value, remarks)
        return
    if why := _without_effect(step, name):
        remarks.note(value.at, f"{step}: '{name}' has no effect here: {why}")
        return
    check_expression(value, remarks)
    if name == signature.main and isinstance(value, _UNFIT[signature.kind]):
        remarks.error(value.at, f"{step}: '{name}' must be a {signature.kind}", _AS[signature.kind])
    if isinstance(value, Number) and value.text.isdigit() and int(value.text) >= 1 << 63:
        remarks.error(value.at, f"{step}: '{name}' is too large a number")
    if name.startswith("return") and isinstance(value, Text | Number):
        remarks.error(value.at, f"{step}: '{name}' must be true or false")


def _check_scm(value: Expression, remarks: Remarks) -> None:
    """The source of this very commit is written `scm`; any other has to be fetched, by Git."""
    if isinstance(value, MapLiteral) and _is_git(value):
        check_expression(value, remarks)
    elif not (isinstance(value, Name) and value.text == "scm"):
        hint = "write checkout scm for this commit; fetch another repository by sh 'git clone …'"
        remarks.error(value.at, "checkout of another source is not supported", hint)


def _is_git(value: MapLiteral) -> bool:
    kinds = (one.value for one in value.entries if one.name == "$class")
    return any(isinstance(kind, Text) and kind.value == "GitSCM" for kind in kinds)


_UNFIT = {
    "string": (Number, Constant),
    "number": (Text, Constant),
    "scm": (),
    "list": (Text, Number, Constant, MapLiteral),
}
_AS = {"string": "put it in quotes", "number": "write it without quotes", "list": "write ['NAME=value']"}


def check_expression(value: Expression, remarks: Remarks) -> bool:
    """Report what the evaluator does not know; true when it knows all."""
    known = True
    for at, what in unsupported(value):
        known = False
        _refuse_part(at, what, remarks)
    return known


def _refuse_part(at: Position, what: str, remarks: Remarks) -> None:
    hint = "let the shell work it out, in a single-quoted string"
    if "'credentials'" in what:
        hint = "credentials('id') stands alone: write NAME = credentials('id') in environment { }"
    remarks.error(at, f"{what} is not supported yet", hint)
