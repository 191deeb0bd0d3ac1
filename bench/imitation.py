"""Records of as many artifacts as asked for, imitated from real ones: equal models and counts give equal records.

What stands in one real artifact only (a word, tag, variation) stands for all that was not seen yet: each imitation has a
word of its own there, drawn by a power law whose exponent is that of the growth of the real vocabulary. All else is kept
together as in the real artifact, so that tags which belong together stay together. The first records do not depend on
how many are asked for.
"""

import hashlib
import math
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import islice

from cmsite.index.records import Record, Status, Version
from cmsite.index.words import split_words

REPOSITORY_SIZES = (1.1, 20, 5_000)  # Pareto: exponent, smallest, largest.
FORKS = 0.05  # Of all repositories: the same artifacts once more, as forks publish them.
DEPRECATED = 0.01
_WORD = re.compile(r"[^\W_]+")
_SYLLABLES = [first + second for first in "bcdfghjklmnprstvwxyz" for second in "aeiou"]
_FIRST_UNSEEN = 1_000  # Rank of the first word that no real artifact has.


class Imitation:
    """What is known of real artifacts, and imitations of them."""

    def __init__(self, real: Iterable[Record]) -> None:
        first: dict[tuple[str, str], Record] = {}
        for record in real:
            if record.status.is_listed:
                first.setdefault(record.identity, record)
        self._real = [record for record in first.values() if record.versions]
        self._count = Counter(word for record in self._real for word in _words(record))
        self._names = Counter(name for record in self._real for name in (*record.tags, *record.variations))
        self.growth = self._growth()
        # A tail of ranks P(rank > r) = r**-exponent makes a vocabulary grow by the power 1 / (1 + exponent).
        self._exponent = 1 / self.growth - 1

    def records(self, count: int) -> Iterator[Record]:
        """Yield `count` records, repository after repository."""
        return islice(self._all(), count)

    def _all(self) -> Iterator[Record]:
        number = 0
        while True:
            yield from self._repository(number)
            number += 1

    def _repository(self, number: int) -> Iterator[Record]:
        chance = random.Random(f"bytes of {number}")
        is_fork = number > 0 and chance.random() < FORKS
        content = random.Random(f"content of {chance.randrange(number) if is_fork else number}")
        exponent, smallest, largest = REPOSITORY_SIZES
        size = min(largest, int(content.paretovariate(exponent) * smallest))
        name = f"{_word(chance.randrange(4_000))}@{_word(number)}{number % 10}"
        taken: set[tuple[str, str]] = set()
        for _ in range(size):
            record = self._artifact(content, taken)
            versions = tuple(_version(chance, version) for version in record.versions)
            yield replace(record, repository=name, rank=number, versions=versions)

    def _artifact(self, chance: random.Random, taken: set[tuple[str, str]]) -> Record:
        real = self._real[chance.randrange(len(self._real))]
        new: dict[str, str] = {}
        alias = f"{self._text(real.alias, chance, new)[:80]}-{self._unseen(chance)}"
        while (real.automation, alias) in taken:
            alias = f"{alias}-{self._unseen(chance)}"
        taken.add((real.automation, alias))
        return replace(
            real,
            alias=alias,
            folder=alias,
            uid=f"{chance.getrandbits(64):016x}",
            tags=self._some(real.tags, chance, new),
            description=self._text(real.description, chance, new)[:80],
            status=Status.DEPRECATED if chance.random() < DEPRECATED else Status.ACTIVE,
            licenses="",
            dependencies=_digest(chance) if real.dependencies else "",
            words=tuple(sorted({new.get(word) or self._text(word, chance, new) for word in real.words})),
            variations=self._some(real.variations, chance, new),
            authors=tuple(self._text(author, chance, new) for author in real.authors),
        )

    def _text(self, text: str, chance: random.Random, new: dict[str, str]) -> str:
        """Return a text with other words for those that one real artifact has; `new` are those of this imitation."""

        def other(found: re.Match[str]) -> str:
            word = found[0]
            known = word.lower()
            if self._count[known] > 1:
                return word
            if known not in new:
                new[known] = self._unseen(chance)
            return new[known]

        return _WORD.sub(other, text)

    def _some(self, names: Sequence[str], chance: random.Random, new: dict[str, str]) -> tuple[str, ...]:
        found = []
        for name in names:
            text = self._text(name, chance, new)
            is_own = text == name and self._names[name] == 1
            found.append(f"{text}-{self._unseen(chance)}" if is_own else text)
        return tuple(dict.fromkeys(found))

    def _unseen(self, chance: random.Random) -> str:
        rank = _FIRST_UNSEEN * (1.0 - chance.random()) ** (-1 / self._exponent)
        return _word(int(min(rank, 1e12)))

    def _growth(self) -> float:
        """Return the exponent by which the number of different words grows with that of artifacts."""
        half = random.Random(0).sample(self._real, len(self._real) // 2)
        words = len({word for record in half for word in _words(record)})
        return min(0.9, max(0.1, math.log2(len(self._count) / max(1, words))))


def _words(record: Record) -> set[str]:
    texts = (record.alias, record.description, *record.tags, *record.variations, *record.words, *record.authors)
    return {word for text in texts for word in split_words(text)}


def _version(chance: random.Random, real: Version) -> Version:
    return replace(real, tar_sha256=_digest(chance), archive_sha256=_digest(chance), time_s=chance.randrange(2**31))


def _digest(chance: random.Random) -> str:
    return f"{chance.getrandbits(256):064x}"


@lru_cache(maxsize=1 << 16)
def _word(rank: int) -> str:
    """Return a word that can be spoken: three syllables, four and more for rarer ones."""
    digest = hashlib.sha256(str(rank).encode()).digest()
    syllables = 3 + (rank > 50_000) + (rank > 5_000_000)
    return "".join(_SYLLABLES[byte % len(_SYLLABLES)] for byte in digest[:syllables])
