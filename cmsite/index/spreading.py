"""How work over many items is done: here one after another; a publisher may hand in something with several processes."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Protocol, TypeVar

_Shared = TypeVar("_Shared")
_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

_TOGETHER = 256  # Items a call.


class Spread(Protocol):
    """Does work over many items; functions may run in other processes, results come in the order of the items."""

    def __call__(
        self,
        function: Callable[[_Shared, Sequence[_Item]], _Result],
        shared: _Shared,
        items: Sequence[_Item],
        /,
        *,
        heavy: bool = False,
    ) -> Iterator[_Result]:
        """Yield `function(shared, some items)` for all items; a `heavy` item is worth a process for itself."""

    def stream(self, function: Callable[[Sequence[_Item]], _Result], items: Iterable[_Item], /) -> Iterator[_Result]:
        """Yield `function(some items)` for all items, of which no more than a few thousand are held at once."""


class _Alone:
    def __call__(
        self,
        function: Callable[[_Shared, Sequence[_Item]], _Result],
        shared: _Shared,
        items: Sequence[_Item],
        /,
        *,
        heavy: bool = False,
    ) -> Iterator[_Result]:
        size = 1 if heavy else _TOGETHER
        for start in range(0, len(items), size):
            yield function(shared, items[start : start + size])

    def stream(self, function: Callable[[Sequence[_Item]], _Result], items: Iterable[_Item], /) -> Iterator[_Result]:
        return map(function, batches(items, _TOGETHER))


# Does all work in this process.
alone: Spread = _Alone()


def batches(items: Iterable[_Item], size: int) -> Iterator[list[_Item]]:
    """Yield consecutive items, `size` at a time.

    >>> list(batches("abc", 2))
    [['a', 'b'], ['c']]
    """
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some
