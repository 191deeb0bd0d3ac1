"""Time Quicksort and merge sort on the same random items, in pairs.

One sample of the ratio is merge sort's seconds over Quicksort's for one list. The two programs take turns at going
first, so that a slow moment of the machine does not always hit the same one.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path


def seconds_of(sort: Callable[[list[int]], tuple[int, int]], items: list[int]) -> float:
    """Return the processor seconds that `sort` takes for a copy of `items`."""
    work = items[:]
    start_s = time.process_time()
    sort(work)
    elapsed_s = time.process_time() - start_s
    if work != sorted(items):
        raise SystemExit("the items were not sorted: the implementation is wrong")
    return elapsed_s


def main() -> int:
    """Time the pairs, write the log and print the metrics as the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--algorithms", type=Path, required=True, help="the folder that holds sorting.py")
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--length", type=int, default=1000)
    parser.add_argument("--repetitions", type=int, default=50)
    arguments = parser.parse_args()
    sys.path.insert(0, str(arguments.algorithms))
    from sorting import classic_quicksort, merge_sort

    lines = [
        f"Quicksort and merge sort: {arguments.repetitions} random lists of {arguments.length} items, processor time, in pairs",
        f"python {sys.version.split()[0]}",
    ]
    samples: dict[str, list[float]] = {"quicksort_s": [], "merge_s": [], "ratio": []}
    for seed in range(arguments.repetitions):
        generator = random.Random(seed)
        items = [generator.randrange(1 << 32) for _ in range(arguments.length)]
        if seed % 2:
            merge_s, quick_s = seconds_of(merge_sort, items), seconds_of(classic_quicksort, items)
        else:
            quick_s, merge_s = seconds_of(classic_quicksort, items), seconds_of(merge_sort, items)
        samples["quicksort_s"].append(round(quick_s, 6))
        samples["merge_s"].append(round(merge_s, 6))
        samples["ratio"].append(round(merge_s / quick_s, 4))
        lines.append(f"list {seed}: quicksort {quick_s:.6f} s merge {merge_s:.6f} s ratio {merge_s / quick_s:.4f}")
    lines.append(json.dumps({"samples": samples, "unit": {"quicksort_s": "s", "merge_s": "s", "ratio": "1"}}, sort_keys=True))
    arguments.log.parent.mkdir(parents=True, exist_ok=True)
    arguments.log.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
