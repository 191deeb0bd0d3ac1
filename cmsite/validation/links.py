"""Links and images of texts that lead to no file. Pure: the names of the tree arrive as arguments.

A worker that reads an artifact settles what lies in its own folder; the rest waits, as `OpenLink`s, until all names of
the source are at hand.
"""

import difflib
import posixpath
from collections import defaultdict
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from cmsite.diagnostics import Diagnostic, Place
from cmsite.formats.links import Link, file_links, link_candidates
from cmsite.formats.written import WrittenText
from cmsite.member_names import fold, shown
from cmsite.model.artifact import Artifact
from cmsite.validation.codes import CODES

_MAX_NEAR = 2000  # Names of one folder among which a near one is looked for.
MAX_SHOWN = 120  # Characters of a target that a message quotes.


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLink:
    """A link of the text at `path` that leads to no file of the artifact's own folder."""

    repository: str
    root: str
    path: str
    link: Link


class TreeNames:
    """The files and folders of one source by their paths; folded names are made when first asked for."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._names = _with_folders(paths)
        self._folded: dict[str, str] | None = None
        self._below: dict[str, list[str]] | None = None

    def __contains__(self, path: str) -> bool:
        return path in self._names

    @property
    def paths(self) -> AbstractSet[str]:
        """Return all files and folders, the root as ""."""
        return self._names

    @property
    def parts(self) -> AbstractSet[str]:
        """Return the last names of all files and folders, each once."""
        return {name.rpartition("/")[2] for name in self._names}

    def meet(self) -> bool:
        """Return whether any two paths differ in letter case or normal form only."""
        return len(set(map(fold, self._names))) < len(self._names)

    def alike(self, path: str) -> str:
        """Return the path that differs in letter case or normal form only, "" where there is none."""
        if self._folded is None:
            self._folded = {fold(name): name for name in sorted(self._names, reverse=True)}
        return self._folded.get(fold(path), "")

    def below(self, folder: str) -> list[str]:
        """Return the names in one folder, sorted."""
        if self._below is None:
            self._below = defaultdict(list)
            for name in sorted(self._names):
                parent, _, last = name.rpartition("/")
                self._below[parent].append(last)
        return self._below.get(folder, [])


def open_links(artifact: Artifact, root: str, texts: Iterable[WrittenText]) -> tuple[OpenLink, ...]:
    """Return the links of an artifact's texts that its own folder does not answer; `root` is its repository's folder."""
    found: list[OpenLink] = []
    for text in texts:
        targets = link_candidates(text.text) if text.is_markdown else frozenset()
        if not targets:
            continue
        own = _with_folders((artifact.path, *(file.source for file in artifact.files)))
        if all(_is_own(text.folder, target, own) for target in targets):
            continue
        path = posixpath.join(text.folder, text.name)
        found.extend(
            OpenLink(repository=artifact.key.repository, root=root, path=path, link=link)
            for link in file_links(text.text)
            if not _is_own(text.folder, link.target, own)
        )
    return tuple(found)


def _is_own(folder: str, target: str, own: set[str]) -> bool:
    return not target.startswith("/") and _resolved(folder, target) in own


def check_links(links: Iterable[OpenLink], names: TreeNames, refused: frozenset[str]) -> Iterator[Diagnostic]:
    """Yield a finding for each link that leads nowhere; `refused` are names of the source that are left out."""
    for item in links:
        target = _target(item, names)
        if target in names or any(target == path or target.startswith(f"{path}/") for path in refused):
            continue
        yield _finding(item, target, names)


def _target(item: OpenLink, names: TreeNames) -> str:
    if not item.link.target.startswith("/"):
        return _resolved(posixpath.dirname(item.path), item.link.target)
    own = _resolved(item.root, item.link.target.lstrip("/"))
    return own if own in names else _resolved("", item.link.target.lstrip("/"))


def _resolved(folder: str, target: str) -> str:
    path = posixpath.normpath(posixpath.join(folder, target))
    return "" if path == "." else path


def _finding(item: OpenLink, target: str, names: TreeNames) -> Diagnostic:
    what = "image" if item.link.is_image else "link"
    quoted = shown(item.link.target[:MAX_SHOWN])
    if target == ".." or target.startswith("../"):
        code, message = "CM414", f"the {what} '{quoted}' leads out of what was read"
        hint = "write the whole address, with https://"
    elif alike := names.alike(target):
        code, message = "CM413", f"the {what} '{quoted}' differs in case from the file '{shown(alike)}'"
        hint = f"write '{_relative(item, alike)}'"
    else:
        code, message = "CM412", f"the {what} '{quoted}' leads to '{shown(target)}', which is not there"
        hint = _advice(item, target, names)
    return Diagnostic(
        code=code,
        severity=CODES[code].severity,
        repository=item.repository,
        path=item.path,
        message=message,
        place=Place(line=item.link.line, column=item.link.column),
        hint=hint,
    )


def _advice(item: OpenLink, target: str, names: TreeNames) -> str:
    """Return what may have been meant: the same path from another folder, or a name alike in the same one."""
    folder = posixpath.dirname(item.path)
    below = item.link.target.lstrip("./")
    candidates = (posixpath.join(above, below) for above in (folder, posixpath.dirname(folder), ""))
    found = next((path for path in candidates if below and path in names), "")
    found = found or _near(target, names)
    return f"did you mean '{_relative(item, found)}'?" if found else "correct the path, or remove the link"


def _near(target: str, names: TreeNames) -> str:
    """Return a path that differs in the spelling of the one part that is not there, "" where there is none."""
    parts = target.split("/")
    known = next(count for count in range(len(parts)) if "/".join(parts[: count + 1]) not in names)
    folder, rest = "/".join(parts[:known]), parts[known + 1 :]
    for near in difflib.get_close_matches(parts[known][:100], names.below(folder)[:_MAX_NEAR], n=3, cutoff=0.7):
        path = "/".join(filter(None, (folder, near, *rest)))
        if path in names:
            return path
    return ""


def _relative(item: OpenLink, path: str) -> str:
    return shown(posixpath.relpath(f"/{path}", f"/{posixpath.dirname(item.path)}"))


def _with_folders(paths: Iterable[str]) -> set[str]:
    names = {""}
    for path in paths:
        above = path
        while above not in names:
            names.add(above)
            above = above.rpartition("/")[0]
    return names
