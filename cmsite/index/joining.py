"""Documents → the lists of all their keys: made for some documents at a time, then joined for some keys at a time.

Both steps may run in several processes. What they hand on is packed into few blocks, since millions of small objects
would cost more time and memory on their way than the work itself.
"""

import marshal
from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

from cmsite.index.catalogue import Documents
from cmsite.index.documents import keys_of
from cmsite.index.postings import LEVELS, Part, Postings
from cmsite.index.spreading import Spread

_DOCUMENTS_AT_ONCE = 1 << 15  # Their lists take about 60 MB before they are packed.
_LEAST_AT_ONCE = 1 << 10
_STEPS = 8  # Into which the documents of a small catalogue are divided.
_DOCUMENTS_A_PART = 1 << 14
_SAMPLE = 1_000  # Documents whose keys tell where the parts are cut; this decides on time, not on what comes out.

# The lists of some documents for some keys, by marshal, for each level: the keys, how many documents each has, these.
_Packed = bytes


class _Work(NamedTuple):
    documents: Documents
    order: Sequence[int]
    cuts: Sequence[str]  # The first key of each part but the first.


def joined(documents: Documents, order: Sequence[int], spread: Spread) -> Postings:
    """Return the lists of the documents, which are numbered by their places in `order`.

    `documents` is read before the first list is joined, and forgotten then.
    """
    count = len(order)
    size = min(_DOCUMENTS_AT_ONCE, max(_LEAST_AT_ONCE, -(-count // _STEPS)))
    ranges = [range(start, min(count, start + size)) for start in range(0, count, size)]
    work = _Work(documents, order, _cuts(documents, order))
    packed = list(chain.from_iterable(spread(_listed, work, ranges, heavy=True)))
    documents.forget()
    parts = spread(_parts, packed, range(len(work.cuts) + 1), heavy=True)
    return Postings(chain.from_iterable(parts))


def _cuts(documents: Documents, order: Sequence[int]) -> list[str]:
    parts = -(-len(order) // _DOCUMENTS_A_PART)
    if parts <= 1:
        return []
    some = order[:: max(1, len(order) // _SAMPLE)]
    keys = sorted({key for document in some for key in keys_of(documents.records(document))})
    return [keys[len(keys) * part // parts] for part in range(1, parts)]


def _listed(work: _Work, ranges: Sequence[range]) -> list[list[_Packed]]:
    """Return the lists of each range of documents, cut into parts of the keys."""
    return [_cut(_lists(work, numbers), work.cuts) for numbers in ranges]


def _lists(work: _Work, numbers: range) -> dict[int, dict[str, list[int]]]:
    documents, order, _ = work
    lists: dict[int, dict[str, list[int]]] = {level: defaultdict(list) for level in LEVELS}
    for number in numbers:
        for key, level in keys_of(documents.records(order[number])).items():
            lists[level][key].append(number)
    return lists


def _cut(lists: dict[int, dict[str, list[int]]], cuts: Sequence[str]) -> list[_Packed]:
    parts: list[list[tuple[list[str], bytes, bytes]]] = [[] for _ in range(len(cuts) + 1)]
    for level in LEVELS:
        found = lists.pop(level)
        keys = sorted(found)
        bounds = [0, *(bisect_left(keys, cut) for cut in cuts), len(keys)]
        for part, start, end in zip(parts, bounds, bounds[1:], strict=False):
            some = keys[start:end]
            numbers = [found[key] for key in some]
            counts = array("I", map(len, numbers))
            part.append((some, counts.tobytes(), array("I", chain.from_iterable(numbers)).tobytes()))
    return [marshal.dumps(part) for part in parts]


def _parts(packed: Sequence[Sequence[_Packed]], numbers: Sequence[int]) -> list[Part]:
    return [_part([parts[number] for parts in packed]) for number in numbers]


def _part(packed: Sequence[_Packed]) -> Part:
    """Return the joined lists of one part of the keys; those of consecutive documents come one after another."""
    found: dict[int, dict[str, list[bytes]]] = {level: defaultdict(list) for level in LEVELS}
    for some in packed:
        for level, (keys, counts, numbers) in zip(LEVELS, marshal.loads(some), strict=True):  # noqa: S302 - our own.
            lists = found[level]
            start = 0
            for key, count in zip(keys, array("I", counts), strict=True):
                end = start + 4 * count
                lists[key].append(numbers[start:end])
                start = end
    keys = sorted(set().union(*found.values()))
    encoded = [key.encode("utf-8") for key in keys]
    nothing: list[bytes] = []
    counts, numbers = {}, {}
    for level in LEVELS:
        in_order = [found[level].get(key, nothing) for key in keys]
        counts[level] = array("I", (sum(map(len, some)) // 4 for some in in_order)).tobytes()
        numbers[level] = b"".join(chain.from_iterable(in_order))
    return Part(text=b"".join(encoded), sizes=array("I", map(len, encoded)).tobytes(), counts=counts, numbers=numbers)
