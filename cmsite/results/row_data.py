"""The data of a table as classic scripts, which a page may load from anywhere, `file://` included.

A shard holds up to 30,000 rows as dictionary-coded columns: `cmsiteTable({...});`. Every `<` is escaped, so is what
JavaScript takes for the end of a line; numbers are finite. Source: docs/experiments.md (format `cmsite-table/1`).
"""

import json

from cmsite.outputs import OutputFile
from cmsite.results.row_blocks import MISSING
from cmsite.results.row_columns import Column
from cmsite.results.row_tables import RowTable

SCHEMA = "cmsite-table/1"
SHARD_ROWS = 30_000


def shard_names(table: RowTable) -> tuple[str, ...]:
    """Return the names of the data scripts beside the table's page."""
    return tuple(f"data-{number}.js" for number in range(-(-table.total // SHARD_ROWS)))


def data_files(table: RowTable) -> tuple[OutputFile, ...]:
    """Return the data scripts of a table."""
    files = []
    for number, name in enumerate(shard_names(table)):
        start, stop = number * SHARD_ROWS, min((number + 1) * SHARD_ROWS, table.total)
        shard = {
            "schema": SCHEMA,
            "table": table.name,
            "shard": number,
            "rows": stop - start,
            "columns": [_coded(column, start, stop) for column in table.columns],
        }
        script = f"cmsiteTable({script_json(shard)});\n"
        files.append(OutputFile(path=f"{table.address}{name}", content=script.encode("ascii")))
    return tuple(files)


def script_json(value: object) -> str:
    r"""Return JSON that may stand in a script and in a page: pure ASCII, no `<`.

    >>> script_json({"<b>": "\u2028"})
    '{"\\u003cb>":"\\u2028"}'
    """
    return json.dumps(value, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")


def _coded(column: Column, start: int, stop: int) -> dict[str, object]:
    """Return a column over some rows, with the values that stand in them."""
    codes = column.codes[start:stop]
    used = sorted(set(codes) - {MISSING})
    place = {code: number for number, code in enumerate(used)}
    place[MISSING] = MISSING
    return {
        "name": column.name,
        "values": [column.values[code] for code in used],
        "codes": [place[code] for code in codes],
    }
