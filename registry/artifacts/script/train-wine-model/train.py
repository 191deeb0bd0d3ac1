"""Fit a linear discriminant to the wines of even row number, test it on the others and write it as JSON."""

from __future__ import annotations

import argparse
import csv
import json
from pathlib import Path

import numpy as np
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis


def main() -> int:
    """Train, write model.json and print the metrics as the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--csv", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True)
    arguments = parser.parse_args()
    with arguments.csv.open(encoding="utf-8", newline="") as stream:
        names, *rows = list(csv.reader(stream))
    table = np.array(rows, dtype=float)
    cases, classes = table[:, :-1], table[:, -1].astype(int)
    model = LinearDiscriminantAnalysis().fit(cases[::2], classes[::2])
    correct = int(np.sum(model.predict(cases[1::2]) == classes[1::2]))
    # Six significant digits are far below the noise of the measurements and the same on every machine.
    description = {
        "features": names[:-1],
        "classes": [int(label) for label in model.classes_],
        "coefficients": [[float(f"{value:.6g}") for value in row] for row in model.coef_],
        "intercepts": [float(f"{value:.6g}") for value in model.intercept_],
        "rule": "class with the largest coefficients . features + intercept",
    }
    arguments.model.parent.mkdir(parents=True, exist_ok=True)
    arguments.model.write_text(json.dumps(description, indent=1) + "\n", encoding="utf-8")
    print(json.dumps({"trained_on": len(cases[::2]), "tested_on": len(cases[1::2]), "correct": correct, "accuracy": round(100 * correct / len(cases[1::2]), 4)}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
