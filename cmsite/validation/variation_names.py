"""The variations of a script by their names, as the clients look them up; pure.

`name.#` stands for `name.` with anything behind; a name that holds commas is for uses that choose all of its parts.
Source: `_get_name_for_dynamic_variation_tag` and `_get_variation_groups` of the script automation of CM and MLC.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from cmsite.formats.fields import spelled
from cmsite.validation.flaws import NearNames

Meta = Mapping[Any, Any]
_FEW = 5  # Variations that a hint can name all.


class VariationNames:
    """The variations of a meta, after it was merged with its bases: `bodies` by name, `groups` with their names."""

    def __init__(self, meta: Meta) -> None:
        """Index the variations of a meta, whatever its values are."""
        self.bodies = {spelled(name): body for name, body in mapping(meta.get("variations")).items() if spelled(name)}
        self.groups: dict[str, list[str]] = {}
        for name, body in self.bodies.items():
            group = self.group_of(name) if body else ""
            if group:
                self.groups.setdefault(group, []).append(name)
        self._near: NearNames | None = None
        self._near_groups: NearNames | None = None

    def body(self, name: str) -> Meta:
        """Return what a variation says, nothing where it is empty or no mapping."""
        return mapping(self.bodies.get(name))

    def group_of(self, name: str) -> str:
        """Return the group of a variation, "" where it has none."""
        return spelled(self.body(name).get("group"))

    def static(self, name: str) -> str:
        """Return the name under which the clients find a variation, "" where they find none.

        >>> VariationNames({"variations": {"batch_size.#": {}}}).static("batch_size.8")
        'batch_size.#'
        """
        if name in self.bodies:
            return name
        prefix, dot, value = name.partition(".")
        wildcard = f"{prefix}.#"
        return wildcard if dot and value and not name.endswith(".") and wildcard in self.bodies else ""

    def proposal(self, name: str) -> str:
        """Return `; did you mean 'x'?` for a name that no variation has, or nothing."""
        bare = name.strip().removeprefix("_")
        if bare != name and self.static(bare):
            return f"; did you mean {bare!r}?"
        prefix, dot, value = bare.partition(".")
        if dot and value:
            whole = self._single_names().proposal(f"{prefix}.#")
            return whole.replace(".#'?", f".{value[:40]}'?")
        return self._single_names().proposal(bare)

    def choices(self, name: str) -> str:
        """Return what may have been meant by a name without a proposal: `'a' or 'b'`, of few variations all; or nothing."""
        bare = name.strip().removeprefix("_")
        names = self._single_names()
        found = names.alike(bare) or names.all(_FEW)
        return " or ".join(filter(None, (", ".join(map(repr, found[:-1])), *map(repr, found[-1:]))))

    def _single_names(self) -> NearNames:
        """Return the names that can stand in a combination."""
        if self._near is None:
            self._near = NearNames(one for one in self.bodies if "," not in one)
        return self._near

    def group_proposal(self, name: str) -> str:
        """Return `; did you mean 'x'?` for a group that no variation has, or nothing."""
        if self._near_groups is None:
            self._near_groups = NearNames(self.groups)
        return self._near_groups.proposal(name)

    def of_one_group(self, names: list[str]) -> tuple[str, str, str] | None:
        """Return (group, one, another) where two different variations of the names are of one group."""
        taken: dict[str, str] = {}
        for name in names:
            static = self.static(name)
            group = self.group_of(static) if static else ""
            if group and taken.setdefault(group, static) != static:
                return group, taken[group], static
        return None


def mapping(value: Any) -> Meta:
    """Return a value that is a mapping, else an empty one."""
    return value if isinstance(value, dict) else {}


def entries(value: Any) -> Iterator[tuple[int, str]]:
    """Yield (number, text) of the entries of a list that are texts or numbers."""
    for number, item in enumerate(value if isinstance(value, list) else ()):
        if text := spelled(item):
            yield number, text


def sections(meta: Meta) -> Iterator[tuple[tuple[Any, ...], Meta]]:
    """Yield (steps, section) of all that the clients read like a meta: the top, variations, versions, conditions."""
    yield (), meta
    if "update_meta_if_env" in meta:
        yield from _conditions((), meta)
    for group in ("variations", "versions"):
        bodies = meta.get(group)
        if not isinstance(bodies, dict):
            continue
        for name, body in bodies.items():
            if isinstance(body, dict):
                yield (group, name), body
                if "update_meta_if_env" in body:
                    yield from _conditions((group, name), body)


def _conditions(steps: tuple[Any, ...], section: Meta) -> Iterator[tuple[tuple[Any, ...], Meta]]:
    conditions = section["update_meta_if_env"]
    for number, body in enumerate(conditions if isinstance(conditions, list) else ()):
        if isinstance(body, dict):
            yield (*steps, "update_meta_if_env", number), body


def words_of(steps: tuple[Any, ...]) -> str:
    """Return how a message begins about a section: `variation 'x': `, or nothing.

    >>> words_of(("variations", "fp32", "update_meta_if_env", 0)), words_of(("update_meta_if_env", 0))
    ("variation 'fp32': ", '')
    """
    is_named = len(steps) > 1 and steps[0] in {"variations", "versions"}
    return f"{steps[0][:-1]} {spelled(steps[1])!r}: " if is_named else ""
