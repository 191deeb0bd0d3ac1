"""One registry seen from outside: root, records, archives, licence files; every byte checked before it is used.

A cold look-up reads root, node and leaf; where `all` is small or cached already, it reads that instead. Where a file
that the root names is gone, a newer root is asked for once. Source: CONTRACT §7, facts/index.md §2 and §3.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar
from urllib.parse import urlsplit

from cmsite.client.binding import BoundNames
from cmsite.client.cache import Cache
from cmsite.client.fetching import Fetcher, MissingFileError, Sink, registry_address, shown
from cmsite.client.index_files import IndexFiles, first_that_works
from cmsite.client.moves import followed
from cmsite.client.query import Query
from cmsite.client.resolve import Resolved, matching, select
from cmsite.client.search import Answer, scan, spelling_hints
from cmsite.client.threads import in_threads
from cmsite.client.trust import check_fingerprint, expiry_note
from cmsite.errors import IntegrityError, NetworkError, NotFoundError
from cmsite.index.layout import ROOT_PATH, archive_path, blob_path
from cmsite.index.read import blob_name
from cmsite.index.records import Record, Version
from cmsite.index.root import MAX_ROOT_BYTES, Root, parse_root
from cmsite.model.reference import Reference, near_names, parse_reference, without_label

if TYPE_CHECKING:
    from cmsite.index.dependencies import Dependencies

_T = TypeVar("_T")


class RootJudge(Protocol):
    """Accepts a root for a registry's address or raises `IntegrityError`; `trust.TrustStore` is one."""

    def accept(self, root: Root, url: str) -> None:
        """Judge a root, and remember it."""


