"""The nested keys of any meta, readable: mappings as names and values, lists of alike mappings as tables.

For every type without a page of its own, and behind what the others show. Keys with a plain value stand in the table
of the metadata already and are left out. Depth, entries and text are bounded: what is left out is counted, and the
source text of the meta stands below. Never raises, whatever the meta holds.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from cmsite.model.artifact import ArtifactKey
from cmsite.site.cells import Cell, Table, cell, fitting_rows
from cmsite.site.context import SiteContext
from cmsite.site.text import counted, plain
from cmsite.site.view_rows import TypeSection

MAX_ENTRIES = 240  # Of all levels together.
MAX_CHARACTERS = 3_000  # Of their names and values.
MAX_DEPTH = 5
MAX_COLUMNS = 6  # Of a list of mappings that is a table.
MAX_ROWS = 30
MAX_NAME = 120  # Characters.

# Keys that hold a copy of what the page shows elsewhere, or the history of the meta itself.
_SHOWN_ELSEWHERE = ("info", "tags")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A key: either a plain value, or entries below it, or a table; `left_out` counts entries that are not shown."""

    name: str
    cell: Cell = ()
    entries: tuple["Entry", ...] = ()
    table: Table | None = None
    left_out: int = 0


def details_sections(
    context: SiteContext, key: ArtifactKey, *, without: Iterable[str] = (), title: str = "Details"
) -> tuple[TypeSection, ...]:
    """Return the nested keys of an artifact's meta but those `without` (`key`, `key/key`); none where there are no others."""
    hidden = {*_SHOWN_ELSEWHERE, *without}
    pairs = ((name, _pruned(name, value, hidden)) for name, value in context.catalog.artifacts[key].extra.items())
    meta = {name: value for name, value in pairs if name not in hidden and _is_deep(value)}
    if not meta:
        return ()
    reader = _Reader(context, key)
    entries, left_out = reader.entries(meta.items(), len(meta), 0)
    values = {"entries": entries, "left_out": left_out}
    return (TypeSection(title=title, anchor="details", template="sections/details.html", values=values),)


def _pruned(name: Any, value: Any, hidden: set[str]) -> Any:
    """Return a value without the keys that are hidden below its name."""
    if not isinstance(value, dict) or not any(path.startswith(f"{name}/") for path in hidden):
        return value
    return {key: item for key, item in value.items() if f"{name}/{key}" not in hidden}


def _is_deep(value: Any) -> bool:
    """Return whether the table of the metadata cannot show a value: a mapping, or a list that holds some."""
    return bool(value) and (
        isinstance(value, dict) or (isinstance(value, list) and any(isinstance(item, list | dict) for item in value))
    )


class _Reader:
    """Turns values into entries until the page has enough of them."""

    def __init__(self, context: SiteContext, key: ArtifactKey) -> None:
        self._context, self._key = context, key
        self._left = MAX_ENTRIES
        self._room = MAX_CHARACTERS

    def entries(self, pairs: Iterable[tuple[Any, Any]], count: int, depth: int) -> tuple[tuple[Entry, ...], int]:
        """Return the entries of a mapping or list, and how many are not among them."""
        found = []
        for name, value in pairs:
            if self._left <= 0 or self._room <= 0:
                break
            self._left -= 1
            found.append(self._entry(plain(name)[:MAX_NAME], value, depth))
        return tuple(found), count - len(found)

    def _entry(self, name: str, value: Any, depth: int) -> Entry:
        if not isinstance(value, dict | list) or not _is_deep(value):
            found = cell(self._context, self._key, value) or ("–")
            self._room -= len(name) + (len(found) if isinstance(found, str) else sum(len(link.text) for link in found))
            return Entry(name=name, cell=found)
        if depth >= MAX_DEPTH:
            return Entry(name=name, cell=(counted(len(value), "entry", "entries")))
        table = self._table(name, value)
        if table is not None:
            return Entry(name=name, table=table)
        pairs = value.items() if isinstance(value, dict) else enumerate(value, start=1)
        entries, left_out = self.entries(pairs, len(value), depth + 1)
        return Entry(name=name, entries=entries, left_out=left_out)

    def _table(self, name: str, value: dict[Any, Any] | list[Any]) -> Table | None:
        """Return several flat mappings with few different keys as a table; None where they are not alike."""
        rows = list(value.values()) if isinstance(value, dict) else value
        if len(rows) < 2 or not all(map(_is_flat, rows)):  # noqa: PLR2004 - one row is no table.
            return None
        columns = list(dict.fromkeys(column for row in rows for column in row))
        if not 0 < len(columns) <= MAX_COLUMNS or sum(len(row) for row in rows) * 2 < len(columns) * len(rows):
            return None
        names = list(value) if isinstance(value, dict) else None
        cells = [
            tuple(cell(self._context, self._key, row.get(column)) for column in columns) for row in rows[:MAX_ROWS]
        ]
        cells = cells[: fitting_rows(cells, max(0, self._room))]
        self._left -= len(cells)
        self._room -= sum(len(item) for row in cells for item in row if isinstance(item, str))
        if names is not None:
            cells = [(plain(label)[:MAX_NAME], *row) for label, row in zip(names, cells, strict=False)]
        head = (*(("Name",) if names is not None else ()), *(plain(column)[:MAX_NAME] for column in columns))
        return Table(label=name, head=head, rows=tuple(cells), left_out=len(rows) - len(cells))


def _is_flat(row: Any) -> bool:
    """Return whether a row is a mapping of plain values, or of lists of them."""
    return isinstance(row, dict) and bool(row) and not any(map(_holds_more, row.values()))


def _holds_more(value: Any) -> bool:
    items: Sequence[Any] = value if isinstance(value, list) else ()
    return isinstance(value, dict) or any(isinstance(item, dict | list) for item in items)
