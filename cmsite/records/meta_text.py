"""Plain data → the text of a meta in YAML, the way people write it: block style, short lists in one line.

`documents.parse` reads back the same data. Texts that YAML 1.1 could take for something else stand in quotes.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

WIDTH = 140
_PLAIN = re.compile(r"[A-Za-z/][A-Za-z0-9_./+()%=-]*(?: [A-Za-z0-9_./+()%=-]+)*\Z")
_WORDS = frozenset(["y", "n", "yes", "no", "true", "false", "on", "off", "null", "~"])
_DIGITS = re.compile(r"[0-9a-f]{16,}\Z")  # Uids and digests are quoted always: some look like numbers.
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?\Z")


class Spelled(str):
    """A number as it was printed: written without quotes where YAML reads it as that number."""

    __slots__ = ()


def emit(data: Mapping[str, Any]) -> str:
    r"""Return the text of a mapping.

    >>> emit({"alias": "a", "tags": ["x", "on"], "runs": [{"k": 1, "unit": "%"}]})
    'alias: a\ntags: [x, "on"]\nruns:\n- k: 1\n  unit: "%"\n'
    """
    return "".join(f"{line}\n" for line in _mapping(data, ""))


def emit_items(items: Sequence[Mapping[str, Any]], indent: str) -> str:
    """Return the text of entries of a list whose dashes stand behind `indent`."""
    return "".join(f"{line}\n" for item in items for line in _item(item, indent))


def emit_list(values: Sequence[Any]) -> str:
    """Return a list of scalars in one line."""
    return "[" + ", ".join(scalar(value, flow=True) for value in values) + "]"


def _mapping(data: Mapping[str, Any], indent: str) -> Iterator[str]:
    for key, value in data.items():
        name = f"{indent}{scalar(key, flow=False)}:"
        if isinstance(value, Mapping):
            yield name if value else f"{name} {{}}"
            yield from _mapping(value, indent + "  ")
        elif isinstance(value, list | tuple):
            yield from _sequence(name, value, indent)
        else:
            yield f"{name} {scalar(value, flow=False)}"


def _sequence(name: str, values: Sequence[Any], indent: str) -> Iterator[str]:
    if any(isinstance(value, Mapping) for value in values):
        yield name
        for value in values:
            yield from _item(value, indent)
        return
    line = f"{name} ["
    for number, value in enumerate(values):
        text = scalar(value, flow=True) + (", " if number < len(values) - 1 else "")
        if len(line) + len(text) > WIDTH and line.strip():
            yield line.rstrip()
            line = indent + "  "
        line += text
    yield f"{line}]"


def _item(value: Any, indent: str) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield f"{indent}- {scalar(value, flow=True)}"
        return
    lines = list(_mapping(value, indent + "  ")) or [f"{indent}  {{}}"]
    yield f"{indent}- {lines[0][len(indent) + 2 :]}"
    yield from lines[1:]


def scalar(value: Any, *, flow: bool) -> str:
    """Return one value; in a list of one line commas and brackets need quotes.

    >>> scalar("yes", flow=False), scalar("a: b", flow=False), scalar(Spelled("1e-05"), flow=True)
    ('"yes"', '"a: b"', '1.0e-05')
    """
    if isinstance(value, Spelled):
        return spelled(value)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return spelled(repr(value))
    text = str(value)
    if _PLAIN.match(text) and not _DIGITS.match(text) and text.lower() not in _WORDS and not (flow and text[0] in "[{"):
        return text
    return '"' + "".join(map(_quoted, text)) + '"'


def spelled(text: str) -> str:
    """Return a number so that YAML 1.1 reads it as a number, with its digits; in quotes where it is none."""
    if _NUMBER.match(text):
        return text
    found = re.fullmatch(r"(-?)\+?(0|[1-9][0-9]*)(?:\.([0-9]*))?[eE]([+-]?)([0-9]{1,3})", text)
    if found:
        return f"{found[1]}{found[2]}.{found[3] or '0'}e{found[4] or '+'}{found[5]}"
    try:
        exact = Decimal(text)
    except ArithmeticError:
        exact = Decimal("NaN")
    written = format(exact, "f") if exact.is_finite() and abs(exact.adjusted()) < 30 else ""  # noqa: PLR2004
    return written if _NUMBER.match(written) else '"' + "".join(map(_quoted, text)) + '"'


def _quoted(sign: str) -> str:
    if sign in '"\\':
        return f"\\{sign}"
    if sign.isprintable():
        return sign
    code = ord(sign)
    if 0xD800 <= code < 0xE000:  # noqa: PLR2004 - half of a pair, which no file can hold.
        return "\ufffd"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"  # noqa: PLR2004
