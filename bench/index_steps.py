"""The steps of bench/million.py, each in a process of its own so that memory is that of the step alone.

    python bench/index_steps.py draw LIKE COUNT RECORDS QUESTIONS --queries N
    python bench/index_steps.py publish RECORDS SITE [--changes N]
    python bench/index_steps.py ask ADDRESS QUESTIONS

Each prints one JSON object. LIKE holds the lines of real records, RECORDS the imitations (pickled lists), QUESTIONS what
is asked of the index.
"""

import argparse
import concurrent.futures
import heapq
import json
import multiprocessing
import os
import pickle
import random
import statistics
import tempfile
import threading
import time
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from imitation import Imitation

from cmsite import parallel
from cmsite.client.cache import Cache
from cmsite.client.fetching import Answer, Fetcher, Sink, Validators
from cmsite.client.query import parse_query
from cmsite.client.remote import RemoteRegistry
from cmsite.client.transport import Transport
from cmsite.index.documents import keys_of
from cmsite.index.emit import Before, emit_index
from cmsite.index.layout import ROOT_PATH, blob_path
from cmsite.index.lines import parse_record
from cmsite.index.read import parse_node
from cmsite.index.records import Record
from cmsite.index.root import parse_root
from cmsite.outputs import OutputFolder

REGISTRY_ID = "bec5" * 8
A_PICKLE = 1_000  # Records.
RESOLVED = 200  # Names that are resolved.
MOST_REQUESTS = {"resolve": 3, "one word": 15, "two tags": 25}  # What is aimed at.


def main() -> None:
    """Do one step."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    steps = parser.add_subparsers(dest="step", required=True)
    drawing = steps.add_parser("draw")
    for name, kind in (("like", Path), ("count", int), ("records", Path), ("questions", Path)):
        drawing.add_argument(name, type=kind)
    drawing.add_argument("--queries", type=int, default=1_000)
    publishing = steps.add_parser("publish")
    publishing.add_argument("records", type=Path)
    publishing.add_argument("site", type=Path)
    publishing.add_argument("--changes", type=int, default=0)
    asking = steps.add_parser("ask")
    asking.add_argument("address")
    asking.add_argument("questions", type=Path)
    options = parser.parse_args()
    match options.step:
        case "draw":
            figures = draw(options.like, options.count, options.records, options.questions, options.queries)
        case "publish":
            figures = publish(options.records, options.site, options.changes)
        case _:
            figures = ask(options.address, options.questions)
    print(json.dumps(figures))


# --- draw ----------------------------------------------------------------------------------------------------------


def draw(like: Path, count: int, target: Path, questions: Path, queries: int) -> dict[str, Any]:
    """Write imitated records, and questions whose keys are drawn uniformly from all keys, and by frequency."""
    values = map(json.loads, like.read_text("utf-8").splitlines())
    imitation = Imitation(parse_record(value, where=str(like), path="") for value in values)
    words, tags = _Different(queries), _Different(queries)
    chance = random.Random(count)
    often = set(chance.sample(range(count), min(count, 4 * queries)))
    records: list[Record] = []
    keys = 0
    with target.open("wb") as stream:
        drawn = imitation.records(count)
        for start in range(0, count, A_PICKLE):
            some = list(islice(drawn, A_PICKLE))
            pickle.dump(some, stream, protocol=5)
            for place, record in enumerate(some, start):
                found = keys_of((record,))
                keys += len(found)
                words.add((key for key in found if key[0].isalnum()), None)
                if len(plain := _plain(record.tags)) > 1:
                    tags.add(plain, plain)
                if place in often:
                    records.append(record)
    chance.shuffle(records)
    tagged = [plain for record in records if len(plain := _plain(record.tags)) > 1]
    asked = {
        "resolve": [f"{record.repository}/{record.name}" for record in records[:RESOLVED]],
        "one word, any": [[word, ""] for word, _ in words.drawn()],
        "one word, often": [[_any_word(chance, record), ""] for record in records[:queries]],
        "two tags, any": [["", _pair(chance, tag, beside)] for tag, beside in tags.drawn()],
        "two tags, often": [["", ",".join(chance.sample(some, 2))] for some in tagged[:queries]],
    }
    questions.write_text(json.dumps(asked), "utf-8")
    return {"growth": imitation.growth, "keys_a_record": keys / count}


class _Different:
    """A uniform sample of the different keys of a stream: those of the lowest checksums, shuffled by these."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._found: dict[str, Any] = {}
        self._heap: list[tuple[int, str]] = []

    def add(self, keys: Iterable[str], beside: Any) -> None:
        """Take keys, each with what is kept beside it."""
        for key in keys:
            rank = -zlib.crc32(key.encode())
            if (len(self._heap) < self._size or rank > self._heap[0][0]) and key not in self._found:
                self._found[key] = beside
                heapq.heappush(self._heap, (rank, key))
                if len(self._heap) > self._size:
                    del self._found[heapq.heappop(self._heap)[1]]

    def drawn(self) -> list[tuple[str, Any]]:
        """Return the sample."""
        return list(self._found.items())


