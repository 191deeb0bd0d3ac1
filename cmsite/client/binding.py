"""Prefixes of names that are bound to one registry: what begins so is never taken from another. Pure.

It closes what "the first registry that has the name wins" leaves open: a private name that the private registry does
not have yet, or no longer. Upper and lower case are one here. Source: facts/index.md §3 and §4, case 91.
"""

import re
from collections.abc import Mapping

from cmsite.errors import UsageError
from cmsite.model.reference import Reference

_PREFIX = re.compile(r"([A-Za-z0-9._-]{1,64}:)?[A-Za-z0-9][A-Za-z0-9._@-]{1,62}\Z")


class BoundNames:
    """The prefixes that other registries own: prefix → the owner's name."""

    def __init__(self, owners: Mapping[str, str]) -> None:
        self._owners = {prefix.casefold(): owner for prefix, owner in owners.items()}

    def owner_of(self, automation: str, alias: str) -> str:
        """Return the registry that alone may answer for a name, "" where any may.

        >>> BoundNames({"acme-": "private"}).owner_of("script", "Acme-tool")
        'private'
        >>> BoundNames({"script:acme-": "private"}).owner_of("data", "acme-tool")
        ''
        """
        names = (alias.casefold(), f"{automation}:{alias}".casefold())
        return next((owner for prefix, owner in self._owners.items() if names[":" in prefix].startswith(prefix)), "")

    def owner_of_reference(self, reference: Reference) -> str:
        """Return the owner of the name that a reference gives, "" for a uid, an address, or a name that any may have."""
        return self.owner_of(reference.automation_alias, reference.name.alias) if reference.name.alias else ""

    def note(self, name: str, owner: str, label: str) -> str:
        """Return the sentence about a name that was passed over."""
        return f"{name} is not taken from {label}: names that begin so are bound to the registry {owner}"


def check_prefix(prefix: str, taken: Mapping[str, tuple[str, ...]]) -> None:
    """Accept a prefix beside those of other registries, given as name → prefixes.

    Raises `UsageError` for one that is none, or that overlaps with another registry's.
    """
    if not _PREFIX.match(prefix):
        raise UsageError(
            f"{prefix!r} is no prefix of names: at least two of letters, digits, '.', '_', '-' and '@', as acme- or "
            "script:acme-"
        )
    for owner, others in taken.items():
        for other in others:
            if _overlap(prefix.casefold(), other.casefold()):
                raise UsageError(
                    f"the prefix {prefix!r} overlaps with {other!r}, which is bound to {owner}; a name belongs to one "
                    f"registry: choose another one, or `cmsite registry remove {owner}` first"
                )


def _overlap(one: str, other: str) -> bool:
    """Return whether some name can begin with both."""
    (automation, _, alias), (other_automation, _, other_alias) = (
        text.rpartition(":") if ":" in text else ("", "", text) for text in (one, other)
    )
    same_kind = not automation or not other_automation or automation == other_automation
    return same_kind and (alias.startswith(other_alias) or other_alias.startswith(alias))
