"""Addresses in rows and metas: linked only where they are plain ones, so that no page leads where its words do not say."""

import re
from urllib.parse import quote

# A web address that browsers and validators take as it stands: a host without a user's name, at most one `#`.
_WEB = re.compile(
    r"https?://[\w.-]{1,250}(?::\d{1,5})?(?:[/?](?:[^\s<>\"'`{}|\\^\[\]#%]|%[0-9A-Fa-f]{2}){0,1000})?"
    r"(?:#(?:[^\s<>\"'`{}|\\^\[\]#%]|%[0-9A-Fa-f]{2}){0,500})?\Z",
    re.IGNORECASE,
)
_PLAIN = re.compile(r"https://[a-z0-9.-]{1,250}/[A-Za-z0-9._/~+=-]{0,1000}\Z")  # Most addresses; found out fast.


def web_address(text: str) -> str:
    """Return a text that is a plain web address, "" for any other.

    >>> web_address("https://a.org/b?c=d"), web_address("javascript:alert(1)"), web_address("https://u@a.org")
    ('https://a.org/b?c=d', '', '')
    """
    return text if _PLAIN.match(text) or _WEB.match(text) else ""


def written_address(text: str) -> str:
    """Return a web address in which somebody left blanks or brackets, with these escaped; "" for anything else.

    >>> written_address("https://a.org/one two"), written_address("one two")
    ('https://a.org/one%20two', '')
    """
    return web_address(text) or web_address(quote(text, safe="/:?#@!$&'()*+,;=%~-._"))
