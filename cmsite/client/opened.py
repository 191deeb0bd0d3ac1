"""What was last read of an index, unpacked: a process that resolves thousands of names reads each file once.

Everything here was hashed when it was read. What was not used for longest makes room. Safe for several threads.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeVar

MAX_SIGNS = 8_000_000  # Of text; four parts of `all`, or 200 leaves.

_T = TypeVar("_T")


class Opened:
    """Values by what they were read from, up to a size together."""

    def __init__(self, max_signs: int = MAX_SIGNS) -> None:
        self._max_signs = max_signs
        self._signs = 0
        self._values: OrderedDict[Any, tuple[Any, int]] = OrderedDict()
        self._lock = threading.Lock()

    def __contains__(self, key: object) -> bool:
        return key in self._values

    def get(self, key: object, read: Callable[[], _T], size: Callable[[_T], int]) -> _T:
        """Return the value of a key, read now where it is not held; `size` says how much it takes."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                held: _T = self._values[key][0]
                return held
        value = read()
        signs = size(value)
        with self._lock:
            if key not in self._values:
                self._values[key] = (value, signs)
                self._signs += signs
            while self._signs > self._max_signs:
                self._signs -= self._values.popitem(last=False)[1][1]
        return value
