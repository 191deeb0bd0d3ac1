"""Licences: whether a repository has one, and whether an expression is one of SPDX. Pure.

Source: the SPDX License List and Annex "SPDX license expressions" of the SPDX specification, as `packaging` knows them.
"""

import re
from collections.abc import Iterator
from typing import Any

from cmsite.diagnostics import Diagnostic
from cmsite.documents import Document, Problem
from cmsite.model.repository import Repository
from cmsite.validation.problems import problem

MIN_ARTIFACTS = 5
MAX_EXPRESSION = 200  # Characters; a longer text is prose.

_SAID_NOTHING = frozenset({"NONE", "NOASSERTION"})  # SPDX has both as values beside expressions.
_NOISE = re.compile(
    r"\b(?:the|licen[sc]ed?|version|under|software|public|general|gnu)\b|\bv(?=\d)|[,()]", re.IGNORECASE
)
_WRITTEN_OUT = {
    "apache": "Apache-2.0",
    "apache2": "Apache-2.0",
    "asl-2.0": "Apache-2.0",
    "bsd": "BSD-3-Clause",
    "new-bsd": "BSD-3-Clause",
    "simplified-bsd": "BSD-2-Clause",
    "cc-by": "CC-BY-4.0",
    "cc0": "CC0-1.0",
    "domain": "CC0-1.0",
    "expat": "MIT",
    "gpl": "GPL-3.0-or-later",
    "gplv2": "GPL-2.0-only",
    "gplv3": "GPL-3.0-only",
    "lgpl": "LGPL-3.0-or-later",
    "lgplv3": "LGPL-3.0-only",
    "mozilla": "MPL-2.0",
    "mpl": "MPL-2.0",
    "psf": "PSF-2.0",
}


def check_license(repository: Repository, artifacts: int, *, has_file: bool) -> Iterator[Diagnostic]:
    """Yield a finding where a repository has neither a licence file nor the key.

    Neither an extract of metas nor one that has just been begun, with few artifacts, is judged.
    """
    if has_file or artifacts < MIN_ARTIFACTS or repository.metas_only or repository.description.get("license"):
        return
    found = problem(
        "CM416",
        "there is no licence file at the root and no `license:`",
        hint="add a file LICENSE, which travels with every artifact",
    )
    yield found.in_file(repository.key, repository.descriptors[0] if repository.descriptors else repository.path)


def check_expression(document: Document) -> Iterator[Problem]:
    """Yield a problem where `license` of a meta or descriptor is a text and no SPDX expression."""
    value = document.data.get("license") if isinstance(document.data, dict) else None
    if not isinstance(value, str) or not value.strip() or value.strip() in _SAID_NOTHING or _is_expression(value):
        return
    near = _meant(value)
    hint = (
        f"did you mean {near!r}?" if near else "write an identifier of https://spdx.org/licenses/, or LicenseRef-NAME"
    )
    shown = value if len(value) <= 60 else value[:59] + "…"  # noqa: PLR2004 - characters that a message quotes.
    yield problem("CM417", f"the licence {shown!r} is no SPDX expression", document, "/license", hint)


def _is_expression(value: Any) -> bool:
    """Return whether a text is a licence expression of known identifiers."""
    if len(value) > MAX_EXPRESSION:
        return False
    from packaging.licenses import canonicalize_license_expression

    try:
        canonicalize_license_expression(value.strip())
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return False
    return True


def _meant(value: str) -> str:
    """Return the identifier that a name of a licence stands for, "" where it is not clear.

    >>> _meant("Apache License, Version 2.0"), _meant("MIT License"), _meant("GPL v3"), _meant("see LICENSE")
    ('Apache-2.0', 'MIT', 'GPL-3.0-only', '')
    """
    words = _NOISE.sub(" ", value[:MAX_EXPRESSION]).replace("-", " ").split()
    joined = "-".join(words).casefold()
    whole = re.sub(r"-(\d+)\Z", r"-\1.0", joined)
    for name in (joined, whole, re.sub(r"-(\d+)(?:\.0)?-clause\Z", r"-\1-clause", joined)):
        for known in (_WRITTEN_OUT.get(name, ""), f"{name}-only", name):
            if known and _is_expression(known):
                from packaging.licenses import canonicalize_license_expression

                return str(canonicalize_license_expression(known))
    return ""
