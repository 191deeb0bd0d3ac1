"""The frame of a page: rendered once by the theme, split at its slots, and filled by joining bytes.

Knows nothing of mkdocs or Material (`cmsite.site.material` makes the frames), nothing of artifacts, and does no work
that grows with the catalogue: a frame is cut once, set to a depth once, and every page is one `bytes.join`.
Source: DESIGN §6; facts/performance.md §2 (a frame may not grow with the number of pages).
"""

import enum
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cmsite.errors import ConfigurationError

MAX_DEPTH = 6  # Path segments of the deepest address: a/<repository>/<automation>/<folder>/ is 4, paged lists are 3.


class Slot(enum.Enum):
    """A place in a frame that is filled later; the values are the markers the theme is rendered with.

    Markers are letters, digits and hyphens only, so that HTML, JSON and URLs carry them unchanged. What is filled in
    must be escaped already.
    """

    BASE = "cmsite-slot-base-6d1f0c52"
    TITLE = "cmsite-slot-title-6d1f0c52"
    DESCRIPTION = "cmsite-slot-description-6d1f0c52"
    HEAD = "cmsite-slot-head-6d1f0c52"
    CONTENT = "cmsite-slot-content-6d1f0c52"
    TOC = "cmsite-slot-toc-6d1f0c52"


class Section(enum.Enum):
    """The entry of the navigation a page belongs to; the value is its title there."""

    HOME = "Home"
    ARTIFACTS = "Artifacts"
    RESULTS = "Results"
    REPOSITORIES = "Repositories"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """A frame: `pieces[0]`, then for each slot its content and the next piece."""

    pieces: tuple[bytes, ...]
    slots: tuple[Slot, ...]


def split(page: str) -> Shell:
    """Cut a rendered page at the markers of its slots.

    Raises `ConfigurationError` where an overridden template left out the content.

    >>> split("<p>" + Slot.CONTENT.value + "</p>").pieces
    (b'<p>', b'</p>')
    """
    markers = {slot.value: slot for slot in Slot}
    pieces, slots, rest = [], [], page
    while found := _next_marker(rest, markers):
        before, _, rest = rest.partition(found)
        pieces.append(before.encode())
        slots.append(markers[found])
    pieces.append(rest.encode())
    if Slot.CONTENT not in slots:
        raise ConfigurationError(
            "the theme rendered a page without its content: a template in custom_dir overrides the block 'content' "
            "without {{ super() }}; add it, or remove the override"
        )
    return Shell(pieces=tuple(pieces), slots=tuple(slots))


def stamp(shell: Shell, parts: Mapping[Slot, bytes]) -> bytes:
    """Return the page: every slot of the frame filled; what the parts hold is never searched for markers.

    Raises `KeyError` where a slot has no part (a bug, not an input).

    >>> stamp(Shell(pieces=(b"<p>", b"</p>"), slots=(Slot.CONTENT,)), {Slot.CONTENT: Slot.TITLE.value.encode()})
    b'<p>cmsite-slot-title-6d1f0c52</p>'
    """
    joined = [shell.pieces[0]]
    for slot, following in zip(shell.slots, shell.pieces[1:], strict=True):
        joined += (parts[slot], following)
    return b"".join(joined)


def base_of(address: str) -> str:
    """Return the relative way from a page back to the site's root, without a trailing slash.

    >>> base_of("a/team/script/detect-os/"), base_of(""), base_of("find/index.html")
    ('../../../..', '.', '..')
    """
    return "/".join([".."] * address.count("/")) or "."


@dataclass(frozen=True, slots=True, kw_only=True)
class Shells:
    """All frames of a site: one for each section, with and without a table of contents, set to each depth."""

    frames: Mapping[tuple[Section, bool, int], Shell]

    def at(self, section: Section, address: str, *, toc: bool) -> Shell:
        """Return the frame for a page at an address."""
        return self.frames[section, toc, address.count("/")]


def compact(page: str) -> str:
    r"""Drop empty lines and indentation, a third of what the theme renders; it holds no preformatted text.

    >>> compact("<p>\n\n    a\n  </p>")
    '<p>\na\n</p>'
    """
    return re.sub(r"\n\s+", "\n", page)


def shells_from(
    rendered: Mapping[tuple[Section, bool], str], finish: Callable[[str], str] = lambda page: page
) -> Shells:
    """Set the pages the theme rendered, one for each section and kind, to every depth, and cut them at their slots.

    `finish` is the last to touch a frame that is set to its depth: what it adds may depend on the way to the root.
    """
    frames = {}
    for (section, toc), page in rendered.items():
        small = compact(page)
        for depth in range(MAX_DEPTH + 1):
            frames[section, toc, depth] = split(finish(small.replace(Slot.BASE.value, base_of("/" * depth))))
    return Shells(frames=frames)


def _next_marker(text: str, markers: Mapping[str, Slot]) -> str:
    """Return the marker that stands first in the text, or ""."""
    places = {text.find(marker): marker for marker in markers if marker in text}
    return places[min(places)] if places else ""
