"""Where the configuration of mkdocs lies, what it names, and what mkdocs says.

Nothing here loads mkdocs.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cmsite.settings import Settings


def find_mkdocs_yml(settings: Settings) -> Path | None:
    """Return the project's mkdocs.yml: beside registry.yml, or above a folder named `registry`."""
    return next((path for path in mkdocs_places(settings) if path.is_file()), None)


def mkdocs_places(settings: Settings) -> tuple[Path, ...]:
    """Return where mkdocs.yml may lie; the first that is there counts."""
    folders = [settings.base, *([settings.base.parent] if settings.base.resolve().name == "registry" else [])]
    return tuple(folder / "mkdocs.yml" for folder in folders)


def files_named(path: Path, data: Mapping[str, Any]) -> tuple[Path, ...]:
    """Return the folders and files that a mkdocs.yml names: pages, overrides of the theme, hooks, what it watches."""
    theme = data.get("theme")
    named = [data.get("docs_dir", "docs"), theme.get("custom_dir") if isinstance(theme, dict) else None]
    for key in ("hooks", "watch"):
        listed = data.get(key)
        named += listed if isinstance(listed, list) else []
    return tuple(path.parent / name for name in named if isinstance(name, str))


@contextmanager
def kept_warnings() -> Iterator[list[str]]:
    """Keep what mkdocs warns of, instead of printing it between our own lines."""
    kept: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: kept.append(record.getMessage())  # type: ignore[method-assign]
    loggers = [logging.getLogger(name) for name in ("mkdocs", "properdocs")]
    for logger in loggers:
        logger.addHandler(handler)
    try:
        yield kept
    finally:
        for logger in loggers:
            logger.removeHandler(handler)
