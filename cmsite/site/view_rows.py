"""What tables and lists of a page consist of: strings, and tuples of strings, in the order in which they are shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

FORMAT_NAMES = {"cm": "CM", "ck": "CK", "mlc": "MLC", "notebook": "Notebook", "image": "Image", "plain": "Plain"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Words and where they lead: `address` relative to the site's root; "" is no link."""

    text: str
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounded:
    """The first of many rows; `left_out` is how many more there are."""

    rows: tuple[Any, ...] = ()
    left_out: int = 0

    def __len__(self) -> int:
        return len(self.rows) + self.left_out


def bounded(rows: Sequence[Any], limit: int) -> Bounded:
    """Return the first rows, and how many follow."""
    return Bounded(rows=tuple(rows[:limit]), left_out=max(0, len(rows) - limit))


def fitting(rows: Sequence[tuple[Any, ...]], limit: int, characters: int, markup: int) -> Bounded:
    """Return the first rows, at most `limit`, whose texts and `markup` characters a row fit into `characters`.

    What a list may take of a page's weight depends on its texts, not on how many there are; the first always fits.

    >>> fitting([("a" * 10, True), ("b" * 10, True), ("c", False)], 5, 30, 5)
    Bounded(rows=(('aaaaaaaaaa', True), ('bbbbbbbbbb', True)), left_out=1)
    """
    end, used = 0, 0
    for row in rows[:limit]:
        used += markup
        for item in row:
            if type(item) is str:
                used += len(item)
        if used > characters and end:
            break
        end += 1
    return Bounded(rows=tuple(rows[:end]), left_out=len(rows) - end)


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeSection:
    """A section that an artifact's page has because of its type.

    `template` renders what stands under the heading from `values` and `base`, the relative way to the site's root;
    `anchor` is its id. With `first` it stands before the texts a person wrote, else behind them. `covers` are the keys
    of the meta it shows: the table of the metadata leaves them out.
    """

    title: str
    anchor: str
    template: str
    values: Mapping[str, Any] = field(default_factory=dict)
    first: bool = False
    covers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRow:
    """A finding of the checks at a place in a file."""

    severity: str
    code: str
    place: str
    message: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MetaView:
    """The meta as rows, what is too deep for a row, and its source text, "" where that is too long for a page.

    `size` is the file's and `url` its public page, "" where none is known.
    """

    file: str
    rows: tuple[tuple[str, str], ...]
    left_out: int
    nested: str
    source: str
    size: str
    url: str
