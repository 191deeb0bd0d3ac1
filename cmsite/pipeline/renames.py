"""Entries `rename` → the redirect records that stand under old names; pure.

The old name keeps what was published under it; where nothing was (only the alias or the uid changed, in one folder), a
record without versions stands for it. Source: docs/index-format.md, "Records" and "Resolving".
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cmsite.client.naming import full_name, reference_to
from cmsite.client.resolve import matching
from cmsite.diagnostics import Diagnostic
from cmsite.errors import ConfigurationError
from cmsite.index.records import Record, Status
from cmsite.model.artifact import ArtifactKey
from cmsite.model.names import AUTOMATION_UIDS
from cmsite.model.reference import Reference
from cmsite.pipeline.decisions import FILE_NAME, Decision
from cmsite.validation.codes import CODES


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """One old name: its record, and the artifact of this build at the end of all renames."""

    record: Record
    target: ArtifactKey
    was_published: bool


def redirects(
    decisions: Sequence[Decision], current: tuple[Record, ...], known: tuple[Record, ...], *, path: Path
) -> tuple[tuple[Redirect, ...], tuple[Diagnostic, ...]]:
    """Return the redirects in the order of the entries, and a finding for each entry that does nothing.

    Each leads to the living artifact at the end, so that clients follow one. Raises `ConfigurationError` where renames
    lead in a circle.
    """
    findings, active = [], []
    current_names, known_names = Names(current), Names(known)
    for decision in decisions:
        if _bearers(decision.reference, current_names):
            findings.append(_finding(decision, "is the name of a living artifact; rename it in its source first"))
        else:
            active.append(decision)
    found: list[Redirect] = []
    for decision in active:
        living = _end(decision, active, current_names, path)
        if living:
            found.extend(_redirects(decision, living[0], current_names, known_names))
        else:
            findings.append(_finding(decision, f"{_to(decision).text} names nothing in the catalogue"))
    return tuple(found), tuple(findings)


class Names:
    """Records by what a reference may name, so that many entries cost no look at every record each."""

    def __init__(self, records: tuple[Record, ...]) -> None:
        self._by_uid: dict[str, list[Record]] = {}
        self._by_alias: dict[str, list[Record]] = {}
        for record in records:
            self._by_uid.setdefault(record.uid, []).append(record)
            self._by_alias.setdefault(record.alias, []).append(record)

    def matching(self, reference: Reference) -> tuple[Record, ...]:
        """Return the records that a reference names, as `resolve.matching` does."""
        name = reference.name
        found = self._by_uid.get(name.uid, []) if name.uid else self._by_alias.get(name.alias, [])
        return matching(reference, found)


def _bearers(old: Reference, records: Names) -> list[Record]:
    """Return the records that bear the whole old name: the alias and, where the entry has one, the uid."""
    return [
        record
        for record in records.matching(replace(old, name=old.name._replace(uid="")))
        if old.name.uid in ("", record.uid)
    ]


def _end(decision: Decision, active: Sequence[Decision], current: Names, path: Path) -> tuple[Record, ...]:
    """Return the living records at the end of all renames, nothing where the last name is none."""
    step, passed = decision, [decision.reference.text]
    while not (living := current.matching(_to(step))):
        following = next((other for other in active if _is_same(other.reference, _to(step))), None)
        if following is None:
            return ()
        step = following
        passed.append(step.reference.text)
        if passed[-1] in passed[:-1]:
            raise ConfigurationError(
                f"{path}:{decision.place.line}: renames lead in a circle ({' → '.join(passed)}); remove one of the entries"
            )
    return living


def _is_same(old: Reference, name: Reference) -> bool:
    """Return whether two references mean one name; what one of them leaves out does not tell them apart."""
    pairs = ((old.repository, name.repository), (old.name.uid, name.name.uid))
    return old.key == name.key and all(not one or not other or one == other for one, other in pairs)


def _redirects(decision: Decision, target: Record, current: Names, known: Names) -> list[Redirect]:
    """Return a redirect for each record of the old name that is gone, or one that was never published."""
    moved = reference_to(target, (), lambda asked, _: current.matching(asked))
    if "@" in moved.partition(":")[2]:
        moved = full_name(target)
    gone = [record for record in _bearers(decision.reference, known) if record.status is Status.REMOVED]
    key = ArtifactKey(repository=target.repository, automation=target.automation, folder=target.folder)
    records = [
        replace(record, status=Status.MOVED, moved=moved, reason=decision.reason, successor="")
        for record in gone or [_bare(decision.reference, target)]
    ]
    return [Redirect(record=record, target=key, was_published=bool(gone)) for record in records]


def _bare(old: Reference, target: Record) -> Record:
    """Return a record without versions for a name under which nothing is kept."""
    automation = old.automation_alias
    same = automation == target.automation
    return Record(
        automation=automation,
        automation_uid=target.automation_uid if same else AUTOMATION_UIDS.get(automation, ""),
        alias=old.name.alias,
        uid=old.name.uid,
        repository=old.repository or target.repository,
        rank=target.rank,
        folder=old.name.alias,
        format=target.format,
    )


def _to(decision: Decision) -> Reference:
    assert decision.to is not None  # noqa: S101 - the reader refuses an entry without it.
    return decision.to


def _finding(decision: Decision, why: str) -> Diagnostic:
    return Diagnostic(
        code="CM112",
        severity=CODES["CM112"].severity,
        repository="",
        path=FILE_NAME,
        place=decision.place,
        message=f"rename {decision.reference.text}: {why}",
        hint="correct the entry, or remove it",
    )
