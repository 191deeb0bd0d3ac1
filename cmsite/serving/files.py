"""Which file of the site an address means: never one outside, never the listing of a folder."""

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

# The system's own table may be anything (Windows keeps it in its registry); a browser refuses scripts of a wrong type.
_TYPES = {
    ".atom": "application/atom+xml",
    ".css": "text/css; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".gif": "image/gif",
    ".gz": "application/gzip",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".md": "text/markdown; charset=utf-8",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".xml": "application/xml",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """A folder was asked for without its trailing slash; `location` has it."""

    location: str


def content_type(path: Path) -> str:
    """Return the media type of a file by its ending."""
    return _TYPES.get(path.suffix.lower(), "application/octet-stream")


def find(root: Path, target: str) -> Path | Redirect | None:
    """Return the file that a request's target means, where it would stand, or None."""
    address = urlsplit(target)
    parts = unquote(address.path).split("/")[1:]
    if not parts or not all(map(_is_plain, parts[:-1])) or (parts[-1] and not _is_plain(parts[-1])):
        return None
    path = root.joinpath(*parts)
    try:
        if not path.resolve().is_relative_to(root.resolve()):
            return None
        if not path.is_dir():
            return path if parts[-1] and path.is_file() else None
    except OSError:  # A name longer than the file system takes, or links in a ring.
        return None
    if parts[-1]:
        query = f"?{address.query}" if address.query else ""
        return Redirect(location=f"/{'/'.join(map(quote, parts))}/{query}")
    return path / "index.html" if (path / "index.html").is_file() else None


def _is_plain(part: str) -> bool:
    r"""Return whether a part of an address can be the name of a file or folder.

    >>> _is_plain("a b"), _is_plain(".."), _is_plain(""), _is_plain("c:\\x")
    (True, False, False, False)
    """
    return part not in {"", ".", ".."} and not set(part) & {"\0", "\\", "/"} and (os.name != "nt" or ":" not in part)
