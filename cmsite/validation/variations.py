"""Rules about the variations of a script: defaults, bases, aliases and combinations that name what is not there; pure.

A reference is judged where it is written, with the names that the meta has once it is merged with its bases (`_base`).
Source: the script automation of CM (cm4mlops) and MLC (mlperf-automations), which refuse a use in the same cases:
`_get_variations_with_aliases`, `_get_variation_groups`, `_process_variation_tags_in_groups`, `_validate_variations`,
`_get_variation_tags_from_default_variations`, `_update_variation_tags_from_variations`.
"""

from collections.abc import Iterator
from typing import Any

from cmsite.catalog.cycles import circles
from cmsite.documents import join_pointer
from cmsite.formats.fields import spelled
from cmsite.validation.flaws import Flaw
from cmsite.validation.reference_finding import way
from cmsite.validation.variation_names import Meta, VariationNames, entries, mapping, sections, words_of

_COMBINATIONS = ("valid_variation_combinations", "invalid_variation_combinations")
_FALSE = frozenset({"false", "no", "off", "0", ""})
_MOST_NAMED = 3  # Parts of one combination that a message names.
_SHORTEST_MISSPELT = 5  # Letters of a part for which one name is proposed.
_MOST_STEPS = 100_000  # From base to base in one meta; a meta that needs more is looked at no further.


def check_variations(meta: Meta, names: VariationNames) -> Iterator[Flaw]:
    """Yield what is wrong with the variations that a meta writes; `names` are those after merging its bases."""
    yield from _fallback(meta, names)
    yield from _chosen_by_default(meta, names)
    yield from _combinations(meta, names)
    own = mapping(meta.get("variations"))
    if not own:
        return
    yield from _group_defaults(own, names)
    has_bases = False
    for key, value in own.items():
        name, body = spelled(key), mapping(value)
        if "default" in body:
            yield from _default_of_nothing(key, name, body)
        if "default_variation" in body:
            yield Flaw(
                code="CM319",
                pointer=join_pointer("variations", key, "default_variation"),
                message=f"variation {name!r} says `default_variation`, which is read of the script alone",
                hint="write `default_variations` with a group and its variation, or `base` with a list of variations",
            )
        if "alias" in body:
            yield from _alias(key, name, body, names)
        if "base" in body:
            has_bases = True
            yield from _base(key, name, body, names)
        if "," in name:
            yield from _combination(("variations", key), f"variation {name!r}", name.split(","), names)
    if has_bases:
        yield from _circular_bases(own, names)
        yield from _contradictions(own, names)


def _fallback(meta: Meta, names: VariationNames) -> Iterator[Flaw]:
    name = spelled(meta.get("default_variation"))
    if name and name not in names.bodies:
        yield Flaw(
            code="CM310",
            pointer="/default_variation",
            message=f"there is no variation {name!r}{names.proposal(name)}",
            hint="name a variation of this script: without, every run of it is refused",
        )


def _chosen_by_default(meta: Meta, names: VariationNames) -> Iterator[Flaw]:
    for steps, section in sections(meta):
        if "default_variations" not in section:
            continue
        chosen = section["default_variations"]
        for key, value in chosen.items() if isinstance(chosen, dict) else ():
            group, name = spelled(key), spelled(value)
            if not name:
                continue
            static = names.static(name)
            if group not in names.groups:
                message = f"no variation has the group {group!r}{names.group_proposal(group)}"
            elif not static:
                message = f"there is no variation {name!r}{names.proposal(name)}"
            elif static not in names.groups[group]:
                message = f"variation {name!r} is not of the group {group!r}"
            else:
                continue
            yield Flaw(
                code="CM311",
                pointer=join_pointer(*steps, "default_variations", key),
                message=f"{words_of(steps)}default_variations: {message}",
                hint="name a group and a variation of it",
            )


def _group_defaults(own: Meta, names: VariationNames) -> Iterator[Flaw]:
    """Yield a finding at the second and further defaults of a group, at one of this meta where the bases have some."""
    defaults: dict[str, list[str]] = {}
    for name in names.bodies:
        if "default" in names.body(name) and (group := names.group_of(name)):
            defaults.setdefault(group, []).append(name)
    several = {group: members for group, members in defaults.items() if len(members) > 1}
    if not several:
        return
    keys = {spelled(key): key for key, body in own.items() if mapping(body).keys() & {"default", "group"}}
    for group, members in several.items():
        mine = [name for name in members[1:] if name in keys] or [name for name in members if name in keys]
        for name in mine:
            other = members[0] if name != members[0] else members[1]
            yield Flaw(
                code="CM309",
                pointer=join_pointer("variations", keys[name], "default"),
                message=f"variation {name!r} is a default of the group {group!r}, and so is {other!r}",
                hint="leave one `default` in the group: the clients refuse every run of this script",
            )


def _default_of_nothing(key: Any, name: str, body: Meta) -> Iterator[Flaw]:
    is_off = spelled(body["default"]).strip().lower() in _FALSE
    if not is_off and "alias" not in body and not spelled(body.get("group")):
        yield Flaw(
            code="CM318",
            pointer=join_pointer("variations", key, "default"),
            message=f"variation {name!r} is a default, but of no group, so nothing chooses it",
            hint="give it a `group`, or write its name at `default_variation` of the script",
        )


