"""Which artifact a record names as `[repository/]automation:alias,uid`; pure. Source: CONTRACT §2 (references), §9."""

import difflib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from cmsite.diagnostics import Diagnostic
from cmsite.model.artifact import Artifact, ArtifactKey
from cmsite.model.experience import Experience
from cmsite.model.names import parse_pair
from cmsite.results.fields import finding

MAX_GUESSES = 50  # Of names that could be meant; each looks at every artifact.
MAX_NAME = 100  # Characters of a reference that a message shows and that near names are looked up for.

Uids = Mapping[str, Sequence[ArtifactKey]]
Names = Mapping[tuple[str, str], Sequence[ArtifactKey]]


def named_artifact(uids: Uids, names: Names, reference: str, repository: str) -> ArtifactKey | None:
    """Return the artifact that a reference names, None where there is none.

    `repository` is the one of the record: of several copies its own is taken, else the first; `uids` are all artifacts
    of a uid, `names` all of an (automation, name).
    """
    place, _, name = reference.partition(":")
    owner, _, automation = place.rpartition("/")
    pair = parse_pair(name.partition("@")[0])
    keys: Sequence[ArtifactKey] = ()
    if pair.uid:
        keys = uids.get(pair.uid, ())
    elif pair.alias and ":" in reference:
        keys = names.get((automation, pair.alias), ())
    found = [key for key in keys if key.automation == automation and owner in ("", key.repository)]
    return next((key for key in found if key.repository == repository), found[0] if found else None)


class ArtifactFinder:
    """Finds artifacts by reference among all that were read, also those that are read for dependencies only."""

    def __init__(self, artifacts: Iterable[Artifact]) -> None:
        """Index the artifacts."""
        self._uids: dict[str, list[ArtifactKey]] = defaultdict(list)
        self._names: dict[tuple[str, str], list[ArtifactKey]] = defaultdict(list)
        self._guesses: dict[str, str] = {}
        for artifact in artifacts:
            self._uids[artifact.uid].append(artifact.key)
            self._names[artifact.key.automation, artifact.display_name].append(artifact.key)

    def find(self, reference: str, repository: str) -> ArtifactKey | None:
        """Return the artifact, None where none has this name."""
        return named_artifact(self._uids, self._names, reference, repository)

    def near(self, reference: str) -> str:
        """Return a name that could be meant, "" where none is near."""
        wanted = reference[:MAX_NAME].rpartition("/")[2].partition(",")[0]
        if wanted not in self._guesses and len(self._guesses) < MAX_GUESSES:
            names = [f"{automation}:{name}" for automation, name in self._names]
            self._guesses[wanted] = next(iter(difflib.get_close_matches(wanted, names, n=1, cutoff=0.75)), "")
        return self._guesses.get(wanted, "")


def check_experience(artifact: Artifact, experience: Experience, finder: ArtifactFinder) -> Iterator[Diagnostic]:
    """Yield a finding where the artifact that was tried is none that was read: no page counts the report."""
    reference = experience.reference
    if not reference or finder.find(reference, artifact.key.repository) is not None:
        return
    near = finder.near(reference)
    hint = (
        f"did you mean {near!r}?" if near else "correct the name, or add the repository of the artifact to the sources"
    )
    message = f"the artifact {reference[:MAX_NAME]!r} is in none of the repositories read; no page counts this report"
    yield finding(artifact, "CM509", "/experience/artifact/reference", message, hint)
