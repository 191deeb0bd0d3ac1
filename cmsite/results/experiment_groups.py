"""Rows of experiments in groups that may be compared, and the columns worth showing.

A group shares benchmark, version, scenario, division, kind of system, unit, and whether power was measured: never
are two of them in one picture. Direction comes from a table by unit; an unknown unit has none.
Source: facts/results.md §4 (comparable group; measured rows before inferred ones; keys of three schemas in one tree).
"""

import json
import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from cmsite.results.compatible import Compatible, shared_version
from cmsite.results.experiment_files import Row
from cmsite.results.units import unit_of

MAX_TEXT = 300  # Characters of a value as a text.

# Column → the keys that may hold it, the first that has a value counts.
COLUMNS: dict[str, tuple[str, ...]] = {
    "System": ("SystemName", "system", "System", "__System", "_System", "Platform", "sut"),
    "Benchmark": ("MlperfModel", "Benchmark", "benchmark"),
    "Model": ("Model", "Model_ID", "model"),
    "Scenario": ("Scenario", "scenario"),
    "Division": ("Division", "division"),
    "System type": ("SystemType",),
    "Version": ("version", "Version", "__version"),
    "Result": ("Result", "result"),
    "Unit": ("Result_Units", "Units", "median_throughput_metric", "unit"),
    "Accuracy": ("Accuracy", "accuracy"),
    "Accuracy in": ("Accuracy_Metric", "accuracy_Top-1_metric"),
    "Power": ("Result_Power",),
    "Power unit": ("Result_Power_Units",),
    "Inferred": ("inferred",),
    "Accelerator": ("accelerator_model_name", "Accelerator"),
    "Accelerators": ("accelerators_per_node", "accelerators_count"),
    "Nodes": ("number_of_nodes",),
    "Submitter": ("Organization", "Submitter", "submitter", "__Organization"),
    "Processor": ("host_processor_model_name", "Processor(s) Name"),
    "Availability": ("Availability", "availability", "Status"),
    "Framework": ("framework", "Inference Framework"),
}
LINKS = ("details_url", "url")  # Where a row says it comes from.

_GROUP = ("Benchmark", "Version", "Scenario", "Division", "System type", "Unit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Rows that may be compared: `shared` what they have in common, as name and value, their unit last."""

    shared: tuple[tuple[str, str], ...]
    unit: str
    rows: tuple[Row, ...]

    @property
    def lower_is_better(self) -> bool | None:
        """Return the direction of the unit; None where it is not known."""
        known = unit_of(self.unit)
        return known.lower_is_better if known else None


def value(row: Row, column: str) -> object:
    """Return the value of a column, "" where the row has none ("N/A" is none)."""
    for name in COLUMNS[column]:
        found = row.get(name)
        if found is not None and found != "" and found not in ("N/A", "-"):
            return found
    return ""


def text(row: Row, column: str) -> str:
    """Return the value of a column as a text."""
    found = value(row, column)
    shown = found if isinstance(found, str) else json.dumps(found, sort_keys=True)
    return shown if len(shown) <= MAX_TEXT else f"{shown[: MAX_TEXT - 1]}…"


def system_types(words: str) -> tuple[str, ...]:
    """Return the kinds of system a row stands for, in one order; a row may have two, and belongs to both.

    >>> system_types("edge,datacenter"), system_types("")
    (('datacenter', 'edge'), ('',))
    """
    return tuple(sorted({part.strip() for part in words.split(",")} - {""})) or ("",)


def number(found: object) -> float | None:
    """Return a finite number, None for anything else; texts are no numbers, whatever they say."""
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    try:
        return float(found) if math.isfinite(found) else None
    except OverflowError:
        return None


def is_inferred(row: Row) -> bool:
    """Return whether a value was worked out from another row instead of measured."""
    return bool(number(row.get("inferred")))


def is_ranked(row: Row) -> bool:
    """Return whether a row takes part in rankings and pictures: measured, by a run that was not INVALID."""
    return not is_inferred(row) and row.get("validity") != "INVALID"


def remarks(row: Row) -> tuple[str, ...]:
    """Return the words that stand beside a row's result wherever it is shown.

    >>> remarks({"inferred": 1, "status": "unverified"}), remarks({"validity": "INVALID"}), remarks({"Result": 1})
    (('inferred', 'unverified'), ('INVALID',), ())
    """
    words = {
        "inferred": is_inferred(row),
        "INVALID": row.get("validity") == "INVALID",
        "unverified": is_unverified(row),
    }
    return tuple(word for word, holds in words.items() if holds)


def is_unverified(row: Row) -> bool:
    """Return whether a row says of itself that nobody reviewed it."""
    return row.get("status") == "unverified"


def groups_of(rows: Sequence[Row], compatible: Sequence[Compatible] = ()) -> tuple[Group, ...]:
    """Return the groups, that with most measured rows first; within one measured rows first, then the better ones.

    A row of two kinds of system stands in the groups of both.
    """
    found: defaultdict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        power = "power measured" if row.get("has_power") is True else ""
        names = {column: text(row, column) for column in _GROUP}
        names["Version"] = shared_version(compatible, names["Benchmark"], names["Version"])
        for kind in system_types(names["System type"]):
            found[*(names | {"System type": kind}).values(), power].append(row)
    ordered = sorted(found.items(), key=lambda item: (-sum(map(is_ranked, item[1])), item[0]))
    return tuple(_group(names, members) for names, members in ordered)


def _group(names: tuple[str, ...], rows: list[Row]) -> Group:
    shared = [(name, found) for name, found in zip(_GROUP, names, strict=False) if found]
    if names[-1]:
        shared.append(("Power", names[-1]))
    group = Group(shared=tuple(shared), unit=names[len(_GROUP) - 1], rows=tuple(rows))
    sign = 1 if group.lower_is_better else -1

    def order(row: Row) -> tuple[object, ...]:
        result = number(value(row, "Result"))
        return (not is_ranked(row), result is None, sign * (result or 0.0), text(row, "System"))

    return Group(shared=group.shared, unit=group.unit, rows=tuple(sorted(rows, key=order)))
