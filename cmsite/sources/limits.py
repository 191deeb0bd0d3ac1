"""How much a source may hold before reading it stops; every limit with its unit.

The figures are far above any real repository of artifacts and far below what fills a machine.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLimits:
    """Limits of one source.

    `link_steps` bounds the work that links to folders may cause: a few links can name each other so that their
    copies double with each level.
    """

    file_bytes: int = 512 * 1024 * 1024
    entries: int = 2_000_000
    link_steps: int = 200_000
    link_target_bytes: int = 4096
    ignore_file_bytes: int = 1024 * 1024


DEFAULT_LIMITS = SourceLimits()
