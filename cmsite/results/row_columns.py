"""The columns of a table of result rows: the ones every suite has, found under the keys of three schemas, and all others.

A column holds numbers or texts. A text where numbers are expected stands in the companion column `<name> (text)`. Keys
that repeat another column in every row are left out; every other key that says anything is a column of its own.
Source: facts/results.md §4.
"""

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from cmsite.results.row_blocks import MISSING, Codes, Value

MAX_COLUMNS = 400  # Of one table; what stands in most rows is kept.

_NONE = frozenset(("N/A", "n/a", "-"))
"""What the sources write for "none" in columns that all suites have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """A column that all suites have: the first of `keys` that has a value counts.

    `unit` names the column that holds the unit; `shown` says whether the table shows it at first.
    """

    name: str
    keys: tuple[str, ...] = ()
    is_number: bool = False
    unit: str = ""
    shown: bool = False
    lower_is_better: bool | None = None
    help: str = ""


DECLARED: tuple[Declared, ...] = (
    Declared(name="System", keys=("SystemName", "system", "System", "__System", "_System", "sut"), shown=True),
    Declared(name="Result", keys=("Result", "result", "median_throughput"), is_number=True, unit="Unit", shown=True),
    Declared(name="Unit", keys=("Result_Units", "Units", "median_throughput_metric", "unit"), shown=True),
    Declared(name="Submitter", keys=("Organization", "Submitter", "submitter", "__Organization"), shown=True),
    Declared(name="Accelerator", keys=("accelerator_model_name", "Accelerator"), shown=True),
    Declared(name="Benchmark", keys=("MlperfModel", "Benchmark", "benchmark"), shown=True, help="The model or task of the suite, with its accuracy target"),
    Declared(name="Model", keys=("Model", "Model_ID", "model"), help="The model that was run"),
    Declared(name="Scenario", keys=("Scenario", "scenario"), shown=True),
    Declared(name="Division", keys=("Division", "division"), shown=True),
    Declared(name="System type", keys=("SystemType",), help="A row of two types belongs to the groups of both"),
    Declared(name="Version", keys=("version", "Version", "__version"), shown=True),
    Declared(name="Accuracy", keys=("Accuracy", "accuracy", "accuracy_Top-1"), is_number=True, unit="Accuracy in"),
    Declared(name="Accuracy in", keys=("Accuracy_Metric", "accuracy_Top-1_metric")),
    Declared(name="Watts", is_number=True, lower_is_better=True, help="Mean power of the system while it was measured, where the row gives it in watts"),
    Declared(name="Millijoules", is_number=True, lower_is_better=True, help="Energy of one query, where the row gives it in millijoules"),
    Declared(name="Power", help="Whether power was measured: with power means another run, so the two are not compared"),
    Declared(name="Accelerators", keys=("accelerators_per_node", "accelerators_count"), is_number=True, help="In each node; in all where the suite counts them so"),
    Declared(name="Accelerators in all", is_number=True, help="Accelerators of all nodes, only for a throughput and a count above 0"),
    Declared(name="Nodes", keys=("number_of_nodes",), is_number=True),
    Declared(name="Processor", keys=("host_processor_model_name", "Processor(s) Name")),
    Declared(name="Processors", keys=("host_processors_per_node", "host_processors_count", "Number of Processor(s)"), is_number=True, help="In each node; in all where the suite counts them so"),
    Declared(name="Cores", keys=("host_processor_core_count",), is_number=True, help="Of one processor"),
    Declared(name="Cores in all", is_number=True, help="Cores of all processors of all nodes, only for a throughput and counts above 0"),
    Declared(name="Availability", keys=("Availability", "availability", "Status")),
    Declared(name="Framework", keys=("framework", "Inference Framework")),
    Declared(name="Operating system", keys=("operating_system", "Operating System")),
    Declared(name="Notes", keys=("notes",)),
    Declared(name="Inferred", keys=("inferred",), is_number=True, help="1 where the value was worked out from another row instead of measured"),
)  # fmt: skip
TEXTS = " (text)"
"""How the name of a column ends that holds the texts of a column of numbers."""
LINK_KEYS = ("details_url", "url", "git_url")
"""Keys that say where a row comes from."""

GROUP = ("Benchmark", "Version", "Scenario", "Division", "System type", "Unit", "Power")
"""Rows may be compared that are equal in all of these. Source: facts/results.md §4 (comparable group)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table: distinct values in order, and for each row the number of its value or `MISSING`.

    `is_number` says which it holds; `unit` names the column of its unit, `help` says what it is; `lower_is_better`
    where that does not depend on the unit.
    """

    name: str
    is_number: bool
    values: tuple[str | int | float, ...]
    codes: "array[int]"
    unit: str = ""
    shown: bool = False
    lower_is_better: bool | None = None
    help: str = ""

    def texts(self) -> list[str]:
        """Return the text of each row, "" where it has none."""
        values = [*map(str, self.values), ""]
        return [values[code] for code in self.codes]

    def numbers(self) -> list[float | None]:
        """Return the number of each row, None where it has none; texts are no numbers."""
        values: list[float | None] = [
            *(None if isinstance(value, str) else float(value) for value in self.values),
            None,
        ]
        return [values[code] for code in self.codes]

    def counts(self) -> dict[str, int]:
        """Return how many rows have each text, in the order of the values."""
        found = Counter(self.codes)
        return {str(value): found[code] for code, value in enumerate(self.values)}

    def taken(self, rows: Sequence[int]) -> "Column":
        """Return the column over some of the rows, in the order given, without values that none of them has."""
        codes = array("i", map(self.codes.__getitem__, rows))
        return _column(self, self.values, codes)


def first_values(columns: Sequence[list[Value]]) -> list[Value]:
    """Return for each row the first value of several columns that says anything."""
    if len(columns) == 1:
        return [None if value == "" or value in _NONE else value for value in columns[0]]
    return [
        next((value for value in row if value is not None and value != "" and value not in _NONE), None)
        for row in zip(*columns, strict=True)
    ]


def column_of(declared: Declared, found: Sequence[Value]) -> tuple[Column, ...]:
    """Return a declared column from the value of each row, and its companion where texts stand among numbers."""
    numbers = {value: number for number, value in enumerate(dict.fromkeys(found))}
    return split(declared, Codes(values=tuple(numbers), codes=array("i", map(numbers.__getitem__, found))))


def split(declared: Declared, found: Codes) -> tuple[Column, ...]:
    """Return the columns that hold the values of a key: numbers, and texts where there are some among them.

    A declared number stays one whatever the rows hold; other keys are texts where most of their rows are.
    """
    counts = Counter(found.codes)
    in_rows = {bool: 0, str: 0}
    for number, value in enumerate(found.values):
        if value is not None and value != "":
            in_rows[str if isinstance(value, str) else bool] += counts[number]
    if not any(in_rows.values()):
        return ()
    if not declared.is_number and in_rows[str] > in_rows[bool]:
        return (_column(declared, tuple("" if v is None else _text(v) for v in found.values), found.codes),)
    numbers = _column(
        declared, tuple("" if isinstance(v, str) or v is None else v for v in found.values), found.codes, is_number=True
    )
    if not in_rows[str]:
        return (numbers,)
    companion = Declared(name=f"{declared.name}{TEXTS}", help=f"{declared.name} where it is a text instead of a number")
    texts = tuple(v if isinstance(v, str) else "" for v in found.values)
    return (numbers, _column(companion, texts, found.codes))


def _text(value: str | float) -> str:
    return value if isinstance(value, str) else repr(value)


def _column(
    about: "Declared | Column",
    values: Sequence[str | int | float],
    codes: "array[int]",
    *,
    is_number: bool | None = None,
) -> Column:
    """Return a column with its values in order; "" is no value."""
    used = set(codes)
    kept = sorted({value for number, value in enumerate(values) if number in used and value != ""})
    place = {value: number for number, value in enumerate(kept)}
    mapping = [place.get(value, MISSING) for value in values]
    mapping.append(MISSING)
    return Column(
        name=about.name,
        is_number=isinstance(about, Column) and about.is_number if is_number is None else is_number,
        values=tuple(kept),
        codes=array("i", map(mapping.__getitem__, codes)),
        unit=about.unit,
        shown=about.shown,
        lower_is_better=about.lower_is_better,
        help=about.help,
    )


def repeats(found: Codes, columns: Sequence[Column], *, spelled: Callable[[str], str] = str) -> bool:
    """Return whether a key says nothing beside a declared column and its companion: the values are equal, or nothing.

    `spelled` is how the column spells a text of the key.
    """
    for ours, *theirs in set(zip(found.codes, *(column.codes for column in columns), strict=True)):
        value = found.values[ours] if ours != MISSING else None
        if value is None or value == "" or (isinstance(value, str) and value in _NONE):
            continue
        wanted = spelled(value) if isinstance(value, str) else value
        if not any(
            code != MISSING and column.values[code] == wanted for column, code in zip(columns, theirs, strict=True)
        ):
            return False
    return True


def ends(found: Codes, column: Column) -> bool:
    """Return whether every text of a key is the end of the column's."""
    return all(
        theirs != MISSING and str(column.values[theirs]).endswith(str(found.values[ours]))
        for ours, theirs in set(zip(found.codes, column.codes, strict=True))
        if ours != MISSING and found.values[ours]
    )


def other_columns(keys: Mapping[str, Codes], taken: Iterable[str]) -> Iterator[Column]:
    """Yield a column for each key, by name; what stands in most rows where they are more than `MAX_COLUMNS`."""
    names = set(taken)
    filled = sorted(keys, key=lambda key: (sum(code != MISSING for code in keys[key].codes), key), reverse=True)
    for key in sorted(filled[:MAX_COLUMNS]):
        name = key if key not in names else f"{key} (key)"
        while name in names:
            name += " "
        names.add(name)
        for column in split(Declared(name=name, help="As the files call it"), keys[key]):
            names.add(column.name)
            yield column
