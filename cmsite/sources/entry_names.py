"""Names of files as they stand in a source: which may be used, and the finding about the others.

Whether a name can be a file on every consumer's machine is judged later, where archives are made.
"""

import re

from cmsite.member_names import shown
from cmsite.model.tree import RefusedEntry

# C0 and C1 control characters, and the characters that reorder a line on screen (facts/index.md §4, case 27).
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def is_readable_name(path: str) -> bool:
    r"""Return whether a path is valid UTF-8 and shows on screen as what it is.

    Bytes that are not UTF-8 arrive as lone surrogates (`surrogateescape`).

    >>> is_readable_name("a/straße.txt"), is_readable_name("a\x1b[2J"), is_readable_name("caf\udce9")
    (True, False, False)
    """
    return (path.isascii() and path.isprintable()) or _UNSAFE.search(path) is None


def refused_name(path: str) -> RefusedEntry:
    """Return the finding about a name that may not be used."""
    what = (
        "is not UTF-8" if any("\udc80" <= character <= "\udcff" for character in path) else "holds control characters"
    )
    return RefusedEntry(
        path=shown(path),
        code="CM405",
        message=f"the name '{shown(path)}' {what}, so it cannot be shown or unpacked everywhere",
        hint="rename the file to printable UTF-8, or name it in .cmignore",
    )
