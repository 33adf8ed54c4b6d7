from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from seatrial import __version__
from seatrial.cli import main, parser
from seatrial.cli.all_commands import ALL_COMMANDS, command
from seatrial.errors import BadInput, Place, Refused
from tests.cli.terminal import PROGRAM, seatrial, within
from tests.conftest import Repository


@pytest.fixture
def raising(monkeypatch: pytest.MonkeyPatch) -> object:
    """Lets the boundary meet an error of our choice."""

    def let(error: BaseException) -> None:
        def perform(words: list[str], output: object) -> int:
            raise error

        monkeypatch.setattr(main, "_perform", perform)

    return let


def test_the_version_is_printed_without_importing_anything(home: Path, tmp_path: Path) -> None:
    code = "import sys; sys.argv = ['seatrial', '--version']; from seatrial.__main__ import main; main();"
    code += "print(sorted(m for m in sys.modules if m in ('argparse', 're', 'typing', 'json', 'apsw')))"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", f"import sys; sys.path.append('src'); {code}"],
                          capture_output=True, text=True, check=True)  # fmt: skip
    assert done.stdout == f"seatrial {__version__}\n[]\n"


def test_help_names_every_command(home: Path, tmp_path: Path) -> None:
    ended = seatrial("--help", folder=tmp_path)
    assert ended.code == 0
    for name in ALL_COMMANDS:
        assert f"\n  {name} " in ended.out


@pytest.mark.parametrize("name", ALL_COMMANDS)
def test_every_command_has_help_with_examples(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run([*name.split(), "--help"]) == 0
    shown = capsys.readouterr().out
    assert f"usage: seatrial {name}" in shown
    assert "examples:" in shown
    assert "--json" in shown


def test_no_words_is_bad_input_and_shows_the_help(home: Path, tmp_path: Path) -> None:
    ended = seatrial(folder=tmp_path)
    assert ended.code == 2
    assert "commands:" in ended.out


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        (["chek"], "there is no command `chek`", "did you mean `check`?"),
        (["--jsn"], "there is no option `--jsn`", "seatrial --help"),
        (["doctor", "--loud"], "unrecognized arguments: --loud", "`seatrial doctor --help`"),
        (["run", "--jobs", "many"], "'many' is not a number", "`seatrial run --help`"),
        (["cache", "burn"], "invalid choice: 'burn'", "`seatrial cache --help`"),
    ],
)
def test_words_that_mean_nothing(
    words: list[str], message: str, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main.run(words) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert message in shown.err
    assert hint in shown.err
    assert "Traceback" not in shown.err


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["diff", "", "1"], "the first argument"),
        (["diff", "1", ""], "what follows `1`"),
        (["release", "", "--to", "production", "--dry-run"], "the first argument"),
        (["release", "--to", ""], "what follows `--to`"),
        (["release", "--lift-quarantine="], "`--lift-quarantine`"),
        (["package", "show", ""], "the first argument"),
        (["package", "verify", " "], "the first argument"),
        (["package", "export", "", "out"], "the first argument"),
        (["rollback", "--to", ""], "what follows `--to`"),
        (["promote", "production", "--why", "\n"], "what follows `--why`"),
        (["history", ""], "the first argument"),
        (["logs", "-f", ""], "what follows `-f`"),
        (["run", ""], "the first argument"),
        (["run", "-f", ""], "what follows `-f`"),
        (["run", "--param", ""], "what follows `--param`"),
        (["evaluate", "out.csv", "--against", ""], "what follows `--against`"),
    ],
)
def test_an_empty_argument_is_no_default(
    words: list[str], what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main.run(words) == 2
    shown = capsys.readouterr()
    assert f"{what} is empty" in shown.err
    assert "hint: leave it out for the default, or set the variable" in shown.err


@pytest.mark.parametrize("text", ["a\nb", "a\x1b[2K", "a\rb", "a" * 501, "\udcff"])
@pytest.mark.parametrize(
    "words",
    [
        ["hold", "--why"],
        ["abort", "--why"],
        ["promote", "--why"],
        ["rollback", "--why"],
        ["release", "--accept"],
        ["release", "--lift-quarantine"],
        ["run", "--accept-inconclusive"],
        ["labels add", "today.csv", "--correct"],
    ],
)
def test_a_reason_is_a_short_line_which_cannot_pass_for_others(words: list[str], text: str) -> None:
    name, *rest = words
    with pytest.raises(BadInput, match=r"signs that cannot be printed|longer than 500"):
        parser.parse(command(name), [*rest, text])


def test_a_variable_of_a_run_may_be_empty() -> None:
    parsed = parser.parse(command("run"), ["--env", "NAME=", "--param=OTHER="])
    assert (parsed.env, parsed.param) == ([("NAME", "")], [("OTHER", "")])


def test_a_problem_is_shown_with_place_context_and_hint(
    raising: object, capsys: pytest.CaptureFixture[str]
) -> None:
    problem = BadInput("the key is unknown", "did you mean `run`?", Place("seatrial.yaml", 3, 5))
    problem.context = "  rum: true\n    ^"
    raising(problem)  # type: ignore[operator]
    assert main.run(["check"]) == 2
    assert capsys.readouterr().err == (
        "seatrial.yaml:3:5: error: the key is unknown\n  rum: true\n    ^\nhint: did you mean `run`?\n"
    )


def test_under_json_an_error_is_a_document(raising: object, capsys: pytest.CaptureFixture[str]) -> None:
    raising(Refused("no", "ask", Place("a", 1)))  # type: ignore[operator]
    assert main.run(["check", "--json"]) == 3
    assert json.loads(capsys.readouterr().out)["error"] == {
        "message": "no",
        "hint": "ask",
        "place": {"path": "a", "line": 1, "column": 0},
        "context": "",
        "exit_code": 3,
    }


def test_a_defect_is_one_line_and_its_traceback_is_kept(
    raising: object, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    raising(ZeroDivisionError("a\nb"))  # type: ignore[operator]
    assert main.run(["check"]) == 70
    shown = capsys.readouterr().err
    assert shown.splitlines()[0] == "error: this is a defect of seatrial: ZeroDivisionError: a"
    assert "Traceback" not in shown
    (kept,) = (home / "defects").iterdir()
    assert str(kept) in shown
    assert "ZeroDivisionError: a\nb" in kept.read_text()
    assert kept.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (KeyboardInterrupt(), 130, "the same command again"),
        (OSError(28, "No space left on device", "/x/y"), 70, "no space is left for /x/y: "),
        (MemoryError(), 70, "no memory left"),
    ],
)
def test_what_the_surroundings_do(
    raising: object,
    home: Path,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    code: int,
    message: str,
) -> None:
    raising(error)  # type: ignore[operator]
    assert main.run(["check"]) == code
    assert message in capsys.readouterr().err
    assert not (home / "defects").exists()


