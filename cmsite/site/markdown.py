"""Text of a person (Markdown with raw HTML, untrusted) → HTML that may stand on a page.

In this order: comrak renders GitHub's dialect; nh3 keeps an allowed set of tags and attributes, always; then one pass
over the cleaned HTML rewrites what is left: heading levels and ids, code, links, images, tables, tasks, alerts.
The last pass reads nh3's own serialisation (every `<` of a text and every quote of an attribute is escaped there) and
escapes all it writes, so it cannot undo the cleaning. Source: facts/performance.md §3.
"""

import re
from dataclasses import dataclass
from functools import cache
from html import escape, unescape
from typing import Protocol

import comrak
import nh3

from cmsite.site.highlight import code_block
from cmsite.site.page import TocEntry

MAX_TEXT = 256 * 1024  # Characters rendered; what follows is left out with a note.
MAX_HEADINGS = 2_000  # With more, headings get no ids: comrak's search for a free one is quadratic.
MAX_CELLS = 200_000  # With more, tables stay text: rows are filled up to the widest, so 42 KB could become 300 MB.
MAX_QUOTES = 30  # Levels of `>`; cleaning 100,000 of them would take 25 s.
MAX_TOC = 30  # Headings of one text that its page's table of contents names.
FIRST_LEVEL = 3  # The page's title is h1 and its sections are h2.

_ALERTS = ("note", "tip", "important", "warning", "caution")
_MATERIAL_ALERTS = {"important": "info", "caution": "danger"}
_TAGS = frozenset(
    "a abbr b blockquote br caption cite code dd del details dfn div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img input ins kbd li "
    "mark ol p pre q rp rt ruby s samp section small span strong sub summary sup table tbody td tfoot th thead tr u ul var wbr".split()
)
_DROPPED_WITH_CONTENT = frozenset(
    "script style iframe object embed svg math template noscript noembed noframes textarea select option title xmp canvas audio video".split()
)
_ALIGN = frozenset({"left", "center", "right"})
_ALIGNABLE = ("p", "div", "th", "td", "h1", "h2", "h3", "h4", "h5", "h6")

_PART = re.compile(
    r"<pre(?: lang=\"(?P<lang>[^\"]*)\")?><code>(?P<code>[^<]*)</code></pre>"
    r"|<(?P<heading>h[1-6])(?P<attributes>(?: [a-z-]+=\"[^\"]*\")*)>(?P<title>(?:(?!</?h[1-6][ >]).)*?)<a href=\"#[^\"]*\"></a></(?P=heading)>"
    r"|<(?P<tag>[a-z][a-z0-9]*)(?P<values>(?: [a-z-]+=\"[^\"]*\")+)>"
    r"|<(?P<bare>/?(?:h[1-6]|table|a)|th|input|img)>",
    re.DOTALL,
)
_QUOTES = re.compile(rf"^((?:[ \t]*>){{{MAX_QUOTES}}})[> \t]+", re.MULTILINE)
_ATTRIBUTE = re.compile(r" ([a-z-]+)=\"([^\"]*)\"")
_LEVEL = re.compile(r"<h([1-6])[ >]")
_TAG = re.compile(r"<[^>]*>")


class Links(Protocol):
    """Says where links and images of a text lead; see `cmsite.site.links.TextLinks`."""

    def link(self, target: str, /) -> str:
        """Return the address for a link, "" where it is to be plain text."""

    def image(self, target: str, /) -> str:
        """Return the address of an image of this site, "" where it is not to be loaded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedText:
    """Safe HTML, its headings for a table of contents, and what a reader must be told about it."""

    html: str
    toc: tuple[TocEntry, ...] = ()
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


def render(text: str, links: Links, *, prefix: str) -> RenderedText:
    """Render one text; `prefix` begins all its ids, so that they never meet the page's own."""
    notes: tuple[str, ...] = ()
    if len(text) > MAX_TEXT:
        notes = (f"Only the first {MAX_TEXT // 1024} KB of this text are shown ({len(text) // 1024} KB in all).",)
        text = text[: text.rfind("\n", 0, MAX_TEXT) + 1] or text[:MAX_TEXT]
    text = _QUOTES.sub(r"\1", text.replace("\0", ""))
    extension, parse, options = _options(with_ids=_has_few_headings(text), with_tables=_has_few_cells(text))
    cleaned = _cleaner(prefix).clean(comrak.render_markdown(text, extension, parse, options))
    rewriter = _Rewriter(links, prefix, min((int(level) for level in _LEVEL.findall(cleaned)), default=1))
    html = rewriter.rewrite(cleaned)
    return RenderedText(html=html, toc=tuple(rewriter.toc[:MAX_TOC]), notes=notes)


