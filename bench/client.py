"""Measure the client against nginx on loopback: thousands of small pulls in one process, and one large archive.

    python bench/client.py [--pulls 2000] [--megabytes 300] [--runs 5] [--quick] [--json bench/out/client.json]

Small pulls are given in processor time of the client, which a busy machine changes least; the large archive beside
`curl` and `sha256sum`, run in turns with it. Medians; memory is the peak sum of PSS. nginx comes with `make servers`.
"""

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from measure import Work, measure, measure_alternating, program  # noqa: E402

from tests.serving import served_by_nginx  # noqa: E402
from tests.small_registry import SmallRegistry, cm_meta  # noqa: E402

RUNS = 5
TARGET_PULL_MS = 1.0
TARGET_SPEED = 0.6  # Of curl and sha256sum.
TARGET_BYTES = 60_000_000
SMALL_BYTES = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """The registry that is measured: `pulls` small artifacts and a large one, at `url`."""

    folder: Path
    url: str
    pulls: int
    archive_path: str
    archive_bytes: int

    def variables(self, name: str) -> dict[str, str]:
        """Return the variables of a client with a cache and state of its own."""
        own = self.folder / "clients" / name
        return {
            "CMSITE_CACHE": str(own / "cache"),
            "CMSITE_CONFIG": str(own / "config"),
            "PYTHONPATH": str(HERE.parent),
            "no_proxy": "127.0.0.1",
        }

    def forget(self, name: str) -> None:
        """Give a client an empty cache again."""
        shutil.rmtree(self.folder / "clients" / name, ignore_errors=True)
        (self.folder / "clients" / name).mkdir(parents=True)


