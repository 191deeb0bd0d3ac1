"""Whether the files named as evidence are there, with the recorded size and digest.

Bytes come by the `read` argument. Source: facts/results.md §1 (evidence: path, sha256, bytes).
"""

import hashlib
from collections.abc import Callable, Iterator

from cmsite.diagnostics import Diagnostic
from cmsite.errors import SourceError
from cmsite.model.artifact import Artifact
from cmsite.model.experience import Experience
from cmsite.model.results import Evidence, Reproduction
from cmsite.results.fields import finding

Read = Callable[[Artifact, str], bytes]
"""Returns the bytes of a file of an artifact by its path in the source tree; raises `SourceError`."""


def check_evidence(artifact: Artifact, record: Reproduction | Experience, read: Read) -> Iterator[Diagnostic]:
    """Yield a finding for each piece of evidence or log that is missing or not the recorded bytes.

    Only files that belong to the artifact are read, so no path leads elsewhere.
    """
    sources = {file.path: file.source for file in artifact.files}
    for piece in record.evidence:
        if piece.path:
            problem = _problem(artifact, piece, sources, read)
            if problem:
                pointer = f"/{artifact.key.automation}/evidence/{piece.index}"
                hint = "put back the file that was used; a new file needs a new run"
                yield finding(artifact, "CM503", pointer, f"{piece.path} {problem}", hint)
    recorded = {piece.path for piece in record.evidence}
    for run in record.runs:
        if run.log and run.log not in sources and run.log not in recorded and "://" not in run.log:
            message = f"the log {run.log} is not in the artifact's folder"
            yield finding(
                artifact,
                "CM503",
                f"/{artifact.key.automation}/runs/{run.index}/log",
                message,
                "add the log of this run",
            )


def _problem(artifact: Artifact, piece: Evidence, sources: dict[str, str], read: Read) -> str:
    """Return what is wrong with one file, "" where it is the recorded one."""
    source = sources.get(piece.path)
    if source is None:
        return "is not in the artifact's folder"
    try:
        content = read(artifact, source)
    except SourceError as error:
        return f"cannot be read: {error}"
    if piece.size_bytes is not None and len(content) != piece.size_bytes:
        return f"has {len(content):,} bytes, {piece.size_bytes:,} were recorded"
    digest = hashlib.sha256(content).hexdigest()
    if piece.sha256 and digest != piece.sha256:
        return f"has the sha256 {digest}, {piece.sha256} was recorded"
    return ""
