"""The members of a foreign archive → the entries of a source: names checked, links followed, one folder peeled. Pure.

Members are looked at in the order of their names, so that a zip and a tar of the same files give the same tree.
Source: DESIGN §4; facts/index.md §4 (attacks 1-4, 9, 10, 20-28).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from cmsite.archive_limits import ArchiveLimits
from cmsite.member_names import NameFault, NameRegister, check_member_name, shown
from cmsite.model.tree import FileEntry, RefusedEntry
from cmsite.sources.extents import Extent
from cmsite.sources.limits import DEFAULT_LIMITS
from cmsite.sources.links import settle_links
from cmsite.tar_reader import MemberKind

_GIT = ".git"
_DEVICE_HINT = "leave it out of the archive"
_LINK_HINT = "pack a copy of the file in its place, or leave it out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One member as the archive states it: `target` is that of a link, `extent` the bytes of a file."""

    name: str
    kind: MemberKind
    executable: bool = False
    target: str = ""
    extent: Extent | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveContent:
    """What a source shows of an archive; `extents` holds the bytes of each entry by path."""

    entries: tuple[FileEntry, ...]
    refused: tuple[RefusedEntry, ...]
    extents: Mapping[str, Extent]


def content_of(members: Iterable[Member], limits: ArchiveLimits, *, peel: bool = True) -> ArchiveContent:
    """Decide about every member, and with `peel` take off the one folder that holds everything."""
    sorting = _Sorting(limits)
    for member in sorted(map(_with_plain_name, members), key=lambda member: _bytes(member.name)):
        if member.name and _GIT not in member.name.lower().split("/"):
            sorting.add(member)
    sorting.follow_hard_links()
    return _peeled(sorting.settled()) if peel else _sorted(sorting.settled())


class _Sorting:
    """Sorts members into files, links and refusals."""

    def __init__(self, limits: ArchiveLimits) -> None:
        self._limits = limits
        self._names = NameRegister()
        self._files: dict[str, FileEntry] = {}
        self._extents: dict[str, Extent] = {}
        self._links: dict[str, str] = {}
        self._hard_links: dict[str, Member] = {}
        self._refused: list[RefusedEntry] = []

    def add(self, member: Member) -> None:
        """Take one member, in the order of names."""
        fault = self._fault(member.name) or self._names.add(member.name, folder=member.kind is MemberKind.FOLDER)
        if fault is not None:
            self._refuse(member.name, "CM405", fault.message, fault.hint)
        elif member.kind is MemberKind.OTHER:
            what = f"'{shown(member.name)}' is a device, pipe or the like; only regular files can be published"
            self._refuse(member.name, "CM404", what, _DEVICE_HINT)
        elif member.kind is MemberKind.SYMBOLIC_LINK:
            self._links[member.name] = member.target
        elif member.kind is MemberKind.HARD_LINK:
            self._hard_links[member.name] = member
        elif member.kind is MemberKind.FILE and member.extent is not None:
            self._add_file(member.name, member.extent, executable=member.executable)

    def follow_hard_links(self) -> None:
        """Give each hard link the bytes of the file it names; only files are followed, so a link to a link is refused."""
        for name, member in list(self._hard_links.items()):
            target = _plain_name(member.target)
            if target in self._files and target not in self._hard_links:
                self._add_file(name, self._extents[target], executable=self._files[target].executable)
                continue
            what = f"the hard link '{shown(name)}' names '{shown(member.target)}', which is no file of the archive"
            self._refuse(name, "CM403", what, _LINK_HINT)

    def settled(self) -> ArchiveContent:
        """Follow the symbolic links and return everything, still with the paths of the archive."""
        settled = settle_links(self._files, self._links, DEFAULT_LIMITS)
        entries = []
        for entry in settled.entries:
            # A copy below a linked folder can be deeper or longer than any member.
            fault = self._fault(entry.path) if entry.link else None
            if fault is None:
                entries.append(entry)
            else:
                self._refuse(entry.path, "CM405", fault.message, fault.hint)
        extents = {entry.path: self._extents[entry.link or entry.path] for entry in entries}
        refused = (*self._refused, *settled.refused)
        return ArchiveContent(entries=tuple(entries), refused=refused, extents=extents)

    def _fault(self, name: str) -> NameFault | None:
        return check_member_name(
            name, writing=False, max_depth=self._limits.depth, max_path_bytes=self._limits.path_bytes
        )

    def _add_file(self, name: str, extent: Extent, *, executable: bool) -> None:
        self._files[name] = FileEntry(path=name, size_bytes=extent.size_bytes, executable=executable)
        self._extents[name] = extent

    def _refuse(self, name: str, code: str, message: str, hint: str) -> None:
        self._refused.append(RefusedEntry(path=shown(name), code=code, message=message, hint=hint))


def _peeled(content: ArchiveContent) -> ArchiveContent:
    """Return everything relative to the one folder at the top, where there is exactly one and no file beside it."""
    names = [entry.path for entry in content.entries]
    tops = {name.partition("/")[0] for name in names}
    if len(tops) != 1 or names[0] in tops:
        return _sorted(content)
    prefix = f"{tops.pop()}/"
    return _sorted(
        ArchiveContent(
            entries=tuple(
                replace(entry, path=entry.path.removeprefix(prefix), link=entry.link.removeprefix(prefix))
                for entry in content.entries
            ),
            refused=tuple(replace(entry, path=entry.path.removeprefix(prefix)) for entry in content.refused),
            extents={path.removeprefix(prefix): extent for path, extent in content.extents.items()},
        )
    )


def _sorted(content: ArchiveContent) -> ArchiveContent:
    return replace(
        content,
        entries=tuple(sorted(content.entries, key=lambda entry: _bytes(entry.path))),
        refused=tuple(sorted(content.refused, key=lambda entry: (entry.path, entry.message))),
    )


def _with_plain_name(member: Member) -> Member:
    plain = _plain_name(member.name)
    return member if plain == member.name else replace(member, name=plain)


def _plain_name(name: str) -> str:
    """Return a name without the `./` that `tar -C folder .` puts before it; the folder itself becomes "".

    >>> _plain_name("./a/b"), _plain_name("./"), _plain_name(".")
    ('a/b', '', '')
    """
    while name.startswith("./"):
        name = name[2:]
    return "" if name == "." else name


def _bytes(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")
