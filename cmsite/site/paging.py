"""Long lists in pages of a fixed size: addresses of the pages, which of them a page links to, and letters to jump to."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from cmsite.site.letters import first_places, title_of

T = TypeVar("T")

NEAR = 2  # Pages named on either side of the present one.
MIN_NAMES = 40  # A shorter list needs no letters.


@dataclass(frozen=True, slots=True, kw_only=True)
class Pager:
    """Where a page stands among the pages of its list; addresses are relative to the site's root, "" is none.

    `near` are the first, the last and the neighbouring pages as (number, address), 0 where some are left out between
    two; `letters` are (title, address with anchor) of every letter of the whole list, none for a short one.
    """

    number: int
    count: int
    previous: str
    following: str
    near: tuple[tuple[int, str], ...] = ()
    letters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """How one list is cut: `address_of` returns the address of a page by its number, which counts from 1.

    `places` tell at which item each letter begins; none where the list has no letters.
    """

    address_of: Callable[[int], str]
    size: int
    total: int
    places: tuple[tuple[str, int], ...] = ()

    @property
    def count(self) -> int:
        """Return the number of pages; an empty list has one."""
        return max(1, -(-self.total // self.size))

    def part(self, number: int) -> slice:
        """Return which items stand on a page."""
        return slice((number - 1) * self.size, number * self.size)

    def parts(self, number: int) -> Iterator[tuple[str, slice]]:
        """Yield the letters of a page, each with the items of the list below it; "" without letters."""
        page = self.part(number)
        starts = self.places or (("", 0),)
        ends = (*(place for _, place in starts[1:]), self.total)
        for (letter, start), end in zip(starts, ends, strict=True):
            first, last = max(start, page.start), min(end, page.stop)
            if first < last or not letter:
                yield letter, slice(first, last)

    def pager(self, number: int) -> Pager:
        """Return what a page shows of the others."""
        shown = sorted({1, self.count, *range(max(1, number - NEAR), min(self.count, number + NEAR) + 1)})
        near: list[tuple[int, str]] = []
        for page in shown:
            if near and page > near[-1][0] + 1:
                near.append((0, ""))
            near.append((page, self.address_of(page)))
        return Pager(
            number=number,
            count=self.count,
            previous=self.address_of(number - 1) if number > 1 else "",
            following=self.address_of(number + 1) if number < self.count else "",
            near=tuple(near),
            letters=tuple(
                (title_of(letter), f"{self.address_of(place // self.size + 1)}#{anchor_of(letter)}")
                for letter, place in self.places
            ),
        )


def paging_of(items: Sequence[T], name: Callable[[T], str], *, size: int, address_of: Callable[[int], str]) -> Paging:
    """Return the cut of a list that is sorted by the names of its items."""
    places = first_places(items, name) if len(items) >= MIN_NAMES else []
    return Paging(address_of=address_of, size=size, total=len(items), places=tuple(places) if len(places) > 1 else ())


def anchor_of(letter: str) -> str:
    """Return the id of the heading of a letter.

    >>> anchor_of("b")
    'letter-b'
    """
    return f"letter-{letter}"


def page_name(number: int) -> str:
    """Return the last part of a paged address; the first page has none.

    >>> page_name(1), page_name(2)
    ('', '2/')
    """
    return f"{number}/" if number > 1 else ""
