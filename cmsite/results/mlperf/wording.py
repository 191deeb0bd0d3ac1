"""Rows and comparisons as lines for a terminal; foreign text is made printable by whoever prints them."""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import groupby

from cmsite.results.mlperf.allowances import Allowance
from cmsite.results.mlperf.comparing import Comparison, Outcome
from cmsite.results.mlperf.notices import NOTICE, PUBLISHED_NOTE, is_published
from cmsite.results.mlperf.values import Row, number
from cmsite.results.wording import decimal_text, signed_text

MAX_OTHERS = 10  # Of one own row that are printed; the exports have all.
MAX_PLACES = 5  # Of one reason why nothing is comparable; the exports have all.
_MAX_NAME = 48  # Characters of a name in a column.
_MILLION = 1_000_000


def row_lines(rows: Sequence[Row]) -> Iterator[str]:
    """Yield the rows by system, a line each under the words they share."""
    ordered = sorted(
        rows, key=lambda row: (_heading(row), str(row.get("MlperfModel", "")), str(row.get("Scenario", "")))
    )
    for heading, group in groupby(ordered, key=_heading):
        yield heading
        yield from _columns([_row_cells(row) for row in group], right=(2,))


def comparison_lines(compared: Sequence[Comparison], other: str, preset: Allowance) -> Iterator[str]:
    """Yield the comparisons by own row, then what is not comparable with its reason, then the counts."""
    yield f"Compared with {other}"
    for own, group in groupby((item for item in compared if item.other is not None), key=lambda item: id(item.own)):
        del own
        items = list(group)
        first = items[0]
        yield f"{first.terms.text}{f' · {first.unit}' if first.quantity == 'Accuracy' else ''}"
        yield f"  {_named(first.own)}: {amount(first.own.get(first.quantity))}"
        yield from (
            f"  {line}" for line in _columns([_other_cells(item, preset) for item in items[:MAX_OTHERS]], right=(1, 2))
        )
        if len(items) > MAX_OTHERS:
            yield f"    and {len(items) - MAX_OTHERS:,} more; --format csv has all"
    yield from _alone_lines([item for item in compared if item.other is None])
    yield _counts(compared)
    yield f"{preset.name}, {preset.text}: {preset.origin}"


def _alone_lines(alone: Sequence[Comparison]) -> Iterator[str]:
    """Yield each reason with the results it holds for."""
    places: dict[str, list[str]] = {}
    for item in alone:
        places.setdefault(item.reason, []).append(_place(item.own))
    if places:
        yield "Not comparable"
    for reason, found in places.items():
        yield f"  {reason}"
        yield from (f"    {place}" for place in found[:MAX_PLACES])
        if len(found) > MAX_PLACES:
            yield f"    and {len(found) - MAX_PLACES:,} more"


def ending(rows: Iterable[Row]) -> Iterator[str]:
    """Yield what must stand beside scores, each sentence once."""
    kinds = {is_published(row) for row in rows}
    if False in kinds:
        yield NOTICE
    if True in kinds:
        yield PUBLISHED_NOTE


def amount(value: object) -> str:
    """Return a number of a row with six significant digits, as the load generator prints it, or all of a whole one.

    >>> amount(87960), amount(0.304853), amount(1234567.8), amount(None)
    ('87,960', '0.304853', '1,234,568', '–')
    """
    found = number(value)
    if found is None:
        return "–"
    if abs(found) >= _MILLION or isinstance(found, int):
        return f"{found:,.0f}"
    return f"{found:,.6g}"


def percent(delta: Fraction) -> str:
    """Return a difference in percent, never rounded so far that it disappears.

    >>> percent(Fraction(1, 50)), percent(Fraction(-1, 10**6)), percent(Fraction(0))
    ('+2.00 %', '−0.0001 %', '0.00 %')
    """
    decimals = 2 if delta == 0 or abs(delta) >= Fraction(1, 10_000) else 4
    return f"{signed_text(delta, decimal_text(delta * 100, decimals))} %"


def _heading(row: Row) -> str:
    source = " (of loadgen)" if row.get("version_source") else ""
    version = f"{row['version']}{source}" if row.get("version") else "round not stated"
    names = [
        row.get("Division"),
        row.get("Organization"),
        row.get("Platform") or row.get("SystemName"),
        version,
        row.get("SystemType"),
    ]
    return " · ".join(_short(name) for name in names if name)


def _row_cells(row: Row) -> list[str]:
    marks = [str(row.get("validity") or "")]
    marks += [f"inferred from {row.get('measured_scenario') or 'another row'}"] if number(row.get("inferred")) else []
    errors = number(row.get("errors"))
    marks += [f"{errors:,} error{'s' * (errors != 1)} logged"] if errors else []
    power = f"{amount(row['Result_Power'])} {row.get('Result_Power_Units', '')}" if "Result_Power" in row else ""
    metric = row.get("Accuracy_Metric") or "accuracy"
    return [
        _short(row.get("MlperfModel") or row.get("Model") or "?"),
        _short(row.get("Scenario") or "?"),
        amount(row.get("Result")),
        _short(row.get("Result_Units") or ""),
        f"{metric} {amount(row['Accuracy'])}" if number(row.get("Accuracy")) is not None else "no accuracy",
        power,
        ", ".join(mark for mark in marks if mark),
        _status(row),
    ]


def _other_cells(item: Comparison, preset: Allowance) -> list[str]:
    other = item.other or {}
    if item.delta is None:
        return [_named(other), amount(other.get(item.quantity)), "", "", f"{item.outcome.value}: {item.reason}"]
    word = "inside" if item.outcome is Outcome.INSIDE else "outside"
    return [
        _named(other),
        amount(other.get(item.quantity)),
        percent(item.delta),
        item.direction,
        f"{word} {preset.text}",
    ]


def _named(row: Row) -> str:
    name = _short(row.get("SystemName") or row.get("Platform") or row.get("Location") or "?")
    return f"{name} ({_status(row)})"


def _status(row: Row) -> str:
    return f"published as {row['ID']}" if is_published(row) else "unverified"


def _place(row: Row) -> str:
    return str(
        row.get("Location")
        or f"{row.get('SystemName', '?')}, {row.get('MlperfModel', '?')}, {row.get('Scenario', '?')}"
    )


def _counts(compared: Sequence[Comparison]) -> str:
    counts = {outcome: sum(item.outcome is outcome for item in compared) for outcome in Outcome}
    parts = [f"{count:,} {outcome.value}" for outcome, count in counts.items() if count]
    return "; ".join(parts) or "nothing to compare"


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= _MAX_NAME else f"{text[: _MAX_NAME - 1]}…"


def _columns(lines: Sequence[Sequence[str]], right: tuple[int, ...] = ()) -> Iterator[str]:
    """Yield lines of cells as columns two blanks apart; a column that is empty in all lines is left out."""
    widths = [max((len(cell) for cell in column), default=0) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = [
            cell.rjust(width) if index in right else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(line, widths, strict=True))
            if width
        ]
        yield f"  {'  '.join(cells)}".rstrip()
