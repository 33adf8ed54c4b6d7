from __future__ import annotations

import sys

import pytest

from seatrial.errors import BAD_INPUT, PASSED
from seatrial.journal import packages
from seatrial.package import provenance
from seatrial.package.read import read, unpack
from seatrial.store import layout
from tests.actions.shop import Shop, messages


def package_of(shop: Shop, **fields: str) -> str:
    result = shop.run("package", **fields)
    assert result.exit_code == PASSED, messages(result)
    return str(result.outcomes["package"].body["package"])


def test_a_package_has_the_model_the_code_and_the_commands(shop: Shop) -> None:
    digest = package_of(shop)
    with shop.store() as store:
        contents = unpack(store, digest, shop.home / "unpacked")
        assert layout.resolve(store, "shop/threshold") == digest
    assert [(file.path, file.kind) for file in contents.files] == [
        ("model/model.json", "weight"),
        ("predict.py", "code"),
        ("serve.py", "code"),
    ]
    assert contents.model == "model"
    assert contents.serve == "python3 serve.py"
    assert contents.predict == 'python3 predict.py "$MODEL" "$DATA" "$PREDICTIONS"', "that of the evaluation"
    assert contents.health == "/health"
    assert contents.python is None
    assert (shop.home / "unpacked/model/model.json").read_text() == '{"threshold": 50}'


def test_the_same_content_of_another_commit_is_the_same_package(shop: Shop) -> None:
    digest = package_of(shop)
    shop.write("README.md", "another commit")
    assert package_of(shop, commit="d" * 40) == digest
    with shop.store() as store:
        (row,) = packages.packages(store.journal, "shop")
    assert (row.digest, row.commit) == (digest, "c" * 40)


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("threshold.txt", "50", "51"),
        ("serve.py", "serving", "serving well"),
        ("seatrial.yaml", "python3 serve.py", "python3 -u serve.py"),
        ("seatrial.yaml", "health: /health", "health: /"),
    ],
)
def test_whatever_serves_gives_another_package(shop: Shop, path: str, old: str, new: str) -> None:
    before = package_of(shop)
    shop.change(path, old, new)
    assert package_of(shop) != before


@pytest.mark.slow
def test_the_python_environment_belongs_to_the_package(shop: Shop) -> None:
    shop.write("requirements.txt", "# nothing is needed\n")
    shop.change("seatrial.yaml", "model: threshold\n", "model: threshold\npython: requirements.txt\n")
    first = package_of(shop)
    with shop.store() as store:
        python = read(store, first).python
    assert python is not None
    assert python.requirements == "# nothing is needed\n"
    assert python.version.split(".")[:2] == [str(part) for part in sys.version_info[:2]]
    assert {one.partition("==")[0] for one in python.packages} <= {"setuptools"}, "what a bare one has"


@pytest.mark.slow
def test_a_python_of_the_package_predicts_for_it(shop: Shop) -> None:
    shop.write("requirements.txt", "")
    shop.change("seatrial.yaml", "model: threshold\n", "model: threshold\npython: requirements.txt\n")
    shop.write(
        "predict.py",
        "import sys; assert sys.prefix != sys.base_prefix\n" + (shop.files / "predict.py").read_text(),
    )
    shop.go_live(shop.run().outcomes["package"].body["package"])
    shop.run()
    assert shop.started == set(), "what is live is this very package"
    shop.write("threshold.txt", "51")
    result = shop.run("evaluate")
    assert result.exit_code == PASSED, messages(result)
    assert "predict@production" in shop.started


@pytest.mark.slow
def test_the_same_files_for_another_python_are_another_package(shop: Shop) -> None:
    shop.go_live(shop.run().outcomes["package"].body["package"])
    shop.write("requirements.txt", "")
    shop.change("seatrial.yaml", "health: /health}", "health: /health, python: requirements.txt}")
    result = shop.run("evaluate")
    assert result.exit_code == PASSED, messages(result)
    assert "predict@production" in shop.started


