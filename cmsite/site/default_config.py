"""What mkdocs is told where a catalogue has no mkdocs.yml of its own: Material with both palettes and no foreign font."""

from typing import Any

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
