"""Measure the table of experiment results beside DataTables 3: the same rows, the same browser, one run.

    python bench/tables.py CORPUS [--runs 10] [--site DIR] [--json bench/out/tables.json]

CORPUS is a folder with experiments, such as mlcommons/cm4mlperf-results; its largest table is measured. First paint is
from the start of the navigation to the first data row painted; sorting and filtering are from the click to the painted
rows. Figures are medians of alternating runs. DataTables comes from npm into a temporary folder. Needs Chromium,
chromedriver, nginx and npm.
"""

import argparse
import gzip
import json
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from measure import program  # noqa: E402

from cmsite.results.row_data import read_shard, shard_values  # noqa: E402
from tests.chromium import Browser, chromium  # noqa: E402
from tests.serving import served_by_nginx  # noqa: E402

PEER = "datatables.net@3"
STYLE = "datatables.net-dt@3"
POINTS = 50_000
# The first frame in which a data row stands, and the time behind its painting.
WATCH = """
(() => {
  const look = () => {
    const cell = document.querySelector("tbody tr td");
    if (!cell || !cell.textContent || !cell.offsetHeight) return requestAnimationFrame(look);
    const channel = new MessageChannel();
    channel.port1.onmessage = () => { window.firstRow = performance.now(); };
    requestAnimationFrame(() => channel.port2.postMessage(0));
  };
  requestAnimationFrame(look);
})();
"""
TIMED = """
const start = performance.now();
ACT;
return new Promise((done) => requestAnimationFrame(() => {
  const channel = new MessageChannel();
  channel.port1.onmessage = () => done(performance.now() - start);
  channel.port2.postMessage(0);
}));
"""
OURS = {
    "sort numbers (Result)": "document.querySelector(\"[data-held='sort Result']\").click()",
    "sort texts (System)": "document.querySelector(\"[data-held='sort System']\").click()",
    "filter texts (System: nvidia)": """
      const field = document.querySelector("[data-held='filter System']");
      field.value = "nvidia";
      field.dispatchEvent(new KeyboardEvent("keydown", {key: "Enter", bubbles: true}))""",
    "filter numbers (Result: >1000)": """
      const field = document.querySelector("[data-held='filter Result']");
      field.value = ">1000";
      field.dispatchEvent(new KeyboardEvent("keydown", {key: "Enter", bubbles: true}))""",
}
THEIRS = {
    "sort numbers (Result)": "peer.order([at('Result'), 'desc']).draw()",
    "sort texts (System)": "peer.order([at('System'), 'asc']).draw()",
    "filter texts (System: nvidia)": "peer.column(at('System')).search('nvidia').draw()",
    "filter numbers (Result: >1000)": "peer.column(at('Result')).search.fixed('least', (text, row) => Number(row[at('Result')]) > 1000).draw()",
}
FRONT = """
let seed = 1;
const next = () => (seed = seed * 16807 % 2147483647) / 2147483647, size = arguments[0], all = arguments[1];
const xs = Float64Array.from({length: size}, next), ys = all ? xs.map((x) => 1 - x) : Float64Array.from({length: size}, next);
const rows = xs.map((_, at) => at), start = performance.now();
cmsiteTableFronts.front(rows, xs, ys, true, true);
return performance.now() - start;
"""


def main() -> None:
    """Build the pages, measure them in turns, and print a table."""
    options = _options()
    options.json.parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tables-", dir=options.json.parent)))
        site = options.site or _build(options.corpus.resolve(), folder)
        page = _largest_table(site)
        peer = _peer_page(page, folder / "peer")
        nginx = program("nginx")
        ours = stack.enter_context(served_by_nginx(nginx, site, folder)) + page.relative_to(site).as_posix() + "/"
        theirs = stack.enter_context(served_by_nginx(nginx, peer, folder))
        browser = stack.enter_context(chromium(folder))
        browser.devtools("Page.enable")
        browser.devtools("Page.addScriptToEvaluateOnNewDocument", source=WATCH)
        rows = _rows(page)
        print(f"{len(rows):,} rows; medians of {options.runs} runs; Chromium {_version(browser)}\n", flush=True)
        figures = _measure(browser, ours, theirs, options.runs)
        sizes = {"page": [page / "index.html"], "data": sorted(page.glob("data-*.js"))}
        kilobytes = {name: round(sum(map(_gzipped, files)) / 1000) for name, files in sizes.items()}
    _print(figures)
    print(f"\ncompressed: {kilobytes['page']} kB page, {kilobytes['data']} kB data")
    options.json.write_text(json.dumps({"rows": len(rows), "kB": kilobytes, "ms": figures}, indent=1) + "\n", "utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, help="a folder with experiments")
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--site", type=Path, help="a site that was built already, instead of building the corpus")
    parser.add_argument("--json", type=Path, default=HERE / "out" / "tables.json", help="where the figures go")
    options = parser.parse_args()
    options.site = options.site and options.site.resolve()
    options.json = options.json.resolve()
    return options


def _build(corpus: Path, folder: Path) -> Path:
    (folder / "registry.yml").write_text(f"title: Bench\nregistry_id: {'b' * 32}\nsources:\n  - folder: {corpus}\n")
    command = [sys.executable, "-m", "cmsite", "build", "--config", str(folder / "registry.yml"), "--site-dir", str(folder / "site")]  # fmt: skip
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=HERE.parent)
    return folder / "site"


