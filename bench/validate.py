"""Measure validation beside check-jsonschema, on metas imitated from the scripts of the corpora.

    python bench/validate.py [--sizes 1000,10000,40000] [--peer 10000] [--runs 3] [--json bench/out/validate.json]

Each command is a whole process that prints its findings: `cmsite validate` with positions and all rules, without its
cache, on all processors and on one; `check-jsonschema` with the schema that the rules are exported to, on the same files.
They run in turns, so that a busy machine meets all of them; figures are medians, the ratio that of files a second in the
same turn. Memory is the peak of the sum of PSS over the process tree. The corpora of $CMSITE_CORPUS are validated together,
cold and again. The last lines say which targets were missed.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from imitated import corpora  # noqa: E402
from measure import peak_of  # noqa: E402
from metas import real_metas, write_metas  # noqa: E402

from cmsite.validation.rules import bundled_rules  # noqa: E402
from cmsite.validation.schemas import editor_schemas  # noqa: E402

SCRIPTS = Path(sys.executable).parent
SCHEMA = "schema/mlc/script.json"
# What is aimed at: ratios of files a second, bytes, seconds.
TWICE, ONCE, MOST_BYTES, CORPORA_S, AGAIN_S = 10.0, 5.0, 250_000_000, 8.0, 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of a command: wall time and processor time of its process tree, in seconds."""

    wall_s: float
    processor_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command to time, in a folder; it exits with 1 where it finds something."""

    words: tuple[str, ...]
    folder: Path
    processors: int = 0

    def run(self) -> Run:
        """Run it once."""
        start = time.perf_counter()
        process = self.start()
        _, status, usage = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in (0, 1):
            raise SystemExit(f"bench: {' '.join(self.words[:6])} exited with {process.returncode}")
        return Run(wall_s=wall_s, processor_s=usage.ru_utime + usage.ru_stime)

    def start(self) -> "subprocess.Popen[bytes]":
        """Start it, on as many processors as it may use."""
        allowed = sorted(os.sched_getaffinity(0))[: self.processors or None]
        variables = os.environ | {"CMSITE_CACHE": str(self.folder.parent / "cache"), "PYTHONPATH": _python_path()}
        before = os.sched_getaffinity(0)
        os.sched_setaffinity(0, allowed)
        try:
            nowhere = subprocess.DEVNULL
            return subprocess.Popen(self.words, cwd=self.folder, env=variables, stdout=nowhere, stderr=nowhere)
        finally:
            os.sched_setaffinity(0, before)


def main() -> None:
    """Measure every size, the peer, and the corpora."""
    options = _options()
    options.json.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="validate-", dir=options.json.parent))
    try:
        archives = Path(os.environ.get("CMSITE_CORPUS") or HERE.parent.parent / "shared" / "corpus")
        (folder / "corpora").mkdir()
        config = corpora(archives, folder / "corpora")
        figures = measured(folder, real_metas(folder / "corpora"), options)
        figures["corpora"] = _corpora(config, options.runs)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    options.json.write_text(json.dumps(figures, indent=2) + "\n", "utf-8")
    print(f"\n{table(figures)}\n")
    print("\n".join(missed(figures)) or "every target is met", f"\nwritten: {options.json}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="1000,10000,40000", help="numbers of metas, separated by commas")
    parser.add_argument("--peer", type=int, default=10_000, help="the size that check-jsonschema reads too")
    parser.add_argument("--runs", type=int, default=3, help="turns of every command")
    parser.add_argument("--json", type=Path, default=HERE / "out" / "validate.json", help="where the figures go")
    return parser.parse_args()


def measured(folder: Path, real: list[Any], options: argparse.Namespace) -> dict[str, Any]:
    """Return the figures of each size, and of the peer beside one of them."""
    rows = []
    schema = folder / "script.json"
    schema.write_bytes(next(item.content for item in editor_schemas(bundled_rules()) if item.path == SCHEMA))
    for size in sorted({int(text) for text in options.sizes.split(",")} | {options.peer}):
        repository = folder / f"metas-{size}"
        paths = write_metas(repository, real, size)
        names = [str(path.relative_to(repository)) for path in paths]
        ours = (str(sys.executable), "-m", "cmsite", "validate", "--no-cache", ".")
        commands = {
            "two": Command(words=ours, folder=repository, processors=2),
            "one": Command(words=ours, folder=repository, processors=1),
        }
        if size == options.peer:
            words = (str(SCRIPTS / "check-jsonschema"), "--schemafile", str(schema), *names)
            commands["peer"] = Command(words=words, folder=repository, processors=1)
        turns = [{name: command.run() for name, command in commands.items()} for _ in range(options.runs)]
        peak_bytes = peak_of(commands["two"].start())
        runs = {name: [asdict(turn[name]) for turn in turns] for name in commands}
        rows.append({"metas": size, "runs": runs, "peak_bytes": peak_bytes, "ratios": _ratios(turns)})
        print(f"{size:,}: {json.dumps(rows[-1])}", file=sys.stderr, flush=True)
        shutil.rmtree(repository)
    return {"sizes": rows}


def _ratios(turns: list[dict[str, Run]]) -> dict[str, float]:
    """Return how many times as many files a second as the peer: by wall time, and by the processor's for one."""
    if "peer" not in turns[0]:
        return {}
    return {
        "two": statistics.median(turn["peer"].wall_s / turn["two"].wall_s for turn in turns),
        "one": statistics.median(turn["peer"].wall_s / turn["one"].wall_s for turn in turns),
        "processor": statistics.median(turn["peer"].processor_s / turn["one"].processor_s for turn in turns),
    }


