"""Write the data that scikit-learn ships as one CSV file: the features, then the class."""

import csv
import sys
from pathlib import Path

from sklearn.datasets import load_wine

bunch = load_wine()
with Path(sys.argv[1]).open("w", encoding="utf-8", newline="") as stream:
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([*map(str, bunch.feature_names), "class"])
    for features, label in zip(bunch.data.tolist(), bunch.target.tolist(), strict=True):
        writer.writerow([*map(repr, features), label])
