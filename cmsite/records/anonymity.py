r"""Names, folders and addresses out of a text, in every spelling that logs use; pure.

Too much is replaced rather than too little: case does not matter; letters may be percent-encoded, escaped as in JSON
or HTML, composed or decomposed; separators of paths may be `/`, `\`, doubled or encoded. After the replacement the
text is decoded and searched again: what still shows a name refuses the record (`leaks_of`).

A line is searched only for what `suspects` says may stand in it: most lines of a log hold nothing of the kind.
"""

import html
import ipaddress
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from urllib.parse import unquote

from cmsite.records.identity import Identity
from cmsite.records.suspects import (
    ENCODED,
    decoded,
    encoded_needle_of,
    fold,
    may_hold_email,
    may_hold_ipv4,
    may_hold_ipv6,
    may_hold_mac,
    needle_of,
)

MAX_PATTERNS = 64  # A log that holds more sets of names than this is searched for all of them.
SHORT = 4  # Letters; a shorter name is replaced only where it stands alone.
_SEPARATOR = (
    r"(?:[/\\]|%(?:25){0,3}(?:2f|5c)|\\u00(?:2f|5c)|&#(?:47|92|x2f|x5c);){1,16}"  # Bounded: a log may be hostile.
)
# What may stand before and behind a short name: no letter or digit, unless these end or begin an escape.
_BEFORE = r"(?:(?<![^\W_])|(?<=%[0-9a-f]{2})|(?<=\\[abfnrtv])|(?<=\\u[0-9a-f]{4})|(?<=\\x[0-9a-f]{2}))"
_BEHIND = r"(?![^\W_])"
_EMAIL = r"[\w.+-]{1,64}(?:@|%40|&#64;|\\u0040)(?:[\w-]{1,63}\.){1,8}[a-z]{2,24}"
_MAC = r"(?<![0-9a-f:-])(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}(?![0-9a-f:-])|(?<![0-9a-f.])(?:[0-9a-f]{4}\.){2}[0-9a-f]{4}(?![0-9a-f.])"
_IPV4 = r"[0-9](?<![0-9.][0-9])[0-9]{0,2}(?:\.[0-9]{1,3}){3}(?![0-9]|\.[0-9])"  # Begins with a sign: searched fast.
_GROUP = "[0-9a-f]{1,4}"
_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_TAIL = rf"{_OCTET}(?:\.{_OCTET}){{3}}(?![0-9]|\.[0-9])"  # An address of version 4 as the end of one of version 6.
_COLOURED = r"(?<=[0-9;\[][mK])"  # The end of a terminal's escape, such as that of a colour.
_ADDRESS_4 = re.compile(_IPV4)
_HEX_SIGN = re.compile(r"(?<!\\)\\+u([0-9a-fA-F]{4})")
_LONG_SIGN = re.compile(r"&#0*([0-9]{1,9})[0-9]*")  # More digits are no sign, and more than a number may have.
_SIGNS = re.compile("<(?:user|name|host|home|folder|email|mac|ip)>")


def _ipv6() -> str:
    """Return the pattern of what is an address of version 6 between signs that are no letter or digit.

    So `c10::Error` and `std::end` hold none. Source: RFC 4291 §2.2, RFC 4007 §11 (zones).
    """
    forms = [f"(?:{_GROUP}:){{6}}(?:{_TAIL}|{_GROUP}:{_GROUP})"]
    for groups in range(8):  # Before `::`, which stands for one or more.
        left = f"{_GROUP}(?::{_GROUP}){{{groups - 1}}}" if groups else ""
        right = [f"(?:{_GROUP}:){{0,{5 - groups}}}{_TAIL}"] if groups <= 5 else []  # noqa: PLR2004 - A tail is two groups.
        right += [f"{_GROUP}(?::{_GROUP}){{0,{6 - groups}}}"] if groups <= 6 else []  # noqa: PLR2004
        forms.append(f"{left}::(?:{'|'.join(right)})?" if right else f"{left}::")
    return rf"(?:{_BEFORE}|{_COLOURED})(?:{'|'.join(forms)})(?:%\w{{1,16}})?{_BEHIND}"