def _any_word(chance: random.Random, record: Record) -> str:
    return chance.choice(sorted(key for key in keys_of((record,)) if key[0].isalnum()))


def _plain(tags: tuple[str, ...]) -> list[str]:
    """Return the tags that a query names as they are: `-` before one excludes it, `_` makes it a variation."""
    return [tag for tag in tags if tag[:1] not in ("", "-", "_") and "," not in tag and tag == tag.strip()]


def _pair(chance: random.Random, tag: str, beside: list[str]) -> str:
    return f"{tag},{chance.choice([other for other in beside if other != tag])}"


def read_records(path: Path) -> Iterator[Record]:
    """Yield the records that were drawn."""
    with path.open("rb") as stream:
        while True:
            try:
                yield from pickle.load(stream)  # noqa: S301 - the step before wrote it.
            except EOFError:
                return


# --- publish -------------------------------------------------------------------------------------------------------


def publish(records: Path, site: Path, changes: int) -> dict[str, Any]:
    """Write the index; with `changes` only count the files that a publisher would write beside the index that is there."""
    changed = set(random.Random(changes).sample(range(_length(records)), changes)) if changes else set()
    return _published(_revised(records, changed), site, is_first=not changes)


def _published(records: Iterable[Record], site: Path, *, is_first: bool) -> dict[str, Any]:
    output = OutputFolder(site)
    root = site / ROOT_PATH
    previous = parse_root(root.read_bytes()) if not is_first else None
    before = Before(root=previous, read=lambda path: (site / path).read_bytes()) if previous else None
    begun, used = time.perf_counter(), _processor_s()
    paths: set[str] = set()
    new = size = new_size = 0
    for file in emit_index(
        records,
        registry_id=REGISTRY_ID,
        previous=previous,
        before=before,
        first=is_first,
        created_s=1,
        spread=parallel.Spread(parallel.default_jobs()),
    ):
        if file.path in paths:
            continue
        paths.add(file.path)
        size += len(file.content)
        if not output.holds(file):
            new, new_size = new + 1, new_size + len(file.content)
            if is_first:
                output.write(file)
    figures = {
        "files": len(paths),
        "bytes": size,
        "new_files": new,
        "new_bytes": new_size,
        "time_s": time.perf_counter() - begun,
        "processor_s": _processor_s() - used,
    }
    return figures | ({"largest_bytes": _largest_bytes(site)} if is_first else {})


def _largest_bytes(site: Path) -> int:
    """Return what a cold look-up of a name costs at most: root.json and the largest node with its largest leaf."""
    content = (site / ROOT_PATH).read_bytes()
    tree = parse_root(content).records
    costs = [0]
    for node in filter(None, tree.nodes):
        leaves = parse_node((site / blob_path(node.sha256)).read_bytes(), tree, node.sha256)
        costs.append(node.size_bytes + max(leaf.size_bytes for leaf in leaves if leaf))
    return len(content) + max(costs)


def _processor_s() -> float:
    """Return the processor time of this process and of all its workers that ended."""
    return sum(os.times()[:4])


def _length(records: Path) -> int:
    return sum(1 for _ in read_records(records))


def _revised(records: Path, changed: set[int]) -> Iterator[Record]:
    """Yield the records, the changed ones with a new revision, every second of these with a new description too."""
    for number, record in enumerate(read_records(records)):
        if number not in changed:
            yield record
            continue
        last = record.versions[-1]
        digest = f"{number:064x}"
        newer = replace(last, revision=last.revision + 1, tar_sha256=digest, archive_sha256=digest)
        text = f"Changed {record.description}"[:80] if len(changed) == 1 or number % 2 else record.description
        yield replace(record, versions=(*record.versions, newer), description=text)


# --- ask -----------------------------------------------------------------------------------------------------------

_local = threading.local()


