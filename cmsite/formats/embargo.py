"""Which artifacts may not be published yet: their meta says `embargo: true`.

Anything but a plain false counts, and so does an unreadable meta that speaks of an embargo: a slip must not publish.
Source: docs/recording.md.
"""

from collections.abc import Callable, Iterable
from typing import Any

from cmsite.model.artifact import Artifact

_WORD = b"embargo"


def is_embargoed(artifact: Artifact) -> bool:
    """Return whether the meta holds an artifact back, at its top or in the block of its automation."""
    block = artifact.extra.get(artifact.key.automation)
    return _holds_back(artifact.extra) or (isinstance(block, dict) and _holds_back(block))


def speaks_of_embargo(paths: Iterable[str], read: Callable[[str], bytes]) -> bool:
    """Return whether metas that cannot be read as data hold the word."""
    return any(_WORD in read(path).lower() for path in paths)


def _holds_back(block: dict[str, Any]) -> bool:
    return any(
        str(key).strip().lower() == "embargo" and value is not False and value is not None
        for key, value in block.items()
    )
