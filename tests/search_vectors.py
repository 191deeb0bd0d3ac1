"""Writes the test vectors of searching, tests/vectors/search/*.json: `python -m tests.search_vectors`.

Each is a small index as its files, the records it was made of, and queries with their answers, which are those of looking
at every document (tests/search_oracle.py). docs/index-format.md, "Test vectors", says how to read them.
"""

import base64
import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

from cmsite.client.query import Query, parse_query
from cmsite.index.layout import IndexLimits
from cmsite.index.lines import emit_record, publishable
from cmsite.index.records import Record, Status
from tests.search_oracle import Oracle, Rules
from tests.search_world import World

FOLDER = Path(__file__).parent / "vectors" / "search"
SHOWN = 12
RULES = Rules(least_common=12, enough=40)
LIMITS = IndexLimits(all_bytes=0, chunk=8, least_common=12, enough=40, leaf_bytes=1500, leaves_a_node=8, max_nodes=16)
TEXTS = (
    ("get-dataset_COCO", "", ""), ("Größe ΟΔΟΣ οδός", "", ""), ("onnx runtime", "coco,-x1,_cpu,-_cuda", ""),
    ("author:Ada get repository:team", "", "Script"), ("has:results AUTHOR:ada-king", "", ""), ("author: get", "", ""),
    ("script:get", "", "data"), ("日本語 テスト ２ ⅷ", "", ""), ("x" * 300, "", ""), ("get get GET", ",,a,", ""),
)  # fmt: skip


def made() -> dict[str, dict[str, Any]]:
    """Return the vectors by name."""
    chance = random.Random(5)
    tree = World(chance, 160, LIMITS)
    for number in range(130):  # More words of one beginning than a reader looks up.
        one = tree.some_record()
        one = replace(one, alias=f"zeta{chr(97 + number // 26)}{chr(97 + number % 26)}", folder=f"z{number}", uid="")
        tree.records[one.key] = replace(one, status=Status.ACTIVE)
    tree = tree.anew()
    vectors = {"tree": vector(tree, 90)}
    tree.change(12)
    tree.publish()
    assert tree.root.delta is not None
    vectors["delta"] = vector(tree, 90)
    small = World(random.Random(6), 60, IndexLimits())
    vectors["all"] = vector(small, 60)
    vectors["queries"] = {"queries": [text_vector(*text) for text in TEXTS]}
    return vectors


def vector(world: World, count: int) -> dict[str, Any]:
    """Return an index, its records, and queries with their answers."""
    folded, now = world.folded, list(world.records.values())
    oracle = Oracle(folded, now, RULES) if world.root.terms is not None else Oracle((), now, RULES)
    queries = [world.query() for _ in range(count)]
    queries += [
        Query(words=("zet",)),
        Query(words=("zetaa",)),
        Query(words=("get",)),
        Query(),
        Query(words=("nothing",)),
    ]
    queries += [Query(excluded=("#coco",)), Query(words=(now[0].uid or "0" * 16, "get"))]
    needed = {path for path in world.files if path in world.reachable()}
    return {
        "folded": lines(folded) if world.root.terms is not None else [],
        "records": lines(now),
        "files": {path: base64.b64encode(world.files[path]).decode() for path in sorted(needed)},
        "queries": [asked(query, oracle) for query in queries],
    }


def lines(records: list[Record]) -> list[Any]:
    return [json.loads(emit_record(publishable(one))) for one in sorted(records, key=lambda one: one.key)]


def asked(query: Query, oracle: Oracle) -> dict[str, Any]:
    expected = oracle.answer(query)
    return {
        "words": query.words,
        "keys": query.keys,
        "excluded": query.excluded,
        "total": len(expected.keys),
        "total_is_exact": expected.is_exact,
        "missing": expected.missing if expected.keys else 0,
        "hits": expected.keys[:SHOWN],
    }


def text_vector(text: str, tags: str, automation: str) -> dict[str, Any]:
    query = parse_query([text], tags, automation)
    return {
        "text": text,
        "tags": tags,
        "automation": automation,
        "words": query.words,
        "keys": query.keys,
        "excluded": query.excluded,
    }


def written(value: dict[str, Any]) -> str:
    """Return a vector as its file: one line an item, so that differences can be read."""
    parts = []
    for key, items in value.items():
        body = json.dumps(items, ensure_ascii=False, indent=0).replace("\n", "") if isinstance(items, dict) else None
        rows = [json.dumps(item, ensure_ascii=False, sort_keys=True) for item in items] if body is None else []
        if isinstance(items, dict):
            rows = [f"{json.dumps(name)}: {json.dumps(item)}" for name, item in items.items()]
        begin, end = ("{", "}") if isinstance(items, dict) else ("[", "]")
        parts.append(f"{json.dumps(key)}: {begin}\n" + ",\n".join(rows) + f"\n{end}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, value in made().items():
        (FOLDER / f"{name}.json").write_text(written(value), encoding="utf-8")
