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
    ) -> Iterator[_Result]:
        """Do the work."""


def alone(
    function: Callable[[_Shared, Sequence[_Item]], _Result], shared: _Shared, items: Sequence[_Item], /
) -> Iterator[_Result]:
    """Do the work in this process."""
    for start in range(0, len(items), _TOGETHER):
        yield function(shared, items[start : start + _TOGETHER])
