"""Parquet. Cells keep their types."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROWS = 1 << 17  # a block


def columns(path: Path) -> tuple[str, ...]:
    from pyarrow.parquet import ParquetFile

    with ParquetFile(path) as file:
        return tuple(file.schema_arrow.names)


def blocks(path: Path, names: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """The columns of those names as arrays, a block of rows at a time."""
    from pyarrow.parquet import ParquetFile

    with ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=_ROWS, columns=list(names)):
            yield {name: _without_views(batch.column(name)) for name in names}


def _without_views(cells: Any) -> Any:
    """Most of the engine cannot read texts that are kept as views of others."""
    import pyarrow as arrow

    return cells.cast(arrow.large_string()) if arrow.types.is_string_view(cells.type) else cells


def line_of(_path: Path, _row: int) -> int:
    """Parquet has no lines."""
    return 0


def damage(_path: Path) -> None:
    """What the engine says is all that is known."""
