"""Names of an artifact's files: those that no client could write on every system are left out of pages and archives.

Source: facts/index.md §4 (20 to 28): every client refuses an archive that holds such a name.
"""

from dataclasses import replace

from cmsite.diagnostics import Diagnostic
from cmsite.member_names import NameRegister, check_member_name
from cmsite.model.artifact import Artifact
from cmsite.validation.codes import CODES


def without_unsafe_names(artifact: Artifact) -> tuple[Artifact, tuple[Diagnostic, ...]]:
    """Return the artifact without files of unsafe names, and a finding for each of them."""
    register = NameRegister()
    kept, found = [], []
    for file in artifact.files:
        fault = check_member_name(file.path, writing=True) or register.add(file.path)
        if fault is None:
            kept.append(file)
            continue
        found.append(
            Diagnostic(
                code="CM405",
                severity=CODES["CM405"].severity,
                repository=artifact.key.repository,
                path=file.source,
                message=f"{fault.message}: the file is not published",
                hint=fault.hint,
            )
        )
    return (replace(artifact, files=tuple(kept)) if found else artifact), tuple(found)
