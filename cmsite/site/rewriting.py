"""One pass over cleaned HTML: heading levels and ids, code, links, images, tables, tasks and alerts.

It reads nh3's own serialisation, where every `<` of a text and every quote of an attribute is escaped, and escapes all
it writes, so it cannot undo the cleaning.
"""

import re
from html import escape, unescape
from typing import Protocol

from cmsite.site.highlight import code_block
from cmsite.site.markup import without_empty_headings
from cmsite.site.page import TocEntry

FIRST_LEVEL = 3  # The page's title is h1 and its sections are h2.

_MATERIAL_ALERTS = {"important": "info", "caution": "danger"}
_REPLACED = {
    "table": '<div class="cm-scroll" role="group" aria-label="Table" tabindex="0"><table>',
    "/table": "</table></div>",
    "th": '<th scope="col">',
    "a": "<a>",
    "input": "",
    "img": "",
}

_PART = re.compile(
    r"<pre(?: lang=\"(?P<lang>[^\"]*)\")?><code>(?P<code>[^<]*)</code></pre>"
    r"|<(?P<heading>h[1-6])(?P<attributes>(?: [a-z-]+=\"[^\"]*\")*)>(?P<title>(?:(?!</?h[1-6][ >]).)*?)<a href=\"#[^\"]*\"></a></(?P=heading)>"
    r"|<(?P<tag>[a-z][a-z0-9]*)(?P<values>(?: [a-z-]+=\"[^\"]*\")+)>"
    r"|<(?P<bare>/?(?:h[1-6]|table|a)|th|input|img)>",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r" ([a-z-]+)=\"([^\"]*)\"")
_TAG = re.compile(r"<[^>]*>")
_OTHER_SCHEME = re.compile(r"(?!https?:|mailto:)[a-z][a-z0-9+.-]*:", re.IGNORECASE)  # Leads where no page may.


class Links(Protocol):
    """Says where links and images of a text lead; see `cmsite.site.links.TextLinks`."""

    def link(self, target: str, /) -> str:
        """Return the address for a link, "" where it is to be plain text."""

    def image(self, target: str, /) -> str:
        """Return the address of an image of this site, "" where it is not to be loaded."""


class Rewriter:
    """One pass over cleaned HTML; it only remembers ids seen, headings met, and which link is open."""

    def __init__(self, links: Links, prefix: str, top_level: int) -> None:
        self.links = links
        self.prefix = prefix
        self.shift = FIRST_LEVEL - top_level
        self.headings: list[tuple[int, TocEntry]] = []
        self.seen: set[str] = set()
        self.closing = ""

    def rewrite(self, html: str) -> str:
        """Return the HTML with every part replaced that needs it."""
        return without_empty_headings(_PART.sub(self._part, html))

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
        if level <= FIRST_LEVEL + 1 and plain:
            self.headings.append((level, TocEntry(title=plain, anchor=identity)))
        anchor = escape(identity)
        aligned = f' class="cm-{values["align"]}"' if "align" in values else ""
        link = f'<a class="headerlink" href="#{anchor}" title="Permanent link">&para;</a>'
        return f'<h{level} id="{anchor}"{aligned}>{inner}{link}</h{level}>'

    def _bare(self, name: str) -> str:
        """Return a tag without attributes; pictures and boxes without any say nothing and go."""
        if name == "a":
            self.closing = "</a>"
        if name == "/a":
            closing, self.closing = self.closing, ""
            return closing
        if name in _REPLACED:
            return _REPLACED[name]
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
        if _OTHER_SCHEME.match(target):
            target = ""
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
            kept = {key: value for key, value in values.items() if key in ("title", "width", "height")}
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
