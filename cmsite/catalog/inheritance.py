"""`_base: automation::artifact`: tags and variations that an artifact takes from its base.

The base is merged under the child and lists are appended, at most ten levels deep. Only what resolving needs is
merged; pages show the meta as written. Source: facts/formats.md §1.
"""

from collections.abc import Callable
from dataclasses import dataclass

from cmsite.model.artifact import Artifact
from cmsite.model.names import NamePair, parse_pair

MAX_LEVELS = 10  # CM's own limit.


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseReference:
    """The two halves of `_base`."""

    automation: NamePair
    artifact: NamePair


def parse_base(text: str) -> BaseReference | None:
    """Parse `automation::artifact`; None where the two colons or a half are missing.

    >>> parse_base("script::detect-os").artifact.alias
    'detect-os'
    """
    automation, colons, artifact = text.partition("::")
    if not colons or not automation.strip() or not artifact.strip():
        return None
    return BaseReference(automation=parse_pair(automation), artifact=parse_pair(artifact))


def inherited_variations(artifact: Artifact, find: Callable[[Artifact], Artifact | None]) -> tuple[str, ...]:
    """Return the artifact's variations and those of its bases; `find` returns the base of an artifact."""
    found = list(artifact.variations)
    current: Artifact | None = artifact
    for _ in range(MAX_LEVELS):
        current = find(current) if current is not None and current.base else None
        if current is None:
            break
        found.extend(current.variations)
    return tuple(dict.fromkeys(found))
