from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from seatrial.cli.all_commands import ALL_COMMANDS, command
from tests.cli.terminal import seatrial
from tests.conftest import Repository

pytestmark = pytest.mark.slow

PREDICTIONS = "id,label,prediction\n" + "".join(
    f"{i},{'yes' if i % 2 else 'no'},{'yes' if i % 2 and i % 40 != 1 else 'no'}\n" for i in range(2000)
)


def test_the_table_is_the_folder() -> None:
    folder = Path(__file__).parents[2] / "src/seatrial/cli/commands"
    modules = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    assert modules == {name.replace(" ", "_") for name in ALL_COMMANDS}
    assert all(name == command(name).NAME for name in ALL_COMMANDS)


@pytest.mark.parametrize(
    "words",
    [
        ["check"],
        ["run"],
        ["run", "--dry-run"],
        ["explain"],
        ["status"],
        ["history"],
        ["history", "--runs"],
        ["up"],
        ["down"],
        ["cache"],
        ["cache", "collect"],
        ["cache", "verify"],
        ["schema"],
        ["doctor"],
        ["init", "--print"],
        ["completion", "bash"],
        ["evaluate", "predictions.csv", "--gate", "accuracy >= 0.9"],
        ["package", "in.txt"],
        ["rollback"],
        ["release"],
        ["package", "show", "nothing"],
        ["logs", "999"],
    ],
    ids=" ".join,
)
def test_every_command_answers_in_json(tiny: Repository, words: list[str]) -> None:
    """Those that cannot do what is asked answer with the error, in JSON as well."""
    tiny.write("predictions.csv", PREDICTIONS)
    ended = seatrial(*words, "--json", folder=tiny.folder)
    document = json.loads(ended.out)
    assert ("error" in document) == (words[0] in ("rollback", "release", "logs") or "show" in words)
    assert "Traceback" not in ended.err
    if "error" in document:
        assert ended.code == document["error"]["exit_code"] == 2


def test_check_reports_all_findings_at_once(tiny: Repository) -> None:
    tiny.write(
        "seatrial.yaml",
        "stages:\n  a:\n    rum: x\n  judge:\n    evaluate: in.txt\n    predictions: p.csv\n    gates:\n"
        "      - acuracy >= 0.9\n      - f1 >= produktion\n"
        "environments:\n  production: {target: process, from: [main]}\n",
    )
    ended = seatrial("check", "--json", folder=tiny.folder)
    assert ended.code == 2
    found = {(f["place"]["line"], f["severity"]) for f in json.loads(ended.out)["findings"]}
    assert {(3, "error"), (8, "error"), (9, "error")} <= found
    shown = seatrial("check", folder=tiny.folder).out
    assert "did you mean `rum`" not in shown
    assert re.search(r"seatrial.yaml:8:\d+: error: .*acuracy", shown)
    assert "      - acuracy >= 0.9\n" in shown
    assert "production" in shown.split("produktion")[-1]  # the hint


JENKINSFILE = "pipeline {\n agent any\n stages { stage('x') { stepz { sh 'true' } } }\n}\n"
PLACE = "project: tiny\nenvironments:\n  production: {target: process, from: [main]}\n"


@pytest.mark.parametrize(
    "words", [("check",), ("check", "-f", "Jenkinsfile"), ("check", "-f", "seatrial.yaml")]
)
def test_check_reads_the_pipeline_and_its_settings(tiny: Repository, words: tuple[str, ...]) -> None:
    tiny.write("seatrial.yaml", PLACE)
    tiny.write("Jenkinsfile", JENKINSFILE)
    ended = seatrial(*words, folder=tiny.folder)
    assert ended.code == 2
    assert "Jenkinsfile:3:" in ended.out
    tiny.write("Jenkinsfile", JENKINSFILE.replace("stepz", "steps"))
    tiny.write("seatrial.yaml", PLACE.replace("target", "tarjet"))
    ended = seatrial(*words, folder=tiny.folder)
    assert ended.code == 2
    assert "seatrial.yaml:3:" in ended.out
    tiny.write("seatrial.yaml", PLACE)
    shown = json.loads(seatrial(*words, "--json", folder=tiny.folder).out)
    assert (sorted(shown["paths"]), shown["stages"]) == (["Jenkinsfile", "seatrial.yaml"], ["x"])


