"""Which artifacts lack a README where most of their kind have one. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from cmsite.diagnostics import Diagnostic
from cmsite.model.artifact import Artifact
from cmsite.model.repository import Repository
from cmsite.validation.problems import problem

MAX_NAMED = 5  # Artifacts that one finding names.
MAX_LACKING = 0.25  # Of a kind; where more lack one, a README is not the custom there.

# Where a person looks for words: not in experiments, configurations, caches, contributors, nor in packages and software
# detection of CK, whose metas say it all.
_KINDS = frozenset(
    {
        "automation",
        "challenge",
        "notebook",
        "jnotebook",
        "paper",
        "program",
        "project",
        "report",
        "reproduction",
        "script",
    }
)


def check_readmes(artifacts: Iterable[Artifact], repositories: Iterable[Repository]) -> Iterator[Diagnostic]:
    """Yield one note for each repository and kind of artifact of which most, but not all, have a README."""
    by_kind: dict[tuple[str, str], list[Artifact]] = defaultdict(list)
    for artifact in artifacts:
        if artifact.key.automation in _KINDS and not artifact.extra.get("redirect"):
            by_kind[artifact.key.repository, artifact.key.automation].append(artifact)
    descriptors = {
        repository.key: repository.descriptors[0] if repository.descriptors else repository.path
        for repository in repositories
        if not repository.metas_only
    }
    for (repository, automation), members in sorted(by_kind.items()):
        lacking = sorted(artifact.display_name for artifact in members if not _has_readme(artifact))
        if repository not in descriptors or not lacking or len(lacking) > len(members) * MAX_LACKING:
            continue
        names = ", ".join(lacking[:MAX_NAMED])
        more = f" and {len(lacking) - MAX_NAMED:,} more" if len(lacking) > MAX_NAMED else ""
        verb = "has" if len(lacking) == 1 else "have"
        message = f"{len(lacking):,} of {len(members):,} artifacts of kind {automation} {verb} no README: {names}{more}"
        found = problem("CM415", message, hint="say in a README.md what each is for and how it is used")
        yield found.in_file(repository, descriptors[repository])


def _has_readme(artifact: Artifact) -> bool:
    return any(file.path.lower().startswith(("readme", "info.md")) for file in artifact.files)
