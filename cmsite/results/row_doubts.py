"""Which rows that a table marks are a finding: what a benchmark or a power run always looks like is none.

A mark says what a reader of the table should see; a finding asks somebody to mend something. Source: docs/adr/0022-review-of-findings.md.
"""

import math
from collections import defaultdict

from cmsite.results.row_blocks import MISSING, Codes
from cmsite.results.row_marks import fractions
from cmsite.results.row_merging import MergedRows
from cmsite.results.row_tables import RowTable


def fractions_of_a_benchmark(table: RowTable) -> set[int]:
    """Return the merged rows whose accuracy is 1 or less where others of the same benchmark are percents.

    The accuracy of 3D-UNet is a Dice score, between 0 and 1 by definition: beside rows of other benchmarks it is right.
    A row that states the hundredth of its accuracy as well says that it is in percents, however low.
    """
    benchmarks = zip(table.texts("Benchmark"), table.texts("Model"), table.texts("Accuracy in"), strict=True)
    kinds = [f"{benchmark or model}\n{unit}" for benchmark, model, unit in benchmarks]
    found = {table.order[place] for place in fractions(table.numbers("Accuracy"), kinds)}
    hundredths = table.rows.objects("Accuracy_div_100") if found else []
    return {row for row in found if hundredths[row] is None}


def rows_of_power(rows: MergedRows) -> set[int]:
    """Return the merged rows that state a power or an energy: for MLPerf Power that is what they measured."""
    values = rows.objects("Result_Power")
    return {
        row
        for row, value in enumerate(values)
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    }


def lacking(rows: MergedRows) -> dict[int, tuple[str, ...]]:
    """Return the merged rows whose uid stands beside more or less, and nothing else, with the keys that some lack."""
    uids = rows.columns.get("uid")
    by_uid: defaultdict[int, list[int]] = defaultdict(list)
    for row in sorted(rows.conflicts) if uids else ():
        by_uid[uids.codes[row] if uids else MISSING].append(row)
    silent = {key: _saying_nothing(column) for key, column in rows.columns.items()}
    found: dict[int, tuple[str, ...]] = {}
    for same in by_uid.values():
        lacked = []
        for key, column in rows.columns.items():
            codes = {column.codes[row] for row in same}
            if len(codes) == 1:
                continue
            if len(codes - silent[key]) > 1:
                break
            if codes - silent[key]:
                lacked.append(key)
        else:
            found.update(dict.fromkeys(same, tuple(sorted(lacked))))
    return found


def _saying_nothing(column: Codes) -> set[int]:
    return {MISSING, *(code for code, value in enumerate(column.values) if value is None or value == "")}
