"""Steps that keep things, and those that only say something: their evaluated arguments → effects. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from seatrial.pipeline.dialects.jenkins import showing
from seatrial.pipeline.dialects.jenkins.blocks import Values, string
from seatrial.pipeline.dialects.jenkins.evaluator import Failure
from seatrial.pipeline.dialects.jenkins.groovy.file import Passed
from seatrial.pipeline.dialects.jenkins.syntax import Position
from seatrial.pipeline.dialects.jenkins.values import truth, written
from seatrial.pipeline.step import (
    Archive,
    Checkout,
    Clear,
    Echo,
    Keeping,
    Mark,
    Shell,
    Stash,
    Tests,
    Unstash,
    Write,
)

# The folder itself stays: the steps after this one start in it. Not every image has a `find` that deletes.
EMPTY_FOLDER = 'for entry in * .[!.]* ..?*; do rm -rf -- "$entry"; done'
NAMES = frozenset(
    (
        "cleanWs",
        "checkout",
        "git",
        "junit",
        "archive",
        "archiveArtifacts",
        "stash",
        "unstash",
        "writeFile",
        "mail",
        "emailext",
        "slackSend",
    )
)
# They have no effect here, and give nothing.
SILENT = frozenset(
    (
        "milestone",
        "fingerprint",
        "buildName",
        "buildDescription",
        "updateGitlabCommitStatus",
        "githubNotify",
        *showing.STEPS,
    )
)


def keeping(name: str, at: Position, values: Values) -> Keeping | Write | Clear | Echo | Shell:
    """The effect of one of NAMES. Raises Failure."""
    if name == "cleanWs":
        return _cleared(at, values)
    if name == "git":
        return _fetched(string(name, at, "url", values), written(values.get("branch", "master")))
    if name == "checkout":
        source = values if "$class" in values else values.get("scm")
        return _of_git(at, source) if isinstance(source, Mapping) else Checkout()
    if name == "junit":
        marks = not truth(values.get("skipMarkingBuildUnstable"))
        return Tests(
            _patterns(name, at, "testResults", values), marks, not truth(values.get("allowEmptyResults"))
        )
    if name in ("archiveArtifacts", "archive"):
        main = "artifacts" if name == "archiveArtifacts" else "includes"
        files = _patterns(name, at, main, values), _patterns(name, at, "excludes", values)
        required = main == "artifacts" and not truth(values.get("allowEmptyArchive"))
        all_names = not truth(values.get("defaultExcludes", True))
        return Archive(*files, required, all_names, not truth(values.get("caseSensitive", True)))
    if name == "stash":
        files = _patterns(name, at, "includes", values) or ("**",), _patterns(name, at, "excludes", values)
        all_names = not truth(values.get("useDefaultExcludes", True))
        return Stash(string(name, at, "name", values), *files, not truth(values.get("allowEmpty")), all_names)
    if name == "unstash":
        return Unstash(string(name, at, "name", values))
    if name == "writeFile":
        return Write(string(name, at, "file", values), written(values.get("text", "")))
    if name == "slackSend":
        return Echo(f"slackSend: {written(values.get('message', ''))}")
    return Echo(_mail(values))


# What `step([$class: …])` calls by the name of its class.
_CLASSES = {
    "JUnitResultArchiver": "junit",
    "ArtifactArchiver": "archiveArtifacts",
    "WsCleanup": "cleanWs",
    "Fingerprinter": "fingerprint",
    "JacocoPublisher": "jacoco",
    "CoberturaPublisher": "cobertura",
    "CucumberReportPublisher": "cucumber",
    "AllureReportPublisher": "allure",
    "DependencyCheckPublisher": "dependencyCheckPublisher",
    **{name: name for name in showing.CLASSES},
}


def is_class(name: str) -> bool:
    """Whether a class is one of those above; its package does not matter."""
    return name.rpartition(".")[2] in _CLASSES


def step_of(name: str) -> str:
    """The step that a class is; where nothing here knows it, the class without its package."""
    word = name.rpartition(".")[2]
    return _CLASSES.get(word, word)


# What decides, or does work, elsewhere: a run that passes over it has not shown that all is well.
DECISIVE = ("build", "library")


def skipped(what: Passed) -> Mark:
    """What is left of what nothing knows, in a run that passes over it."""
    status = "unstable" if what.kind == "method" or what.name in DECISIVE else "succeeded"
    return Mark(f"skipped: the {what.kind} '{what.name}' is not known here", status, status)


def _of_git(at: Position, source: Mapping[str, object]) -> Shell:
    """What `checkout([$class: 'GitSCM', …])` asks for: the first branch of the first remote."""
    remotes, branches = source.get("userRemoteConfigs"), source.get("branches")
    remote = remotes[0] if isinstance(remotes, list) and remotes else None
    branch = branches[0] if isinstance(branches, list) and branches else {"name": "master"}
    if source.get("$class") != "GitSCM" or not isinstance(remote, dict) or not isinstance(branch, dict):
        raise Failure(at, "checkout: only GitSCM with a url in userRemoteConfigs is supported")
    name = written(branch.get("name", "master")).removeprefix("*/").removeprefix("refs/heads/")
    return _fetched(written(remote.get("url")), name)


def _fetched(url: str, branch: str) -> Shell:
    """Another repository over what is there; for this commit's own the files are there already."""
    address, ref = shlex.quote(url), shlex.quote(branch)
    own = f'if [ "${{GIT_URL:-}}" = {address} ]; then echo "this is the commit of {url}"; exit; fi'
    fetch = f"git fetch -q --no-tags -- {address} {ref} && git checkout -q -f FETCH_HEAD"
    return Shell(f"{own}\ngit init -q . && {fetch}")


