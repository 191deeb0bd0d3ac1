"""Purged content: what a build must never pack again.

What was purged before stays so, whatever decisions.yml says today: its bytes are gone, and a source or a previous site
that still holds them must not bring them back. Source: CONTRACT §3; docs/lifecycle.md.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from cmsite.client.resolve import matching
from cmsite.diagnostics import Diagnostic
from cmsite.index.records import Record
from cmsite.model.artifact import Artifact
from cmsite.model.reference import Reference
from cmsite.pipeline.decisions import Action, Decision
from cmsite.validation.codes import CODES


@dataclass(frozen=True, slots=True, kw_only=True)
class Purges:
    """What must not be published: `digests` of contents with the reasons, and whole `artifacts`."""

    digests: Mapping[str, str] = field(default_factory=dict)
    artifacts: tuple[tuple[Reference, str], ...] = ()

    def is_new_to(self, past: Iterable[Record]) -> bool:
        """Return whether a published index offers something that is purged now."""
        return bool(self.digests) and any(
            version.purged is None and version.tar_sha256 in self.digests
            for record in past
            for version in record.versions
        )

    def of_artifact(self, artifact: Artifact) -> str | None:
        """Return why an artifact is purged whole, None where it is not."""
        if not self.artifacts:
            return None
        key = artifact.key
        record = Record(
            automation=key.automation,
            automation_uid=artifact.automation_uid,
            alias=artifact.display_name,
            uid=artifact.uid,
            repository=key.repository,
            rank=0,
            folder=key.folder,
            format=artifact.format.value,
        )
        return next((reason for reference, reason in self.artifacts if matching(reference, (record,))), None)


NOTHING_PURGED = Purges()


def purges_of(decisions: Iterable[Decision], past: Sequence[Record]) -> Purges:
    """Return what the decisions purge, and what was purged before."""
    digests = {
        version.tar_sha256: version.purged
        for record in past
        for version in record.versions
        if version.purged is not None
    }
    artifacts = []
    for decision in decisions:
        if decision.action is not Action.PURGE:
            continue
        if decision.sha256:
            digests[decision.sha256] = decision.reason
            continue
        for record in matching(decision.reference, past):
            for version in record.versions:
                if decision.revision in (0, version.revision):
                    digests[version.tar_sha256] = decision.reason
        if not decision.revision:
            artifacts.append((decision.reference, decision.reason))
    return Purges(digests=digests, artifacts=tuple(artifacts))


def purged_finding(artifact: Artifact, reason: str) -> Diagnostic:
    """Return the finding that a source still holds what was purged."""
    return Diagnostic(
        code="CM113",
        severity=CODES["CM113"].severity,
        repository=artifact.key.repository,
        path=artifact.path,
        message=f"{artifact.key.automation}:{artifact.display_name} was purged ({reason}), and the source still holds it",
        hint="remove or correct it in the source, its history too; decisions.yml says what was purged",
    )
