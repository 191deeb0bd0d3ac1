"""Text of a person (Markdown with raw HTML, untrusted) → HTML that may stand on a page.

In this order: comrak renders GitHub's dialect in its safe mode, which leaves raw HTML out and says so. Only where it
did, a quarter of real READMEs, it renders again with the HTML, and nh3 keeps an allowed set of tags and attributes.
Then one pass rewrites what is left: heading levels and ids, code, links, images, tables, tasks, alerts. That pass reads
the serialisation of either (every `<` of a text and every quote of an attribute is escaped there) and escapes all it
writes, so it cannot undo the cleaning. Source: facts/performance.md §3.
"""

import re
from dataclasses import dataclass
from functools import cache
from html import unescape

import comrak
import nh3

from cmsite.site.page import TocEntry
from cmsite.site.rewriting import FIRST_LEVEL, Links, Rewriter

MAX_TEXT = 256 * 1024  # Characters rendered; what follows is left out with a note.
MAX_HEADINGS = 2_000  # With more, headings get no ids: comrak's search for a free one is quadratic.
MAX_CELLS = 200_000  # With more, tables stay text: rows are filled up to the widest, so 42 KB could become 300 MB.
MAX_COLUMNS = 2_000  # A table with more stays text: comrak takes a second for 32,000.
MAX_NESTED = 500  # Elements of raw HTML within each other; with more it is left out, as nh3 would take 5 s for 50,000.
MAX_QUOTES = 30  # Levels of `>`; cleaning 100,000 of them would take 25 s.
MAX_TOC = 30  # Headings of one text that its page's table of contents names.

_ALERTS = ("note", "tip", "important", "warning", "caution")
_TAGS = frozenset({
    "a", "abbr", "b", "blockquote", "br", "caption", "cite", "code", "dd", "del", "details", "dfn", "div", "dl",
    "dt", "em", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "input", "ins", "kbd",
    "li", "mark", "ol", "p", "pre", "q", "rp", "rt", "ruby", "s", "samp", "section", "small", "span", "strong",
    "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul", "var", "wbr",
})  # fmt: skip
_DROPPED_WITH_CONTENT = frozenset({
    "script", "style", "iframe", "object", "embed", "svg", "math", "template", "noscript", "noembed", "noframes",
    "textarea", "select", "option", "title", "xmp", "canvas", "audio", "video",
})  # fmt: skip
_ALIGN = frozenset({"left", "center", "right"})
_ALIGNABLE = ("p", "div", "th", "td", "h1", "h2", "h3", "h4", "h5", "h6")

_OMITTED = "<!-- raw HTML omitted -->"  # What comrak's safe mode writes in its place; a text of it would be escaped.
_FOOTNOTE = 'class="footnote'  # Its ids are left without a prefix by comrak.
_ANCHOR = re.compile(r'<a href="(#[^"]*)" aria-label="[^"]*" data-heading-content="[^"]*" class="anchor"></a>')
_QUOTES = re.compile(rf"^((?:[ \t]*>){{{MAX_QUOTES}}})[> \t]+", re.MULTILINE)
_FIRST_HEADING = re.compile(r"\s*<h1(?: [^>]*)?>(.*?)</h1>\s*", re.DOTALL)
_LEVEL = re.compile(r"<h([1-6])[ >]")
_TAG = re.compile(r"<[^>]*>")
_ELEMENT = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]*)")
# Without an end tag they end at the next of their kind, so that they are never the reason of depth.
_CLOSED_BY_THEMSELVES = frozenset({
    "area", "base", "br", "col", "dd", "dt", "embed", "hr", "img", "input", "li", "link", "meta", "option", "p", "param",
    "source", "td", "th", "tr", "track", "wbr",
})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedText:
    """Safe HTML, its headings for a table of contents, and what a reader must be told about it."""

    html: str
    toc: tuple[TocEntry, ...] = ()
    notes: tuple[str, ...] = ()


def render(text: str, links: Links, *, prefix: str, title: str = "") -> RenderedText:
    """Render one text; `prefix` begins all its ids, so that they never meet the page's own.

    A first heading that only repeats `title`, the page's own, is left out.
    """
    notes: tuple[str, ...] = ()
    if len(text) > MAX_TEXT:
        notes = (f"Only the first {MAX_TEXT // 1024} KB of this text are shown ({len(text) // 1024} KB in all).",)
        text = text[: text.rfind("\n", 0, MAX_TEXT) + 1] or text[:MAX_TEXT]
    text = text.replace("\0", "")
    if text.count(">") > MAX_QUOTES:
        text = _QUOTES.sub(r"\1", text)
    cleaned, note = _cleaned(text, prefix)
    notes += (note,) if note else ()
    cleaned = _without_title(cleaned, title)
    rewriter = Rewriter(links, prefix, min((int(level) for level in _LEVEL.findall(cleaned)), default=1))
    html = rewriter.rewrite(cleaned)
    return RenderedText(html=html, toc=_toc(rewriter.headings), notes=notes)