def test_check_of_a_pipeline_with_stages_reads_no_other(tiny: Repository) -> None:
    tiny.write("Jenkinsfile", JENKINSFILE)
    assert json.loads(seatrial("check", "--json", folder=tiny.folder).out)["paths"] == ["seatrial.yaml"]


def test_a_matrix_is_told_its_own_axes(tiny: Repository) -> None:
    tiny.write("seatrial.yaml", "stages:\n  a: {run: x, matrix: {Size: [1, 2]}, outputs: [m-$size/]}\n")
    ended = seatrial("check", folder=tiny.folder)
    assert "hint: use every axis of the matrix in the path: `$Size`" in ended.out


def test_the_json_of_logs_is_one_object_a_line_and_says_so(tiny: Repository) -> None:
    seatrial("run", folder=tiny.folder)
    lines = seatrial("logs", "prepare", "--json", folder=tiny.folder).out.splitlines()
    assert [json.loads(line)["text"] for line in lines] == ["preparing"]
    assert "JSON lines" in seatrial("logs", "--help", folder=tiny.folder).out
    assert "JSON lines" not in seatrial("history", "--help", folder=tiny.folder).out


def test_a_stage_that_printed_nothing_says_so(tiny: Repository) -> None:
    seatrial("run", folder=tiny.folder)
    ended = seatrial("logs", "count", folder=tiny.folder)
    assert (ended.code, ended.out, ended.err) == (0, "", "run 1: `count` printed nothing\n")
    assert seatrial("logs", folder=tiny.folder).err == ""


def test_check_says_what_each_gate_needs(tiny: Repository) -> None:
    tiny.write(
        "seatrial.yaml",
        "stages:\n  judge: {evaluate: m, predictions: p.csv, task: classification, gates: [f1 >= 0.9]}\n",
    )
    ended = seatrial("check", folder=tiny.folder)
    assert ended.code == 0
    assert re.search(r"judge: f1 >= 0.9: about [\d,]+ examples", ended.out)


def test_evaluate_ends_as_the_verdict_says(tiny: Repository) -> None:
    tiny.write("p.csv", PREDICTIONS)
    passed = seatrial("evaluate", "p.csv", "--gate", "accuracy >= 0.9", folder=tiny.folder)
    assert passed.code == 0
    assert "✓ accuracy >= 0.9 " in passed.out
    refused = seatrial("evaluate", "p.csv", "--gate", "accuracy >= 0.999", folder=tiny.folder)
    assert refused.code == 3
    open_ = seatrial("evaluate", "p.csv", "--gate", "accuracy >= 0.975", folder=tiny.folder)
    assert open_.code == 4
    point = seatrial(
        "evaluate", "p.csv", "--gate", "accuracy >= 0.975", "--confidence", "point", folder=tiny.folder
    )
    assert point.code == 0
    assert json.loads(
        seatrial("evaluate", "p.csv", "--gate", "accuracy >= 0.999", "--json", folder=tiny.folder).out
    )["exit_code"] == 3  # fmt: skip


