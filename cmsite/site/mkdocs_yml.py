"""Where the configuration of mkdocs lies, what it names, the one that a catalogue without gets, and what mkdocs says.

Nothing here loads mkdocs.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cmsite.settings import Settings

# What a catalogue without an mkdocs.yml of its own gets.
DEFAULT_CONFIG: dict[str, Any] = {
    "theme": {
        "name": "material",
        "font": False,
        "language": "en",
        "features": ["navigation.tabs", "navigation.top", "content.code.copy", "toc.follow"],
        "palette": [
            {
                "media": "(prefers-color-scheme: light)",
                "scheme": "default",
                "primary": "indigo",
                "toggle": {"icon": "material/weather-night", "name": "Switch to dark mode"},
            },
            {
                "media": "(prefers-color-scheme: dark)",
                "scheme": "slate",
                "primary": "indigo",
                "toggle": {"icon": "material/weather-sunny", "name": "Switch to light mode"},
            },
        ],
    },
    "plugins": ["search"],
}


def find_mkdocs_yml(settings: Settings) -> Path | None:
    """Return the project's mkdocs.yml: beside registry.yml, or above a folder named `registry`."""
    folders = [settings.base, *([settings.base.parent] if settings.base.resolve().name == "registry" else [])]
    return next((folder / "mkdocs.yml" for folder in folders if (folder / "mkdocs.yml").is_file()), None)


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
    logger = logging.getLogger("mkdocs")
    logger.addHandler(handler)
    try:
        yield kept
    finally:
        logger.removeHandler(handler)
