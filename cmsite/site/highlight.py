"""Source text → escaped HTML with the classes Material colours.

Languages of nearly every README and meta go through a sketch, the others of a fixed list through pygments, up to a
size: its lexers are regular expressions and the text is hostile. Anything else is shown without colours.
"""

from functools import cache, lru_cache
from html import escape
from typing import Any

from cmsite.site.sketches import SKETCHES, mark

MAX_HIGHLIGHTED = 20_000  # Characters; a longer block is shown without colours.
_CACHED_BLOCKS = 1024  # The same commands stand in many READMEs.

# What a fence may say → pygments' name.
_LANGUAGES = {
    "cmd": "batch", "bat": "batch", "powershell": "powershell",
    "console": "console", "shell-session": "console", "terminal": "console",
    "pycon": "pycon", "c": "c", "cpp": "cpp", "c++": "cpp", "cuda": "cpp", "rust": "rust", "go": "go", "java": "java", "r": "r", "julia": "julia",
    "js": "javascript", "javascript": "javascript", "ts": "typescript", "typescript": "typescript",
    "html": "html", "xml": "xml", "css": "css", "sql": "sql", "diff": "diff",
    "toml": "toml", "ini": "ini", "cfg": "ini", "dockerfile": "docker", "docker": "docker", "make": "make", "makefile": "make", "cmake": "cmake",
}  # fmt: skip


def code_block(code: str, language: str, *, identity: str = "") -> str:
    """Return a code block as Material marks it up; `identity` is an id for a copy button to point at.

    >>> code_block("a < b", "")
    '<div class="highlight"><pre><code>a &lt; b</code></pre></div>'
    """
    number = f' id="{identity}"' if identity else ""
    return f'<div class="highlight"><pre{number}><code>{highlight(code, language.lower())}</code></pre></div>'


@lru_cache(maxsize=_CACHED_BLOCKS)
def highlight(code: str, language: str) -> str:
    """Return escaped HTML of the code, with spans where the language is known and the code is not too long."""
    if language in SKETCHES:
        return mark(SKETCHES[language], code)
    if language not in _LANGUAGES or len(code) > MAX_HIGHLIGHTED:
        return escape(code, quote=False)
    return _pygments(code, _lexer(_LANGUAGES[language]))


@cache
def _lexer(name: str) -> Any:
    from pygments.lexers import get_lexer_by_name

    return get_lexer_by_name(name)


def _pygments(code: str, lexer: Any) -> str:
    """Return the spans of pygments' tokens.

    Its own formatter cuts and numbers lines, which nobody sees here and which costs a third of the time.
    """
    parts = []
    for _, token, text in lexer.get_tokens_unprocessed(code):
        name = _css_class(token)
        parts.append(f'<span class="{name}">{escape(text, quote=False)}</span>' if name else escape(text, quote=False))
    return "".join(parts)


@cache
def _css_class(token: Any) -> str:
    """Return the class Material colours a token by; white space and plain text have none."""
    from pygments.token import STANDARD_TYPES, Text, Token

    if token in Text:
        return ""
    while token not in STANDARD_TYPES:
        token = token.parent
    return "" if token is Token else str(STANDARD_TYPES[token])