def _cleaned(text: str, prefix: str) -> tuple[str, str]:
    """Return HTML that holds nothing but what `_TAGS` and comrak's safe mode allow, and a note on what is left out."""
    with_ids, with_tables = _has_few_headings(text), _has_few_cells(text)
    html: str = comrak.render_markdown(text, *_options(prefix, with_ids=with_ids, with_tables=with_tables, raw=False))
    if _OMITTED not in html and _FOOTNOTE not in html:
        return _ANCHOR.sub(r'<a href="\1"></a>', html).replace(" />", ">"), ""
    safe = html
    html = comrak.render_markdown(text, *_options("", with_ids=with_ids, with_tables=with_tables, raw=True))
    if _is_deep(html):
        return _cleaner(prefix).clean(safe), "The HTML in this text is nested too deeply and left out."
    return _cleaner(prefix).clean(html), ""


def _is_deep(html: str) -> bool:
    """Return whether elements stand within each other more often than a browser or nh3 can be asked to follow.

    An end tag that does not fit the last open element is not believed, so the answer errs towards deep.
    """
    if html.count("<") <= MAX_NESTED:
        return False
    opened: list[str] = []
    for ends, tag in _ELEMENT.findall(html):
        name = tag.lower()
        if not ends and name not in _CLOSED_BY_THEMSELVES:
            opened.append(name)
            if len(opened) > MAX_NESTED:
                return True
        elif ends and opened and opened[-1] == name:
            opened.pop()
    return False


def _without_title(cleaned: str, title: str) -> str:
    """Drop a first heading that says what the page's heading says already."""
    found = _FIRST_HEADING.match(cleaned)
    if found is None or not title:
        return cleaned
    words = unescape(_TAG.sub("", found[1])).strip().casefold()
    return cleaned[found.end() :] if words in (title.casefold(), title.casefold().replace("-", " ")) else cleaned


def _toc(headings: list[tuple[int, TocEntry]]) -> tuple[TocEntry, ...]:
    """Return the headings of the highest level; of the next where a text has its all below one."""
    for level in (FIRST_LEVEL, FIRST_LEVEL + 1):
        entries = [entry for found, entry in headings if found == level]
        if len(entries) > 1:
            return tuple(entries[:MAX_TOC])
    return tuple(entry for found, entry in headings if found == FIRST_LEVEL)


def _has_few_headings(text: str) -> bool:
    """Return whether ids of headings are affordable; lines that may be headings are counted generously."""
    if text.count("\n") + text.count("\r") < MAX_HEADINGS:
        return True
    return sum("#" in line or (line != "" and not line.strip(" \t>-=*+")) for line in text.splitlines()) <= MAX_HEADINGS


def _has_few_cells(text: str) -> bool:
    """Return whether tables are affordable: the widest line under a head, times all lines."""
    bars = text.count("|")
    if bars <= MAX_COLUMNS and bars * (text.count("\n") + text.count("\r") + 1) <= MAX_CELLS:
        return True
    lines = text.splitlines()
    widest = max((line.count("|") for line in lines if "-" in line and not line.strip(" \t|:->*+")), default=0)
    return widest <= MAX_COLUMNS and widest * len(lines) <= MAX_CELLS


@cache
def _options(
    prefix: str, *, with_ids: bool, with_tables: bool, raw: bool
) -> tuple[comrak.ExtensionOptions, comrak.ParseOptions, comrak.RenderOptions]:
    """Return GitHub's dialect; with `raw` HTML passes, and nh3 must follow, which also puts the prefix before ids."""
    extension = comrak.ExtensionOptions()
    for name in ("autolink", "strikethrough", "tasklist", "footnotes", "alerts"):
        setattr(extension, name, True)
    extension.table = with_tables
    if with_ids:
        extension.header_id_prefix = prefix
    render = comrak.RenderOptions()
    render.unsafe_ = raw
    render.github_pre_lang = True
    return extension, comrak.ParseOptions(), render


@cache
def _cleaner(prefix: str) -> nh3.Cleaner:
    identified = {
        tag: {"id"} for tag in ("h1", "h2", "h3", "h4", "h5", "h6", "li", "sup", "p", "div", "section", "span")
    }
    return nh3.Cleaner(
        tags=set(_TAGS),
        clean_content_tags=set(_DROPPED_WITH_CONTENT),
        attributes={
            **identified,
            "a": {"href", "title", "id", "name"},
            "img": {"src", "alt", "title", "width", "height"},
            "input": {"checked"},
            "pre": {"lang"},
            "ol": {"start", "reversed"},
            "td": {"colspan", "rowspan"},
            "th": {"colspan", "rowspan"},
            "details": {"open"},
            "abbr": {"title"},
        },
        tag_attribute_values={"input": {"type": {"checkbox"}}, **{tag: {"align": set(_ALIGN)} for tag in _ALIGNABLE}},
        allowed_classes={
            "div": {"markdown-alert", *(f"markdown-alert-{name}" for name in _ALERTS)},
            "p": {"markdown-alert-title"},
            "section": {"footnotes"},
        },
        url_schemes={"http", "https", "mailto"},
        url_relative="pass_through",
        link_rel=None,
        id_prefix=prefix,
    )
