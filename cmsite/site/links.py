"""Where the links and images of a README lead once it stands on a page of the site.

Nothing of the original address is repeated unless it is a complete `http`, `https` or `mailto` one: everything else is
resolved against the artifact's folder and looked up. A page makes no request to another host, so a remote image is
never loaded. Source: DESIGN §2 (principles 5, 6), CONTRACT §6 (pages link the last commit that touched the folder).
"""

import hashlib
import posixpath
import re
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

from cmsite.catalog.addresses import artifact_address
from cmsite.errors import SourceError
from cmsite.model.artifact import Artifact
from cmsite.site.context import SiteContext
from cmsite.site.shell import base_of

MAX_IMAGE_BYTES = 2_000_000  # A larger one is named, not shown.
MAX_IMAGES = 40  # On one page.

# The first bytes of each format a browser shows as a picture and nothing else.
_SIGNATURES = {
    ".png": (b"\x89PNG\r\n\x1a\n",),
    ".jpg": (b"\xff\xd8\xff",),
    ".jpeg": (b"\xff\xd8\xff",),
    ".gif": (b"GIF87a", b"GIF89a"),
    ".webp": (b"RIFF",),
}
_COMPLETE = re.compile(r"(?:https?://|mailto:)[^\s]", re.IGNORECASE)
# Opened by itself, an SVG may run scripts in the site's origin: anything but drawing is a reason not to publish it.
_ACTIVE_SVG = re.compile(
    rb"<\s*(?:\w+:)?(?:script|foreignobject|iframe|embed|object|handler|set|animate)|\son\w+\s*=|javascript:|<!entity|<\?xml-stylesheet"
    rb"|(?:href|src)\s*=\s*[\"']?\s*(?!#|data:image/)[^\s\"'>]|url\(\s*[\"']?(?!#)|@import",
    re.IGNORECASE,
)


def is_external(address: str) -> bool:
    """Return whether an address names its own host or mailbox (`//host` counts)."""
    return _COMPLETE.match(address) is not None


def contact_address(template: str, reference: str) -> str:
    """Return where to report a problem with an artifact, from `contact` of registry.yml; "" where that is no address.

    >>> contact_address("https://example.org/new?title={reference}", "script:detect-os")
    'https://example.org/new?title=script%3Adetect-os'
    """
    return template.replace("{reference}", quote(reference, safe="")) if is_external(template) else ""


def file_url(context: SiteContext, artifact: Artifact, path: str) -> str:
    """Return the public page of a file at the last commit that touched the artifact, or "" where none is known.

    `path` is the path in the source tree.
    """
    template = context.repositories[artifact.key.repository].provenance.file_url
    if not template or not artifact.commit:
        return ""
    return template.replace("{commit}", artifact.commit).replace("{path}", quote(path))


@dataclass(slots=True)
class TextLinks:
    """Resolves what one text of one artifact links to; `folder` is where the text's file lies in the source tree.

    `published` collects the images the page shows: name beside the page → bytes.
    """

    context: SiteContext
    artifact: Artifact
    folder: str
    published: dict[str, bytes] = field(default_factory=dict)

    def link(self, target: str) -> str:
        """Return the address for a link, or "" where it leads nowhere that can be shown."""
        if target.startswith("//"):
            target = "https:" + target
        if is_external(target):
            return target
        path, _, fragment = target.partition("#")
        place = self._place(path)
        if place is None:
            return ""
        source = self.context.repositories[self.artifact.key.repository].source
        key = self.context.folders.get((source, place)) or self.context.folders.get((source, _readme_folder(place)))
        if key is not None:
            base = base_of(artifact_address(self.artifact.key))
            return f"{base}/{artifact_address(key)}"
        url = file_url(self.context, self.artifact, place)
        return f"{url}#{quote(fragment)}" if url and fragment else url

    def image(self, target: str) -> str:
        """Return the address of an image beside the page, "" where it is not shown; the first uses publish it."""
        place = self._place(target.partition("#")[0])
        known = {file.source: file for file in self.artifact.files}
        if place not in known or known[place].size_bytes > MAX_IMAGE_BYTES or len(self.published) >= MAX_IMAGES:
            return ""
        try:
            content = self.context.read(self.artifact, place)
        except SourceError:
            return ""
        suffix = posixpath.splitext(place)[1].lower()
        if not is_picture(content, suffix):
            return ""
        name = f"img-{hashlib.sha256(content).hexdigest()[:16]}{suffix}"
        self.published[name] = content
        return name

    def _place(self, path: str) -> str | None:
        """Return the path in the source tree that a relative address means; None where it leaves the tree.

        A leading `/` means the root of the repository, as on the hosts where READMEs are usually read.
        """
        path = unquote(path.partition("?")[0]).replace("\\", "/")
        if not path or ":" in path.split("/", 1)[0] or any(character < " " for character in path):
            return None
        repository = self.context.repositories[self.artifact.key.repository]
        start = repository.path if path.startswith("/") else self.folder
        place = posixpath.normpath(posixpath.join(start, path.lstrip("/")))
        return None if place.startswith(("..", "/")) else place


def is_picture(content: bytes, suffix: str) -> bool:
    """Return whether the bytes are an image of the format its name says, and can do nothing but be looked at."""
    if suffix == ".svg":
        return (
            b"<svg" in content[:4096]
            and b"\0" not in content
            and _ACTIVE_SVG.search(_without_namespaces(content)) is None
        )
    if suffix == ".webp" and content[8:12] != b"WEBP":
        return False
    return content.startswith(_SIGNATURES.get(suffix, ())) if suffix in _SIGNATURES else False


def _without_namespaces(svg: bytes) -> bytes:
    """Drop namespace declarations, whose addresses are names and are never fetched."""
    return re.sub(rb"\sxmlns(?::\w+)?\s*=\s*(?:\"[^\"]*\"|'[^']*')", b"", svg)


def _readme_folder(place: str) -> str:
    """Return the folder of a README or meta, so that a link to it leads to the artifact's page."""
    folder, name = posixpath.split(place)
    return folder if name.lower() in ("readme.md", "_cm.yaml", "_cm.json", "meta.yaml", "meta.json") else "\0"
