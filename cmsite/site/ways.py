"""The shortest relative way from a page of an artifact to other pages; a page with 100 links is 5 kB smaller by it."""

from cmsite.site.shell import base_of


class Way:
    """Leads from one page; `base` is the way to the site's root."""

    __slots__ = ("_folder", "_skip", "base")

    def __init__(self, address: str) -> None:
        """Start at a page's address, relative to the site's root and with a trailing slash."""
        self.base = base_of(address)
        self._folder = address[: address.rstrip("/").rfind("/") + 1]
        self._skip = len(self._folder)

    def to(self, address: str) -> str:
        """Return the way to an address relative to the site's root, or a complete one as it is.

        >>> way = Way("a/team/script/one/")
        >>> way.to("a/team/script/two/"), way.to("tag/x/"), way.to("https://example.org/"), way.to("#files")
        ('../two/', '../../../../tag/x/', 'https://example.org/', '#files')
        """
        if self._folder and address.startswith(self._folder):
            return f"../{address[self._skip :]}"
        return address if address.startswith(("http://", "https://", "#")) else f"{self.base}/{address}"
