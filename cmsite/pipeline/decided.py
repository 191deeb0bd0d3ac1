"""Decisions and records → what each record's status and versions become; pure.

An entry concerns what its reference names among the published records and those of this build; a uid in it decides, so
that a decision outlives a changed alias. Source: CONTRACT §3; docs/lifecycle.md.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from cmsite.catalog.catalog import Catalog, Move, Standing
from cmsite.client.naming import full_name
from cmsite.diagnostics import Diagnostic
from cmsite.errors import ConfigurationError
from cmsite.index.records import Record, Status
from cmsite.index.revise import carry_over, marked
from cmsite.model.artifact import ArtifactKey
from cmsite.model.reference import Reference
from cmsite.pipeline.decisions import FILE_NAME, Action, Decision
from cmsite.pipeline.purging import NOTHING_PURGED, Purges
from cmsite.pipeline.renames import Names, Redirect, redirects
from cmsite.pipeline.tombstones import tombstone
from cmsite.validation.codes import CODES

Key = tuple[str, str, str]

_STATUS = {Action.DEPRECATE: Status.DEPRECATED, Action.QUARANTINE: Status.QUARANTINED, Action.PURGE: Status.PURGED}
_WEIGHT = {Status.ACTIVE: 0, Status.DEPRECATED: 1, Status.QUARANTINED: 2, Status.PURGED: 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What a build does with each record, by its (repository, automation, folder); `yanked` goes on by revision."""

    standings: Mapping[Key, Standing] = field(default_factory=dict)
    yanked: Mapping[Key, Mapping[int, str]] = field(default_factory=dict)
    purges: Purges = NOTHING_PURGED
    redirects: tuple[Redirect, ...] = ()
    findings: tuple[Diagnostic, ...] = ()

    def catalog(self, catalog: Catalog, past: Iterable[Record]) -> Catalog:
        """Return the catalogue with what its pages say of decisions."""
        versions = {
            key: marked(some, yanked=self.yanked.get(_plain(key), {}), purged=self.purges.digests)
            for key, some in catalog.versions.items()
        }
        standings = {key: self.standings[_plain(key)] for key in catalog.artifacts if _plain(key) in self.standings}
        gone = self.records((), (record for record in past if _artifact_key(record) not in catalog.artifacts))
        return replace(
            catalog,
            versions=versions,
            standings=standings,
            moves=tuple(map(_move, self.redirects)),
            tombstones=tuple(record for record in gone if record.status is Status.PURGED),
        )

    def records(self, current: Iterable[Record], past: Iterable[Record]) -> tuple[Record, ...]:
        """Return the records to publish, from those of the catalogue, which stand as decided, and those of before."""
        current = tuple(current)
        living = {record.key for record in current}
        moved = {redirect.record.key: redirect.record for redirect in self.redirects if redirect.was_published}
        merged = [
            record if record.key in living else self._vanished(record, moved.get(record.key))
            for record in carry_over(current, past)
        ]
        return (*merged, *(redirect.record for redirect in self.redirects if not redirect.was_published))

    def _vanished(self, record: Record, moved: Record | None) -> Record:
        """Return what stays of a record that is in no source any more."""
        versions = marked(record.versions, yanked=self.yanked.get(record.key, {}), purged=self.purges.digests)
        if moved is not None:
            return tombstone(replace(moved, versions=versions))
        standing = self.standings.get(record.key, Standing())
        hidden = standing.status in (Status.QUARANTINED, Status.PURGED)
        return tombstone(
            replace(
                record,
                versions=versions,
                status=standing.status if hidden else Status.REMOVED,
                reason=standing.reason,
                successor=standing.successor,
            )
        )


def decide(
    decisions: Sequence[Decision],
    purges: Purges,
    current: tuple[Record, ...],
    past: tuple[Record, ...],
    *,
    path: Path,
    was_published: bool,
) -> Decided:
    """Return what decisions make of the records of this build and of the index before.

    Without a published index, entries that name nothing are no findings: there is nothing yet that they could name.
    Raises `ConfigurationError` where an entry means several artifacts, or renames lead in a circle.
    """
    known = carry_over(current, past)
    work = _Work(path, current, known, was_published=was_published)
    for decision in decisions:
        if decision.action is not Action.RENAME:
            work.add(decision)
    moves, moved_findings = redirects(
        [decision for decision in decisions if decision.action is Action.RENAME], current, known, path=path
    )
    return Decided(
        standings=work.standings,
        yanked=work.yanked,
        purges=purges,
        redirects=tuple(move for move in moves if not work.is_withheld(move)),
        findings=(*work.findings, *moved_findings),
    )


