"""That an artifact worked or failed for somebody: pure types.

Source: docs/adr/0013; docs/recording.md has the format with an example.
"""

import enum
from dataclasses import dataclass

from cmsite.model.artifact import ArtifactKey
from cmsite.model.results import Evidence, Pairs, Person, Run


class ExperienceStatus(enum.Enum):
    """How it did; failures come first."""

    FAILS = "fails"
    WORKS = "works"


@dataclass(frozen=True, slots=True, kw_only=True)
class Experience:
    """One report on one machine.

    `reference` names the artifact as `automation:alias,uid`; `version` and `sha256` (content digest) say which, "" where
    unknown; `versions` are those of what it was tried with. `status` is None where the meta has none that can be read.
    """

    key: ArtifactKey
    reference: str = ""
    version: str = ""
    sha256: str = ""
    status: ExperienceStatus | None = None
    check_time: str = ""
    agents: tuple[Person, ...] = ()
    environment: Pairs = ()
    versions: Pairs = ()
    runs: tuple[Run, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    note: str = ""
