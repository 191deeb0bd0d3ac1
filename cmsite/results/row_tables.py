"""The tables of a catalogue: all rows of one suite of all experiments, in their order, with what is special about them.

Order: by group, measured before inferred, better before worse, then uid. The same order holds in pages, data and
exports. Source: facts/results.md §4; docs/experiments.md.
"""

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isclose

from cmsite.model.names import slug
from cmsite.results.compatible import COMPATIBLE, HELP, Compatible, shared_versions
from cmsite.results.experiment_groups import system_types
from cmsite.results.row_blocks import Codes, Value
from cmsite.results.row_columns import (
    DECLARED,
    GROUP,
    LINK_KEYS,
    TEXTS,
    Column,
    Declared,
    column_of,
    ends,
    first_values,
    other_columns,
    repeats,
)
from cmsite.results.row_marks import UNRANKED, Mark, fractions, marks_of, words
from cmsite.results.row_merging import HeldBlock, MergedRows, merge
from cmsite.results.row_origins import ORIGINS, Address, origin_columns
from cmsite.results.spellings import MAX_VALUES, Spelling, spellings
from cmsite.results.units import unit_of
from cmsite.results.web_address import written_address

SUITES: Mapping[str, str] = {"inference": "MLPerf inference", "training": "MLPerf training", "tiny": "MLPerf tiny"}
SAMPLES_OF_A_QUERY = (1, 8)
"""Samples of a query: 8 in the scenario MultiStream. Source: the rules of MLPerf inference, "Scenarios"."""
_EXACT = 1e-9  # Relative: what the order of two operations changes.
_ROUNDED = 0.006  # Points by which a hundredth that was rounded may differ from its accuracy.


@dataclass(frozen=True, slots=True, kw_only=True)
class RowTable:
    """One table: `columns` in the order of the chooser, all over the same rows in the table's order.

    `group` are the columns whose values rows share that may be compared; `rows` are the merged rows, `order` the number
    of the merged row that stands in each place; `marks` those of each place; `counts` how many rows have a mark;
    `compatible` are the declarations that put rows of several versions into one group; `spellings` are the odd values
    of columns by the name of the column.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    group: tuple[str, ...]
    rows: MergedRows
    order: tuple[int, ...]
    marks: tuple[int, ...]
    counts: Mapping[Mark, int] = field(default_factory=dict)
    compatible: tuple[Compatible, ...] = ()
    spellings: Mapping[str, tuple[Spelling, ...]] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """Return the number of rows."""
        return len(self.order)

    @property
    def is_mlperf(self) -> bool:
        """Return whether the rows are of a suite of MLPerf."""
        return self.name in SUITES

    @property
    def address(self) -> str:
        """Return the table's page, relative to the site's root."""
        return f"results/experiments/{self.name}/"

    def column(self, name: str) -> Column | None:
        """Return a column by its name."""
        return next((column for column in self.columns if column.name == name), None)

    def texts(self, name: str) -> list[str]:
        """Return the text of a column in each row, "" where the table has no such column."""
        found = self.column(name)
        return found.texts() if found else [""] * self.total

    def numbers(self, name: str) -> list[float | None]:
        """Return the number of a column in each row."""
        found = self.column(name)
        return found.numbers() if found else [None] * self.total


def tables_of(
    blocks: Iterable[HeldBlock], address: Address, compatible: Sequence[Compatible] = ()
) -> tuple[RowTable, ...]:
    """Return the tables of the catalogue: those of MLPerf's suites, then one for each repository with other rows."""
    by_name: defaultdict[str, list[HeldBlock]] = defaultdict(list)
    for held in blocks:
        by_name[table_name(held.block.suite, held.artifact.key.repository)].append(held)
    names = sorted(by_name, key=lambda name: (name not in SUITES, name))
    return tuple(
        _table(name, merge(by_name[name]), address, tuple(item for item in compatible if item.is_for(name)))
        for name in names
    )


