"""A search as simple as it can be said: every artifact, every word, every rule of docs/index-format.md one by one.

The oracle for all readers. It shares no code with them, works on records as JSON has them, and is slow.
"""

import hashlib
import re
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

MOST_CONSIDERED = 16384
MOST_BEGINNINGS = 100
ENOUGH = 1024
POINTS = {True: {3: 10, 2: 5, 1: 3}, False: {3: 6, 2: 3, 1: 2}}  # By whether it is the whole key, and its level.
SYNONYMS = {"download": "get", "fetch": "get", "install": "get"}


@dataclass
class Asked:
    """A query; `automation` and `repository` as the page has them beside its field."""

    words: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    excluded: list[str] = field(default_factory=list)
    automation: str = ""
    repository: str = ""
    author: str = ""
    has: str = ""


@dataclass(eq=False)
class Doc:
    """A document: its copies, its number, its keys with levels, and its place among equals."""

    copies: list[Json]
    hash: int
    ordinal: int
    keys: dict[str, int]
    place: tuple[int, int, int, int, int]


@dataclass
class Tree:
    """What of a tree of terms changes an answer: the documents at its fold, its common keys, and what changed since."""

    docs: list[Doc]
    common: list[str]
    changed: set[int]
    most: int = MOST_CONSIDERED
    enough: int = ENOUGH


