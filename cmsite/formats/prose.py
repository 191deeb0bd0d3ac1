"""The first sentence of a README that says what the thing is, as plain text.

Passed over: headings, badges, code, tables, lists, quotes, folded parts, chapters on installing and using, and openings
that describe nothing ("where", "See …", "work in progress"). One pass over the lines; works for Markdown, HTML and
reStructuredText as far as their paragraphs look alike. Source: DESIGN §6; the 117 README-extra.md of cm4mlops.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

MAX_TEXT = 16_000  # Characters that are looked at.
MAX_SENTENCE = 240  # Characters.
_MAX_PARAGRAPH = 2_000
_MAX_PARAGRAPHS = 8  # What a text says later is seldom what the thing is.
_MIN_WORDS = 4  # "TBD" and "Hello world" describe nothing.
_MIN_TITLE_WORDS = 3

_HIDDEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<(details|table|pre|style|script)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE
)
_NO_PROSE = re.compile(r"[|>=*+\-]|\d{1,3}[.)]\s|\.\.\s|\[[^\]]{1,60}\]:|:[\w-]{1,30}:")
_UNDERLINE = re.compile(r"(?:=+|-+|~+|\^+)\Z")
_IMAGE = re.compile(r"!\[[^\]]{0,300}\]\s?(?:\([^)]{0,2000}\)|\[[^\]]{0,100}\])")
_LINK = re.compile(r"\[([^\[\]]{0,300})\]\s?(?:\([^)]{0,2000}\)|\[[^\]]{0,100}\])")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,300}>")
_MARK = re.compile(
    r"(`+)(.{1,200}?)\1|\*+(?=\S)|(?<=\S)\*+|~~|(?<!\w)_{1,3}(?=\w)|(?<=\w)_{1,3}(?!\w)|:[a-z_]{3,30}:(?!\w)"
)
_SENTENCE_END = re.compile(r"(?<!\be\.g)(?<!\bi\.e)(?<!\bvs)(?<!\betc)(?<!\bcf)(?<!\b[A-Z])[.!?](?=\s)")

# Headings of chapters that tell how to use a thing, not what it is.
_USAGE = re.compile(
    r"(?:example|how ?to|usage|use\b|using|install|set ?up|build|quick|getting started|prereq|requirement|depend|support|tested|"
    r"exported|command|default|option|input|output|variation|to ?do|note|change ?log|history|version|licen[cs]e|copyright|"
    r"contact|maintain|author|contribut|acknowledg|reference|citation|cite|(?:table of )?contents|faq|trouble|windows|ubuntu|"
    r"linux|macos|debian|rhel|docker|misc|status|collaborative|regenerate|tutorial|steps?\b|system)",
    re.IGNORECASE,
)
_SYSTEM = re.compile(r"(?:windows|ubuntu|linux|macos|debian|rhel)\b", re.IGNORECASE)
# Headings that say nothing of this thing in particular.
_EMPTY_HEADING = re.compile(
    r"(?:mlcommons )?(?:cm|mlc|ck) (?:script|automation|recipe|interface\Z)|set ?up|example|how to|usage|readme\b|introduction|overview|\W*\Z|\d",
    re.IGNORECASE,
)
# Openings of sentences that lean on what stands before them, or speak of the reader, the file, or its state.
_NO_SUBJECT = re.compile(
    r"(?:\d{6}|all |since |a sample|instructions|the generated |where|then|and|or|but|note|see|please|click|install|run this|to |tbd|todo|warning|caution|important|we |i |you |if |in order|"
    r"the above|these|those|useful|original|archived|for |more |moved|copyright|make sure|first|next|after|before|once|now|"
    r"download|clone|follow|check|use |add |below|above|here|it |there |table of contents|by default|when |after|as )",
    re.IGNORECASE,
)
_FRAGMENT = re.compile(r"[a-z]+[\s,.;]|[^\w\"'(]")  # Begins with a small letter, and not with a name such as get-cuda.
_STATE = re.compile(
    r"work in progress|under (?:development|construction)|(?:draft|alpha|beta|prototyp\w+) (?:\w+ )?(?:stage|version)|is deprecated|"
    r"no longer|\b(?:will|should|must) be\b|(?:automatically|auto)[ -]?generated|table of contents|all rights reserved|license",
    re.IGNORECASE,
)
# "This portable CM script downloads X": the verb says it all.
_BOILERPLATE = re.compile(
    r"(?:this|the following) (?:portable |reusable |simple |small |universal |automation )*(?:mlcommons )?(?:cm|mlc|ck|cmx)?[ -]?"
    r"(?:portable |native |automation )*(?:script|recipe|automation|wrapper|workflow|program|package|artifact)s? "
    r"(?:helps? (?:you )?to |is (?:used|meant|intended|designed) to |(?:can|may) be used to |allows? (?:you |users )?to |"
    r"is being developed by [^.]{1,160}? to |(?=(?!is |was |are |will |has |can |should |must |may |only |also |that |which |uses )[a-z]+ )|"
    r"is (?:an? )(?=\w))"
    r"|this is an? |you can use this (?:cm |mlc )?script to ",
    re.IGNORECASE,
)  # fmt: skip


def first_sentence(text: str) -> str:
    r"""Return the sentence, or a title that says as much, "" where there is neither.

    >>> first_sentence("# Title\n![logo](x.png)\n\nThis **CM script** finds [things](y). And more.")
    'Finds things.'
    >>> first_sentence("# Scan a network for printers\n\n```bash\nscan\n```")
    'Scan a network for printers'
    """
    title = ""
    for number, chapter in enumerate(_chapters(text)):
        for paragraph in chapter.paragraphs:
            for sentence in _SENTENCE_END.sub(r"\g<0>\n", plain_text(paragraph)).split("\n", 2)[:2]:
                if found := _checked(sentence.strip()):
                    return cut(found, MAX_SENTENCE)
        title = title or (_checked_title(plain_text(chapter.title)) if number <= 1 else "")
    return cut(title, MAX_SENTENCE)


@dataclass(slots=True, kw_only=True)
class _Chapter:
    """A heading, its level (1 is the title, 0 without one), and the paragraphs of prose below it."""

    title: str = ""
    level: int = 0
    paragraphs: list[str] = field(default_factory=list)


def _chapters(text: str) -> Iterator[_Chapter]:
    """Yield the chapters that may say what the thing is: those on its use have no paragraphs."""
    text = _HIDDEN.sub("\n\n", text[:MAX_TEXT]) if "<" in text else text[:MAX_TEXT]
    chapter, usage_level, is_first = _Chapter(), 0, True
    for level, words in _blocks(text):
        if not level:
            if not usage_level:
                chapter.paragraphs.append(words)
            continue
        yield chapter
        chapter = _Chapter(title=words, level=level)
        if not usage_level or level <= usage_level:
            usage_level = level if tells_use(words, is_title=is_first) else 0
        is_first = False
    yield chapter


def tells_use(heading: str, *, is_title: bool) -> bool:
    """Return whether a chapter tells how to use the thing; a title such as `Build kernels` rather names it."""
    if is_title and " " in heading:
        return _SYSTEM.match(heading) is not None
    return _USAGE.match(heading) is not None


def _blocks(text: str) -> Iterator[tuple[int, str]]:
    """Yield headings with their level, and paragraphs with 0."""
    lines: list[str] = []
    fence, count = "", 0
    for line in (*text.splitlines(), ""):
        stripped = line.strip()
        if fence:
            fence = "" if stripped.startswith(fence) else fence
            continue
        first = stripped[:1]
        if first and first not in "#`~=-^":
            lines.append(line)
            continue
        if len(lines) == 1 and _UNDERLINE.match(stripped):
            yield (1 if first == "=" else 2), lines.pop().strip()
            continue
        is_fence = stripped.startswith(("```", "~~~"))
        if first and first != "#" and not is_fence:
            lines.append(line)
            continue
        if lines and (prose := _prose(lines)):
            yield 0, prose
            count += 1
        lines.clear()
        if first == "#":
            yield max(1, len(stripped) - len(stripped.lstrip("#"))), stripped.strip("# \t")
        fence = stripped[:3] if is_fence else ""
        if count >= _MAX_PARAGRAPHS:
            return


def _prose(lines: list[str]) -> str:
    """Return what a paragraph says before its first line that is a list or table; "" for code."""
    if lines[0].startswith(("    ", "\t")):
        return ""
    kept: list[str] = []
    for line in lines:
        if _NO_PROSE.match(line.strip()) and not line.lstrip().startswith("**"):
            break
        kept.append(line.strip())
    return " ".join(kept)[:_MAX_PARAGRAPH]


def plain_text(markdown: str) -> str:
    """Return a line of Markdown without its marks.

    >>> plain_text("**Finds** [the `CM_X` file](y) &amp; its twin_name <b>fast</b>")
    'Finds the CM_X file & its twin_name fast'
    """
    words = markdown
    if "[" in words:
        words = _LINK.sub(r"\1", _IMAGE.sub("", words))
    if "<" in words:
        words = _TAG.sub("", words)
    words = _MARK.sub(lambda mark: mark.group(2) or "", words)
    return " ".join((html.unescape(words) if "&" in words else words).split())


def _checked(sentence: str) -> str:
    """Return the sentence without its boilerplate, "" where it does not describe."""
    boilerplate = _BOILERPLATE.match(sentence)
    if _STATE.search(sentence) or (boilerplate is None and _NO_SUBJECT.match(sentence)):
        return ""
    if sentence.endswith(":"):
        if boilerplate is None:
            return ""
        sentence = f"{sentence[:-1]}."
    if boilerplate is not None:
        sentence = sentence[boilerplate.end() :]
        sentence = sentence[:1].upper() + sentence[1:]
    if (
        len(sentence.split()) < (_MIN_WORDS if boilerplate is None else 2)
        or "://" in sentence
        or _FRAGMENT.match(sentence)
    ):
        return ""
    return sentence


def _checked_title(title: str) -> str:
    """Return the title of a text, "" where it only names the thing or says nothing of it."""
    is_empty = len(title.split()) < _MIN_TITLE_WORDS or _EMPTY_HEADING.match(title) or _SYSTEM.match(title)
    return "" if is_empty or "://" in title or title.endswith((":", "?")) else title


def cut(line: str, limit: int) -> str:
    """Return a line of at most `limit` characters, cut at a word where one ends near.

    >>> cut("one two three", 10), cut("x" * 20, 5)
    ('one two…', 'xxxx…')
    """
    if len(line) <= limit:
        return line
    kept = line[: limit - 1]
    words = kept.rpartition(" ")[0] if line[limit - 1] != " " else kept
    return f"{words if len(words) > limit // 2 else kept}…"
