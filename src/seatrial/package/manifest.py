"""A package as a ModelPack manifest, and back. Pure, and the same bytes for the same contents everywhere.

ModelPack is the CNCF's form of a model as an OCI artifact. All layers are raw, so that the digest of a blob
is that of the file. No time, user or machine is in a manifest: the modification time is always the epoch.
"""

from __future__ import annotations

import json
from typing import Any

from seatrial.errors import BadInput
from seatrial.named_tuple import NamedTuple
from seatrial.package.contents import (
    CONFIGURATION,
    KINDS,
    WEIGHT,
    WEIGHT_CONFIG,
    PackageContents,
    PackagedFile,
    PackagedPython,
    checked,
)
from seatrial.system import compact_json, digest

MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"
ARTIFACT_TYPE = "application/vnd.cncf.model.manifest.v1+json"
CONFIG_TYPE = "application/vnd.cncf.model.config.v1+json"
FILE_PATH = "org.cncf.model.filepath"
FILE_METADATA = "org.cncf.model.file.metadata+json"
UNTESTED = "org.cncf.model.file.mediatype.untested"

# What every registry has to take, by the distribution specification.
LARGEST_MANIFEST = 4 * 1024 * 1024

_LAYER_PREFIX = "application/vnd.cncf.model."
_LAYER_SUFFIX = ".v1.raw"
_VERSION = 1
_PORT = "$PORT"
_REGULAR_FILE = 48  # "0", the type flag of tar
_FORMATS = {".onnx": "onnx", ".safetensors": "safetensors", ".gguf": "gguf", ".pt": "pt", ".skops": "skops"}

Json = dict[str, Any]


class Written(NamedTuple):
    """The three texts of a package; the manifest names the other two by digest."""

    manifest: bytes
    config: bytes
    configuration: bytes


class ParsedManifest(NamedTuple):
    """What a manifest says, before its config and configuration are read."""

    config: str
    configuration: str
    layers: tuple[str, ...]
    files: tuple[PackagedFile, ...]


def write(contents: PackageContents) -> Written:
    """The texts of a package. Raises BadInput where its names break a rule."""
    contents = checked(contents)
    configuration = _text(_configuration(contents))
    own = PackagedFile(
        CONFIGURATION, digest.of_bytes(configuration), len(configuration), False, WEIGHT_CONFIG
    )
    layers = (*contents.files, own)
    config = _text(_config(contents, layers))
    manifest = _text(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST_TYPE,
            "artifactType": ARTIFACT_TYPE,
            "config": {"mediaType": CONFIG_TYPE, "digest": digest.of_bytes(config), "size": len(config)},
            "layers": [_layer(file) for file in layers],
        }
    )
    if len(manifest) > LARGEST_MANIFEST:
        hint = "put the files of the model into fewer, larger ones, or name fewer in `include`"
        raise BadInput(f"a package of {len(layers)} files is more than a registry takes", hint=hint)
    return Written(manifest, config, configuration)


def parse(manifest: bytes) -> ParsedManifest:
    """What a manifest says. Raises BadInput where it is not that of a package of ours."""
    found = _object(manifest, "the manifest")
    if _get(found, "artifactType", str) != ARTIFACT_TYPE or found.get("mediaType") != MANIFEST_TYPE:
        raise BadInput("the manifest is not that of a model package", hint="see `seatrial package --help`")
    layers = [_parse_layer(layer) for layer in _get(found, "layers", list)]
    own = [file for file in layers if file.path == CONFIGURATION]
    if len(own) != 1:
        raise BadInput(f"the package has no {CONFIGURATION}: it was not made by seatrial")
    return ParsedManifest(
        config=_digest(_get(found, "config", dict)),
        configuration=own[0].digest,
        layers=tuple(file.digest for file in layers),
        files=tuple(file for file in layers if file.path != CONFIGURATION),
    )


