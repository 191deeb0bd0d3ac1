"""Which sections of a script's dependencies a use opens, from the variations that it names. Pure.

What is chosen besides the named ones follows the script automation of CM and MLC: bases come along, of a group its
default where nobody chose, `a,b` where both are chosen, `name.#` for every `name.x`. Source: docs/index-format.md.
"""

from collections.abc import Iterable, Iterator

from cmsite.index.dependencies import Dependencies, VariationRule
from cmsite.model.reference import variation_in

ALWAYS = ""
_VARIATION = "variation "
_DOCKER = ", docker"


def selected_variations(selection: str) -> tuple[str, ...]:
    """Return the variations of a selection, sorted; `-name` where it excludes one, so that no default chooses it.

    >>> selected_variations("get,ml-model,resnet50,_onnx,_batch_size.8,-_custom")
    ('-custom', 'batch_size.8', 'onnx')
    """
    return tuple(sorted({name for part in selection.split(",") if (name := variation_in(part)) and name != "-"}))


def selected_tags(selection: str) -> frozenset[str]:
    """Return the tags of a selection without variations and what it excludes.

    >>> sorted(selected_tags("get, compiler,_fast,-old"))
    ['compiler', 'get']
    """
    parts = (part.strip() for part in selection.split(","))
    return frozenset(part for part in parts if part and not part.startswith(("_", "-")))


def open_sections(dependencies: Dependencies, sections: Iterable[str], named: Iterable[str]) -> frozenset[str]:
    """Return those values of `within` whose entries hold for a use with these variations, `ALWAYS` among them."""
    chosen = chosen_variations(dependencies, named)
    return frozenset(section for section in sections if _is_open(section, chosen)) | {ALWAYS}


def chosen_variations(dependencies: Dependencies, named: Iterable[str]) -> frozenset[str]:
    """Return the variations that a use has which names some; `name.x` also counts as `name.#`, `-name` is left out.

    First come the named ones (or the fallback) and what fills groups of which none is named, with all that these bring
    along; then, together, the defaults of the groups that are still empty, with what those bring.
    """
    given = tuple(named)
    choice = _Choice(dependencies, (name[1:] for name in given if name.startswith("-")))
    names = choice.with_aliases(tuple(name for name in given if not name.startswith("-")))
    if not given and dependencies.fallback:
        names = (dependencies.fallback,)
    groups = {group for name in names for group in choice.groups_of(name)}
    choice.take(*names, *(name for name in dependencies.fills if choice.fills(name, groups)))
    rules = dependencies.variations
    choice.take(*[rule.name for rule in rules if rule.is_default and choice.fills(rule.name, choice.groups)])
    return frozenset(choice.chosen)


def _is_open(section: str, chosen: frozenset[str]) -> bool:
    if section == ALWAYS:
        return True
    if not section.startswith(_VARIATION) or section.endswith(_DOCKER):
        return False
    return all(part in chosen for part in section.removeprefix(_VARIATION).split(","))


class _Choice:
    """Variations as they come to be chosen, each once, and the groups that have one; no default chooses `excluded` ones."""

    def __init__(self, dependencies: Dependencies, excluded: Iterable[str]) -> None:
        self._rules = {rule.name: rule for rule in dependencies.variations}
        self._excluded = {next((one for one in _names_of(name) if one in self._rules), name) for name in excluded}
        self._together: dict[str, list[VariationRule]] = {}
        self._missing: dict[str, int] = {}
        for rule in dependencies.variations:
            parts = set(rule.name.split(","))
            if len(parts) > 1:
                self._missing[rule.name] = len(parts)
                for part in parts:
                    self._together.setdefault(part, []).append(rule)
        self.chosen: dict[str, None] = {}
        self.groups: set[str] = set()

    def with_aliases(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return the names that somebody gave with the variations that they are another name of."""
        rules = (self._rules[one] for name in names for one in _names_of(name) if one in self._rules)
        return (*names, *(rule.alias for rule in rules if rule.alias))

    def take(self, *names: str) -> None:
        """Choose variations and all that they bring along.

        What fills a group is judged by the groups that have one at the beginning, as the clients do.
        """
        filled = self.groups | {group for name in names for group in self.groups_of(name)}
        waiting = list(names)
        while waiting:
            for name in _names_of(waiting.pop()):
                for rule in self._chosen_with(name):
                    self.groups.update({rule.group} - {""})
                    waiting.extend(rule.base)
                    waiting.extend(one for one in rule.fills if self.fills(one, filled))

    def fills(self, name: str, filled: set[str]) -> bool:
        """Return whether a variation fills its group; an excluded one, and one that no group has, fills nothing."""
        groups = self.groups_of(name)
        return bool(groups) and filled.isdisjoint(groups) and name not in self._excluded

    def groups_of(self, name: str) -> frozenset[str]:
        """Return the group of a variation, nothing where it has none."""
        rules = (self._rules[one] for one in _names_of(name) if one in self._rules)
        return frozenset(rule.group for rule in rules if rule.group)

    def _chosen_with(self, name: str) -> Iterator[VariationRule]:
        """Choose one name; yield its rule, and those of `a,b` that now have all their parts."""
        if name in self.chosen:
            return
        self.chosen[name] = None
        if name in self._rules:
            yield self._rules[name]
        for rule in self._together.get(name, ()):
            self._missing[rule.name] -= 1
            if self._missing[rule.name] == 0:
                yield rule


def _names_of(name: str) -> tuple[str, ...]:
    """Return the names that a variation counts as: `batch_size.8` is `batch_size.#` too."""
    prefix, dot, value = name.partition(".")
    return (name, f"{prefix}.#") if dot and value and value != "#" else (name,)
