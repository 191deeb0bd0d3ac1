"""What `cmsite new paper` left to be written by hand and nobody has written yet."""

from collections.abc import Iterator

from cmsite.diagnostics import Diagnostic
from cmsite.model.artifact import Artifact
from cmsite.model.results import Paper
from cmsite.results.fields import finding

PLACEHOLDER = "TODO:"
"""What a text begins with until it is written."""


def check_placeholders(artifact: Artifact, paper: Paper) -> Iterator[Diagnostic]:
    """Yield a note for each text of a paper that is still to be written."""
    if paper.title.startswith(PLACEHOLDER):
        yield _note(artifact, "/paper/title", "the title")
    for claim in paper.claims:
        if claim.text.startswith(PLACEHOLDER):
            yield _note(artifact, f"/claims/{claim.index}/text", f"the text of claim {claim.id}")


def _note(artifact: Artifact, pointer: str, what: str) -> Diagnostic:
    hint = f"write it, and take away '{PLACEHOLDER}'; docs/papers.md shows how"
    return finding(artifact, "CM524", pointer, f"{what} is still to be written", hint)
