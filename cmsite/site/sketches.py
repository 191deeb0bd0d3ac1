"""One expression a language: colours for the code that stands in nearly every README and meta, at little cost.

A sketch finds comments, texts, numbers, names and key words; it is no grammar. A page of a catalogue has three such
blocks, and a full lexer would take longer for them than everything else on the page (docs/performance.md).
Closing quotes are optional: a part that always matches is never scanned twice, which keeps hostile text cheap.
The names of groups, and the values of `words`, are the classes Material colours.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketch:
    """A language: parts that stand out, and what words of the group `word` mean."""

    parts: re.Pattern[str]
    words: Mapping[str, str] = field(default_factory=dict)


def _classes(**words: str) -> dict[str, str]:
    return {word: class_ for class_, names in words.items() for word in names.split()}


YAML = Sketch(
    parts=re.compile(
        r"(?P<c1>(?:(?<=\s)|^)\#[^\n]*)"
        r"|(?P<nt>(?:(?<=\n)|^)[ \t]*(?:- +)*(?:\"[^\"\n]*\"|'[^'\n]*'|[^\s#\[\]{},&*!|>'\"%@`:-][^\n:#]*)(?=:(?:\s|$)))"
        r"|(?P<s>(?<=[\s\[{,:])(?:\"(?:[^\"\\\n]|\\.)*\"?|'[^'\n]*'?))"
        r"|(?P<m>(?<=[\s\[,])-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?=\s*(?:[,\]\n#]|$)))"
        r"|(?P<kc>(?<=[\s\[,])(?:true|false|yes|no|on|off|null|True|False)(?=\s*(?:[,\]\n#]|$)))"
    )
)
JSON = Sketch(
    parts=re.compile(
        r"(?P<nt>\"(?:[^\"\\\n]|\\.)*\"(?=\s*:))"
        r"|(?P<s>\"(?:[^\"\\\n]|\\.)*\"?)"
        r"|(?P<m>(?<![\w\"])-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)"
        r"|(?P<word>[A-Za-z_]\w*)"
    ),
    words=_classes(kc="true false null"),
)
BASH = Sketch(
    parts=re.compile(
        r"(?P<c1>(?:(?<=\s)|^)\#[^\n]*)"
        r"|(?P<s2>\"(?:[^\"\\\n]|\\.)*\"?)"
        r"|(?P<s1>'[^'\n]*'?)"
        r"|(?P<nv>\$(?:\{[^}\n]{0,200}\}|\w+|[@*#?$!-])|(?:(?<=\n)|(?<=\s)|^)\w+(?==))"
        r"|(?P<word>[A-Za-z_][\w./-]*)"
        r"|(?P<skip>-[\w-]*)"
        r"|(?P<m>(?<=[\s=])\d+(?=\s|$))"
        r"|(?P<o>&&|\|\|?|;|>>?|<)",
        re.DOTALL,
    ),
    words=_classes(
        k="if then else elif fi for while until do done in case esac function select time",
        nb="alias bg cd command echo eval exec exit export false fg getopts hash help kill local popd printf pushd pwd read readonly "
        "return set shift source test trap true type ulimit umask unalias unset wait",
    ),
)
PYTHON = Sketch(
    parts=re.compile(
        r"(?P<c1>\#[^\n]*)"
        r"|(?P<s>[rRbBfFuU]{0,2}(?:\"\"\"(?:[^\\]|\\.)*?(?:\"\"\"|\Z)|'''(?:[^\\]|\\.)*?(?:'''|\Z)|\"(?:[^\"\\\n]|\\.)*\"?|'(?:[^'\\\n]|\\.)*'?))"
        r"|(?P<nf>(?<=\bdef )\w+)|(?P<nc>(?<=\bclass )\w+)"
        r"|(?P<nd>(?:(?<=\n)|^)[ \t]*@[\w.]+)"
        r"|(?P<word>[A-Za-z_]\w*)"
        r"|(?P<m>\d[\w.]*)"
        r"|(?P<o>[-+*/%=<>!&|^~]+)",
        re.DOTALL,
    ),
    words=_classes(
        k="as assert async await break class continue def del elif else except finally for global if in is lambda nonlocal not or and "
        "pass raise return try while with yield match case",
        kn="import from",
        kc="None True False",
        bp="self cls",
        nb="abs all any bool bytes dict enumerate filter float format getattr hasattr id input int isinstance iter len list map max min "
        "next object open pow print range repr reversed round set setattr sorted str sum super tuple type zip",
    ),
)

SKETCHES: dict[str, Sketch] = {
    **dict.fromkeys(("yaml", "yml"), YAML),
    **dict.fromkeys(("json", "jsonc", "json5"), JSON),
    **dict.fromkeys(("bash", "sh", "shell", "zsh"), BASH),
    **dict.fromkeys(("python", "py", "python3"), PYTHON),
}


def mark(sketch: Sketch, code: str) -> str:
    """Return escaped HTML with a span around every part that stands out.

    >>> mark(JSON, '{"a": 1}')
    '{<span class="nt">"a"</span>: <span class="m">1</span>}'
    """
    marked, end, words = [], 0, sketch.words
    for found in sketch.parts.finditer(code):
        name, text = found.lastgroup, found.group()
        if name == "word":
            name = words.get(text)
        if name is None or name == "skip":
            continue
        start = found.start()
        if name == "nt":
            start = found.end() - len(text.lstrip(" \t-"))
        marked.append(escape(code[end:start], quote=False))
        end = found.end()
        marked.append(f'<span class="{name}">{escape(code[start:end], quote=False)}</span>')
    marked.append(escape(code[end:], quote=False))
    return "".join(marked)
