"""What comes along with artifacts that are asked for: the closure of their dependencies, and what is left out. Pure.

Everything is looked up in one registry, in the repository that the entry names, and never across CM and MLC. Each entry
is looked at once, wave by wave, whatever cycles and chains there are; equal answers give equal plans, in whatever order
they came. Source: CONTRACT §10; facts/index.md §4, cases 85 and 91.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from cmsite.client.dependency_plan import (
    Chosen,
    DependencyPlan,
    Key,
    LeftOut,
    Reason,
    Registry,
    Taken,
    Why,
    Wishes,
    named,
)
from cmsite.client.resolve import Resolved, matching, select
from cmsite.client.variations import open_sections, selected_tags, selected_variations
from cmsite.errors import CmsiteError, IntegrityError, UsageError
from cmsite.index.dependencies import NO_DEPENDENCIES, Dependencies, Need
from cmsite.index.records import Record
from cmsite.member_names import fold
from cmsite.model.dependency import Resolution
from cmsite.model.reference import Reference

MAX_ARTIFACTS = 20_000
MAX_ENTRIES = 200_000  # Of all of them together; the corpora have 4,588.
MAX_WORK = 10_000_000  # Variations and entries looked at for all uses: seconds.
MAX_PATH = 12  # Artifacts of a path that are named.


def plan_dependencies(
    asked: Sequence[tuple[Resolved, tuple[str, ...]]], registry: Registry, wishes: Wishes
) -> DependencyPlan:
    """Return what comes along with artifacts of one registry that are asked for, each with its variations.

    Raises `IntegrityError` where it would be more than `MAX_ARTIFACTS`; errors of the registry pass through.
    """
    return _Closure(registry, wishes).run(asked)


def refuse_useless_choices(plans: Iterable[DependencyPlan]) -> None:
    """Raise `UsageError` where a choice names none of the artifacts that match, or tags that no entry has."""
    useless = [dict(plan.useless) for plan in plans]
    for said, why in useless[0].items() if useless else ():
        if all(said in others for others in useless):
            raise UsageError(why)


@dataclass(slots=True)
class _Node:
    """One artifact on the way: its uses (sets of variations), and the sections that were opened for them.

    `cost` is how much a use looks at.
    """

    resolved: Resolved
    reason: Reason | None
    path: tuple[str, ...]
    uses: set[tuple[str, ...]] = field(default_factory=set)
    dependencies: Dependencies = NO_DEPENDENCIES
    sections: dict[str, list[Need]] = field(default_factory=dict)
    opened: set[str] = field(default_factory=set)
    cost: int = 1


class _Wanted(NamedTuple):
    """A target that an entry brings along, with the variations it is used with."""

    source: Key
    need: Need
    targets: tuple[str, ...]
    variations: tuple[str, ...]
    choices: tuple[Chosen, ...] = ()


class _Closure:
    def __init__(self, registry: Registry, wishes: Wishes) -> None:
        self._registry, self._wishes = registry, wishes
        self._nodes: dict[Key, _Node] = {}
        self._identities: dict[tuple[str, str], Key] = {}
        self._folders: dict[str, Key] = {}
        self._records: dict[str, Record | None] = {}
        self._left_out: list[LeftOut] = []
        self._entries = self._work = 0
        self._tried: dict[frozenset[str], list[Need]] = {}
        self._met: set[str] = set()

    def run(self, asked: Sequence[tuple[Resolved, tuple[str, ...]]]) -> DependencyPlan:
        wave: dict[tuple[Key, tuple[str, ...]], None] = {}
        for resolved, variations in asked:
            self._add(resolved, None)
            wave[resolved.record.key, tuple(sorted(set(variations)))] = None
        order = list(self._nodes)
        while wave:
            self._load([self._nodes[key] for key in dict.fromkeys(key for key, _ in sorted(wave))])
            found = [item for key, variations in sorted(wave) for item in self._opened(key, variations)]
            self._look_up(target for item in found for target in item.targets)
            wave = dict.fromkeys(use for item in found if (use := self._use(item)) is not None)
        self._leave_out_the_rest()
        return self._plan(order)

    def _add(self, resolved: Resolved, reason: Reason | None) -> None:
        record = resolved.record
        if record.key in self._nodes:
            return
        if len(self._nodes) >= MAX_ARTIFACTS:
            raise IntegrityError(
                f"the dependencies come to more than {MAX_ARTIFACTS} artifacts, the last one {named(record.key)}; "
                "pull fewer at once, or without --with-deps"
            )
        before = self._nodes[reason.source].path if reason is not None else ()
        self._nodes[record.key] = _Node(resolved, reason, _longer(before, named(record.key)))
        self._identities.setdefault(record.identity, record.key)
        self._folders.setdefault(_place(record), record.key)

    def _load(self, nodes: list[_Node]) -> None:
        """Read what new artifacts need."""
        fresh = [node for node in nodes if not node.uses and node.resolved.record.dependencies]
        for node, dependencies in zip(
            fresh, self._registry.dependencies([node.resolved.record for node in fresh]), strict=True
        ):
            self._entries += len(dependencies.needs)
            if self._entries > MAX_ENTRIES:
                raise IntegrityError(
                    f"the dependencies have more than {MAX_ENTRIES} entries, the last ones of "
                    f"{named(node.resolved.record.key)}; pull fewer at once, or without --with-deps"
                )
            node.dependencies = dependencies
            for need in dependencies.needs:
                node.sections.setdefault(need.within, []).append(need)
            rules = dependencies.variations
            node.cost = 1 + len(node.sections) + sum(1 + len(rule.base) + len(rule.fills) for rule in rules)
            if dependencies.left_out:
                why = f"{dependencies.left_out} entries more than the registry lists"
                self._leave_out(node, Need("", "", ""), Why.NOT_LISTED, why)

    def _opened(self, key: Key, variations: tuple[str, ...]) -> Iterator[_Wanted]:
        """Yield what the entries bring along that a use of an artifact opens, each entry once."""
        node = self._nodes[key]
        node.uses.add(variations)
        self._work += node.cost + len(variations)
        if self._work > MAX_WORK:
            raise IntegrityError(f"the variations of {named(key)} are used in too many ways; the index is refused")
        sections = (
            set(node.sections) if self._wishes.all_deps else open_sections(node.dependencies, node.sections, variations)
        )
        for section in sorted(sections - node.opened):
            for need in node.sections.get(section, ()):
                wanted = self._wanted(node, need)
                if wanted is not None:
                    yield wanted
        node.opened |= sections

    def _wanted(self, node: _Node, need: Need) -> _Wanted | None:
        key, variations = node.resolved.record.key, selected_variations(need.selection)
        if need.resolution == Resolution.ALTERNATIVES.value:
            choices = self._wishes.choices.get(selected_tags(need.selection), ())
            if choices:  # Whoever chooses wants it, whatever its condition.
                return _Wanted(key, need, need.targets, variations, choices)
        if need.condition and not self._wishes.all_deps:
            self._leave_out(node, need, Why.CONDITIONAL)
        elif need.resolution in _TAKEN and len(need.targets) == 1:
            return _Wanted(key, need, need.targets, variations)
        else:
            self._leave_out(node, need, _WHY.get(need.resolution, Why.UNAVAILABLE))
        return None

    def _look_up(self, targets: Iterable[str]) -> None:
        unknown = [target for target in dict.fromkeys(targets) if target not in self._records]
        found = self._registry.records(unknown) if unknown else {}
        for target in unknown:
            self._records[target] = found.get(target)

    def _use(self, wanted: _Wanted) -> tuple[Key, tuple[str, ...]] | None:
        """Take what an entry brings along; return the use where it is a new one."""
        node, variations = self._nodes[wanted.source], wanted.variations
        if wanted.choices:
            record, more = self._chosen(wanted)
            variations = (*variations, *more)
        else:
            record = self._records[wanted.targets[0]]
        if record is None:
            self._leave_out(node, wanted.need, Why.ALTERNATIVES if wanted.choices else Why.UNRESOLVED_HERE)
            return None
        if record.key not in self._nodes and not self._admit(node, wanted.need, record):
            return None
        use = tuple(sorted(set(variations)))
        return None if use in self._nodes[record.key].uses else (record.key, use)

    def _chosen(self, wanted: _Wanted) -> tuple[Record | None, tuple[str, ...]]:
        """Return the record that the first fitting choice means among the targets, and its variations."""
        tags = selected_tags(wanted.need.selection)
        self._tried.setdefault(tags, []).append(wanted.need)
        records = [record for target in wanted.targets if (record := self._records[target]) is not None]
        chosen: tuple[Record | None, tuple[str, ...]] = (None, ())
        for choice in wanted.choices:
            found = matching(choice.reference, records)
            if found:
                self._met.add(choice.text)
                chosen = chosen if chosen[0] is not None else (found[0], choice.reference.variations)
        return chosen

    def _admit(self, node: _Node, need: Need, record: Record) -> bool:
        """Take a record that is new, or leave it out with the reason."""
        source = node.resolved.record
        if record.format != source.format:
            self._leave_out(node, need, Why.FOREIGN, f"{named(record.key)} is {record.format}, not {source.format}")
            return False
        for other, why in (
            (self._identities.get(record.identity), f"has the same uid {record.uid}"),
            (self._folders.get(_place(record)), "has the same folder"),
        ):
            if other is not None:
                self._leave_out(node, need, Why.COLLIDES, f"{named(record.key)} {why} as {named(other)}")
                return False
        try:
            resolved = select(_reference_of(record), (record,))
        except CmsiteError as error:
            self._leave_out(node, need, Why.UNAVAILABLE, str(error))
            return False
        self._add(resolved, Reason(source.key, need))
        return True

    def _leave_out(self, node: _Node, need: Need, why: Why, detail: str = "") -> None:
        self._left_out.append(LeftOut(source=node.resolved.record.key, need=need, why=why, detail=detail))

    def _leave_out_the_rest(self) -> None:
        """Name the entries of sections that nothing opened."""
        for node in self._nodes.values():
            for section in sorted(node.sections.keys() - node.opened):
                for need in node.sections[section]:
                    self._leave_out(node, need, Why.NOT_CHOSEN)

    def _useless_choices(self) -> Iterator[tuple[str, str]]:
        """Yield (choice, why) of each choice that chose nothing."""
        for tags, choices in self._wishes.choices.items():
            for choice in choices:
                if choice.text not in self._met:
                    yield choice.text, f"{choice.text}: {self._why_useless(tags)}"

    def _why_useless(self, tags: frozenset[str]) -> str:
        if tags in self._tried:
            listed = ", ".join(sorted({target for need in self._tried[tags] for target in need.targets})[:20])
            return f"not among the artifacts that match: {listed}"
        open_ones = {item.need.selection for item in self._left_out if item.why is Why.ALTERNATIVES}
        known = f"there is a choice for {'; '.join(sorted(open_ones)[:10])}" if open_ones else "there is no choice"
        return f"no dependency with several matches has these tags; {known}"

    def _plan(self, order: list[Key]) -> DependencyPlan:
        asked = set(order)
        keys = [*order, *sorted(self._nodes.keys() - asked)]
        names = {reference for key in self._nodes for reference in _names(self._nodes[key].resolved.record)}
        names |= self._wishes.present
        rest = (
            item for item in self._left_out if not names.intersection(item.need.targets) or item.why in _ALWAYS_SAID
        )
        return DependencyPlan(
            taken=tuple(
                Taken(
                    resolved=node.resolved,
                    reason=node.reason,
                    path=node.path,
                    variations=tuple(sorted({name for use in node.uses for name in use})),
                )
                for node in (self._nodes[key] for key in keys)
            ),
            left_out=tuple(sorted(dict.fromkeys(rest), key=_place_of)),
            useless=tuple(self._useless_choices()),
        )


# What the environment adds to the tags of a dynamic entry can only narrow what it means: one artifact or none.
_TAKEN = (Resolution.FOUND.value, Resolution.DYNAMIC.value)
_WHY = {
    Resolution.ALTERNATIVES.value: Why.ALTERNATIVES,
    Resolution.DANGLING.value: Why.DANGLING,
    Resolution.UNRESOLVED_HERE.value: Why.UNRESOLVED_HERE,
    Resolution.UNKNOWN_VARIATION.value: Why.UNKNOWN_VARIATION,
    Resolution.DYNAMIC.value: Why.DYNAMIC,
}
_ALWAYS_SAID = (Why.UNKNOWN_VARIATION, Why.COLLIDES)


def _longer(path: tuple[str, ...], name: str) -> tuple[str, ...]:
    path = (*path, name)
    half = MAX_PATH // 2
    return path if len(path) <= MAX_PATH else (*path[:half], "…", *path[-half:])


def _place(record: Record) -> str:
    return fold(f"{record.automation}/{record.folder}")


def _place_of(item: LeftOut) -> tuple[object, ...]:
    return (list(Why).index(item.why), item.source, item.need)


def _names(record: Record) -> tuple[str, str]:
    """Return both complete references that entries may have for a record."""
    name = f"{record.repository}/{record.automation}:{record.alias}"
    return name, f"{name},{record.uid}"


def _reference_of(record: Record) -> Reference:
    return Reference(text=named(record.key), repository=record.repository)
