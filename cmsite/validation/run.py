"""All rules over what was read: one artifact at a time, then across artifacts; pure.

`check_reading` runs in worker processes, `check_catalog` once everything is joined.
Source: DESIGN §5; CONTRACT §13 (`--fail-on`).
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from cmsite.catalog.catalog import Catalog
from cmsite.catalog.dependencies import DependencyResolver
from cmsite.diagnostics import Diagnostic, Place
from cmsite.documents import Document, split_pointer
from cmsite.formats.layout import StrayMeta
from cmsite.formats.reading import ArtifactReading
from cmsite.model.artifact import Artifact
from cmsite.model.repository import Format, Repository
from cmsite.model.tree import RefusedEntry
from cmsite.validation.codes import CODES
from cmsite.validation.flaws import bounded
from cmsite.validation.licenses import check_expression
from cmsite.validation.named_files import check_named_files
from cmsite.validation.problems import problem
from cmsite.validation.references import check_references
from cmsite.validation.repository_uids import check_repository_uid
from cmsite.validation.rules import Rule
from cmsite.validation.script_rules import check_script
from cmsite.validation.shape import check_identity, check_shape
from cmsite.validation.tags import check_any_tag
from cmsite.validation.unsettled import NOTHING_UNREAD, Unread
from cmsite.validation.values import check_values

Locate = Callable[[str, str, str], Place | None]  # (repository key, path in the source, pointer) → place


def check_reading(
    reading: ArtifactReading, rules: tuple[Rule, ...], *, is_pinned: bool = False
) -> tuple[Diagnostic, ...]:
    """Return the findings about one artifact's metas; a pinned artifact needs no uid of its own."""
    folder = reading.folder
    found: list[Diagnostic] = []
    automation = reading.artifact.key.automation if reading.artifact is not None else folder.automation
    format_ = folder.format.value
    chosen = tuple(rule for rule in rules if rule.applies_to(format_, automation))
    for number, document in enumerate(reading.documents):
        problems = list(document.problems)
        if document.data is not None:
            is_last = number == len(reading.documents) - 1
            if len(reading.documents) == 1 or folder.format is Format.CK:
                problems.extend(check_shape(document, chosen))
            else:
                problems.extend(item for item in check_shape(document, chosen) if item.code != "CM202" or is_last)
            if folder.format is not Format.CK:
                problems.extend(check_values(document, automation, format_))
                if is_last:
                    problems.extend(check_identity(document, format_))
                    if reading.artifact is not None and not (reading.artifact.tags or reading.artifact.base):
                        problems.extend(check_any_tag(document, automation))
            if folder.format is not Format.CK and "license" in document.data:
                problems.extend(check_expression(document))
            if not folder.repository.metas_only:
                problems.extend(check_named_files(folder, automation, document))
        found.extend(item.in_file(folder.repository.key, document.path) for item in problems)
    if reading.artifact is not None:
        found.extend(_flaws(reading, reading.artifact))
    return tuple(item for item in found if not (is_pinned and item.code == "CM101"))


def _flaws(reading: ArtifactReading, artifact: Artifact) -> Iterator[Diagnostic]:
    """Yield what a script says wrongly of itself, in the last of its metas that has the key: it wins."""
    for flaw in check_script(artifact):
        key = split_pointer(flaw.pointer)[0]
        document = next(one for one in reversed(reading.documents) if key in one.data)
        found = problem(flaw.code, bounded(flaw.message), document, flaw.pointer, flaw.hint)
        yield found.in_file(artifact.key.repository, document.path)


def check_descriptor(
    repository: Repository, documents: tuple[Document, ...], rules: tuple[Rule, ...]
) -> Iterator[Diagnostic]:
    """Yield the findings about a repository's descriptor files."""
    for document in documents:
        problems = list(document.problems)
        name = document.path.rsplit("/", 1)[-1]
        if document.data is not None:
            chosen = tuple(rule for rule in rules if name in rule.files)
            for item in check_shape(document, chosen):
                missing = item.code == "CM202" and item.pointer == ""
                problems.append(problem("CM109", item.message, document, "", item.hint) if missing else item)
            problems.extend(check_expression(document))
        yield from (item.in_file(repository.key, document.path) for item in problems)


def check_stray(repository: Repository, stray: Iterable[StrayMeta]) -> Iterator[Diagnostic]:
    """Yield the findings about metas that no client sees and folders without one."""
    for meta in stray:
        if meta.reason == "deep":
            found = problem(
                "CM407",
                "no client sees a meta this deep: they look two levels below the prefix",
                hint="move the artifact up, or ignore this if it is a template",
            )
        else:
            found = problem(
                "CM406",
                "a folder beside artifacts without a meta: no client sees it",
                hint="add a meta, or move the folder",
            )
        yield found.in_file(repository.key, meta.path)


def check_refused(repository: str, refused: Iterable[RefusedEntry]) -> Iterator[Diagnostic]:
    """Yield the findings about names of a source that are no files of it."""
    for entry in refused:
        yield Diagnostic(
            code=entry.code,
            severity=CODES[entry.code].severity,
            repository=repository,
            path=entry.path,
            message=entry.message,
            hint=entry.hint,
        )


def check_readme(repository: str, path: str, content: bytes) -> Diagnostic | None:
    """Return a finding where a README is not UTF-8."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - (content.rfind(b"\n", 0, error.start) + 1) + 1
        message = f"byte 0x{content[error.start]:02x} is not UTF-8; the page shows the file as Latin-1"
        found = problem("CM402", message, hint="save the file as UTF-8")
        return replace(found, place=Place(line=line, column=column)).in_file(repository, path)
    return None


def check_catalog(
    catalog: Catalog, resolver: DependencyResolver, locate: Locate, unread: Unread = NOTHING_UNREAD
) -> Iterator[Diagnostic]:
    """Yield the findings across artifacts, each at its place; what `unread` metas may cause is not blamed on others."""
    for item in check_references(catalog, resolver, unread):
        artifact = item.artifact
        yield Diagnostic(
            code=item.code,
            severity=CODES[item.code].severity,
            repository=artifact.key.repository,
            path=artifact.meta_file,
            message=bounded(item.message),
            place=locate(artifact.key.repository, artifact.meta_file, item.pointer),
            pointer=item.pointer,
            hint=item.hint,
        )
    for number, repository in enumerate(catalog.repositories):
        for found in check_repository_uid(repository, catalog.repositories[:number]):
            place = locate(repository.key, found.path, found.pointer)
            yield replace(found, place=place)
