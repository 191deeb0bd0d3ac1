"""Count key comparisons and swaps of dual-pivot Quicksort on random permutations.

One sample is the count for one permutation of 0 .. length-1; permutation number s is drawn by Python's Mersenne
Twister with seed s, so every run on every machine counts the same.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from pathlib import Path


def main() -> int:
    """Sort the permutations, write the log and print the metrics as the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--algorithms", type=Path, required=True, help="the folder that holds sorting.py")
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--length", type=int, default=10_000)
    parser.add_argument("--repetitions", type=int, default=100)
    arguments = parser.parse_args()
    sys.path.insert(0, str(arguments.algorithms))
    from sorting import dual_pivot_quicksort

    lines = [
        f"dual-pivot Quicksort: {arguments.repetitions} random permutations of length {arguments.length}",
        f"python {sys.version.split()[0]}",
    ]
    samples: dict[str, list[int]] = {"comparisons": [], "swaps": []}
    for seed in range(arguments.repetitions):
        items = list(range(arguments.length))
        random.Random(seed).shuffle(items)
        comparisons, swaps = dual_pivot_quicksort(items)
        if items != list(range(arguments.length)):
            raise SystemExit(f"permutation {seed} was not sorted: the implementation is wrong")
        samples["comparisons"].append(comparisons)
        samples["swaps"].append(swaps)
        lines.append(f"permutation {seed}: comparisons {comparisons} swaps {swaps}")
    means = {name: sum(values) / len(values) for name, values in samples.items()}
    lines.append(f"mean: comparisons {means['comparisons']:.2f} swaps {means['swaps']:.2f}")
    lines.append(json.dumps({"samples": samples, "unit": {"comparisons": "comparisons", "swaps": "swaps"}}, sort_keys=True))
    arguments.log.parent.mkdir(parents=True, exist_ok=True)
    arguments.log.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
