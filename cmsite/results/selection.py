"""The rows that a reference names: those of a paper, of a reproduction, or of the artifact that was reproduced.

Source: CONTRACT §2 (references; different uids are ambiguous), §13 (`results [REF]`).
"""

from collections.abc import Iterable, Sequence

from cmsite.errors import AmbiguousError, NotFoundError, UsageError
from cmsite.model.artifact import ArtifactKey
from cmsite.model.names import PAPER, REPRODUCTION, is_uid, normal_uid, slug
from cmsite.model.reference import Reference, near_names, parse_reference
from cmsite.model.results import Paper, Reproduction
from cmsite.results.table import ClaimRow


def rows_of_reference(
    text: str, rows: Sequence[ClaimRow], papers: Sequence[Paper], reproductions: Sequence[Reproduction]
) -> tuple[ClaimRow, ...]:
    """Return the rows of one paper, or of the reproductions that a reference names or that ran what it names.

    A name alone is that of a paper or reproduction. Raises `UsageError` for what is no reference or asks for a
    version, `NotFoundError` with near names, `AmbiguousError` where papers with different uids have the name.
    """
    wanted = _parsed(text)
    found = [paper for paper in papers if _names(wanted, PAPER, paper.uid, paper.alias, paper.origins)]
    if len({paper.uid for paper in found}) > 1:
        raise AmbiguousError(
            f"{text} is the name of {len(found)} papers; name one with its repository or uid",
            tuple(f"{paper.key.repository}/{PAPER}:{paper.alias},{paper.uid}" for paper in found),
        )
    if found:
        return tuple(row for row in rows if row.paper in found)
    attempts = [item for item in reproductions if _names(wanted, REPRODUCTION, item.uid, item.alias, item.origins)]
    attempts = attempts or [item for item in reproductions if _ran(wanted, item)]
    if not attempts:
        raise NotFoundError(
            f"no paper, reproduction or reproduced artifact is called {text}",
            near_names(_key(wanted), _known(papers, reproductions)),
        )
    return tuple(row for row in rows if row.reproduction in attempts)


def _parsed(text: str) -> Reference:
    """Parse a reference; one without an automation stands for a paper or reproduction of that name."""
    bare = text.strip()
    if bare and not any(sign in bare for sign in ":/@,") and not is_uid(bare):
        return parse_reference(f"{PAPER}:{bare}")
    wanted = parse_reference(bare)
    if wanted.pin is not None:
        raise UsageError(f"{text}: results are those of the sources as they are; leave out @{wanted.pin}")
    return wanted


def _names(wanted: Reference, automation: str, uid: str, alias: str, origins: Iterable[ArtifactKey]) -> bool:
    """Return whether a reference names an artifact with these names and places."""
    places = tuple(origins)
    if wanted.page is not None:
        page = (wanted.page.repository, wanted.page.automation, wanted.page.folder)
        return any((slug(key.repository), slug(key.automation), slug(key.folder)) == page for key in places)
    if wanted.automation_alias not in ("", automation):
        return False
    if wanted.repository and wanted.repository not in {key.repository for key in places}:
        return False
    if is_uid(wanted.name.uid):
        return normal_uid(wanted.name.uid) == uid
    return wanted.name.alias in (alias, *(key.folder for key in places))


def _ran(wanted: Reference, attempt: Reproduction) -> bool:
    """Return whether a reproduction says that it ran the artifact a reference names."""
    try:
        ran = parse_reference(attempt.artifact_reference)
    except UsageError:
        return False
    if wanted.page is not None:
        page = (wanted.page.automation, wanted.page.folder)
        return (slug(ran.automation_alias), slug(ran.name.alias)) == page and bool(ran.name.alias)
    if is_uid(wanted.name.uid) and is_uid(ran.name.uid):
        return normal_uid(wanted.name.uid) == normal_uid(ran.name.uid)
    return bool(wanted.key) and wanted.key == ran.key


def _key(wanted: Reference) -> str:
    return wanted.key or wanted.name.alias or wanted.text


def _known(papers: Iterable[Paper], reproductions: Iterable[Reproduction]) -> list[str]:
    """Return every name that would have been found."""
    names = [f"{PAPER}:{paper.alias}" for paper in papers]
    for attempt in reproductions:
        names.append(f"{REPRODUCTION}:{attempt.alias}")
        if attempt.artifact_reference:
            names.append(attempt.artifact_reference.partition(",")[0])
    return names
