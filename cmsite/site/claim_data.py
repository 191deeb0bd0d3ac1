"""`results/data.js`: all rows of the claims table as columns coded by dictionaries, in a classic script.

A script, since a page opened from a folder may read no other file. It holds what the dashboard shows, narrows down and
compares, and the fields of the exports as texts that are written already: the files a reader saves are, character for
character, what `cmsite.results.exports` would write of these rows.
Source: facts/results.md §5 (columns coded by dictionaries), §7 (cells that a spreadsheet would run).
"""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from cmsite.model.results import Claim, Pairs, Verdict
from cmsite.results.comparability import depends_on_hardware, difference_of_run, merged
from cmsite.results.exports import FIELDS, SCHEMA, cell
from cmsite.results.table import ClaimRow, record
from cmsite.results.verdicts import WITHOUT_NUMBER
from cmsite.site.claim_facets import FACETS, Facet, hardware_of, values_of
from cmsite.site.paper_rows import PaperRows
from cmsite.site.result_rows import ICONS, KINDS, RowView

DATA_SCHEMA = "cmsite-results-data/1"
MAX_PAIRS = 60  # Properties of one environment.
MAX_SAMPLES = 12  # Samples of one row that a comparison shows.
MAX_TEXT = 300  # Characters of one text that is shown; exports have all of it.

# What could end the script or a line of it.
_ESCAPES = (("<", "\\u003c"), ("\u2028", "\\u2028"), ("\u2029", "\\u2029"))
_INDENT = "\n   "  # That of a value within a record, as `emit_json` indents.

_SHOWN = (
    "claim", "text", "main", "claimed", "unit", "reproduced", "half_width", "n", "failed", "arrow", "delta", "direction",
    "tolerance", "tolerance_source", "certainty", "stated", "contradicted", "evaluators", "date", "status",
)  # fmt: skip


def emit_data(groups: Sequence[PaperRows], views: Sequence[RowView], newest: datetime | None) -> bytes:
    """Return the script; `views` are those of the rows of all groups, in their order.

    Rows of papers without claims (`bare_row`) stand behind all others and are in no export.
    """
    rows = [row for group in groups for row in group.rows]
    records = [record(row) for row in rows if row.claim.id]
    document = {
        "schema": DATA_SCHEMA,
        "rows": len(rows),
        "claims": len(records),
        "verdicts": [_verdict(verdict) for verdict in Verdict],
        "facets": [_facet(facet, rows, newest) for facet in FACETS],
        "columns": [
            *(_column(name, [_short(getattr(view, name)) for view in views]) for name in _SHOWN),
            *(_column(name, values) for name, values in _links(groups, views)),
            *(_column(name, values) for name, values in _facts(rows)),
            _column("key", _keys(rows)),
        ],
        "export": {"schema": SCHEMA, "fields": [_field(name, [item[name] for item in records]) for name in FIELDS]},
    }
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for sign, escaped in _ESCAPES:
        text = text.replace(sign, escaped)
    return f"cmsiteResults({text});\n".encode("utf-8", "replace")


