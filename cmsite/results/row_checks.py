"""The findings about rows of experiments: one for each file and kind, with the lines of the first rows.

Source: facts/results.md §4 (what real data holds), §7; DESIGN §5.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from cmsite.diagnostics import Diagnostic, Place, Severity
from cmsite.model.artifact import Artifact
from cmsite.results.codes import RESULT_CODES
from cmsite.results.fields import shown
from cmsite.results.row_blocks import ExperimentRows, FileProblem
from cmsite.results.row_columns import TEXTS
from cmsite.results.row_doubts import fractions_of_a_benchmark, lacking, rows_of_power
from cmsite.results.row_marks import Mark
from cmsite.results.row_merging import HeldBlock
from cmsite.results.row_tables import RowTable, names_alike
from cmsite.results.units import unit_of

MAX_LINES = 3  # Lines of a file that one finding names.
MAX_NAMES = 10
MAX_SPELLINGS = 50  # Of one table.

_CODES: dict[Mark, tuple[str, str, str]] = {
    Mark.CONFLICT: (
        "CM511",
        "share the uid of a row that says something else",
        "give each row its own uid, or correct the one that is wrong; pages show and mark all of them",
    ),
    Mark.FRACTION: (
        "CM512",
        "have an accuracy of 1 or less where others of the benchmark are percents",
        "write percents in every row, or fractions in every row",
    ),
    Mark.TEXT_NUMBER: (
        "CM513",
        "hold a text where a number is expected",
        "write a number; what explains it belongs into a key of its own",
    ),
    Mark.UNIT_DIFFERS: ("CM514", "name two different units", "let Units and Result_Units agree"),
    Mark.NO_RESULT: ("CM515", "have no result", "leave the row out, or write the result that was measured"),
    Mark.INFERRED: (
        "CM516",
        "are inferred from other rows, not measured",
        "nothing needs to be done; rankings and fronts leave them out",
    ),
}
_SINGULAR = {"have": "has", "are": "is"}


def check_rows(tables: Iterable[RowTable]) -> Iterator[Diagnostic]:
    """Yield the findings about the rows of all tables."""
    for table in tables:
        yield from _marked(table)
        yield from _respelled(table)
        yield from _alike(table)
        yield from _spelled(table)
        yield from _without_direction(table)


def check_files(found: Iterable[tuple[Artifact, ExperimentRows]]) -> Iterator[Diagnostic]:
    """Yield the findings about result files that were not read, or not whole."""
    for artifact, rows in found:
        for problem in rows.problems:
            yield _unread(artifact, problem)


def _unread(artifact: Artifact, problem: FileProblem) -> Diagnostic:
    return _finding(
        "CM510",
        artifact,
        problem.file,
        f"not read as results, or not whole: {problem.message}",
        "correct the JSON, or cut the file into several points",
    )


def _finding(code: str, artifact: Artifact, path: str, message: str, hint: str, line: int = 0) -> Diagnostic:
    return Diagnostic(
        code=code,
        severity=RESULT_CODES[code].severity,
        repository=artifact.key.repository,
        path=path,
        message=message,
        place=Place(line=line, column=1) if line else None,
        hint=hint,
    )


def _marked(table: RowTable) -> Iterator[Diagnostic]:
    """Yield a finding for each file and mark, and one for the rows that merely lack what others of their uid have."""
    mark_of = dict(zip(table.order, table.marks, strict=True))
    texts = _text_columns(table)
    less = lacking(table.rows)
    silent = _silent(table) | {Mark.CONFLICT: set(less)}
    kinds = {marks: [mark for mark in Mark if marks & mark.value] for marks in set(table.marks)}
    start = 0
    for held in table.rows.blocks:
        lines: defaultdict[Mark, list[int]] = defaultdict(list)
        named: set[str] = set()
        less_lines: list[int] = []
        keys: set[str] = set()
        for row, line in zip(table.rows.kept_as[start : start + held.block.count], held.block.lines, strict=True):
            for mark in kinds[mark_of[row]]:
                if row not in silent.get(mark, ()):
                    lines[mark].append(line)
            named.update(texts.get(row, ()))
            if row in less:
                less_lines.append(line)
                keys.update(less[row])
        start += held.block.count
        for mark, found in lines.items():
            if mark not in _CODES:  # What a row says of itself is no finding about it.
                continue
            code, what, hint = _CODES[mark]
            message = f"{_rows(found)} {what if len(found) > 1 else _singular(what)}"
            if mark is Mark.TEXT_NUMBER:
                message += f": {', '.join(sorted(named)[:MAX_NAMES])}"
            yield _finding(code, held.artifact, held.block.file, message, hint, found[0])
        if less_lines:
            yield _lacking(held, less_lines, sorted(keys))


def _silent(table: RowTable) -> dict[Mark, set[int]]:
    """Return for marks the merged rows in which they are no finding."""
    marked = {row for row, marks in zip(table.order, table.marks, strict=True) if marks & Mark.FRACTION}
    return {
        Mark.FRACTION: marked - fractions_of_a_benchmark(table),
        Mark.NO_RESULT: rows_of_power(table.rows),
    }


def _lacking(held: HeldBlock, lines: list[int], keys: list[str]) -> Diagnostic:
    """Return the note about rows of which a copy with the same uid says more, or less."""
    verb = "share" if len(lines) > 1 else "shares"
    keys_named = f"{', '.join(keys[:MAX_NAMES])}{' …' if len(keys) > MAX_NAMES else ''}"
    message = (
        f"{_rows(lines)} {verb} the uid of a row that is equal but for a value that one of them lacks: {keys_named}"
    )
    hint = "write the value in every copy, or in none; pages show and mark all of them"
    found = _finding("CM511", held.artifact, held.block.file, message, hint, lines[0])
    return replace(found, severity=Severity.NOTE)


def _text_columns(table: RowTable) -> dict[int, list[str]]:
    """Return for merged rows the columns of numbers in which they have a text."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    for column in table.columns:
        name = column.name.removesuffix(TEXTS)
        for row, code in zip(table.order, column.codes if name != column.name else (), strict=False):
            if code >= 0:
                found[row].append(name)
    return found


