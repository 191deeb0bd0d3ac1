"""From a uid to its artifact: lists of uids by their first two digits, and one page that leads to them.

A file for each uid would double the files of a site. The address `uid/<uid>/` is resolved by the site's script (the
server answers with the 404 page, which has it too); without scripts `uid/<two digits>/#<uid>` is the link to keep.
Source: CONTRACT §6.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from cmsite.model.names import slug

PREFIX_DIGITS = 2  # 256 lists: 40 uids in each at 10,000 artifacts, 4,000 at a million.
INDEX_ADDRESS = "uid/"


@dataclass(frozen=True, slots=True, kw_only=True)
class UidGroup:
    """All uids that begin alike, sorted."""

    prefix: str
    uids: tuple[str, ...]

    @property
    def address(self) -> str:
        """Return the address of the list, relative to the site's root."""
        return list_address(self.prefix)


def list_address(uid: str) -> str:
    """Return the address of the list that names a uid (or a prefix).

    >>> list_address("8d3cd46f54464810")
    'uid/8d/'
    """
    return f"{INDEX_ADDRESS}{slug(uid[:PREFIX_DIGITS])}/"


def uid_link(uid: str) -> str:
    """Return the link to a uid that always works.

    >>> uid_link("8d3cd46f54464810")
    'uid/8d/#8d3cd46f54464810'
    """
    return f"{list_address(uid)}#{uid}"


def uid_groups(uids: Iterable[str]) -> tuple[UidGroup, ...]:
    """Group uids by their first digits, sorted."""
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for uid in uids:
        if uid:
            groups[uid[:PREFIX_DIGITS]].append(uid)
    return tuple(UidGroup(prefix=prefix, uids=tuple(sorted(groups[prefix]))) for prefix in sorted(groups))
