"""Which sections of a script's dependencies a use opens, from the variations that it names. Pure.

What is chosen besides the named ones follows the script automation of CM and MLC: bases come along, of a group its
default where nobody chose, `a,b` where both are chosen, `name.#` for every `name.x`. Source: docs/index-format.md.
"""

from collections import deque
from collections.abc import Iterable, Iterator

from cmsite.index.dependencies import Dependencies, VariationRule

ALWAYS = ""
_VARIATION = "variation "
_DOCKER = ", docker"


def selected_variations(selection: str) -> tuple[str, ...]:
    """Return the variations of a selection, sorted.

    >>> selected_variations("get,ml-model,resnet50,_onnx,_batch_size.8")
    ('batch_size.8', 'onnx')
    """
    return tuple(sorted({part[1:] for part in selection.split(",") if part.startswith("_") and len(part) > 1}))


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
    """Return the variations that a use has which names some; `name.x` also counts as `name.#`."""
    choice = _Choice(dependencies, sorted(named))
    choice.fill(dependencies.fills)
    for rule in dependencies.variations:
        if rule.is_default and rule.group and rule.group not in choice.groups:
            choice.take(rule.name)
    return frozenset(choice.chosen)


def _is_open(section: str, chosen: frozenset[str]) -> bool:
    if section == ALWAYS:
        return True
    if not section.startswith(_VARIATION) or section.endswith(_DOCKER):
        return False
    return all(part in chosen for part in section.removeprefix(_VARIATION).split(","))


class _Choice:
    """Variations as they come to be chosen, each once, and the groups that have one."""

    def __init__(self, dependencies: Dependencies, named: Iterable[str]) -> None:
        self._rules = {rule.name: rule for rule in dependencies.variations}
        self.chosen: dict[str, None] = {}
        self.groups: set[str] = set()
        self.take(*(tuple(named) or ((dependencies.fallback,) if dependencies.fallback else ())))

    def take(self, *names: str) -> None:
        """Choose variations and all that they bring along."""
        waiting, filling = list(names), deque[str]()
        while waiting or filling:
            if not waiting:  # What fills a group comes after every base, which may have filled it.
                free = filling.popleft()
                waiting.extend([free] if self._is_free(free) else [])
                continue
            current = waiting.pop()
            if current in self.chosen:
                continue
            self.chosen[current] = None
            for rule in self._rules_of(current):
                self.groups.update({rule.group} - {""})
                waiting.extend(rule.base)
                filling.extend(rule.fills)

    def fill(self, names: Iterable[str]) -> None:
        """Choose those of the names whose group has no variation yet."""
        for name in names:
            if self._is_free(name):
                self.take(name)

    def _is_free(self, name: str) -> bool:
        return not any(rule.group in self.groups for rule in self._rules_of(name) if rule.group)

    def _rules_of(self, name: str) -> Iterator[VariationRule]:
        """Yield the rules of a variation; one with a value (`batch_size.8`) has that of `batch_size.#`."""
        if name in self._rules:
            yield self._rules[name]
        elif "." in name:
            general = f"{name.partition('.')[0]}.#"
            self.chosen.setdefault(general, None)
            if general in self._rules:
                yield self._rules[general]
