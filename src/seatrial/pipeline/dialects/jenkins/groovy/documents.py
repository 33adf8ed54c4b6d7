"""Steps of a script that read and write data: JSON, YAML, Java's properties, files by their patterns."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

from seatrial.pipeline.dialects.jenkins.evaluator import refuse_untold
from seatrial.pipeline.dialects.jenkins.groovy.machine import Thrown, Value, Work, known
from seatrial.pipeline.dialects.jenkins.syntax import Position
from seatrial.pipeline.dialects.jenkins.values import Array, truth, written
from seatrial.pipeline.step import (
    SEATRIAL_SHELL,
    Archive,
    Find,
    Found,
    Listed,
    Locate,
    Located,
    Shell,
    ShellResult,
    Unzip,
    Write,
    Zip,
)

Values = dict[str, Value]


def output(script: str) -> Work:
    """What a command prints. Raises StageFailed where it fails."""
    result = yield Shell(script, SEATRIAL_SHELL, capture=True)
    assert isinstance(result, ShellResult)
    return result.output


def _text(values: Values, name: str = "file") -> Work:
    if "text" in values:
        text = written(values["text"])
    else:
        text = yield from output(f"cat -- {shlex.quote(written(values[name]))}")
    refuse_untold((text,))
    return text


def json_of(text: str, at: Position) -> Value:
    """The value that a JSON text says. Raises Thrown."""
    try:
        return json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise Thrown("net.sf.json.JSONException", str(error), at) from None


def _read_json(values: Values, at: Position) -> Work:
    return json_of((yield from _text(values)), at)


def _read_yaml(values: Values, at: Position) -> Work:
    """One document is its value, several are a list."""
    import yaml

    text = yield from _text(values)
    try:
        found = [_known(one) for one in yaml.safe_load_all(text)]
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise Thrown("org.yaml.snakeyaml.error.YAMLException", str(error), at) from None
    return found[0] if len(found) == 1 else found


def _known(value: Any) -> Value:
    if isinstance(value, dict):
        return {_known(key): _known(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_known(one) for one in value]
    if isinstance(value, float):
        return Decimal(repr(value))
    return value if isinstance(value, str | int | None) else str(value)


_LINE = re.compile(r"\s*((?:\\.|[^\\\s=:])+)(?:\s*[=:]\s*|\s+|$)(.*)", re.DOTALL)
_ESCAPED = re.compile(r"\\(u[0-9a-fA-F]{4}|.)")


def _read_properties(values: Values, _at: Position) -> Work:
    text = "" if not values.keys() & {"file", "text"} else (yield from _text(values))
    found = dict(values.get("defaults") or {})
    for line in re.sub(r"\\\r?\n[ \t]*", "", text).splitlines():
        fits = _LINE.match(line)
        if fits and not line.lstrip().startswith(("#", "!")):
            found[_unescaped(fits[1])] = _unescaped(fits[2])
    return found


def _unescaped(text: str) -> str:
    signs = {"n": "\n", "t": "\t", "r": "\r", "f": "\f"}
    return _ESCAPED.sub(
        lambda one: chr(int(one[1][1:], 16)) if len(one[1]) > 1 else signs.get(one[1], one[1]), text
    )


def plain(value: Value) -> Any:
    """A value as one that JSON and YAML can hold."""
    value = known(value)
    if isinstance(value, dict):
        return {written(key): plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, Decimal):
        return (
            int(value)
            if value == value.to_integral_value() and value.as_tuple().exponent == 0
            else float(value)
        )
    return value if isinstance(value, str | int | float | None) else written(value)


def _write_json(values: Values, _at: Position) -> Work:
    indent = int(values["pretty"]) if values.get("pretty") else None
    separators = None if indent else (",", ":")
    text = json.dumps(plain(values.get("json")), indent=indent, separators=separators, ensure_ascii=False)
    if truth(values.get("returnText")):
        return text
    yield Write(written(values["file"]), text)
    return None


def _write_yaml(values: Values, at: Position) -> Work:
    import yaml

    text = yaml.safe_dump(plain(values.get("data")), sort_keys=False, allow_unicode=True)
    if truth(values.get("returnText")):
        return text
    file = written(values["file"])
    there = yield Shell(f"test -e {shlex.quote(file)}", SEATRIAL_SHELL, check=False)
    assert isinstance(there, ShellResult)
    if there.exit_code == 0 and not truth(values.get("overwrite")):
        raise Thrown("java.nio.file.FileAlreadyExistsException", f"{file} already exist", at)
    yield Write(file, text)
    return None


def _find_files(values: Values, _at: Position) -> Work:
    """The files that fit, each with its name, path and length; without a pattern, what is in the folder."""
    found = yield Find(_patterns(values.get("glob")), _patterns(values.get("excludes")))
    assert isinstance(found, Found)
    return Array([_of_file(one) for one in found.files])


def _of_file(one: Listed) -> Values:
    name = one.path.rpartition("/")[2]
    return {"name": name, "path": one.path, "directory": one.is_folder, "length": one.size}


def _patterns(value: Value) -> tuple[str, ...]:
    return tuple(filter(None, map(str.strip, written(value or "").split(","))))


# What a pom.xml says of itself in one word each.
POM_WORDS = ("groupId", "artifactId", "version", "packaging", "name", "description", "url")


def _read_maven_pom(values: Values, at: Position) -> Work:
    """The words of a pom.xml, with its parent and its properties."""
    text = yield from _text({"file": "pom.xml", **values})
    root = _xml_of(text, at)
    found: Values = {"packaging": "jar", **_words_of(root)}
    parts = {_plain_tag(one): _words_of(one) for one in root}
    return {**found, "parent": parts.get("parent"), "properties": parts.get("properties", {})}


def _xml_of(text: str, at: Position) -> ElementTree.Element:
    kind = "org.codehaus.plexus.util.xml.pull.XmlPullParserException"
    if "<!DOCTYPE" in text:
        raise Thrown(kind, "it declares a DOCTYPE", at)
    try:
        return ElementTree.fromstring(text)  # noqa: S314 - without a DOCTYPE there are no entities
    except ElementTree.ParseError as error:
        raise Thrown(kind, str(error), at) from None


def _words_of(element: ElementTree.Element) -> Values:
    return {_plain_tag(one): (one.text or "").strip() for one in element if not len(one)}


def _plain_tag(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _place(path: str) -> Work:
    """Where a command may write, as a word of a shell. It fails where that is outside of the workspace."""
    located = yield Locate(path)
    assert isinstance(located, Located)
    return shlex.quote(located.path)


def _touch(values: Values, _at: Position) -> Work:
    file = yield from _place(written(values["file"]))
    yield Shell(f'mkdir -p -- "$(dirname -- {file})"; touch -- {file}', SEATRIAL_SHELL)
    return None


def _digest(program: str) -> Callable[[Values, Position], Work]:
    def digest(values: Values, _at: Position) -> Work:
        found = yield from output(f"{program} < {shlex.quote(written(values['file']))}")
        return found.split(" ")[0]

    return digest


def _zip(values: Values, _at: Position) -> Work:
    file, folder = written(values["zipFile"]), written(values.get("dir") or "")
    yield Zip(file, folder, _patterns(values.get("glob")) or ("**",), _patterns(values.get("exclude")))
    if truth(values.get("archive")):
        yield Archive((file,), (), True)
    return None


def _unzip(values: Values, _at: Position) -> Work:
    file, folder = written(values["zipFile"]), written(values.get("dir") or "")
    yield Unzip(file, folder, _patterns(values.get("glob")) or ("**",))
    return None


def _publish_html(values: Values, _at: Position) -> Work:
    """Its pages are kept as outputs of the stage."""
    target = values.get("target", values)
    folder = written(target.get("reportDir") or ".").strip("/")
    yield Archive((f"{folder}/**" if folder != "." else "**",), (), not truth(target.get("allowMissing")))
    return None


# The main parameter of each, and what it does.
STEPS: dict[str, tuple[str, Callable[[Values, Position], Work]]] = {
    "readJSON": ("file", _read_json),
    "readYaml": ("file", _read_yaml),
    "readProperties": ("file", _read_properties),
    "readMavenPom": ("file", _read_maven_pom),
    "writeJSON": ("file", _write_json),
    "writeYaml": ("file", _write_yaml),
    "findFiles": ("glob", _find_files),
    "touch": ("file", _touch),
    "sha1": ("file", _digest("sha1sum")),
    "sha256": ("file", _digest("sha256sum")),
    "zip": ("zipFile", _zip),
    "unzip": ("zipFile", _unzip),
    "publishHTML": ("target", _publish_html),
}