def _has_few_headings(text: str) -> bool:
    """Return whether ids of headings are affordable; lines that may be headings are counted generously."""
    return sum("#" in line or (line != "" and not line.strip(" \t>-=*+")) for line in text.splitlines()) <= MAX_HEADINGS


def _has_few_cells(text: str) -> bool:
    """Return whether tables are affordable: the widest line under a head, times all lines."""
    lines = text.splitlines()
    widest = max((line.count("|") for line in lines if "-" in line and not line.strip(" \t|:->*+")), default=0)
    return widest * len(lines) <= MAX_CELLS


@cache
def _options(
    *, with_ids: bool, with_tables: bool
) -> tuple[comrak.ExtensionOptions, comrak.ParseOptions, comrak.RenderOptions]:
    """Return GitHub's dialect; raw HTML passes here because nh3 follows always."""
    extension = comrak.ExtensionOptions()
    for name in ("autolink", "strikethrough", "tasklist", "footnotes", "alerts"):
        setattr(extension, name, True)
    extension.table = with_tables
    if with_ids:
        extension.header_id_prefix = ""
    render = comrak.RenderOptions()
    render.unsafe_ = True
    render.github_pre_lang = True
    return extension, comrak.ParseOptions(), render


@cache
def _cleaner(prefix: str) -> nh3.Cleaner:
    identified = dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6", "li", "sup", "p", "div", "section", "span"), {"id"})
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


