"""The Python API: registries that are searched, resolved in and pulled from; the commands are built on it.

`cmsite` exports these names lazily. Searching and resolving load neither YAML nor what only publishers need; pulling
loads YAML to check metas. Errors are those of `cmsite.errors`. Source: docs/python-api.md, CONTRACT §2, §8, §10.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cmsite.client import resolve as resolving
from cmsite.client.access import using
from cmsite.client.query import parse_query
from cmsite.client.registries import address_of, configured, open_registries, registries_for
from cmsite.client.remote import RemoteRegistry, resolve_in
from cmsite.client.search import Answer
from cmsite.errors import UsageError
from cmsite.index.records import Record
from cmsite.model.reference import Reference, parse_reference

if TYPE_CHECKING:  # What only a pull needs.
    from cmsite.client.applying import Pulled
    from cmsite.client.dependency_plan import DependencyPlan, LeftOut
    from cmsite.client.planning import Step
    from cmsite.client.pull import Sourced
    from cmsite.client.removing import Removed

DEFAULT_LIMIT = 100  # Artifacts that tags may choose for one pull.

Location = str | os.PathLike[str]


class Registry:
    """One registry: the name of a configured one, the address of a site, or the folder that `cmsite build` wrote.

    Nothing is fetched before it is needed. `fingerprint` is the sha256 that root.json must have; `offline` opens no
    connection; `strict` refuses an expired registry. A `Path` is always a folder. `remote` is the client underneath,
    which may change with every release. Raises `NotFoundError` for a name that is not configured, `UsageError`.
    """

    def __init__(
        self, location: Location, *, fingerprint: str = "", offline: bool = False, strict: bool = False
    ) -> None:
        text = location if isinstance(location, str) else address_of(os.fspath(location))
        if not text:
            raise UsageError("expected the name, address or folder of a registry, got an empty text")
        with using(offline=offline, strict=strict):
            (self.remote,) = open_registries(text, fingerprint)

    @classmethod
    def of(cls, remote: RemoteRegistry) -> "Registry":
        """Return the registry of a client that is open already."""
        registry = cls.__new__(cls)
        registry.remote = remote
        return registry

    def __repr__(self) -> str:
        return f"Registry({self.name or self.url!r})"

    @property
    def name(self) -> str:
        """Return what the user calls it, "" where it is not configured."""
        return self.remote.name

    @property
    def url(self) -> str:
        """Return its address, without credentials."""
        return self.remote.url

    @property
    def registry_id(self) -> str:
        """Return its identity, 32 hexadecimal digits, the same wherever it is served."""
        return self.remote.registry_id

    @property
    def generation(self) -> int:
        """Return how often it was published with other content; 0 is a preview."""
        return self.remote.root.gen

    @property
    def notes(self) -> tuple[str, ...]:
        """Return sentences for the user that came up so far."""
        return tuple(self.remote.notes)

    def records(self) -> tuple[Record, ...]:
        """Return every record, removed and renamed ones too, in the order of registry.yml."""
        return self.remote.records()

    def search(
        self,
        words: str | Iterable[str] = (),
        *,
        tags: str | Iterable[str] = (),
        automation: str = "",
        repository: str = "",
        author: str = "",
        has: str = "",
        limit: int | None = None,
    ) -> Answer:
        """Return the best hits of this registry; see `search`."""
        return search(
            words,
            tags=tags,
            automation=automation,
            repository=repository,
            author=author,
            has=has,
            limit=limit,
            registries=(self,),
        )

    def resolve(self, reference: str) -> "Resolved":
        """Return the record and version that a reference means here; see `resolve`."""
        return resolve(reference, registries=(self,))

    def dependencies(self, reference: str) -> "DependencyPlan":
        """Return what the artifact needs and what of that a pull would bring; raises as `resolve`."""
        from cmsite.client.gathering import dependencies_in

        return dependencies_in(self.remote, parse_reference(reference))

    def pull(
        self,
        *references: str,
        into: Location | None = None,
        tags: str | Iterable[str] | None = None,
        automation: str = "",
        limit: int = DEFAULT_LIMIT,
        with_automations: bool = False,
        with_dependencies: bool = False,
        all_dependencies: bool = False,
        choose: Mapping[str, str] | None = None,
        force: bool = False,
    ) -> "Pull":
        """Bring artifacts of this registry into a folder; see `pull`."""
        return plan_pull(
            *references,
            into=into,
            tags=tags,
            automation=automation,
            limit=limit,
            with_automations=with_automations,
            with_dependencies=with_dependencies,
            all_dependencies=all_dependencies,
            choose=choose,
            registries=(self,),
        ).carry_out(force=force)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved(resolving.Resolved):
    """What a reference means: `record`, `version`, other origins, notes, and the registry that answered."""

    registry: Registry


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """What a pull came to: the `folder`, its `artifacts` in the order asked for, what came along and why, and notes.

    `removed` is what a locked pull took away because the lock no longer has it. Iterating gives the artifacts.
    """

    folder: Path
    artifacts: "tuple[Pulled, ...]"
    dependencies: "tuple[DependencyPlan, ...]" = ()
    removed: "tuple[Removed, ...]" = ()
    notes: tuple[str, ...] = ()

    def __iter__(self) -> "Iterator[Pulled]":
        return iter(self.artifacts)


@dataclass(frozen=True, slots=True, kw_only=True)
class PullPlan:
    """What a pull will bring into `folder`, resolved, with no archive fetched yet.

    Each of `wanted` has the `choice` (record, version, reference) and where it comes from.
    """

    folder: Path
    wanted: "tuple[Sourced, ...]"
    dependencies: "tuple[DependencyPlan, ...]" = ()
    notes: tuple[str, ...] = ()

    def carry_out(self, *, force: bool = False, announce: "Callable[[tuple[Step, ...]], None] | None" = None) -> Pull:
        """Fetch, check and install; `announce` sees each step before a byte is fetched, and may raise to stop.

        Raises as `pull`; then the folder is as it was.
        """
        from cmsite.client.pull import pull_chosen
        from cmsite.client.workspace import draw_uid
        from cmsite.validation.client_metas import judge_meta

        done = pull_chosen(
            self.wanted, into=self.folder, check=judge_meta, draw_uid=draw_uid, force=force, announce=announce
        )
        said = (note for item in self.wanted for note in item.registry.notes)
        notes = (*self.notes, *said, *(note for item in done for note in item.notes))
        return Pull(folder=self.folder, artifacts=done, dependencies=self.dependencies, notes=_once(notes))


def registries() -> tuple[Registry, ...]:
    """Return the configured registries in the order in which they are asked, none where none is configured."""
    return tuple(map(Registry.of, open_registries())) if configured() else ()


def search(
    words: str | Iterable[str] = (),
    *,
    tags: str | Iterable[str] = (),
    automation: str = "",
    repository: str = "",
    author: str = "",
    has: str = "",
    limit: int | None = None,
    registries: Sequence[Registry] | None = None,
) -> Answer:
    """Return the best hits of all registries, those of the first registry first.

    `words` are typed as in a search box; `tags` must all be there, those with `-` in front must not. `limit` None
    means as many as each registry holds sensible; `total` of the answer counts all.

    Raises `UsageError` for what no artifact can have, `ConfigurationError` where no registry is configured or given.
    """
    if limit is not None and limit < 0:
        raise UsageError(f"limit: expected 0 or more, got {limit}")
    query = parse_query(_listed(words), ",".join(_listed(tags)), automation, repository, author, has)
    remotes = _remotes(registries, ())
    answers = [remote.search(query, remote.usual_limit if limit is None else limit) for remote in remotes]
    notes = [*(note for remote in remotes for note in remote.notes), *(note for one in answers for note in one.notes)]
    found = [answer for answer in answers if answer.total]
    fewest = min((answer.missing for answer in found), default=0)
    answers = [answer for answer in found if answer.missing == fewest] or answers
    return Answer(
        hits=tuple(hit for answer in answers for hit in answer.hits)[:limit],
        total=sum(answer.total for answer in answers),
        total_is_exact=all(answer.total_is_exact for answer in answers),
        missing=fewest,
        hints=_once(hint for answer in answers for hint in answer.hints),
        notes=_once(notes),
    )


def resolve(reference: str, *, registries: Sequence[Registry] | None = None) -> Resolved:
    """Return what a reference means in the first registry that has the name.

    The address of a page brings its own registry. Raises `NotFoundError` with near names, `AmbiguousError` with
    candidates, `IntegrityError` for a quarantined artifact, `ConfigurationError` where there is no registry to ask.
    """
    parsed = parse_reference(reference)
    remotes = _remotes(registries, (parsed,))
    remote, found = resolve_in(remotes, parsed)
    return Resolved(
        record=found.record,
        version=found.version,
        others=found.others,
        notes=_once([*(note for known in remotes for note in known.notes), *found.notes]),
        registry=Registry.of(remote),
    )


def pull(
    *references: str,
    into: Location | None = None,
    tags: str | Iterable[str] | None = None,
    automation: str = "",
    limit: int = DEFAULT_LIMIT,
    with_automations: bool = False,
    with_dependencies: bool = False,
    all_dependencies: bool = False,
    choose: Mapping[str, str] | None = None,
    force: bool = False,
    registries: Sequence[Registry] | None = None,
) -> Pull:
    """Bring artifacts into a folder that cm and mlc understand, every byte checked; again, and nothing changes.

    `into` None is the nearest folder above with a cmsite.lock, else ./artifacts. `tags` take every artifact that has
    them, at most `limit`, of one `automation` where that is named. `with_dependencies` brings what they need along,
    `all_dependencies` also what is needed only sometimes; `choose` maps tags that several artifacts have to the
    reference to take. `force` gives up local changes.

    Raises as `resolve`; `NetworkError`, `IntegrityError`, and `OutputError` where the folder cannot take them; then it
    is as before.
    """
    return plan_pull(
        *references,
        into=into,
        tags=tags,
        automation=automation,
        limit=limit,
        with_automations=with_automations,
        with_dependencies=with_dependencies,
        all_dependencies=all_dependencies,
        choose=choose,
        registries=registries,
    ).carry_out(force=force)


def plan_pull(
    *references: str,
    into: Location | None = None,
    tags: str | Iterable[str] | None = None,
    tag_sets: Sequence[str] = (),
    automation: str = "",
    limit: int = DEFAULT_LIMIT,
    with_automations: bool = False,
    with_dependencies: bool = False,
    all_dependencies: bool = False,
    choose: Mapping[str, str] | Sequence[str] | None = None,
    ask: "Callable[[LeftOut], str] | None" = None,
    registries: Sequence[Registry] | None = None,
) -> PullPlan:
    """Return what `pull` would bring, so that it can be looked at first; nothing is written.

    `tag_sets` such as `["a,b,-c", "d"]` choose artifacts beside those that `tags` choose. `choose` may also be texts
    such as `get,compiler=script:get-gcc`, by which tags may be named several times; `ask` is given each selection that
    several artifacts match, and returns the reference to take or "". Raises as `pull`.
    """
    from cmsite.client.gathering import DependencyWish, gather

    wish = DependencyWish(all_deps=all_dependencies, choose=_choices(choose), ask=ask) if with_dependencies else None
    if wish is None and (all_dependencies or choose):
        raise UsageError("all_dependencies and choose are about dependencies: give with_dependencies=True too")
    sets = (*(() if tags is None else (",".join(_listed(tags)),)), *tag_sets)
    if not references and not sets:
        raise UsageError("name what to pull: references such as script:detect-os, or tags")
    if automation and not sets:
        raise UsageError("automation narrows tags; in a reference it stands before the colon: script:detect-os")
    folder = _folder(into)
    gathered = gather(
        references,
        registries=_remotes(registries, tuple(map(parse_reference, references))),
        into=folder,
        queries=tuple(parse_query((), text, automation) for text in sets),
        limit=limit,
        dependencies=wish,
        with_automations=with_automations,
    )
    return PullPlan(folder=folder, wanted=gathered.wanted, dependencies=gathered.plans, notes=gathered.notes)


def pull_locked(
    *references: str,
    into: Location | None = None,
    force: bool = False,
    registries: Sequence[Registry] | None = None,
) -> Pull:
    """Make a folder hold exactly what its cmsite.lock pins, or of that only `references`; the lock stays as it is.

    Without `registries` those are asked that the lock names. Raises `NotFoundError` where there is no lock, else as
    `pull`.
    """
    from cmsite.client import locked_pull
    from cmsite.client.workspace import draw_uid
    from cmsite.validation.client_metas import judge_meta

    folder = _folder(into)
    pulled, removed, notes = locked_pull.pull_locked(
        references,
        into=folder,
        check=judge_meta,
        draw_uid=draw_uid,
        registries=tuple(registry.remote for registry in registries or ()),
        force=force,
    )
    said = (*notes, *(note for item in pulled for note in item.notes))
    return Pull(folder=folder, artifacts=pulled, removed=removed, notes=_once(said))


def _remotes(registries: Sequence[Registry] | None, references: Sequence[Reference]) -> tuple[RemoteRegistry, ...]:
    """Return the clients to ask: of the registries given, else of those configured or that a page's address names."""
    if registries is None:
        return registries_for(references)
    if not registries:
        raise UsageError("registries: expected at least one, got none; leave it out to ask those that are configured")
    return tuple(registry.remote for registry in registries)


def _folder(into: Location | None) -> Path:
    from cmsite.client.workspace import find_workspace

    return find_workspace(Path()).root if into is None else Path(into)


def _listed(texts: str | Iterable[str]) -> tuple[str, ...]:
    return (texts,) if isinstance(texts, str) else tuple(texts)


def _choices(choose: Mapping[str, str] | Sequence[str] | None) -> tuple[str, ...]:
    if isinstance(choose, Mapping):
        return tuple(f"{tags}={reference}" for tags, reference in choose.items())
    return tuple(choose or ())


def _once(notes: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(notes))
