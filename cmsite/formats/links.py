"""The links and images of a Markdown text, each with its place; pure, and linear in the text.

Links in code, comments, and what is escaped are none. Reference links count where they are used. This is no renderer:
where Markdown is hard to read (HTML blocks, code by indentation in lists) it rather misses a link than invents one.
Source: CommonMark 0.31 §4.4 to 4.7 (code and definitions), §6.1 (code spans), §6.3 (links), §6.4 (images), §6.6 (HTML).
"""

import html
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import unquote

MAX_TEXT = 1_000_000  # Characters that are looked at.
MAX_LINKS = 2_000  # Of one text.

_DESTINATION = r"(?:<([^<>\n]{0,1000})>|((?:\\.|[^\s()<>\\]|\([^\s()]{0,200}\)){0,1000}+))"
_CANDIDATE = re.compile(r"\](?=\(\s{0,100}+(?!https?:|#|mailto:)" + _DESTINATION + ")")
_FENCE = re.compile(r"[ \t>]*(?:[-*+]|\d{1,9}[.)])?[ \t>]*(`{3,}|~{3,})(.*)")
_ITEM = re.compile(r" {0,3}(?:[-*+]|\d{1,9}[.)])(?:[ \t]|$)")
_HIDDEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<(pre|code|script|style|textarea|svg)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE
)
_CODE = "\0"
_BULLETS = frozenset("-*+0123456789")
_TICKS = re.compile(r"`+")
_BLANK_LINE = re.compile(r"\n[ \t]*(?=\n)")
_MARKS = re.compile(r"\\.|!?\[|\]|\n[ \t]*\n", re.DOTALL)
_INLINE = re.compile(r"\(\s*+" + _DESTINATION + r"(?:\s++(?:\"[^\"]{0,500}\"|'[^']{0,500}'|\([^()]{0,500}\)))?\s*+\)")
_LABEL_BEHIND = re.compile(r"\[([^\[\]]{0,200})\]")
_DEFINITION = re.compile(
    r"^ {0,3}\[([^\[\]^][^\[\]]{0,200})\]:[ \t]*\n?[ \t]*(?:<([^<>\n]{1,1000})>|([^\s<>]{1,1000}))"
    r"[ \t]*(?:\"[^\"\n]{0,500}\"|'[^'\n]{0,500}'|\([^()\n]{0,500}\))?[ \t]*$",
    re.MULTILINE,
)
_HTML = re.compile(
    r"<(a|img)\b[^<>]{0,2000}?\s(?:href|src)\s*=\s*(?:\"([^\"<>\n]{0,1000})\"|'([^'<>\n]{0,1000})')", re.IGNORECASE
)
_ELSEWHERE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//|#|\?")
_TEMPLATE = re.compile(r"\{\{|\{%|\$\{|\$\(|<[A-Za-z]")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link to a file: its `target` without anchor and query, as a path; `line` and `column` of the target count from 1."""

    target: str
    line: int
    column: int
    is_image: bool = False


def file_links(text: str) -> tuple[Link, ...]:
    r"""Return the links and images that lead to files by a relative path or one from the root (`/docs/x.md`).

    >>> [(link.target, link.line, link.column) for link in file_links("# A\n[b](c%20d.md#e) ![f](g.png 'h')")]
    [('c d.md', 2, 5), ('g.png', 2, 22)]
    >>> file_links("`[a](b)` [c](https://example.org) [d](#e) [f]({{ g }})")
    ()
    """
    text = text[:MAX_TEXT]
    if not link_candidates(text):
        return ()
    plain = _without_code(text)
    starts = [0, *(found.end() for found in re.finditer("\n", text))]
    found = []
    for at, raw, is_image in sorted(set(_raw_links(plain)))[:MAX_LINKS]:
        target = "" if _CODE in raw else _path_of(raw)
        if target:
            line = bisect_right(starts, at)
            found.append(Link(target=target, line=line, column=at - starts[line - 1] + 1, is_image=is_image))
    return tuple(found)


def link_candidates(text: str) -> frozenset[str]:
    """Return the targets of everything that looks like a link to a file, also in code: all of `file_links` and maybe more.

    It takes a tenth of the time; where all candidates are files, there is no need to know which of them are links.
    """
    text = text[:MAX_TEXT]
    found = {first or second for first, second in _CANDIDATE.findall(text)}
    if "]:" in text:
        found.update(first or second for _, first, second in _DEFINITION.findall(text))
    if "<a" in text or "<i" in text or "<A" in text or "<I" in text:
        found.update(first or second for _, first, second in _HTML.findall(text))
    return frozenset(filter(None, map(_path_of, found)))


def _path_of(raw: str) -> str:
    """Return the path that a destination names, "" where it names no file."""
    if _TEMPLATE.search(raw) or _ELSEWHERE.match(raw):
        return ""
    target = html.unescape(_ESCAPE.sub(r"\1", raw))
    if _ELSEWHERE.match(target):
        return ""
    return unquote(re.split(r"[#?]", target, maxsplit=1)[0], errors="replace").strip()


def _without_code(text: str) -> str:
    """Return the text with lines of code as blanks and spans of code and comments as `_CODE`, so that all places stay.

    No destination holds code, and a blank in its place would end one.
    """
    text = _HIDDEN.sub(lambda found: _covered(found.group(), _CODE), _without_code_lines(text.replace(_CODE, " ")))
    if "`" not in text:
        return text
    pieces, end = [], 0
    for start, stop in _code_spans(text):
        pieces += [text[end:start], _covered(text[start:stop], _CODE)]
        end = stop
    return "".join([*pieces, text[end:]])


def _without_code_lines(text: str) -> str:
    """Blank fenced and indented code."""
    if "```" not in text and "~~~" not in text and "\n    " not in text and "\n\t" not in text:
        return text
    lines = text.split("\n")
    fence, was_blank, in_list = "", True, False
    for number, line in enumerate(lines):
        stripped = line.strip()
        if fence:
            if (
                fence in stripped
                and not stripped.lstrip("> \t").strip(fence[0])
                and stripped.count(fence[0]) >= len(fence)
            ):
                fence = ""
            lines[number] = " " * len(line)
        elif not stripped:
            was_blank = True
        elif was_blank and not in_list and line.startswith(("    ", "\t")):
            lines[number] = " " * len(line)  # The next line is code too, as if a blank line stood before it.
        elif opened := _opened_fence(stripped):
            fence, was_blank = opened, False
            lines[number] = " " * len(line)
        else:
            was_blank = False
            in_list = (stripped[0] in _BULLETS and bool(_ITEM.match(line))) or (in_list and line[0] in " \t")
    return "\n".join(lines)


def _opened_fence(line: str) -> str:
    """Return the fence of backticks or tildes that a line opens, "" where it opens none."""
    if "```" not in line and "~~~" not in line:
        return ""
    opening = _FENCE.match(line)
    return "" if opening is None or (opening[1][0] == "`" and "`" in opening[2]) else opening[1]


def _code_spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of code spans: a run of backticks up to the next as long within the paragraph."""
    breaks = [found.start() for found in _BLANK_LINE.finditer(text)]
    runs = [(found.start(), found.end()) for found in _TICKS.finditer(text)]
    following: dict[int, int] = {}
    closer: list[int] = [-1] * len(runs)
    for number in range(len(runs) - 1, -1, -1):
        start, end = runs[number]
        closer[number] = following.get(end - start, -1)
        following[end - start] = number
    number = 0
    while number < len(runs):
        start, end = runs[number]
        behind = closer[number]
        is_escaped = start > 0 and text[start - 1] == "\\" and (start < 2 or text[start - 2] != "\\")  # noqa: PLR2004 - places.
        if behind < 0 or is_escaped or bisect_right(breaks, start) != bisect_right(breaks, runs[behind][0]):
            number += 1
            continue
        yield start, runs[behind][1]
        number = behind + 1