def _largest_table(site: Path) -> Path:
    found = sorted(site.glob("results/experiments/*/data-0.js"), key=lambda path: path.stat().st_size)
    if not found:
        raise SystemExit(f"bench: {site} holds no table of experiments below results/experiments/")
    return found[-1].parent


def _about(page: Path) -> dict[str, Any]:
    text = (page / "index.html").read_text("utf-8")
    found = re.search(r'id="cm-table-about">(.*?)</script>', text, re.DOTALL)
    assert found, "the page has no data block"
    about: dict[str, Any] = json.loads(found[1])
    return about


def _rows(page: Path) -> list[list[Any]]:
    """Return the rows of the table: the columns shown at first, decoded."""
    about = _about(page)
    names = [column["name"] for column in about["columns"] if column["shown"]]
    rows: list[list[Any]] = []
    for name in about["shards"]:
        text = (page / name).read_text("utf-8")
        columns = {column["name"]: column for column in read_shard(text)["columns"]}
        rows += map(list, zip(*(shard_values(columns[one]) for one in names), strict=True))
    return rows


def _peer_page(page: Path, folder: Path) -> Path:
    """Write the page of the peer: the same rows and columns, fifty a page, rows made when they are shown."""
    folder.mkdir()
    command = [str(program("npm")), "install", "--prefix", str(folder), "--no-save", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", PEER, STYLE]  # fmt: skip
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    names = [column["name"] for column in _about(page)["columns"] if column["shown"]]
    (folder / "rows.js").write_text(f"var rows = {json.dumps(_rows(page), separators=(',', ':'))};\n", "utf-8")
    (folder / "page.js").write_text(
        f"var names = {json.dumps(names)};\n"
        "function at(name) { return names.indexOf(name); }\n"
        "var peer = new DataTable('#peer', {data: rows, columns: names.map((name) => ({title: name})), pageLength: 50, order: [], deferRender: true});\n",
        "utf-8",
    )
    modules = folder / "node_modules"
    (folder / "index.html").write_text(
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>DataTables</title>'
        '<link rel="stylesheet" href="node_modules/datatables.net-dt/css/dataTables.dataTables.min.css">'
        '<h1>Rows</h1><table id="peer" class="display"></table>'
        '<script src="node_modules/datatables.net/js/dataTables.min.js"></script>'
        '<script src="rows.js"></script><script src="page.js"></script></html>\n',
        "utf-8",
    )
    assert (modules / "datatables.net/js/dataTables.min.js").is_file()
    return folder


def _measure(browser: Browser, ours: str, theirs: str, runs: int) -> dict[str, dict[str, list[float]]]:
    """Return all times in milliseconds: what was measured → who → one for each run."""
    figures: dict[str, dict[str, list[float]]] = {}

    def add(what: str, who: str, time_ms: float) -> None:
        figures.setdefault(what, {}).setdefault(who, []).append(time_ms)

    for run in range(runs + 1):  # The first warms up.
        for who, times in (("cmsite", _ours(browser, ours)), ("DataTables", _theirs(browser, theirs))):
            for what, time_ms in times:
                if run:
                    add(what, who, time_ms)
    browser.open(ours)
    for run in range(runs + 1):
        for what, is_all in (
            (f"front of {POINTS:,} random points", False),
            (f"{POINTS:,} points, all on the front", True),
        ):
            time_ms = browser.run(FRONT, POINTS, is_all)
            if run:
                add(what, "cmsite", time_ms)
    return figures


def _ours(browser: Browser, address: str) -> Iterator[tuple[str, float]]:
    yield from _visit(browser, f"{address}#inferred=1", "return Boolean(document.querySelector('#cm-table.cmt'))", OURS)


def _theirs(browser: Browser, address: str) -> Iterator[tuple[str, float]]:
    yield from _visit(browser, address, "return Boolean(window.peer)", THEIRS)


def _visit(browser: Browser, address: str, ready: str, acts: dict[str, str]) -> Iterator[tuple[str, float]]:
    for number, (what, act) in enumerate(acts.items()):
        browser.open("about:blank")
        browser.devtools("Network.clearBrowserCache")
        browser.open(address)
        _until(lambda: browser.run(f"return window.firstRow > 0 && (() => {{ {ready} }})()"))
        if not number:
            yield "first data row painted", browser.run("return window.firstRow")
        # Each act meets a fresh page, so that nothing is remembered from the one before.
        yield what, browser.run(TIMED.replace("ACT", act))


def _until(holds: Callable[[], bool]) -> None:
    while not holds():
        pass


def _version(browser: Browser) -> str:
    text: str = browser.run("return navigator.userAgent")
    return text.rpartition("Chrome/")[2].split()[0]


def _gzipped(path: Path) -> int:
    return len(gzip.compress(path.read_bytes(), mtime=0))


def _print(figures: dict[str, dict[str, list[float]]]) -> None:
    print("| median of the runs, in ms (smallest to largest) | cmsite | DataTables 3 |\n|---|---|---|")
    for what, times in figures.items():
        cells = [_cell(times.get(who, [])) for who in ("cmsite", "DataTables")]
        print(f"| {what} | {cells[0]} | {cells[1]} |")


def _cell(times: list[float]) -> str:
    return f"{statistics.median(times):.0f} ({min(times):.0f} to {max(times):.0f})" if times else "–"


if __name__ == "__main__":
    main()