class RemoteRegistry:
    """A registry at an address.

    `name` is what the user calls it ("" where it was given by its address); `registry_id` is what it must be where
    that is known; `fingerprint` is the sha256 its root.json must have. `strict` refuses an expired root by the clock `now`
    (seconds since 1970), which is else a note; names that `bound_elsewhere` binds to another registry do not exist here. `notes` gathers sentences for the user.
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
        strict: bool = False,
        now: Callable[[], float] = time.time,
        bound_elsewhere: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self.notes: list[str] = []
        self._address = registry_address(url)
        self._transport = transport
        self._cache = cache
        self._trust = trust
        self._expected_id = registry_id
        self._fingerprint = fingerprint
        self._strict = strict
        self._now = now
        self._bound = BoundNames(bound_elsewhere or {})
        self._files: IndexFiles | None = None
        self._last_hits: tuple[Root | None, Reference | None, tuple[Record, ...]] = (None, None, ())

    @property
    def url(self) -> str:
        """Return the address, as it may be printed and stored: without credentials."""
        return shown(self._address)

    @property
    def registry_id(self) -> str:
        """Return what the registry is, wherever it is served."""
        return self.root.registry_id

    @property
    def label(self) -> str:
        """Return what messages call the registry."""
        return self.name or self.url

    @property
    def root(self) -> Root:
        """Return the root, fetched on first use and accepted by the trust store.

        Raises `NetworkError` where there is no registry, `IntegrityError` where it must not be trusted.
        """
        return self._index.root

    @property
    def _index(self) -> IndexFiles:
        if self._files is None:
            self._files = self._open(fresh=False)
        return self._files

    def records(self) -> tuple[Record, ...]:
        """Return every record, removed ones too, in the order of registry.yml."""
        found = self._retried(lambda: tuple(self._index.every()))
        return tuple(sorted(self._own(found), key=lambda record: (record.rank, record.key)))

    @property
    def usual_limit(self) -> int:
        """Return how many hits a search shows where nobody says; without `all` each of them costs two small files."""
        if self.root.all:
            return 50
        return 10 if self.root.records.node_bits <= 3 else 5  # noqa: PLR2004 - few nodes, which hits share.

    def search(self, query: Query, limit: int | None = None) -> Answer:
        """Return the best hits, one an artifact; where none has all words, those that have most of them."""
        if self.root.terms is None:
            answer = self._retried(lambda: scan(self._own(self._index.relevant(query)), query, limit))
            if answer.missing or not answer.total:
                answer = replace(answer, hints=spelling_hints(self.records(), query.words))
            return answer
        from cmsite.client.term_search import search_terms  # Only a large registry has such a tree.

        answer = self._retried(lambda: search_terms(self._index, self.root.terms, query, limit))
        return replace(answer, hits=tuple(hit for hit in answer.hits if self._own([hit.record])))

    def resolve(self, reference: Reference | str) -> Resolved:
        """Return the record and version that a reference means.

        Raises `NotFoundError` with near names, `AmbiguousError`, `IntegrityError` for a quarantined artifact.
        """
        parsed = parse_reference(reference) if isinstance(reference, str) else reference
        if not self.hits(parsed):
            other = without_label(parsed)
            if other is None or not self.hits(other):
                raise NotFoundError(f"{parsed.text}: {self.label} has no such artifact", self.near(parsed))
            parsed = other
        parsed, hits, renames = followed(parsed, self.hits)
        resolved = select(parsed, hits, look_up=self.hits)
        return replace(resolved, notes=(*renames, *resolved.notes))

    def hits(self, reference: Reference) -> tuple[Record, ...]:
        """Return the records that a reference names, in the order of registry.yml, nothing where there are none."""
        if owner := self._bound.owner_of_reference(reference):
            self._note(self._bound.note(reference.text, owner, self.label))
            return ()
        root, asked, found = self._last_hits
        if asked != reference or root is not self.root:  # Resolving asks several times for the same.
            found = matching(reference, self._retried(lambda: tuple(self._index.candidates(reference))))
            if not found and self.root.terms is not None:
                found = matching(reference, self._retried(lambda: self._searched_names(reference)))
            found = self._own(found)
            self._last_hits = (self.root, reference, found)
        return found

    def _searched_names(self, reference: Reference) -> tuple[Record, ...]:
        """Return records that a name leads to which is no key of the trees: of a page, or with a foreign automation."""
        from cmsite.client.term_names import records_for

        return records_for(self._index, reference)

    def _own(self, records: Iterable[Record]) -> tuple[Record, ...]:
        """Return the records whose names this registry may answer for."""
        kept = []
        for record in records:
            if owner := self._bound.owner_of(record.automation, record.alias):
                self._note(self._bound.note(record.name, owner, self.label))
            else:
                kept.append(record)
        return tuple(kept)

    def named(self, names: Iterable[str]) -> tuple[Record, ...]:
        """Return all records that have one of these names (`automation:alias`); their files are fetched together."""
        wanted = frozenset(names)
        return self._own(self._retried(lambda: tuple(self._index.named(wanted))))

    def near(self, reference: Reference) -> tuple[str, ...]:
        """Return names that look like the one asked for."""
        if self.root.terms is not None:
            from cmsite.client.term_names import records_near

            known = self._own(self._retried(lambda: records_near(self._index, reference)))
        else:
            known = self.records()
        living = [record for record in known if record.status.is_listed]
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
        addresses = self._index.addresses(path) if version.url is None else (_foreign(version.url, self.label),)
        found = first_that_works(
            addresses,
            lambda url: self._cache.add(
                version.archive_sha256,
                lambda sink: self._fetch_archive(url, sink, version),
                size_bytes=version.size_bytes,
            ),
        )
        for note in self._cache.notes:
            self._note(note)
        return found

    def archives(self, versions: Sequence[Version]) -> tuple[Path, ...]:
        """Return the paths of several archives, fetched a few at a time; see `archive`."""
        _ = self.root  # Opened once, before the threads ask for it.
        return in_threads(self.archive, versions)

    def licenses(self, record: Record) -> tuple[tuple[str, bytes], ...]:
        """Return the (path, bytes) of the licence and notice files of the record's repository.

        Paths are foreign: check them before they become files.
        """
        if not record.licenses:
            return ()
        from cmsite.index.licenses import MAX_LICENSES_BYTES, parse_licenses

        path = blob_path(record.licenses)
        data = self._retried(lambda: self._index.fetch(path, sha256=record.licenses, max_bytes=MAX_LICENSES_BYTES))
        return parse_licenses(data, blob_name(path))

    def dependencies(self, records: Sequence[Record]) -> "tuple[Dependencies, ...]":
        """Return what each artifact needs, in this order; their files are fetched a few at a time."""
        from cmsite.index.dependencies import MAX_FILE_BYTES, NO_DEPENDENCIES, parse_dependencies

        def file_of(record: Record) -> bytes:
            sha256 = record.dependencies
            return self._index.fetch(blob_path(sha256), sha256=sha256, max_bytes=MAX_FILE_BYTES) if sha256 else b""

        files = self._retried(lambda: in_threads(file_of, records))
        return tuple(
            parse_dependencies(data, blob_name(blob_path(record.dependencies)))
            if record.dependencies
            else NO_DEPENDENCIES
            for record, data in zip(records, files, strict=True)
        )

    def _open(self, *, fresh: bool) -> IndexFiles:
        url = self._address + ROOT_PATH
        is_folder = urlsplit(self._address).scheme == "file"
        held = None if is_folder or fresh else self._cache.root_of(self._address)
        known = held.validators if held else None
        try:
            answer = self._transport.fetch_changed(url, max_bytes=MAX_ROOT_BYTES, held=known, fresh=fresh)
        except MissingFileError as error:
            raise MissingFileError(
                f"there is no registry at {self.url}: {error}. Give the address of a site that cmsite built, "
                "without a page's path"
            ) from error
        except NetworkError as error:
            if held is None:
                raise
            raise NetworkError(f"{error}; --offline uses what was fetched before") from error
        data = answer.data if answer.data is not None or held is None else held.data
        if data is None or data.lstrip()[:1] == b"<":
            raise NetworkError(
                f"{self.url} is a web site, but not a cmsite registry: {shown(url)} answers with a page "
                "instead of an index; check the address"
            )
        root = parse_root(data, shown(url))
        self._accept(root)
        if answer.data is not None and not is_folder:
            self._cache.keep_root(self._address, root.sha256, data, answer.validators)
        return IndexFiles(root, address=self._address, transport=self._transport, cache=self._cache)

    def _accept(self, root: Root) -> None:
        """Hold a root against the fingerprint, the identity and the state that are known."""
        if self._fingerprint:
            check_fingerprint(root, self._fingerprint, self.url)
        if self._expected_id and root.registry_id != self._expected_id:
            raise IntegrityError(
                f"{self.label}: the registry at {self.url} is {root.registry_id}, configured was "
                f"{self._expected_id}; if its publisher confirms this, remove it with `cmsite registry remove` and add it again"
            )
        if self._trust is not None and urlsplit(self._address).scheme != "file":
            self._trust.accept(root, self.url)
        if note := expiry_note(root, self._now(), self.label, strict=self._strict):
            self._note(note)
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
            if self._files is None:
                raise
            old = self._files.root
            self._files = self._open(fresh=True)
            if self._files.root.sha256 == old.sha256:
                raise NetworkError(
                    f"{self.label}: generation {old.gen} names a file that is not there: {error}; the site is "
                    "incomplete, try again in ten minutes, then tell its publisher"
                ) from error
            return work()

    def _fetch_archive(self, url: str, sink: Sink, version: Version) -> None:
        self._transport.fetch_into(url, sink, max_bytes=version.size_bytes, expected_sha256=version.archive_sha256)
        if sink.size_bytes != version.size_bytes:
            raise IntegrityError(
                f"{shown(url)}: {sink.size_bytes} bytes, the index states {version.size_bytes}; the index is wrong"
            )


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
    names = near_names(_wanted(parsed), near)
    advice = "" if names else "; `cmsite search` finds artifacts by words and tags"
    raise NotFoundError(f"{parsed.text}: no such artifact in {labels}{advice}", names)


def _wanted(reference: Reference) -> str:
    return f"{reference.automation_alias}:{reference.name.alias or reference.name.uid}"


def _foreign(url: str, label: str) -> str:
    """Return an address that a record names outside the registry: http or https only."""
    try:
        scheme = urlsplit(url).scheme
    except ValueError:
        scheme = ""
    if scheme not in ("http", "https"):
        raise IntegrityError(f"{label}: a record names the address {shown(url)}; only http and https are fetched")
    return url
