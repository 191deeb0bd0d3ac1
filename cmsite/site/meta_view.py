"""The meta of an artifact for readers: keys that fit a table, what is too deep for one, and the source text."""

import re
from collections.abc import Container, Iterable
from html import escape
from typing import Any

from cmsite.errors import SourceError
from cmsite.formats.written import decode
from cmsite.model.artifact import Artifact
from cmsite.site.context import SiteContext
from cmsite.site.links import file_url
from cmsite.site.text import plain, size
from cmsite.site.view_rows import MetaView, fitting

MAX_META_ROWS = 40
MAX_NESTED = 20  # Keys that are only named.
MAX_META_BYTES = 3_000  # Of the meta's source text; four fifths of the scripts of cm4mlops are shorter.

# Keys that every page shows elsewhere.
_SHOWN = frozenset(("deps", "prehook_deps", "posthook_deps", "post_deps", "category", "name", "tags"))
# A key at the beginning of a line, in YAML or JSON: all that is coloured, as this costs a tenth of a full sketch.
_KEY = re.compile(r"^([ \t]{0,200}(?:- )?)(\"?[\w.,+#/-]{1,100}\"?)(?=:)", re.MULTILINE)


def meta_view(context: SiteContext, artifact: Artifact, covered: Container[str] = ()) -> MetaView:
    """Return the meta's keys that fit a table, and its source text; those `covered` stand elsewhere on the page."""
    extra = {name: value for name, value in artifact.extra.items() if name not in covered and name not in _SHOWN}
    rows = [(name, value) for name, value in _meta_rows(extra) if value]
    shown = fitting(rows, MAX_META_ROWS, 3_500, markup=45)
    source = b""
    if artifact.meta_file:
        try:
            source = context.read(artifact, artifact.meta_file)
        except SourceError:
            source = b""
    return MetaView(
        file=artifact.meta_file.removeprefix(f"{artifact.path}/"),
        rows=shown.rows,
        left_out=shown.left_out,
        nested=", ".join(list(_nested(extra))[:MAX_NESTED]),
        source=decode(source)[0] if len(source) <= MAX_META_BYTES else "",
        size=size(len(source)),
        url=file_url(context, artifact, artifact.meta_file) if artifact.meta_file else "",
    )


def marked_keys(source: str) -> str:
    """Return the source text as HTML with its keys coloured.

    >>> marked_keys("- tags: <a>")
    '- <span class="nt">tags</span>: &lt;a&gt;'
    """
    parts = _KEY.split(
        escape(source, quote=False)
    )  # Text, indentation, key, text, indentation, key, …: faster than sub.
    parts[2::3] = [f'<span class="nt">{key}</span>' for key in parts[2::3]]
    return "".join(parts)


def _is_nested(value: Any) -> bool:
    """Return whether a value is too deep for a row of a table."""
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(isinstance(item, list | dict) for item in items)


def _meta_rows(extra: dict[str, Any]) -> Iterable[tuple[str, str]]:
    """Yield each key with its value; a mapping of plain values yields a row for each of its keys."""
    for name, value in extra.items():
        if _is_nested(value):
            continue
        if isinstance(value, dict):
            for key, item in value.items():
                yield f"{name}.{key}"[:200], plain(item)
        else:
            yield str(name)[:200], plain(value)


def _nested(extra: dict[str, Any]) -> Iterable[str]:
    """Yield the keys that only the source text shows, with the number of their entries."""
    for name, value in extra.items():
        if _is_nested(value):
            yield f"{str(name)[:200]} ({len(value)})"
