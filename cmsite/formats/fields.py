"""Typed parts of a free meta: small getters that never raise, whatever the value.

A value of the wrong type is left out here and reported by the shape rules; the meta itself keeps it.
"""

import re
from typing import Any

MAX_DESCRIPTION = 300  # Characters of a one-line description.

MAX_PEOPLE = 20_000  # Characters of one text that names people.
MAX_NAME = 200

_SPACE = re.compile(r"\s+")
_MARKED = re.compile(r"[\[<@]|://")
_LINK = re.compile(r"\[([^\[\]]{1,200})\]\([^()]{0,500}\)")
_TAG = re.compile(r"</?[A-Za-z][^<>@]{0,300}>")
_ADDRESS = re.compile(r"[(<]?(?:https?://|mailto:)[^\s,)>]*[)>]?|[(<]?[\w.+-]{1,64}@[\w.-]{1,250}[)>]?")


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
    """Return names of people from texts, lists of texts, or lists of mappings with `name`; without links and HTML.

    >>> people({"developers": "[Ann](https://a.org/x,y), Bob <bob@b.org>, <b>Cy</b>"}, "developers")
    ('Ann', 'Bob', 'Cy')
    """
    found: list[str] = []
    for key in keys:
        value = meta.get(key)
        for item in value if isinstance(value, list) else [value]:
            name = item.get("name") if isinstance(item, dict) else item
            if isinstance(name, str):
                found.extend(_names_in(name[:MAX_PEOPLE]))
    return tuple(dict.fromkeys(name for name in found if name))


def _names_in(people: str) -> list[str]:
    """Return the names of a text with commas: the labels of Markdown links, no tags, no addresses."""
    if not _MARKED.search(people):
        return [_SPACE.sub(" ", part).strip()[:MAX_NAME] for part in people.split(",")]
    words = _ADDRESS.sub("", _TAG.sub("", _LINK.sub(r"\1", people)))
    return [_SPACE.sub(" ", part).strip(" <>()[]")[:MAX_NAME] for part in words.split(",")]
