"""One expression a language: colours for the code that stands in nearly every README and meta, at little cost.

A sketch finds comments, texts, numbers, names and key words; it is no grammar. A page of a catalogue has three such
blocks, and a full lexer would take longer for them than everything else on the page (docs/performance.md).
The code is escaped first, so expressions see `&lt;` for `<`. Closing quotes are optional: a part that always matches is never scanned twice, which keeps hostile text cheap.
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


# Each alternative begins with a sign or a set of signs, which the engine of expressions tries before anything else, and
# ends with an empty group that names it; runs of signs that mean nothing are taken whole.
YAML = Sketch(
    parts=re.compile(
        r"\#(?<!\S\#)[^\n]*(?P<c1>)"
        r"|^[ \t]*(?:- +)*(?:\"[^\"\n]*\"|'[^'\n]*'|[^\s#\[\]{},&*!|>'\"%@`:-][^\n:#]*)(?=:(?:\s|$))(?P<nt>)"
        r"|[\"'](?<=[\s\[{,:].)(?:(?<=\")(?:[^\"\\\n]|\\.)*\"?|(?<=')[^'\n]*'?)(?P<s>)"
        r"|[-0-9](?<=[\s\[,].)[0-9]*(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?(?<=[0-9])(?=[ \t]*(?:[,\]\n#]|\Z))(?P<m>)"
        r"|[A-Za-z](?<=[\s\[,].)[A-Za-z]*(?=[ \t]*(?:[,\]\n#]|\Z))(?P<word>)"
        r"|[^\s\[{,:\"'#]+(?P<skip>)",
        re.MULTILINE,
    ),
    words=_classes(kc="true false yes no on off null True False"),
)
JSON = Sketch(
    parts=re.compile(
        r"\"(?:[^\"\\\n]|\\.)*\"(?=\s*:)(?P<nt>)"
        r"|\"(?:[^\"\\\n]|\\.)*\"?(?P<s>)"
        r"|[-0-9][0-9]*(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?(?<=[0-9])(?P<m>)"
        r"|[A-Za-z_]\w*(?P<word>)"
    ),
    words=_classes(kc="true false null"),
)
BASH = Sketch(
    parts=re.compile(
        r"\#(?<!\S\#)[^\n]*(?P<c1>)"
        r"|\"(?:[^\"\\]|\\.)*\"?(?P<s2>)"
        r"|'[^'\n]*'?(?P<s1>)"
        r"|[$A-Za-z_](?:(?<=\$)(?:\{[^}\n]{0,200}\}|\w+|[@*#?$!-])|(?<!\S.)(?<!\$)\w*(?==))(?P<nv>)"
        r"|[A-Za-z_][\w./-]*(?P<word>)"
        r"|[0-9](?<![^\s=].)[0-9]*(?=\s|\Z)(?P<m>)"
        r"|[&|;](?:(?<=&)(?:amp|gt|lt);)?(?P<o>)"
        r"|[-0-9.,/:@%+][\w.,/:@%+-]*(?P<skip>)",
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
        r"[A-Za-z_](?<=\bdef .)\w*(?P<nf>)"
        r"|[A-Za-z_](?<=\bclass .)\w*(?P<nc>)"
        r"|[A-Za-z_]\w*(?P<word>)"
        r"|\#[^\n]*(?P<c1>)"
        r"|[\"'](?:(?<=\")(?:\"\"(?:[^\\]|\\.)*?(?:\"\"\"|\Z)|(?:[^\"\\\n]|\\.)*\"?)"
        r"|(?<=')(?:''(?:[^\\]|\\.)*?(?:'''|\Z)|(?:[^'\\\n]|\\.)*'?))(?P<s>)"
        r"|@(?<!\S@)[\w.]+(?P<nd>)"
        r"|[0-9][\w.]*(?P<m>)"
        r"|[-+*/%=!|^~&](?:(?<=&)(?:amp|gt|lt);)?[-+*/%=!|^~]*(?P<o>)",
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
    escaped = escape(code, quote=False)
    marked, end, words = [], 0, sketch.words
    for found in sketch.parts.finditer(escaped):
        name = found.lastgroup
        if name == "word":
            name = words.get(found.group())
        if name is None or name == "skip":
            continue
        start, stop = found.span()
        if name == "nt":
            start = stop - len(found.group().lstrip(" \t-"))
        marked.append(f'{escaped[end:start]}<span class="{name}">{escaped[start:stop]}</span>')
        end = stop
    marked.append(escaped[end:])
    return "".join(marked)
