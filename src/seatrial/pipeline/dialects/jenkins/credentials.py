"""Where a Jenkinsfile names credentials: `X = credentials('id')` and `withCredentials([…]) { … }`. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.dialects.jenkins.declarative import Section, Variable
from seatrial.pipeline.dialects.jenkins.evaluator import Names, Undetermined, evaluate, unsupported
from seatrial.pipeline.dialects.jenkins.remarks import Remarks, did_you_mean
from seatrial.pipeline.dialects.jenkins.syntax import (
    Argument,
    Call,
    Expression,
    ListLiteral,
    MapLiteral,
    Name,
    Text,
)
from seatrial.pipeline.dialects.jenkins.values import written
from seatrial.pipeline.step import Credential

# The arguments of a binding that name a variable, and what that is to hold.
_BINDINGS = {
    "string": {"variable": "value"},
    "usernamePassword": {"usernameVariable": "username", "passwordVariable": "password"},
    "usernameColonPassword": {"variable": "value"},
    "file": {"variable": "file"},
    "sshUserPrivateKey": {
        "keyFileVariable": "file",
        "usernameVariable": "username",
        "passphraseVariable": "passphrase",
    },
    "aws": {"accessKeyVariable": "username", "secretKeyVariable": "password"},
    "azureServicePrincipal": {
        "clientIdVariable": "username",
        "clientSecretVariable": "password",
        "subscriptionIdVariable": "subscription",
        "tenantIdVariable": "tenant",
    },
}
# The variables of those that need not name them.
_UNNAMED = {
    "accessKeyVariable": "AWS_ACCESS_KEY_ID",
    "secretKeyVariable": "AWS_SECRET_ACCESS_KEY",
    "clientIdVariable": "AZURE_CLIENT_ID",
    "clientSecretVariable": "AZURE_CLIENT_SECRET",
    "subscriptionIdVariable": "AZURE_SUBSCRIPTION_ID",
    "tenantIdVariable": "AZURE_TENANT_ID",
}
_CLASSES = {
    "StringBinding": "string",
    "UsernamePasswordMultiBinding": "usernamePassword",
    "UsernamePasswordBinding": "usernameColonPassword",
    "FileBinding": "file",
    "SSHUserPrivateKeyBinding": "sshUserPrivateKey",
    "AmazonWebServicesCredentialsBinding": "aws",
    "AzureCredentialsBinding": "azureServicePrincipal",
}
_HINT = "write withCredentials([string(credentialsId: 'id', variable: 'NAME')]) { … }"


class Later(NamedTuple):
    """A `Credential` whose id is worked out as the file runs."""

    id: Expression
    variable: str
    part: str


Wanted = tuple[Credential | Later, ...]


def resolved(one: Credential | Later, names: Names) -> Credential:
    """Raises Undetermined, Failure."""
    if isinstance(one, Credential):
        return one
    return Credential(written(evaluate(one.id, names)), one.variable, one.part)


def settled(wanted: Wanted, known: Mapping[str, str]) -> Wanted:
    """With the ids that the file alone determines."""
    found: list[Credential | Later] = []
    for one in wanted:
        try:
            found.append(resolved(one, Names(known.get, complete=False)))
        except Undetermined:
            found.append(one)
    return tuple(found)


def _of(id_: Expression, variable: str, part: str, remarks: Remarks) -> Credential | Later:
    if not isinstance(id_, Text):
        return Later(id_, variable, part)
    remarks.credentials.setdefault(id_.value, remarks.place(id_.at))
    return Credential(id_.value, variable, part)


def is_wanted(value: Expression) -> bool:
    """Whether a value is `credentials(…)`."""
    return isinstance(value, Call) and isinstance(value.target, Name) and value.target.text == "credentials"


def of_variable(variable: Variable, remarks: Remarks) -> Credential | Later:
    """What a line of `environment { }` asks for by `credentials('id')`."""
    value = variable.value
    given = value.arguments if isinstance(value, Call) else ()
    if len(given) == 1 and given[0].name is None and not any(True for _ in unsupported(given[0].value)):
        return _of(given[0].value, variable.name, "environment", remarks)
    remarks.error(value.at, "this is no id of credentials", "write credentials('the-id')")
    return Credential("", variable.name, "environment")


def names(wanted: Wanted) -> set[str]:
    """The variables that credentials may give."""
    more = {f"{one.variable}{end}" for one in wanted if one.part == "environment" for end in ("_USR", "_PSW")}
    return {one.variable for one in wanted} | more


def of_block(section: Section, remarks: Remarks) -> Wanted:
    """The bindings of a `withCredentials`; what cannot be read is a finding."""
    given = section.arguments
    if len(given) != 1 or given[0].name not in (None, "bindings"):
        remarks.error(section.at, "withCredentials takes one list of bindings", _HINT)
        return ()
    value = given[0].value
    entries = value.items if isinstance(value, ListLiteral) else (value,)
    return tuple(credential for one in entries for credential in _binding(one, remarks))


def _binding(value: Expression, remarks: Remarks) -> Iterator[Credential | Later]:
    kind, given = _kind(value)
    if kind not in _BINDINGS:
        hint = did_you_mean(kind, _BINDINGS)
        remarks.error(value.at, f"the binding '{kind or '…'}' is not supported", hint)
        return
    texts = {one.name: one.value.value for one in given if isinstance(one.value, Text)}
    written = {one.name for one in given}
    ids = ("credentialsId", None) if kind == "azureServicePrincipal" else ("credentialsId",)
    credential = next((one.value for one in given if one.name in ids), None)
    if credential is None:
        remarks.error(value.at, f"{kind}: 'credentialsId' is missing", _HINT)
        return
    for name, part in _BINDINGS[kind].items():
        if name in texts:
            yield _of(credential, texts[name], part, remarks)
        elif name in _UNNAMED and name not in written:
            yield _of(credential, _UNNAMED[name], part, remarks)
        elif name in written or name == next(iter(_BINDINGS[kind])):
            remarks.error(value.at, f"{kind}: '{name}' must be a string without ${{…}}", _HINT)


def _kind(value: Expression) -> tuple[str, tuple[Argument, ...]]:
    """The kind of a binding, and its arguments: of a call, or of a map with a `$class`."""
    if isinstance(value, Call) and isinstance(value.target, Name):
        return value.target.text, value.arguments
    if isinstance(value, MapLiteral):
        named = {one.name: one.value for one in value.entries}
        kind = named.get("$class")
        return (_CLASSES.get(kind.value, kind.value), value.entries) if isinstance(kind, Text) else ("", ())
    return "", ()