class _Work:
    """Collects what entries come to."""

    def __init__(
        self, path: Path, current: tuple[Record, ...], known: tuple[Record, ...], *, was_published: bool
    ) -> None:
        self.path, self.was_published = path, was_published
        self.standings: dict[Key, Standing] = {}
        self.yanked: dict[Key, dict[int, str]] = {}
        self.findings: list[Diagnostic] = []
        self.known_names, self.current_names = Names(known), Names(current)

    def add(self, decision: Decision) -> None:
        found = self._named(decision)
        if not found:
            if self.was_published:
                self._without_effect(decision, "names nothing that is published")
            return
        if decision.action is Action.YANK:
            self._yank(decision, found)
        elif decision.action is Action.PURGE and (decision.revision or decision.sha256):
            self._check_revision(decision, found)
        else:
            self._stand(decision, found)

    def is_withheld(self, redirect: Redirect) -> bool:
        """Return whether the old name is to be refused: a redirect would hand out its revisions by pin."""
        standing = self.standings.get(redirect.record.key)
        return redirect.was_published and standing is not None and standing.status is not Status.DEPRECATED

    def _named(self, decision: Decision) -> tuple[Record, ...]:
        found = self.known_names.matching(decision.reference)
        if len({record.identity for record in found}) > 1:
            names = ", ".join(full_name(record) for record in found)
            raise ConfigurationError(
                f"{self.path}:{decision.place.line}: {decision.reference.text} means {len(found)} different artifacts "
                f"({names}); write one of them"
            )
        return found

    def _yank(self, decision: Decision, found: tuple[Record, ...]) -> None:
        meant = self._check_revision(decision, found)
        for record in meant:
            self.yanked.setdefault(record.key, {})[decision.revision] = decision.reason

    def _check_revision(self, decision: Decision, found: tuple[Record, ...]) -> list[Record]:
        """Return the records that have the revision, with the content that the entry says."""
        meant = [
            record
            for record in found
            for version in record.versions
            if decision.revision in (0, version.revision) and decision.sha256 in ("", version.tar_sha256)
        ]
        if not meant and self.was_published:
            what = f"r{decision.revision}" if decision.revision else "a revision"
            content = f" with the content {decision.sha256[:12]}…" if decision.sha256 else ""
            self._without_effect(decision, f"{full_name(found[0])} has no {what}{content}")
        return meant

    def _stand(self, decision: Decision, found: tuple[Record, ...]) -> None:
        status, successor, key = _STATUS[decision.action], "", None
        if decision.use is not None:
            successor, key = self._successor(decision, decision.use)
        standing = Standing(status=status, reason=decision.reason, successor=successor, successor_key=key)
        for record in found:
            before = self.standings.get(record.key)
            if before is None or _WEIGHT[before.status] <= _WEIGHT[status]:
                self.standings[record.key] = standing

    def _successor(self, decision: Decision, use: Reference) -> tuple[str, ArtifactKey | None]:
        living = self.current_names.matching(use)
        if not living:
            self._without_effect(decision, f"`use: {use.text}` names nothing in the catalogue")
            return use.text, None
        return use.text, _artifact_key(living[0])

    def _without_effect(self, decision: Decision, why: str) -> None:
        self.findings.append(finding(decision, why))


def finding(decision: Decision, why: str) -> Diagnostic:
    """Return the finding that an entry does nothing."""
    return Diagnostic(
        code="CM112",
        severity=CODES["CM112"].severity,
        repository="",
        path=FILE_NAME,
        place=decision.place,
        message=f"{decision.action.value} {decision.reference.text}: {why}",
        hint="correct the entry, or remove it",
    )


def _move(redirect: Redirect) -> Move:
    record = redirect.record
    return Move(
        name=record.name,
        uid=record.uid,
        key=_artifact_key(record),
        target=redirect.target,
        reference=record.moved,
        reason=record.reason,
    )


def _plain(key: ArtifactKey) -> Key:
    return (key.repository, key.automation, key.folder)


def _artifact_key(record: Record) -> ArtifactKey:
    return ArtifactKey(repository=record.repository, automation=record.automation, folder=record.folder)