def search(asked: Asked, records: list[Json], tree: Tree | None = None) -> Json:
    """Return {"hits": [[repository, automation, folder], …], "total", "exact", "missing"}."""
    docs = docs_of(records)
    words = list(dict.fromkeys(split(" ".join(asked.words))))
    keys, excluded = exact_keys(asked)
    named = []
    if not keys and not excluded:
        uids = [word for word in words if re.fullmatch("[0-9a-f]{16}", word)]
        named = sorted((doc for doc in docs if doc.copies[0].get("uid", "").lower() in uids), key=lambda doc: doc.place)
        known = {doc.copies[0]["uid"].lower() for doc in named}
        words = [word for word in words if word not in known]
    exact, missing = True, 0
    kept: list[Doc] = []
    if (words or not named) and (tree is None or words or keys):
        unknown = sum(1 for texts in texts_of(words) if tree and not any(beginnings(text, tree) for text, _ in texts))
        for most in (MOST_CONSIDERED, None) if tree is None else (tree.most, None):
            looked_at, exact = (docs, True) if tree is None else considered(words, keys, docs, tree, most)
            points = looked_up(words, tree, most if len(words) == 1 and not keys else None)
            fitting = [doc for doc in looked_at if set(keys) <= set(doc.keys) and not set(excluded) & set(doc.keys)]
            known_places = {doc.place for doc in named}
            scored = [
                (doc, [points(doc, at) for at in range(len(words))]) for doc in fitting if doc.place not in known_places
            ]
            kept, missing = best(scored, len(words))
            few = max(1, (most or 0) // (256 if words else 1024))
            if exact or (most is not None and len(kept) >= few and missing <= unknown):
                break
    found = named + kept
    hits = [[doc.copies[0][key] for key in ("repository", "automation", "folder")] for doc in found]
    return {"hits": hits, "total": len(hits), "exact": exact, "missing": missing if kept else 0}


def best(scored: list[tuple[Doc, list[int]]], words: int) -> tuple[list[Doc], int]:
    if not words:
        return sorted((doc for doc, _ in scored), key=lambda doc: doc.place), 0
    most = max((sum(1 for one in points if one) for _, points in scored), default=0)
    if not most:
        return [], words
    kept = [(doc, points) for doc, points in scored if sum(1 for one in points if one) == most]
    weights = []
    for at in range(words):
        named = sum(1 for _, points in kept if points[at] >= 6)
        weights.append(len(bin(len(kept) // max(1, named))) - 2 if len(kept) >= max(1, named) else 0)
    kept.sort(key=lambda one: (-sum(w * p for w, p in zip(weights, one[1], strict=True)), one[0].place))
    return [doc for doc, _ in kept], words - most


def looked_up(words: list[str], tree: Tree | None, most: int | None) -> Any:
    """Return points(document, number of the word); of lists that are not of common keys the first `most` entries count."""
    allowed = (
        {} if tree is None else {text: set(beginnings(text, tree)) for word in texts_of(words) for text, _ in word}
    )

    def is_read(doc: Doc, key: str, text: str) -> bool:
        if tree is None or doc.hash in tree.changed:
            return True
        is_whole = most is None or key in tree.common
        return key in allowed[text] and (is_whole or doc.place in {one.place for one in listed(key, tree)[:most]})

    def points(doc: Doc, at: int) -> int:
        best = 0
        for text, half in texts_of(words)[at]:
            for key, level in doc.keys.items():
                if is_word(key) and key.startswith(text) and is_read(doc, key, text):
                    got = POINTS[key == text][level]
                    best = max(best, got // 2 if half else got)
        return best

    return points


def texts_of(words: list[str]) -> list[list[tuple[str, bool]]]:
    """Return for each word the texts it is looked up as, and whether for half of the points."""
    found = []
    for at, word in enumerate(words):
        texts = [(word, False)]
        if at:
            texts.append(((words[at - 1] + word)[:200], False))
        if at + 1 < len(words):
            texts.append(((word + words[at + 1])[:200], False))
        if word in SYNONYMS:
            texts.append((SYNONYMS[word], True))
        found.append(texts)
    return found


def beginnings(text: str, tree: Tree) -> list[str]:
    keys = {key for doc in tree.docs for key in doc.keys if is_word(key) and key.startswith(text)}
    found: list[str] = []
    for key in sorted(keys)[:MOST_BEGINNINGS]:
        if sum(len(listed(one, tree)) for one in found) < tree.enough:
            found.append(key)
    return found


def considered(
    words: list[str], keys: list[str], docs: list[Doc], tree: Tree, most: int | None
) -> tuple[list[Doc], bool]:
    """Return the documents to look at, and whether none was left out for the length of a list."""
    now = [doc for doc in docs if doc.hash in tree.changed]
    then = [doc for doc in tree.docs if doc.hash not in tree.changed]
    rare = [key for key in keys if key not in tree.common]
    as_keys = [sorted({key for text, _ in texts for key in beginnings(text, tree)}) for texts in texts_of(words)]
    as_keys = [found for found in as_keys if found]
    rare_words = [found for found in as_keys if not set(found) & set(tree.common)]
    if rare:
        return now + [doc for doc in then if all(key in doc.keys for key in rare)], True
    is_one_word = len(words) == 1 and not keys
    if rare_words and not is_one_word:
        wanted = {key for found in rare_words for key in found}
        return now + [doc for doc in then if wanted & set(doc.keys)], True
    lists = {key: listed(key, tree) for key in {*keys, *(key for found in as_keys for key in found)}}
    if keys:
        chosen = [min(keys, key=lambda key: (len(lists[key]), key))]
    else:
        chosen = min(as_keys, key=lambda found: sum(len(lists[key]) for key in found), default=[])
    some = {id(doc) for key in chosen for doc in lists[key][: most if key in tree.common or is_one_word else None]}
    is_exact = most is None or all(len(lists[key]) <= most for key in chosen if key in tree.common or is_one_word)
    return now + [doc for doc in then if id(doc) in some], is_exact


def listed(key: str, tree: Tree) -> list[Doc]:
    """Return the documents that had a key at the fold, in the order of its list."""
    return sorted((doc for doc in tree.docs if key in doc.keys), key=lambda doc: (-doc.keys[key], doc.place))


def docs_of(records: list[Json]) -> list[Doc]:
    identities: dict[Any, list[Json]] = {}
    for record in records:
        if record.get("status", "active") not in ("removed", "moved", "purged"):
            identities.setdefault(identity(record), []).append(record)
    for copies in identities.values():
        copies.sort(key=origin)
    docs = []
    for copies in identities.values():
        hashed = hash_of(name(copies[0]))
        lowest = [
            (min((name(one), *origin(one)) for one in others if hash_of(name(one)) == hashed), others is copies)
            for others in identities.values()
            if any(hash_of(name(one)) == hashed for one in others)
        ]
        ordinal = [mine for _, mine in sorted(lowest)].index(True)
        alias = split(copies[0]["alias"])
        passive = copies[0].get("status", "active") != "active"
        letters = sum(len(word) for word in alias)
        place = (int(passive), min(len(alias), 15), min(letters, 255), hashed, ordinal)
        docs.append(Doc(copies, hashed, ordinal, keys_of(copies), place))
    return docs


def name(record: Json) -> str:
    return f"{record['automation']}:{record['alias']}"


def origin(record: Json) -> tuple[int, str, str, str]:
    return (record.get("rank", 0), record["repository"], record["automation"], record["folder"])


def identity(record: Json) -> Any:
    if not record.get("uid"):
        return ("none", record["repository"], record["automation"], record["folder"])
    return (record.get("automation_uid") or record["automation"], record["uid"])


def hash_of(text: str) -> int:
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16)


def keys_of(copies: list[Json]) -> dict[str, int]:
    found: dict[str, int] = {}

    def add(words: list[str], level: int) -> None:
        for word in words:
            stem = re.sub("[0-9]+$", "", word)
            for form in (word, stem) if stem else (word,):
                found[form] = max(found.get(form, 0), level)

    for record in copies:
        add(with_neighbours(split(record["alias"])), 3)
        for tag in record.get("tags", []):
            add(with_neighbours(split(tag)), 2)
        add(split(record.get("description", "")), 1)
        add(split(record["automation"]), 1)
        add([word for word in record.get("words", []) if word], 1)
        exact = ["#" + tag[:200] for tag in record.get("tags", [])]
        exact += ["_" + one[:200] for one in record.get("variations", [])]
        exact += ["@" + word for author in record.get("authors", []) for word in split(author)]
        exact += ["!" + one[:200] for one in record.get("has", [])]
        exact += [":" + fold(one)[:200] for one in (record["automation"], record.get("automation_uid", "")) if one]
        found.update(dict.fromkeys([*exact, "/" + record["repository"][:200]], 3))
    return found


def exact_keys(asked: Asked) -> tuple[list[str], list[str]]:
    def tag_key(tag: str) -> str:
        return "_" + tag[1:201] if tag.startswith("_") else "#" + tag[:200]

    keys = [tag_key(tag) for tag in asked.tags]
    keys += [":" + fold(asked.automation)[:200]] if asked.automation else []
    keys += ["/" + asked.repository[:200]] if asked.repository else []
    keys += ["@" + word for word in split(asked.author)]
    keys += ["!" + asked.has] if asked.has else []
    return list(dict.fromkeys(keys)), [tag_key(tag) for tag in asked.excluded]


def is_word(key: str) -> bool:
    return key[0] not in "#_:/@!"


def fold(text: str) -> str:
    return text.upper().lower().replace("ς", "σ")


def split(text: str) -> list[str]:
    return [word[:200] for word in re.findall(r"[^\W_]+", fold(text))]


def with_neighbours(words: list[str]) -> list[str]:
    return words + [(words[at] + words[at + 1])[:200] for at in range(len(words) - 1)]