def table_name(suite: str, repository: str) -> str:
    """Return the name of the table that holds the rows of a suite, or a repository's other rows.

    >>> table_name("tiny", "team"), table_name("", "Team")
    ('tiny', 'other-team-5985039f')
    """
    return suite if suite in SUITES else f"other-{slug(repository)}"


def _table(name: str, rows: MergedRows, address: Address, compatible: tuple[Compatible, ...]) -> RowTable:
    declared = _declared(rows)
    declared |= _compatible(declared, compatible, rows.total)
    columns = {column.name: column for found in declared.values() for column in found}
    origins = {column.name: column for column in origin_columns(rows, address)}
    keys = _free_keys(rows, {**columns, **origins})
    others = tuple(other_columns(keys, (*columns, COMPATIBLE, *ORIGINS, "Quality", "Marks")))
    table = replace(_empty(name, rows), columns=(*columns.values(), *others, *origins.values()))
    group = tuple(column for column in group_names(columns) if column in columns)
    group = group if name in SUITES else (*(("Experiments",) if table.column("Experiments") else ()), *group)
    table = replace(table, group=group)
    table = replace(table, spellings=_spellings((*columns.values(), *others)))
    marks = _marks(table)
    order = _order(table, marks)
    placed = tuple(marks[row] for row in order)
    return replace(
        table,
        columns=(*(column.taken(order) for column in table.columns), *_mark_columns(placed)),
        order=tuple(order),
        marks=placed,
        counts=_counts(placed),
        compatible=compatible if COMPATIBLE in columns else (),
    )


def group_names(columns: Container[str]) -> tuple[str, ...]:
    """Return the columns whose values rows of MLPerf share that may be compared, for a table with these columns."""
    return tuple(COMPATIBLE if name == "Version" and COMPATIBLE in columns else name for name in GROUP)


def _compatible(
    declared: Mapping[str, tuple[Column, ...]], compatible: Sequence[Compatible], total: int
) -> dict[str, tuple[Column, ...]]:
    """Return the column of compatible versions, where a row has one that is declared so."""
    texts = {
        name: declared[name][0].texts() if declared.get(name) else [""] * total for name in ("Benchmark", "Version")
    }
    found = shared_versions(compatible, texts["Benchmark"], texts["Version"])
    if found == texts["Version"]:
        return {}
    values: list[Value] = [text or None for text in found]
    return {COMPATIBLE: column_of(Declared(name=COMPATIBLE, help=HELP), values)}


def _empty(name: str, rows: MergedRows) -> RowTable:
    title = SUITES.get(name, "") or f"Other results of {rows.blocks[0].artifact.key.repository}"
    every = tuple(range(rows.total))
    return RowTable(name=name, title=title, columns=(), group=(), rows=rows, order=every, marks=(0,) * rows.total)


def _declared(rows: MergedRows) -> dict[str, tuple[Column, ...]]:
    """Return the columns that all suites have, those that hold something, in their order."""
    values: dict[str, list[Value]] = {}
    for about in DECLARED:
        present = [key for key in about.keys if key in rows.columns]
        if present:
            values[about.name] = first_values([rows.objects(key) for key in present])
    values |= _worked_out(rows, values)
    return {about.name: column_of(about, values[about.name]) for about in DECLARED if about.name in values}


def _worked_out(rows: MergedRows, values: Mapping[str, list[Value]]) -> dict[str, list[Value]]:
    """Return the declared columns that stand under no key of their own."""
    nothing: list[Value] = [None] * rows.total
    power, power_unit = rows.objects("Result_Power"), rows.objects("Result_Power_Units")
    units = values.get("Unit", nothing)
    kinds = [_quantity(unit) for unit in map(_first, power_unit, units)]
    throughput = [_quantity(unit) == "throughput" for unit in units]
    counts = [values.get(name, nothing) for name in ("Accelerators", "Nodes", "Cores", "Processors")]
    accelerators, nodes, cores, processors = counts
    found: dict[str, list[Value]] = {
        "Watts": [value if kind == "power" else None for value, kind in zip(power, kinds, strict=True)],
        "Millijoules": [value if kind == "energy" else None for value, kind in zip(power, kinds, strict=True)],
        "Accelerators in all": _products(throughput, accelerators, nodes),
        "Cores in all": _products(throughput, cores, processors, nodes),
    }
    if "has_power" in rows.columns:
        found["Power"] = ["with power" if value == "yes" else "without power" for value in rows.objects("has_power")]
    if "System type" in values:
        found["System type"] = [",".join(system_types(str(value or ""))) or None for value in values["System type"]]
    return found


