"""Leave-one-out accuracy of k nearest neighbours on the wine data for several k, raw and z-transformed."""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
from pathlib import Path

import numpy as np
from sklearn.model_selection import LeaveOneOut, cross_val_score
from sklearn.neighbors import KNeighborsClassifier

NEIGHBOURS = (1, 3, 5, 7, 11, 15, 21)
"""Odd numbers of neighbours."""


def main() -> int:
    """Measure every pair of k and scaling and write the rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--csv", type=Path, required=True)
    parser.add_argument("--machine", type=Path, required=True)
    parser.add_argument("--result", type=Path, required=True)
    arguments = parser.parse_args()
    with arguments.csv.open(encoding="utf-8", newline="") as stream:
        table = np.array(list(csv.reader(stream))[1:], dtype=float)
    raw, classes = table[:, :-1], table[:, -1].astype(int)
    versions = {"raw": raw, "z-transform": (raw - raw.mean(axis=0)) / raw.std(axis=0)}
    machine = json.loads(arguments.machine.read_text(encoding="utf-8"))
    rows = []
    for scaling, cases in versions.items():
        for count in NEIGHBOURS:
            right = cross_val_score(KNeighborsClassifier(count), cases, classes, cv=LeaveOneOut())
            rows.append(
                {
                    "uid": hashlib.sha256(f"{scaling} {count}".encode()).hexdigest()[:16],
                    "dataset": "wine",
                    "scaling": scaling,
                    "neighbours": count,
                    "Accuracy": round(100 * float(right.mean()), 4),
                    "errors": int(len(right) - right.sum()),
                    **machine,
                }
            )
    arguments.result.parent.mkdir(parents=True, exist_ok=True)
    arguments.result.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    print(json.dumps({"rows": len(rows)}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
