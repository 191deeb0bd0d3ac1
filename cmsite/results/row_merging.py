"""The blocks of all experiments of one table → rows, each once, with who holds it and which contradict each other.

Rows of one uid and equal content are one row; rows of one uid with other content are all kept. A row without a uid is
never the same as another. Source: facts/results.md §4 (31,389 uids in 48,515 rows, some repeated, some contradicting).
"""

import itertools
from array import array
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from cmsite.model.artifact import Artifact
from cmsite.results.row_blocks import MISSING, Codes, RowBlock, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBlock:
    """A block and the experiment it comes from."""

    artifact: Artifact
    block: RowBlock


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedRows:
    """The rows of a table as written, each once.

    `columns` maps each key to its codes over the kept rows; `kept_as` gives for every row that was read, block by
    block, the number of the kept row; `holders` the numbers of the blocks that hold a kept row, those of fewest rows
    first; `conflicts` are kept rows whose uid stands beside other content; `respelled` maps keys with blanks around
    them to the key they are counted as.
    """

    blocks: tuple[HeldBlock, ...]
    columns: dict[str, Codes]
    kept_as: "array[int]"
    holders: tuple[tuple[int, ...], ...]
    conflicts: frozenset[int]
    respelled: dict[str, str]

    @property
    def total(self) -> int:
        """Return the number of kept rows."""
        return len(self.holders)

    @property
    def read(self) -> int:
        """Return the number of rows that were read, repeated ones included."""
        return len(self.kept_as)

    @property
    def uids(self) -> int:
        """Return how many different uids the rows have."""
        found = self.columns.get("uid")
        return len(set(found.codes) - {MISSING}) if found else 0

    @property
    def conflicting_uids(self) -> int:
        """Return how many uids stand beside different contents."""
        found = self.columns.get("uid")
        return len({found.codes[row] for row in self.conflicts}) if found else 0

    def objects(self, key: str) -> list[Value]:
        """Return the value of a key in each kept row, None where it is missing or null."""
        found = self.columns.get(key)
        if found is None:
            return [None] * self.total
        values = [*found.values, None]
        return [values[code] for code in found.codes]


def merge(blocks: Sequence[HeldBlock]) -> MergedRows:
    """Join blocks, in the order of the catalogue."""
    columns, respelled = _joined(blocks)
    kept, kept_as = _distinct(columns)
    return MergedRows(
        blocks=tuple(blocks),
        columns={
            key: Codes(values=tuple(values), codes=array("i", map(codes.__getitem__, kept)))
            for key, (values, codes) in columns.items()
        },
        kept_as=kept_as,
        holders=_holders(blocks, kept_as, len(kept)),
        conflicts=_conflicts(columns, kept),
        respelled=respelled,
    )


_Columns = dict[str, "tuple[dict[Value, int], array[int]]"]


def _joined(blocks: Sequence[HeldBlock]) -> tuple[_Columns, dict[str, str]]:
    """Return each key with its distinct values and the codes of all rows."""
    columns: _Columns = {}
    total = 0
    for held in blocks:
        for key, found in held.block.columns.items():
            values, codes = columns.setdefault(key, ({}, array("i")))
            codes.extend([MISSING] * (total - len(codes)))
            mapping = [values.setdefault(value, len(values)) for value in found.values]
            mapping.append(MISSING)
            codes.extend([mapping[code] for code in found.codes])
        total += held.block.count
    for _, codes in columns.values():
        codes.extend([MISSING] * (total - len(codes)))
    return columns, _respelled(columns)


def _respelled(columns: _Columns) -> dict[str, str]:
    """Count keys with blanks as those without, unless a row has both; return what each of them counts as."""
    respelled = {}
    for key in list(columns):
        name = " ".join(key.split())
        if not name or name == key:
            continue
        if name in columns:
            (values, codes), (more, others) = columns[name], columns[key]
            said, more_said = _saying(values), _saying(more)
            if any(one in said and other in more_said for one, other in set(zip(codes, others, strict=True))):
                respelled[key] = key
                continue
            mapping = [values.setdefault(value, len(values)) for value in more]
            for row, code in enumerate(others):
                if code != MISSING and codes[row] not in said:
                    codes[row] = mapping[code]
            del columns[key]
        else:
            columns[name] = columns.pop(key)
        respelled[key] = name
    return respelled


def _distinct(columns: _Columns) -> "tuple[list[int], array[int]]":
    """Return the rows that are kept, and for every row the number of its kept one."""
    names = list(columns)
    place = names.index("uid") if "uid" in columns else None
    nameless = _nameless(columns)
    seen: dict[tuple[int, ...], int] = {}
    kept: list[int] = []
    kept_as = array("i")
    for number, row in enumerate(zip(*(codes for _, codes in columns.values()), strict=True)):
        has_uid = place is not None and row[place] not in nameless
        found = seen.setdefault(row, len(kept)) if has_uid else len(kept)
        if found == len(kept):
            kept.append(number)
        kept_as.append(found)
    return kept, kept_as


def _holders(blocks: Sequence[HeldBlock], kept_as: "array[int]", total: int) -> tuple[tuple[int, ...], ...]:
    """Return the numbers of the blocks that hold each kept row, those of fewest rows first."""
    holders: list[tuple[int, ...]] = [()] * total
    starts = list(itertools.accumulate((held.block.count for held in blocks), initial=0))
    for number in sorted(range(len(blocks)), key=lambda number: (blocks[number].block.count, number)):
        own = (number,)
        for row in set(kept_as[starts[number] : starts[number + 1]]):
            holders[row] += own
    return tuple(holders)


def _conflicts(columns: _Columns, kept: Sequence[int]) -> frozenset[int]:
    if "uid" not in columns:
        return frozenset()
    by_uid: defaultdict[int, list[int]] = defaultdict(list)
    codes, nameless = columns["uid"][1], _nameless(columns)
    for row, number in enumerate(kept):
        if codes[number] not in nameless:
            by_uid[codes[number]].append(row)
    return frozenset(row for rows in by_uid.values() if len(rows) > 1 for row in rows)


def _saying(values: dict[Value, int]) -> set[int]:
    """Return the codes of values that say something."""
    return {code for value, code in values.items() if value is not None and value != ""}


def _nameless(columns: _Columns) -> set[int]:
    """Return the codes of uids that name nothing."""
    values = columns["uid"][0] if "uid" in columns else {}
    return {MISSING, *(code for value, code in values.items() if value is None or value == "")}