def _corpora(config: Path, runs: int) -> dict[str, Any]:
    words = (str(sys.executable), "-m", "cmsite", "validate", str(config))
    cold = Command(words=(*words, "--no-cache"), folder=config.parent)
    again = Command(words=words, folder=config.parent)
    again.run()
    return {
        "cold": [asdict(cold.run()) for _ in range(runs)],
        "again": [asdict(again.run()) for _ in range(runs)],
        "peak_bytes": peak_of(cold.start()),
    }


def _python_path() -> str:
    return os.pathsep.join(filter(None, (str(HERE.parent), os.environ.get("PYTHONPATH", ""))))


def _median(runs: list[dict[str, float]], what: str = "wall_s") -> float:
    return statistics.median(run[what] for run in runs)


def table(figures: dict[str, Any]) -> str:
    """Return the figures as a Markdown table."""
    lines = ["| metas | command | wall s | processor s | metas a second | MB |", "|---|---|---|---|---|---|"]
    names = {"two": "cmsite, 2 processors", "one": "cmsite, 1 processor", "peer": "check-jsonschema"}
    for row in figures["sizes"]:
        for name, runs in row["runs"].items():
            wall_s = _median(runs)
            memory = f"{row['peak_bytes'] / 1e6:.0f}" if name == "two" else ""
            lines.append(
                f"| {row['metas']:,} | {names[name]} | {wall_s:.2f} | {_median(runs, 'processor_s'):.2f} "
                f"| {row['metas'] / wall_s:,.0f} | {memory} |"
            )
        for name, ratio in row["ratios"].items():
            lines.append(f"| {row['metas']:,} | times check-jsonschema, {name} | {ratio:.1f} | | | |")
    found = figures.get("corpora", {})
    again = [
        f"| corpora | cmsite, {name} | {_median(found[name]):.2f} | {_median(found[name], 'processor_s'):.2f} | | |"
        for name in ("cold", "again")
        if found
    ]
    return "\n".join([*lines, *again])


def missed(figures: dict[str, Any]) -> list[str]:
    """Return a line for each target that was missed."""
    found = []
    for row in figures["sizes"]:
        for name, least in (("two", TWICE), ("one", ONCE)):
            if row["ratios"] and row["ratios"][name] < least:
                found.append(f"{row['metas']:,}, {name}: {row['ratios'][name]:.1f} times, aimed at {least:g}")
        if row["metas"] <= 10_000 and row["peak_bytes"] > MOST_BYTES:
            found.append(f"{row['metas']:,}: {row['peak_bytes'] / 1e6:.0f} MB, aimed at {MOST_BYTES / 1e6:g}")
    rows = [row for row in figures["sizes"] if row["metas"] >= 10_000]
    if len(rows) > 1:
        costs = [_median(row["runs"]["one"], "processor_s") / row["metas"] for row in (rows[0], rows[-1])]
        if costs[1] > 1.3 * costs[0]:
            found.append(f"a meta costs {costs[1] / costs[0]:.2f} times as much among {rows[-1]['metas']:,}")
    held = (("cold", CORPORA_S), ("again", AGAIN_S)) if "corpora" in figures else ()
    for name, most_s in held:
        wall_s = _median(figures["corpora"][name])
        if wall_s > most_s:
            found.append(f"corpora, {name}: {wall_s:.1f} s, aimed at {most_s:g}")
    return found


if __name__ == "__main__":
    main()
