r"""Which names may stand in a line: quick tests that may say yes too often and never no wrongly; pure.

A name is looked for by its needle, its longest part that every spelling shows unchanged once line and needle are
folded. In lines with escapes (`%6A`, `\u006a`, `&#106;`) the needle is looked for in the decoded line; digits at its
beginning may have been taken for a part of the escape before it, so that only the rest is looked for.
"""

import re

ENCODED = re.compile(r"%[0-9a-fA-F]{2}|\\[uUx][0-9a-fA-F]|&#")
_ESCAPE = re.compile(
    r"%(?:25){0,3}([0-9a-f]{2})|\\(?:u([0-9a-f]{4})|x([0-9a-f]{2}))|&#(?:0*([0-9]{1,7})|x0*([0-9a-f]{1,6}));"
)
_EMAIL_SIGNS = ("@", "%40", "&#64;", "\\u0040")
_PAIRS = re.compile(r"[:-](?:[0-9a-f]{2}[:-]){4}", re.IGNORECASE)
_FOURS = re.compile(r"\.[0-9a-f]{4}\.", re.IGNORECASE)
_NUMBERS = re.compile(r"\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]")
_MAC_SIGNS = 5
_IPV6_COLONS = 6


def fold(text: str) -> str:
    """Return a text in which letters are equal wherever they are to a pattern that ignores case.

    >>> fold("Kelvin \u212a, long \u017f, Turkish \u0130\u0131")
    'kelvin k, long s, turkish ii'
    """
    folded = text.casefold()
    return folded if folded.isascii() else folded.replace("\u0131", "i").replace("\u0307", "")


def decoded(folded: str) -> tuple[str, str]:
    r"""Return a folded line with each escape in place of its sign, octets apart; and all escapes as they were written.

    >>> decoded("%6a%2541 \\u0064 &#111;")
    ('ja d o', '%6a%2541\\u0064&#111;')
    """
    escapes: list[str] = []

    def sign(found: re.Match[str]) -> str:
        escapes.append(found[0])
        octet, four, two, decimal, hexadecimal = found.groups()
        code = int(decimal) if decimal else int(octet or four or two or hexadecimal, 16)
        return chr(code).lower() if code < 0x80 else "\ufffd"  # noqa: PLR2004 - needles are of ASCII.

    return _ESCAPE.sub(sign, folded), "".join(escapes)


def needle_of(text: str) -> str:
    """Return the longest part of a text without separators of paths and blanks.

    >>> needle_of("/home/jdoe")
    'home'
    """
    return max(re.split(r"[/\\\s]+", text), key=len)


def encoded_needle_of(text: str) -> tuple[str, str]:
    """Return the longest part of a text that `decoded` leaves in place, and what no escape before it can swallow.

    Both are "" where there is none.

    >>> encoded_needle_of("/home/alice"), encoded_needle_of("abc")
    (('alice', 'lice'), ('abc', ''))
    """
    part = max(re.findall("[a-z0-9]+", text.lower()), key=len, default="")
    return part, part.lstrip("0123456789abcdef")


def may_hold_email(folded: str, *, encoded: bool) -> bool:
    """Return whether a line may hold an address of mail."""
    return any(sign in folded for sign in _EMAIL_SIGNS) if encoded else "@" in folded


def may_hold_mac(line: str) -> bool:
    """Return whether a line may hold an address of hardware."""
    pairs = line.count(":") + line.count("-") >= _MAC_SIGNS and _PAIRS.search(line)
    return bool(pairs or _FOURS.search(line))


def may_hold_ipv4(line: str) -> bool:
    """Return whether a line may hold an address of version 4."""
    return bool(_NUMBERS.search(line))


def may_hold_ipv6(line: str) -> bool:
    """Return whether a line may hold an address of version 6: it has `::` or seven colons, or six and an address 4."""
    return "::" in line or line.count(":") >= _IPV6_COLONS
