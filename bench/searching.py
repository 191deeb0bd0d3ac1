"""Measure searching a catalogue of 10,000 artifacts: `cmsite search` as a whole process, and the page find/.

    python bench/searching.py [--artifacts 10000] [--runs 5] [--quick] [--json bench/out/searching.json]

The catalogue is built by `cmsite build` and served by nginx on loopback. Each question was asked once before, so that the
files it needs lie in the cache. `cm` answers the same questions from the repository itself, which lies on this machine,
with its index made; beside them stands an interpreter that does nothing. The page is timed in Chromium from sending the
form to the painted list; its first answer fetches what it needs. Medians; processor time is what a busy machine changes
least. Needs nginx, Chromium and chromedriver (`make servers`).
"""

import argparse
import json
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from generate import write_catalogue  # noqa: E402
from measure import program  # noqa: E402

from tests.chromium import Browser, chromium  # noqa: E402
from tests.serving import served_by_nginx  # noqa: E402

TARGET_COMMAND_MS, TARGET_PAGE_MS = 150, 100
# Words and tags of `bench/generate.py`, rare ones and some that thousands of artifacts have.
QUESTIONS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("compiler",), ""),
    (("detect", "network"), ""),
    (("sens",), ""),
    (("reproducible",), ""),
    ((), "get,dataset"),
    ((), "set-0003"),
    (("train",), "model"),
)
FOUND = """
const words = arguments[0], field = document.getElementById("find-words");
const list = document.getElementById("find-artifacts");
field.value = words;
const start = performance.now();
document.getElementById("find-form").requestSubmit();
const look = () => {
  if (list.hasAttribute("aria-busy")) return void requestAnimationFrame(look);
  const channel = new MessageChannel();
  channel.port1.onmessage = () => window.found = performance.now() - start;
  channel.port2.postMessage(0);
};
window.found = 0;
requestAnimationFrame(look);
"""
READY = "return !document.getElementById('find').hidden && !document.getElementById('find-artifacts').hasAttribute('aria-busy')"


def main() -> None:
    """Build, measure and print a table."""
    options = _options()
    options.json.parent.mkdir(parents=True, exist_ok=True)
    rows: list[dict[str, Any]] = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="searching-", dir=options.json.parent)))
        catalogue = folder / "catalogue"
        write_catalogue(catalogue, options.artifacts)
        site = _build(catalogue)
        address = stack.enter_context(served_by_nginx(program("nginx"), site, folder))
        rows.append(_row("an interpreter that does nothing", _asked([_python("-c", "pass")], {}, options.runs)))
        rows.append(_row("`cmsite search`", _asked(*_ours(address, folder), options.runs), TARGET_COMMAND_MS))
        if (cm := shutil.which("cm", path=str(Path(sys.executable).parent))) is not None:
            rows.append(_row("`cm find`, tags alone", _asked(*_theirs(Path(cm), catalogue, folder), options.runs)))
        browser = stack.enter_context(chromium(folder))
        for what, times_ms in _page(browser, f"{address}find/", options.runs).items():
            rows.append(_row(what, {"wall": times_ms}, TARGET_PAGE_MS))
    options.json.write_text(json.dumps({"arguments": sys.argv[1:], "rows": rows}, indent=2) + "\n", "utf-8")
    print(f"\nwritten: {options.json}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--artifacts", type=int, default=0, help="default 10000")
    parser.add_argument("--runs", type=int, default=0, help="of each question (default 5)")
    parser.add_argument("--quick", action="store_true", help="100 artifacts, one run: does everything work?")
    parser.add_argument("--json", type=Path, default=HERE / "out" / "searching.json", help="where the figures go")
    options = parser.parse_args()
    options.artifacts = options.artifacts or (100 if options.quick else 10_000)
    options.runs = options.runs or (1 if options.quick else 5)
    options.json = options.json.resolve()
    return options


def _build(catalogue: Path) -> Path:
    command = _python("-m", "cmsite", "build", "--config", catalogue / "registry.yml", "--site-dir", catalogue / "site")
    subprocess.run(
        command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=_environment({}), cwd=catalogue
    )
    return catalogue / "site"