def _alias(key: Any, name: str, body: Meta, names: VariationNames) -> Iterator[Flaw]:
    alias = spelled(body["alias"])
    beside = next((other for other in ("group", "default") if other in body), "")
    if alias not in names.bodies:
        message = f"variation {name!r} is another name of {alias!r}, which is no variation{names.proposal(alias)}"
        hint = "name a variation of this script"
    elif beside:
        message = f"variation {name!r} has an `alias` and a `{beside}`, at which the clients refuse it"
        hint = f"remove one of the two: {alias!r} may have the `{beside}`"
    else:
        return
    yield Flaw(code="CM317", pointer=join_pointer("variations", key, "alias"), message=message, hint=hint)


def _base(key: Any, name: str, body: Meta, names: VariationNames) -> Iterator[Flaw]:
    for number, base in entries(body["base"]):
        if not names.static(base):
            yield Flaw(
                code="CM312",
                pointer=join_pointer("variations", key, "base", number),
                message=f"base of variation {name!r}: there is no variation {base!r}{names.proposal(base)}",
                hint="write a variation of this script, without the `_` that uses put before it",
            )


def _combinations(meta: Meta, names: VariationNames) -> Iterator[Flaw]:
    for key in _COMBINATIONS:
        combinations = meta.get(key)
        for number, combination in enumerate(combinations if isinstance(combinations, list) else ()):
            parts = [text for _, text in entries(combination)]
            yield from _combination((key, number), f"{key}: combination {number + 1}", parts, names)


def _combination(steps: tuple[Any, ...], what: str, parts: list[str], names: VariationNames) -> Iterator[Flaw]:
    unknown = [part for part in parts if not names.static(part)]
    if unknown:
        proposals = ", ".join(f"{part!r}{_proposal(part, names)}" for part in unknown[:_MOST_NAMED])
        yield Flaw(
            code="CM315",
            pointer=join_pointer(*steps),
            message=f"{what} never applies: there is no variation {proposals}",
            hint=_hint_of_combination(unknown[:_MOST_NAMED], names),
        )
    elif (clash := names.of_one_group(parts)) is not None:
        group, one, other = clash
        yield Flaw(
            code="CM316",
            pointer=join_pointer(*steps),
            message=f"{what} never occurs: {one!r} and {other!r} are both of the group {group!r}",
            hint="remove it, or take one of them out of the group",
        )


def _proposal(name: str, names: VariationNames) -> str:
    """Return what the message says was meant; of short names such as int8 and uint8 no single one is likely enough."""
    return names.proposal(name) if len(name) >= _SHORTEST_MISSPELT else ""


def _hint_of_combination(unknown: list[str], names: VariationNames) -> str:
    """Return what to do, with the variations that may be meant where none is near enough for the message."""
    for name in unknown:
        if not _proposal(name, names):
            choices = names.choices(name)
            known = (
                f"there is {choices}: write the one that is meant, or" if choices else f"add the variation {name!r}, or"
            )
            return f"{known} remove the combination"
    return "correct the name, or remove the combination"


def _circular_bases(own: Meta, names: VariationNames) -> Iterator[Flaw]:
    graph = {name: [base for _, base in entries(names.body(name).get("base"))] for name in names.bodies}
    keys = {spelled(key): key for key in own}
    for circle in circles(graph):
        for number, name in enumerate(circle):
            following = circle[(number + 1) % len(circle)]
            position = next(
                (at for at, base in entries(mapping(own.get(keys.get(name))).get("base")) if base == following), -1
            )
            if position < 0:
                continue
            what = (
                f"variation {name!r} is its own base"
                if len(circle) == 1
                else f"bases in a circle: {way(circle, number)}"
            )
            yield Flaw(
                code="CM313",
                pointer=join_pointer("variations", keys[name], "base", position),
                message=f"{what}; that brings nothing along",
                hint="remove it, or write the variation that was meant",
            )


def _contradictions(own: Meta, names: VariationNames) -> Iterator[Flaw]:
    """Yield variations that bring two of one group along: the clients refuse every use of them."""
    steps = 0
    for key, body in own.items():
        if not isinstance(body, dict) or "base" not in body:
            continue
        together: dict[str, None] = {}
        waiting = [spelled(key), spelled(body.get("alias"))]
        while waiting and steps < _MOST_STEPS:
            steps += 1
            name = names.static(waiting.pop())
            if name and name not in together:
                together[name] = None
                waiting.extend(base for _, base in entries(names.body(name).get("base")))
        clash = names.of_one_group(list(together))
        if clash is not None:
            group, one, other = clash
            itself = f"variation {one!r} and its base {other!r} are"
            bases = f"bases of variation {spelled(key)!r}: {one!r} and {other!r} are"
            yield Flaw(
                code="CM314",
                pointer=join_pointer("variations", key, "base"),
                message=f"{itself if one == spelled(key) else bases} both of the group {group!r}",
                hint="remove one of them from the bases: the clients refuse two of a group",
            )
