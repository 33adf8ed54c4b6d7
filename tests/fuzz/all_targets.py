"""What is fuzzed: a name, the function that takes bytes and must not raise, and real inputs to start from."""

from __future__ import annotations

from typing import NamedTuple


class Target(NamedTuple):
    """`function` is "module:name"; `seeds` are globs from the root of the project."""

    function: str
    seeds: tuple[str, ...]


TARGETS = {
    "seatrial_yaml": Target(
        "tests.fuzz.seatrial_yaml:fuzz_seatrial_yaml", ("examples/*/seatrial.yaml", "tests/goldens/**/*.yaml")
    ),
    "jenkinsfile": Target(
        "tests.fuzz.jenkins:fuzz_jenkinsfile", ("examples/*/Jenkinsfile", "tests/goldens/**/*Jenkinsfile*")
    ),
    "constructs": Target(
        "tests.fuzz.constructs:fuzz_constructs", ("examples/*/Jenkinsfile", "tests/goldens/**/*Jenkinsfile*")
    ),
    "travis_yaml": Target("tests.fuzz.ci_yaml:fuzz_travis", ("tests/fuzz/seeds/travis.yml",)),
    "circleci_yaml": Target("tests.fuzz.ci_yaml:fuzz_circleci", ("tests/fuzz/seeds/circleci.yml",)),
    "gate": Target("tests.fuzz.evaluation:fuzz_gate", ()),
    "dataset": Target("tests.fuzz.evaluation:fuzz_dataset", ()),
}