class _Rewriter:
    """One pass over cleaned HTML; it only remembers ids seen, headings met, and which link is open."""

    def __init__(self, links: Links, prefix: str, top_level: int) -> None:
        self.links = links
        self.prefix = prefix
        self.shift = FIRST_LEVEL - top_level
        self.toc: list[TocEntry] = []
        self.seen: set[str] = set()
        self.closing = ""

    def rewrite(self, html: str) -> str:
        return _PART.sub(self._part, html)

    def _part(self, found: re.Match[str]) -> str:
        if found["code"] is not None:
            return code_block(unescape(found["code"]), unescape(found["lang"] or "").partition(" ")[0])
        if found["heading"]:
            return self._heading(found["heading"], found["attributes"], found["title"])
        if found["bare"]:
            return self._bare(found["bare"])
        return self._tag(found["tag"], {name: unescape(value) for name, value in _ATTRIBUTE.findall(found["values"])})

    def _heading(self, name: str, attributes: str, title: str) -> str:
        """Return a heading one can link to; those of the two highest levels enter the table of contents."""
        level = self._level(name)
        values = dict(_ATTRIBUTE.findall(attributes))
        identity = self._identity(unescape(values.get("id", "")))
        inner = self.rewrite(title)
        if not identity:
            return f"<h{level}>{inner}</h{level}>"
        plain = unescape(_TAG.sub("", inner)).strip()
        if level == FIRST_LEVEL and plain:
            self.toc.append(TocEntry(title=plain, anchor=identity))
        anchor = escape(identity)
        aligned = f' class="cm-{values["align"]}"' if "align" in values else ""
        link = f'<a class="headerlink" href="#{anchor}" title="Permanent link">&para;</a>'
        return f'<h{level} id="{anchor}"{aligned}>{inner}{link}</h{level}>'

    def _bare(self, name: str) -> str:
        match name:
            case "table":
                return '<div class="cm-scroll" role="region" aria-label="Table" tabindex="0"><table>'
            case "/table":
                return "</table></div>"
            case "th":
                return '<th scope="col">'
            case "a":
                self.closing = "</a>"
                return "<a>"
            case "/a":
                closing, self.closing = self.closing, ""
                return closing
            case "input" | "img":
                return ""
        slash = "/" if name.startswith("/") else ""
        return f"<{slash}h{self._level(name.lstrip('/'))}>"

    def _tag(self, name: str, values: dict[str, str]) -> str:
        match name:
            case "a":
                return self._link(values)
            case "img":
                return self._image(values)
            case "input":
                done = "checked" in values
                return f'<span role="img" aria-label="{"done" if done else "open"}">{"☑" if done else "☐"}</span>'
        kept = {key: value for key, value in values.items() if key not in ("id", "align", "class", "lang")}
        if identity := self._identity(values.get("id", "")):
            kept["id"] = identity
        if class_ := _class(values):
            kept["class"] = class_
        if name == "th":
            kept["scope"] = "col"
        if name[0] == "h" and name[1:].isdigit():
            name = f"h{self._level(name)}"
        return f"<{name}{_written(kept)}>"

    def _link(self, values: dict[str, str]) -> str:
        """Open a link, an anchor, or a span where the target cannot be shown."""
        target = values.get("href", "")
        self.closing = "</a>"
        if not target:
            identity = self._identity(values.get("id", "") or self.prefix + values.get("name", ""))
            return f'<a id="{escape(identity)}">' if identity else "<a>"
        kept = {key: values[key] for key in ("title",) if key in values}
        if identity := self._identity(values.get("id", "")):
            kept["id"] = identity
        if target.startswith("#"):
            return f'<a href="#{escape(self.prefix + target[1:])}"{_written(kept)}>'
        address = self.links.link(target)
        if not address:
            self.closing = "</span>"
            return f'<span class="cm-dead" title="not in this catalogue: {escape(target[:200])}">'
        rel = ' rel="nofollow noopener noreferrer"' if "//" in address[:8] or address.startswith("mailto:") else ""
        return f'<a href="{escape(address)}"{rel}{_written(kept)}>'

    def _image(self, values: dict[str, str]) -> str:
        """Show an image of the artifact; name any other, as a link to it where no link is open already."""
        source, alt = values.get("src", ""), values.get("alt", "").strip()
        if address := self.links.image(source):
            kept = {key: values[key] for key in ("title", "width", "height") if key in values}
            return f'<img src="{escape(address)}" alt="{escape(alt)}" loading="lazy"{_written(kept)}>'
        words = escape(alt or "image")
        address = "" if self.closing else self.links.link(source)
        if not address:
            return f'<span class="cm-image">{words}</span>'
        return f'<a class="cm-image" href="{escape(address)}" rel="nofollow noopener noreferrer">{words}</a>'

    def _level(self, name: str) -> int:
        return min(6, int(name[1]) + self.shift)

    def _identity(self, identity: str) -> str:
        """Return an id once; "" for one that is empty, taken, or no valid id."""
        if not identity or identity == self.prefix or identity in self.seen or any(map(str.isspace, identity)):
            return ""
        self.seen.add(identity)
        return identity


def _class(values: dict[str, str]) -> str:
    """Return our class for an alignment, or Material's for an alert."""
    if "align" in values:
        return f"cm-{values['align']}"
    classes = values.get("class", "")
    if classes == "markdown-alert-title":
        return "admonition-title"
    kind = classes.rpartition("markdown-alert-")[2] if "markdown-alert-" in classes else ""
    return f"admonition {_MATERIAL_ALERTS.get(kind, kind)}" if kind else classes


def _written(values: dict[str, str]) -> str:
    return "".join(f' {name}="{escape(value)}"' for name, value in values.items())
