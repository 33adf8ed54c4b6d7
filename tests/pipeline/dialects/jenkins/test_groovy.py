"""Our Groovy beside the real one, of the version that Jenkins has: the same scripts print the same.

`tests/goldens/groovy/scripts.txt` holds scripts by hand, with `----` between them; others are made at random.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from seatrial.errors import StageFailed
from seatrial.pipeline.dialects.jenkins.groovy import overloads
from seatrial.pipeline.dialects.jenkins.groovy.file import empty
from seatrial.pipeline.dialects.jenkins.groovy.script import Script
from seatrial.pipeline.dialects.jenkins.remarks import Remarks
from seatrial.pipeline.dialects.jenkins.source import statements_of
from seatrial.pipeline.dialects.jenkins.syntax import Method
from seatrial.pipeline.step import Echo, Scope
from tests.conftest import requires

pytestmark = pytest.mark.slow

SCRIPTS = Path(__file__).parents[3] / "goldens" / "groovy" / "scripts.txt"
SEED = int(os.environ.get("SEATRIAL_TEST_SEED", "1"))
# What runs once is not worth compiling well, which is half of the work.
ONCE = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
# One virtual machine runs them all, each with a shell of its own.
DRIVER = """
new File(args[0]).eachFile { file ->
    if (!file.name.endsWith('.script')) return
    def text = new StringWriter()
    def binding = new Binding(out: new PrintWriter(text))
    try { new GroovyShell(binding).evaluate(file.getText('UTF-8')) }
    catch (Throwable thrown) { text.write('THROWN\\n') }
    new File(file.path + '.printed').setText(text.toString(), 'UTF-8')
}
"""


def by_groovy(scripts: list[str], folder: Path) -> list[str]:
    for number, script in enumerate(scripts):
        (folder / f"{number}.script").write_text(script, encoding="utf-8")
    (folder / "driver.groovy").write_text(DRIVER)
    java = shutil.which("java")
    assert java is not None
    home = Path(java).resolve().parents[1]
    env = {**os.environ, "JAVA_HOME": str(home), "JAVA_OPTS": ONCE, "HOME": str(folder)}
    command = ["groovy", str(folder / "driver.groovy"), str(folder)]
    subprocess.run(command, env=env, check=True, timeout=900)
    return [(folder / f"{n}.script.printed").read_text(encoding="utf-8") for n in range(len(scripts))]


def by_us(text: str) -> str:
    statements = statements_of(text, "Jenkinsfile", Remarks("Jenkinsfile"))
    file = empty()
    file.methods.update(overloads.by_name(one for one in statements if isinstance(one, Method)))
    body = tuple(one for one in statements if not isinstance(one, Method))
    printed = ""
    try:
        for effect in Script("Jenkinsfile", body, file, frozenset())(Scope({})):
            assert isinstance(effect, Echo)
            printed += f"{effect.text}\n"
    except StageFailed:
        printed += "THROWN\n"
    return printed


def differences(scripts: list[str], folder: Path) -> list[tuple[str, str, str]]:
    real = by_groovy(scripts, folder)
    pairs = ((script, printed, by_us(script)) for script, printed in zip(scripts, real, strict=True))
    return [one for one in pairs if one[1] != one[2]]


def test_scripts_by_hand_print_the_same(tmp_path: Path) -> None:
    requires("groovy")
    scripts = SCRIPTS.read_text(encoding="utf-8").rstrip("\n").split("\n----\n")
    assert len(scripts) > 60
    assert differences(scripts, tmp_path) == []


def _number(random_: random.Random, depth: int) -> str:
    if depth == 0:
        return str(random_.randrange(0, 100))
    left, right = _number(random_, depth - 1), _number(random_, depth - 1)
    kind = random_.randrange(7)
    if kind < 3:
        return f"({left} {'+-*'[kind]} {right})"
    if kind == 3:
        return f"({left} % {random_.randrange(1, 9)})"
    if kind == 4:
        return f"({left} {random_.choice(['<', '>=', '==', '!='])} {right} ? {left} : {right})"
    if kind == 5:
        return f"{_list(random_, depth - 1)}.size()"
    return f"{_text(random_, depth - 1)}.length()"


def _text(random_: random.Random, depth: int) -> str:
    if depth == 0:
        return random_.choice(["'a'", "'Bc'", "' d '", "'x,y'", "''", "'1.2'"])
    text = _text(random_, depth - 1)
    kind = random_.randrange(6)
    if kind == 0:
        return f"({text} + {_number(random_, depth - 1)})"
    if kind == 1:
        return f"{text}.{random_.choice(['trim', 'toUpperCase', 'toLowerCase', 'reverse'])}()"
    if kind == 2:
        return f'"${{{_number(random_, depth - 1)}}}-${{{text}}}"'
    if kind == 3:
        return f"{text}.replaceAll('[a-c]', {random_.choice(['-', '', 'zz'])!r})"
    if kind == 4:
        return f"{_list(random_, depth - 1)}.join('/')"
    return f"({text} ?: 'none')"


def _list(random_: random.Random, depth: int) -> str:
    if depth == 0:
        return str([random_.randrange(0, 9) for _ in range(random_.randrange(0, 4))])
    values = _list(random_, depth - 1)
    kind = random_.randrange(5)
    if kind == 0:
        return f"{values}.collect {{ it + {random_.randrange(9)} }}"
    if kind == 1:
        return f"{values}.findAll {{ it > {random_.randrange(9)} }}"
    if kind == 2:
        return f"({values} + {_list(random_, depth - 1)})"
    return f"{values}.{random_.choice(['reverse', 'sort', 'unique'])}()"


def test_scripts_at_random_print_the_same(tmp_path: Path) -> None:
    requires("groovy")
    print(f"SEATRIAL_TEST_SEED={SEED}")
    random_ = random.Random(SEED)
    made = [random_.choice([_number, _text, _list])(random_, 3) for _ in range(300)]
    assert differences([f"println({one})" for one in made], tmp_path) == []
