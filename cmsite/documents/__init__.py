"""Bytes of a meta → data with positions, and what is wrong with them as values.

YAML is read as CM reads it (PyYAML's safe YAML 1.1), JSON as Python's `json`; both see duplicate keys. YAML keeps its
composed nodes, so a place costs nothing; a place in JSON is found by scanning the text again, only when a finding
needs it. Hostile input ends in a `Problem`, in bounded time and memory: depth, aliases and size are limited.
Essential reading, in order: `problem`, `yaml_text`, `json_text`.
Source: facts/formats.md §1, §5; facts/index.md §4 (83, 84); facts/performance.md §3.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cmsite.diagnostics import Place
from cmsite.documents.json_text import JsonPlaces, parse_json
from cmsite.documents.problem import (
    MAX_DEPTH,
    MAX_DOCUMENT_BYTES,
    Problem,
    RefusedDocumentError,
    SourceFloat,
    SourceInt,
    error,
    join_pointer,
    split_pointer,
)
from cmsite.documents.spans import JsonSpans, Row, Span, Spans, YamlSpans
from cmsite.documents.yaml_text import YamlPlaces, parse_yaml

__all__ = [
    "MAX_DEPTH",
    "MAX_DOCUMENT_BYTES",
    "Document",
    "Problem",
    "Row",
    "SourceFloat",
    "SourceInt",
    "Span",
    "Spans",
    "join_pointer",
    "parse",
    "parse_file",
    "split_pointer",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One parsed file: `data` is None where it cannot be read, and then `problems` says why.

    `root` is the composed node of a YAML document.
    """

    path: str
    text: str
    data: Any
    problems: tuple[Problem, ...] = ()
    root: Any = field(default=None, repr=False, compare=False)
    _places: list[YamlPlaces | JsonPlaces] = field(default_factory=list, init=False, repr=False, compare=False)

    def place(self, pointer: str) -> Place | None:
        """Return where the value of an RFC 6901 pointer stands: at its key, else at itself.

        The nearest parent stands in for a value that is not there (a missing key).
        """
        if not self._places:
            self._places.append(YamlPlaces(self.root) if self.root is not None else JsonPlaces(self.text))
        return self._places[0].place(split_pointer(pointer))

    def spans(self) -> Spans:
        """Return where the parts of the text begin and end; only for a document that has data."""
        return YamlSpans(self.root, self.text) if self.root is not None else JsonSpans(self.text)


def parse(path: str, content: bytes) -> Document:
    """Parse a meta; the ending `.json` of its path decides the language. Never raises on any bytes."""
    text = ""
    problems: list[Problem] = []
    try:
        text = _text_of(content)
        if path.endswith(".json"):
            text = text.removeprefix("\ufeff")
            return Document(
                path=path, text=text, data=parse_json(text, problems), problems=_with_mark(content, problems)
            )
        data, root = parse_yaml(text, problems)
        return Document(path=path, text=text, data=data, problems=tuple(problems), root=root)
    except RefusedDocumentError as refused:
        return Document(path=path, text=text, data=None, problems=(*problems, refused.problem))


def parse_file(path: str, size_bytes: int, read: Callable[[str], bytes]) -> Document:
    """Parse a meta that `read` gives by its path; one whose size is over the limit is refused without being read."""
    if size_bytes > MAX_DOCUMENT_BYTES:
        return Document(path=path, text="", data=None, problems=(_too_large(size_bytes),))
    return parse(path, read(path))


def _too_large(size_bytes: int) -> Problem:
    message = f"is {size_bytes:,} bytes, more than {MAX_DOCUMENT_BYTES:,}"
    return error("CM001", message, "move data out of the meta")


def _text_of(content: bytes) -> str:
    if len(content) > MAX_DOCUMENT_BYTES:
        raise RefusedDocumentError(_too_large(len(content)))
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as failure:
        raise RefusedDocumentError(_not_utf8(content, failure)) from failure
    if not text.strip("\ufeff \t\r\n"):
        hint = "write the meta, or remove the file"
        raise RefusedDocumentError(error("CM006", "is empty", hint, Place(line=1, column=1)))
    return text


def _with_mark(content: bytes, problems: list[Problem]) -> tuple[Problem, ...]:
    """Add the problem of a byte order mark, which JSON may not have."""
    if not content.startswith(b"\xef\xbb\xbf"):
        return tuple(problems)
    message = "begins with a byte order mark, at which the clients stop"
    return (error("CM008", message, "save the file without a BOM", Place(line=1, column=1)), *problems)


def _not_utf8(content: bytes, failure: UnicodeDecodeError) -> Problem:
    before = content[: failure.start]
    line_start = before.rfind(b"\n") + 1
    place = Place(line=before.count(b"\n") + 1, column=len(before[line_start:].decode("utf-8", "replace")) + 1)
    if b"\0" in content[:1024] or content[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        message = "is not text in UTF-8 but binary or UTF-16"
    else:
        message = f"is not UTF-8: byte 0x{content[failure.start]:02x}"
    return error("CM005", message, "save the file as UTF-8: the clients stop at any other encoding", place)
