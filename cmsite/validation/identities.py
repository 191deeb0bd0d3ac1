"""Rules about uids, aliases and folders that are taken twice, or differ only in how they are spelled; pure.

Duplicates count within one repository: copies in several are origins of one artifact. Source: CONTRACT §1, §8; the
clients match uids first, and `cm` compares aliases without regard to case (`match_objects` of cmind 4.2.0).
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator

from cmsite.catalog.catalog import Catalog
from cmsite.model.artifact import Artifact, ArtifactKey
from cmsite.validation.reference_finding import ReferenceFinding

_NAMED = 5  # How many other artifacts a message lists before it counts.


def check_identities(catalog: Catalog) -> Iterator[ReferenceFinding]:
    """Yield what is wrong with the names of artifacts, rule by rule."""
    artifacts = catalog.artifacts.values()
    yield from _duplicates(artifacts)
    for artifact in artifacts:
        yield from _alias(artifact)
    yield from _same_but_for_spelling(artifacts)
    yield from _renamed(catalog)


def _duplicates(artifacts: Iterable[Artifact]) -> Iterator[ReferenceFinding]:
    uids: dict[tuple[str, str], list[Artifact]] = defaultdict(list)
    aliases: dict[tuple[str, str, str], list[Artifact]] = defaultdict(list)
    for artifact in artifacts:
        if artifact.uid and not artifact.uid_derived:
            uids[artifact.key.repository, artifact.uid].append(artifact)
        if artifact.alias:
            aliases[artifact.key.repository, artifact.key.automation, artifact.alias].append(artifact)
    for (_, uid), group in uids.items():
        if len(group) > 1:
            yield from _same_uid(uid, group)
    for (_, _, alias), group in aliases.items():
        if len(group) > 1:
            yield from _same(
                group, "CM105", "/alias", f"alias {alias!r} is also that of", "rename one, folder and alias"
            )


def _same_uid(uid: str, group: list[Artifact]) -> Iterator[ReferenceFinding]:
    by_identity: dict[tuple[str, str], list[Artifact]] = defaultdict(list)
    for artifact in group:
        by_identity[artifact.identity].append(artifact)
    for members in by_identity.values():
        if len(members) > 1:
            yield from _same(members, "CM104", "/uid", f"uid {uid} is also that of", "draw a new uid for the copy")
    if len(by_identity) > 1:
        hint = "draw a new uid for one of them, unless something names it by that"
        first = [members[0] for members in by_identity.values()]
        yield from _same(first, "CM324", "/uid", f"uid {uid} stands in another automation too:", hint)


def _same(group: list[Artifact], code: str, pointer: str, what: str, hint: str) -> Iterator[ReferenceFinding]:
    for artifact in group:
        others = [other.path for other in group[: _NAMED + 1] if other is not artifact][:_NAMED]
        more = len(group) - 1 - len(others)
        listed = ", ".join(others) + (f" and {more:,} more" if more else "")
        yield ReferenceFinding(code=code, artifact=artifact, pointer=pointer, message=f"{what} {listed}", hint=hint)


def _alias(artifact: Artifact) -> Iterator[ReferenceFinding]:
    folder, alias = artifact.key.folder, artifact.alias
    if alias == folder or (not alias and artifact.uid == folder.lower()):
        return
    if alias:
        message = f"alias {alias!r} differs from the folder {folder!r}"
        yield ReferenceFinding(
            code="CM103",
            artifact=artifact,
            pointer="/alias",
            message=message,
            hint="make them equal: people look for the folder, clients for the alias",
        )
    elif not artifact.uid_derived:
        message = f"the alias is empty, but the folder {folder!r} is not the uid {artifact.uid}"
        yield ReferenceFinding(
            code="CM103", artifact=artifact, pointer="/alias", message=message, hint="write the alias"
        )


def _same_but_for_spelling(artifacts: Iterable[Artifact]) -> Iterator[ReferenceFinding]:
    """Yield folders, and aliases, of one automation that only differ in case or in how letters are composed."""
    folders: dict[tuple[str, str], list[Artifact]] = defaultdict(list)
    aliases: dict[tuple[str, str, str], list[Artifact]] = defaultdict(list)
    for artifact in artifacts:
        key = artifact.key
        folders[key.repository, folded(artifact.path)].append(artifact)
        if artifact.alias:
            aliases[key.repository, key.automation, folded(artifact.alias)].append(artifact)
    told: set[ArtifactKey] = set()
    for group in folders.values():
        if len(group) > 1:
            told.update(artifact.key for artifact in group)
            hint = "rename one: on macOS and Windows both are one folder, and only one of them arrives"
            yield from _same(group, "CM327", "/alias", "folder differs only in spelling from", hint)
    for group in aliases.values():
        spellings: dict[str, Artifact] = {}
        for artifact in group:
            if artifact.key not in told:
                spellings.setdefault(artifact.alias, artifact)
        if len(spellings) > 1:
            hint = "rename one: `cm` compares aliases without regard to case, so it finds both by either"
            yield from _same(
                [*spellings.values()], "CM327", "/alias", "alias differs only in spelling from that of", hint
            )


def folded(text: str) -> str:
    """Return the form in which file systems that ignore case or composition compare names.

    >>> folded("Get-CUDA"), folded("e\u0301") == folded("\u00c9")
    ('get-cuda', True)
    """
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).casefold())


def _renamed(catalog: Catalog) -> Iterator[ReferenceFinding]:
    """Yield artifacts that another, earlier repository of the registry calls otherwise."""
    for (_, uid), keys in catalog.origins.items():
        first = keys[0].repository
        known = {catalog.artifacts[key].alias for key in keys if key.repository == first}
        for key in keys:
            artifact = catalog.artifacts[key]
            if key.repository != first and artifact.alias and artifact.alias not in known and any(known):
                names = " and ".join(sorted(repr(alias) for alias in known if alias))
                yield ReferenceFinding(
                    code="CM325",
                    artifact=artifact,
                    pointer="/alias",
                    message=f"uid {uid} is called {names} in repository {first!r}",
                    hint="name it by its uid, or say with `cmsite rename` that the old name leads to the new one",
                )
