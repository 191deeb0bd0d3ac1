"""One decision from what a person typed, with the names, revision and digest that the published index knows; pure.

Source: CONTRACT §13 (`cmsite yank|deprecate|quarantine|purge REF`, `cmsite rename OLD NEW`).
"""

from collections.abc import Sequence

from cmsite.client.naming import full_name, reference_to, spelled
from cmsite.client.resolve import matching, meets
from cmsite.errors import AmbiguousError, NotFoundError, UsageError
from cmsite.index.records import Record, Status, Version
from cmsite.index.revise import is_redirect
from cmsite.model.names import NamePair
from cmsite.model.reference import Reference, near_names, parse_reference
from cmsite.pipeline.decisions import Action, Decision, reason_fault


def compose(
    action: Action, text: str, records: tuple[Record, ...], *, reason: str, use: str = "", date: str = ""
) -> Decision:
    """Return the decision about what `text` names among the published `records`.

    A yank is of one revision, the newest where none is pinned; so is a purge with a pin. Without a repository in `text`
    the others are of every copy. Raises `NotFoundError`, `AmbiguousError`, `UsageError`.
    """
    _check_reason(reason)
    asked = parse_reference(text)
    hits = _published(asked, records)
    version = None
    if action is Action.YANK or (action is Action.PURGE and asked.pin is not None):
        hits = hits[:1]
        version = _version(asked, hits[0])
    elif asked.pin is not None:
        raise UsageError(f"{text}: `{action.value}` is of all revisions, write it without @{asked.pin}")
    has_repository = version is not None or bool(asked.repository) or asked.page is not None
    return Decision(
        action=action,
        reference=parse_reference(_named(hits[0], records, with_repository=has_repository)),
        reason=reason,
        revision=version.revision if version else 0,
        sha256=version.tar_sha256 if version else "",
        use=_successor(use, records) if use else None,
        date=date,
    )


def compose_rename(old: str, new: str, records: tuple[Record, ...], *, reason: str = "", date: str = "") -> Decision:
    """Return the decision that what was published as `old` is now `new`, which need not be published yet.

    Raises as `compose` does, and `UsageError` where `new` is no name of an artifact or the same as `old`.
    """
    _check_reason(reason)
    asked, wanted = parse_reference(old), parse_reference(new)
    if asked.pin is not None or wanted.pin is not None:
        raise UsageError("a rename is of all revisions: write both names without a version")
    record = _published(asked, records)[0]
    known = tuple(item for item in matching(wanted, records) if item.key != record.key or item.alias != record.alias)
    if known:
        target = parse_reference(_whole_name(known[0]))
    elif wanted.key:
        target = parse_reference(_text(wanted, wanted.repository or record.repository))
    else:
        raise UsageError(f"{new}: nothing is published under this uid; write automation:alias, for instance script:new")
    source = parse_reference(_whole_name(record))
    if (source.key, source.name.uid, source.repository) == (
        target.key,
        target.name.uid or source.name.uid,
        target.repository,
    ):
        raise UsageError(f"{old} and {new} are one name")
    return Decision(action=Action.RENAME, reference=source, reason=reason, to=target, date=date)


def refuse_purged(decision: Decision, before: Sequence[Decision], records: tuple[Record, ...]) -> None:
    """Raise `UsageError` where an artifact that is purged whole would be renamed: nothing is left that could lead on."""
    meant = matching(decision.reference, records)
    purged = [entry for entry in before if entry.action is Action.PURGE and not entry.revision and not entry.sha256]
    gone = [
        record
        for record in meant
        if record.status is Status.PURGED or any(record in matching(entry.reference, records) for entry in purged)
    ]
    if gone:
        raise UsageError(
            f"{decision.reference.text} is purged: a tombstone stays under its name and leads nowhere; "
            "publish the new artifact under a name and a uid of its own"
        )


def _check_reason(reason: str) -> None:
    fault = reason_fault(reason)
    if fault:
        raise UsageError(f"--reason: {fault}")


def _published(asked: Reference, records: tuple[Record, ...]) -> tuple[Record, ...]:
    """Return the published records of a name, those of the first repository first."""
    hits = tuple(record for record in matching(asked, records) if not is_redirect(record))
    if not hits:
        wanted = f"{asked.automation_alias}:{asked.name.alias or asked.name.uid}"
        raise NotFoundError(
            f"{asked.text}: nothing is published under this name; what was never published needs no decision, "
            "remove it from the source",
            near_names(wanted, (record.name for record in records)),
        )
    if len({record.identity for record in hits}) > 1:
        raise AmbiguousError(
            f"{asked.text}: {len(hits)} different artifacts have this name; name one of them", spelled(hits, matching)
        )
    return hits


def _version(asked: Reference, record: Record) -> Version:
    kept = [version for version in reversed(record.versions) if version.purged is None]
    found = [version for version in kept if asked.pin is None or meets(version, asked.pin)]
    if not found:
        there = ", ".join(f"r{version.revision}" for version in kept) or "none"
        raise NotFoundError(f"{asked.text}: {full_name(record)} has no such revision; there are: {there}")
    return found[0]


def _named(record: Record, records: tuple[Record, ...], *, with_repository: bool) -> str:
    """Return a reference to a record, or to all copies of its artifact."""
    if not with_repository and record.uid:
        text = f"{record.automation}:{record.uid}"
        copies = matching(parse_reference(text), records)
        if {copy.identity for copy in copies} == {record.identity}:
            return _readable(f"{record.automation}:{record.alias},{record.uid}", copies, records) or text
    text = reference_to(record, tuple(item for item in records if not is_redirect(item)), matching)
    if not text or "@sha256:" in text:
        raise AmbiguousError(
            f"{full_name(record)}: nothing but its content tells this artifact from another of its name"
        )
    return text


def _readable(text: str, meant: tuple[Record, ...], records: tuple[Record, ...]) -> str:
    """Return a text where it means the same as a uid, "" where an odd alias makes it mean something else."""
    try:
        reference = parse_reference(text)
    except UsageError:
        return ""
    return text if reference.pin is None and matching(reference, records) == meant else ""


def _successor(use: str, records: tuple[Record, ...]) -> Reference:
    """Return what is to be used instead; it may be published with the same build that reads the decision."""
    wanted = parse_reference(use)
    if wanted.pin is not None or wanted.page is not None:
        raise UsageError(f"--use {use}: name an artifact, without a version: [repository/]automation:alias")
    hits = tuple(record for record in matching(wanted, records) if record.status.is_listed)
    if len({record.identity for record in hits}) > 1:
        raise AmbiguousError(f"--use {use}: {len(hits)} different artifacts have this name", spelled(hits, matching))
    return parse_reference(reference_to(hits[0], hits, matching)) if hits else wanted


def _whole_name(record: Record) -> str:
    """Return alias and uid of a record as a rename needs them.

    Raises `UsageError` where the alias holds signs that mean something in a reference.
    """
    text = full_name(record)
    try:
        reference = parse_reference(text)
    except UsageError:
        reference = Reference(text=text)
    pair = NamePair(alias=record.alias, uid=record.uid)
    if reference.pin is not None or reference.name != pair:
        raise UsageError(f"{text}: a name with @ or , cannot be renamed by a reference; write the entry by its uid")
    return text


def _text(wanted: Reference, repository: str) -> str:
    name = f"{wanted.name.alias},{wanted.name.uid}" if wanted.name.uid else wanted.name.alias
    return f"{repository}/{wanted.automation_alias}:{name}"