def _rows(lines: list[int]) -> str:
    """Return how many rows there are and the lines of the first.

    >>> _rows([2, 40, 78, 116])
    '4 rows (lines 2, 40, 78 and 1 more)'
    """
    named = ", ".join(map(str, lines[:MAX_LINES]))
    more = f" and {len(lines) - MAX_LINES:,} more" if len(lines) > MAX_LINES else ""
    return f"1 row (line {named})" if len(lines) == 1 else f"{len(lines):,} rows (lines {named}{more})"


def _singular(words: str) -> str:
    verb, _, rest = words.partition(" ")
    return f"{_SINGULAR.get(verb, f'{verb}s')} {rest}"


def _respelled(table: RowTable) -> Iterator[Diagnostic]:
    """Yield a finding for the first file of each key that has blanks around it."""
    for written, key in sorted(table.rows.respelled.items()):
        holders = [held for held in table.rows.blocks if written in held.block.columns]
        more = f", and in {len(holders) - 1:,} more files" if len(holders) > 1 else ""
        what = f"counts as {key!r}" if key != written else "is kept apart, since rows have the key without them too"
        message = f"the key {written!r} has blanks that do not belong to it; it {what}{more}"
        yield _finding(
            "CM517", holders[0].artifact, holders[0].block.file, message, "write the key without blanks around it"
        )


def _alike(table: RowTable) -> Iterator[Diagnostic]:
    """Yield a finding for the names of submitters that differ in case only, at the first file with the second one."""
    submitters = table.texts("Submitter")
    for names in names_alike(submitters)[:MAX_NAMES]:
        counts = {name: submitters.count(name) for name in names}
        rare = min(counts, key=lambda name: (counts[name], name))
        row = table.order[submitters.index(rare)]
        held = table.rows.blocks[table.rows.holders[row][0]]
        said = " and ".join(f"{name!r} ({_count(counts[name])})" for name in names)
        message = f"the submitters {said} differ in nothing but case; they are kept apart"
        yield _finding("CM518", held.artifact, held.block.file, message, "write the name in one way")


def _spelled(table: RowTable) -> Iterator[Diagnostic]:
    """Yield a finding for each value that looks like another spelling, at the first file that has it."""
    found = [
        (name, item)
        for name, items in table.spellings.items()
        for item in items
        if name != "Submitter" or item.value.casefold() != item.usual.casefold()  # Of these `_alike` tells.
    ]
    for number, (name, item) in enumerate(found[:MAX_SPELLINGS], 1):
        left = len(found) - MAX_SPELLINGS if number == MAX_SPELLINGS else 0
        column = table.column(name)
        if column is None:
            continue
        row = table.order[column.codes.index(column.values.index(item.value))]
        held = table.rows.blocks[table.rows.holders[row][0]]
        message = (
            f"{name} {item.value!r} ({_count(item.rows)}) looks like another spelling of {item.usual!r} "
            f"({_count(item.usual_rows)}); they are kept apart"
            + (f"; the table has {left:,} more such values" if left > 0 else "")
        )
        yield _finding(
            "CM518", held.artifact, held.block.file, message, "write the value in one way, or leave it if it is another"
        )


def _without_direction(table: RowTable) -> Iterator[Diagnostic]:
    """Yield a finding for each unit of results of which no direction is known, at the first file with it."""
    found: dict[str, list[int]] = {}
    known: dict[str, bool] = {}
    for row, unit, result in zip(table.order, table.texts("Unit"), table.numbers("Result"), strict=True):
        if unit not in known:
            known[unit] = unit_of(unit) is not None
        if result is not None and not known[unit]:
            found.setdefault(unit, []).append(row)
    for unit, rows in sorted(found.items())[:MAX_NAMES]:
        held = table.rows.blocks[table.rows.holders[min(rows)][0]]
        what = (
            f"a result in {shown(unit)}, of which it is not known"
            if unit
            else "a result without a unit, so it is not known"
        )
        message = f"{_count(len(rows))} {'has' if len(rows) == 1 else 'have'} {what} whether more or less is better"
        hint = "name a unit such as 'Samples/s' or 'Latency (ms)' in `Units` or `Result_Units`"
        yield _finding("CM527", held.artifact, held.block.file, message, hint)


def _count(rows: int) -> str:
    return "1 row" if rows == 1 else f"{rows:,} rows"
