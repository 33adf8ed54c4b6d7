"""What a Python script says of itself: what it reads, how it is started, and where it leaves a model.

It is looked at, never run; what cannot be told is left out.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from seatrial.named_tuple import NamedTuple
from seatrial.project import saving
from seatrial.project.answering import answering
from seatrial.project.path_values import joined
from seatrial.project.saving import MODEL_FILES, MODEL_FOLDERS

LARGEST = 1 << 20
_SOURCES = ("", "src")  # where packages lie, beside the script's own folder
_OUT = ("out", "output", "output-dir", "out-dir", "model-dir", "model-out", "save-dir", "save-path")
_MODEL = ("model", "model-path", "model-dir", "checkpoint", "weights")
_DATA = ("data", "data-path", "input", "input-file", "inputs", "in")
_PREDICTIONS = ("predictions", "output", "output-file", "out")
# What writes to the path that it is given, and the ending of what it writes.
_SAVERS = {"joblib": ".joblib", "torch": ".pt", "pickle": ".pkl", "numpy": ".npz"}
_SAVES = frozenset({"dump", "save", "open", "savez", "save_model"})


class Script(NamedTuple):
    """A Python file: the files of the project that it imports or names, the words that start it, the option
    that takes where its model goes, and the model file, or folder with "/", that it writes."""

    path: str
    reads: tuple[str, ...] = ()
    start: str = ""
    out_option: str = ""
    writes: str = ""
    predict_options: tuple[str, ...] = ()  # those for the model, the data and the predictions, or none
    app: str = ""  # how a web framework's own server starts it, where nothing in it does
    function: str = ""  # what a server of ours could call
    words: int = 0  # how many it takes from the command line, where it counts them by itself
    saves: bool = False  # whether it, or what it imports, calls what saves models


def read_script(folder: Path, path: str, present: set[str]) -> Script:
    reads: dict[str, None] = {}
    waiting, trees = [path], dict[str, ast.AST]()
    root = path.rpartition("/")[0]
    while waiting:
        script = waiting.pop(0)
        if script in reads:
            continue
        reads[script] = None
        tree = trees[script] = _syntax(folder / script)
        for found, where in _imports(tree, script, present):
            waiting.append(found)
            root = root if where == script.rpartition("/")[0] else where
        reads.update(dict.fromkeys(_named_files([*_strings(tree), *joined(tree, script)], present)))
    start = _start(path, root)
    if " -m " in start:
        reads.update(dict.fromkeys(_inits(path, present)))
    tree = trees[path]
    options = _options(tree)
    out = _option([name for name, default in options.items() if not saving.is_no_model(default)], _OUT)
    writes = _by_option(tree, out, options) if out else _saved(trees, options, present)
    return Script(
        path,
        _inputs(list(reads), writes),
        start,
        out,
        writes,
        _predict_options(options),
        _app(tree, path),
        answering(tree),
        _words(tree),
        any(map(saving.saves, trees.values())),
    )


def _saved(trees: Mapping[str, ast.AST], options: Mapping[str, str], present: set[str]) -> str:
    """Where the first of the files that saves something saves it."""
    found = (place for path, tree in trees.items() for place in saving.left_in(tree, path, options, present))
    return next(found, "")


def _inputs(reads: list[str], writes: str) -> tuple[str, ...]:
    """What is read, but for what the script writes itself, and what lies in a folder that is read whole."""
    others = [one for one in reads if not _is_within(one, writes)]
    return tuple(
        one for one in others if not any(_is_within(one, folder) for folder in others if folder != one)
    )


def _is_within(path: str, place: str) -> bool:
    return path == place or (place.endswith("/") and f"{path}/".startswith(place))


def text_of(path: Path) -> str:
    """The beginning of a file; "" where it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(LARGEST).decode("utf-8", "replace")
    except OSError:
        return ""


def _syntax(path: Path) -> ast.AST:
    try:
        if path.stat().st_size > LARGEST:
            return ast.Module([], [])
        return ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module([], [])


def _strings(tree: ast.AST) -> Iterator[str]:
    """The texts of a script, but not the names of its arguments, which are no paths."""
    named = {id(word) for call in _argument_calls(tree) for word in call.args}
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) and id(node) not in named else None
        if isinstance(text, str) and len(text) < 300:
            yield text


def _imports(tree: ast.AST, script: str, present: set[str]) -> Iterator[tuple[str, str]]:
    """The files of imported modules, each with the folder that the import begins at."""
    beside = script.rpartition("/")[0]
    for node in ast.walk(tree):
        modules: list[str] = []
        places: tuple[str, ...] = (beside, *_SOURCES)
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            named = [alias.name for alias in node.names]
            modules = [node.module or "", *(f"{node.module or ''}.{name}" for name in named)]
            if node.level:
                places = (_above(beside, node.level - 1),)
        for module in filter(None, (module.strip(".") for module in modules)):
            is_relative = isinstance(node, ast.ImportFrom) and node.level > 0
            for found, place in _module(module, places, present):
                yield found, _package_root(beside, present) if is_relative else place