def _ours(address: str, folder: Path) -> tuple[list[list[str]], dict[str, str]]:
    variables = {"CMSITE_CACHE": str(folder / "cache"), "CMSITE_CONFIG": str(folder / "config")}
    asked = ([*words, *(["--tags", tags] if tags else [])] for words, tags in QUESTIONS)
    return [_python("-m", "cmsite", "search", *options, "--registry", address) for options in asked], variables


def _theirs(cm: Path, catalogue: Path, folder: Path) -> tuple[list[list[str]], dict[str, str]]:
    """Return `cm` with the repository of the catalogue as its only one."""
    repositories = folder / "cm"
    repositories.mkdir()
    (repositories / "repos.json").write_text(json.dumps([str(catalogue / "repository")]), "utf-8")
    asked = [tags for words, tags in QUESTIONS if tags and not words]
    return [[str(cm), "find", "*", "*", f"--tags={tags}"] for tags in asked], {"CM_REPOS": str(repositories)}


def _python(*arguments: object) -> list[str]:
    return [sys.executable, *map(str, arguments)]


def _environment(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of a program; modules stay compiled, as an installer leaves them."""
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**inherited, "PYTHONPATH": str(HERE.parent), **variables}


def _asked(commands: Sequence[Sequence[str]], variables: Mapping[str, str], runs: int) -> dict[str, list[float]]:
    """Return wall and processor time in ms of every run of every command, once each was run."""
    environment = _environment(variables)
    times: dict[str, list[float]] = {"wall": [], "processor": []}
    for run in range(runs + 1):
        for command in commands:
            before, start = _processor_s(), time.perf_counter()
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
            taken = time.perf_counter() - start, _processor_s() - before
            if done.returncode:
                raise SystemExit(f"bench: {' '.join(command)} ended with {done.returncode}: {done.stderr[-500:]}")
            if run:
                for kind, time_s in zip(times, taken, strict=True):
                    times[kind].append(round(time_s * 1000, 2))
    return times


def _processor_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _page(browser: Browser, address: str, runs: int) -> dict[str, list[float]]:
    """Return the times in ms of each question's first answer on a fresh page with an empty cache, and of the next ones."""
    first: list[float] = []
    again: list[float] = []
    for words, tags in QUESTIONS:
        text = " ".join([*words, *tags.split(",")]).strip()
        browser.open("about:blank")
        browser.devtools("Network.clearBrowserCache")
        browser.open(address)
        _until(browser, READY)
        answers = list(_answers(browser, text, runs + 1))
        first.append(answers[0])
        again += answers[1:]
    return {"find/: first answer to each question": first, "find/: answers to questions asked before": again}


def _answers(browser: Browser, text: str, count: int) -> Iterator[float]:
    for _ in range(count):
        browser.run(FOUND, text)
        _until(browser, "return window.found > 0")
        counted = browser.run("return document.getElementById('find-count').textContent")
        if not re.search("[1-9][0-9,]* artifact", counted):
            raise SystemExit(f"bench: the page answers {text!r} with {counted!r}")
        yield round(browser.run("return window.found"), 2)
        browser.run(FOUND, "")
        _until(browser, "return window.found > 0")


def _until(browser: Browser, holds: str) -> None:
    end = time.monotonic() + 60
    while not browser.run(holds):
        if time.monotonic() > end:
            raise SystemExit(f"bench: the page did not get so far in a minute: {holds}")


def _row(what: str, times: dict[str, list[float]], target_ms: int = 0) -> dict[str, Any]:
    medians = ", ".join(f"{statistics.median(some):.0f} ms {kind}" for kind, some in times.items())
    most = max(times["wall"])
    target = f"≤ {target_ms} ms" if target_ms else "-"
    print(f"| {what} | {medians} | {most:.0f} ms | {target} |", flush=True)
    return {"what": what, "times_ms": times, "target": target}


if __name__ == "__main__":
    main()
