"""Typed parts of a free block: getters that never raise and report what they cannot read.

A `Block` is one mapping of a meta; it appends findings to the `Report` of its artifact and gives a default instead.
Source: facts/results.md §7 (rows that cannot be parsed were dropped in silence elsewhere).
"""

import enum
from collections.abc import Iterator
from typing import Any, TypeVar

from cmsite.diagnostics import Diagnostic
from cmsite.model.artifact import Artifact
from cmsite.model.results import Number, Pairs
from cmsite.results.codes import RESULT_CODES
from cmsite.results.literals import clean, number_of

MAX_SHOWN = 60  # Characters of a foreign value that a message quotes.
MAX_PAIRS = 500  # Entries of a free mapping, after flattening.
MAX_NESTING = 6  # Levels of a free mapping.

_Choice = TypeVar("_Choice", bound=enum.Enum)


class Report:
    """Collects the findings about one artifact."""

    def __init__(self, artifact: Artifact) -> None:
        self._artifact = artifact
        self._found: list[Diagnostic] = []

    def add(self, code: str, pointer: str, message: str, hint: str = "") -> None:
        """Note one finding at a pointer into the meta."""
        self._found.append(finding(self._artifact, code, pointer, message, hint))

    @property
    def findings(self) -> tuple[Diagnostic, ...]:
        """Return what was noted, in order."""
        return tuple(self._found)


def finding(artifact: Artifact, code: str, pointer: str, message: str, hint: str = "") -> Diagnostic:
    """Return a finding about an artifact's meta, without its place."""
    return Diagnostic(
        code=code,
        severity=RESULT_CODES[code].severity,
        repository=artifact.key.repository,
        path=artifact.meta_file,
        message=message,
        pointer=pointer,
        hint=hint,
    )


class Block:
    """One mapping of a meta and where it stands."""

    def __init__(self, data: Any, pointer: str, report: Report) -> None:
        self.is_mapping = isinstance(data, dict)
        self.data: dict[Any, Any] = data if isinstance(data, dict) else {}
        self.pointer = pointer
        self.report = report

    def at(self, *steps: object) -> str:
        """Return the RFC 6901 pointer of something inside the block."""
        return self.pointer + "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)

    def malformed(self, key: object, expected: str) -> None:
        """Report a value of the wrong type."""
        self.report.add(
            "CM501", self.at(key), f"{key} must be {expected}, got {shown(self.data.get(key))}", f"write {expected}"
        )

    def has(self, key: str) -> bool:
        """Return whether the key stands there with a value; null is none."""
        return self.data.get(key) is not None

    def text(self, key: str, *, required: bool = False) -> str:
        """Return a text as the source spells it, numbers and dates included; "" where it is missing."""
        value = self.data.get(key)
        if value is None:
            if required:
                self.report.add("CM501", self.at(key), f"{key} is missing", f"add `{key}:`")
            return ""
        spelled = scalar_text(value)
        if spelled is None:
            self.malformed(key, "a text")
        return spelled or ""

    def number(self, key: str) -> Number | None:
        """Return a number, None where it is missing; one that is not finite is reported and kept without a value."""
        value = self.data.get(key)
        if value is None:
            return None
        number = number_of(value)
        if number is None:
            self.malformed(key, "a number")
            return Number(literal=shown(value), value=None)
        if number.value is None:
            self.report.add(
                "CM507",
                self.at(key),
                f"{key} is {shown(value)}, which is no finite number",
                "write the number as it was printed",
            )
        return number

    def whole(self, key: str) -> int | None:
        """Return a whole number of 0 or more, None where it is missing or something else."""
        value = self.data.get(key)
        if value is None or (isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63):
            return value
        self.malformed(key, "a whole number of 0 or more")
        return None

    def flag(self, key: str) -> bool | None:
        """Return true or false, None where it is missing or something else."""
        value = self.data.get(key)
        if value is None or isinstance(value, bool):
            return value
        self.malformed(key, "true or false")
        return None

    def choice(self, key: str, words: type[_Choice]) -> _Choice | None:
        """Return the member whose value is the word, None where it is missing or unknown."""
        value = self.data.get(key)
        for member in words:
            if member.value == value:
                return member
        if value is not None:
            self.malformed(key, "one of " + ", ".join(str(member.value) for member in words))
        return None

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts; a single text is a list of one."""
        value = self.data.get(key)
        items = value if isinstance(value, list) else [] if value is None else [value]
        found = [scalar_text(item) for item in items]
        if None in found:
            self.malformed(key, "a list of texts")
        return tuple(item for item in found if item is not None)

    def block(self, key: str) -> "Block":
        """Return the mapping below a key; an empty one where there is none."""
        value = self.data.get(key)
        if value is not None and not isinstance(value, dict):
            self.malformed(key, "a mapping of keys to values")
        return Block(value, self.at(key), self.report)

    def blocks(self, key: str) -> tuple[tuple[int, "Block"], ...]:
        """Return the mappings of a list, each with its place in it; anything else in it is reported."""
        return tuple(self._items(key))

    def _items(self, key: str) -> Iterator[tuple[int, "Block"]]:
        value = self.data.get(key)
        if value is not None and not isinstance(value, list):
            self.malformed(key, "a list")
            return
        for index, item in enumerate(value or ()):
            if isinstance(item, dict):
                yield index, Block(item, self.at(key, index), self.report)
            else:
                self.report.add(
                    "CM501",
                    self.at(key, index),
                    f"{key} must hold mappings, got {shown(item)}",
                    "write a mapping of keys to values",
                )

    def pairs(self, key: str) -> Pairs:
        """Return a free mapping as texts: nested names joined by dots, lists by commas."""
        pairs = tuple(_flattened(self.block(key).data, "", 0))
        if len(pairs) > MAX_PAIRS:
            self.report.add(
                "CM507",
                self.at(key),
                f"{key} has {len(pairs):,} entries, the first {MAX_PAIRS} are shown",
                "move data into a file of its own",
            )
        return tuple((name, ", ".join(values)) for name, values in pairs[:MAX_PAIRS])

    def alternatives(self, key: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Return a free mapping whose values may be lists of alternatives, names flattened."""
        return tuple(_flattened(self.block(key).data, "", 0))[:MAX_PAIRS]


def _flattened(data: dict[Any, Any], prefix: str, depth: int) -> Iterator[tuple[str, tuple[str, ...]]]:
    for key, value in data.items():
        name = f"{prefix}{clean(str(key))}"
        if isinstance(value, dict) and depth < MAX_NESTING:
            yield from _flattened(value, f"{name}.", depth + 1)
            continue
        items = value if isinstance(value, list) else [value]
        texts = tuple(
            shown(item) if (text := scalar_text(item)) is None else text for item in items if item is not None
        )
        if texts:
            yield name, texts


def scalar_text(value: Any) -> str | None:
    """Return one value as the source spells it, None for lists, mappings and nothing.

    >>> scalar_text(28), scalar_text(True), scalar_text([])
    ('28', 'true', None)
    """
    if isinstance(value, str):
        return clean(value).strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        number = number_of(value)
        return number.literal if number else None
    return value.isoformat() if hasattr(value, "isoformat") else None


def shown(value: Any) -> str:
    """Return a foreign value for a message, short and safe to print.

    >>> shown({"a": 1}), shown("x" * 100)[-3:]
    ('a mapping', "x…'")
    """
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if value is None:
        return "nothing"
    text = scalar_text(value)
    if text is None:
        return type(value).__name__
    cut = text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…"
    return repr(cut) if isinstance(value, str) else cut
