"""Typed parts of a free meta: small getters that never raise, whatever the value.

A value of the wrong type is left out here and reported by the shape rules; the meta itself keeps it.
"""

import re
from typing import Any

MAX_DESCRIPTION = 300  # Characters of a one-line description.

_SPACE = re.compile(r"\s+")


def text(meta: dict[str, Any], *keys: str) -> str:
    r"""Return the first non-empty text among the keys, on one line, cut at `MAX_DESCRIPTION` characters.

    >>> text({"name": " Get  CUDA\n"}, "title", "name")
    'Get CUDA'
    """
    for key in keys:
        value = meta.get(key)
        if isinstance(value, str) and value.strip():
            return _SPACE.sub(" ", value).strip()[:MAX_DESCRIPTION]
    return ""


def spelled(value: Any) -> str:
    """Return a scalar as the source spells it, "" for anything else.

    >>> spelled(28), spelled(None), spelled(["a"])
    ('28', '', '')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool | int | float):
        return str(getattr(value, "literal", value))
    return ""


def tags(value: Any) -> tuple[str, ...]:
    """Return tags in their order and spelling: a list, or a text with commas; blank ones are left out.

    >>> tags(["a", 28, ""]), tags("a, b")
    (('a', '28'), ('a', 'b'))
    """
    items = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []
    return tuple(tag for item in items if (tag := spelled(item).strip()))


def people(meta: dict[str, Any], *keys: str) -> tuple[str, ...]:
    """Return names of people from texts, lists of texts, or lists of mappings with `name`.

    >>> people({"developers": "[Ann](https://a.org), Bob"}, "developers")
    ('Ann', 'Bob')
    """
    found: list[str] = []
    for key in keys:
        value = meta.get(key)
        for item in value if isinstance(value, list) else [value]:
            name = item.get("name") if isinstance(item, dict) else item
            if isinstance(name, str):
                found.extend(_name_of(part) for part in name.split(","))
    return tuple(dict.fromkeys(name for name in found if name))


def _name_of(part: str) -> str:
    """Return the label of a Markdown link, else the words themselves."""
    link = re.match(r"\s*\[([^\]]{1,100})\]\(", part)
    return _SPACE.sub(" ", link.group(1) if link else part).strip()
