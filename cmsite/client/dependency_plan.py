"""A plan of dependencies: what is taken and why, what is left out and why. Values only; `dependencies` makes them.

Source: CONTRACT §10 (the plan names everything before a byte is fetched).
"""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from cmsite.client.resolve import Resolved
from cmsite.client.variations import selected_tags
from cmsite.index.dependencies import Dependencies, Need
from cmsite.index.records import Record
from cmsite.model.reference import Reference

Key = tuple[str, str, str]


class Registry(Protocol):
    """What the plan is made from; each answer may come from a server, so many are asked for at once."""

    def records(self, references: Sequence[str]) -> Mapping[str, Record]:
        """Return the records of complete references; what is not there is missing."""

    def dependencies(self, records: Sequence[Record]) -> Sequence[Dependencies]:
        """Return what each artifact needs, in this order."""


class Why(enum.Enum):
    """Why an entry brings nothing along; the value is what is printed."""

    CONDITIONAL = "needed only sometimes"
    NOT_CHOSEN = "only with variations, versions or containers that nobody asked for"
    ALTERNATIVES = "several match, none chosen"
    DANGLING = "matches nothing"
    UNRESOLVED_HERE = "its repository is not in this registry"
    UNKNOWN_VARIATION = "no such variation"
    DYNAMIC = "chosen when it runs"
    FOREIGN = "of another client"
    UNAVAILABLE = "not available"
    COLLIDES = "cannot stand beside another"
    NOT_LISTED = "not listed by the registry"


class Reason(NamedTuple):
    """The entry that first brought an artifact along, and whose it is."""

    source: Key
    need: Need


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One artifact of the plan; `reason` is None for what was asked for, `variations` are those of all its uses.

    `path` names what leads from the artifact asked for to this one, the middle of a long path left out.
    """

    resolved: Resolved
    reason: Reason | None
    path: tuple[str, ...]
    variations: tuple[str, ...] = ()

    @property
    def key(self) -> Key:
        """Return the record's key."""
        return self.resolved.record.key


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """One entry that brings nothing along: whose it is, why, and in words what was found instead."""

    source: Key
    need: Need
    why: Why
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DependencyPlan:
    """What is taken, those asked for first, the others by key; and what is not, by source.

    `useless` are (choice, why) of choices that chose nothing here.
    """

    taken: tuple[Taken, ...]
    left_out: tuple[LeftOut, ...]
    useless: tuple[tuple[str, str], ...] = ()

    @property
    def questions(self) -> tuple[LeftOut, ...]:
        """Return one entry a different question: tags that several artifacts match, of which none is chosen."""
        found: dict[tuple[frozenset[str], tuple[str, ...]], LeftOut] = {}
        for item in self.left_out:
            if item.why is Why.ALTERNATIVES:
                found.setdefault((selected_tags(item.need.selection), item.need.targets), item)
        return tuple(found.values())


class Chosen(NamedTuple):
    """One of several artifacts that somebody chose for tags; `text` is how it was said, for messages."""

    text: str
    reference: Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the user wants: everything, whatever its condition; and one artifact for tags that several match.

    `choices` maps tags to the artifacts to take, of which the first that matches is taken; `present` are complete references of what lies in the workspace already.
    """

    all_deps: bool = False
    choices: Mapping[frozenset[str], tuple[Chosen, ...]] = field(default_factory=dict)
    present: frozenset[str] = frozenset()


def named(key: Key) -> str:
    """Return an origin as messages name it: repository/automation:folder."""
    repository, automation, folder = key
    return f"{repository}/{automation}:{folder}"
