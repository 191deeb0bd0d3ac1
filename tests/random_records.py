"""Records of a small world for searches: few words, so that they meet, and every trap that text has in two languages."""

import random
from typing import Any

from tests.naive_search import Asked, Json

WORDS = (
    "get", "getter", "dataset", "data", "coco", "coco2014", "open", "images", "openimages", "python3", "python", "2014",
    "Größe", "ΟΔΟΣ", "ｚeta", "𝒳y", "日本", "x\u0301", "__proto__", "constructor", "install", "a",
)  # fmt: skip
TAGS = ("get", "dataset", "open-images", "_cpu", "Coco", "coco", "#x", "ｚ", "𝒳", "a b", "-dash")
AUTOMATIONS = (("script", "5b4e0237da074764"), ("Data.x", "84d8ef6914bf4d78"), ("docs", ""))
REPOSITORIES = ("team", "copy", "a b")
STATUSES = ("active",) * 8 + ("deprecated", "quarantined", "removed", "moved")
UIDS = tuple(f"{number:016x}" for number in range(1, 40))


def some_records(chance: random.Random, count: int) -> list[Json]:
    """Return `count` records at most; (repository, automation, folder) is unique."""
    found: dict[Any, Json] = {}
    for number in range(count):
        automation, uid = chance.choice(AUTOMATIONS)
        alias = chance.choice("-_. ").join(chance.choices(WORDS, k=chance.choice((1, 1, 2, 2, 3))))
        record: Json = {
            "automation": automation, "alias": alias, "repository": chance.choice(REPOSITORIES),
            "folder": f"{alias}-{number % 3}", "format": "cm",
        }  # fmt: skip
        record["rank"] = REPOSITORIES.index(record["repository"])
        more: Json = {
            "automation_uid": uid,
            "uid": chance.choice((*UIDS, "")),
            "tags": sorted(set(chance.choices(TAGS, k=chance.randrange(4)))),
            "description": " ".join(chance.choices(WORDS, k=chance.randrange(3))),
            "words": sorted(
                {word.lower() for word in chance.choices(("coco", "readme", "𝒳", "heading7"), k=chance.randrange(3))}
            ),
            "variations": chance.choices(("cpu", "cuda.#"), k=chance.randrange(2)),
            "authors": chance.choices(("Ada King-Noel", "Größe"), k=chance.randrange(2)),
            "has": chance.choices(("results",), k=chance.randrange(2)),
            "status": chance.choice(STATUSES),
        }
        record |= {key: value for key, value in more.items() if value not in ("", [], "active")}
        found[record["repository"], record["automation"], record["folder"]] = record
    return list(found.values())


def some_query(chance: random.Random) -> Asked:
    words = [
        word[: chance.choice((1, 2, 3, 99))]
        for word in chance.choices((*WORDS, "nothing", "readme", "heading"), k=chance.choice((0, 1, 1, 2, 3)))
    ]
    if chance.random() < 0.1:
        words.append(chance.choice(UIDS))
    asked = Asked(words=words)
    if chance.random() < 0.4:
        asked.tags = chance.choices(TAGS[:-1], k=chance.choice((1, 2)))
    if chance.random() < 0.2:
        asked.excluded = [chance.choice(TAGS)]
    if chance.random() < 0.3:
        field, value = chance.choice(
            (
                ("automation", "script"),
                ("automation", "DATA.X"),
                ("repository", "team"),
                ("author", "Ada Noel"),
                ("has", "results"),
            )
        )
        setattr(asked, field, value)
    return asked
