"""Source text → escaped HTML with the classes Material colours.

Code of READMEs goes through pygments, for a fixed list of languages and up to a size: its lexers are regular
expressions and the text is hostile. Metas (YAML and JSON of any size) go through one expression each, some forty
times faster; they promise colours, not a grammar.
"""

import re
from functools import cache, lru_cache
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pygments.lexer import RegexLexer

MAX_HIGHLIGHTED = 20_000  # Characters; a longer block is shown without colours.
_CACHED_BLOCKS = 1024  # The same commands stand in many READMEs.

# What a fence may say → pygments' name. Languages not here are shown without colours.
_LANGUAGES = {
    "bash": "bash", "sh": "bash", "shell": "bash", "zsh": "bash", "cmd": "batch", "bat": "batch", "powershell": "powershell",
    "console": "console", "shell-session": "console", "terminal": "console",
    "python": "python", "py": "python", "python3": "python", "pycon": "pycon",
    "c": "c", "cpp": "cpp", "c++": "cpp", "cuda": "cpp", "rust": "rust", "go": "go", "java": "java", "r": "r", "julia": "julia",
    "js": "javascript", "javascript": "javascript", "ts": "typescript", "typescript": "typescript",
    "html": "html", "xml": "xml", "css": "css", "sql": "sql", "diff": "diff",
    "toml": "toml", "ini": "ini", "cfg": "ini", "dockerfile": "docker", "docker": "docker", "make": "make", "makefile": "make", "cmake": "cmake",
}  # fmt: skip
_YAML = {"yaml", "yml"}
_JSON = {"json", "jsonc", "json5"}

_YAML_PART = re.compile(
    r"(?P<c1>(?:(?<=\s)|^)\#[^\n]*)"
    r"|(?P<nt>(?:^|(?<=\n))[ \t]*(?:- +)*(?:\"[^\"\n]*\"|'[^'\n]*'|[^\s#\[\]{},&*!|>'\"%@`:-][^\n:#]*)(?=:(?:\s|$)))"
    r"|(?P<s>\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*')"
    r"|(?P<m>(?<=[\s\[,])-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?=\s*(?:[,\]\n#]|$)))"
    r"|(?P<kc>(?<=[\s\[,])(?:true|false|yes|no|on|off|null|True|False)(?=\s*(?:[,\]\n#]|$)))"
)
_JSON_PART = re.compile(
    r"(?P<nt>\"(?:[^\"\\\n]|\\.)*\"(?=\s*:))"
    r"|(?P<s>\"(?:[^\"\\\n]|\\.)*\")"
    r"|(?P<m>(?<![\w\"])-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)"
    r"|(?P<kc>\b(?:true|false|null)\b)"
)


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
    if language in _YAML:
        return _mark(_YAML_PART, code)
    if language in _JSON:
        return _mark(_JSON_PART, code)
    if language not in _LANGUAGES or len(code) > MAX_HIGHLIGHTED:
        return escape(code, quote=False)
    return _pygments(code, _lexer(_LANGUAGES[language]))


def _mark(parts: re.Pattern[str], code: str) -> str:
    """Wrap every part in a span of its group's class."""
    marked, end = [], 0
    for found in parts.finditer(code):
        start = found.start()
        text = found.group()
        lead = len(text) - len(text.lstrip(" \t-")) if found.lastgroup == "nt" else 0
        marked.append(escape(code[end : start + lead], quote=False))
        marked.append(f'<span class="{found.lastgroup}">{escape(text[lead:], quote=False)}</span>')
        end = found.end()
    marked.append(escape(code[end:], quote=False))
    return "".join(marked)


@cache
def _lexer(name: str) -> "RegexLexer":
    from pygments.lexers import get_lexer_by_name

    return get_lexer_by_name(name)  # type: ignore[no-any-return]


def _pygments(code: str, lexer: "RegexLexer") -> str:
    """Return the spans of pygments' tokens.

    Its own formatter cuts and numbers lines, which nobody sees here and which costs a third of the time.
    """
    parts = []
    for _, token, text in lexer.get_tokens_unprocessed(code):
        name = _css_class(token)
        parts.append(f'<span class="{name}">{escape(text, quote=False)}</span>' if name else escape(text, quote=False))
    return "".join(parts)


@cache
def _css_class(token: object) -> str:
    """Return the class Material colours a token by; white space and plain text have none."""
    from pygments.token import STANDARD_TYPES, Text, Token

    if token in Text:
        return ""
    while token not in STANDARD_TYPES:
        token = token.parent  # type: ignore[attr-defined]
    return "" if token is Token else str(STANDARD_TYPES[token])