def test_evaluate_compares_with_a_file_on_the_same_examples(tiny: Repository) -> None:
    tiny.write("new.csv", PREDICTIONS)
    tiny.write("old.csv", PREDICTIONS.replace(",no,no", ",no,yes", 200))
    words = ("evaluate", "new.csv", "--against", "old.csv", "--gate", "accuracy >= old")
    ended = seatrial(*words, "--json", folder=tiny.folder)
    assert ended.code == 0
    measured = json.loads(ended.out)["gates"][0]["checks"][0]["measurement"]
    assert measured["difference"] == pytest.approx(0.1)
    page = tiny.folder / "page.html"
    assert seatrial(*words, "--report", page, folder=tiny.folder).code == 0
    assert "accuracy &gt;= old" in page.read_text()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["evaluate", "nothing.csv"], "no such file"),
        (["evaluate", "in.txt", "--gate", "f1 >="], "a bound is missing"),
        (["evaluate", "in.txt", "--gate", "f1 >= live"], "nothing says what that is"),
        (["evaluate", "in.txt", "--against", "nowhere"], "neither a file nor an environment"),
        (
            ["evaluate", "in.txt", "--against", "in.txt", "--gate", "f1 >= a", "--gate", "f1 >= b"],
            "a gate compares with b, and --against is one file",
        ),
        (["evaluate", "in.txt", "--column", "label"], "is not like label=y"),
        (["package", "nowhere/"], "there is no model"),
        (["package", "../outside"], ".."),
        (["package", "in.txt", "--function", "in.txt"], "`--function` takes a function, such as"),
        (["package", "in.txt", "--function", "../a.py:a"], "`../a.py` in `--function` leaves the workspace"),
        (["package", "in.txt", "--function", "a.py:a"], "the package lacks a.py, which `function` names"),
        (["package", "in.txt", "--prediction", "digit"], "needs the function that answers"),
        (["package", "in.txt", "--function", "a.py:a", "--serve", "a"], "not allowed with argument"),
        (["release"], "no environment is described"),
        (["rollback", "production"], "no environment `production`"),
        (["history", "--at", "yesterday"], "is no time"),
        (["check", "-f", "nowhere.yaml"], "cannot read"),
        (["run", "-f", "../outside.yaml"], "not in the repository"),
        (["run", "-f", "in.txt"], "no dialect is known"),
        (["completion", "cmd"], "invalid choice"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_input_is_said_plainly(tiny: Repository, words: list[str], message: str) -> None:
    ended = seatrial(*words, folder=tiny.folder)
    assert ended.code == 2, ended
    assert message in ended.err
    assert "Traceback" not in ended.err
    assert ended.out == ""


def test_a_package_by_hand_is_shown_verified_and_exported(tiny: Repository, tmp_path: Path) -> None:
    tiny.write("model/weights.bin", b"\x01" * 1000)
    words = ("package", "model/", "--include", "in.txt", "--serve", "python serve.py", "--name", "m")
    made = seatrial(*words, folder=tiny.folder)
    digest = made.out.strip()
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", digest)
    shown = json.loads(seatrial("package", "show", "m", "--json", folder=tiny.folder).out)
    assert shown["digest"] == digest
    assert {file["path"] for file in shown["files"]} == {"model/weights.bin", "in.txt"}
    assert "python serve.py" in seatrial("package", "show", digest[7:20], folder=tiny.folder).out
    assert seatrial("package", "verify", "m", folder=tiny.folder).code == 0
    target = tmp_path / "out"
    assert seatrial("package", "export", "m", target, folder=tiny.folder).code == 0
    assert (target / "oci-layout").exists()
    again = seatrial(*words, folder=tiny.folder)
    assert again.out == made.out


def test_a_package_by_hand_is_served_by_a_function(tiny: Repository) -> None:
    tiny.write("predict.py", "def answer(value): return value\n")
    words = ("package", "in.txt", "--include", "predict.py", "--function", "./predict.py:answer")
    made = seatrial(*words, "--prediction", "digit", "--health", "/health", folder=tiny.folder)
    assert made.code == 0, made.err
    shown = json.loads(seatrial("package", "show", made.out.strip(), "--json", folder=tiny.folder).out)
    command = "exec python3 -u seatrial_server.py predict.py:answer --health /health --prediction digit"
    assert shown["serve"] == command
    assert "seatrial_server.py" in {file["path"] for file in shown["files"]}


def test_the_newest_package_is_that_of_the_last_run_also_where_it_was_restored(tiny: Repository) -> None:
    tiny.write("seatrial.yaml", "project: tiny\nstages: {pack: {package: in.txt}}\n")
    tiny.commit("packaged")
    seatrial("run", folder=tiny.folder)
    first = json.loads(seatrial("package", "show", "tiny", "--json", folder=tiny.folder).out)["digest"]
    tiny.write("in.txt", "two\n")
    tiny.commit("another")
    seatrial("run", folder=tiny.folder)
    second = json.loads(seatrial("package", "show", "tiny", "--json", folder=tiny.folder).out)["digest"]
    tiny.git("revert", "--no-edit", "HEAD")
    assert "restored" in seatrial("run", folder=tiny.folder).out
    third = json.loads(seatrial("package", "show", "tiny", "--json", folder=tiny.folder).out)["digest"]
    assert first == third != second


def test_a_package_that_was_restored_from_another_project_is_this_ones_too(tiny: Repository) -> None:
    stages = "stages: {pack: {package: in.txt}}\n"
    for name in ("tiny", "other"):
        tiny.write("seatrial.yaml", f"project: {name}\n{stages}")
        tiny.commit(name)
        seatrial("run", folder=tiny.folder)
    shown = seatrial("package", "show", "other", "--json", folder=tiny.folder)
    assert shown.code == 0, shown.err


def test_a_damaged_package_is_refused(tiny: Repository, home: Path) -> None:
    seatrial("package", "in.txt", "--name", "m", folder=tiny.folder)
    shown = json.loads(seatrial("package", "show", "m", "--json", folder=tiny.folder).out)
    blob = home / "store/blobs/sha256" / shown["files"][0]["digest"][7:]
    blob.chmod(0o644)
    blob.write_bytes(b"two\n")
    ended = seatrial("package", "verify", "m", folder=tiny.folder)
    assert ended.code == 3
    assert "damaged" in ended.out


def test_collecting_keeps_what_results_use(tiny: Repository) -> None:
    seatrial("run", folder=tiny.folder)
    assert seatrial("cache", "collect", folder=tiny.folder).code == 0
    assert "3 restored" in seatrial("run", folder=tiny.folder).out
    assert seatrial("cache", "collect", "--older-than", "0", folder=tiny.folder).code == 0
    assert "3 ran" in seatrial("run", folder=tiny.folder).out


def test_completion_is_a_script_that_bash_takes(tiny: Repository, tmp_path: Path) -> None:
    import subprocess

    script = tmp_path / "completion.bash"
    script.write_text(seatrial("completion", "bash", folder=tiny.folder).out)
    subprocess.run(["bash", "-n", script], check=True)
    assert "rollback" in script.read_text()


COMPLETED = (
    ("rollb", ["rollback"]),
    ("labels ", ["add", "show", "address"]),
    ("labels add tod", ["today.csv"]),
    ("evaluate tod", ["today.csv"]),
    ("run -f seat", ["seatrial.yaml"]),
    ("run --fre", ["--fresh"]),
    ("package sh", ["show"]),
    ("package tod", ["today.csv"]),
    ("package today.csv --incl", ["--include"]),
    ("package export name tod", ["today.csv"]),
    ("convert --to jen", ["jenkins"]),
    ("status tod", []),
)
REPLY = """\
. {script}
read -ra COMP_WORDS <<< "seatrial $1"
[[ $1 == *' ' ]] && COMP_WORDS+=("")
COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
_shtab_seatrial
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


@pytest.fixture(scope="module")
def completion(tmp_path_factory: pytest.TempPathFactory) -> Path:
    script = tmp_path_factory.mktemp("shell") / "completion.bash"
    script.write_text(seatrial("completion", "bash", folder=script.parent).out)
    (script.parent / "today.csv").touch()
    (script.parent / "seatrial.yaml").touch()
    return script


@pytest.mark.parametrize(("typed", "reply"), COMPLETED, ids=[typed for typed, _ in COMPLETED])
def test_the_tab_key_knows_words_and_files(completion: Path, typed: str, reply: list[str]) -> None:
    import subprocess

    asked = REPLY.format(script=completion)
    command = ["bash", "-c", asked, "bash", typed]
    said = subprocess.run(command, cwd=completion.parent, capture_output=True, text=True, check=True)
    assert said.stdout.split() == reply


def test_the_schema_is_json(tiny: Repository) -> None:
    assert json.loads(seatrial("schema", folder=tiny.folder).out)["type"] == "object"


def test_doctor_finds_what_stages_need(tiny: Repository) -> None:
    parts = {
        one["name"]: one for one in json.loads(seatrial("doctor", "--json", folder=tiny.folder).out)["parts"]
    }
    assert parts["python"]["state"] == parts["git"]["state"] == parts["home"]["state"] == "good"
    assert all(part["hint"] for part in parts.values() if part["state"] != "good")


def test_doctor_says_what_is_missing(tiny: Repository, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    ended = seatrial("doctor", "--json", folder=tiny.folder, env={"PATH": str(empty)})
    parts = {one["name"]: one for one in json.loads(ended.out)["parts"]}
    assert parts["git"]["state"] == "bad"
    assert ended.code == 70
