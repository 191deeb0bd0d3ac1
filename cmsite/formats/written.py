"""Which of an artifact's files hold what a person wrote about it, and which a generator.

Source: DESIGN §6; facts/formats.md §7 (259 READMEs of cm4mlops are one-line links, 357 of 360 of mlperf-automations
are generated, and the text of a person stands in README-extra.md or README-about.md).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from cmsite.documents import MAX_DOCUMENT_BYTES
from cmsite.errors import SourceError
from cmsite.model.artifact import Artifact, ArtifactFile

Read = Callable[[str], bytes]  # From a path in the source tree; raises `SourceError` where the file vanished.

MAX_READ = 5_000_000  # Bytes of one text that are decoded.

_BY_HAND = ("readme-extra.md", "readme-about.md", "info.md")
_README = ("readme.md", "readme", "readme.txt", "readme.rst")
_GENERATED = re.compile(
    r"(?:automatically|auto)[ -]?generated|generated (?:automatically|by )|do not edit|this (?:file|readme|page) is generated"
)
_HEAD = 1500  # Characters in which a generator names itself.
_MAX_BARE_LINK = 400  # Characters of a README that only points elsewhere.


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenText:
    """One text: `name` of its file, `folder` it lies in (in the source tree), and the text itself.

    `by_hand` is False for what a generator wrote and for a bare link; `is_markdown` for what may be rendered.
    """

    name: str
    folder: str
    text: str
    by_hand: bool
    is_markdown: bool = True
    notes: tuple[str, ...] = ()


def decode(content: bytes) -> tuple[str, tuple[str, ...]]:
    """Return the text of a file and notes for its reader; never fails.

    >>> decode("é".encode("latin-1"))
    ('é', ('This text is not UTF-8; it was read as Latin-1, so some letters may be wrong.',))
    """
    try:
        return content.decode("utf-8-sig"), ()
    except UnicodeDecodeError:
        return content.decode("latin-1"), (
            "This text is not UTF-8; it was read as Latin-1, so some letters may be wrong.",
        )


def written_texts(artifact: Artifact, read: Read) -> tuple[WrittenText, ...]:
    """Return the texts of an artifact in the order in which a page shows them, those by hand first."""
    files = {file.path.lower(): file for file in artifact.files if "/" not in file.path}
    found = [_load(files[name], read) for name in _BY_HAND if name in files]
    readme = next((files[name] for name in _README if name in files), None)
    if readme is not None:
        found.append(_load(readme, read))
    texts = [text for text in found if text is not None and text.text.strip()]
    return tuple(sorted(texts, key=lambda text: not text.by_hand))


def is_generated(text: str) -> bool:
    """Return whether a generator wrote a README, or it only links elsewhere.

    >>> is_generated("Please see [the docs](https://example.org/x) for this script.")
    True
    >>> is_generated("This script finds the compiler and sets its environment.")
    False
    """
    head = text[:_HEAD].lower()
    if ("generated" in head or "do not edit" in head) and _GENERATED.search(head):
        return True
    if len(text) > _MAX_BARE_LINK:
        return False
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return len(lines) <= 1 and (not lines or "](http" in lines[0] or "://" in lines[0])


def _load(file: ArtifactFile, read: Read) -> WrittenText | None:
    """Return a text; None where it cannot be read, or is no text by its size, of which CM425 tells."""
    if file.size_bytes > MAX_DOCUMENT_BYTES:
        return None
    try:
        content = read(file.source)
    except SourceError:
        return None
    text, notes = decode(content[:MAX_READ])
    name = file.path.lower()
    return WrittenText(
        name=file.path,
        folder=file.source.rpartition("/")[0],
        text=text,
        by_hand=name in _BY_HAND or not is_generated(text),
        is_markdown=name.endswith(".md") or name == "readme",
        notes=notes,
    )
