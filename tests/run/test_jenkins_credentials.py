"""Credentials of a Jenkinsfile, from the secrets of this machine: what a command gets, and no log shows."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from seatrial.pipeline.dialects.jenkins import parse
from tests.run.stages import Project, RunResult, new

pytestmark = pytest.mark.slow

SECRETS = {
    "API_TOKEN": "tok-e-n-77",
    "DOCKER_HUB_USR": "ada",
    "DOCKER_HUB_PSW": "pass-word-1",
    "BOTH": "eve:secret-two",
    "DEPLOY_KEY": "line one\\nline two",
    "DEPLOY_KEY_USR": "git",
    "DEPLOY_KEY_PASSPHRASE": "open sesame",
}


def run(
    tmp_path: Path, *stages: str, environment: str = "", post: str = "", secrets: dict[str, str] = SECRETS
) -> tuple[Project, RunResult]:
    for name in ("files", "home"):
        (tmp_path / name).mkdir(exist_ok=True, parents=True)
    file = tmp_path / "home/secrets.env"
    file.write_text("".join(f'{name}="{value}"\n' for name, value in secrets.items()))
    file.chmod(0o600)
    project = Project(tmp_path / "home", tmp_path / "files", [])
    written = "\n".join(f"stage('s{number}') {{ {stage} }}" for number, stage in enumerate(stages))
    above = f"environment {{ {environment} }}" if environment else ""
    text = f"pipeline {{ agent any\n {above}\n stages {{ {written} }}\n {post} }}"
    pipeline, findings = parse(text, "Jenkinsfile")
    assert not [one for one in findings if one.severity in ("error", "warning")], findings
    request = project.request(*pipeline.stages, dialect="jenkins")
    from seatrial.run.runner import run as run_request

    whole = pipeline._replace(stages=request.stages)
    try:
        return project, run_request(request._replace(pipeline=whole), project.events.append)
    finally:
        request.journal.close()


_NOT_FOUND = "Could not find credentials entry with ID 'docker-hub'"
_NOT_FOUND_CLASS = "CredentialNotFoundException"


def said(project: Project, stage: str) -> list[str]:
    return [line for line in project.log(stage).splitlines() if not line.startswith("+ ")]


def kept(name: str) -> str:
    """A command that writes a variable where the test can read it."""
    return f'printf %s "${name}" > "$SEATRIAL_HOME/{name}"'


def test_a_token_is_a_variable_of_every_stage_and_never_seen(tmp_path: Path) -> None:
    stage = f"steps {{ sh '''echo got $TOKEN; {kept('TOKEN')}'''; echo \"in Groovy $TOKEN\" }}"
    project, result = run(tmp_path, stage, environment="TOKEN = credentials('api-token')")
    assert result.status == "succeeded"
    assert said(project, "s0") == ["got ***", "in Groovy ***"]
    assert (tmp_path / "home/TOKEN").read_text() == "tok-e-n-77"


@pytest.mark.parametrize(
    ("credential", "value", "user", "password"),
    [
        ("docker-hub", "ada:pass-word-1", "ada", "pass-word-1"),
        ("both", "eve:secret-two", "eve", "secret-two"),
    ],
)
def test_a_user_and_a_password_are_three_variables(
    tmp_path: Path, credential: str, value: str, user: str, password: str
) -> None:
    names = ("HUB", "HUB_USR", "HUB_PSW")
    script = "; ".join(map(kept, names))
    stage = f"environment {{ HUB = credentials('{credential}'); IMAGE = \"${{HUB_USR}}/app\" }}\n"
    stage += f"steps {{ sh '''{script}; echo $IMAGE as $HUB_PSW''' }}"
    project, result = run(tmp_path, stage)
    assert result.status == "succeeded"
    assert [(tmp_path / "home" / name).read_text() for name in names] == [value, user, password]
    assert said(project, "s0") == [f"{user}/app as ***"]


def test_bindings_of_a_block_end_with_it(tmp_path: Path) -> None:
    bindings = """[string(credentialsId: 'api-token', variable: 'TOKEN'),
        usernamePassword(credentialsId: 'docker-hub', usernameVariable: 'USER_NAME', passwordVariable: 'PW'),
        usernameColonPassword(credentialsId: 'docker-hub', variable: 'PAIR'),
        [$class: 'StringBinding', credentialsId: 'api-token', variable: 'AGAIN']]"""
    names = ("TOKEN", "USER_NAME", "PW", "PAIR", "AGAIN")
    script = f"{'; '.join(map(kept, names))}; echo $TOKEN $USER_NAME $PW"
    inside = f"sh '''{script}'''; echo \"user ${{env.USER_NAME}}\""
    steps = f"withCredentials({bindings}) {{ {inside} }}; sh 'echo after ${{TOKEN:-none}}'"
    project, result = run(tmp_path, f"steps {{ {steps} }}")
    assert result.status == "succeeded"
    values = ["tok-e-n-77", "ada", "pass-word-1", "ada:pass-word-1", "tok-e-n-77"]
    assert [(tmp_path / "home" / name).read_text() for name in names] == values
    assert said(project, "s0") == ["*** ada ***", "user ada", "after none"]


def test_a_key_is_a_file_of_its_owner_alone_and_gone_after_the_run(tmp_path: Path) -> None:
    bindings = (
        "sshUserPrivateKey(credentialsId: 'deploy-key', keyFileVariable: 'KEY', usernameVariable: 'WHO', "
    )
    bindings += "passphraseVariable: 'PHRASE'), file(credentialsId: 'deploy-key', variable: 'SAME')"
    script = f"cp $KEY $SEATRIAL_HOME/copy; stat -c %a $KEY; echo $WHO; {kept('PHRASE')}; {kept('KEY')}"
    project, result = run(tmp_path, f"steps {{ withCredentials([{bindings}]) {{ sh '''{script}''' }} }}")
    assert result.status == "succeeded"
    assert said(project, "s0") == ["600", "git"]
    assert (tmp_path / "home/copy").read_text() == "line one\nline two\n"
    assert (tmp_path / "home/PHRASE").read_text() == "open sesame"
    assert not Path((tmp_path / "home/KEY").read_text()).exists()
    assert stat.S_IMODE((tmp_path / "home/secrets.env").stat().st_mode) == 0o600


def test_post_has_them_too(tmp_path: Path) -> None:
    post = "post { always { sh 'echo post $TOKEN' } }"
    project, result = run(
        tmp_path,
        f"steps {{ echo 'one' }}\n {post}",
        environment="TOKEN = credentials('api-token')",
        post=post,
    )
    assert result.status == "succeeded"
    assert said(project, "s0") == ["one", "post ***"]
    assert said(project, "finally") == ["post ***"]


@pytest.mark.parametrize(
    "stage",
    [
        "environment { X = credentials('docker-hub') }\n steps { echo 'never' }",
        "steps { withCredentials([string(credentialsId: 'docker-hub', variable: 'X')]) { echo 'never' } }",
    ],
)
def test_what_this_machine_does_not_have_is_named_with_what_to_do(tmp_path: Path, stage: str) -> None:
    project, result = run(tmp_path, stage, secrets={})
    assert (result.status, said(project, "s0")) == ("errored", [])
    message = result.outcomes["s0"].message
    assert "the credentials 'docker-hub' are not here" in message
    assert "DOCKER_HUB_USR=… and DOCKER_HUB_PSW=…" in message


@pytest.mark.parametrize(
    ("script", "status", "lines"),
    [
        ("catchError { ASKED { echo 'never' } }\n echo 'goes on'", "failed", ["…", "goes on"]),
        ("catchError(buildResult: 'SUCCESS', stageResult: 'UNSTABLE') { ASKED { } }", "succeeded", ["…"]),
        ("script { try { ASKED { } } catch (e) { echo e.message } }", "succeeded", [_NOT_FOUND]),
        (
            "script { try { ASKED { } } catch (hudson.AbortException e) { echo 'caught' } }",
            "succeeded",
            ["caught"],
        ),
        (
            "script { try { ASKED { } } catch (e) { echo e.class.simpleName } }",
            "succeeded",
            [_NOT_FOUND_CLASS],
        ),
        ("script { try { ASKED { } } catch (e) { throw e } finally { echo 'last' } }", "errored", ["last"]),
        ("retry(2) { echo 'try'\n ASKED { } }", "errored", ["try", "…; it is tried again", "try"]),
    ],
)
def test_a_file_may_go_on_without_what_this_machine_does_not_have(
    tmp_path: Path, script: str, status: str, lines: list[str]
) -> None:
    asked = "withCredentials([string(credentialsId: 'docker-hub', variable: 'X')])"
    project, result = run(tmp_path, f"steps {{ {script.replace('ASKED', asked)} }}", secrets={})
    assert result.status == status
    said_ = [line.replace("the credentials 'docker-hub' are not here", "…") for line in said(project, "s0")]
    assert said_ == lines


def test_a_secret_that_cannot_be_hidden_is_no_matter_of_the_file(tmp_path: Path) -> None:
    asked = "withCredentials([string(credentialsId: 'docker-hub', variable: 'X')]) { }"
    project, result = run(tmp_path, f"steps {{ catchError {{ {asked} }} }}", secrets={"DOCKER_HUB": "abc"})
    assert (result.status, said(project, "s0")) == ("errored", [])


def test_a_token_has_no_password(tmp_path: Path) -> None:
    binding = "usernamePassword(credentialsId: 'api-token', usernameVariable: 'U', passwordVariable: 'P')"
    _, result = run(tmp_path, f"steps {{ withCredentials([{binding}]) {{ echo 'never' }} }}")
    assert "the credentials 'api-token' have no password" in result.outcomes["s0"].message


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ("withCredentials([strin(credentialsId: 'a', variable: 'B')]) { echo 'x' }", "the binding 'strin'"),
        (
            "withCredentials([string(variable: 'B')]) { echo 'x' }",
            "string: 'credentialsId' is missing",
        ),
        ("withCredentials([string(credentialsId: 'a')]) { echo 'x' }", "string: 'variable' must be"),
        ("withCredentials([]) ", 'Expected a block with the "withCredentials"'),
        ("withCredentials(5, 6) { echo 'x' }", "withCredentials takes one list"),
    ],
)
def test_what_cannot_be_read_is_refused(step: str, message: str) -> None:
    _, findings = parse(
        f"pipeline {{ agent any\n stages {{ stage('a') {{ steps {{ {step} }} }} }} }}", "Jenkinsfile"
    )
    assert any(one.message.startswith(message) for one in findings if one.severity == "error"), findings


@pytest.mark.parametrize(
    "steps",
    [
        "withCredentials([string(credentialsId: \"${WHICH}\", variable: 'T')]) { sh '%s; echo $T' }",
        "withCredentials([string(credentialsId: env.WHICH, variable: 'T')]) { sh '%s; echo $T' }",
        "script { withCredentials([string(credentialsId: WHICH, variable: 'T')]) { sh '%s; echo $T' } }",
    ],
)
def test_an_id_may_be_worked_out_and_what_it_names_is_not_seen(tmp_path: Path, steps: str) -> None:
    stage = "steps { script { env.WHICH = 'api-token' } }"
    project, result = run(tmp_path, stage, f"steps {{ {steps % kept('T')} }}")
    assert result.status == "succeeded", result.outcomes["s1"].message
    assert said(project, "s1") == ["***"]
    assert (tmp_path / "home/T").read_text() == "tok-e-n-77"


def test_an_id_in_the_environment_may_be_worked_out(tmp_path: Path) -> None:
    environment = 'NAMED = \'api\'; TOKEN = credentials("${NAMED}-token"); HALF = "<${TOKEN}>"'
    project, _ = run(tmp_path, "steps { sh 'echo $TOKEN $HALF' }", environment=environment)
    assert said(project, "s0") == ["*** <***>"]
    later = 'TOKEN = credentials("${WHICH}"); HALF = "<${TOKEN}>"'
    first = "steps { script { env.WHICH = 'api-token' } }"
    second = f"environment {{ {later} }}\n steps {{ sh 'echo $TOKEN $HALF' }}"
    project, _ = run(tmp_path / "later", first, second)
    assert said(project, "s1") == ["*** <***>"]


def test_a_private_key_of_the_environment_is_a_file(tmp_path: Path) -> None:
    key = "-----BEGIN RSA PRIVATE KEY-----\\nabcdefgh\\n-----END RSA PRIVATE KEY-----"
    project, result = run(
        tmp_path,
        "steps { sh 'wc -l < $KEY; stat -c %a $KEY' }",
        environment="KEY = credentials('deploy-key')",
        secrets={"DEPLOY_KEY": key, "DEPLOY_KEY_USR": "git-user"},
    )
    assert result.status == "succeeded", result.outcomes["s0"].message
    assert said(project, "s0") == ["3", "600"]


ASKING = """pipeline {
    agent any
    stages {
        stage('s') {
            environment {
                OTHER = 'x'
                HUB = credentials('docker-hub')
            }
            steps { echo 'never' }
            post { always { echo 'after' } }
        }
    }
}"""


def test_credentials_that_are_missing_are_named_in_their_own_line(tmp_path: Path) -> None:
    project = new(tmp_path)
    pipeline, _ = parse(ASKING, "Jenkinsfile")
    result = project.run(*pipeline.stages, dialect="jenkins")
    assert result.outcomes["s"].message.startswith("Jenkinsfile:7:35: the credentials 'docker-hub'")
    assert not {"never", "after"} & set(project.log("s").splitlines())


CLOUDS = {
    "CLOUD_USR": "AKIA-app",
    "CLOUD_PSW": "very-secret-9",
    "CLOUD_SUBSCRIPTION": "sub-1",
    "CLOUD_TENANT": "tenant-1",
}


@pytest.mark.parametrize(
    ("binding", "names"),
    [
        ("aws(credentialsId: 'cloud')", "AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY"),
        ("aws(credentialsId: 'cloud', accessKeyVariable: 'A', secretKeyVariable: 'B')", "A B"),
        (
            "[$class: 'AmazonWebServicesCredentialsBinding', credentialsId: 'cloud', accessKeyVariable: 'A',"
            " secretKeyVariable: 'B']",
            "A B",
        ),
        (
            "azureServicePrincipal('cloud')",
            "AZURE_CLIENT_ID AZURE_CLIENT_SECRET AZURE_SUBSCRIPTION_ID AZURE_TENANT_ID",
        ),
        (
            "azureServicePrincipal(credentialsId: 'cloud', clientIdVariable: 'A', clientSecretVariable: 'B',"
            " subscriptionIdVariable: 'C', tenantIdVariable: 'D')",
            "A B C D",
        ),
    ],
)
def test_credentials_of_clouds_are_variables_by_their_own_names(
    tmp_path: Path, binding: str, names: str
) -> None:
    written = names.split()
    script = "; ".join([*map(kept, written), f"echo {' '.join(f'${name}' for name in written)}"])
    steps = f"withCredentials([{binding}]) {{ sh '''{script}''' }}"
    project, result = run(tmp_path, f"steps {{ {steps} }}", secrets=CLOUDS)
    assert result.status == "succeeded", result.outcomes["s0"].message
    values = list(CLOUDS.values())[: len(written)]
    assert [(tmp_path / "home" / name).read_text() for name in written] == values
    assert said(project, "s0") == [" ".join(("AKIA-app", *["***"] * (len(written) - 1)))]
