"""The Content-Security-Policy of a page: nothing from elsewhere, and no inline script but those of the theme.

The theme's own inline scripts are named by their digests; some hold the way to the site's root, so a frame has a policy
for each depth. Pure text in, text out; which scripts are the theme's own is told by its caller.
Source: https://www.w3.org/TR/CSP3/; docs/adr/0008.
"""

import base64
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from html.parser import HTMLParser

MAX_SHOWN = 80  # Characters of what is refused that a warning repeats.
_SCRIPT = re.compile(r"<script(?P<attributes>(?:\s[^>]*)?)>(?P<text>.*?)</script>", re.DOTALL | re.IGNORECASE)
_START = re.compile(r"<head(?:\s[^>]*)?>\s*(?:<meta\s+charset=[^>]*>\s*)?", re.IGNORECASE)
# Types of scripts that a browser runs; every other type is data. Source: HTML, "prepare the script element".
_RUNNING = frozenset({"", "text/javascript", "application/javascript", "module"})
_TYPE = re.compile(r"\stype\s*=\s*[\"']?([^\"'\s>]*)", re.IGNORECASE)
_SOURCED = re.compile(r"\ssrc\s*=", re.IGNORECASE)
# `data:` images are the icons in the theme's style sheets. The rest of default-src covers frames, plug-ins and media.
_POLICY = (
    "default-src 'none'; script-src 'self'{hashes}; style-src 'self'; img-src 'self' data:; media-src 'self'; "
    "font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'"
)
_LOADING = {
    "audio": ("src",), "embed": ("src",), "iframe": ("src",), "img": ("src", "srcset"), "link": ("href",),
    "object": ("data",), "script": ("src",), "source": ("src", "srcset"), "video": ("src", "poster"),
}  # fmt: skip
_LOADING_LINKS = frozenset({"stylesheet", "icon", "preconnect", "preload", "modulepreload", "dns-prefetch", "manifest"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Something that the policy does not let a page do: `what` in a reader's words, and the source or its start."""

    what: str
    source: str


def with_policy(page: str, own: re.Pattern[str]) -> str:
    """Put the policy right behind the page's charset, before any script; those that `own` matches whole may run.

    >>> with_policy("<head><script>a()</script></head>", re.compile("b")).count("sha256")
    0
    """
    scripts = dict.fromkeys(text for text in inline_scripts(page) if own.fullmatch(text))
    meta = f'<meta http-equiv="Content-Security-Policy" content="{escape(policy(scripts), quote=False)}">\n'
    return _START.sub(lambda start: start[0] + meta, page, count=1)


def policy(scripts: Iterable[str]) -> str:
    """Return the policy that lets these inline scripts run.

    >>> policy(())[:50]
    "default-src 'none'; script-src 'self'; style-src '"
    """
    return _POLICY.format(hashes="".join(f" 'sha256-{_digest(script)}'" for script in scripts))


def inline_scripts(page: str) -> list[str]:
    """Return the scripts that stand in a page itself and would run.

    >>> inline_scripts('<script>a()</script><script src="b.js"></script><script type="application/json">{}</script>')
    ['a()']
    """
    return [found["text"] for found in _SCRIPT.finditer(page) if _runs(found["attributes"])]


def refused_in(page: str, own: re.Pattern[str]) -> tuple[Refused, ...]:
    """Return what the policy keeps a page from doing, each thing once, in the page's order."""
    reader = _Reader(own)
    reader.feed(page)
    reader.close()
    return tuple(dict.fromkeys(reader.found))


class _Reader(HTMLParser):
    """Collects what a page loads from elsewhere and what stands inline."""

    def __init__(self, own: re.Pattern[str]) -> None:
        super().__init__()
        self.own = own
        self.found: list[Refused] = []
        self.runs = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at the attributes of one tag."""
        values = {name: value or "" for name, value in attrs}
        self.runs = tag == "script" and _runs(self.get_starttag_text() or "")
        if tag == "style":
            self._refuse("style element", "<style>")
        for name, value in values.items():
            if name == "style":
                self._refuse("style attribute", f'<{tag} style="{value}">')
            elif name.startswith("on"):
                self._refuse("event attribute", f'<{tag} {name}="{value}">')
        loads = tag != "link" or not _LOADING_LINKS.isdisjoint(values.get("rel", "").lower().split())
        for name in _LOADING.get(tag, ()) if loads else ():
            if re.match(r"\s*(?:https?:)?//", values.get(name, ""), re.IGNORECASE):
                self._refuse("file of another host", values[name].strip())

    def handle_data(self, data: str) -> None:
        """Look at the text of a script."""
        if self.runs and data.strip() and not self.own.fullmatch(data):
            self._refuse("inline script", data.strip())
        self.runs = False

    def _refuse(self, what: str, source: str) -> None:
        shown = " ".join(source.split())
        self.found.append(Refused(what=what, source=shown if len(shown) <= MAX_SHOWN else f"{shown[: MAX_SHOWN - 1]}…"))


def _runs(attributes: str) -> bool:
    if _SOURCED.search(attributes):
        return False
    found = _TYPE.search(attributes)
    return found is None or found[1].lower() in _RUNNING


def _digest(script: str) -> str:
    """Return the digest as a browser computes it: of the text with newlines as the parser of HTML leaves them."""
    text = script.replace("\r\n", "\n").replace("\r", "\n")
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
