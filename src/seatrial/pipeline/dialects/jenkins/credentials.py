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
# The steps whose arguments say what of this machine is lent to what stands in them.
BLOCKS = frozenset(("withCredentials", "sshagent", "configFileProvider"))
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
    """What one of BLOCKS asks for; what cannot be read is a finding."""
    if section.name != "withCredentials":
        return tuple(one for one, _ in _lent(section, remarks))
    given = section.arguments
    if len(given) != 1 or given[0].name not in (None, "bindings"):
        remarks.error(section.at, "withCredentials takes one list of bindings", _HINT)
        return ()
    value = given[0].value
    entries = value.items if isinstance(value, ListLiteral) else (value,)
    return tuple(credential for one in entries for credential in _binding(one, remarks))


def beside(section: Section) -> tuple[tuple[str, Expression], ...]:
    """What else one of BLOCKS says: where the file of a variable is to stand; whether keys may be missing."""
    lent = _lent(section, Remarks("")) if section.name == "configFileProvider" else ()
    missing = ((str(one.name), one.value) for one in section.arguments if one.name == "ignoreMissing")
    return (*missing, *((one.variable, target) for one, target in lent if target is not None))


_LENDING = {
    "sshagent": ("credentials", "write sshagent(credentials: ['id']) { … }"),
    "configFileProvider": (
        "managedFiles",
        "write configFileProvider([configFile(fileId: 'id', variable: 'NAME')]) { … }",
    ),
}
_Lent = tuple[Credential | Later, Expression | None]


def _lent(section: Section, remarks: Remarks) -> tuple[_Lent, ...]:
    """The keys of an agent, or the files, with the place of each."""
    main, hint = _LENDING[section.name]
    named = {one.name or main: one.value for one in section.arguments}
    listed = named.get(main)
    for one in section.arguments:
        if one.name not in (None, main) and (section.name, one.name) != ("sshagent", "ignoreMissing"):
            remarks.error(one.at, f'Invalid parameter "{one.name}" of {section.name}', hint)
    if not isinstance(listed, ListLiteral):
        remarks.error(section.at, f"{section.name} takes a list", hint)
        return ()
    if section.name == "sshagent":
        return tuple((_of(one, f"KEY_{at}", "file", remarks), None) for at, one in enumerate(listed.items))
    files = (_file(one, at, hint, remarks) for at, one in enumerate(listed.items))
    return tuple(one for one in files if one is not None)


def _file(value: Expression, at: int, hint: str, remarks: Remarks) -> _Lent | None:
    kind, given = _kind(value)
    named = {one.name or "fileId": one.value for one in given}
    variable = named.get("variable", Text(f"CONFIG_FILE_{at}", value.at))
    if kind != "configFile" or "fileId" not in named or not isinstance(variable, Text):
        remarks.error(value.at, "configFile has a fileId, and a variable without ${…}", hint)
        return None
    for one in given:
        if one.name not in (None, "fileId", "variable", "targetLocation"):
            remarks.error(one.at, f"configFile: '{one.name}' is not supported", "let a command do it")
    return _of(named["fileId"], variable.value, "file", remarks), named.get("targetLocation")


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
