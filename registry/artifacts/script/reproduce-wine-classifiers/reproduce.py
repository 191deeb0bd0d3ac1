"""Measure four classifiers on the wine data by leave-one-out.

The protocol is the one line of the source: z-transformed data, leave-one-out, RDA, QDA, LDA and 1-NN.
The data are z-transformed once, before any case is left out, as "z-transformed data" says.
RDA follows Friedman, "Regularized Discriminant Analysis", JASA 84 (1989): its two parameters are chosen inside
every left-out step by cross-validation on the remaining cases, so the left-out case never helps to choose them.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import sklearn
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis
from sklearn.neighbors import KNeighborsClassifier

GRID = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Values tried for each of the two parameters of RDA, 25 pairs in all."""

INNER_FOLDS = 10
"""Folds of the cross-validation that chooses the parameters of RDA."""


class RegularizedDiscriminantAnalysis:
    """Friedman's classifier between quadratic (0, 0) and linear (1, 0) discriminant analysis."""

    def __init__(self, pooling: float, shrinkage: float) -> None:
        self.pooling = pooling
        self.shrinkage = shrinkage

    def fit(self, cases: np.ndarray, classes: np.ndarray) -> RegularizedDiscriminantAnalysis:
        """Estimate means, regularised covariances and priors of all classes."""
        self.labels = np.unique(classes)
        groups = [cases[classes == label] for label in self.labels]
        self.means = [group.mean(axis=0) for group in groups]
        scatters = [(group - mean).T @ (group - mean) for group, mean in zip(groups, self.means, strict=True)]
        self.log_priors = [np.log(len(group) / len(cases)) for group in groups]
        covariances = [self._covariance(scatter, len(group), sum(scatters), len(cases)) for scatter, group in zip(scatters, groups, strict=True)]
        self.inverses = [np.linalg.pinv(covariance) for covariance in covariances]
        self.log_determinants = [np.linalg.slogdet(covariance)[1] for covariance in covariances]
        return self

    def _covariance(self, scatter: np.ndarray, count: int, pooled: np.ndarray, total: int) -> np.ndarray:
        """Pool towards the common covariance, then shrink towards a multiple of the identity."""
        weight = (1 - self.pooling) * count + self.pooling * total
        covariance = ((1 - self.pooling) * scatter + self.pooling * pooled) / weight
        size = len(covariance)
        return (1 - self.shrinkage) * covariance + self.shrinkage * np.trace(covariance) / size * np.eye(size)

    def predict(self, cases: np.ndarray) -> np.ndarray:
        """Return the label with the largest posterior for every row of `cases`."""
        scores = []
        for mean, inverse, log_determinant, log_prior in zip(self.means, self.inverses, self.log_determinants, self.log_priors, strict=True):
            distance = np.einsum("ij,jk,ik->i", cases - mean, inverse, cases - mean)
            scores.append(log_prior - 0.5 * (distance + log_determinant))
        return self.labels[np.argmax(np.array(scores), axis=0)]


def folds_by_class(classes: np.ndarray, count: int) -> np.ndarray:
    """Number the cases of each class 0, 1, ... `count`-1, 0, ... in their order; no random numbers."""
    folds = np.empty(len(classes), dtype=int)
    for label in np.unique(classes):
        members = np.flatnonzero(classes == label)
        folds[members] = np.arange(len(members)) % count
    return folds


def choose_parameters(cases: np.ndarray, classes: np.ndarray) -> tuple[float, float]:
    """Return the (pooling, shrinkage) with the fewest inner errors; ties go to more pooling, then more shrinkage."""
    folds = folds_by_class(classes, INNER_FOLDS)
    best = (len(cases) + 1, 0.0, 0.0)
    for pooling in GRID:
        for shrinkage in GRID:
            errors = 0
            for fold in range(INNER_FOLDS):
                inside = folds != fold
                model = RegularizedDiscriminantAnalysis(pooling, shrinkage).fit(cases[inside], classes[inside])
                errors += int(np.sum(model.predict(cases[~inside]) != classes[~inside]))
            best = min(best, (errors, -pooling, -shrinkage))
    return -best[1], -best[2]


