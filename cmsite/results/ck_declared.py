"""The number of points that the meta of a CK experiment declares, against the files of points beside it. Pure.

Source: module/experiment/module.py of ctuning/ck-analytics: every point adds 1 to `points`, which is kept as a text, and
leaves files `ckp-UID.…` behind; facts/formats.md §7 (37 experiments of real repositories disagree).
"""

import re
from collections.abc import Iterable, Iterator

from cmsite.diagnostics import Diagnostic
from cmsite.documents import Document
from cmsite.model.artifact import Artifact
from cmsite.model.repository import Format
from cmsite.results.codes import RESULT_CODES

_POINT = re.compile(r"ckp-([0-9a-f]{16})\.")
_MAX_DIGITS = 9


def check_declared_points(
    artifact: Artifact, documents: Iterable[Document], *, is_extract: bool
) -> Iterator[Diagnostic]:
    """Yield a finding where the counts differ; in an extract that has no file of points they may lie elsewhere."""
    if artifact.format is not Format.CK or artifact.key.automation != "experiment":
        return
    for document in documents:
        data = document.data
        declared = data.get("points") if isinstance(data, dict) else None
        if isinstance(declared, bool) or not isinstance(declared, int | str):
            continue
        text = str(declared).strip()
        if not (text.isascii() and text.isdigit()) or len(text) > _MAX_DIGITS:
            continue
        found = len({match[1] for file in artifact.files if (match := _POINT.match(file.path))})
        if found == int(text) or (found == 0 and is_extract):
            continue
        yield Diagnostic(
            code="CM525",
            severity=RESULT_CODES["CM525"].severity,
            repository=artifact.key.repository,
            path=document.path,
            message=f"`points` says {int(text):,}, but there are files of {found:,} points",
            place=document.place("/points"),
            pointer="/points",
            hint="add the files that are missing, or correct the number",
        )
