"""The last line of JSON that a command printed → the numbers of claims, as they were printed.

The document may name numbers by the claim's id, by a value of the claim's `parameters`, or by the metric's id; under
`samples`, under `metrics`, or at the top. A number or a list of them; `unit` is a text, or maps the same names to
texts. A mapping `environment` adds to the description of the machine. Source: docs/papers.md §4.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cmsite.model.results import Claim, Metric
from cmsite.records.meta_text import Spelled
from cmsite.records.request import RefusedMeasurementError

MAX_LINE_BYTES = 16_000_000
MAX_SAMPLES = 100_000  # Of one claim in one run.
_TAIL_BYTES = 2 * MAX_LINE_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """The document that a command printed last; `problem` says why there is none."""

    data: Mapping[str, Any]
    problem: str = ""

    @property
    def environment(self) -> dict[str, str]:
        """Return what the command itself says of its environment."""
        found = self.data.get("environment")
        items = found.items() if isinstance(found, Mapping) else ()
        return {str(name)[:100]: str(value)[:500] for name, value in items if isinstance(value, str | int)}


def last_document(path: Path) -> Printed:
    """Return the JSON object on the last line of a file that holds one."""
    with path.open("rb") as stream:
        size = stream.seek(0, 2)
        stream.seek(max(0, size - _TAIL_BYTES))
        tail = stream.read(_TAIL_BYTES)
    for line in reversed(tail.splitlines()):
        text = line.strip()
        if text.startswith(b"{") and text.endswith(b"}"):
            return _parsed(text)
    return Printed(data={}, problem='it printed no line of JSON such as {"accuracy": 0.961}')


def _parsed(text: bytes) -> Printed:
    if len(text) > MAX_LINE_BYTES:
        return Printed(data={}, problem=f"its last line of JSON has more than {MAX_LINE_BYTES:,} bytes")
    try:
        data = json.loads(text, parse_float=Spelled, parse_int=Spelled, parse_constant=str)
    except (ValueError, RecursionError) as error:
        return Printed(data={}, problem=f"its last line of JSON cannot be read: {error}")
    return Printed(data=data)


def samples_of(printed: Printed, claim: Claim, metric: Metric | None, name: str, *, several: bool) -> list[str]:
    """Return the numbers of one claim.

    `name` is what `--key` gives, "" to look by claim, parameters and metric; `several` says that other claims with the
    same metric are recorded too. Raises `RefusedMeasurementError` where there are none, or they are not comparable.
    """
    if printed.problem:
        raise RefusedMeasurementError(printed.problem)
    table = _table(printed.data)
    key = name or next(_keys(table, claim, several=several), "")
    if key not in table:
        known = ", ".join(list(table)[:10]) or "none"
        wanted = f"no value called {name!r}" if name else f"no value for {claim.id} ({claim.metric or 'no metric'})"
        raise RefusedMeasurementError(
            f"the last line of JSON has {wanted}; it has {known}; name one with --key {claim.id}=NAME"
        )
    other = printed.data.get("metric")
    if isinstance(other, str) and claim.metric and other != claim.metric:
        raise RefusedMeasurementError(
            f"the metric differs: {other!r} was printed, {claim.id} is about {claim.metric!r}"
        )
    check_unit(claim, metric, _unit(printed.data.get("unit"), key))
    return list(_numbers(table[key], claim))


def check_unit(claim: Claim, metric: Metric | None, unit: str) -> None:
    """Raise `RefusedMeasurementError` where a unit is given and is not the claim's."""
    wanted = (claim.unit or (metric.unit if metric else "")).strip()
    if unit and wanted and unit.strip() != wanted:
        raise RefusedMeasurementError(
            f"the unit differs: {claim.id} is in {wanted!r}, the numbers in {unit!r}; convert them, nothing is converted here"
        )


def _table(data: Mapping[str, Any]) -> Mapping[str, Any]:
    for name in ("samples", "metrics"):
        if isinstance(data.get(name), Mapping):
            return {str(key): value for key, value in data[name].items()}
    if isinstance(data.get("samples"), list) and isinstance(data.get("metric"), str):
        return {str(data["metric"]): data["samples"]}
    return {str(key): value for key, value in data.items() if key not in ("unit", "environment", "metric")}


def _keys(table: Mapping[str, Any], claim: Claim, *, several: bool) -> Iterator[str]:
    """Yield the names under which the numbers of a claim may stand."""
    names = [claim.id, *(value for _, value in claim.parameters)]
    if not several:
        names.append(claim.metric)
    yield from (name for name in names if name and name in table)


def _unit(value: Any, key: str) -> str:
    found = value.get(key) if isinstance(value, Mapping) else value
    return found if isinstance(found, str) else ""


def _numbers(value: Any, claim: Claim) -> Iterator[str]:
    items = value if isinstance(value, list) else [value]
    if len(items) > MAX_SAMPLES:
        raise RefusedMeasurementError(
            f"{len(items):,} numbers for {claim.id}; at most {MAX_SAMPLES:,} can be recorded, as means say which"
        )
    if not items:
        raise RefusedMeasurementError(f"an empty list of numbers for {claim.id}")
    for item in items:
        if isinstance(item, bool) or not isinstance(item, str):
            raise RefusedMeasurementError(f"{json.dumps(item, default=str)[:60]} for {claim.id}, which is no number")
        yield item
