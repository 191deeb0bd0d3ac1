"""The headings of texts that people wrote, as plain text: words by which searches find an artifact beside its name.

Chapters on installing and using it are passed over, as all artifacts have them. Source: docs/index-format.md, "Words".
"""

import re
from collections.abc import Iterable, Iterator

from cmsite.formats.prose import plain_text, tells_use
from cmsite.formats.written import WrittenText

MAX_HEADINGS = 64
MAX_CHARACTERS = 200  # Of one heading.
MAX_TEXT = 256 * 1024  # Characters that are looked at.

_UNDERLINE = re.compile(r"(?:={3,}|-{3,})\Z")


def headings_of(texts: Iterable[WrittenText]) -> tuple[str, ...]:
    """Return the different headings of texts written by hand, in order."""
    found = dict.fromkeys(
        plain_text(heading[:MAX_CHARACTERS])
        for text in texts
        if text.by_hand
        for heading in _headings(text.text[:MAX_TEXT])
        if not tells_use(heading, is_title=False)
    )
    return tuple(heading for heading in found if heading)[:MAX_HEADINGS]


def _headings(text: str) -> Iterator[str]:
    """Yield lines that begin with `#` or are underlined, but for those in blocks of code."""
    fence, before = "", ""
    for line in text.splitlines():
        stripped = line.strip()
        if fence:
            fence = "" if stripped.startswith(fence) else fence
        elif stripped.startswith(("```", "~~~")):
            fence = stripped[:3]
        elif stripped.startswith("#"):
            yield stripped.strip("# \t")
        elif before and _UNDERLINE.match(stripped):
            yield before
        before = stripped