def parse_configuration(parsed: ParsedManifest, configuration: bytes) -> PackageContents:
    """The contents of a package. Raises BadInput on what cannot be true."""
    found = _object(configuration, CONFIGURATION)
    if found.get("version") != _VERSION:
        raise BadInput(
            f"the package is of another version: {found.get('version')!r}", hint="upgrade seatrial"
        )
    if found.get("port") != _PORT:
        raise BadInput(f"the package wants its port from {found.get('port')!r}, not from {_PORT}")
    python = None if found.get("python") is None else _parse_python(_get(found, "python", dict))
    texts = {key: _get(found, key, str) for key in ("model", "serve", "predict", "health")}
    return checked(PackageContents(files=parsed.files, python=python, **texts))


def diff_ids(config: bytes) -> tuple[str, ...]:
    """The digests of the layers that a config lists. Raises BadInput."""
    found = _object(config, "the config of the package")
    return tuple(str(item) for item in _get(_get(found, "modelfs", dict), "diffIds", list))


def _configuration(contents: PackageContents) -> Json:
    python = contents.python
    return {
        "version": _VERSION,
        "model": contents.model,
        "serve": contents.serve,
        "predict": contents.predict,
        "health": contents.health,
        "port": _PORT,
        "python": None if python is None else python._asdict(),
    }


def _config(contents: PackageContents, layers: tuple[PackagedFile, ...]) -> Json:
    suffixes = {"." + file.path.rpartition(".")[2] for file in contents.files if file.kind == WEIGHT}
    formats = {_FORMATS.get(suffix, "") for suffix in suffixes}
    known = formats.pop() if len(formats) == 1 else ""
    return {
        "descriptor": {},
        "config": {"format": known} if known else {},
        "modelfs": {"type": "layers", "diffIds": [file.digest for file in layers]},
    }


def _layer(file: PackagedFile) -> Json:
    metadata = {
        "name": file.path.rpartition("/")[2],
        "mode": 0o755 if file.executable else 0o644,
        "uid": 0,
        "gid": 0,
        "size": file.size,
        "mtime": "1970-01-01T00:00:00Z",
        "typeflag": _REGULAR_FILE,
    }
    return {
        "mediaType": _LAYER_PREFIX + file.kind + _LAYER_SUFFIX,
        "digest": file.digest,
        "size": file.size,
        "annotations": {
            FILE_PATH: file.path,
            FILE_METADATA: compact_json.encode(metadata),
            UNTESTED: "true",
        },
    }


def _parse_layer(layer: object) -> PackagedFile:
    if not isinstance(layer, dict):
        raise BadInput("a layer of the manifest is no object")
    kind = _get(layer, "mediaType", str).removeprefix(_LAYER_PREFIX).removesuffix(_LAYER_SUFFIX)
    if kind not in KINDS:
        raise BadInput(f"the package has a layer of another kind: {layer['mediaType']!r}")
    annotations = _get(layer, "annotations", dict)
    metadata = _object(_get(annotations, FILE_METADATA, str).encode(), "the metadata of a layer")
    return PackagedFile(
        path=_get(annotations, FILE_PATH, str),
        digest=_digest(layer),
        size=_get(layer, "size", int),
        executable=bool(_get(metadata, "mode", int) & 0o100),
        kind=kind,
    )


def _parse_python(found: Json) -> PackagedPython:
    packages = _get(found, "packages", list)
    if not all(isinstance(package, str) for package in packages):
        raise BadInput(f"the packages in {CONFIGURATION} are no list of names")
    return PackagedPython(
        _get(found, "version", str), _get(found, "requirements", str), tuple(str(p) for p in packages)
    )


def _digest(descriptor: Json) -> str:
    found: str = _get(descriptor, "digest", str)
    if not digest.is_digest(found):
        raise BadInput(f"{found!r} is not a digest that seatrial knows")
    return found


def _object(content: bytes, what: str) -> Json:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{what} is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise BadInput(f"{what} is no JSON object")
    return found


def _get(found: Json, key: str, kind: type) -> Any:
    value = found.get(key)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise BadInput(f"{key!r} is missing from the package, or of a wrong type")
    return value


def _text(value: Json) -> bytes:
    return json.dumps(value, indent=2).encode()
