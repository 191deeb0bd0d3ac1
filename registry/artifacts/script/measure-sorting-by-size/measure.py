"""Count comparisons of three sorting algorithms for random permutations of several lengths; one row a pair of both."""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import random
import sys
import time
from pathlib import Path

LENGTHS = (100, 300, 1000, 3000, 10_000, 30_000)
"""Lengths of the permutations, about evenly spaced on a logarithmic scale."""


def main() -> int:
    """Measure every pair and write the rows as CM's experiments hold them: a list of flat records."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--algorithms", type=Path, required=True, help="the folder that holds sorting.py")
    parser.add_argument("--machine", type=Path, required=True)
    parser.add_argument("--result", type=Path, required=True)
    parser.add_argument("--repetitions", type=int, default=20)
    arguments = parser.parse_args()
    sys.path.insert(0, str(arguments.algorithms))
    from sorting import ALGORITHMS

    machine = json.loads(arguments.machine.read_text(encoding="utf-8"))
    rows = []
    for name, sort in ALGORITHMS.items():
        for length in LENGTHS:
            counts, seconds = [], []
            for seed in range(arguments.repetitions):
                items = list(range(length))
                random.Random(seed).shuffle(items)
                start_s = time.process_time()
                counts.append(sort(items)[0])
                seconds.append(time.process_time() - start_s)
            mean = sum(counts) / len(counts)
            rows.append(
                {
                    "uid": hashlib.sha256(f"{name} {length}".encode()).hexdigest()[:16],
                    "algorithm": name,
                    "length": length,
                    "repetitions": arguments.repetitions,
                    "comparisons": round(mean, 2),
                    "comparisons_over_n_ln_n": round(mean / (length * math.log(length)), 4),
                    "time_s": round(sorted(seconds)[len(seconds) // 2], 6),
                    **machine,
                }
            )
    arguments.result.parent.mkdir(parents=True, exist_ok=True)
    arguments.result.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    print(json.dumps({"rows": len(rows)}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
