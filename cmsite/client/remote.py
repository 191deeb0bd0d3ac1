"""One registry seen from outside: root, records, archives, licence files; every byte checked before it is used.

A cold look-up reads root, node and leaf; where `all` is small or cached already, it reads that instead. Where a file
that the root names is gone, a newer root is asked for once. Source: CONTRACT §7, facts/index.md §2 and §3.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol, TypeVar
from urllib.parse import quote, urlsplit

from cmsite.client.cache import Cache
from cmsite.client.fetching import Fetcher, MissingFileError, registry_address, shown
from cmsite.client.resolve import Resolved, full_name, matching, select
from cmsite.client.search import Hit, Query, matches, may_match, ranked
from cmsite.client.trust import TrustStore, check_fingerprint
from cmsite.errors import CmsiteError, IntegrityError, NetworkError, NotFoundError
from cmsite.index.layout import ROOT_PATH, archive_path, blob_path
from cmsite.index.licenses import MAX_LICENSES_BYTES, parse_licenses
from cmsite.index.lines import UidNames
from cmsite.index.read import (
    blob_name,
    checked,
    leaf_of,
    parse_leaf,
    parse_line,
    parse_node,
    parse_uid_leaf,
    part_lines,
)
from cmsite.index.records import Record, Status, Version
from cmsite.index.root import MAX_ROOT_BYTES, FileRef, Root, Tree, parse_root
from cmsite.model.names import normal_uid
from cmsite.model.reference import Reference, near_names, parse_reference, without_label

MAX_INDEX_FILE_BYTES = 32_000_000  # The size in root.json is foreign too: this is what one index file may cost at most.
SMALL_ALL_BYTES = 20_000  # Below, reading everything costs no more than node and leaf.
MAX_NEAR_SEARCH_BYTES = 4_000_000  # Of `all`, packed: beyond, a misspelt name is not worth reading everything.

_T = TypeVar("_T")


class RootJudge(Protocol):
    """Accepts a root for a registry's address or raises `IntegrityError`; `trust.TrustStore` is one."""

    def accept(self, root: Root, url: str) -> None:
        """Judge a root, and remember it."""


