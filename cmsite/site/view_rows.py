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


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeSection:
    """A section that an artifact's page has because of its type.

    `template` renders what stands under the heading from `values` and `base`, the relative way to the site's root;
    `anchor` is its id. With `first` it stands before the texts a person wrote, else behind them.
    """

    title: str
    anchor: str
    template: str
    values: Mapping[str, Any] = field(default_factory=dict)
    first: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DependencyRow:
    """A dependency: what selects it, what it resolves to (`state` says how), and when it applies."""

    selection: str
    kind: str
    state: str
    targets: Bounded
    when: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRow:
    """A file: `url` is its public page at the commit, "" where none is known."""

    path: str
    size: str
    url: str
    executable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    """A revision; `archive` is an address relative to the site's root, or a complete one, or "" without bytes."""

    name: str
    label: str
    tar_sha256: str
    archive_sha256: str
    archive: str
    is_complete: bool
    size: str
    date: str
    yanked: str


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
    """The meta as rows, what is too deep for a row, and its source text (cut, where `is_cut`) in `language`."""

    file: str
    rows: tuple[tuple[str, str], ...]
    left_out: int
    nested: tuple[str, ...]
    source: str
    language: str
    is_cut: bool
