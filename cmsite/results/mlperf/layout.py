"""Which file of a submission tree lies where.

`<division>/<submitter>/results/<system>/<benchmark>/<scenario>/` holds `performance/run_1/mlperf_log_*.txt`,
`accuracy/accuracy.txt` and, where power was measured, `performance/power/` and `performance/run_1/spl.txt`;
`<division>/<submitter>/systems/<system>.json` describes the system. `measurements/` moved below `results/` with v6.0.
A tree may lie deeper, as in a repository that holds several.
Source: mlcommons/inference, tools/submission/submission_structure.md.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

DIVISIONS = ("closed", "open", "network")
SCENARIOS = {
    "singlestream": "SingleStream",
    "multistream": "MultiStream",
    "server": "Server",
    "offline": "Offline",
    "interactive": "Interactive",
}
"""Folder's name in lower case → the scenario as MLPerf writes it."""

SUMMARY_FILE = "summary_results.json"

_RESULT = re.compile(
    r"(?P<prefix>(?:.*/)?)(?P<division>closed|open|network)/(?P<submitter>[^/]+)/results/(?P<system>[^/]+)/"
    r"(?P<model>[^/]+)/(?P<scenario>[^/]+)/(?:performance|accuracy)/(?P<file>.+)"
)


@dataclass(frozen=True, slots=True, order=True)
class Point:
    """One folder of a scenario: what its path says. `prefix` is where its tree begins, "" or ending in a slash."""

    prefix: str
    division: str
    submitter: str
    system: str
    model: str
    folder: str

    @property
    def scenario(self) -> str:
        """Return the scenario as MLPerf writes it; a folder of another name keeps that."""
        return SCENARIOS.get(self.folder.lower(), self.folder)

    @property
    def submission(self) -> str:
        """Return the folder of the submitter."""
        return f"{self.prefix}{self.division}/{self.submitter}"

    @property
    def location(self) -> str:
        """Return what MLPerf's summaries call `Location`."""
        return f"{self.division}/{self.submitter}/results/{self.system}/{self.model}/{self.folder}"

    @property
    def path(self) -> str:
        """Return the folder in the tree."""
        return f"{self.prefix}{self.location}"

    @property
    def detail_log(self) -> str:
        """Return the path of the detailed log."""
        return f"{self.path}/performance/run_1/mlperf_log_detail.txt"

    @property
    def summary_log(self) -> str:
        """Return the path of the summary of the run."""
        return f"{self.path}/performance/run_1/mlperf_log_summary.txt"

    @property
    def accuracy(self) -> str:
        """Return the path of the accuracy report."""
        return f"{self.path}/accuracy/accuracy.txt"

    @property
    def power_samples(self) -> str:
        """Return the path of the samples of the power meter."""
        return f"{self.path}/performance/run_1/spl.txt"

    @property
    def power_folder(self) -> str:
        """Return the folder whose presence makes it a result with power."""
        return f"{self.path}/performance/power/"

    @property
    def endpoints_summary(self) -> str:
        """Return the path of a result of endpoints, which has no load generator's log."""
        return f"{self.path}/performance/result_summary.json"

    @property
    def description(self) -> str:
        """Return the path of the system's description."""
        return f"{self.submission}/systems/{self.system}.json"

    @property
    def measurements(self) -> tuple[str, str]:
        """Return the path of what was set for the run, since v6.0, and the beginning of its path before."""
        older = f"{self.submission}/measurements/{self.system}/{self.model}/{self.folder}/{self.system}"
        return f"{self.path}/measurements.json", older

    @property
    def model_mapping(self) -> str:
        """Return the path of the submitter's own names of benchmarks."""
        return f"{self.submission}/model_mapping.json"


def point_of(path: str) -> Point | None:
    """Return the result a file belongs to, None for any other file.

    >>> point_of("closed/Acme/results/box/resnet50/offline/performance/run_1/mlperf_log_summary.txt").location
    'closed/Acme/results/box/resnet50/offline'
    """
    found = _RESULT.fullmatch(path)
    if found is None:
        return None
    return Point(
        found["prefix"], found["division"], found["submitter"], found["system"], found["model"], found["scenario"]
    )


def points_of(paths: Iterable[str]) -> tuple[Point, ...]:
    """Return every result of a tree, sorted by path."""
    return tuple(sorted({point for path in paths if (point := point_of(path)) is not None}))


def measurements_of(paths: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return folder → JSON files in it, of every folder below a `measurements/`.

    >>> measurements_of(["closed/A/measurements/box/resnet50/offline/box_x.json"])
    {'closed/A/measurements/box/resnet50/offline': ('closed/A/measurements/box/resnet50/offline/box_x.json',)}
    """
    found: dict[str, tuple[str, ...]] = {}
    for path in sorted(paths):
        if "/measurements/" in path and path.endswith(".json"):
            folder = path.rpartition("/")[0]
            found[folder] = (*found.get(folder, ()), path)
    return found


def power_folders_of(paths: Iterable[str]) -> frozenset[str]:
    """Return the folders that make a result one with power, each ending in a slash.

    >>> sorted(power_folders_of(["a/performance/power/client.json", "a/performance/run_1/spl.txt"]))
    ['a/performance/power/']
    """
    found = (path.rpartition("/")[0] for path in paths if "/performance/power/" in path)
    return frozenset(f"{folder}/" for folder in found)
