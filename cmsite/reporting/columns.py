r"""How wide text is on a terminal: wide and combining signs, lines broken at the width, parts of long lines.

Control characters and signs that turn the direction of writing are shown, never sent. Source: facts/index.md §4, case 92.
"""

import re
import unicodedata
from collections.abc import Iterator

_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
_NO_WIDTH = frozenset({"Mn", "Me", "Cf"})  # Unicode categories of signs that stand on the one before, or are not seen.
_LEFT_SHARE = 2 / 3  # Of the room of an excerpt, what stands before its place.


def printable(text: str) -> str:
    r"""Return text with control and direction characters shown as `\x1b`; tabs and line ends become blanks.

    >>> printable("a\x1b[31m")
    'a\\x1b[31m'
    """
    if text.isascii() and text.isprintable():
        return text
    return _UNSAFE.sub(lambda found: f"\\x{ord(found.group()):02x}", text).replace("\t", " ").replace("\n", " ")


def columns(text: str) -> int:
    r"""Return how many columns of a terminal a printable text takes.

    >>> columns("ab"), columns("漢字"), columns("é"), columns("e\u0301")
    (2, 4, 1, 1)
    """
    return len(text) if text.isascii() else sum(_width(sign) for sign in text)


def broken(text: str, width: int | None, first: int, later: str) -> Iterator[str]:
    """Yield a printable text broken between words at the width of a terminal, if it has one.

    `first` columns are taken already on the first line; later lines begin with `later`. A longer word stays whole.

    >>> list(broken("one two three", 10, 4, "  "))
    ['one', '  two', '  three']
    """
    if width is None or first + columns(text) <= width:
        yield text
        return
    line, taken = "", first
    for word in text.split(" "):
        if line and taken + 1 + columns(word) > width:
            yield line
            line, taken = later + word, len(later) + columns(word)
        else:
            taken += columns(word) + (1 if line else 0)
            line = f"{line} {word}" if line else word
    yield line


def excerpt(line: str, column: int, most: int) -> tuple[str, int]:
    """Return the part of a source line around a column (from 1), and how many columns stand before that place in it.

    The part is printable and takes at most `most` columns; "…" stands where something is left out. Only what is near
    the column is looked at, so a line may be as long as it likes.

    >>> excerpt("deps: [a, b]", 7, 40)
    ('deps: [a, b]', 6)
    >>> excerpt("x" * 50 + "y" * 50, 51, 12)
    ('…xxxxxxyyyy…', 7)
    """
    index = min(column - 1, len(line))
    start = max(0, index - 2 * most)
    before, after = printable(line[start:index]), printable(line[index : index + 2 * most])
    is_cut = start > 0 or index + 2 * most < len(line)
    taken = columns(before)
    if not is_cut and taken + columns(after) <= most:
        return before + after, taken
    room = most - 1  # For the "…" behind.
    if start > 0 or taken > room * _LEFT_SHARE:
        room -= 1
        before = _last(before, int(room * _LEFT_SHARE))
        taken = columns(before)
        after = _first(after, room - taken, is_cut=is_cut)
        return f"…{before}{after}", taken + 1
    return before + _first(after, room - taken, is_cut=is_cut), taken


def _first(text: str, most: int, *, is_cut: bool) -> str:
    taken = 0
    for number, sign in enumerate(text):
        taken += _width(sign)
        if taken > most:
            return f"{text[:number]}…"
    return f"{text}…" if is_cut and taken >= most else text


def _last(text: str, most: int) -> str:
    taken = 0
    for number in range(len(text) - 1, -1, -1):
        taken += _width(text[number])
        if taken > most:
            return text[number + 1 :]
    return text


def _width(sign: str) -> int:
    if sign < "\x7f":
        return 1
    if unicodedata.category(sign) in _NO_WIDTH:
        return 0
    return 2 if unicodedata.east_asian_width(sign) in "WF" else 1