class RemoteRegistry:
    """A registry at an address.

    `name` is what the user calls it ("" where it was given by its address); `registry_id` is what it must be where
    that is known; `fingerprint` is the sha256 its root.json must have. `notes` gathers sentences for the user.
    """

    def __init__(
        self,
        url: str,
        *,
        transport: Fetcher,
        cache: Cache,
        trust: RootJudge | None = None,
        name: str = "",
        registry_id: str = "",
        fingerprint: str = "",
    ) -> None:
        self.url = registry_address(url)
        self.name = name
        self.notes: list[str] = []
        self._transport = transport
        self._cache = cache
        self._trust = trust
        self._registry_id = registry_id
        self._fingerprint = fingerprint
        self._root: Root | None = None

    @property
    def label(self) -> str:
        """Return what messages call the registry."""
        return self.name or shown(self.url)

    @property
    def root(self) -> Root:
        """Return the root, fetched on first use and accepted by the trust store.

        Raises `NetworkError` where there is no registry, `IntegrityError` where it must not be trusted.
        """
        if self._root is None:
            self._root = self._fetch_root(fresh=False)
        return self._root

    def records(self) -> tuple[Record, ...]:
        """Return every record, removed ones too, in the order of registry.yml."""
        found = self._retried(lambda: tuple(self._scan(lambda _line: True)))
        return tuple(sorted(found, key=lambda record: (record.rank, record.key)))

    def search(self, query: Query) -> tuple[Hit, ...]:
        """Return one hit an artifact, best first."""
        found = self._retried(lambda: list(self._scan(lambda line: may_match(line, query))))
        return ranked((record for record in found if matches(record, query)), query)

    def resolve(self, reference: Reference | str) -> Resolved:
        """Return the record and version that a reference means.

        Raises `NotFoundError` with near names, `AmbiguousError`, `IntegrityError` for a quarantined artifact.
        """
        parsed = parse_reference(reference) if isinstance(reference, str) else reference
        hits = self.hits(parsed)
        if not hits and (other := without_label(parsed)) is not None and (found := self.hits(other)):
            return select(other, found)
        if not hits:
            raise NotFoundError(f"{parsed.text}: {self.label} has no such artifact", self.near(parsed))
        return select(parsed, hits)

    def hits(self, reference: Reference) -> tuple[Record, ...]:
        """Return the records that a reference names, in the order of registry.yml, nothing where there are none."""
        return matching(reference, self._retried(lambda: tuple(self._candidates(reference))))

    def near(self, reference: Reference) -> tuple[str, ...]:
        """Return names that look like the one asked for; nothing where the registry is too large to look."""
        if sum(part.size_bytes for part in self.root.all) > MAX_NEAR_SEARCH_BYTES:
            return ()
        living = [record for record in self.records() if record.status is not Status.REMOVED]
        here = [record for record in living if reference.repository and record.repository == reference.repository]
        wanted = f"{reference.automation_alias}:{reference.name.alias or reference.name.uid}"
        return near_names(wanted, (record.name for record in here or living))

    def archive(self, version: Version) -> Path:
        """Return the path of the archive's verified bytes in the cache.

        Raises `NotFoundError` where only the record is published, `NetworkError`, `IntegrityError`, `OutputError`.
        """
        if version.url == "":
            raise NotFoundError(
                f"{self.label} publishes only the record of this artifact, not its bytes; get them from its source"
            )
        cached = self._cache.file(version.archive_sha256)
        if cached is not None:
            return cached
        path = archive_path(version.archive_sha256)
        addresses = self._addresses(path) if version.url is None else (_foreign(version.url, self.label),)
        return self._first(
            addresses,
            lambda url: self._cache.add(
                version.archive_sha256, lambda target: self._fetch_archive(url, target, version)
            ),
        )

    def licenses(self, record: Record) -> tuple[tuple[str, bytes], ...]:
        """Return the (path, bytes) of the licence and notice files of the record's repository.

        Paths are foreign: check them before they become files.
        """
        if not record.licenses:
            return ()
        path = blob_path(record.licenses)
        data = self._cache.read(record.licenses)
        if data is None:
            data = self._first(
                self._addresses(path),
                lambda url: self._transport.fetch(url, max_bytes=MAX_LICENSES_BYTES, expected_sha256=record.licenses),
            )
            self._cache.write(record.licenses, data)
        return parse_licenses(data, blob_name(path))

    def _fetch_root(self, *, fresh: bool) -> Root:
        url = self.url + ROOT_PATH
        try:
            data = self._transport.fetch(url, max_bytes=MAX_ROOT_BYTES, fresh=fresh)
        except MissingFileError as error:
            raise MissingFileError(
                f"there is no registry at {shown(self.url)}: {error}. Give the address of a site that cmsite built, "
                "without a page's path"
            ) from error
        if data.lstrip()[:1] == b"<":
            raise NetworkError(
                f"{shown(self.url)} is a web site, but not a cmsite registry: {shown(url)} answers with a page "
                "instead of an index; check the address"
            )
        root = parse_root(data, shown(url))
        self._accept(root)
        self._cache.write(root.sha256, data)
        return root

    def _accept(self, root: Root) -> None:
        """Hold a root against the fingerprint, the identity and the state that are known."""
        if self._fingerprint:
            check_fingerprint(root, self._fingerprint, self.url)
        if self._registry_id and root.registry_id != self._registry_id:
            raise IntegrityError(
                f"{self.label}: the registry at {shown(self.url)} is {root.registry_id}, configured was "
                f"{self._registry_id}; if its publisher confirms this, remove it with `cmsite registry remove` and add it again"
            )
        if self._trust is not None and urlsplit(self.url).scheme != "file":
            self._trust.accept(root, self.url)
        if root.is_preview:
            self._note(f"{self.label} is a preview: its revisions may be counted anew, so nothing is remembered of it")

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def _retried(self, work: Callable[[], _T]) -> _T:
        """Do what reads index files; where one is gone, ask once for a newer root (case 73)."""
        try:
            return work()
        except MissingFileError as error:
            if self._root is None:
                raise
            old = self._root
            self._root = self._fetch_root(fresh=True)
            if self._root.sha256 == old.sha256:
                raise NetworkError(
                    f"{self.label}: generation {old.gen} names a file that is not there: {error}; the site is "
                    "incomplete, try again in ten minutes, then tell its publisher"
                ) from error
            return work()

    def _candidates(self, reference: Reference) -> Iterator[Record]:
        """Yield records among which all that the reference names are."""
        uid, alias = reference.name.uid, reference.name.alias
        if reference.page is not None or (not uid and not reference.automation_alias):
            yield from self._scan(lambda _line: True)
        elif self._all_is_cheap():
            needle = json.dumps(uid or alias, ensure_ascii=False)
            yield from self._scan(lambda line: needle in line or "\\u" in line)
        elif uid:
            names = {name for found in self._uid_leaf(uid) if found.uid == uid for name in found.names}
            for name in sorted(names):
                yield from (record for record in self._record_leaf(name) if record.name == name)
        else:
            yield from self._record_leaf(reference.key)

    def _all_is_cheap(self) -> bool:
        parts = self.root.all
        if sum(part.size_bytes for part in parts) <= SMALL_ALL_BYTES:
            return True
        return len(parts) == 1 and self._cache.read(parts[0].sha256) is not None

    def _scan(self, wanted: Callable[[str], bool]) -> Iterator[Record]:
        """Yield the records of `all` whose line is wanted."""
        for part in self.root.all:
            where = blob_name(blob_path(part.sha256))
            for number, line in enumerate(part_lines(self._blob(part), where)):
                if wanted(line):
                    yield parse_line(line, where, number)

    def _record_leaf(self, name: str) -> tuple[Record, ...]:
        tree, number = self.root.records, leaf_of(name, self.root.records)
        leaf = self._leaf(tree, number)
        return () if leaf is None else parse_leaf(self._blob(leaf), tree, number, blob_name(blob_path(leaf.sha256)))

    def _uid_leaf(self, uid: str) -> tuple[UidNames, ...]:
        tree, number = self.root.uids, leaf_of(normal_uid(uid), self.root.uids)
        leaf = self._leaf(tree, number)
        return () if leaf is None else parse_uid_leaf(self._blob(leaf), tree, number, blob_name(blob_path(leaf.sha256)))

    def _leaf(self, tree: Tree, number: int) -> FileRef | None:
        node = tree.nodes[tree.node_of(number)]
        if node is None:
            return None
        leaves = parse_node(self._blob(node), tree, blob_name(blob_path(node.sha256)))
        return leaves[number % tree.leaves_a_node]

    def _blob(self, file: FileRef) -> bytes:
        """Return an index file from the cache or the registry, with the size and digest its reference states."""
        path = blob_path(file.sha256)
        data = self._cache.read(file.sha256)
        if data is not None:
            return checked(data, file, blob_name(path))
        if file.size_bytes > MAX_INDEX_FILE_BYTES:
            raise IntegrityError(
                f"{blob_name(path)}: {file.size_bytes} bytes stated, at most {MAX_INDEX_FILE_BYTES} allowed"
            )
        data = self._first(
            self._addresses(path),
            lambda url: self._transport.fetch(url, max_bytes=file.size_bytes, expected_sha256=file.sha256),
        )
        checked(data, file, blob_name(path))
        self._cache.write(file.sha256, data)
        return data

    def _fetch_archive(self, url: str, target: Path, version: Version) -> None:
        self._transport.fetch_to(url, target, max_bytes=version.size_bytes, expected_sha256=version.archive_sha256)
        if target.stat().st_size != version.size_bytes:
            raise IntegrityError(
                f"{shown(url)}: {target.stat().st_size} bytes, the index states {version.size_bytes}; the index is wrong"
            )

    def _addresses(self, path: str) -> tuple[str, ...]:
        """Return where a file of the registry may be: the registry first, then its mirrors."""
        mirrors = (base if base.endswith("/") else f"{base}/" for base in self.root.bases)
        return tuple(dict.fromkeys(base + quote(path) for base in (self.url, *mirrors)))

    def _first(self, addresses: Iterable[str], fetch: Callable[[str], _T]) -> _T:
        """Return what the first address gives that works; the registry's own failure is the one that is told."""
        failure: CmsiteError | None = None
        for url in addresses:
            try:
                return fetch(url)
            except (NetworkError, IntegrityError) as error:
                failure = failure or error
        if failure is None:
            raise AssertionError("a file has at least one address")
        raise failure


def resolve_in(registries: Sequence[RemoteRegistry], reference: Reference | str) -> tuple[RemoteRegistry, Resolved]:
    """Return the first registry that has the name, and what the reference means there.

    A later registry never answers for a name that an earlier one has (no dependency confusion, case 91).

    Raises `NotFoundError` with near names of all registries where none has it; errors of `RemoteRegistry.resolve`.
    """
    parsed = parse_reference(reference) if isinstance(reference, str) else reference
    near: list[str] = []
    for registry in registries:
        other = without_label(parsed)
        if registry.hits(parsed) or (other is not None and registry.hits(other)):
            return registry, registry.resolve(parsed)
        near.extend(registry.near(parsed))
    labels = ", ".join(registry.label for registry in registries)
    raise NotFoundError(f"{parsed.text}: no such artifact in {labels}", near_names(_wanted(parsed), near))


def _wanted(reference: Reference) -> str:
    return f"{reference.automation_alias}:{reference.name.alias or reference.name.uid}"


def _foreign(url: str, label: str) -> str:
    """Return an address that a record names outside the registry: http or https only."""
    if urlsplit(url).scheme not in ("http", "https"):
        raise IntegrityError(f"{label}: a record names the address {shown(url)}; only http and https are fetched")
    return url
