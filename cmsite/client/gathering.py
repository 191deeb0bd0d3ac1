"""Everything that one pull is to bring: references, what tags find, dependencies, automations; no archive is fetched."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cmsite.client.dependencies import plan_dependencies
from cmsite.client.dependency_plan import Chosen, DependencyPlan, LeftOut, Wishes
from cmsite.client.dependency_source import DependencySource
from cmsite.client.pull import Sourced, resolve_references
from cmsite.client.query import Query
from cmsite.client.remote import RemoteRegistry
from cmsite.client.selection import automations_of, select_by_tags
from cmsite.client.variations import selected_tags
from cmsite.client.verify import read_lock
from cmsite.client.with_dependencies import Along, Choices, dependencies_of, parse_choices
from cmsite.client.workspace import Workspace, require_own_folder
from cmsite.model.reference import Reference, parse_reference

# Given what several artifacts match, returns the reference of the one to take, "" for none.
Ask = Callable[[LeftOut], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class DependencyWish:
    """What is wanted of dependencies; `choose` are texts such as `get,compiler=script:get-gcc`."""

    all_deps: bool = False
    choose: tuple[str, ...] = ()
    ask: Ask | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What is to be pulled, what was asked for first; why dependencies come along, one plan a registry; and notes."""

    wanted: tuple[Sourced, ...]
    plans: tuple[DependencyPlan, ...] = ()
    notes: tuple[str, ...] = ()


def gather(
    references: Sequence[str],
    *,
    registries: Sequence[RemoteRegistry],
    into: Path,
    queries: Sequence[Query],
    limit: int,
    dependencies: DependencyWish | None,
    with_automations: bool,
) -> Gathered:
    """Return what a pull into the folder `into` brings; each of `queries` chooses at most `limit` artifacts by their tags.

    Raises `UsageError`, `NotFoundError`, `AmbiguousError`; errors of the registries.
    """
    workspace = Workspace(root=into)
    require_own_folder(workspace)
    wanted, notes = resolve_references(references, registries=registries, into=into), tuple[str, ...]()
    for query in queries:
        found, said = select_by_tags(query, registries=registries, into=into, limit=limit)
        wanted, notes = (*wanted, *found), (*notes, *said)
    plans: tuple[DependencyPlan, ...] = ()
    if dependencies is not None:
        along = _dependencies(wanted, dependencies, workspace)
        wanted, notes, plans = (*wanted, *along.added), (*notes, *along.notes), along.plans
    if with_automations:
        added, said = automations_of(wanted, lock=read_lock(workspace), into=into)
        wanted, notes = (*wanted, *added), (*notes, *said)
    return Gathered(wanted=wanted, plans=plans, notes=notes)


def dependencies_in(registry: RemoteRegistry, reference: Reference) -> DependencyPlan:
    """Return what an artifact needs, and what of that a pull with dependencies would bring."""
    resolved = registry.resolve(reference)
    return plan_dependencies([(resolved, reference.variations)], DependencySource(registry), Wishes())


def _dependencies(wanted: Sequence[Sourced], wish: DependencyWish, workspace: Workspace) -> Along:
    """Return what comes along, after asking which of several to take; each question is asked once."""
    choices: Choices = parse_choices(wish.choose)
    lock = read_lock(workspace)
    answered: set[object] = set()
    while True:
        along = dependencies_of(wanted, all_deps=wish.all_deps, choices=choices, lock=lock, into=workspace.root)
        questions = {
            (selected_tags(item.need.selection), item.need.targets): item
            for plan in along.plans
            for item in plan.questions
        }
        open_ones = {key: item for key, item in questions.items() if key not in answered}
        if not open_ones or wish.ask is None:
            return along
        for (tags, targets), item in open_ones.items():
            answered.add((tags, targets))
            if reference := wish.ask(item):
                choices[tags] = (*choices.get(tags, ()), Chosen(f"the choice {reference}", parse_reference(reference)))