def test_a_command_that_names_a_file_which_is_not_packaged_is_refused(shop: Shop) -> None:
    shop.change("seatrial.yaml", "include: [serve.py, predict.py]", "include: [predict.py]")
    result = shop.run("package")
    assert result.exit_code == BAD_INPUT
    assert "the package lacks serve.py, which `serve` names" in result.outcomes["package"].message


def test_a_model_to_be_compared_with_must_be_able_to_predict(shop: Shop) -> None:
    shop.change("seatrial.yaml", "include: [serve.py, predict.py]", "include: [serve.py]")
    assert "the package lacks predict.py" in shop.run("package").outcomes["package"].message
    shop.change("seatrial.yaml", "      - accuracy >= production - 0.05\n", "")
    digest = package_of(shop)
    with shop.store() as store:
        assert read(store, digest).predict == ""


def test_a_model_that_is_not_there_is_refused(shop: Shop) -> None:
    shop.change("seatrial.yaml", "{package: model/,", "{package: modle/,")
    result = shop.run("package")
    assert result.exit_code == BAD_INPUT
    assert "modle" in result.outcomes["package"].message


def test_provenance_and_verdict_refer_to_the_package(shop: Shop) -> None:
    result = shop.run()
    digest = str(result.outcomes["package"].body["package"])
    with shop.store() as store:
        (made,) = provenance.attestations(store, digest, provenance.PROVENANCE)
        (judged,) = provenance.attestations(store, digest, provenance.TEST_RESULT)
    assert made.predicate["runDetails"]["metadata"]["invocationId"] == result.run
    assert made.predicate["buildDefinition"]["resolvedDependencies"] == [
        {"uri": "git+https://forge/shop.git", "digest": {"gitCommit": "c" * 40}},
        {
            "name": "outputs of train",
            "digest": {"sha256": result.outcomes["train"].outputs.removeprefix("sha256:")},
        },
    ]
    assert judged.predicate["result"] == "PASSED"
    assert judged.predicate["passedTests"] == ["accuracy >= 0.80"]
    assert judged.predicate["warnedTests"] == ["accuracy >= production - 0.05"]
    assert judged.predicate["verdict"] == result.outcomes["evaluate"].body["verdict"]


def test_a_later_verdict_is_attached_as_well(shop: Shop) -> None:
    digest = package_of(shop)
    shop.change("seatrial.yaml", "accuracy >= 0.80", "accuracy >= 0.85")
    shop.run()
    with shop.store() as store:
        (judged,) = provenance.attestations(store, digest, provenance.TEST_RESULT)
    assert judged.predicate["passedTests"] == ["accuracy >= 0.85"]


FUNCTION = "serve: {function: predict.py:answer, prediction: digit}"


def by_function(shop: Shop) -> None:
    shop.change("seatrial.yaml", "serve: python3 serve.py", FUNCTION)
    shop.write("predict.py", (shop.files / "predict.py").read_text() + "def answer(value): return value\n")


def test_a_server_of_ours_is_one_more_file_of_the_package(shop: Shop) -> None:
    by_function(shop)
    digest = package_of(shop)
    with shop.store() as store:
        contents = unpack(store, digest, shop.home / "unpacked")
    assert contents.serve == (
        "exec python3 -u seatrial_server.py predict.py:answer --health /health --prediction digit"
    )
    assert ("seatrial_server.py", "code") in [(file.path, file.kind) for file in contents.files]
    assert "seatrial packs this file" in (shop.home / "unpacked/seatrial_server.py").read_text()
    assert package_of(shop, commit="d" * 40) == digest


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("predict.py:answer", "predict.py:guess", "predict.py has no function guess"),
        ("predict.py:answer", "other.py:answer", "the package lacks other.py, which `function` names"),
        ("include: [", "include: [seatrial_server.py, ", "the package has a file seatrial_server.py"),
    ],
)
def test_a_package_that_could_not_be_served_is_refused(shop: Shop, old: str, new: str, said: str) -> None:
    by_function(shop)
    shop.write("seatrial_server.py", "")
    shop.change("seatrial.yaml", old, new)
    result = shop.run("package")
    assert result.exit_code == BAD_INPUT
    assert said in result.outcomes["package"].message
