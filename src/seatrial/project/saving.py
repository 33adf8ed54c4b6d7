"""Where a Python script leaves its model: told by what it saves, never by what it reads. Nothing is run."""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Collection, Iterator, Mapping

from seatrial.project import path_values
from seatrial.project.path_values import UNKNOWN, Said, name_of

MODEL_FILES = (
    *(".pt", ".pth", ".pkl", ".joblib", ".onnx", ".safetensors"),
    *(".h5", ".keras", ".npz", ".bin", ".gguf", ".ckpt", ".pickle", ".ubj", ".cbm"),
)
MODEL_FOLDERS = ("model", "models", "artifacts", "checkpoints", "weights")
# Calls that write what was trained. What else is saved (a plot, a table) tells itself by its ending.
_SAVES = frozenset(
    (
        *("save", "dump", "save_model", "save_weights", "save_file", "savez"),
        *("savez_compressed", "to_pickle", "export", "save_checkpoint", "ModelCheckpoint"),
    )
)
_INTO_FOLDERS = ("TrainingArguments", "save_pretrained")
_WRITES = frozenset({"write_bytes", "write_text", "makedirs", "mkdir"})  # models among other things
_OF_OTHERS = frozenset({"json", "yaml", "csv", "toml", "plt", "image", "img", "bentoml"})
_OPENERS = ("io", "gzip", "bz2", "lzma", "codecs", "fsspec")
_NO_MODELS = (
    *(".csv", ".tsv", ".json", ".jsonl", ".txt", ".md", ".html", ".yaml", ".yml", ".log", ".parquet"),
    *(".png", ".jpg", ".jpeg", ".svg", ".pdf", ".gif"),
)
_PATH_WORDS = (
    *("path", "f", "file", "filename", "filepath", "fname"),
    *("output_dir", "dirpath", "save_directory"),
)


def is_path(text: str) -> bool:
    """Whether a text is a path in the project that a stage could have as its output."""
    is_odd = text.startswith(("/", "~")) or "://" in text or ".." in text.split("/") or " " in text
    return bool(text) and not is_odd and "\n" not in text


def is_no_model(path: str) -> bool:
    return path.casefold().endswith(_NO_MODELS)


def left_in(tree: ast.AST, script: str, options: Mapping[str, str], present: Collection[str]) -> list[str]:
    """The files, and the folders with "/", that a script writes a model to: the likeliest first.

    `options` are those of the command line with what they are if nobody says; `present` are the files of
    the project: a folder that holds some of them is not the model's own.
    """
    defaults = {
        name.lstrip("-").replace("-", "_"): ast.Constant(text or UNKNOWN) for name, text in options.items()
    }
    said = Said({**path_values.names(tree), **defaults}, script)
    found = [*_saved(tree, said), *_written(tree, said)]
    places = [_place(path, present) for path in found if is_path(path)]
    return sorted(filter(None, dict.fromkeys(places)), key=lambda place: "model" not in place)


def _place(path: str, present: Collection[str]) -> str:
    """The folder that a path is in, where that is the model's own, else the file."""
    plain = posixpath.normpath(path)
    if path.endswith("/") and UNKNOWN not in path:
        return f"{plain}/" if plain != "." else ""
    folder, _, name = plain.partition(UNKNOWN)[0].rpartition("/")
    is_own = bool(folder) and not any(one.startswith(f"{folder}/") for one in present)
    if is_own:
        return f"{folder}/"
    if UNKNOWN in path:
        return ""
    return plain if "." in name else f"{plain}/"


def saves(tree: ast.AST) -> bool:
    """Whether a script calls what saves models, wherever to."""
    names = ((name_of(call.func), call.func) for call in _calls(tree))
    return any(
        name.endswith(_INTO_FOLDERS) or (name in _SAVES and _is_of_a_model(function))
        for name, function in names
    )


def _saved(tree: ast.AST, said: Said) -> Iterator[str]:
    """The paths that are given to what saves models."""
    for call in _calls(tree):
        name = name_of(call.func)
        if name.endswith(_INTO_FOLDERS):
            yield from (f"{path}/" for path in _paths(call, said))
        elif name in _SAVES and _is_of_a_model(call.func):
            yield from (path for path in _paths(call, said) if name == "save_model" or not is_no_model(path))


def _is_of_a_model(function: ast.expr) -> bool:
    """Whether what saves is none of those that write something else, or to a place of their own."""
    modules = ast.unparse(function).split(".")[:-1]
    return _OF_OTHERS.isdisjoint(modules) and (name_of(function) != "export" or "onnx" in modules)


def _paths(call: ast.Call, said: Said) -> Iterator[str]:
    """What of the arguments of a call is a path, or a file that was opened by one."""
    named = [one.value for one in call.keywords if one.arg in _PATH_WORDS]
    for node in (*named, *call.args):
        opened = said.names.get(node.id) if isinstance(node, ast.Name) else node
        path = (_opened(opened, said) if isinstance(opened, ast.Call) else "") or said.value(node)
        if path.strip(UNKNOWN + "/"):
            yield path


def _written(tree: ast.AST, said: Said) -> Iterator[str]:
    """The paths of what is opened, or made, to be written to, and has the name of a model."""
    for call in _calls(tree):
        path = _opened(call, said)
        if name_of(call.func) in _WRITES and (node := _subject(call, ("os",))):
            path = said.value(node)
        plain = path.removeprefix("./")
        if plain.endswith(MODEL_FILES) or plain.split("/")[0] in MODEL_FOLDERS:
            yield path


def _opened(call: ast.Call, said: Said) -> str:
    """The path of a call that opens a file to be written to, else ""."""
    node = _subject(call, _OPENERS)
    if name_of(call.func) != "open" or node is None:
        return ""
    words = [one.value for one in call.keywords if one.arg == "mode"] + [
        one for one in call.args if one is not node
    ]
    mode = words[0].value if words and isinstance(words[0], ast.Constant) else "r"
    return said.value(node) if isinstance(mode, str) and set(mode) & set("wxa") else ""


def _subject(call: ast.Call, modules: Collection[str]) -> ast.expr | None:
    """What a call is about: its first argument, or for a method, but of these modules, what it is one of."""
    if isinstance(call.func, ast.Attribute) and name_of(call.func.value) not in modules:
        return call.func.value
    return next(iter(call.args), None)


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))