def _raw_links(text: str) -> Iterator[tuple[int, str, bool]]:
    """Yield where each destination begins, the destination as written, and whether it is an image's."""
    definitions = {
        _normal(found[1]): (found.start(2 if found[2] is not None else 3), found[2] or found[3])
        for found in _reversed(_DEFINITION.finditer(text))
    }
    for label, is_image, end in _brackets(text):
        inline = _INLINE.match(text, end) if text.startswith("(", end) else None
        if inline is not None:
            number = 1 if inline[1] is not None else 2
            yield inline.start(number), inline[number], is_image
        elif definitions:
            behind = _LABEL_BEHIND.match(text, end)
            at = definitions.get(_normal(behind[1] if behind and behind[1].strip() else label))
            if at is not None and not text.startswith(":", end):
                yield (*at, is_image)
    for found in _HTML.finditer(text):
        number = 2 if found[2] is not None else 3
        yield found.start(number), found[number], found[1].lower() == "img"


def _reversed(found: Iterable[re.Match[str]]) -> list[re.Match[str]]:
    return list(found)[::-1]  # Of two definitions of one label the first counts.


def _normal(label: str) -> str:
    return " ".join(label.split()).casefold()


def _brackets(text: str) -> Iterator[tuple[str, bool, int]]:
    """Yield the text of each pair of brackets (cut at 200 characters), whether `!` stands before it, and where it ends."""
    opened: list[tuple[int, bool]] = []
    for found in _MARKS.finditer(text):
        mark = found.group()
        if mark[-1] == "[" and mark[0] != "\\":
            opened.append((found.end(), mark[0] == "!"))
        elif mark == "]":
            if opened:
                start, is_image = opened.pop()
                yield text[start : min(found.start(), start + 201)], is_image, found.end()
        elif mark[0] == "\n":
            opened.clear()


def _covered(text: str, character: str) -> str:
    """Return a character for each of a text, with its line ends."""
    if "\n" not in text:
        return character * len(text)
    cuts = [-1, *(found.start() for found in re.finditer("\n", text)), len(text)]
    return "\n".join(character * (after - before - 1) for before, after in pairwise(cuts))
