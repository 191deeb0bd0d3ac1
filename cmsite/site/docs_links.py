"""Links of hand-written pages to artifacts: `[text](cmsite:script:detect-os)` becomes the way to the artifact's page.

mkdocs renders the pages before the catalogue is known, so the links are put into the finished HTML. What follows
`cmsite:` is a reference as people write it elsewhere. Source: CONTRACT §2 (references, copies), §6.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from html import unescape
from typing import NamedTuple

from cmsite.catalog.addresses import artifact_address
from cmsite.catalog.catalog import Catalog
from cmsite.errors import UsageError
from cmsite.index.records import Version
from cmsite.model.artifact import ArtifactKey
from cmsite.model.reference import Pin, Reference, near_names, parse_reference
from cmsite.outputs import OutputFile
from cmsite.site.shell import base_of

SCHEME = "cmsite:"
MAX_NAMED = 5  # Artifacts in a sentence about a reference that means several.

_LINK = re.compile(r"""\s+href\s*=\s*(["'])cmsite:([^"'<>]*)\1""")
_WRITTEN = re.compile(r"""cmsite:([^\s()<>"'\]]*)""")
_LINK_BYTES = re.compile(_LINK.pattern.encode())


@dataclass(frozen=True, slots=True, kw_only=True)
class DocsReference:
    """One link to an artifact: `target` is what follows `cmsite:`, `path` the file of the site it stands in.

    `source` and `line` say where somebody wrote it; `line` is 0 where it is not found there again.
    """

    path: str
    source: str
    line: int
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedDocs:
    """Hand-written pages with their links; `problems` are sentences about those that lead nowhere."""

    files: tuple[OutputFile, ...]
    home: bytes
    problems: tuple[str, ...]


class _Meaning(NamedTuple):
    """The address that a reference leads to, or why it leads nowhere."""

    address: str = ""
    problem: str = ""


def references_in(html: str, text: str, *, path: str, source: str) -> tuple[DocsReference, ...]:
    r"""Return the links to artifacts in a page, each with the line of its text.

    >>> references_in('<a href="cmsite:data:wine">w</a>', "A\n[w](cmsite:data:wine)", path="p/", source="p.md")[0].line
    2
    """
    if SCHEME not in html:
        return ()
    lines: defaultdict[str, list[int]] = defaultdict(list)
    targets = [unescape(found[2]) for found in _LINK.finditer(html)]
    for number, line in enumerate(text.splitlines(), 1):
        for written in _WRITTEN.findall(line):
            lines[unescape(written)].append(number)
    seen: Counter[str] = Counter()
    found = []
    for target in targets:
        line_number = next(iter(lines[target][seen[target] : seen[target] + 1]), 0)
        seen[target] += 1
        found.append(DocsReference(path=path, source=source, line=line_number, target=target))
    return tuple(found)


def link_docs(
    files: tuple[OutputFile, ...], home: bytes, references: Iterable[DocsReference], catalog: Catalog
) -> LinkedDocs:
    """Put the links into the pages; one that leads nowhere loses its address and is named among the problems."""
    references = tuple(references)
    if not references:
        return LinkedDocs(files=files, home=home, problems=())
    artifacts = _Artifacts(catalog)
    meanings = {reference.target: artifacts.find(reference.target) for reference in references}
    pages = {reference.path for reference in references}
    problems = (_problem(reference, meanings[reference.target]) for reference in references)
    return LinkedDocs(
        files=tuple(
            replace(file, content=_linked(file.content, file.path, meanings)) if file.path in pages else file
            for file in files
        ),
        home=_linked(home, "index.html", meanings) if "index.html" in pages else home,
        problems=tuple(problem for problem in problems if problem),
    )


def _linked(content: bytes, path: str, meanings: dict[str, _Meaning]) -> bytes:
    base = base_of(path)

    def link(found: "re.Match[bytes]") -> bytes:
        meaning = meanings.get(unescape(found[2].decode("utf-8", "replace")), _Meaning())
        return f' href="{base}/{meaning.address}"'.encode() if meaning.address else b""

    return _LINK_BYTES.sub(link, content)


def _problem(reference: DocsReference, meaning: _Meaning) -> str:
    place = f"{reference.source}:{reference.line}" if reference.line else reference.source
    return f"{place}: {SCHEME}{reference.target}: {meaning.problem}" if meaning.problem else ""


class _Artifacts:
    """Finds the artifacts of a catalogue by name and by uid."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._found: defaultdict[str, list[ArtifactKey]] = defaultdict(list)
        for key, artifact in catalog.artifacts.items():
            for name in {artifact.uid, f"{key.automation}:{artifact.display_name}"} - {""}:
                self._found[name].append(key)

    def find(self, target: str) -> _Meaning:
        try:
            reference = parse_reference(target)
        except UsageError as error:
            return _Meaning(problem=str(error))
        if reference.site:
            return _Meaning(problem="an address of a site needs no cmsite: before it; write it alone")
        hits = [key for key in self._found.get(reference.name.uid or reference.key, ()) if _fits(reference, key)]
        if not hits:
            return _Meaning(problem=self._not_found(reference))
        if self._differ(hits):
            names = ", ".join(f"{SCHEME}{key.repository}/{self._name(key)}" for key in hits[:MAX_NAMED])
            return _Meaning(problem=f"{len(hits)} different artifacts have this name; write one of {names}")
        return self._page(hits[0], reference.pin)

    def _page(self, key: ArtifactKey, pin: Pin | None) -> _Meaning:
        address = artifact_address(key)
        if pin is None:
            return _Meaning(address=address)
        versions = self._catalog.versions.get(key, ())
        if any(_meets(version, pin) for version in versions):
            return _Meaning(address=f"{address}#versions")
        known = ", ".join(f"r{version.revision}" for version in versions[-MAX_NAMED:]) or "no revisions"
        return _Meaning(problem=f"{self._name(key)} has no version {pin}; there are {known}")

    def _differ(self, hits: list[ArtifactKey]) -> bool:
        identities = {self._catalog.artifacts[key].identity for key in hits}
        return len(identities) > 1 or len({key.repository for key in hits}) < len(hits)

    def _not_found(self, reference: Reference) -> str:
        names = (self._name(key) for key in self._catalog.artifacts)
        near = near_names(reference.key or reference.name.alias, names) if reference.name.alias else ()
        offer = f"; did you mean {', '.join(SCHEME + name for name in near)}?" if near else ""
        where = f" in the repository {reference.repository}" if reference.repository else ""
        return f"no artifact of this name{where}{offer}"

    def _name(self, key: ArtifactKey) -> str:
        return f"{key.automation}:{self._catalog.artifacts[key].display_name}"


def _fits(reference: Reference, key: ArtifactKey) -> bool:
    """Return whether repository and automation are those that a reference names, where it names them."""
    return (not reference.repository or reference.repository == key.repository) and (
        not reference.automation_alias or reference.automation_alias == key.automation
    )


def _meets(version: Version, pin: Pin) -> bool:
    if pin.revision:
        return version.revision == pin.revision
    if pin.sha256:
        return pin.sha256 in (version.tar_sha256, version.archive_sha256)
    return version.label == pin.label