def main() -> None:
    """Measure, print and write a table; or do what is measured, in a process of its own."""
    if sys.argv[1:2] == ["--work"]:
        _work(sys.argv[2], *sys.argv[3:])
        return
    options = _options()
    options.json.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="client-", dir=options.json.parent))
    rows = []
    try:
        with ExitStack() as stack:
            setting = _setting(folder, options.pulls, options.megabytes, stack)
            for row in _measured(setting, options.runs):
                rows.append(row)
                print(_line(row), flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    options.json.write_text(json.dumps({"arguments": sys.argv[1:], "rows": rows}, indent=2) + "\n", "utf-8")
    print(f"\nwritten: {options.json}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pulls", type=int, default=0, help="small artifacts (default 2000)")
    parser.add_argument("--megabytes", type=int, default=0, help="size of the large one (default 300)")
    parser.add_argument("--runs", type=int, default=0, help=f"default {RUNS}")
    parser.add_argument("--quick", action="store_true", help="50 pulls, 5 MB, one run: does everything work?")
    parser.add_argument("--json", type=Path, default=HERE / "out" / "client.json", help="where the figures go")
    options = parser.parse_args()
    options.pulls = options.pulls or (50 if options.quick else 2000)
    options.megabytes = options.megabytes or (5 if options.quick else 300)
    options.runs = options.runs or (1 if options.quick else RUNS)
    return options


def _setting(folder: Path, pulls: int, megabytes: int, stack: ExitStack) -> Setting:
    """Publish the registry with the modules of the publisher, and serve it."""
    nginx = program("nginx")
    site = folder / "site"
    small = SmallRegistry(site)
    for number in range(pulls):
        files = {"_cm.yaml": cm_meta(f"artifact-{number}", f"{number:016x}"), "run.sh": b"echo %d\n" % number}
        small.add(f"artifact-{number}", files, uid=f"{number:016x}")
    large = small.add(
        "large", {"_cm.yaml": cm_meta("large", "f" * 16), "data": os.urandom(megabytes * 10**6)}, uid="f" * 16
    )
    small.publish()
    (version,) = large.versions
    return Setting(
        folder=folder,
        url=stack.enter_context(served_by_nginx(nginx, site, folder)),
        pulls=pulls,
        archive_path=f"artifacts/{version.archive_sha256}.tar.gz",
        archive_bytes=version.size_bytes,
    )


def _measured(setting: Setting, runs: int) -> Iterator[dict[str, Any]]:
    works = {
        "bare": "urllib3 and sha256 alone, nothing resolved or kept",
        "fetch": "resolve and fetch, verified in the cache",
        "pull": "one `pull` of all, in place",
    }
    for work, what in works.items():
        times_ms = [_processor_ms(setting, work, f"{work}-{run}") for run in range(runs)]
        yield {
            "what": f"{setting.pulls} small pulls in one process: {what}",
            "median": f"{statistics.median(times_ms):.2f} ms each",
            "times_ms": times_ms,
            "target": f"≤ {TARGET_PULL_MS:g} ms" if work == "fetch" else "-",
        }
    yield from _large(setting, runs)


def _processor_ms(setting: Setting, work: str, name: str) -> float:
    """Return the processor time of a new client a pull, in ms, its start included.

    What it writes stays to the end: a disk makes new files several times as slowly after thousands were deleted.
    """
    setting.forget(name)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, HERE / "client.py", "--work", work, setting.url, str(setting.pulls)]
    environment = os.environ | setting.variables(name)
    subprocess.run(command, env=environment, cwd=setting.folder / "clients" / name, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    time_s = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return round(time_s / setting.pulls * 1000, 4)


def _large(setting: Setting, runs: int) -> Iterator[dict[str, Any]]:
    """Measure the large archive: curl and sha256sum, our fetching alone, and the whole pull."""
    url = setting.url + setting.archive_path
    peer = f"curl -sS -o {setting.folder}/by-curl {url} && sha256sum {setting.folder}/by-curl"
    name = f"archive of {setting.archive_bytes / 1e6:.0f} MB"
    works = {
        "`curl` and `sha256sum`": Work(command=("sh", "-c", peer), folder=setting.folder, variables={}),
        "fetched and verified": _client(setting, "large", "archive"),
        "pulled: fetched, verified, unpacked": _client(setting, "whole", "whole"),
    }
    figures = dict(zip(works, measure_alternating(list(works.values()), runs), strict=True))
    for what, figure in figures.items():
        ratio = figures["`curl` and `sha256sum`"].median_s / figure.median_s
        peak = measure(works[what], 0).peak_bytes if what in list(works)[1:] else 0
        yield {
            "what": f"{name}: {what}",
            "median": f"{figure.median_s:.2f} s, {ratio:.2f} × the speed of curl and sha256sum",
            "times_s": [round(time_s, 3) for time_s in figure.times_s],
            "peak_pss_bytes": peak or None,
            "target": f"≥ {TARGET_SPEED:g} ×, ≤ {TARGET_BYTES / 1e6:.0f} MB" if peak else "-",
        }


def _client(setting: Setting, name: str, work: str) -> Work:
    command = (sys.executable, HERE / "client.py", "--work", work, setting.url, "1")
    setting.forget(name)
    return Work(
        command=command,
        folder=setting.folder / "clients",
        variables=setting.variables(name),
        prepare=lambda: setting.forget(name),
    )


def _work(work: str, url: str, pulls: str) -> None:
    """Do what is measured, as a program would that uses the client."""
    from cmsite.client.registries import open_address

    registry = open_address(url)
    if work == "archive":
        registry.archive(registry.resolve("script:large").version)
        return
    references = ["script:large"] if work == "whole" else [f"script:artifact-{number}" for number in range(int(pulls))]
    if work == "bare":
        _bare(url)
    elif work == "fetch":
        for reference in references:
            registry.archive(registry.resolve(reference).version)
    else:
        _pull(references, registry)


def _bare(url: str) -> None:
    """Fetch and hash all small archives as briefly as urllib3 allows: what no client over it can be faster than."""
    import hashlib

    import urllib3

    site = Path.cwd().parent.parent / "site" / "artifacts"
    names = [entry.name for entry in os.scandir(site) if entry.stat().st_size < SMALL_BYTES]
    pool = urllib3.connection_from_url(url)
    for name in names:
        if hashlib.sha256(pool.request("GET", f"/artifacts/{name}").data).hexdigest() != name.partition(".")[0]:
            raise SystemExit(f"bench: {name} has other bytes")


def _pull(references: list[str], registry: Any) -> None:
    from uuid import uuid4

    from cmsite.client.pull import pull
    from cmsite.validation.client_metas import judge_meta

    into = Path(os.environ["CMSITE_CACHE"]).parent / "artifacts"
    pulled = pull(references, registries=[registry], into=into, check=judge_meta, draw_uid=lambda: uuid4().hex[:16])
    if len(pulled) != len(references):
        raise SystemExit(f"bench: {len(pulled)} artifacts were pulled, expected {len(references)}")


def _line(row: dict[str, Any]) -> str:
    memory = f"{row['peak_pss_bytes'] / 1e6:.0f} MB" if row.get("peak_pss_bytes") else "-"
    return f"| {row['what']} | {row['median']} | {memory} | {row['target']} |"


if __name__ == "__main__":
    main()
