"""Measure the index: its files, what questions cost a cold client, what a publication changes, beside modelled peers.

    python bench/million.py [--sizes 1000,100000,1000000] [--like REGISTRY] [--queries 1000] [--json bench/out/million.json]

Artifacts are imitated from the corpora of $CMSITE_CORPUS (`bench/imitation.py`), or from those of a
registry.yml. The publisher's own code writes the index, nginx serves it on loopback, and the real client asks with an
empty cache for every question; requests, bytes of bodies and rounds are counted around its transport. The building is
timed and sampled in one process: wall time with reading the records and writing the files, and the peak of the sum of
PSS over its process tree, every half second. The last lines say which targets were missed.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from imitated import corpora, records_below  # noqa: E402
from measure import Work, program, run_watched  # noqa: E402

from cmsite.index.lines import emit_record  # noqa: E402
from tests.serving import served_by_nginx  # noqa: E402

CHANGES = (1, 100, 1_000)
MILLION = 1_000_000
# What is aimed at: of questions (requests of nearly all, rounds, median and largest bytes), files that publications
# write, and of building a million.
TARGETS = {
    "resolve": (3, 3, 30_000, 30_000),
    "one word": (15, 6, 300_000, 1_000_000),
    "two tags": (25, 6, 300_000, 1_000_000),
}
MOST_FILES = {1: 4, 100: 200, 1_000: 1_200}
MOST_S, MOST_BYTES = 120.0, 1_500_000_000


def main() -> None:
    """Measure every size."""
    options = _options()
    nginx = program("nginx")
    options.json.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="million-", dir=options.json.parent))
    rows: list[dict[str, Any]] = []
    try:
        like = _like(options.like, folder)
        for count in (int(size) for size in options.sizes.split(",")):
            rows.append(_measured(folder / str(count), count, like, options, nginx))
            options.json.write_text(json.dumps(rows, indent=2) + "\n", "utf-8")
            print(f"\n{table(rows[-1])}\n", flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print("\n".join(missed(rows)) or "every target is met", f"\nwritten: {options.json}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="1000,100000,1000000", help="numbers of artifacts, separated by commas")
    parser.add_argument(
        "--like", type=Path, help="a registry.yml whose artifacts are imitated instead of the corpora's"
    )
    parser.add_argument("--queries", type=int, default=1_000, help="searches of each kind")
    parser.add_argument("--changes", default=",".join(map(str, CHANGES)), help="how many artifacts publications change")
    parser.add_argument("--json", type=Path, default=HERE / "out" / "million.json", help="where the figures go")
    return parser.parse_args()


def _measured(folder: Path, count: int, like: Path, options: argparse.Namespace, nginx: Path) -> dict[str, Any]:
    """Return all figures of one size."""
    folder.mkdir()
    records, questions, site = folder / "records", folder / "questions.json", folder / "site"
    row: dict[str, Any] = {"artifacts": count}
    row["model"] = _step("draw", like, count, records, questions, "--queries", options.queries)
    time_s, peak_bytes, output = run_watched(_work("publish", records, site))
    row["build"] = json.loads(output) | {"wall_s": time_s, "peak_bytes": peak_bytes}
    _told(count, "built", row["build"])
    with served_by_nginx(nginx, site, folder) as address:
        row["asked"] = _step("ask", address, questions)
    _told(count, "asked", row["asked"])
    row["published"] = {}
    for changes in map(int, filter(None, options.changes.split(","))):
        row["published"][changes] = _step("publish", records, site, "--changes", changes)
        _told(count, f"{changes} changed", row["published"][changes])
    row["modelled"] = json.loads(_run([HERE / "index_peers.py", records]))
    shutil.rmtree(folder)
    return row


def _step(*arguments: object) -> dict[str, Any]:
    figures: dict[str, Any] = json.loads(_run([HERE / "index_steps.py", *arguments]))
    return figures


def _run(arguments: list[object]) -> bytes:
    done = subprocess.run(
        [sys.executable, *map(str, arguments)], env=_environment(), stdout=subprocess.PIPE, check=False
    )
    if done.returncode:
        raise SystemExit(f"bench: {' '.join(map(str, arguments))} exited with {done.returncode}")
    return done.stdout


def _work(*arguments: object) -> Work:
    command = (sys.executable, str(HERE / "index_steps.py"), *map(str, arguments))
    return Work(command=command, folder=HERE, variables=_environment())


def _environment() -> dict[str, str]:
    paths = [str(HERE.parent), os.environ.get("PYTHONPATH", "")]
    return dict(os.environ) | {"PYTHONPATH": os.pathsep.join(filter(None, paths))}


def _like(config: Path | None, folder: Path) -> Path:
    """Write the lines of the records to imitate, and return their file."""
    archives = Path(os.environ.get("CMSITE_CORPUS") or HERE.parent.parent / "shared" / "corpus")
    (folder / "corpora").mkdir()
    records = records_below(config or corpora(archives, folder / "corpora"), folder / "packed")
    lines = folder / "like.jsonl"
    lines.write_bytes(b"".join(emit_record(record) + b"\n" for record in records))
    return lines


def _told(count: int, what: str, figures: dict[str, Any]) -> None:
    print(f"{count:,} {what}: {json.dumps(figures)}", file=sys.stderr, flush=True)


def table(row: dict[str, Any]) -> str:
    """Return the figures of one size as a Markdown table."""
    built, asked = row["build"], row["asked"]
    size = f"{row['artifacts']:,} artifacts"
    lines = [
        f"| {size} | requests: median, 99 %, most | rounds | kB: median, 99 %, most |",
        "|---|---|---|---|",
        *(
            f"| {kind} ({cost['questions']:,}) | {_spread(cost['requests'])} | {_spread(cost['rounds'])} "
            f"| {_spread(cost['bytes'], 1e3)} |"
            for kind, cost in asked.items()
        ),
        *(
            f"| {peer}, modelled: look up / search | {_asked(costs, 0)} | | {_asked(costs, 1)} |"
            for peer, costs in row["modelled"].items()
        ),
        "",
        f"{size}: {built['files']:,} files, {built['bytes'] / 1e6:.1f} MB in {built['wall_s']:.1f} s ({built['processor_s']:.1f} s of processors), {built['peak_bytes'] / 1e6:.0f} MB",
        f"root.json and the largest node with its largest leaf: {built['largest_bytes'] / 1e3:.1f} kB",
        *(
            f"{changes} changed: {cost['new_files']} files, {cost['new_bytes'] / 1e3:.1f} kB, {cost['time_s']:.1f} s"
            for changes, cost in row["published"].items()
        ),
    ]
    return "\n".join(lines)


def _spread(cost: dict[str, float], unit: float = 1) -> str:
    digits = 0 if unit == 1 else 1
    return ", ".join(f"{cost[name] / unit:.{digits}f}" for name in ("median", "of_99", "worst"))


def _asked(costs: dict[str, Any], column: int) -> str:
    unit = 1e3 if column else 1
    return " / ".join(f"{cost[column] / unit:,.0f}" if cost else "–" for cost in costs.values())


def missed(rows: list[dict[str, Any]]) -> list[str]:
    """Return a line for each target that was missed."""
    found = []
    for row in rows:
        size = f"{row['artifacts']:,}"
        for kind, cost in row["asked"].items():
            requests, rounds, median, worst = TARGETS[kind.split(",")[0]]
            held = (
                (cost["requests"]["worst"], requests, "requests"),
                (cost["rounds"]["worst"], rounds, "rounds"),
                (cost["bytes"]["median"], median, "bytes in the median"),
                (cost["bytes"]["worst"], worst, "bytes at most"),
            )
            if cost["empty"]:
                found.append(f"{size}, {kind}: {cost['empty']} of {cost['questions']} found nothing that is there")
            found += [f"{size}, {kind}: {got:g} {what}, aimed at {most:,}" for got, most, what in held if got > most]
        for changes, cost in row["published"].items():
            if cost["new_files"] > MOST_FILES.get(int(changes), sys.maxsize):
                found.append(
                    f"{size}, {changes} changed: {cost['new_files']} files, aimed at {MOST_FILES[int(changes)]}"
                )
        built = row["build"]
        if built["largest_bytes"] > TARGETS["resolve"][-1]:
            found.append(f"{size}: some names cost {built['largest_bytes']} bytes, aimed at {TARGETS['resolve'][-1]:,}")
        if row["artifacts"] <= MILLION and built["wall_s"] > MOST_S:
            found.append(f"{size}: built in {built['wall_s']:.0f} s, aimed at {MOST_S:g}")
        if row["artifacts"] <= MILLION and built["peak_bytes"] > MOST_BYTES:
            found.append(f"{size}: {built['peak_bytes'] / 1e6:.0f} MB, aimed at {MOST_BYTES / 1e6:g}")
    return found


if __name__ == "__main__":
    main()
