"""`sitemap.xml`: the address of every page, and when artifacts changed; cut where the protocol allows no more.

The protocol wants complete addresses, so a catalogue without `base_url` has none.
Source: https://www.sitemaps.org/protocol.html.
"""

from collections.abc import Mapping, Sequence
from html import escape

from cmsite.outputs import OutputFile

SITEMAP_PATH = "sitemap.xml"
MAX_ADDRESSES = 50_000  # Of one file; the other limit, 50 MiB, is far: ours have at most 350 characters.

_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


def render_sitemap(base_url: str, days: Mapping[str, str]) -> tuple[OutputFile, ...]:
    """Return the sitemap, or an index of it first and its parts behind.

    `days` maps every address, relative to the site's root and escaped as in a link, to the day it changed, "" where that is unknown.
    """
    base = base_url.rstrip("/")
    addresses = sorted(days)
    parts = [addresses[start : start + MAX_ADDRESSES] for start in range(0, len(addresses), MAX_ADDRESSES)] or [[]]
    if len(parts) == 1:
        return (OutputFile(path=SITEMAP_PATH, content=_part(base, parts[0], days)),)
    files = [
        OutputFile(path=part_path(number), content=_part(base, part, days))
        for number, part in enumerate(parts, start=1)
    ]
    return (OutputFile(path=SITEMAP_PATH, content=_index(base, files, parts, days)), *files)


def part_path(number: int) -> str:
    """Return the name of a part; it lies at the root, as a sitemap may only name what lies below itself.

    >>> part_path(2)
    'sitemap-2.xml'
    """
    return f"sitemap-{number}.xml"


def _part(base: str, addresses: Sequence[str], days: Mapping[str, str]) -> bytes:
    lines = (
        f"<url><loc>{escape(f'{base}/{address}')}</loc>{_modified(days[address])}</url>\n" for address in addresses
    )
    return f'{_DECLARATION}<urlset xmlns="{_NAMESPACE}">\n{"".join(lines)}</urlset>\n'.encode()


def _index(base: str, files: Sequence[OutputFile], parts: Sequence[Sequence[str]], days: Mapping[str, str]) -> bytes:
    newest = [max(days[address] for address in part) for part in parts]
    lines = (
        f"<sitemap><loc>{escape(f'{base}/{file.path}')}</loc>{_modified(day)}</sitemap>\n"
        for file, day in zip(files, newest, strict=True)
    )
    return f'{_DECLARATION}<sitemapindex xmlns="{_NAMESPACE}">\n{"".join(lines)}</sitemapindex>\n'.encode()


def _modified(day: str) -> str:
    return f"<lastmod>{day}</lastmod>" if day else ""