def _module(module: str, places: tuple[str, ...], present: set[str]) -> Iterator[tuple[str, str]]:
    parts = module.split(".")
    for place in dict.fromkeys(places):
        prefix = f"{place}/" if place else ""
        path = prefix + "/".join(parts)
        found = [name for name in (f"{path}.py", f"{path}/__init__.py") if name in present]
        if found:
            packages = ["/".join(parts[:n]) + "/__init__.py" for n in range(1, len(parts))]
            inits = [prefix + name for name in packages if prefix + name in present]
            yield from ((name, place) for name in (*inits, *found))
            return


def _above(folder: str, levels: int) -> str:
    parts = folder.split("/")
    return "/".join(parts[: max(len(parts) - levels, 0)])


def _package_root(folder: str, present: set[str]) -> str:
    """The folder in which the outermost package lies that holds `folder`."""
    while folder and f"{folder}/__init__.py" in present:
        folder = folder.rpartition("/")[0]
    return folder


def _start(path: str, root: str) -> str:
    """As a file where all that it imports lies beside it, else as a module of its package."""
    import shlex

    if root == path.rpartition("/")[0]:
        return f"python {shlex.quote(path)}"
    module = path.removeprefix(f"{root}/" if root else "").removesuffix(".py").replace("/", ".")
    if not all(part.isidentifier() for part in module.split(".")):
        return f"PYTHONPATH={shlex.quote(root or '.')} python {shlex.quote(path)}"
    return f"PYTHONPATH={shlex.quote(root)} python -m {module}" if root else f"python -m {module}"


def _inits(path: str, present: set[str]) -> Iterator[str]:
    """What Python runs of the packages that a module is in."""
    parts = path.split("/")[:-1]
    names = ("/".join((*parts[:n], "__init__.py")) for n in range(1, len(parts) + 1))
    return (name for name in names if name in present)


def _named_files(strings: Iterable[str], present: set[str]) -> Iterator[str]:
    folders = {path.rsplit("/", 1)[0] for path in present if "/" in path}
    for text in strings:
        plain = text.removeprefix("./")
        if plain in present:
            yield plain
        elif plain.rstrip("/") in folders and plain.rstrip("/").rsplit("/", 1)[-1] not in MODEL_FOLDERS:
            yield plain.rstrip("/") + "/"


def _options(tree: ast.AST) -> dict[str, str]:
    """The options that argparse or click take, each with its default where that is a text."""
    found: dict[str, str] = {}
    for call in _argument_calls(tree):
        words = [one.value for one in call.args if isinstance(one, ast.Constant)]
        default = next((one.value for one in call.keywords if one.arg == "default"), None)
        if isinstance(default, ast.Call) and len(default.args) == 1:  # Path("model")
            default = default.args[0]
        text = default.value if isinstance(default, ast.Constant) else ""
        for word in words:
            if isinstance(word, str) and word.startswith("--"):
                found[word] = text if isinstance(text, str) else ""
    return found


def _argument_calls(tree: ast.AST) -> Iterator[ast.Call]:
    """The calls that declare an argument of the command line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in ("add_argument", "option", "argument"):
            yield node


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _option(options: Iterable[str], names: tuple[str, ...]) -> str:
    by_name = {option.removeprefix("--").replace("_", "-"): option for option in options}
    return next((by_name[name] for name in names if name in by_name), "")


def _predict_options(options: Mapping[str, str]) -> tuple[str, ...]:
    found = tuple(_option(options, names) for names in (_MODEL, _DATA, _PREDICTIONS))
    return found if all(found) else ()


def _by_option(tree: ast.AST, option: str, options: Mapping[str, str]) -> str:
    """The model file, or the folder with "/", that an option of the command line is to name."""
    default = options[option].removeprefix("./")
    if default and not default.startswith(("/", "~")) and ".." not in default.split("/"):
        return default if default.endswith(MODEL_FILES) else default.rstrip("/") + "/"
    ending = _saved_as(tree, option)
    return f"model{ending}" if ending else "model/"


def _saved_as(tree: ast.AST, option: str) -> str:
    """The ending of the file, where what the option says goes straight to a function that writes one."""
    wanted = option.removeprefix("--").replace("-", "_")
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and any(_name(argument) == wanted for argument in node.args):
            module = getattr(node.func, "value", None)
            if _name(node.func) in _SAVES:
                return _SAVERS.get(getattr(module, "id", ""), ".bin")
    return ""


def _words(tree: ast.AST) -> int:
    """How many words of the command line it takes by their number: `sys.argv[2]` is the second."""
    taken = [
        node.slice.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Subscript)
        and _name(node.value) == "argv"
        and isinstance(node.slice, ast.Constant)
        and isinstance(node.slice.value, int)
    ]
    return max(taken, default=0)


def _app(tree: ast.AST, path: str) -> str:
    """The command for an app of a web framework that the script makes and does not start itself."""
    calls = {_name(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    module = path.removesuffix(".py").replace("/", ".")
    if "run" in calls or not all(part.isidentifier() for part in module.split(".")):
        return ""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            made, kind = _name(node.targets[0]), _name(node.value.func)
            if made and kind in ("FastAPI", "Starlette"):
                return f"python -m uvicorn {module}:{made} --port $PORT"
            if made and kind == "Flask":
                return f"python -m flask --app {module}:{made} run --port $PORT"
    return ""