class _Pool(concurrent.futures.ThreadPoolExecutor):
    """A pool whose threads know that they belong together: what they fetch is one round."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named, initializer=setattr, initargs=(_local, "pool", self))


class Counted(Fetcher):
    """Passes on to a transport, and counts requests, bytes of bodies, and rounds.

    A round is one request of the main thread, or all those of one pool of threads: an upper bound of how many wait for
    one another.
    """

    def __init__(self, transport: Fetcher) -> None:
        self._transport = transport
        self._lock = threading.Lock()
        self.begin()

    def begin(self) -> None:
        """Count from 0."""
        self.requests = self.size_bytes = 0
        self._rounds: set[object] = set()

    @property
    def rounds(self) -> int:
        """Return how many rounds there were."""
        return len(self._rounds)

    def fetch(self, url: str, *, max_bytes: int, expected_sha256: str | None = None, fresh: bool = False) -> bytes:
        """Fetch and count."""
        data = self._transport.fetch(url, max_bytes=max_bytes, expected_sha256=expected_sha256, fresh=fresh)
        self._add(len(data))
        return data

    def fetch_changed(self, url: str, *, max_bytes: int, held: Validators | None, fresh: bool = False) -> Answer:
        """Fetch and count."""
        answer = self._transport.fetch_changed(url, max_bytes=max_bytes, held=held, fresh=fresh)
        self._add(len(answer.data or b""))
        return answer

    def fetch_into(self, url: str, sink: Sink, *, max_bytes: int, expected_sha256: str) -> None:
        """Fetch and count."""
        self._transport.fetch_into(url, sink, max_bytes=max_bytes, expected_sha256=expected_sha256)
        self._add(sink.size_bytes)

    def _add(self, size_bytes: int) -> None:
        with self._lock:
            self.requests += 1
            self.size_bytes += size_bytes
            self._rounds.add(getattr(_local, "pool", None) or self.requests)


def ask(address: str, questions: Path) -> dict[str, Any]:
    """Put every question with an empty cache, and return what each kind of question cost.

    One process a core asks; what is counted is counted for each question alone.
    """
    asked = json.loads(questions.read_text("utf-8"))
    with multiprocessing.Pool(parallel.default_jobs(), _begin_asking, (address,)) as pool:
        return {
            kind: costs(
                some, pool.map(_asked, [(kind, one) for one in some], chunksize=20), MOST_REQUESTS[kind.split(",")[0]]
            )
            for kind, some in asked.items()
        }


_asking: dict[str, Any] = {}


def _begin_asking(address: str) -> None:
    concurrent.futures.ThreadPoolExecutor = _Pool  # type: ignore[misc] - the client imports it where it is used.
    _asking.update(address=address, counted=Counted(Transport(address)))


def _asked(one: tuple[str, Any]) -> tuple[int, int, int, bool, float]:
    """Return requests, bytes, rounds, whether nothing was found, and seconds."""
    kind, question = one
    counted: Counted = _asking["counted"]
    with tempfile.TemporaryDirectory(prefix="cmsite-bench-") as folder:
        counted.begin()
        begun = time.perf_counter()
        registry = RemoteRegistry(_asking["address"], transport=counted, cache=Cache(Path(folder)))
        found = _resolve(registry, question) if kind == "resolve" else _search(registry, question)
        time_s = time.perf_counter() - begun
    return counted.requests, counted.size_bytes, counted.rounds, not found, time_s


def _resolve(registry: RemoteRegistry, name: str) -> bool:
    registry.resolve(name)
    return True


def _search(registry: RemoteRegistry, question: list[str]) -> bool:
    """Return whether something was found; a list too long to be read whole may hold it further on."""
    word, tags = question
    answer = registry.search(parse_query([word] if word else [], tags), registry.usual_limit)
    wanted = set(filter(None, tags.split(",")))
    is_wrong = not answer.hits and answer.total_is_exact
    if is_wrong or any(not wanted <= set(hit.record.tags) for hit in answer.hits if not hit.others):
        raise ValueError(f"bench: wrong answer to {question!r}: {[hit.record.name for hit in answer.hits]}")
    return bool(answer.hits)


def costs(questions: list[Any], rows: list[tuple[int, int, int, bool, float]], most: int) -> dict[str, Any]:
    """Return what questions of one kind cost; `over` of them took more than `most` requests."""
    requests, sizes, rounds, empty, times_s = zip(*rows, strict=True)
    found = {
        name: {"median": statistics.median(column), "of_99": _of_99(column), "worst": max(column)}
        for name, column in (("requests", requests), ("bytes", sizes), ("rounds", rounds))
    }
    return found | {
        "questions": len(rows),
        "over": sum(one > most for one in requests),
        "empty": sum(empty),
        "median_s": statistics.median(times_s),
        "most_bytes": questions[sizes.index(max(sizes))],
        "most_requests": questions[requests.index(max(requests))],
    }


def _of_99(column: Sequence[int]) -> int:
    """Return what 99 of 100 do not exceed."""
    return sorted(column)[-(-99 * len(column) // 100) - 1]


if __name__ == "__main__":
    main()
