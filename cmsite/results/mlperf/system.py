"""`systems/<system>.json`: the description of a system under test, under MLPerf's own names.

Source: mlcommons/policies, submission rules ("system description"); mlcommons/inference, tools/submission.
"""

from typing import Any

from cmsite.documents import Problem, parse
from cmsite.results.mlperf.codes import problem, unreadable
from cmsite.results.mlperf.values import Row, Value, counted, flat

_COPIED = (
    "accelerator_model_name",
    "accelerators_per_node",
    "framework",
    "host_processor_core_count",
    "host_processor_model_name",
    "host_processors_per_node",
    "number_of_nodes",
    "operating_system",
)
_COUNTS = ("accelerators_per_node", "host_processor_core_count", "host_processors_per_node", "number_of_nodes")


def parse_mapping(path: str, content: bytes) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """Parse a JSON file that must hold a mapping; what is no JSON gives an empty one and says why."""
    document = parse(path, content)
    if document.data is None:
        return {}, unreadable(document)
    found = document.problems
    if not isinstance(document.data, dict):
        return {}, (*found, problem("CM541", f"must hold a mapping, got a {type(document.data).__name__}", line=1))
    return document.data, found


def parse_system(path: str, content: bytes) -> tuple[Row, tuple[Problem, ...]]:
    """Return what a row says of its system; a field the description does not have has no key."""
    data, problems = parse_mapping(path, content)
    row: Row = {name: flat(data[name]) for name in _COPIED if data.get(name) is not None}
    for name in _COUNTS:
        if name in row:
            row[name] = counted(row[name])
    for name, key in (("SystemName", "system_name"), ("SystemType", "system_type"), ("Availability", "status")):
        if data.get(key) is not None:
            row[name] = flat(data[key])
    if isinstance(row.get("Availability"), str):
        row["Availability"] = str(row["Availability"]).lower()  # "RDI" in descriptions, "rdi" in every summary.
    row["notes"] = _notes(flat(data.get("hw_notes")), flat(data.get("sw_notes")))
    if not data:
        return {}, problems
    missing = [name for name in ("system_name", "system_type", "status") if not data.get(name)]
    if missing:
        what = f"says nothing of {', '.join(missing)}"
        problems = (*problems, problem("CM542", what, "fill it in; MLPerf's checker asks for it"))
    return row, problems


def _notes(hardware: Value, software: Value) -> str:
    """Return the notes as MLPerf's summaries join them."""
    return ". ".join(str(note) for note in (hardware, software) if note)
