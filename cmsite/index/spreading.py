"""How work over many items is done: here one after another; a publisher may hand in something with several processes."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

_Shared = TypeVar("_Shared")
_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

_TOGETHER = 256  # Items a call.


class Spread(Protocol):
    """Yields `function(shared, some items)` for all items, in order; `function` may run in another process."""

    def __call__(
        self,
        function: Callable[[_Shared, Sequence[_Item]], _Result],
        shared: _Shared,
        items: Sequence[_Item],
        /,
        *,
        heavy: bool = False,
    ) -> Iterator[_Result]:
        """Do the work; a `heavy` item is worth a call, and a process, for itself."""


def alone(
    function: Callable[[_Shared, Sequence[_Item]], _Result],
    shared: _Shared,
    items: Sequence[_Item],
    /,
    *,
    heavy: bool = False,
) -> Iterator[_Result]:
    """Do the work in this process."""
    size = 1 if heavy else _TOGETHER
    for start in range(0, len(items), size):
        yield function(shared, items[start : start + size])
