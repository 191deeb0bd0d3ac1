"""All checks of papers and reproductions over a catalogue, each finding at its place; pure.

The shape of a meta in CM format is checked by the rules in `registry/rules`, so CM501 is left out there.
Source: DESIGN §5.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from cmsite.catalog.catalog import Catalog
from cmsite.diagnostics import Diagnostic, Place
from cmsite.model.artifact import Artifact
from cmsite.model.names import EXPERIENCE, PAPER, REPRODUCTION
from cmsite.model.repository import Format
from cmsite.results.evidence import Read, check_evidence
from cmsite.results.experiences import read_experience
from cmsite.results.gathering import PaperFinder, gather
from cmsite.results.placeholders import check_placeholders
from cmsite.results.programs import ArtifactFinder, check_experience
from cmsite.results.reading import read_paper, read_reproduction
from cmsite.results.references import check_paper, check_reproduction

Locate = Callable[[str, str, str], Place | None]
"""(repository key, path in the source, pointer) → place."""


def check_results(
    catalog: Catalog, read: Read, place: Locate, required: Sequence[Artifact] = ()
) -> Iterator[Diagnostic]:
    """Yield the findings about papers, reproductions and experiences.

    `read` returns the bytes of a file of an artifact; `required` are the artifacts that are read for dependencies only.
    """
    papers = PaperFinder(gather(catalog.artifacts.values()).papers)
    has_experiences = any(key.automation == EXPERIENCE for key in catalog.artifacts)
    artifacts = ArtifactFinder((*catalog.artifacts.values(), *required) if has_experiences else ())
    for artifact in catalog.artifacts.values():
        for found in _checked(artifact, papers, artifacts, read):
            if found.code != "CM501" or artifact.format is not Format.CM:
                yield replace(found, place=place(found.repository, found.path, found.pointer))


def _checked(artifact: Artifact, papers: PaperFinder, artifacts: ArtifactFinder, read: Read) -> Iterator[Diagnostic]:
    if artifact.key.automation == PAPER:
        paper = read_paper(artifact)
        yield from paper.findings
        yield from check_paper(artifact, paper.value)
        yield from check_placeholders(artifact, paper.value)
    elif artifact.key.automation == REPRODUCTION:
        reproduction = read_reproduction(artifact)
        yield from reproduction.findings
        yield from check_reproduction(artifact, reproduction.value, papers.find(reproduction.value))
        yield from check_evidence(artifact, reproduction.value, read)
    elif artifact.key.automation == EXPERIENCE:
        experience = read_experience(artifact)
        yield from experience.findings
        yield from check_experience(artifact, experience.value, artifacts)
        yield from check_evidence(artifact, experience.value, read)
