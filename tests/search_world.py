"""A registry that changes, of few words and small files, so that all edges of searching occur."""

import base64
import random
import re
from dataclasses import replace

from cmsite.client.query import Query
from cmsite.index.emit import Before, emit_index
from cmsite.index.layout import ROOT_PATH, IndexLimits
from cmsite.index.packing import unpack
from cmsite.index.records import Record, Status
from cmsite.index.root import Root, parse_root
from tests.index_values import REGISTRY_ID, digest, record

TINY = IndexLimits(all_bytes=0, chunk=4, least_common=3, enough=8, leaf_bytes=300, leaves_a_node=4, max_nodes=16)
WORDS = ("get", "gets", "coco", "data", "set", "dataset", "a", "ab", "abc", "onnx", "runtime", "onnxruntime", "x1", "x2",
         "é", "日本", "download")  # fmt: skip
TAGS = ("get", "Coco", "coco", "data-set", "x1", "é", "_cpu", "日本")
UIDS = tuple(digest(str(number))[:16] for number in range(30))

_DIGESTS = re.compile(r'"sha256":"([A-Za-z0-9+/=]*)"')  # Of lists of files.


class World:
    """A registry that changes: its records, the files of all generations, and the records at the last fold."""

    def __init__(self, chance: random.Random, count: int, limits: IndexLimits = TINY) -> None:
        self.chance = chance
        self.limits = limits
        self.files: dict[str, bytes] = {}
        self.records = {one.key: one for one in (self.some_record() for _ in range(count))}
        self.folded: list[Record] = []
        self.publish()

    @property
    def root(self) -> Root:
        return parse_root(self.files[ROOT_PATH])

    def publish(self) -> list[str]:
        """Publish, and return the paths of new files."""
        previous = self.root if self.files else None
        before = None if previous is None else Before(root=previous, read=self.files.__getitem__)
        made = emit_index(
            self.records.values(),
            registry_id=REGISTRY_ID,
            previous=previous,
            before=before,
            first=previous is None,
            limits=self.limits,
        )
        new = {file.path: file.content for file in made}
        fresh = [path for path, content in new.items() if self.files.get(path) != content]
        self.files |= new
        if previous is None or self.root.terms != previous.terms:
            self.folded = list(self.records.values())
        return fresh

    def some(self, values: tuple[str, ...], most: int) -> tuple[str, ...]:
        return tuple(self.chance.choice(values) for _ in range(self.chance.randint(0, most)))

    def some_record(self) -> Record:
        alias = "-".join((*self.some(WORDS, 2), self.chance.choice(WORDS)))
        return record(
            alias,
            uid=self.chance.choice(("", *UIDS)),
            repository=self.chance.choice(("team", "copy")),
            rank=self.chance.randint(0, 1),
            automation=self.chance.choice(("script", "script", "data")),
            automation_uid="",
            folder=f"{alias}-{self.chance.randint(0, 2)}",
            tags=self.some(TAGS, 3),
            description=" ".join(self.some(WORDS, 3)),
            words=tuple(sorted(set(self.some(WORDS, 2)))),
            variations=self.some(("cpu", "cuda"), 1),
            authors=self.some(("Ada King", "Bob King"), 1),
            has=self.some(("results",), 1),
            status=self.chance.choice((*[Status.ACTIVE] * 6, *Status)),
        )

    def change(self, count: int) -> None:
        """Change, withdraw, bring back, yank, add and drop some records."""
        for _ in range(count):
            key = self.chance.choice(list(self.records))
            one = self.records[key]
            match self.chance.randint(0, 4):
                case 0:
                    self.records[key] = replace(one, description=" ".join(self.some(WORDS, 3)))
                case 1:
                    self.records[key] = replace(one, status=self.chance.choice(list(Status)))
                case 2:
                    yanked = tuple(replace(version, yanked="bad") for version in one.versions)
                    self.records[key] = replace(one, versions=yanked)
                case 3:
                    new = self.some_record()
                    self.records[new.key] = new
                case _ if len(self.records) > 1:
                    del self.records[key]
                case _:
                    pass

    def query(self) -> Query:
        chance = self.chance
        words = list(self.some(WORDS, 3))
        if chance.random() < 0.3 and words:
            words[0] = words[0][: chance.randint(1, 2)]
        if chance.random() < 0.1:
            words.append(chance.choice(UIDS))
        pool = [
            *(f"#{tag}" for tag in TAGS),
            "_cpu",
            "_cuda",
            ":script",
            ":data",
            "/team",
            "/copy",
            "@ada",
            "@king",
            "!results",
        ]
        keys = [chance.choice(pool) for _ in range(chance.choice((0, 0, 0, 1, 1, 2)))]
        excluded = [chance.choice(pool) for _ in range(chance.choice((0, 0, 0, 1)))]
        return Query(
            words=tuple(dict.fromkeys(words)), keys=tuple(dict.fromkeys(keys)), excluded=tuple(dict.fromkeys(excluded))
        )

    def anew(self) -> "World":
        """Return a registry of the same records that was just folded."""
        self.files = {}
        self.publish()
        return self

    def reachable(self) -> set[str]:
        """Return the paths of the files that the root leads to."""
        found, left = {ROOT_PATH}, [self.files[ROOT_PATH].decode()]
        while left:
            text = left.pop()
            text += " ".join(base64.b64decode(digests).hex() for digests in _DIGESTS.findall(text))
            for path in self.files:
                if path not in found and path[-67:-3] in text:
                    found.add(path)
                    content = self.files[path]
                    left.append(unpack(content, where=path).decode("utf-8", "replace"))
        return found