def _first(one: Value, other: Value) -> Value:
    return one or other


def _quantity(unit: Value) -> str:
    known = unit_of(unit) if isinstance(unit, str) else None
    return known.quantity if known else ""


def _products(wanted: Sequence[bool], *factors: Sequence[Value]) -> list[Value]:
    """Return the product of counts where all are whole numbers above 0: no count, 0 or a text gives none."""
    found: list[Value] = []
    for is_wanted, *counts in zip(wanted, *factors, strict=True):
        product: int | None = 1
        for count in counts if is_wanted else (None,):
            product = product * count if product and isinstance(count, int) and count > 0 else None
        found.append(product)
    return found


def _free_keys(rows: MergedRows, columns: Mapping[str, Column]) -> dict[str, Codes]:
    """Return the keys that say something beside the declared columns."""
    used = {"uid", "SystemType", "has_power", "Result_Power_Units"}
    used |= {"Result_Power"} if _is_split(rows, columns) else set()
    owners: dict[str, str] = {}
    for about in DECLARED:
        for key in about.keys:
            owners.setdefault(key, about.name)
    present = {about.name: [key for key in about.keys if key in rows.columns] for about in DECLARED}
    models = set(columns["Model"].values) if "Model" in columns else set()
    free = {}
    for key, found in rows.columns.items():
        owner = owners.get(key) or owners.get(key.lstrip("_")) or ("Result" if key in models else "")
        owner = "Source" if key in LINK_KEYS else owner
        if owners.get(key) and present[owners[key]] == [key]:
            continue  # The column has nothing else.
        owned = [columns[name] for name in (owner, f"{owner}{TEXTS}") if name in columns]
        is_link = owner == "Source"
        if key in used or (owned and repeats(found, owned, spelled=written_address if is_link else str)):
            continue
        if key == "Accuracy_div_100" and _is_hundredth(found, columns.get("Accuracy")):
            continue
        if key == "Inference_per_Joule" and _is_per_energy(found, columns):
            continue
        if key == "Location" and "Source" in columns and ends(found, columns["Source"]):
            continue
        free[key] = found
    return free


def _is_split(rows: MergedRows, columns: Mapping[str, Column]) -> bool:
    """Return whether every power stands in one of the columns by unit."""
    names = [name for name in ("Watts", "Millijoules") if name in columns]
    taken = [False] * rows.total
    for name in names:
        taken = [has or code >= 0 for has, code in zip(taken, columns[name].codes, strict=True)]
    return all(has or value is None for has, value in zip(taken, rows.objects("Result_Power"), strict=True))


def _is_hundredth(found: Codes, accuracy: Column | None) -> bool:
    if accuracy is None:
        return False
    for ours, theirs in set(zip(found.codes, accuracy.codes, strict=True)):
        if ours < 0:
            continue
        value, whole = found.values[ours], accuracy.values[theirs] if theirs >= 0 else None
        if value is None:
            continue
        if isinstance(value, str) or whole is None or isinstance(whole, str) or abs(value * 100 - whole) > _ROUNDED:
            return False
    return True


def _is_per_energy(found: Codes, columns: Mapping[str, Column]) -> bool:
    """Return whether a key only says the samples of a query over its energy, or the result over the power."""
    nothing: list[float | None] = [None] * len(found.codes)
    energies, powers, results = (
        columns[name].numbers() if name in columns else nothing for name in ("Millijoules", "Watts", "Result")
    )
    for code, energy, power, result in zip(found.codes, energies, powers, results, strict=True):
        value = found.values[code] if code >= 0 else None
        if value is None:
            continue
        if energy:
            expected = [1000 * samples / energy for samples in SAMPLES_OF_A_QUERY]
        else:
            expected = [result / power] if power and result is not None else []
        if isinstance(value, str) or not any(isclose(value, other, rel_tol=_EXACT) for other in expected):
            return False
    return True