# What `cleanWs` is told of what a run has come to.
_CLEANED_WHEN = {
    "cleanWhenSuccess": "succeeded",
    "cleanWhenUnstable": "unstable",
    "cleanWhenFailure": "failed",
    "cleanWhenNotBuilt": "skipped",
    "cleanWhenAborted": "cancelled",
}


def _cleared(at: Position, values: Values) -> Clear | Shell:
    """The folder emptied, or of what is in it what the patterns mean."""
    unless = tuple(status for name, status in _CLEANED_WHEN.items() if not truth(values.get(name, True)))
    if truth(values.get("skipWhenFailed")):
        unless += ("failed",)
    given = values.get("patterns") or []
    required = not truth(values.get("notFailBuild"))
    if not (given or unless):
        return Shell(EMPTY_FOLDER, check=required)
    found: dict[str, list[str]] = {"INCLUDE": [], "EXCLUDE": []}
    for one in given if isinstance(given, list) else [given]:
        kind = one.get("type", "INCLUDE") if isinstance(one, Mapping) else None
        if kind not in found or not isinstance(one, Mapping) or not isinstance(one.get("pattern"), str):
            raise Failure(at, "cleanWs: a pattern is [pattern: '…', type: 'INCLUDE' or 'EXCLUDE']")
        found[kind].append(one["pattern"])
    folders = not given or truth(values.get("deleteDirs"))
    return Clear(tuple(found["INCLUDE"]) or ("**",), tuple(found["EXCLUDE"]), folders, unless, required)


def _patterns(step: str, at: Position, name: str, values: Values) -> tuple[str, ...]:
    """A list of patterns, between commas: a space may be in a name; () where the argument is not there."""
    if values.get(name) is None:
        return ()
    return tuple(filter(None, map(str.strip, string(step, at, name, values).split(","))))


def _mail(values: Values) -> str:
    head = f"mail to {written(values.get('to', 'nobody'))}: {written(values.get('subject', ''))}"
    return f"{head}\n{written(values['body'])}" if "body" in values else head
