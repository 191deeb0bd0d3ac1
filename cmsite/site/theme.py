"""What the theme rendered before any catalogue page is stamped: a value, free of mkdocs."""

from dataclasses import dataclass

from cmsite.outputs import OutputFile
from cmsite.site.shell import Shells


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """Frames, the hand-written front page (empty where there is none), and every other hand-written page and asset."""

    shells: Shells
    home: bytes = b""
    files: tuple[OutputFile, ...] = ()
