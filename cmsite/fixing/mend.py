"""One file and its findings → the file mended, what was mended, and why the rest was not.

What an edit does to the text is held against what it should do to the data: the new text is parsed, and anything but
the expected data is refused. So a file is never left meaning something else.
"""

import copy
import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from cmsite import documents
from cmsite.diagnostics import Diagnostic
from cmsite.documents import Document
from cmsite.fixing.edits import apply_edits, overlap
from cmsite.fixing.mendings import (
    CannotMendError,
    Mending,
    add_uid,
    quote_number,
    quote_tag,
    remove_items,
    rename_key,
    replace_value,
)

_BOM = b"\xef\xbb\xbf"
_MAX_SINGLE = 100  # Mendings of a file that are tried one by one where they do not fit together.
_ONE_BY_ONE: dict[str, Callable[[Document, Diagnostic], Mending]] = {
    "CM106": quote_number,
    "CM107": replace_value,
    "CM201": quote_tag,
    "CM210": rename_key,
}
_LISTS = frozenset({"CM213"})
_UID, _MARK = "CM101", "CM008"

MENDED_CODES = frozenset({*_ONE_BY_ONE, *_LISTS, _UID, _MARK})
"""Codes that have a mending; whether `--fix` alone applies it says the code's own `fix`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended:
    """A file after mending: its bytes, the findings that are gone, and those that stay with the reason."""

    content: bytes
    mended: tuple[Diagnostic, ...] = ()
    left: tuple[tuple[Diagnostic, str], ...] = ()


def mend(path: str, content: bytes, findings: Iterable[Diagnostic]) -> Mended:
    """Mend what can be mended of these findings about one file; never raises on any bytes.

    A missing uid is drawn from the repository's name, the path and the bytes, so that a preview shows the one that
    is written; nobody else comes to the same unless the file is the same.
    """
    found = tuple(findings)
    document = documents.parse(path, content)
    if document.data is None:
        return Mended(content=content, left=tuple((finding, "the file cannot be read") for finding in found))
    mendings, left = _mendings(document, found, content)
    text, applied, refused = _applied(document, mendings)
    marks = [finding for finding in found if finding.code == _MARK]
    if not applied and not marks:
        return Mended(content=content, left=(*left, *refused))
    mark = _BOM if content.startswith(_BOM) and document.root is None and not marks else b""
    return Mended(content=mark + text.encode(), mended=(*applied, *marks), left=(*left, *refused))


def _mendings(
    document: Document, found: Sequence[Diagnostic], content: bytes
) -> tuple[list[Mending], list[tuple[Diagnostic, str]]]:
    mendings: list[Mending] = []
    left: list[tuple[Diagnostic, str]] = []
    lists: dict[str, list[Diagnostic]] = {}
    for finding in found:
        if finding.code in _LISTS:
            lists.setdefault(finding.pointer.rpartition("/")[0], []).append(finding)
        elif finding.code != _MARK:
            try:
                mendings.append(_one(document, finding, content))
            except CannotMendError as reason:
                left.append((finding, str(reason)))
    for group in lists.values():
        try:
            mendings.append(remove_items(document, group))
        except CannotMendError as reason:
            left.extend((finding, str(reason)) for finding in group)
    return mendings, left


def _one(document: Document, finding: Diagnostic, content: bytes) -> Mending:
    if finding.code == _UID:
        drawn = hashlib.sha256(f"{finding.repository}\n{finding.path}\n".encode() + content).hexdigest()[:16]
        return add_uid(document, finding, drawn)
    mending = _ONE_BY_ONE.get(finding.code)
    if mending is None:
        raise CannotMendError("this kind of finding cannot be mended by a program")
    return mending(document, finding)


def _applied(
    document: Document, mendings: Sequence[Mending]
) -> tuple[str, list[Diagnostic], list[tuple[Diagnostic, str]]]:
    """Return the new text, the findings mended and those refused; all at once, else one after another."""
    whole = _tried(document, mendings)
    if whole is not None:
        return whole, [finding for mending in mendings for finding in mending.findings], []
    kept: list[Mending] = []
    refused: list[tuple[Diagnostic, str]] = []
    text = document.text
    for number, mending in enumerate(mendings):
        changed = _tried(document, [*kept, mending]) if number < _MAX_SINGLE else None
        if changed is not None:
            kept.append(mending)
            text = changed
        else:
            refused.extend((finding, "more than this would change: mend it by hand") for finding in mending.findings)
    return text, [finding for mending in kept for finding in mending.findings], refused


def _tried(document: Document, mendings: Sequence[Mending]) -> str | None:
    """Return the text after these mendings, or None where it would not mean just what they say."""
    edits = [edit for mending in mendings for edit in mending.edits]
    if overlap(edits):
        return None
    text = apply_edits(document.text, edits)
    expected = copy.deepcopy(document.data)
    for mending in mendings:
        mending.change(expected)
    reread = documents.parse(document.path, text.encode())
    return text if _in_full(reread.data) == _in_full(expected) else None


def _in_full(data: Any) -> str:
    """Return data as a text that tells 1 from true and from "1".

    The order of keys is left out: a mapping says the same in any order.
    """
    return repr(_sorted(data))


def _sorted(data: Any) -> Any:
    if isinstance(data, dict):
        return sorted(((repr(key), _sorted(value)) for key, value in data.items()), key=lambda pair: pair[0])
    return [_sorted(item) for item in data] if isinstance(data, list) else data
