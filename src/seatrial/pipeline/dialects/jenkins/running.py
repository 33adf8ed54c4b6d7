"""Steps of plugins that run one program: their evaluated arguments → the words that the plugin runs. Pure.

The program is that on PATH, as for all tools. A parameter that is not among `PARAMETERS` is a finding, and
nothing of the step is done.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping

from seatrial.pipeline.dialects.jenkins.methods import Unfit
from seatrial.pipeline.dialects.jenkins.syntax import Argument, Closure, MapLiteral
from seatrial.pipeline.dialects.jenkins.values import truth, written
from seatrial.pipeline.step import (
    REQUIRED,
    SEATRIAL_SHELL,
    Block,
    Credential,
    Shell,
    Step,
    WithCredentials,
    WithEnv,
)

Values = Mapping[str, object]
Lookup = Callable[[str], str | None]

AWS, DEPENDENCY_CHECK, ANSIBLE = "withAWS", "dependencyCheck", "ansiblePlaybook"
# What each takes, the main one first.
PARAMETERS: dict[str, tuple[str, ...]] = {
    AWS: ("", "credentials", "region", "profile"),
    DEPENDENCY_CHECK: ("odcInstallation", "additionalArguments", "nvdCredentialsId", "stopBuild", "debug"),
    ANSIBLE: tuple(
        "playbook inventory limit tags skippedTags startAtTask become becomeUser checkMode forks extraVars "  # noqa: SIM905
        "extras credentialsId vaultCredentialsId disableHostKeyChecking colorized installation".split()
    ),
}
# Ends of dependency-check that are no failure: what it has found is for a gate to judge.
FINE = (0, 14, 15)


def unknown(name: str, arguments: tuple[Argument, ...]) -> str:
    """The first parameter of a step that it does not take; "" where it takes all."""
    given = [one for one in arguments if not isinstance(one.value, Closure)]
    only = given[0].value if len(given) == 1 else None
    entries = only.entries if isinstance(only, MapLiteral) else given
    return next((str(one.name) for one in entries if one.name not in (None, *PARAMETERS[name])), "")


def check(name: str, values: Values) -> None:
    """Raises Unfit for a parameter that only the run has told."""
    for one in values.keys() - set(PARAMETERS[name]):
        raise Unfit(f'java.lang.IllegalArgumentException: Invalid parameter "{one}" of {name}')


def in_aws(values: Values, steps: tuple[Step, ...]) -> Block:
    """Steps with the keys and the region of Amazon's cloud."""
    names = {"region": ("AWS_DEFAULT_REGION", "AWS_REGION"), "profile": ("AWS_PROFILE",)}
    env = tuple((one, written(values[key])) for key, ones in names.items() if key in values for one in ones)
    inner = WithEnv(env, steps)
    if "credentials" not in values:
        return inner
    id_ = written(values["credentials"])
    keys = (("AWS_ACCESS_KEY_ID", "username"), ("AWS_SECRET_ACCESS_KEY", "password"))
    return WithCredentials(tuple(Credential(id_, name, part) for name, part in keys), REQUIRED, (inner,))


def dependency_check(values: Values, lookup: Lookup) -> tuple[Shell, tuple[Credential, ...]]:
    """The command, and the credentials that its variables are of; the plugin says what the file does not."""
    more = written(values.get("additionalArguments") or "")
    words = []
    if "--project" not in more:
        words += ["--project", f"{lookup('JOB_NAME')} #{lookup('BUILD_NUMBER')}"]
    if not ("--scan" in more or "-s " in more):
        words += ["--scan", lookup("WORKSPACE") or "."]
    if not ("--format" in more or "-f " in more):
        words += ["--format", "XML"]
    words += [_expanded(word, lookup) for word in _words(more, DEPENDENCY_CHECK)]
    id_, key = values.get("nvdCredentialsId"), ""
    wanted: tuple[Credential, ...] = ()
    if id_:
        wanted, key = (Credential(written(id_), "NVD_API_KEY", "value"),), ' --nvdApiKey "$NVD_API_KEY"'
    return Shell(f'{_FIND_CHECK}\n"$check" {shlex.join(words)}{key}', SEATRIAL_SHELL, check=False), wanted


