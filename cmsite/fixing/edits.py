"""Changes of a text by the positions of its characters."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """The characters from `start` up to `end` become `text`; an insertion has `start` equal to `end`."""

    start: int
    end: int
    text: str


def overlap(edits: Iterable[Edit]) -> bool:
    """Return whether two of the edits touch the same characters, or insert at one place.

    >>> overlap([Edit(start=0, end=2, text=""), Edit(start=1, end=3, text="")])
    True
    """
    end = -1
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        if edit.start < end or (edit.start == end and edit.start == edit.end):
            return True
        end = edit.end
    return False


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """Return the text with edits that do not overlap.

    >>> apply_edits("uid: 12", [Edit(start=5, end=7, text='"12"')])
    'uid: "12"'
    """
    parts, position = [], 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        parts += [text[position : edit.start], edit.text]
        position = edit.end
    return "".join((*parts, text[position:]))
