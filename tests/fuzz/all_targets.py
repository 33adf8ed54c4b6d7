"""What is fuzzed: a name, the function that takes bytes and must not raise, and real inputs to start from."""

from __future__ import annotations

from typing import NamedTuple


class Target(NamedTuple):
    """`function` is "module:name"; `seeds` are globs from the root of the project, `made` is a "module:name"
    that gives more of them as bytes."""

    function: str
    seeds: tuple[str, ...] = ()
    made: str = ""


TARGETS = {
    "seatrial_yaml": Target(
        "tests.fuzz.seatrial_yaml:fuzz_seatrial_yaml", ("examples/*/seatrial.yaml", "tests/goldens/**/*.yaml")
    ),
    "jenkinsfile": Target(
        "tests.fuzz.jenkins:fuzz_jenkinsfile", ("examples/*/Jenkinsfile", "tests/goldens/**/*Jenkinsfile*")
    ),
    "travis_yaml": Target(
        "tests.fuzz.ci_yaml:fuzz_travis", ("tests/fuzz/seeds/travis.yml", "tests/goldens/travis/*.travis.yml")
    ),
    "circleci_yaml": Target(
        "tests.fuzz.ci_yaml:fuzz_circleci",
        ("tests/fuzz/seeds/circleci.yml", "tests/goldens/circleci/*.circleci.yml"),
    ),
    "gate": Target("tests.fuzz.evaluation:fuzz_gate", made="tests.fuzz.honest:gates"),
    "dataset": Target("tests.fuzz.evaluation:fuzz_dataset", made="tests.fuzz.honest:predictions"),
    "pickle": Target("tests.fuzz.outside:fuzz_pickle", made="tests.fuzz.honest:pickles"),
    "index": Target("tests.fuzz.outside:fuzz_index", made="tests.fuzz.honest:indexes"),
    "manifest": Target("tests.fuzz.outside:fuzz_manifest", made="tests.fuzz.honest:manifests"),
    "junit": Target("tests.fuzz.outside:fuzz_junit", made="tests.fuzz.honest:reports"),
    "recorded": Target("tests.fuzz.outside:fuzz_recorded", made="tests.fuzz.honest:requests"),
    "labels": Target("tests.fuzz.outside:fuzz_labels", made="tests.fuzz.honest:labels"),
    "log_line": Target("tests.fuzz.outside:fuzz_log_line", made="tests.fuzz.honest:log_lines"),
    "pointer": Target("tests.fuzz.outside:fuzz_pointer", made="tests.fuzz.honest:pointers"),
    "secrets": Target("tests.fuzz.outside:fuzz_secrets", made="tests.fuzz.honest:secrets"),
    "requirements": Target("tests.fuzz.outside:fuzz_requirements", made="tests.fuzz.honest:requirements"),
    "tree": Target("tests.fuzz.outside:fuzz_tree", made="tests.fuzz.honest:file_trees"),
    "statement": Target("tests.fuzz.outside:fuzz_statement", made="tests.fuzz.honest:statements"),
    "request": Target("tests.fuzz.outside:fuzz_request", made="tests.fuzz.honest:conversations"),
    "when": Target("tests.fuzz.languages:fuzz_when", made="tests.fuzz.honest:conditions"),
    "travis_condition": Target(
        "tests.fuzz.languages:fuzz_travis_condition", made="tests.fuzz.honest:travis_conditions"
    ),
    "pattern": Target("tests.fuzz.languages:fuzz_pattern", made="tests.fuzz.honest:patterns"),
    "quantity": Target("tests.fuzz.languages:fuzz_quantity", made="tests.fuzz.honest:quantities"),
    "document": Target("tests.fuzz.languages:fuzz_document", made="tests.fuzz.honest:documents"),
    "java_pattern": Target("tests.fuzz.languages:fuzz_java_pattern", made="tests.fuzz.honest:java_patterns"),
    "git": Target("tests.fuzz.answers:fuzz_git", made="tests.fuzz.honest:git_answers"),
    "svn": Target("tests.fuzz.answers:fuzz_svn", made="tests.fuzz.honest:svn_answers"),
    "docker": Target("tests.fuzz.answers:fuzz_docker", made="tests.fuzz.honest:docker_answers"),
    "envoy": Target("tests.fuzz.answers:fuzz_envoy", made="tests.fuzz.honest:envoy_answers"),
    "prometheus": Target("tests.fuzz.answers:fuzz_prometheus", made="tests.fuzz.honest:prometheus_answers"),
}
