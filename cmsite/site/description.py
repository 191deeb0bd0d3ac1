"""The one line that says what an artifact is, and where that line comes from.

An artifact always has one: its `name`, else its description, else the first sentence a person wrote, else words made
of its alias and category, which are marked as such. Source: DESIGN §6; facts/formats.md §7 (20 of 295 have a `name`).
"""

import re
from dataclasses import dataclass

from cmsite.model.artifact import Artifact

MAX_SENTENCE = 240  # Characters.

_NO_PROSE = re.compile(r"```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z)|<!--.*?(?:-->|\Z)|<[^>]{1,300}>", re.DOTALL)
_IMAGE = re.compile(r"!\[[^\]]{0,300}\]\([^)]{0,2000}\)")
_LINK = re.compile(r"\[([^\[\]]{0,300})\]\([^)]{0,2000}\)")
_MARKS = re.compile(r"[*_`~]+(?=\S)|(?<=\S)[*_`~]+")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s")
_MIN_WORDS = 3  # "TBD" and "Hello world" describe nothing.


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """One line of text; `derived` where nobody wrote it."""

    text: str
    derived: bool = False


def describe(artifact: Artifact, text: str = "") -> Description:
    """Return the description of an artifact; `text` is what a person wrote about it, "" where nothing."""
    for written in (artifact.name, artifact.description, first_sentence(text) if text else ""):
        line = " ".join(written.split())
        if line and line.casefold() != artifact.alias.casefold():
            return Description(text=_cut(line))
    return Description(text=derived_description(artifact), derived=True)


def derived_description(artifact: Artifact) -> str:
    """Return words made of the alias and the category.

    >>> from cmsite.model.artifact import ArtifactKey
    >>> from cmsite.model.repository import Format
    >>> key = ArtifactKey(repository="r", automation="script", folder="get-cuda")
    >>> derived_description(Artifact(key=key, format=Format.CM, path="", alias="get-cuda", uid="", automation_uid=""))
    'Script: get cuda'
    """
    words = " ".join(re.split(r"[-_.\s]+", artifact.display_name)).strip()
    kind = artifact.key.automation
    line = f"{kind[:1].upper()}{kind[1:]}: {words}"
    return _cut(f"{line} ({artifact.category})" if artifact.category else line)


def first_sentence(text: str) -> str:
    r"""Return the first sentence of prose in a Markdown text, "" where there is none.

    >>> first_sentence("# Title\n\n![logo](x.png)\n\nThis **tool** finds [things](y). And more.")
    'This tool finds things.'
    """
    prose = _LINK.sub(r"\1", _IMAGE.sub("", _NO_PROSE.sub("", text[:20_000])))
    for paragraph in re.split(r"\n\s*\n", prose):
        lines = [line.strip() for line in paragraph.strip().splitlines()]
        if (
            not lines
            or lines[0].startswith(("#", "|", ">", "-", "*", "+", "=", "["))
            or lines[-1].startswith(("==", "--"))
        ):
            continue
        sentence = _SENTENCE_END.split(_MARKS.sub("", " ".join(lines)), maxsplit=1)[0].strip()
        if len(sentence.split()) >= _MIN_WORDS and not sentence.endswith(":"):
            return _cut(sentence)
    return ""


def _cut(line: str) -> str:
    """Return the line, cut at a word where it is too long."""
    return line if len(line) <= MAX_SENTENCE else f"{line[: MAX_SENTENCE - 1].rsplit(' ', 1)[0]}…"
