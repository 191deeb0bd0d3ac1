"""Rows that stand in a file already: a published `summary_results.json`, the checker's `summary.csv`, `cm-result.json`.

A published summary has names of its own; they become those of `cm-result.json`, and every other key is kept as it is.
Its result IDs are kept for citation.
Source: mlcommons/inference, tools/submission/generate_final_report.py (names and their meaning) and the
`summary_results.json` of mlcommons/inference_results_v4.1.
"""

import csv
import io
import re
from collections.abc import Iterable
from typing import Any

from cmsite.documents import Problem, join_pointer, parse
from cmsite.results.mlperf.accuracy import parse_accuracy_text
from cmsite.results.mlperf.codes import problem, unreadable
from cmsite.results.mlperf.layout import SCENARIOS
from cmsite.results.mlperf.reading import finished
from cmsite.results.mlperf.values import Row, Value, counted, flat

RESULT_FILES = ("cm-result.json",)

_NAMES = {
    "Submitter": "Organization",
    "Category": "Division",
    "Suite": "SystemType",
    "System": "SystemName",
    "UsedModel": "Model",
    "Model": "MlperfModel",
    "Accelerator": "accelerator_model_name",
    "a#": "accelerators_per_node",
    "Nodes": "number_of_nodes",
    "Processor": "host_processor_model_name",
    "Software": "framework",
    "Notes": "notes",
    "Performance_Result": "Result",
    "Performance_Units": "Result_Units",
    "Power_Result": "Result_Power",
    "Power_Units": "Result_Power_Units",
    "Details": "url",
}
_OF_SUMMARY = ("UsedModel", "Category", "Submitter")  # Keys only a published summary has together.
_TEXT_NUMBER = re.compile(r"[+-]?\d{1,18}(?:\.\d{1,18})?(?:[eE][+-]?\d{1,3})?")
_NUMBERS = ("Result", "Result_Power", "accelerators_per_node", "number_of_nodes", "host_processors_per_node",
            "host_processor_core_count", "compliance", "errors", "inferred")  # fmt: skip
_MAX_PROBLEMS = 20


def parse_rows(path: str, content: bytes, limit_rows: int) -> tuple[tuple[Row, ...], tuple[Problem, ...]]:
    """Return the rows of a JSON or CSV file; what is no row is a problem. Never raises on any bytes."""
    if path.lower().endswith(".csv"):
        return _parse_csv(content, limit_rows)
    document = parse(path if path.endswith(".json") else f"{path}.json", content)
    if document.data is None:
        return (), unreadable(document)
    problems = list(document.problems)
    rows: list[Row] = []
    for pointer, item in _items(document.data):
        if not isinstance(item, dict) or not item:
            place = document.place(pointer)
            what = f"holds a {type(item).__name__} where a row is expected"
            problems.append(problem("CM541", what, "remove it", line=place.line if place else 0, pointer=pointer))
        elif len(rows) == limit_rows:
            problems.append(problem("CM541", f"holds more than {limit_rows:,} rows; the others are not read"))
            break
        else:
            rows.append(_row(item, problems, pointer))
    if not rows and not problems:
        problems.append(problem("CM541", "holds no row"))
    return tuple(rows), tuple(_shortened(problems))


def _items(data: Any) -> Iterable[tuple[str, Any]]:
    """Yield (pointer, item) of a list, of a mapping of rows, or of the list in a mapping's `results`."""
    if isinstance(data, list):
        return ((join_pointer(index), item) for index, item in enumerate(data))
    if not isinstance(data, dict):
        return [("", data)]
    for name in ("results", "rows", "summary"):
        if isinstance(data.get(name), list):
            return ((join_pointer(name, index), item) for index, item in enumerate(data[name]))
    if data and all(isinstance(item, dict) for item in data.values()):
        return ((join_pointer(name), item) for name, item in data.items())
    return [("", data)]


def _parse_csv(content: bytes, limit_rows: int) -> tuple[tuple[Row, ...], tuple[Problem, ...]]:
    text = content.decode("utf-8-sig", "replace")
    reader = csv.DictReader(io.StringIO(text, newline=""), restkey="", restval="")
    rows: list[Row] = []
    problems: list[Problem] = []
    try:
        for item in reader:
            if len(rows) == limit_rows:
                problems.append(problem("CM541", f"holds more than {limit_rows:,} rows; the others are not read"))
                break
            if item.pop("", None):
                what = "has more cells than the header names; those are left out"
                problems.append(problem("CM541", what, line=reader.line_num))
            rows.append(_row({name: _read(cell) for name, cell in item.items() if cell != ""}, problems, ""))
    except csv.Error as failure:
        problems.append(problem("CM541", f"is no CSV: {failure}", line=reader.line_num))
    if not rows and not problems:
        problems.append(problem("CM541", "holds no row"))
    return tuple(rows), tuple(_shortened(problems))


def _read(cell: str) -> Value:
    """Return what a cell of the checker's CSV means: a number where it spells one, True and False, else its text."""
    if cell in {"True", "False"}:
        return cell == "True"
    if _TEXT_NUMBER.fullmatch(cell) is None:
        return cell
    return int(cell) if cell.lstrip("+-").isdigit() else float(cell)


def _row(item: dict[str, Any], problems: list[Problem], pointer: str) -> Row:
    """Return one row under the names of `cm-result.json`."""
    is_summary = all(name in item for name in _OF_SUMMARY)
    row: Row = {(_NAMES.get(name, name) if is_summary else name): flat(value) for name, value in item.items()}
    row = {name: value for name, value in row.items() if value is not None or name == "Result"}
    for name in _NUMBERS:
        if isinstance(row.get(name), str):
            row[name] = counted(row[name])
    scenario = row.get("Scenario")
    if isinstance(scenario, str):
        row["Scenario"] = SCENARIOS.get(scenario.lower(), scenario)
    unit = row.get("Result_Units", row.get("Units"))
    if unit is not None:
        row.setdefault("Result_Units", unit)
        row.setdefault("Units", unit)
    _read_accuracy(row)
    if isinstance(row.get("Result"), str):
        what = f"Result is the text {row['Result']!r}, which is no number; the row is compared with nothing"
        problems.append(problem("CM546", what, pointer=pointer))
    return finished(row, in_summary=is_summary or row.get("status") == "published")


def _read_accuracy(row: Row) -> None:
    """Keep the text of all metrics beside the number of the first."""
    text = row.get("Accuracy")
    if not isinstance(text, str):
        return
    metrics = parse_accuracy_text(text)
    if metrics:
        row |= {"Accuracy": metrics[0][1], "Accuracy_Metric": metrics[0][0], "Accuracy_all": text}


def _shortened(problems: list[Problem]) -> list[Problem]:
    if len(problems) <= _MAX_PROBLEMS:
        return problems
    more = f"{len(problems) - _MAX_PROBLEMS:,} more problems like these"
    return [*problems[:_MAX_PROBLEMS], problem("CM541", more)]