_ADDRESS = re.compile(f"{_IPV4}|{_ipv6()}", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaned:
    """A text without names, and how often each sign was put in: `<user>`, `<host>` and so on."""

    text: str
    counts: Counter[str]


class Anonymizer:
    """Replaces what an identity holds."""

    def __init__(self, identity: Identity) -> None:
        self.identity = identity
        names = tuple(_names(identity))
        self._parts = tuple(_parts(names))
        named = [(number, part) for number, part in enumerate(self._parts) if part.text]
        self._mail = next(number for number, part in enumerate(self._parts) if part.sign == "<email>" and not part.text)
        self._needles = tuple((number, needle_of(fold(part.text)), _alone(fold(part.text))) for number, part in named)
        self._encoded_needles = tuple((number, *encoded_needle_of(part.text)) for number, part in named)
        self._leaks = tuple(dict.fromkeys(_folded(text) for text, _ in names))
        self._leak_needles = tuple(enumerate(map(needle_of, self._leaks)))
        self._patterns: dict[tuple[bool, tuple[int, ...]], re.Pattern[str]] = {}

    def clean(self, text: str) -> Cleaned:
        """Return the text with a sign in place of each name, folder and address."""
        counts: Counter[str] = Counter()

        def put(match: re.Match[str]) -> str:
            sign = self._parts[int((match.lastgroup or "")[1:])].sign
            counts[sign] += 1
            return sign

        def put_address(match: re.Match[str]) -> str:
            if not _is_address(match[0]):
                return match[0]
            counts["<ip>"] += 1
            return "<ip>"

        found = []
        for line in text.splitlines(keepends=True):
            kept = line
            encoded = bool(ENCODED.search(line))
            if suspects := self._suspects(line, encoded=encoded):
                kept = self._pattern(suspects, encoded=encoded).sub(put, line)
            if may_hold_ipv6(kept):  # Addresses last: they end where names begin.
                kept = _replaced(put_address, kept)
            elif may_hold_ipv4(kept):
                kept = _ADDRESS_4.sub(put_address, kept)
            found.append(kept)
        return Cleaned(text="".join(found), counts=counts)

    def leaks_of(self, text: str) -> tuple[int, ...]:
        """Return the numbers of lines that still show a name once everything in them is decoded."""
        return tuple(number for number, line in enumerate(text.splitlines(), 1) if self._is_leak(line))

    def _is_leak(self, line: str) -> bool:
        forms = _decoded(_SIGNS.sub(" ", line) if "<" in line else line)
        return any(
            self._leak_patterns[number].search(form)
            for form in forms
            for number in [number for number, needle in self._leak_needles if needle in form]
        )

    def _suspects(self, line: str, *, encoded: bool) -> tuple[int, ...]:
        """Return the numbers of the parts that may stand in a line."""
        folded = fold(line)
        if encoded:
            shown, swallowed = decoded(folded)
            found = [
                number for number, needle, rest in self._encoded_needles
                if needle in shown or (needle[0] in swallowed and rest in shown)
            ]  # fmt: skip
        else:
            found = [
                number for number, needle, alone in self._needles
                if needle in folded and (alone is None or not line.isascii() or alone.search(folded))
            ]  # fmt: skip
        if may_hold_email(folded, encoded=encoded):
            found.append(self._mail)
        if may_hold_mac(line):
            found.append(self._mail + 1)
        return tuple(sorted(found))

    def _pattern(self, numbers: tuple[int, ...], *, encoded: bool) -> re.Pattern[str]:
        """Return the pattern of some parts, in their order."""
        if (encoded, numbers) not in self._patterns:
            if len(self._patterns) >= MAX_PATTERNS:
                numbers = tuple(range(len(self._parts)))
            parts = (f"(?P<n{number}>{self._parts[number].pattern(encoded=encoded)})" for number in numbers)
            if (encoded, numbers) not in self._patterns:
                self._patterns[encoded, numbers] = re.compile("|".join(parts), re.IGNORECASE)
        return self._patterns[encoded, numbers]

    @cached_property
    def _leak_patterns(self) -> tuple[re.Pattern[str], ...]:
        return tuple(_alone(text) or re.compile(_pattern(text, encoded=False)) for text in self._leaks)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """One thing to search for: a `text` of the identity, or a kind of address where that is ""."""

    sign: str
    text: str = ""
    address: str = ""

    def pattern(self, *, encoded: bool) -> str:
        return self.address or _pattern(self.text, encoded=encoded)


def _parts(names: tuple[tuple[str, str], ...]) -> Iterator[_Part]:
    """Yield what is searched for, in the order in which one wins over the next: folders, mail, hardware, names."""
    distinct: dict[tuple[bool, str], _Part] = {}
    for text, sign in names:
        # Ignoring case, letters of ASCII are one: the second spelling could never win.
        key = (_is_folder(sign), text.lower() if text.isascii() else text)
        distinct.setdefault(key, _Part(sign=sign, text=text))
    yield from (part for part in distinct.values() if _is_folder(part.sign))
    yield _Part(sign="<email>", address=_EMAIL)
    yield _Part(sign="<mac>", address=_MAC)
    yield from (part for part in distinct.values() if not _is_folder(part.sign))


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


def _alone(text: str) -> re.Pattern[str] | None:
    """Return the pattern of a folded short name that begins with its letters, which is fast; `None` for a longer one."""
    if len(text) >= SHORT or not text.isalnum():
        return None
    before = re.sub(r"(?<=\(\?<[=!])([^()]*)\)", lambda found: f"{found[1]}{text})", _BEFORE)
    return re.compile(f"{text}{_BEHIND}{before}")


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
        forms |= {rf"\\{{1,16}}u{code:04x}", rf"&#0{{0,16}}{code};", rf"&#x0{{0,16}}{code:x};"}
    return f"(?:{'|'.join(sorted(forms))})"


def _replaced(put: Callable[[re.Match[str]], str], line: str) -> str:
    """Return a line with what stands for each address; where one goes, another may begin."""
    before = ""
    while line != before:
        before, line = line, _ADDRESS.sub(put, line)
    return line


@lru_cache(maxsize=1000)
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
    if ENCODED.search(line):
        text = line
        for _ in range(3):
            before = text
            text = _HEX_SIGN.sub(lambda found: chr(int(found[1], 16)), text)
            text = html.unescape(unquote(_LONG_SIGN.sub(r"&#\1", text)))
            if text == before:
                return
            yield _folded(text)