def _counts(marks: Sequence[int]) -> dict[Mark, int]:
    """Return how many rows have each mark."""
    found = Counter(marks)
    return {mark: sum(count for marks, count in found.items() if marks & mark.value) for mark in Mark}


def _marks(table: RowTable) -> list[int]:
    """Return the marks of the merged rows, in their order."""
    rows = table.rows
    texts = [column for column in table.columns if column.name.endswith(TEXTS)]
    accuracies, results = table.numbers("Accuracy"), table.numbers("Result")
    kinds = table.texts("Accuracy in")
    units = zip(rows.objects("Units"), rows.objects("Result_Units"), strict=True)
    return marks_of(
        rows.total,
        inferred=table.numbers("Inferred"),
        conflicts=rows.conflicts,
        text_numbers={row for column in texts for row, code in enumerate(column.codes) if code >= 0},
        units=units,
        fractions=fractions(accuracies, kinds),
        results=results if table.column("Result") else (),
        statuses=rows.objects("status"),
        validities=rows.objects("validity"),
        misspelled=_misspelled(table),
    )


def _spellings(columns: Iterable[Column]) -> dict[str, tuple[Spelling, ...]]:
    """Return the odd values of each column of texts that has some; where a row comes from is no spelling of anything."""
    found = {
        column.name: spellings(column.counts())
        for column in columns
        if not column.is_number and column.name != COMPATIBLE and len(column.values) <= MAX_VALUES
    }
    return {name: odd for name, odd in found.items() if odd}


def _misspelled(table: RowTable) -> set[int]:
    """Return the rows that have an odd value."""
    rows: set[int] = set()
    for name, odd in table.spellings.items():
        column = table.column(name)
        values = {item.value for item in odd}
        codes = {code for code, value in enumerate(column.values) if value in values} if column else set()
        rows.update(row for row, code in enumerate(column.codes if column else ()) if code in codes)
    return rows


def _mark_columns(marks: Sequence[int]) -> tuple[Column, ...]:
    """Return the marks as the bits that scripts read, and in words that filters find."""
    said: list[Value] = [", ".join(words(found)) for found in marks]
    in_words = column_of(Declared(name="Quality", help="What is special about a row, in words"), said)
    bits = column_of(Declared(name="Marks", is_number=True, help="What is special about a row, one bit each"), [*marks])
    return (*in_words, *bits)


def _order(table: RowTable, marks: Sequence[int]) -> list[int]:
    """Return the rows in the order of the table."""
    groups = list(zip(*(table.texts(name) for name in table.group), strict=True)) or [()] * table.total
    ranks = {group: number for number, group in enumerate(sorted(set(groups)))}
    results, uids = table.numbers("Result"), [str(uid or "") for uid in table.rows.objects("uid")]
    signs = {
        unit: -1.0 if (known := unit_of(unit)) is None or not known.lower_is_better else 1.0
        for unit in set(table.texts("Unit"))
    }
    keys = [
        (ranks[group], bool(mark & UNRANKED), result is None, signs[unit] * (result or 0.0), uid)
        for group, mark, result, unit, uid in zip(groups, marks, results, table.texts("Unit"), uids, strict=True)
    ]
    return sorted(range(table.total), key=keys.__getitem__)


def shares(texts: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """Return how many rows have each value, the largest first; "" is "not named"."""
    return tuple(sorted(Counter(text or "not named" for text in texts).items(), key=lambda item: (-item[1], item[0])))


def names_alike(texts: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Return the values that differ in nothing but case, such as `CTuning` and `cTuning`."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for text in set(texts):
        found[text.casefold()].add(text)
    return tuple(tuple(sorted(names)) for _, names in sorted(found.items()) if len(names) > 1)
