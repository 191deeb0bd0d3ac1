"""Work on several files at once: a bounded number of threads, results in order, the first failure raised."""

from collections.abc import Callable, Sequence
from typing import TypeVar

PARALLEL = 8  # Requests at once to one registry: more is impolite, and gains nothing on the servers measured.

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def in_threads(work: Callable[[_Item], _Result], items: Sequence[_Item]) -> tuple[_Result, ...]:
    """Return `work` of each item, in order; of several failures the one of the first item is raised.

    After a failure nothing more is begun. One item is done in this thread.
    """
    if len(items) <= 1:
        return tuple(map(work, items))
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(max_workers=min(PARALLEL, len(items)), thread_name_prefix="cmsite") as threads:
        begun = [threads.submit(work, item) for item in items]
        try:
            return tuple(result.result() for result in begun)
        except BaseException:
            threads.shutdown(wait=False, cancel_futures=True)
            raise
