"""Symbolic links of a source, followed by name only: no link is ever opened. Pure.

Folders and git trees share this: both know their files and where each link says it points. A link to a file or folder
inside becomes copies; what leads out, nowhere or in a circle becomes a finding.
Source: CONTRACT §4 (links inside the repository become copies, others a finding).
"""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, replace

from cmsite.member_names import shown
from cmsite.model.tree import FileEntry, RefusedEntry
from cmsite.sources.limits import SourceLimits

_MAX_HOPS = 40  # As Linux: path_resolution(7).


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """The entries of a source with its links followed, sorted by path, and the links that were refused."""

    entries: tuple[FileEntry, ...]
    refused: tuple[RefusedEntry, ...] = ()


def settle_links(files: Mapping[str, FileEntry], links: Mapping[str, str], limits: SourceLimits) -> Settled:
    """Follow every link; `links` maps the path of a link to its target as the link states it."""
    if not links:
        return Settled(entries=tuple(files[path] for path in sorted(files)))
    follower = _Follower(files, links, limits.link_steps)
    refused = [finding for path in sorted(links) if (finding := follower.follow(path))]
    entries = {**files, **follower.copies}
    return Settled(
        entries=tuple(entries[path] for path in sorted(entries)),
        refused=tuple(sorted((*refused, *follower.circles), key=lambda finding: finding.path)),
    )


class _RefusedLinkError(Exception):
    """A link cannot be followed; the text completes the sentence 'the link points to X, which ...'."""

    def __init__(self, why: str, *, circle: str = "") -> None:
        super().__init__(why)
        self.circle = circle


class _Follower:
    """Follows links over fixed names; `copies` and `circles` grow."""

    def __init__(self, files: Mapping[str, FileEntry], links: Mapping[str, str], steps: int) -> None:
        self.files = files
        self.links = links
        self.paths = sorted((*files, *links))
        self.folders = _folders(self.paths)
        self.steps_left = steps
        self.copies: dict[str, FileEntry] = {}
        self.circles: list[RefusedEntry] = []

    def follow(self, path: str) -> RefusedEntry | None:
        """Add the copies that one link stands for, or return why it stands for none."""
        try:
            copies = list(self._expand(path, path, ()))
        except _RefusedLinkError as error:
            return _refused(path, self.links[path], str(error))
        self.copies.update((copy.path, copy) for copy in copies)
        return None

    def _expand(self, shown_path: str, link: str, followed: tuple[str, ...]) -> list[FileEntry]:
        """Return the copies below `shown_path` that the link stands for; `followed` are the links on the way to it."""
        self._step()
        target = self._resolve(link)
        if target in self.files:
            return [replace(self.files[target], path=shown_path, link=target)]
        chain = (*followed, link)
        if any(step.startswith(f"{target}/") or not target for step in chain):
            raise _RefusedLinkError("is a folder that holds the link itself", circle=target)
        copies: list[FileEntry] = []
        for below in self._below(target):
            self._step()
            place = shown_path + below[len(target) :]
            if below in self.files:
                copies.append(replace(self.files[below], path=place, link=below))
            else:
                copies += self._expand_inner(place, below, chain)
        return copies

    def _expand_inner(self, place: str, link: str, chain: tuple[str, ...]) -> list[FileEntry]:
        """Expand a link met below a linked folder; what is wrong with the link itself is reported at its own place."""
        if len(chain) >= _MAX_HOPS:
            raise _RefusedLinkError(f"leads through more than {_MAX_HOPS} links")
        try:
            return self._expand(place, link, chain)
        except _RefusedLinkError as error:
            if error.circle and not link.startswith(f"{error.circle}/"):
                self.circles.append(_refused(place, self.links[link], "leads back to a folder that holds it"))
            return []

    def _step(self) -> None:
        self.steps_left -= 1
        if self.steps_left < 0:
            raise _RefusedLinkError("stands for more files than the limit of copies by links in one source allows")

    def _below(self, folder: str) -> list[str]:
        # "0" is the character after "/", so the slice holds exactly the names below the folder.
        return self.paths[bisect_left(self.paths, f"{folder}/") : bisect_left(self.paths, f"{folder}0")]

    def _resolve(self, link: str) -> str:
        """Return the file or folder a link stands for, walking names as a kernel would."""
        walked: list[str] = []
        ahead = link.split("/")[::-1]
        hops = 0
        while ahead:
            name = ahead.pop()
            if name in {"", "."}:
                continue
            if name == "..":
                if not walked:
                    raise _RefusedLinkError("leads out of the source")
                walked.pop()
                continue
            path = "/".join((*walked, name))
            if path in self.links:
                hops += 1
                if hops > _MAX_HOPS:
                    raise _RefusedLinkError("leads in a circle of links")
                if self.links[path].startswith("/"):
                    raise _RefusedLinkError("leads out of the source")
                ahead += self.links[path].split("/")[::-1]
            elif path in self.folders or (path in self.files and not ahead):
                walked.append(name)
            else:
                raise _RefusedLinkError("is no file or folder of the source (missing, empty or left out)")
        return "/".join(walked)


def _folders(paths: list[str]) -> set[str]:
    folders: set[str] = set()
    for path in paths:
        parent = path.rpartition("/")[0]
        while parent and parent not in folders:
            folders.add(parent)
            parent = parent.rpartition("/")[0]
    return folders


def _refused(path: str, target: str, why: str) -> RefusedEntry:
    return RefusedEntry(
        path=path,
        code="CM403",
        message=f"the symbolic link '{path}' points to '{shown(target)}', which {why}",
        hint="put a copy of the file in its place, point it inside the source, or remove the link",
    )
