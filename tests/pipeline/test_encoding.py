"""A loaded pipeline survives being kept, and nothing else passes for one."""

from __future__ import annotations

import inspect
import marshal
import zlib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from seatrial.errors import Place
from seatrial.pipeline import container, encoding, parameter, pipeline, step
from seatrial.pipeline.encoding import decode, encode
from seatrial.pipeline.finding import warning
from seatrial.pipeline.load import load
from seatrial.pipeline.loaded import Loaded
from seatrial.pipeline.pipeline import Finally, Pipeline
from seatrial.pipeline.step import Dir, Echo, Fail, Program, Scope, Shell, Steps
from tests.pipeline.stages import stage
from tests.properties import examples

TEXT = """\
stages:
  train: {run: [a, b], inputs: [x], outputs: [model/], timeout: 90s, resources: {cpus: 2, memory: 1GiB}}
  evaluate: {evaluate: model/, predict: p, data: d, task: regression, gates: [rmse <= 2], retry: 2}
  package: {package: model/, services: {db: postgres:17}}
  release: {release: production}
environments:
  production: {canary: [5%, 50%], gates: [error_rate <= 1%], within: 2h, env: {A: b}}
"""


def test_what_is_kept_is_what_was_read() -> None:
    loaded = load(TEXT, "seatrial.yaml")
    assert loaded.findings
    data = encode(loaded)
    assert data is not None
    again = decode(data)
    assert again == loaded
    assert again is not None
    assert type(again.pipeline.stages[0].resources) is type(loaded.pipeline.stages[0].resources)


def test_foreign_steps_are_kept() -> None:
    steps = (Dir("x", (Shell("make", check=False), Echo("done"))), Fail("no"))
    foreign = Pipeline("jenkins", "Jenkinsfile", stages=(stage("Build", steps=steps),))
    loaded = Loaded(foreign._replace(finally_=(Finally("always", steps),)), (warning(Place("x"), "m"),))
    data = encode(loaded)
    assert data is not None
    assert decode(data) == loaded


def test_a_program_is_not_kept() -> None:
    def start(_scope: Scope) -> Steps:
        yield Echo("x")

    program = Program(start, "echo 'x'")
    assert encode(Loaded(Pipeline("jenkins", "J", stages=(stage("Build", steps=(program,)),)), ())) is None


def test_damaged_bytes_and_other_versions_are_nothing() -> None:
    data = encode(load(TEXT, "seatrial.yaml"))
    assert data is not None
    for length in range(0, len(data), 97):
        assert decode(data[:length]) is None
    header, value = marshal.loads(data[4:])
    others = (
        [["x", *header[1:]], value],
        [header, 3],
        [header, [99]],
        [header, [0]],
        [header, [1, "p", 2, 3]],
        7,
    )
    for other in others:
        changed = marshal.dumps(other)
        assert decode(zlib.crc32(changed).to_bytes(4, "big") + changed) is None


@examples(100)
@given(st.data())
def test_no_flipped_bit_goes_unseen(data: st.DataObject) -> None:
    kept = bytearray(encode(load("stages: {a: b}", "seatrial.yaml")) or b"")
    kept[data.draw(st.integers(0, len(kept) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    assert decode(bytes(kept)) is None


def test_every_value_of_a_pipeline_can_be_kept() -> None:
    def values(module: Any) -> set[type]:
        return {
            value
            for _, value in inspect.getmembers(module, inspect.isclass)
            if value.__module__ == module.__name__ and hasattr(value, "_fields")
        }

    asking = {step.Ask, step.Try, step.Pause, step.Question, step.Given, step.Recall, step.Recorded}
    asking |= {step.Locate, step.Located, step.Find, step.Found, step.Listed}
    not_kept = {step.Program, step.ShellResult, step.LeaveOut, step.Branches, step.Scope} | asking
    assert values(pipeline) | values(parameter) | values(container) | values(step) - not_kept <= set(
        encoding._VALUES
    )
