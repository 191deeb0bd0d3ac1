"""Every limit that archives from elsewhere are held to, in one value, with units.

The modules that enforce a limit take it as a plain argument; the published defaults stand here only.
Source: facts/index.md §4 (attacks 12, 13, 16, 18, 19).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveLimits:
    """Limits on one archive.

    The expanded size may reach the larger of `expanded_floor_bytes` and `expanded_ratio` times the stored size
    (attack 16: bz2 reaches 1.1 M : 1); `members` counts everything with a name, folders included (18);
    `header_bytes` is the largest extended tar header (13: 292 kB grew to 876 MB of memory); `depth` counts the parts
    of a path and `path_bytes` its UTF-8 bytes (19; 255 bytes a part is NAME_MAX of every common file system);
    `decoder_bytes` is what xz or zstd may ask for as its window (`zstd --long=27` needs 128 MiB).
    """

    expanded_floor_bytes: int = 512 * 1024 * 1024
    expanded_ratio: int = 20
    members: int = 100_000
    header_bytes: int = 64 * 1024
    depth: int = 48
    path_bytes: int = 1024
    decoder_bytes: int = 128 * 1024 * 1024

    def expanded_bytes(self, stored_bytes: int) -> int:
        """Return how much an archive of this size may hold.

        >>> ArchiveLimits().expanded_bytes(1) == 512 * 1024 * 1024, ArchiveLimits().expanded_bytes(2**30) == 20 * 2**30
        (True, True)
        """
        return max(self.expanded_floor_bytes, self.expanded_ratio * stored_bytes)