class ChosenRda:
    """RDA that chooses its own parameters from the training cases."""

    def fit(self, cases: np.ndarray, classes: np.ndarray) -> ChosenRda:
        """Choose the parameters, then fit on all given cases."""
        self.chosen = choose_parameters(cases, classes)
        self.model = RegularizedDiscriminantAnalysis(*self.chosen).fit(cases, classes)
        return self

    def predict(self, cases: np.ndarray) -> np.ndarray:
        """Return the label of every row of `cases`."""
        return self.model.predict(cases)


def best_pair(cases: np.ndarray, classes: np.ndarray) -> Callable[[], RegularizedDiscriminantAnalysis]:
    """Return RDA with the one pair of parameters that makes the fewest leave-one-out errors on all cases.

    This is the other reading of the source: the cases that are left out have helped to choose the pair.
    """
    everyone = np.arange(len(cases))
    best = (len(cases) + 1, 0.0, 0.0)
    for pooling in GRID:
        for shrinkage in GRID:
            errors = 0
            for left_out in range(len(cases)):
                inside = everyone != left_out
                model = RegularizedDiscriminantAnalysis(pooling, shrinkage).fit(cases[inside], classes[inside])
                errors += int(model.predict(cases[left_out : left_out + 1])[0] != classes[left_out])
            best = min(best, (errors, -pooling, -shrinkage))
    return partial(RegularizedDiscriminantAnalysis, -best[1], -best[2])


CLASSIFIERS = {
    "RDA": ChosenRda,
    "QDA": QuadraticDiscriminantAnalysis,
    "LDA": LinearDiscriminantAnalysis,
    "1-NN": lambda: KNeighborsClassifier(n_neighbors=1),
}


def read_cases(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return the 13 measurements and the class of every wine."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))[1:]
    table = np.array(rows, dtype=float)
    return table[:, :-1], table[:, -1].astype(int)


def z_transform(cases: np.ndarray) -> np.ndarray:
    """Give every column mean 0 and standard deviation 1."""
    return (cases - cases.mean(axis=0)) / cases.std(axis=0)


def wrong_cases(name: str, cases: np.ndarray, classes: np.ndarray) -> list[int]:
    """Return the row numbers (from 0) that `name` gets wrong when they are left out."""
    wrong = []
    make = best_pair(cases, classes) if name == "RDA-best-pair" else CLASSIFIERS[name]
    for left_out in range(len(cases)):
        inside = np.arange(len(cases)) != left_out
        model = make().fit(cases[inside], classes[inside])
        if model.predict(cases[left_out : left_out + 1])[0] != classes[left_out]:
            wrong.append(left_out)
    return wrong


def main() -> int:
    """Run the chosen classifiers, write the log and print the metrics as the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--csv", type=Path, required=True)
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--classifiers", default=",".join(CLASSIFIERS))
    arguments = parser.parse_args()
    cases, classes = read_cases(arguments.csv)
    lines = [
        "wine: leave-one-out, z-transformed once before leaving out",
        f"cases {len(cases)} measurements {cases.shape[1]} classes {len(np.unique(classes))}",
        f"python {sys.version.split()[0]} numpy {np.__version__} scikit-learn {sklearn.__version__}",
    ]
    metrics: dict[str, list[float]] = {}
    for name in arguments.classifiers.split(","):
        wrong = wrong_cases(name, z_transform(cases), classes)
        accuracy = round(100 * (len(cases) - len(wrong)) / len(cases), 4)
        metrics[name] = [accuracy]
        lines.append(f"{name}: accuracy {accuracy:.4f} % ({len(cases) - len(wrong)} of {len(cases)}), wrong rows {wrong}")
    lines.append(json.dumps({"metric": "accuracy", "unit": "%", "samples": metrics}, sort_keys=True))
    arguments.log.parent.mkdir(parents=True, exist_ok=True)
    arguments.log.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
