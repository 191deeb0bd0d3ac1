"""`_base: automation::artifact`: tags and variations that an artifact takes from its base.

The base is merged under the child and lists are appended. Only what resolving needs is merged; pages show the meta as
written. Source: facts/formats.md §1; `process_meta_for_inheritance` of cmind 4.2.0.
"""

from collections.abc import Callable
from dataclasses import dataclass

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
    current: Artifact | None = artifact
    for _ in range(MAX_LINKS):
        current = find(current) if current is not None and current.base else None
        if current is None:
            break
        found.extend(current.variations)
    return tuple(dict.fromkeys(found))
