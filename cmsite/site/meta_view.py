"""The meta of an artifact for readers: keys that fit a table, what is too deep for one, and the source text."""

from collections.abc import Iterable
from typing import Any

from cmsite.errors import SourceError
from cmsite.formats.written import decode
from cmsite.model.artifact import Artifact
from cmsite.site.context import SiteContext
from cmsite.site.text import plain
from cmsite.site.view_rows import MetaView

MAX_META_ROWS = 80
MAX_META_BYTES = 100_000  # Of the meta's source text.


def meta_view(context: SiteContext, artifact: Artifact) -> MetaView:
    """Return the meta's keys that fit a table, and its source text."""
    rows = [(name, value) for name, value in _meta_rows(artifact.extra) if value]
    source = b""
    if artifact.meta_file:
        try:
            source = context.read(artifact, artifact.meta_file)
        except SourceError:
            source = b""
    return MetaView(
        file=artifact.meta_file.removeprefix(f"{artifact.path}/"),
        rows=tuple(rows[:MAX_META_ROWS]),
        left_out=max(0, len(rows) - MAX_META_ROWS),
        nested=tuple(_nested(artifact.extra))[:MAX_META_ROWS],
        source=decode(source[:MAX_META_BYTES])[0],
        language="json" if artifact.meta_file.endswith(".json") else "yaml",
        is_cut=len(source) > MAX_META_BYTES,
    )


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