_FIND_CHECK = """check=$(command -v dependency-check.sh || command -v dependency-check) || {
    echo 'dependencyCheck: there is no dependency-check.sh on PATH' >&2; exit 127; }"""


def _expanded(word: str, lookup: Lookup) -> str:
    """Variables in a word as Jenkins fills them in: one that there is not stays as it is written."""
    from string import Template

    known = {name: value for name in Template(word).get_identifiers() if (value := lookup(name)) is not None}
    return Template(word).safe_substitute(known)


def _words(text: str, step: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        raise Unfit(f"java.lang.IllegalArgumentException: {step}: {error}") from None


# A key of SSH is a file, a user and a password are handed on by sshpass.
_LOGIN = """if [ -f "$ANSIBLE_LOGIN" ]; then set -- --private-key "$ANSIBLE_LOGIN" -u "$ANSIBLE_LOGIN_USR"
else set -- -u "$ANSIBLE_LOGIN_USR" -k; export SSHPASS="$ANSIBLE_LOGIN_PSW"; by="sshpass -e"; fi
"""


def ansible_playbook(values: Values) -> tuple[Shell, tuple[Credential, ...]]:
    """The command, and the credentials that its variables are of."""
    login, vault = values.get("credentialsId"), values.get("vaultCredentialsId")
    wanted = []
    if login:
        wanted.append(Credential(written(login), "ANSIBLE_LOGIN", "environment"))
    if vault:
        wanted.append(Credential(written(vault), "ANSIBLE_VAULT", "file"))
    before = f"set --; by=\n{_LOGIN if login else ''}"
    after = ' --vault-password-file "$ANSIBLE_VAULT"' if vault else ""
    rest = _extra_variables(values.get("extraVars")) + _words(written(values.get("extras") or ""), ANSIBLE)
    command = f'$by ansible-playbook {shlex.join(_of_play(values))} "$@"{after} {shlex.join(rest)}'
    env: tuple[tuple[str, str], ...] = (("PYTHONUNBUFFERED", "1"),)
    if truth(values.get("disableHostKeyChecking")):
        env += (("ANSIBLE_HOST_KEY_CHECKING", "False"),)
    if truth(values.get("colorized")):
        env += (("ANSIBLE_FORCE_COLOR", "true"),)
    return Shell(before + command, SEATRIAL_SHELL, check=False, env=env), tuple(wanted)


def _of_play(values: Values) -> list[str]:
    """What is played, where, and how much of it."""
    given = {name: written(value) for name, value in values.items() if value not in (None, "")}
    words = [given["playbook"]]
    for name, option in {"inventory": "-i", "limit": "-l", "tags": "-t", "forks": "-f"}.items():
        words += [option, given[name]] if name in given else []
    for name, option in {"skippedTags": "--skip-tags", "startAtTask": "--start-at-task"}.items():
        words += [f"{option}={given[name]}"] if name in given else []
    words += ["-b", "--become-user", given.get("becomeUser", "root")] if truth(values.get("become")) else []
    return [*words, "--check"] if truth(values.get("checkMode")) else words


def _extra_variables(given: object) -> list[str]:
    words = []
    for name, value in given.items() if isinstance(given, Mapping) else ():
        plain = written(value["value"] if isinstance(value, Mapping) and "value" in value else value)
        if plain in ("true", "false"):  # only so is it no text to Ansible
            words += ["-e", f'{{"{written(name)}":{plain}}}']
        else:
            spaced = f"'{plain}'" if any(one.isspace() for one in plain) else plain
            words += ["-e", f"{written(name)}={spaced}"]
    return words
