"""Estimate the accuracy of one separating plane on the breast cancer data by repeated 10-fold cross-validation.

The plane is that of Bennett and Mangasarian, "Robust linear programming discrimination of two linearly inseparable
sets", Optimization Methods and Software 1 (1992): a linear program that minimises the mean distance of misplaced
cases, each class weighted by its size. It uses three of the thirty features: worst area, worst smoothness and mean
texture. The second measurement asks the same program with all thirty features whether any case stays on the wrong side.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from pathlib import Path

import numpy as np
import scipy
from scipy.optimize import linprog

FEATURES = ("worst area", "worst smoothness", "mean texture")
"""The three features named by the source."""

FOLDS = 10
"""Folds of one repetition, as the source says."""


def read_cases(path: Path) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Return the feature names, the cases and which of them are malignant."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    table = np.array(rows[1:], dtype=float)
    return rows[0][:-1], table[:, :-1], table[:, -1] == 0


def separating_plane(cases: np.ndarray, malignant: np.ndarray) -> tuple[np.ndarray, float]:
    """Return normal and offset of the plane; malignant cases lie where `cases @ normal > offset`.

    Variables: normal (one a feature), offset, then the slack of each malignant and of each benign case.
    """
    above, below = cases[malignant], cases[~malignant]
    size = cases.shape[1]
    costs = np.concatenate([np.zeros(size + 1), np.full(len(above), 1 / len(above)), np.full(len(below), 1 / len(below))])
    upper = np.hstack([-above, np.ones((len(above), 1)), -np.eye(len(above)), np.zeros((len(above), len(below)))])
    lower = np.hstack([below, -np.ones((len(below), 1)), np.zeros((len(below), len(above))), -np.eye(len(below))])
    bounds = [(None, None)] * (size + 1) + [(0, None)] * len(cases)
    solution = linprog(costs, A_ub=np.vstack([upper, lower]), b_ub=-np.ones(len(cases)), bounds=bounds, method="highs")
    if not solution.success:
        raise SystemExit(f"The linear program was not solved: {solution.message}")
    return solution.x[:size], float(solution.x[size])


def misplaced(plane: tuple[np.ndarray, float], cases: np.ndarray, malignant: np.ndarray) -> int:
    """Count the cases on the wrong side."""
    normal, offset = plane
    return int(np.sum((cases @ normal > offset) != malignant))


def cross_validate(cases: np.ndarray, malignant: np.ndarray, seed: int) -> float:
    """Return the percentage of cases placed rightly in one 10-fold cross-validation with folds drawn by `seed`."""
    order = np.random.default_rng(seed).permutation(len(cases))
    wrong = 0
    for fold in np.array_split(order, FOLDS):
        inside = np.ones(len(cases), dtype=bool)
        inside[fold] = False
        wrong += misplaced(separating_plane(cases[inside], malignant[inside]), cases[fold], malignant[fold])
    return round(100 * (len(cases) - wrong) / len(cases), 4)


def scaled(cases: np.ndarray) -> np.ndarray:
    """Give every column mean 0 and deviation 1; planes are the same, the solver is happier."""
    return (cases - cases.mean(axis=0)) / cases.std(axis=0)


def main() -> int:
    """Run the repetitions, write the log and print the metrics as the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--csv", type=Path, required=True)
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--repetitions", type=int, default=10)
    arguments = parser.parse_args()
    names, cases, malignant = read_cases(arguments.csv)
    chosen = scaled(cases[:, [names.index(name) for name in FEATURES]])
    lines = [
        f"breast cancer: one separating plane in {', '.join(FEATURES)}; {arguments.repetitions} x {FOLDS}-fold cross-validation",
        f"cases {len(cases)} malignant {int(malignant.sum())} benign {int((~malignant).sum())}",
        f"python {sys.version.split()[0]} numpy {np.__version__} scipy {scipy.__version__}",
    ]
    accuracies = []
    for seed in range(arguments.repetitions):
        accuracies.append(cross_validate(chosen, malignant, seed))
        lines.append(f"repetition {seed}: accuracy {accuracies[-1]:.4f} %")
    everything = scaled(cases)
    left = misplaced(separating_plane(everything, malignant), everything, malignant)
    lines.append(f"all {len(names)} features, all cases: {left} misplaced")
    lines.append(json.dumps({"samples": {"accuracy": accuracies, "misplaced": [left]}, "unit": {"accuracy": "%", "misplaced": "cases"}}, sort_keys=True))
    arguments.log.parent.mkdir(parents=True, exist_ok=True)
    arguments.log.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
