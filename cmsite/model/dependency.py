"""Dependencies of artifacts as metas state them, and what they resolve to.

Source: CONTRACT §10; facts/formats.md §1 (tags: exact, AND, `-tag` excludes; `_variation` tags are stripped).
"""

import enum
from dataclasses import dataclass

from cmsite.model.names import NO_NAME, NamePair


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency:
    """One entry of a meta that needs another artifact.

    `kind` is the list it stands in (`deps`, `prehook_deps`, `post_deps`, `posthook_deps`, `use`, ...); `pointer` is
    where it stands in the meta; either `tags` (with `excluded` and `variations` split off) or `names` select;
    `automation` is empty for the artifact's own; `condition` says in words when it applies ("" is always); `within`
    names the variation, version or section the list stands in; `dynamic` entries take tags from the environment.
    """

    kind: str
    pointer: str
    tags: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    variations: tuple[str, ...] = ()
    target: NamePair = NO_NAME
    automation: NamePair = NO_NAME
    condition: str = ""
    within: str = ""
    dynamic: bool = False

    @property
    def text(self) -> str:
        """Return the selection as the meta writes it: tags first, then `_variations`, then `-excluded`."""
        if self.tags or self.variations:
            parts = (*self.tags, *(f"_{name}" for name in self.variations), *(f"-{name}" for name in self.excluded))
            return ",".join(parts)
        return self.target.alias or self.target.uid


class Resolution(enum.Enum):
    """What became of a dependency."""

    FOUND = "found"
    ALTERNATIVES = "alternatives"
    DANGLING = "dangling"
    UNKNOWN_VARIATION = "unknown variation"
    UNRESOLVED_HERE = "unresolved here"
    DYNAMIC = "dynamic"