def test_a_reader_that_goes_away_is_no_error(home: Path, tmp_path: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run([*PROGRAM, "schema"], cwd=tmp_path, stdout=write, stderr=subprocess.PIPE)
    os.close(write)
    assert done.returncode == 141
    assert done.stderr == b""


@pytest.mark.parametrize("words", [["schema"], ["labels"], ["--help"], ["--version"]], ids=" ".join)
def test_a_full_output_is_not_taken_for_a_full_disk(home: Path, tmp_path: Path, words: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run([*PROGRAM, *words], cwd=tmp_path, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 70
    assert done.stderr == b"error: the output cannot be written: No space left on device\n"


def test_a_home_that_cannot_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ended = seatrial("status", folder=tmp_path, env={"SEATRIAL_HOME": str(tmp_path / "file" / "home")})
    assert ended.code == 2
    assert "cannot make the home" in ended.err


def test_the_exit_codes_of_the_page_are_those_of_the_program() -> None:
    from seatrial import errors

    page = (Path(__file__).parents[2] / "docs/reference/exit-codes.md").read_text()
    codes = {
        int(line.split("|")[1]) for line in page.splitlines() if line.startswith("| ") and line[2].isdigit()
    }
    known = {value for name, value in vars(errors).items() if name.isupper() and isinstance(value, int)}
    assert codes == known | {main.OUTPUT_CLOSED, 128 + signal.SIGINT}


def test_where_several_apply_the_page_says_which_one_a_run_ends_with() -> None:
    from itertools import combinations

    from seatrial.run.outcome import FAILED, Outcome
    from seatrial.run.schedule import exit_code_of

    page = (Path(__file__).parents[2] / "docs/reference/exit-codes.md").read_text()
    first, *others = page.partition("the report shows all of them: ")[2].partition(".")[0].split(", ")
    order = [int(word.removeprefix("then ")) for word in (first, *others)]
    for grave, light in combinations(order, 2):
        assert exit_code_of([Outcome(FAILED, exit_code=light), Outcome(FAILED, exit_code=grave)]) == grave


def test_a_word_that_begins_commands_shows_them(home: Path, tmp_path: Path) -> None:
    bare, asked = seatrial("labels", folder=tmp_path), seatrial("labels", "--help", folder=tmp_path)
    assert (bare.code, asked.code) == (2, 0)
    assert bare.out == asked.out
    for name in ("labels add", "labels show", "labels address"):
        assert f"  {name} " in bare.out
    wrong = seatrial("labels", "ad", folder=tmp_path)
    assert wrong.code == 2
    assert "`seatrial labels add`" in wrong.err


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _device(path: Path) -> None:
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize(
    ("make", "checked", "ran"),
    [
        (Path.mkdir, "this is a folder, not a file", "this is a folder, not a file"),
        (_pipe, "this is a pipe, not a file", "this is a pipe, not a file"),
        (_device, "this is a device, not a file", "seatrial.yaml is a link"),
    ],
    ids=["folder", "pipe", "device"],
)
def test_what_stands_in_the_place_of_the_pipeline_file_is_said(
    repository: Callable[..., Repository], home: Path, make: Callable[[Path], None], checked: str, ran: str
) -> None:
    folder = repository().folder
    make(folder / "seatrial.yaml")
    for word, said in (("check", checked), ("run", ran)):
        ended = within(word, folder=folder)
        assert ended.code == 2
        assert said in ended.err


@pytest.mark.slow
@pytest.mark.parametrize("words", ["--version", "schema", "nonsense", "doctor --json"])
@pytest.mark.parametrize("closed", [">&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_who_closes_the_streams_hears_nothing(home: Path, tmp_path: Path, words: str, closed: str) -> None:
    """No file of ours may take the place of one: it would be written to as if it were the output."""
    code = seatrial(*words.split(), folder=tmp_path).code
    started = ("sh", "-c", f'exec "$@" {closed}', "sh")
    ended = seatrial(*words.split(), folder=tmp_path, by=started)
    assert (ended.code, ended.out, "Traceback" in ended.err) == (code, "", False)


@pytest.mark.parametrize(
    ("words", "file"),
    [
        (["--", "-p.csv"], "-p.csv"),
        (["--task", "classification", "--", "--json"], "--json"),
        (["--", "p.csv"], "p.csv"),
        (["p.csv", "--task", "classification"], "p.csv"),
    ],
)
def test_what_follows_two_dashes_is_a_name(words: list[str], file: str) -> None:
    parsed = parser.parse(command("evaluate"), words)
    assert (str(parsed.predictions), parsed.json) == (file, False)
