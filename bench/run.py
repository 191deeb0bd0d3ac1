"""Measure cmsite beside its peers in one run, print a table and write it as JSON.

    python bench/run.py [--sizes 1000,10000,40000] [--quick] [--only cmsite,Hugo] [--json bench/out/results.json]

Wall times are medians of 5 runs (3 for a peer that takes over 30 s) after one warm-up, in a fresh folder on the disk of
the checkout; memory is the peak sum of PSS over the process tree. Absolute times tell of one machine on one day.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import peers
from measure import Figure, measure, measure_alternating

RUNS = 5
RUNS_OF_SLOW_PEERS = 3
SLOW_S = 30.0
START_UP_RUNS = 21
RUNS_OF_LARGE = 3
LARGE = 10_000  # Artifacts; with more, cmsite alone is measured, for its growth.


def main() -> None:
    """Run the measurements that were asked for."""
    options = _options()
    only = set(filter(None, options.only.split(",")))
    options.json.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=options.json.parent))
    rows: list[dict[str, Any]] = []
    try:
        for row in _measured(folder, [int(size) for size in options.sizes.split(",")], only, quick=options.quick):
            rows.append(row)
            print(_line(row), flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    options.json.write_text(json.dumps({"machine": _machine(), "rows": rows}, indent=2) + "\n", "utf-8")
    print(f"\n{_table(rows)}\n\nwritten: {options.json}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--sizes", default="", help="numbers of artifacts, separated by commas (default 1000,10000,40000)"
    )
    parser.add_argument(
        "--quick", action="store_true", help="200 artifacts, one run, no warm-up: does everything work?"
    )
    parser.add_argument("--only", default="", help="cmsite, Hugo, mkdocs-material, start-up, separated by commas")
    parser.add_argument("--json", type=Path, default=peers.HERE / "out" / "results.json", help="where the figures go")
    options = parser.parse_args()
    options.sizes = options.sizes or ("200" if options.quick else "1000,10000,40000")
    return options


def _measured(folder: Path, sizes: list[int], only: set[str], *, quick: bool) -> Iterator[dict[str, Any]]:
    def wanted(name: str) -> bool:
        return not only or name in only

    runs = 1 if quick else RUNS
    if wanted("start-up"):
        works = peers.start_up(folder / "start-up")
        figures = measure_alternating(list(works.values()), 3 if quick else START_UP_RUNS)
        for name, figure in zip(works, figures, strict=True):
            yield _row(name, "start-up", 0, figure)
    for size in sizes:
        for project in _projects(folder / str(size), size):
            if wanted(project.name) and (size <= LARGE or project.name == "cmsite"):
                yield _row(
                    project.name,
                    "cold build",
                    size,
                    _cold(project, min(runs, RUNS_OF_LARGE) if size > LARGE else runs, quick=quick),
                )
                if project.name == "cmsite":
                    yield from _rebuilds(project, size, runs)
                    if size <= LARGE:
                        yield from _pages(project, size, runs)
        if peers.MEMORY_FILE_SYSTEM.is_dir() and not quick and size <= LARGE:
            yield from _in_memory(folder / str(size), size, runs, wanted)


def _projects(folder: Path, size: int) -> list[peers.Project]:
    made = (
        peers.cmsite_project(folder / "cmsite", size, folder / "cmsite-site"),
        peers.hugo_project(folder / "hugo", size, folder / "hugo-site"),
        peers.mkdocs_project(folder / "mkdocs", size, folder / "mkdocs-site"),
    )
    return [project for project in made if project is not None]


def _cold(project: peers.Project, runs: int, *, quick: bool) -> Figure:
    """Measure the cold build; a peer whose first run takes over 30 s runs 3 times instead of 5."""
    first = measure(project.cold(), 1, warm_up=not quick)
    slow = first.median_s > SLOW_S and project.name != "cmsite"
    more = min(runs, RUNS_OF_SLOW_PEERS) if slow else runs
    rest = measure(project.cold(), more - 1, warm_up=False, memory=False)
    return Figure(times_s=first.times_s + rest.times_s, peak_bytes=first.peak_bytes)


def _rebuilds(project: peers.Project, size: int, runs: int) -> Iterator[dict[str, Any]]:
    """Measure the build on top of the last one: with nothing changed, and with one README changed each time."""
    readmes = iter(sorted(project.folder.glob("repository/script/*/README.md")))

    def change() -> None:
        readme = next(readmes)
        readme.write_text(readme.read_text("utf-8") + "\nOne more line.\n", "utf-8")

    yield _row(project.name, "nothing changed", size, measure(project.again(lambda: None), runs))
    yield _row(project.name, "one README changed", size, measure(project.again(change), runs))


def _pages(project: peers.Project, size: int, runs: int) -> Iterator[dict[str, Any]]:
    """Measure the pages of artifacts alone, and only writing the same bytes to the same files."""
    command = [sys.executable, peers.HERE / "pages.py", project.folder / "registry.yml", project.folder / "pages"]
    done = subprocess.run([*command, "--runs", str(runs)], capture_output=True, text=True, check=True)
    figures = json.loads(done.stdout)
    works = {"highlighted": "pages alone", "plain": "pages alone, code without colours", "writing": "only writing them"}
    for key, work in works.items():
        yield _row(project.name, work, size, Figure(times_s=tuple(figures[key])))


def _in_memory(folder: Path, size: int, runs: int, wanted: Any) -> Iterator[dict[str, Any]]:
    """Measure cmsite and Hugo with the output in memory: what remains is their own work."""
    output = Path(tempfile.mkdtemp(prefix="cmsite-bench-", dir=peers.MEMORY_FILE_SYSTEM)) / "site"
    try:
        for project in (
            peers.cmsite_project(folder / "cmsite", size, output),
            peers.hugo_project(folder / "hugo", size, output),
        ):
            if project is not None and wanted(project.name):
                yield _row(project.name, "cold build, output on tmpfs", size, measure(project.cold(), runs))
                project.empty()
    finally:
        shutil.rmtree(output.parent, ignore_errors=True)


def _row(name: str, work: str, size: int, figure: Figure) -> dict[str, Any]:
    return {
        "name": name,
        "work": work,
        "artifacts": size,
        "median_s": round(figure.median_s, 4),
        "times_s": [round(time_s, 4) for time_s in figure.times_s],
        "pages_per_s": round(size / figure.median_s) if size and work.startswith("cold") else None,
        "peak_pss_bytes": figure.peak_bytes or None,
    }


def _line(row: dict[str, Any]) -> str:
    memory = f"{row['peak_pss_bytes'] / 1e6:.0f} MB" if row["peak_pss_bytes"] else "-"
    rate = row["pages_per_s"] or "-"
    return (
        f"| {row['name']} | {row['work']} | {row['artifacts'] or '-'} | {row['median_s']:.3f} s | {rate} | {memory} |"
    )


def _table(rows: list[dict[str, Any]]) -> str:
    """Return all rows as a Markdown table, with the ratio to Hugo's cold build of the same size."""
    hugo = {row["artifacts"]: row["median_s"] for row in rows if row["name"] == "Hugo" and row["work"] == "cold build"}
    lines = ["| what | work | artifacts | median | pages/s | peak PSS | of Hugo |", "|---|---|---|---|---|---|---|"]
    for row in rows:
        reference = hugo.get(row["artifacts"]) if row["work"] == "cold build" else None
        lines.append(f"{_line(row)} {row['median_s'] / reference:.2f} |" if reference else f"{_line(row)} - |")
    return "\n".join(lines)


def _machine() -> dict[str, Any]:
    """Return what the figures depend on; no host name and no path."""
    packages = ("cmsite", "mkdocs", "mkdocs-material", "hugo", "cmind")
    return {
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "packages": {name: _version(name) for name in packages},
        "arguments": sys.argv[1:],
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except ModuleNotFoundError:
        return None


if __name__ == "__main__":
    main()
