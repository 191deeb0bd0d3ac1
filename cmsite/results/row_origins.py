"""Where the rows of a table come from: their source, the file and experiment that hold them, and their uids."""

from collections.abc import Callable

from cmsite.catalog.addresses import artifact_address
from cmsite.model.artifact import Artifact
from cmsite.results.row_blocks import Value
from cmsite.results.row_columns import LINK_KEYS, Column, Declared, column_of, first_values
from cmsite.results.row_merging import MergedRows
from cmsite.results.web_address import written_address

MAX_HOLDERS = 20  # Experiments named for one row.
MAX_UIDS = 5_000  # Rows of a table whose data name every uid; of a larger one only those beside other content.

Address = Callable[[Artifact, str], str]
"""(experiment, file) → its public page, "" where none is known."""

ORIGINS = {
    "Source": "Where the row says that it comes from",
    "Commit": "The file that holds the row, at its commit",
    "Experiment": "The experiment that holds the row",
    "Experiments": "All experiments that hold the row",
    "uid": "The row's own identifier",
}
"""Column → what it is. `Source`, `Commit` and `Experiment` are addresses."""


def origin_columns(rows: MergedRows, address: Address) -> tuple[Column, ...]:
    """Return the columns that say where each row comes from; of several experiments the one of fewest rows counts."""
    links = first_values([rows.objects(key) for key in LINK_KEYS])
    files = [address(held.artifact, held.block.file) for held in rows.blocks]
    pages = [artifact_address(held.artifact.key) for held in rows.blocks]
    names = [held.artifact.display_name for held in rows.blocks]
    together = {
        found: ", ".join(_some(list(dict.fromkeys(names[number] for number in found)))) for found in set(rows.holders)
    }
    escaped = {link: written_address(link) for link in set(links) if isinstance(link, str)}
    values: dict[str, list[Value]] = {
        "Source": [escaped.get(link, "") if isinstance(link, str) else "" for link in links],
        "Commit": [files[found[0]] for found in rows.holders],
        "Experiment": [pages[found[0]] for found in rows.holders],
        "Experiments": [together[found] for found in rows.holders],
        "uid": _uids(rows),
    }
    return tuple(
        column for name, found in values.items() for column in column_of(Declared(name=name, help=ORIGINS[name]), found)
    )


def _uids(rows: MergedRows) -> list[Value]:
    """Return the uid of each row; in a large table of rows that share theirs: each takes nine bytes on the way."""
    uids = rows.objects("uid")
    if rows.total <= MAX_UIDS:
        return uids
    return [uid if row in rows.conflicts else None for row, uid in enumerate(uids)]


def _some(names: list[str]) -> list[str]:
    return names if len(names) <= MAX_HOLDERS else [*names[:MAX_HOLDERS], f"{len(names) - MAX_HOLDERS} more"]
