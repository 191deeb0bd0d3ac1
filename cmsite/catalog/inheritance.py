"""`_base: automation::artifact`: tags and variations that an artifact takes from its base.

The base is merged under the child and lists are appended. Only what resolving needs is merged; pages show the meta as
written. Source: facts/formats.md §1; `process_meta_for_inheritance` of cmind 4.2.0.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from cmsite.model.artifact import Artifact
from cmsite.model.names import NO_NAME, NamePair, parse_pair

MAX_LINKS = 11  # From an artifact to the last of its bases; `cm` stops at a longer chain.


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseReference:
    """The two halves of `_base`; without an automation the artifact's own is meant."""

    automation: NamePair
    artifact: NamePair


def parse_base(text: str) -> BaseReference | None:
    """Parse `automation::artifact`, or the artifact alone as `cm` also takes it; None where no artifact is named.

    >>> parse_base("script::detect-os").artifact.alias, parse_base("detect-os").artifact.alias
    ('detect-os', 'detect-os')
    """
    automation, colons, artifact = text.strip().partition("::")
    if not colons:
        automation, artifact = "", automation
    elif not automation.strip():
        return None
    if not artifact.strip():
        return None
    return BaseReference(
        automation=parse_pair(automation) if automation else NO_NAME, artifact=parse_pair(artifact.strip())
    )


def inherited_variations(artifact: Artifact, find: Callable[[Artifact], Artifact | None]) -> tuple[str, ...]:
    """Return the artifact's variations and those of its bases; `find` returns the base of an artifact."""
    found = list(artifact.variations)
    for base in bases_of(artifact, find):
        found.extend(base.variations)
    return tuple(dict.fromkeys(found))


def inherited_meta(artifact: Artifact, find: Callable[[Artifact], Artifact | None]) -> dict[str, Any]:
    """Return the meta merged with those of its bases: mappings key by key, lists appended, else the child's value."""
    merged: dict[str, Any] = {}
    for one in reversed([artifact, *bases_of(artifact, find)]):
        merged = _merged(merged, one.extra)
    return merged


def bases_of(artifact: Artifact, find: Callable[[Artifact], Artifact | None]) -> Iterator[Artifact]:
    """Yield the base of an artifact, the base of that, and so on, as far as `cm` follows."""
    current = artifact
    for _ in range(MAX_LINKS):
        base = find(current) if current.base else None
        if base is None:
            return
        yield base
        current = base


def _merged(base: dict[str, Any], child: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in child.items():
        known = merged.get(key)
        if isinstance(value, dict) and isinstance(known, dict):
            merged[key] = _merged(known, value)
        elif isinstance(value, list) and isinstance(known, list):
            merged[key] = [*known, *value]
        else:
            merged[key] = value
    return merged
