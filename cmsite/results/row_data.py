"""The data of a table as classic scripts, which a page may load from anywhere, `file://` included.

A shard holds up to 30,000 rows as columns in JSON: `cmsiteTable(JSON.parse('...'));`, which browsers read in half the
time of the same text as a literal. Every `<` is escaped, so is what JavaScript takes for the end of a line; numbers are
finite. Source: docs/experiments.md (format `cmsite-table/1`).
"""

import json
import re
from typing import Any

from cmsite.outputs import OutputFile
from cmsite.results.row_blocks import MISSING
from cmsite.results.row_columns import Column
from cmsite.results.row_tables import RowTable

SCHEMA = "cmsite-table/1"
SHARD_ROWS = 30_000
_BEFORE, _BEHIND = "cmsiteTable(JSON.parse('", "'));\n"


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
        files.append(OutputFile(path=f"{table.address}{name}", content=_script(script_json(shard)).encode("ascii")))
    return tuple(files)


def _script(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"{_BEFORE}{escaped}{_BEHIND}"


def read_shard(script: str) -> dict[str, Any]:
    """Return the shard that a data script holds, the inverse of `data_files`; raises `ValueError` where it holds none."""
    if not (script.startswith(_BEFORE) and script.endswith(_BEHIND)):
        raise ValueError(f"expected a data script of {SCHEMA}, got {script[:40]!r}")
    text = re.sub(r"\\(.)", r"\1", script[len(_BEFORE) : -len(_BEHIND)])
    shard: dict[str, Any] = json.loads(text, parse_constant=_refuse)
    return shard


def _refuse(constant: str) -> None:
    raise ValueError(f"expected JSON, got {constant}")


def shard_values(column: dict[str, Any]) -> list[Any]:
    """Return the value of each row of a column of a shard, None where it has none."""
    if "each" in column:
        return list(column["each"])
    values = [*column["values"], None]
    return [values[code] for code in column["codes"]]


def script_json(value: object) -> str:
    r"""Return JSON that may stand in a script and in a page: pure ASCII, no `<`.

    >>> script_json({"<b>": "\u2028"})
    '{"\\u003cb>":"\\u2028"}'
    """
    return json.dumps(value, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")


def _coded(column: Column, start: int, stop: int) -> dict[str, object]:
    """Return a column over some rows: distinct values and codes, or each row's own where most values stand once."""
    codes = column.codes[start:stop]
    used = sorted(set(codes) - {MISSING})
    if 2 * len(used) > len(codes) - codes.count(MISSING):
        each = [None if code == MISSING else column.values[code] for code in codes]
        return {"name": column.name, "each": each}
    place = {code: number for number, code in enumerate(used)}
    place[MISSING] = MISSING
    return {
        "name": column.name,
        "values": [column.values[code] for code in used],
        "codes": [place[code] for code in codes],
    }
