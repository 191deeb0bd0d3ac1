r"""Names, folders and addresses out of a text, in every spelling that logs use; pure.

Too much is replaced rather than too little: case does not matter; letters may be percent-encoded, escaped as in JSON
or HTML, composed or decomposed; separators of paths may be `/`, `\`, doubled or encoded. After the replacement the
text is decoded and searched again: what still shows a name refuses the record (`leaks_of`).
"""

import html
import ipaddress
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote

from cmsite.records.identity import Identity

SHORT = 4  # Letters; a shorter name is replaced only where it stands alone.
_SEPARATOR = (
    r"(?:[/\\]|%(?:25){0,3}(?:2f|5c)|\\u00(?:2f|5c)|&#(?:47|92|x2f|x5c);){1,16}"  # Bounded: a log may be hostile.
)
# What may stand before and behind a short name: no letter or digit, unless these end or begin an escape.
_BEFORE = r"(?:(?<![^\W_])|(?<=%[0-9a-f]{2})|(?<=\\[abfnrtv])|(?<=\\u[0-9a-f]{4})|(?<=\\x[0-9a-f]{2}))"
_BEHIND = r"(?![^\W_])"
_ENCODED = re.compile(r"%[0-9a-fA-F]{2}|\\[uUx][0-9a-fA-F]|&#")
_EMAIL = r"[\w.+-]{1,64}(?:@|%40|&#64;|\\u0040)(?:[\w-]{1,63}\.){1,8}[a-z]{2,24}"
_MAC = r"(?<![0-9a-f:-])(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}(?![0-9a-f:-])|(?<![0-9a-f.])(?:[0-9a-f]{4}\.){2}[0-9a-f]{4}(?![0-9a-f.])"
_IPV4 = r"(?<![0-9.])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![0-9]|\.[0-9])"
_IPV6 = r"(?<![0-9a-f:.])(?=[0-9a-f]{0,4}:[0-9a-f]{0,4}:)[0-9a-f:]{2,39}(?:(?:[0-9]{1,3}\.){3}[0-9]{1,3})?(?:%\w{1,16})?(?![0-9a-f:])"
_ADDRESS = re.compile(f"{_IPV4}|{_IPV6}", re.IGNORECASE)
_SIGNS = re.compile("<(?:user|name|host|home|folder|email|mac|ip)>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaned:
    """A text without names, and how often each sign was put in: `<user>`, `<host>` and so on."""

    text: str
    counts: Counter[str]


class Anonymizer:
    """Replaces what an identity holds."""

    def __init__(self, identity: Identity) -> None:
        self.identity = identity
        self._names = tuple(_names(identity))

    def clean(self, text: str) -> Cleaned:
        """Return the text with a sign in place of each name, folder and address."""
        counts: Counter[str] = Counter()

        def put(match: re.Match[str]) -> str:
            sign = self._signs[match.lastgroup or ""]
            counts[sign] += 1
            return sign

        def put_address(match: re.Match[str]) -> str:
            if not _is_address(match[0]):
                return match[0]
            counts["<ip>"] += 1
            return "<ip>"

        found = []
        for line in text.splitlines(keepends=True):
            names = self._full if _ENCODED.search(line) or not line.isascii() else self._simple
            found.append(_ADDRESS.sub(put_address, names.sub(put, line)))  # Addresses last: they end where names begin.
        return Cleaned(text="".join(found), counts=counts)

    def leaks_of(self, text: str) -> tuple[int, ...]:
        """Return the numbers of lines that still show a name once everything in them is decoded."""
        found = self._plain
        return tuple(
            number for number, line in enumerate(text.splitlines(), 1)
            if any(found.search(form) for form in _decoded(_SIGNS.sub(" ", line)))
        )  # fmt: skip

    @cached_property
    def _signs(self) -> dict[str, str]:
        return {f"n{number}": sign for number, (_, sign) in enumerate(self._names)} | {
            "mail": "<email>",
            "mac": "<mac>",
        }

    @cached_property
    def _simple(self) -> re.Pattern[str]:
        return self._compiled(encoded=False)

    @cached_property
    def _full(self) -> re.Pattern[str]:
        return self._compiled(encoded=True)

    def _compiled(self, *, encoded: bool) -> re.Pattern[str]:
        folders = [
            f"(?P<n{n}>{_pattern(text, encoded=encoded)})"
            for n, (text, sign) in enumerate(self._names)
            if _is_folder(sign)
        ]
        others = [
            f"(?P<n{n}>{_pattern(text, encoded=encoded)})"
            for n, (text, sign) in enumerate(self._names)
            if not _is_folder(sign)
        ]
        parts = [*folders, f"(?P<mail>{_EMAIL})", f"(?P<mac>{_MAC})", *others]
        return re.compile("|".join(parts), re.IGNORECASE)

    @cached_property
    def _plain(self) -> re.Pattern[str]:
        parts = [_pattern(_folded(text), encoded=False) for text, _ in self._names]
        return re.compile("|".join(parts) or r"(?!)")


def _is_folder(sign: str) -> bool:
    return sign in ("<home>", "<folder>")


def _names(identity: Identity) -> Iterator[tuple[str, str]]:
    """Yield (text, sign), each text once; folders first, then longer texts before their parts."""
    words = [word for name in identity.people for word in re.split(r"[\s,.]+", name) if len(word) >= SHORT]
    rows = [
        *((path, sign) for path, sign in identity.folders if not _is_root(path)),
        *((mail, "<email>") for mail in identity.emails),
        *((mac, "<mac>") for mac in identity.macs),
        *((host, "<host>") for host in identity.hosts),
        *((user, "<user>") for user in identity.users),
        *((name, "<name>") for name in (*identity.people, *words)),
    ]
    forms: dict[str, str] = {}
    for text, sign in rows:
        for form in _forms(text):
            forms.setdefault(form, sign)
    yield from sorted(forms.items(), key=lambda row: (not _is_folder(row[1]), -len(row[0]), row))


def _is_root(path: str) -> bool:
    """Return whether a path is so short that it says nothing, such as `/` or `C:`."""
    return len(path.strip("/\\:")) < 2  # noqa: PLR2004


def _forms(text: str) -> tuple[str, ...]:
    """Return the forms of a text that ignoring case alone does not make equal."""
    forms = [unicodedata.normalize(form, text) for form in ("NFC", "NFD")]
    forms += [change(form) for form in forms for change in (str.upper, str.lower, str.casefold)]
    return tuple(dict.fromkeys(form for form in (text, *forms) if form))


def _pattern(text: str, *, encoded: bool) -> str:
    """Return the regular expression of one text."""
    folder = bool(re.match(r"[/\\]|[A-Za-z]:[/\\]", text))
    parts = []
    for part in re.findall(r"[/\\]+|\s+|[^/\\\s]", text):
        if part[0] in "/\\":
            parts.append(_SEPARATOR)
        elif part.isspace():
            parts.append(r"(?:[\s._+-]|%20|%2b){0,8}")
        else:
            parts.append(_sign_pattern(part) if encoded else re.escape(part))
    body = "".join(parts)
    if folder:
        return body + _BEHIND  # `/home/al` is no part of `/home/alice`.
    return f"{_BEFORE}{body}{_BEHIND}" if len(text) < SHORT else body


def _sign_pattern(sign: str) -> str:
    """Return what one letter may be written as."""
    forms = {re.escape(sign)}
    for form in {sign, sign.lower(), sign.upper()}:
        if len(form) != 1:
            continue
        code = ord(form)
        for charset in ("utf-8", "latin-1"):
            octets = form.encode(charset, "ignore")
            forms.add("".join(f"%(?:25){{0,3}}{octet:02x}" for octet in octets) or re.escape(sign))
            forms.add("".join(rf"\\x{octet:02x}" for octet in octets) or re.escape(sign))
        forms |= {rf"\\+u{code:04x}", rf"&#0*{code};", rf"&#x0*{code:x};"}
    return f"(?:{'|'.join(sorted(forms))})"


def _is_address(text: str) -> bool:
    """Return whether this is an address of a machine that is not this one alone."""
    try:
        address = ipaddress.ip_address(text.split("%", maxsplit=1)[0])
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def _decoded(line: str) -> Iterator[str]:
    """Yield a line as it stands and decoded in the ways that logs encode, folded."""
    yield _folded(line)
    if _ENCODED.search(line):
        text = line
        for _ in range(3):
            text = html.unescape(unquote(re.sub(r"\\+u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)))
            yield _folded(text)