def _verdict(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict as it is shown, in the order of precedence."""
    return {
        "word": verdict.value,
        "icon": ICONS[verdict],
        "kind": KINDS.get(verdict, "unsure"),
        "judged": verdict.judged,
    }


def _coded(values: Iterable[Any]) -> tuple[list[Any], list[int]]:
    """Return the different values in first-seen order, and for each value its place among them."""
    places: dict[object, int] = {}
    found: list[Any] = []
    codes = []
    for value in values:
        # True is 1 to a dictionary, and is not to a reader; most values are texts.
        kind = type(value)
        name = value if kind is str else json.dumps(value) if kind in (list, dict) else (kind, value)
        if name not in places:
            places[name] = len(found)
            found.append(value)
        codes.append(places[name])
    return found, codes


def _column(name: str, values: Iterable[Any]) -> dict[str, Any]:
    found, codes = _coded(values)
    return {"name": name, "values": found, "codes": codes}


def _facet(facet: Facet, rows: Sequence[ClaimRow], newest: datetime | None) -> dict[str, Any]:
    """Return a facet: its values, the sets of values that rows have, and for each row its set."""
    sets, codes = _coded([list(values_of(facet, row, newest)) for row in rows])
    values, _ = _coded(value for one in sets for value in one)
    place = {value: number for number, value in enumerate(values)}
    order = [place[value] for value in facet.order if value in place]
    return {
        "key": facet.key,
        "title": facet.title,
        "missing": facet.missing,
        "values": values,
        "order": order,
        "sets": [[place[value] for value in one] for one in sets],
        "codes": codes,
    }


def _field(name: str, values: Iterable[Any]) -> dict[str, Any]:
    """Return a field of the exports: each different value as it stands in the JSON file, and as a cell of the CSV one."""
    found, codes = _coded(values)
    return {
        "name": name,
        "json": [
            json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False).replace("\n", _INDENT) for value in found
        ],
        "csv": [_quoted(cell(value)) for value in found],
        "codes": codes,
    }


def _quoted(text: str) -> str:
    """Return a cell as the writer of CSV quotes it between others."""
    stream = io.StringIO()
    csv.writer(stream, lineterminator="").writerow((text, ""))
    return stream.getvalue()[:-1]


def _links(groups: Sequence[PaperRows], views: Sequence[RowView]) -> Iterable[tuple[str, list[Any]]]:
    """Yield where the rows lead, relative to the site's root, what their papers are, and why they have their verdicts."""
    owners = [group for group in groups for _ in group.rows]
    yield "paper", [_short(group.paper.title) for group in owners]
    yield "paper_address", [group.address for group in owners]
    yield "place", [f"#{quote(view.anchor)}" for view in views]
    yield "reasons", [_short("; ".join(view.reasons)) for view in views]
    yield "reproduction", [view.reproduction.text for view in views]
    yield "reproduction_address", [view.reproduction.address for view in views]


def _facts(rows: Sequence[ClaimRow]) -> Iterable[tuple[str, list[Any]]]:
    """Yield what orders rows and decides whether two of them can be compared."""
    badges = next(facet for facet in FACETS if facet.key == "badge")
    yield "badges", [_short("; ".join(values_of(badges, row, None))) for row in rows]
    yield "kind", [row.claim.kind.value for row in rows]
    yield "has_number", [row.claim.kind not in WITHOUT_NUMBER for row in rows]
    yield "metric_name", [_short(row.metric.name if row.metric else "") for row in rows]
    yield "lower_is_better", [row.metric.lower_is_better if row.metric else None for row in rows]
    yield "conditions", [[[name, list(wanted)] for name, wanted in row.claim.compatible_with] for row in rows]
    yield "odd", [_short(_odd(row)) for row in rows]
    yield "bound_to_hardware", [bool(row.metric and depends_on_hardware(row.claim, row.metric)) for row in rows]
    yield "hardware", [list(hardware_of(row)) for row in rows]
    yield "environment", [_pairs(_environment(row)) for row in rows]
    yield "parameters", [_pairs(row.claim.parameters) for row in rows]
    yield "samples", [_samples(row) for row in rows]
    yield "difference", [None if row.judgement.delta is None else abs(float(row.judgement.delta)) for row in rows]
    yield "paper_uid", [row.paper.uid or str(row.paper.key) for row in rows]
    yield (
        "reproduction_uid",
        [row.reproduction.uid or str(row.reproduction.key) if row.reproduction else "" for row in rows],
    )


def _odd(row: ClaimRow) -> str:
    """Return why the row's numbers are not about its claim, "" where they are."""
    runs = row.reproduction.completed_runs_of(row.claim.id) if row.reproduction else ()
    return next((why for run in runs if (why := difference_of_run(row.claim, row.metric, run))), "")


def _environment(row: ClaimRow) -> Pairs:
    """Return where a row was measured: what its runs state over what the record states, several values as one text."""
    attempt = row.reproduction
    if attempt is None:
        return row.claim.environment
    found: dict[str, dict[str, None]] = {}
    for run in attempt.completed_runs_of(row.claim.id):
        for name, value in merged(attempt.environment, run.environment):
            found.setdefault(name, {})[value] = None
    return tuple((name, "; ".join(values)) for name, values in found.items()) or attempt.environment


def _samples(row: ClaimRow) -> str:
    """Return the first samples as the record spells them."""
    if row.reproduction is None:
        return ""
    runs = row.reproduction.completed_runs_of(row.claim.id)
    samples = [sample.literal for run in runs for sample in run.samples[:MAX_SAMPLES]][:MAX_SAMPLES]
    rest = sum(len(run.samples) for run in runs) - len(samples)
    more = f" and {rest:,} more" if rest else ""
    orders = [" > ".join(run.order) for run in runs if run.order]
    text: str = _short(", ".join(samples) + more or "; ".join(orders))
    return text


def _pairs(pairs: Pairs) -> list[list[str]]:
    return [[_short(name), _short(value)] for name, value in pairs[:MAX_PAIRS]]


def _short(value: Any) -> Any:
    return f"{value[: MAX_TEXT - 1]}…" if isinstance(value, str) and len(value) > MAX_TEXT else value


def _keys(rows: Sequence[ClaimRow]) -> list[str]:
    """Return the name of each row in addresses, which outlives builds; a second equal one gets a number."""
    seen: dict[str, int] = {}
    names = []
    for row in rows:
        name = _key(row.claim, row)
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name}~{seen[name]}")
    return names


def _key(claim: Claim, row: ClaimRow) -> str:
    attempt = row.reproduction
    parts = (row.paper.uid or str(row.paper.key), claim.id, (attempt.uid or str(attempt.key)) if attempt else "")
    return "~".join(part[:MAX_TEXT] for part in parts)
