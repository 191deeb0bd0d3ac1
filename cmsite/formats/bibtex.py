"""BibTeX: one entry from plain values, with every sign that LaTeX would take for a command written out."""

import re
from collections.abc import Mapping

_NOT_KEY = re.compile(r"[^A-Za-z0-9-]+")
_SPECIAL = re.compile(r"([#$%&_{}])")
_BREAKING = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}


def bibtex_entry(name: str, fields: Mapping[str, str]) -> str:
    """Return a `@misc` entry under a key made of `name`; empty fields are left out, the others must be escaped.

    >>> print(bibtex_entry("script: a", {"title": "A", "year": ""}))
    @misc{script-a,
      title        = {A},
    }
    """
    lines = "".join(f"  {field:<12} = {{{value}}},\n" for field, value in fields.items() if value)
    return f"@misc{{{_NOT_KEY.sub('-', name).strip('-') or 'artifact'},\n{lines}}}"


def escaped(text: str) -> str:
    r"""Return text as LaTeX prints it.

    >>> escaped("a_b & c\\d")
    'a\\_b \\& c\\textbackslash{}d'
    """
    parts = re.split(r"([\\~^])", " ".join(text.split()))
    return "".join(_BREAKING.get(part) or _SPECIAL.sub(r"\\\1", part) for part in parts)
