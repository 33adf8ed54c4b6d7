from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.errors import BadInput
from seatrial.package import manifest
from seatrial.package.contents import CODE, KINDS, WEIGHT, PackageContents, PackagedFile, PackagedPython
from tests.properties import examples


def sha256(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def file(path: str, content: bytes = b"x", *, kind: str = WEIGHT, executable: bool = False) -> PackagedFile:
    return PackagedFile(path, sha256(content), len(content), executable, kind)


CONTENTS = PackageContents(
    model="model",
    files=(file("serve.py", b"print()", kind=CODE, executable=True), file("model/weights.onnx", b"w")),
    python=PackagedPython("3.11.2", "numpy\n", ("numpy==2.3.1",)),
    serve="python serve.py",
    predict='python predict.py "$MODEL"',
    health="/health",
)


def read_back(written: manifest.Written) -> PackageContents:
    return manifest.parse_configuration(manifest.parse(written.manifest), written.configuration)


def test_the_manifest_is_a_modelpack() -> None:
    written = manifest.write(CONTENTS)
    found = json.loads(written.manifest)
    assert found["schemaVersion"] == 2
    assert found["mediaType"] == "application/vnd.oci.image.manifest.v1+json"
    assert found["artifactType"] == "application/vnd.cncf.model.manifest.v1+json"
    assert found["config"] == {
        "mediaType": "application/vnd.cncf.model.config.v1+json",
        "digest": sha256(written.config),
        "size": len(written.config),
    }
    assert [layer["mediaType"] for layer in found["layers"]] == [
        "application/vnd.cncf.model.weight.v1.raw",
        "application/vnd.cncf.model.code.v1.raw",
        "application/vnd.cncf.model.weight.config.v1.raw",
    ]


def test_the_digest_of_a_layer_is_that_of_its_file() -> None:
    weights = json.loads(manifest.write(CONTENTS).manifest)["layers"][0]
    assert weights["digest"] == "sha256:" + hashlib.sha256(b"w").hexdigest()
    assert weights["annotations"]["org.cncf.model.filepath"] == "model/weights.onnx"
    assert json.loads(weights["annotations"]["org.cncf.model.file.metadata+json"]) == {
        "name": "weights.onnx",
        "mode": 0o644,
        "uid": 0,
        "gid": 0,
        "size": 1,
        "mtime": "1970-01-01T00:00:00Z",
        "typeflag": 48,
    }


def test_the_config_has_no_keys_but_those_of_the_specification() -> None:
    written = manifest.write(CONTENTS)
    config = json.loads(written.config)
    layers = json.loads(written.manifest)["layers"]
    assert config == {
        "descriptor": {},
        "config": {"format": "onnx"},
        "modelfs": {"type": "layers", "diffIds": [layer["digest"] for layer in layers]},
    }


def test_a_mixture_of_formats_is_no_format() -> None:
    mixed = CONTENTS._replace(files=(file("model/a.onnx"), file("model/b.gguf")))
    assert json.loads(manifest.write(mixed).config)["config"] == {}


def test_the_order_of_the_files_changes_nothing() -> None:
    assert manifest.write(CONTENTS) == manifest.write(CONTENTS._replace(files=CONTENTS.files[::-1]))


@pytest.mark.parametrize(
    "other",
    [
        CONTENTS._replace(files=(file("model/weights.onnx", b"v"), *CONTENTS.files[:1])),
        CONTENTS._replace(serve="python other.py"),
        CONTENTS._replace(health="/"),
        CONTENTS._replace(python=PackagedPython("3.11.2", "numpy\n", ("numpy==2.3.2",))),
        CONTENTS._replace(python=None),
        CONTENTS._replace(files=(CONTENTS.files[0]._replace(executable=False), CONTENTS.files[1])),
    ],
)
def test_whatever_serves_is_covered_by_the_digest(other: PackageContents) -> None:
    assert manifest.write(other).manifest != manifest.write(CONTENTS).manifest


NAMES = st.lists(st.text("abcé .-_", min_size=1).filter(lambda s: s not in (".", "..")), min_size=1).map(
    "/".join
)
FILES = st.builds(
    lambda path, kind, executable: file("m/" + path, path.encode(), kind=kind, executable=executable),
    NAMES,
    st.sampled_from(KINDS),
    st.booleans(),
)


@examples(60)
@given(st.lists(FILES, min_size=1, max_size=5), st.text(), st.text(), st.none() | st.text())
def test_what_is_written_is_read_back(
    files: list[PackagedFile], serve: str, predict: str, requirements: str | None
) -> None:
    python = None if requirements is None else PackagedPython("3.12.1", requirements, ("a==1",))
    contents = PackageContents("m", tuple(files), python, serve, predict, "/h")
    try:
        written = manifest.write(contents)
    except BadInput as problem:
        assert "two files" in problem.message or "both a file and a folder" in problem.message
        return
    assert read_back(written) == contents._replace(
        files=tuple(sorted(files, key=lambda f: (KINDS.index(f.kind), f.path)))
    )


@pytest.mark.parametrize(
    "path",
    ["../x", "/etc/passwd", "a/../../x", "a//b", "./a", "", "a\0b", "a\\b", ".seatrial/package.json", "a\nb"],
)
def test_a_name_that_leaves_the_package_is_refused(path: str) -> None:
    with pytest.raises(BadInput):
        manifest.write(CONTENTS._replace(files=(*CONTENTS.files, file(path))))


def test_a_file_that_is_a_folder_is_refused() -> None:
    with pytest.raises(BadInput, match="both a file and a folder"):
        manifest.write(CONTENTS._replace(files=(file("model/a"), file("model/a/b"))))


def test_a_package_without_its_model_is_refused() -> None:
    with pytest.raises(BadInput, match="no file of its model"):
        manifest.write(CONTENTS._replace(model="other"))


def test_more_files_than_a_registry_takes_are_refused() -> None:
    many = tuple(file(f"model/{number}") for number in range(9000))
    with pytest.raises(BadInput, match="9001 files is more than a registry takes"):
        manifest.write(CONTENTS._replace(files=many))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@examples(150)
@given(st.data())
def test_whatever_a_manifest_says_is_read_or_refused(data: st.DataObject) -> None:
    written = manifest.write(CONTENTS)
    texts = [json.loads(written.manifest), json.loads(written.configuration)]
    spot = data.draw(st.sampled_from(texts))
    while isinstance(spot, dict) and data.draw(st.booleans()):
        key = data.draw(st.sampled_from(sorted(spot)))
        if not isinstance(spot[key], dict) or not spot[key]:
            spot[key] = data.draw(JSON)
            break
        spot = spot[key]
    try:
        parsed = manifest.parse(json.dumps(texts[0]).encode())
        manifest.parse_configuration(parsed, json.dumps(texts[1]).encode())
    except BadInput:
        return


@pytest.mark.parametrize(
    "text", [b"", b"\xff", b"[]", b"null", b"{}", b"[" * 100_000, b'{"artifactType": 3}']
)
def test_what_is_no_manifest_is_refused(text: bytes) -> None:
    with pytest.raises(BadInput):
        manifest.parse(text)


def test_a_package_of_another_tool_is_refused() -> None:
    found = json.loads(manifest.write(CONTENTS).manifest)
    del found["layers"][-1]
    with pytest.raises(BadInput, match="not made by seatrial"):
        manifest.parse(json.dumps(found).encode())


def test_the_diff_ids_of_a_config() -> None:
    assert manifest.diff_ids(b'{"modelfs": {"diffIds": ["sha256:1"]}}') == ("sha256:1",)
    with pytest.raises(BadInput):
        manifest.diff_ids(b'{"modelfs": []}')
