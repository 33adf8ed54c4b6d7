"""Load modules while another program works: what the next step needs is there when its answer comes."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from threading import Thread


@contextmanager
def loading(modules: Sequence[str]) -> Iterator[None]:
    """In a thread, during the block. Whoever imports one of them meanwhile waits for it, as always."""
    thread = Thread(target=_load, args=(modules,), name="ahead", daemon=True)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def _load(modules: Sequence[str]) -> None:
    for name in modules:
        try:
            import_module(name)
        except Exception:  # noqa: BLE001 - whoever needs the module meets it again, and says so
            return
