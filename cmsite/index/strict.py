"""Hostile JSON to typed values: every getter checks type and range, and names the value's path when it refuses.

Refused before any value is looked at: a byte order mark, invalid UTF-8, duplicate keys, fractions, NaN and infinities,
numbers of thousands of digits, nesting beyond Python's own limit, lone surrogates. Unknown keys are ignored, so that
the format can grow. Source: facts/index.md §4, cases 69, 82, 83; integers end at 2**53 - 1, where browsers lose them.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, NoReturn

from cmsite.errors import IntegrityError

MAX_INTEGER = 2**53 - 1
MAX_TEXT_CHARACTERS = 4096  # Longer than any path or name of the corpora; bounds what one record can carry.
MAX_ITEMS = 100_000  # Of one list: versions of an artifact, names of a uid.

_NOTHING = object()

# One for all: `json.dumps` makes one a call, and looks for cycles that no value of ours has.
_ENCODER = json.JSONEncoder(
    sort_keys=True, ensure_ascii=False, allow_nan=False, check_circular=False, separators=(",", ":")
)

_DIGEST = re.compile(r"[0-9a-f]{64}\Z")


def is_digest(text: object) -> bool:
    """Return whether this is a sha256 as the index writes it; checked before a digest becomes a path or URL.

    >>> is_digest("0" * 64), is_digest("A" * 64), is_digest("../../etc")
    (True, False, False)
    """
    return isinstance(text, str) and _DIGEST.match(text) is not None


def canonical(value: Any) -> bytes:
    """Return the one way a JSON value is written: sorted keys, no blanks, UTF-8, no NaN.

    >>> canonical({"b": [1, None], "a": "é"}).decode()
    '{"a":"é","b":[1,null]}'
    """
    return _ENCODER.encode(value).encode("utf-8")


def parse_json(data: bytes, where: str) -> Any:
    """Return the value of a JSON document.

    Raises `IntegrityError`, naming `where`, for anything the module's docstring lists.
    """
    return _decode(_text(data, where), where)


def parse_lines(data: bytes, where: str) -> Iterator[Any]:
    """Yield the values of JSON lines, each ended by a line feed; refuses as `parse_json` does."""
    for number, line in enumerate(text_lines(data, where), start=1):
        yield _decode(line, f"{where}: line {number}")


def text_lines(data: bytes, where: str) -> list[str]:
    """Return the lines without looking into them; the last one must be ended too."""
    if not data:
        return []
    text = _text(data, where)
    if not text.endswith("\n"):
        raise IntegrityError(f"{where}: the last line is not ended; the file is cut off")
    return text[:-1].split("\n")


def _text(data: bytes, where: str) -> str:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise IntegrityError(f"{where}: byte {error.start} is not UTF-8; the file is damaged") from error
    if text.startswith("\ufeff"):
        raise IntegrityError(f"{where}: starts with a byte order mark, which the format does not allow")
    return text


def _decode(text: str, where: str) -> Any:
    try:
        value = _DECODER.decode(text)
    except RecursionError as error:
        raise IntegrityError(f"{where}: the JSON is nested too deeply; the file is refused") from error
    except ValueError as error:
        raise IntegrityError(f"{where}: this is not the JSON expected here: {str(error)[:200]}") from error
    if "\\u" in text:
        _refuse_surrogates(value, where)
    return value


def _refuse_surrogates(value: Any, where: str) -> None:
    try:
        canonical(value)
    except UnicodeEncodeError as error:
        raise IntegrityError(f"{where}: holds half of a surrogate pair, which is no character") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {twice!r} stands twice")
    return table


def _fraction(text: str) -> NoReturn:
    raise ValueError(f"{text[:40]} is not an integer")


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_float=_fraction, parse_constant=_fraction)


class Table:
    """A JSON object of a file `where`, at `path` within it, read key by key.

    Every getter raises `IntegrityError` with the path (`records[3].versions[0].tar_sha256`) where the value is missing
    without a default, of another type, or out of range.
    """

    __slots__ = ("_values", "path", "where")

    def __init__(self, value: object, *, where: str, path: str = "") -> None:
        self.where = where
        self.path = path
        if not isinstance(value, dict):
            raise IntegrityError(f"{where}: {path or 'the document'}: expected an object, got {_shown(value)}")
        self._values: dict[str, Any] = value

    def text(self, key: str, default: str | None = None) -> str:
        """Return a string of at most `MAX_TEXT_CHARACTERS`."""
        value = self._values.get(key, default)
        if not isinstance(value, str) or len(value) > MAX_TEXT_CHARACTERS:
            raise self.wrong(key, f"a string of at most {MAX_TEXT_CHARACTERS} characters")
        return value

    def long_text(self, key: str, limit: int) -> str:
        """Return a string of at most `limit` characters: the content of a file rather than a name."""
        value = self._values.get(key)
        if not isinstance(value, str) or len(value) > limit:
            raise self.wrong(key, f"a string of at most {limit} characters")
        return value

    def optional_text(self, key: str) -> str | None:
        """Return a string, or None where the key is null or missing."""
        return None if self._values.get(key) is None else self.text(key)

    def digest(self, key: str) -> str:
        """Return a sha256: 64 lower-case hexadecimal digits."""
        value = self._values.get(key)
        if not isinstance(value, str) or not is_digest(value):
            raise self.wrong(key, "a sha256 of 64 lower-case hexadecimal digits")
        return value

    def optional_digest(self, key: str, absent: str | None = None) -> str | None:
        """Return a sha256, or `absent` where the key is null, missing or empty."""
        return self.digest(key) if self._values.get(key) else absent

    def integer(self, key: str, default: int | None = None, *, low: int = 0, high: int = MAX_INTEGER) -> int:
        """Return an integer within `low` and `high`; `true` is none."""
        value = self._values.get(key, default)
        if type(value) is not int or not low <= value <= high:
            raise self.wrong(key, f"an integer from {low} to {high}")
        return value

    def optional_integer(self, key: str) -> int | None:
        """Return an integer of at least 0, or None where the key is null or missing."""
        return None if self._values.get(key) is None else self.integer(key)

    def items(self, key: str, default: list[Any] | None = None, *, limit: int = MAX_ITEMS) -> list[Any]:
        """Return a list of at most `limit` values of any type."""
        value = self._values.get(key, default)
        if not isinstance(value, list):
            raise self.wrong(key, "a list")
        if len(value) > limit:
            raise self.wrong(key, f"a list of at most {limit} items, not {len(value)}")
        return value

    def flag(self, key: str) -> bool:
        """Return whether the key is true; missing and null are false."""
        value = self._values.get(key)
        if value is not None and type(value) is not bool:
            raise self.wrong(key, "true or false")
        return value is True

    def texts(self, key: str, default: list[str] | None = None, *, limit: int = MAX_ITEMS) -> tuple[str, ...]:
        """Return a list of at most `limit` strings."""
        values = self.items(key, default, limit=limit)
        for number, value in enumerate(values):
            if not isinstance(value, str) or len(value) > MAX_TEXT_CHARACTERS:
                raise self.wrong(f"{key}[{number}]", f"a string of at most {MAX_TEXT_CHARACTERS} characters", value)
        return tuple(values)

    def value(self, key: str) -> Any:
        """Return a value of any type, None where the key is missing."""
        return self._values.get(key)

    def table(self, key: str) -> "Table":
        """Return an object below this one."""
        return Table(self._values.get(key), where=self.where, path=self.below(key))

    def tables(self, key: str, default: list[Any] | None = None, *, limit: int = MAX_ITEMS) -> tuple["Table", ...]:
        """Return a list of at most `limit` objects below this one."""
        values = self.items(key, default, limit=limit)
        return tuple(
            Table(value, where=self.where, path=f"{self.below(key)}[{number}]") for number, value in enumerate(values)
        )

    def has(self, key: str) -> bool:
        """Return whether the key is there and not null."""
        return self._values.get(key) is not None

    def below(self, key: str) -> str:
        """Return the path of a key of this object."""
        return f"{self.path}.{key}" if self.path else key

    def wrong(self, key: str, expected: str, *got: object) -> IntegrityError:
        """Return the error for a value that is not what the format says."""
        value = got[0] if got else self._values.get(key, _NOTHING)
        shown = "nothing" if value is _NOTHING else _shown(value)
        return IntegrityError(f"{self.where}: {self.below(key)}: expected {expected}, got {shown}")


def _shown(value: object) -> str:
    """Return a short printable form; a hostile value must not fill the terminal or control it."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if type(value) is int and abs(value) > MAX_INTEGER:
        return f"an integer of {value.bit_length()} bits"
    shown = ascii(value)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."  # noqa: PLR2004 - what fits beside a message.
