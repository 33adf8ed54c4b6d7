"""Scripts that need no shell: they must do what a shell does with them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.errors import StageFailed
from seatrial.pipeline.step import SEATRIAL_SHELL
from seatrial.run import plain_script
from seatrial.run.executor import Command, Ended
from seatrial.run.executors import local
from tests.properties import examples

ENV = {"PATH": os.environ["PATH"]}


def words(script: str, **env: str) -> list[str]:
    return plain_script.words((*SEATRIAL_SHELL, "-c", script, "/bin/sh"), {**ENV, **env})


def run(script: str, folder: Path, env: dict[str, str] | None = None) -> tuple[Ended, bytes]:
    output = bytearray()
    session = local.prepare()
    command = Command((*SEATRIAL_SHELL, "-c", script, "/bin/sh"), env or ENV, folder)
    try:
        return local.wait(session, local.start(session, command, output.extend), 20.0, bool), bytes(output)
    finally:
        local.destroy(session)


def test_a_program_and_its_arguments_need_no_shell() -> None:
    assert words("cp f0 out/f1") == ["cp", "f0", "out/f1"]
    assert words("python3 -m train --lr=0.1 a:b user@host 50%\n") == [
        *("python3", "-m", "train", "--lr=0.1", "a:b", "user@host", "50%")
    ]


@pytest.mark.parametrize(
    "script",
    [
        "cp f0  f1",
        "cp 'a' b",
        "cp $A b",
        "cp * b",
        "cp ~/a b",
        "A=1 cp a b",
        "cp a b; ls",
        "cp a b\nls",
        "cp a b > c",
        "cp a b &",
        "# cp",
        "echo a",
        "cd a",
        "exec cp a b",
        "test -f a",
        "[ -f a ]",
        "! cp a b",
        ". ./a",
        "cp {a,b} c",
        "",
        "  cp a b",
        "cp a b ",
        "true",
        "time cp a b",
        "cp a\tb",
        "cp a `b`",
        "cp a\\ b",
        "a() cp",
        "cp (a)",
        "if",
        "while",
        "cp a? b",
        "é a",
    ],
)
def test_whatever_a_shell_would_do_more_with_is_left_to_it(script: str) -> None:
    assert words(script) == []


def test_another_shell_and_variables_with_rules_of_their_own_are_left_to_it() -> None:
    assert plain_script.words(("/bin/sh", "-xe", "-c", "cp a b", "/bin/sh"), ENV) == []
    assert plain_script.words(("/bin/sh", "-e", "script"), ENV) == []
    assert plain_script.words((*SEATRIAL_SHELL, "-c", "cp a b", "/bin/sh"), {}) == []
    assert words("cp a b", PWD="/elsewhere") == []


@pytest.mark.parametrize("script", ["env", "/usr/bin/env", "./own a b", "ls missing", "sub/own", "sh -c"])
def test_output_code_and_variables_are_those_of_the_shell(script: str, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    for name in ("own", "sub/own"):
        (tmp_path / name).write_text("#!/bin/sh\npwd\necho $# $0 $PWD\nexit 3\n")
        (tmp_path / name).chmod(0o755)
    link = tmp_path.with_name(f"{tmp_path.name}-link")
    link.symlink_to(tmp_path)
    assert words(script)
    by_shell = subprocess.run(
        [*SEATRIAL_SHELL, "-c", script],
        env=ENV,
        cwd=link,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    ended, output = run(script, link)
    assert ended.exit_code == by_shell.returncode
    ignored = (b"SHLVL=", b"_=", b"OLDPWD")  # of a bash that is called sh
    assert {one for one in output.splitlines() if not one.startswith(ignored)} == {
        one for one in by_shell.stdout.splitlines() if not one.startswith(ignored)
    }


def test_the_shell_says_what_is_wrong_with_a_program(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("echo hello\n")
    assert run("nosuchprogram a", tmp_path)[0].exit_code == 127
    assert b"not found" in run("nosuchprogram a", tmp_path)[1]
    assert run("./plain", tmp_path)[0].exit_code == 126
    (tmp_path / "plain").chmod(0o755)  # no `#!`: a shell takes it for a script of its own
    assert run("./plain", tmp_path) == (Ended(0), b"hello\n")


def test_a_folder_that_is_gone_is_said_as_ever(tmp_path: Path) -> None:
    with pytest.raises(StageFailed, match="cannot start"):
        run("ls", tmp_path / "none")


@examples(60)
@given(
    st.lists(
        st.text("aZ09_./+,:@%=-", min_size=1, max_size=5).filter(lambda word: word != "--help"),
        max_size=4,
    )
)
def test_the_arguments_are_those_that_a_shell_gives(arguments: list[str]) -> None:
    script = " ".join(["show", *arguments])
    by_shell = subprocess.run(
        ["/bin/sh", "-e", "-c", f'show() {{ printf "%s\\n" "$@"; }}\n{script}'],
        env=ENV,
        capture_output=True,
        check=True,
    ).stdout
    assert words(script) == ["show", *(by_shell.decode().splitlines() if arguments else [])]
